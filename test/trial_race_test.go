package test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"strowger/ari/ami"
	"strowger/cti/rest"
	"strowger/sip/siptest"
)

// TestChaosTransferRaces is fault 48: two people do different things with one
// call at the same moment. Whatever wins, there is one end and nothing is left.
func TestChaosTransferRaces(t *testing.T) {
	rounds := size(load{talking: 1}, load{talking: 8}).talking
	x := startTrial(t, "48 transfer races", load{}, trialSetup{desks: 1})
	one, two := x.pair(), x.pair()
	x.strike(func() int {
		n := 0
		for range rounds {
			for _, race := range []func(conn string, a, b, c *siptest.Leg) []func() error{
				func(conn string, a, _, c *siptest.Leg) []func() error { // the caller goes, the consulted one answers
					return []func() error{func() error { return a.Hangup(t.Context()) }, func() error { return c.Answer(t.Context()) }, x.order(conn, "transfer")}
				},
				func(conn string, _, _, c *siptest.Leg) []func() error { // the consulted one rejects what is being transferred
					return []func() error{func() error { return c.Reject(t.Context(), 486) }, x.order(conn, "transfer")}
				},
				func(conn string, _, b, c *siptest.Leg) []func() error { // the agent hangs up while it is being transferred
					return []func() error{func() error { return b.Hangup(t.Context()) }, x.order(conn, "transfer"), func() error { return c.Answer(t.Context()) }}
				},
				func(conn string, _, b, c *siptest.Leg) []func() error { // the phone's own transfer key, and the desktop's
					refer := func() error { _, err := b.Refer(t.Context(), "600"); return err }
					return []func() error{refer, x.order(conn, "transfer"), func() error { return c.Answer(t.Context()) }}
				},
			} {
				x.race(one, two, race)
				n++
			}
		}
		return n
	}, nil)
	x.finish()
}

// order is a command that may be refused: somebody else was faster.
func (x *trial) order(conn, operation string) func() error {
	return func() error {
		_ = x.s.try(http.MethodPost, "/api/v1/connections/"+conn+"/"+operation, nil, nil)
		return nil
	}
}

// race brings a consultation up, lets all of it happen at once, and ends what is left.
func (x *trial) race(one, two *pair, start func(conn string, a, b, c *siptest.Leg) []func() error) {
	x.t.Helper()
	x.s.agentState(one.agent, "ready")
	x.s.agentState(two.agent, "not-ready")
	a := one.phone.Dial("600")
	b := one.desk.Expect()
	b.MustAnswer()
	siptest.Talk(a, b)
	conn := x.s.agent(one.agent).Connection
	x.s.must(http.MethodPost, "/api/v1/connections/"+conn+"/consult", rest.ToRequest{To: "agent:" + two.agent}, nil)
	c := two.desk.Expect()
	var all sync.WaitGroup
	for _, do := range start(conn, a, b, c) {
		all.Go(func() { _ = do() }) // the end of a call may be known before one's own hang-up
	}
	all.Wait()
	x.s.agentState(one.agent, "not-ready") // after this call
	for _, p := range []*pair{one, two} {
		for _, call := range p.desk.Calls() {
			_ = call.Hangup(x.t.Context()) // it may have ended
		}
	}
	_ = a.Hangup(x.t.Context()) // it may have ended
	eventually(x.t, "no call is left", func() bool { return len(x.s.calls()) == 0 })
}

// TestChaosTakenFromUs is fault 49: somebody destroys a bridge of ours, and
// somebody else takes a caller out of a conversation.
func TestChaosTakenFromUs(t *testing.T) {
	const fault = "49 bridge deleted, caller taken"
	onlyLong(t, fault)
	x := startTrial(t, fault, size(load{2, 0, 1}, load{6, 2, 3}), trialSetup{})
	broken, taken := x.talking[0], x.talking[1]
	x.s.agentState(taken.agent, "not-ready") // after this call
	x.strike(func() int {
		call := x.s.callOf(broken.number)
		found := false
		for _, b := range x.s.bridges() {
			if strings.Contains(b, call.ID) {
				found = true
				if status, body := ariDo(t, x.s.asterisk, http.MethodDelete, "/bridges/"+b); status != http.StatusNoContent {
					t.Fatalf("%d %s", status, body)
				}
			}
		}
		if !found {
			t.Fatalf("no bridge of call %s", call.ID)
		}
		x.redirect(taken.number, "sandbox-checks", "*43")
		return 2
	}, func() {
		siptest.Talk(broken.a, broken.b) // in a new bridge
		taken.b.MustEnd()
		x.s.waitAgent(taken.agent, "not-ready")
	})
	taken.a.MustHangup()
	x.talking = append([]*pair{broken}, x.talking[2:]...)
	x.marks = append(x.marks[:1], x.marks[2:]...)
	x.e.MaxGap = waitFor
	x.afterwards()
	x.goHome()
	x.finish()
}

// bridges are the ids of all bridges in Asterisk.
func (s *site) bridges() []string {
	s.t.Helper()
	var list []struct{ ID string }
	s.ariGet("/bridges", &list)
	var out []string
	for _, b := range list {
		out = append(out, b.ID)
	}
	return out
}

// redirect sends a caller's channel elsewhere in the dialplan, as any AMI user may.
func (x *trial) redirect(caller, context, exten string) {
	x.t.Helper()
	var channels []struct {
		Name   string
		Caller struct{ Number string }
	}
	x.s.ariGet("/channels", &channels)
	ctx, cancel := contextFor(x.t, waitFor)
	defer cancel()
	c, err := ami.Dial(ctx, ami.Config{Addr: x.s.asterisk.AMIAddr(), User: tapUser, Secret: tapSecret})
	if err != nil {
		x.t.Fatal(err)
	}
	defer c.Close()
	for _, ch := range channels {
		if ch.Caller.Number == caller && strings.HasPrefix(ch.Name, "PJSIP/trunk-") {
			if _, err := c.Action(ctx, "Redirect", ami.Field{Name: "Channel", Value: ch.Name}, ami.Field{Name: "Context", Value: context},
				ami.Field{Name: "Exten", Value: exten}, ami.Field{Name: "Priority", Value: "1"}); err != nil {
				x.t.Fatal(err)
			}
			return
		}
	}
	x.t.Fatalf("no channel of %s: %+v", caller, channels)
}
