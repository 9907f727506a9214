package test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/dialer/lead"
	"strowger/sip/siptest"
	"strowger/test/faultproxy"
	"strowger/test/invariants"
)

// fewSite is campaignSite with as many lines as there are agents, who have
// something to say in their wrap-up.
func fewSite(agents int, wrapUp string) string {
	return strings.NewReplacer("mode: predictive", "mode: progressive", "wrap_up: 1s", "wrap_up: "+wrapUp, "ring: 15s", "ring: 30s").Replace(
		campaignSite(agents, "dispositions:\n  - {id: sold, name: Sold, success: true}\n"))
}

// few are certain people, by number.
func few(scripts map[string]siptest.Script) customers {
	who := customers{}
	for number := range scripts {
		who[number] = customerKind{name: "person"}
	}
	return who
}

// talks is a person who is there after so long, and hangs up so long after that.
func talks(rings, stays time.Duration) siptest.Script {
	return siptest.Script{Answer: true, AnswerAfter: rings, Greet: hello, Say: customerVoice, Listen: agentVoice, HangupAfter: stays}
}

// entry is what the trunk knows of the only call to a number.
func (c *campaign) entry(number string) (e siptest.Entry) {
	c.t.Helper()
	for _, l := range c.world.Log() {
		if l.Dialed == number {
			return l
		}
	}
	return e
}

// strike kills the controller and starts it again, not before an instant.
func (c *campaign) strike(again time.Time) invariants.Window {
	c.t.Helper()
	began := time.Now()
	c.kill()
	eventually(c.t, "it is time to start it again", func() bool { return time.Now().After(again) })
	c.start()
	return invariants.Window{From: began, To: time.Now()}
}

// settled waits until every lead is, ends the controller, and looks for what was
// lost, doubled, or is told in another way than the trunk has seen it.
func (c *campaign) settled(fault string, w ...invariants.Window) []booked {
	c.t.Helper()
	eventually(c.t, "every lead is settled", func() bool {
		var l rest.LeadList
		c.must(http.MethodGet, "/api/v1/leads?list=spring&limit=100", nil, &l)
		return len(l.Leads) == len(c.who) && !slices.ContainsFunc(l.Leads, func(l rest.Lead) bool { return l.State == "taken" || l.State == "ready" })
	})
	c.order("stop")
	c.stop()
	tries, books := c.books()
	keptInSQL(c.t, books, len(c.who), 0)
	c.compare(tries, nil)
	c.check(&invariants.Evidence{Fault: fault, Windows: w, Recoveries: len(w)}, &books)
	return tries
}

// TestCampaignKilled kills the controller while one customer's phone rings, one
// has just answered, one talks, and an agent has said what came of the last
// call: faults 4 and 5. Nobody is called again, and nobody is connected late:
// for whom the controller comes back too late hears the message and is counted.
func TestCampaignKilled(t *testing.T) {
	const wrapped, talking, ringing, answered, late = "+49302210001", "+49302210002", "+49302210003", "+49302210004", "+49302210005"
	scripts := map[string]siptest.Script{
		wrapped: talks(200*time.Millisecond, 2500*time.Millisecond), talking: talks(300*time.Millisecond, 14*time.Second),
		ringing: talks(12*time.Second, 3*time.Second), answered: talks(6*time.Second, 11*time.Second), late: talks(17*time.Second, 0),
	}
	in := testAsterisk(t)
	siptest.CheckGoroutines(t)
	s := newSite(t, in, "strowger", fewSite(len(scripts), "8s"))
	s.disturbed = true
	c := campaignOf(s, few(scripts), scripts, len(scripts), 0)
	c.order("start")
	eventually(t, "one has talked", func() bool { return !c.entry(wrapped).Ended.IsZero() && !c.entry(talking).Heard.IsZero() })
	conn := c.sold(wrapped)
	eventually(t, "one has answered", func() bool { return !c.entry(answered).Answered.IsZero() })
	if e := c.entry(ringing); !e.Answered.IsZero() || !c.entry(answered).Sound.IsZero() {
		t.Fatalf("too late: %s", times(&e))
	}
	first := c.strike(time.Time{})
	eventually(t, "the last one has answered", func() bool { return !c.entry(late).Answered.IsZero() })
	if e := c.entry(late); !e.Sound.IsZero() {
		t.Fatalf("too late: %s", times(&e))
	}
	second := c.strike(c.entry(late).Answered.Add(tooLate))
	eventually(t, "the last one hears something", func() bool { return !c.entry(late).Sound.IsZero() })
	c.leg(late).MustHangup()
	c.quiet(len(scripts), time.Minute)
	for _, e := range c.world.Log() {
		progress("kill -9: " + e.Dialed + " " + times(&e))
	}
	for _, e := range c.world.Log() {
		if !e.Heard.IsZero() && e.Heard.Sub(e.Answered) > tooLate {
			t.Errorf("%s was connected late: %s", e.Dialed, times(&e))
		}
	}
	if e := c.entry(late); !e.Heard.IsZero() {
		t.Errorf("for whom it was too late has heard an agent: %s", times(&e))
	}
	var shown rest.CampaignFigures
	eventually(t, "every answer is counted", func() bool {
		shown = c.now().Today
		return shown.Dropped+shown.Connected >= len(scripts)
	}, &shown)
	tries := c.settled("kill -9 with a campaign's calls", first, second)
	dropped := 0
	for _, b := range tries {
		want := lead.Talked
		switch b.number {
		case answered: // as the trunk has it
			want = b.result
		case late:
			want = lead.Dropped
		}
		if b.result != want {
			t.Errorf("%s came to %s", b.number, b.result)
		}
		if b.result == lead.Dropped {
			dropped++
		}
	}
	if shown.Dropped != dropped || shown.Connected != len(scripts)-dropped {
		t.Errorf("the campaign shows %d dropped and %d connected, it were %d and %d", shown.Dropped, shown.Connected, dropped, len(scripts)-dropped)
	}
	answer, err := invariants.Journal(journalOf(s))
	if err != nil {
		t.Fatal(err)
	}
	if n := answer.Facts["disposition:"+conn+":sold"]; n != 1 {
		t.Errorf("the disposition is there %d times", n)
	}
}

// tooLate is after an answer when nobody may be connected any more, and nobody
// could have been told so yet.
const tooLate = 2200 * time.Millisecond

// leg is the call that has come to a number.
func (c *campaign) leg(number string) *siptest.Leg {
	c.t.Helper()
	for {
		if l := c.world.Expect(); l.Dialed() == number {
			return l
		}
	}
}

// sold is what the agent of a customer who has hung up says in their wrap-up;
// it returns their connection.
func (c *campaign) sold(number string) (conn string) {
	c.t.Helper()
	eventually(c.t, "an agent is in wrap-up", func() bool {
		for _, call := range c.calls() {
			i := slices.IndexFunc(call.Connections, func(p rest.Connection) bool { return p.Role == "agent" && p.State == "ended" })
			if call.Caller == number && i >= 0 {
				conn = call.Connections[i].ID
			}
		}
		return conn != ""
	})
	c.must(http.MethodPost, "/api/v1/connections/"+conn+"/dispose", rest.DisposeRequest{Codes: []string{"sold"}, KeepWrapUp: true}, nil)
	return conn
}

// TestCampaignKilledAtARequest kills the controller while Asterisk and it do not
// know the same of a customer's call: faults 2 and 3. Who was not called is
// called once, who was called is not called again.
func TestCampaignKilledAtARequest(t *testing.T) {
	for name, fault := range map[string]faultproxy.Fault{
		"2 before the customer is called":               {Mode: faultproxy.Drop, Ways: faultproxy.ToServer, Path: "/ari/channels", Method: "POST", Contains: "endpoint="},
		"3 before it is known that the phone is called": {Mode: faultproxy.Drop, Ways: faultproxy.ToClient, Path: "/ari/channels", Method: "POST"},
	} {
		t.Run(name, func(t *testing.T) {
			const number = "+49302220001"
			scripts := map[string]siptest.Script{number: talks(8*time.Second, 3*time.Second)}
			in := testAsterisk(t)
			siptest.CheckGoroutines(t)
			proxy, ari := ariProxy(t, in)
			s := newSiteAt(t, in, ari, "strowger", fewSite(1, "1s"))
			s.disturbed = true
			c := campaignOf(s, few(scripts), scripts, 1, 0)
			f, err := proxy.Inject(fault)
			if err != nil {
				t.Fatal(err)
			}
			c.order("start")
			eventually(t, "a request is held", func() bool { return f.Bitten().Any() })
			if fault.Ways == faultproxy.ToServer { // what was not called is told by records in which there is something else
				s.caller("4917055599").Dial("699").MustEnd()
			}
			began := time.Now()
			c.kill()
			f.Lift()
			c.start()
			w := invariants.Window{From: began, To: time.Now()}
			c.quiet(1, time.Minute)
			tries := c.settled(name, w)
			if n := c.world.Count(); n != 1 {
				t.Errorf("the number was called %d times", n)
			}
			if b := tries[len(tries)-1]; b.result != lead.Talked {
				t.Errorf("it came to %s after %d attempts", b.result, len(tries))
			}
		})
	}
}
