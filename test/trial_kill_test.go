package test

import (
	"context"
	"net"
	"net/url"
	"testing"
	"time"

	"strowger/ari/sandbox"
	"strowger/sip/siptest"
	"strowger/test/faultproxy"
)

// ariProxy is a fault proxy in front of an Asterisk's ARI.
func ariProxy(t *testing.T, in *sandbox.Instance) (p *faultproxy.Proxy, ari string) {
	t.Helper()
	u, err := url.Parse(in.ARIURL())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := net.SplitHostPort(u.Host); err != nil {
		t.Fatal(err)
	}
	p, err = faultproxy.Start(context.WithoutCancel(t.Context()), faultproxy.Config{Network: "tcp", HTTP: true, Target: u.Host})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p, "http://" + p.Addr() + "/ari"
}

// TestChaosKilledAtARequest kills the controller while Asterisk and it do not
// know the same: faults 2, 3 and 4. A request is swallowed, or its answer,
// and then the controller dies.
func TestChaosKilledAtARequest(t *testing.T) {
	for _, c := range []struct {
		name  string
		long  bool // only in the long form
		fault faultproxy.Fault
	}{
		{"2 before the phone is called", true, faultproxy.Fault{Mode: faultproxy.Drop, Ways: faultproxy.ToServer, Path: "/ari/channels", Method: "POST", Contains: "endpoint="}},
		{"3 before it is known that the phone is called", true, faultproxy.Fault{Mode: faultproxy.Drop, Ways: faultproxy.ToClient, Path: "/ari/channels", Method: "POST"}},
		{"4 between the answer and the bridge", false, faultproxy.Fault{Mode: faultproxy.Drop, Ways: faultproxy.ToServer, Path: "/ari/bridges", Method: "POST", Contains: "addChannel"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.long {
				onlyLong(t, c.name)
			}
			killedAtARequest(t, c.name, c.fault)
		})
	}
}

func killedAtARequest(t *testing.T, name string, fault faultproxy.Fault) {
	in := testAsterisk(t)
	proxy, ari := ariProxy(t, in)
	x := startTrial(t, name, load{talking: 2, waiting: 1}, trialSetup{ari: ari, desks: 1})
	late := x.waiting[0]
	x.waiting = nil
	x.e.Witness.Before = nil // it is served
	agent := x.pair()        // its phone, not its caller
	x.strike(func() int {
		f, err := proxy.Inject(fault)
		if err != nil {
			t.Fatal(err)
		}
		x.s.agentState(agent.agent, "ready")
		answered := fault.Path == "/ari/bridges"
		if answered {
			late.b = agent.desk.Expect()
			late.b.MustAnswer()
		}
		eventually(t, "a request is held", func() bool { return f.Bitten().Any() })
		x.s.kill()
		f.Lift()
		return int(f.Bitten().Units)
	}, x.s.start)
	x.e.Recoveries++
	began := time.Now()
	if late.b == nil {
		late.b = agent.desk.Expect()
		late.b.MustAnswer()
	}
	siptest.Talk(late.a, late.b)
	progress(name + ": the caller is talking " + time.Since(began).Round(time.Millisecond).String() + " after the return")
	late.agent, late.desk = agent.agent, agent.desk
	x.noteEnd(late)
	x.resubscribe()
	x.afterwards()
	x.talking = append(x.talking, late)
	x.goHome()
	if n := agent.desk.Stats().Received; n != 1 {
		t.Errorf("the phone was called %d times", n)
	}
	x.finish()
}

// TestChaosCrashLoop is fault 7: the controller dies five times as soon as it
// is up. Callers who come meanwhile are served by the dialplan, and no phone
// is called again.
func TestChaosCrashLoop(t *testing.T) {
	const fault = "7 crash loop"
	onlyLong(t, fault)
	x := startTrial(t, fault, size(load{2, 1, 2}, load{10, 5, 5}), trialSetup{})
	rounds := size(load{talking: 3}, load{talking: 5}).talking
	x.strike(func() int {
		for range rounds {
			x.s.kill()
			visitor := x.s.caller("4917055599").Dial("600")
			visitor.MustBeAnswered() // by the announcement
			visitor.MustHangup()
			x.s.start()
			x.e.Recoveries++
		}
		x.s.kill()
		return rounds
	}, x.s.start)
	x.e.Recoveries++
	x.resubscribe()
	x.wantOutcome("4917055599", "fallback")
	x.afterwards()
	for _, p := range x.ringing {
		if n := p.desk.Stats().Received; n != 1 {
			t.Errorf("the phone of %s was called %d times", p.agent, n)
		}
	}
	x.goHome()
	x.finish()
}

// TestChaosTwoControllers is fault 8. In the same folder the second one does
// not start; with another folder it takes the application, and the first gives
// no more orders and ends.
func TestChaosTwoControllers(t *testing.T) {
	x := startTrial(t, "8 two controllers", load{talking: 2}, trialSetup{})
	s := x.s
	refused, out := s.runOnce()
	if refused == 0 {
		t.Errorf("a second controller has started in the same folder:\n%s", out)
	}
	x.strike(func() int {
		other := newSite(t, s.asterisk, "strowger", trialSite(2, freePort(t), trialSetup{}))
		other.disturbed = true
		began := time.Now()
		other.start()
		select {
		case err := <-s.done:
			x.detect = time.Since(began)
			if err == nil {
				t.Error("the first controller ended as if all were well")
			}
		case <-t.Context().Done():
		case <-time.After(waitFor):
			t.Error("the first controller goes on beside the second")
			s.kill()
		}
		s.ended()
		touched := len(other.calls()) + 1
		other.kill()
		return touched
	}, s.start)
	x.e.Recoveries++
	x.resubscribe()
	x.afterwards()
	x.goHome()
	x.finish()
}
