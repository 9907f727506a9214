package test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/test/faultproxy"
)

// chaosSeed sets the seed of the long form; the moment when it is not set.
const chaosSeed = "STROWGER_CHAOS_SEED"

// chaos is a trial whose controller reaches Asterisk through a fault proxy:
// many faults, one after the other, under the same live calls.
type chaos struct {
	*trial
	proxy *faultproxy.Proxy
	seed  uint64
	spare []*pair // agents of a queue of their own, for calls during a fault
	made  int     // calls so far by begin
}

// chaosFault is one fault of the list in the specification, run over live calls.
type chaosFault struct {
	number int
	name   string
	run    func(*chaos, *chaosReport)
}

// beginChaos brings the load up.
func beginChaos(t *testing.T, name string) *chaos {
	t.Helper()
	c := &chaos{seed: 1}
	n := load{talking: 3, ringing: 1, waiting: 2}
	if longTrials() {
		n.ringing = 0 // no phone rings for so long
		c.seed = uint64(time.Now().UnixNano())
		if n, err := strconv.ParseUint(os.Getenv(chaosSeed), 10, 64); err == nil {
			c.seed = n
		}
		progress(fmt.Sprintf("%s=%d repeats this run", chaosSeed, c.seed))
	}
	target := strings.TrimSuffix(strings.TrimPrefix(testAsterisk(t).ARIURL(), "http://"), "/ari")
	p, err := faultproxy.Start(t.Context(), faultproxy.Config{Network: "tcp", HTTP: true, Target: target, Seed: c.seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	c.proxy = p
	c.trial = startTrial(t, name, n, trialSetup{ari: "http://" + p.Addr() + "/ari", desks: chaosSpare})
	objects := "queues:\n  - {id: spare, number: \"601\", ring_timeout: 60s, wrap_up: 0s}\nagents:\n"
	for range chaosSpare {
		one := c.pair()
		c.spare = append(c.spare, one)
		line := strings.TrimPrefix(one.agent, "agent")
		objects += fmt.Sprintf("  - {id: %s, line: %q, queues: [spare], station: {endpoint: %q}}\n", one.agent, line, line)
	}
	c.s.objects(objects)
	for _, p := range c.spare {
		c.s.agentState(p.agent, "ready")
	}
	return c
}

const chaosSpare = 2

// run has one fault happen and checks what must hold after each.
func (c *chaos) run(t *testing.T, f chaosFault) bool {
	return t.Run(fmt.Sprintf("F%02d-%s", f.number, strings.ReplaceAll(f.name, " ", "-")), func(t *testing.T) {
		whole := c.t
		c.t, c.s.t = t, t // failures belong to the fault
		defer func() { c.t, c.s.t = whole, whole }()
		marks := c.mark()
		r := chaosReport{Fault: f.number, Name: f.name, Seed: c.seed}
		defer func() { r.OK = !t.Failed(); r.write(t) }()
		c.strike(func() int { f.run(c, &r); return int(r.Bitten) }, func() { c.proxy.Lift(); c.settle() })
		r.GapMS = millis(c.mustTalk(marks))
		if r.Bitten == 0 {
			t.Error("the fault has touched nothing: the run shows nothing")
		}
		if r.GapMS > millis(maxGap) {
			t.Errorf("the audio was gone for %.0f ms", r.GapMS)
		}
	})
}

// settle waits until all is as before: in step, the same calls, who waits
// waits in order, and Asterisk has what the controller believes.
func (c *chaos) settle() {
	c.t.Helper()
	eventually(c.t, "the controller is in step", func() bool { return c.s.metric("strowger_ready") == 1 })
	eventually(c.t, "only the calls of before are there", func() bool {
		return len(c.s.calls()) == len(c.talking)+len(c.ringing)+len(c.waiting)
	})
	c.s.wantWaiting("sales", numbers(c.waiting)...)
	c.s.mustMatchAsterisk()
	for _, p := range c.spare {
		c.s.waitAgent(p.agent, "ready")
	}
	for _, p := range c.talking {
		c.s.waitAgent(p.agent, "on-call")
	}
}

// call is one whole call over the spare queue: the caller talks to an agent
// and hangs up. It returns the call's id.
func (c *chaos) call() string {
	c.t.Helper()
	a, id := c.begin()
	rung := c.answer(a, id)
	a.MustHangup()
	c.s.wantEnded(id, "handled")
	eventually(c.t, "no phone rings or talks any more", func() bool {
		for _, p := range c.spare {
			if b, ok := p.desk.Poll(); ok {
				rung[p.agent] = append(rung[p.agent], b)
			}
		}
		for _, legs := range rung {
			for _, b := range legs {
				if b.Snapshot().State != ua.Over {
					return false
				}
			}
		}
		return true
	})
	for _, p := range c.spare { // who was called in vain is not ready
		if c.s.agent(p.agent).State != "ready" {
			c.s.agentState(p.agent, "ready")
		}
	}
	return id
}

func (c *chaos) begin() (*siptest.Leg, string) {
	c.t.Helper()
	c.made++
	number := fmt.Sprintf("49180555%04d", c.made)
	a := c.s.caller(number).Dial("601")
	return a, c.s.callOf(number).ID
}

// answer lifts each spare phone that rings, until one talks to the caller, and
// returns all that rang. Who lifts while Asterisk has nobody to tell it loses
// the call: an application without a connection takes no new leg.
func (c *chaos) answer(a *siptest.Leg, id string) map[string][]*siptest.Leg {
	c.t.Helper()
	rung := map[string][]*siptest.Leg{}
	var lifted *siptest.Leg
	eventually(c.t, "an agent talks to the caller", func() bool {
		for _, p := range c.spare {
			if b, ok := p.desk.Poll(); ok {
				c.mustBeOver(rung[p.agent])
				rung[p.agent] = append(rung[p.agent], b)
				if b.Answer(c.t.Context()) == nil { // else it was cancelled just now
					lifted = b
				}
			}
		}
		i := slices.IndexFunc(c.s.calls(), func(call rest.Call) bool { return call.ID == id && call.Phase == "talking" })
		return i >= 0 && lifted != nil && lifted.Snapshot().State == ua.Up
	}, &rung)
	a.MustBeAnswered()
	siptest.Talk(a, lifted)
	return rung
}

// mustBeOver checks that a phone that is called again has lost the call before:
// two at once are one order carried out twice.
func (c *chaos) mustBeOver(legs []*siptest.Leg) {
	c.t.Helper()
	for _, b := range legs {
		eventually(c.t, "a phone is not called twice at once", func() bool { return b.Snapshot().State == ua.Over })
	}
}

// end ends all calls, and holds what the witnesses of the whole run have seen
// against what the controller says.
func (c *chaos) end() {
	c.t.Helper()
	c.e.Recoveries = int(c.s.metric("strowger_ari_reconnects_total")) - 1 // the first was the start
	c.afterwards()
	c.goHome()
	c.finish()
}
