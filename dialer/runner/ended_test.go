package runner

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"strowger/dialer/lead"
	"strowger/dialer/rule"
	"strowger/switch/calendar"
	"strowger/switch/callmodel"
)

// TestGivenUpLate: what has rung for as long as the law wants is given up while
// everybody talks. It was a call to the lead as any that nobody answers.
func TestGivenUpLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late := func(number string) outcome {
			o := third(number)
			if o.talk > 0 {
				o.after += time.Duration(hash(number)%12) * time.Second
			}
			return o
		}
		s := set(t, late, 20_000, spring(t, callmodel.DialPredictive), ten...)
		wait(40 * time.Minute)
		s.x.mu.Lock()
		early := 0
		cancels := len(s.x.cancels)
		for _, c := range s.x.cancels {
			if c.Now {
				early++
			}
		}
		s.x.mu.Unlock()
		if r := s.b.results(); cancels < 20 || early > 0 || r[lead.Cancelled] > 0 || r[lead.NoAnswer] < cancels/2 {
			t.Errorf("%d given up, %d of them before their time; results: %v", cancels, early, r)
		}
	})
}

func TestResultOfGivenUp(t *testing.T) {
	t.Parallel()
	const second = callmodel.Instant(time.Second / time.Microsecond)
	for _, c := range []struct {
		name  string
		rang  callmodel.Instant
		short bool
		want  lead.Result
	}{
		{"for as long as it must", 15 * second, false, lead.NoAnswer},
		{"cut short", 16 * second, true, lead.Cancelled},
		{"not for long", 14 * second, false, lead.Cancelled},
	} {
		call := callmodel.Call{Outcome: callmodel.OutcomeCancelled, OverAt: 100*second + c.rang, Dial: &callmodel.DialState{CutShort: c.short}}
		call.Conns = []callmodel.Connection{{AskedAt: 100 * second}}
		if got := resultOf(endedOf(&call)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := resultOf(Ended{Outcome: callmodel.OutcomeCancelled}); got != lead.Cancelled {
		t.Errorf("of a preview: %s", got)
	}
}

// TestPutOff: a customer whom an agent puts off in a preview is shown again when
// the agent says, or else after a while; neither counts.
func TestPutOff(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 3, 3, 12, 0, 0, 0, time.UTC)
	for _, at := range []time.Time{{}, now.Add(26 * time.Hour)} {
		call := callmodel.Call{Outcome: callmodel.OutcomeSkipped, Dial: &callmodel.DialState{}, Conns: []callmodel.Connection{
			{Role: callmodel.RoleParty}, {Role: callmodel.RoleAgent, Agent: "anna"},
		}}
		want := now.Add(15 * time.Minute)
		if !at.IsZero() {
			call.Conns[1].Callback, want = &callmodel.CallbackAt{At: at, Mine: true}, at
		}
		e := endedOf(&call)
		e.At = now
		run := &run{}
		run.cfg.Plan = rule.Plan{Pack: rule.UK(), Retries: rule.DefaultRetries()}
		run.cfg.CallbackWait = time.Minute
		s := run.settled(&lead.Claimed{}, resultOf(e), e)
		if s.Result != lead.Skipped || s.Counted || !s.Next.Equal(want) || s.Callback.At != at || (s.Callback.Agent == "anna") == at.IsZero() {
			t.Errorf("put off to %v: %+v", at, s)
		}
	}
}

// TestOwnDigit: a customer who has pressed the digit for no more calls while
// they heard the message of a drop is dropped, and never called again.
func TestOwnDigit(t *testing.T) {
	t.Parallel()
	call := callmodel.Call{Outcome: callmodel.OutcomeDropped, Dial: &callmodel.DialState{}, Conns: []callmodel.Connection{{Role: callmodel.RoleParty, DoNotCall: true}}}
	e := endedOf(&call)
	run := &run{}
	run.cfg.Plan.Scope = "tenant"
	if s := run.settled(&lead.Claimed{}, resultOf(e), e); resultOf(e) != lead.Dropped || s.DoNotCall != "tenant" || !s.Close || !s.Next.IsZero() || s.Source == "" {
		t.Errorf("%s, settled as %+v", resultOf(e), s)
	}
}

// TestPromiseOfOneAgent: what an agent promises to do is theirs alone only
// where the campaign says so, however short the others wait for it.
func TestPromiseOfOneAgent(t *testing.T) {
	t.Parallel()
	for _, mine := range []bool{false, true} {
		run := &run{}
		run.cfg.MineOnly = mine
		s := run.settled(&lead.Claimed{}, lead.Talked, Ended{Outcome: callmodel.OutcomeHandled, Agent: "anna", Callback: &callmodel.CallbackAt{At: time.Unix(1, 0), Mine: true}})
		if s.Callback.Agent != "anna" || s.Callback.Mine != mine || run.cfg.Rules().MineOnly != mine {
			t.Errorf("mine_only %t: %+v", mine, s.Callback)
		}
	}
}

// TestResultOfRefusedPreview: an agent has said that nobody is to call.
func TestResultOfRefusedPreview(t *testing.T) {
	t.Parallel()
	if got := resultOf(Ended{Outcome: callmodel.OutcomeAgentRejected}); got != lead.AgentRejected {
		t.Errorf("%s", got)
	}
}

// TestConnectClock: the time to connect runs from the end of the greeting only
// where the rule says so and it was heard.
func TestConnectClock(t *testing.T) {
	t.Parallel()
	call := callmodel.Call{AnsweredAt: 10, Dial: &callmodel.DialState{GreetingEnd: 20}}
	unheard := callmodel.Call{AnsweredAt: 10, Dial: &callmodel.DialState{}}
	for _, c := range []struct {
		from rule.From
		call *callmodel.Call
		want callmodel.Instant
	}{{rule.FromAnswer, &call, 10}, {rule.FromGreeting, &call, 20}, {rule.FromGreeting, &unheard, 10}} {
		run := &run{}
		run.cfg.Plan.Pack.From = c.from
		if got := run.clock(c.call); got != c.want {
			t.Errorf("from %s: %d, want %d", c.from, got, c.want)
		}
	}
}

// TestShiftEnds: the pacer knows when the last place closes to which is dialled.
func TestShiftEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := spring(t, callmodel.DialPredictive)
		pack := c.Plan.Pack
		pack.Hours.Week = []calendar.Span{{Days: []string{"mon-sun"}, From: "00:00", To: "04:00"}} // in Berlin; the test begins there at one
		var err error
		if c.Hours, err = rule.NewHours(&pack, nil, nil); err != nil {
			t.Fatal(err)
		}
		s := set(t, third, 20_000, c, ten...)
		end := func() (left time.Duration) {
			v, err := s.x.View(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			err = s.ask(t.Context(), func(context.Context) {
				scene := s.scene(s.runs["spring"], v, time.Now())
				left = scene.End - scene.Now
			})
			if err != nil {
				t.Fatal(err)
			}
			return left
		}
		if end() > 0 {
			t.Error("the end is known before anybody was called")
		}
		wait(time.Hour)
		if left := end(); left.Round(time.Minute) != 2*time.Hour {
			t.Errorf("%v before the end", left)
		}
	})
}

// TestCountedAfterStop: what is shown of the leads is true after a stop, when
// the last calls have ended.
func TestCountedAfterStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 500, spring(t, callmodel.DialPredictive), ten...)
		wait(65 * time.Second) // a count a minute would have been made while calls were under way
		if p, _ := s.Live("spring"); p.Left[lead.Dialling] == 0 {
			t.Fatalf("nobody is being called: %v", p.Left)
		}
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(15 * time.Minute) // until the last of them has ended
		p, _ := s.Live("spring")
		if p.Left[lead.Dialling] != 0 || p.Left.Sum() != 500 {
			t.Errorf("after the stop: %v", p.Left)
		}
		n := s.b.counts()
		wait(10 * time.Minute)
		if more := s.b.counts() - n; more > 0 {
			t.Errorf("a campaign that is stopped is counted %d times", more)
		}
	})
}

// TestAgreedAtAnotherNumber: the number that a customer wants to be called at
// need not be one of the list.
func TestAgreedAtAnotherNumber(t *testing.T) {
	run := &run{cfg: spring(t, callmodel.DialProgressive)}
	c := &lead.Claimed{Lead: lead.Lead{Numbers: []lead.Number{{N: 0, E164: "+49301"}}}}
	for _, number := range []string{"", "+49301", "+4940999"} {
		e := Ended{Outcome: callmodel.OutcomeHandled, Callback: &callmodel.CallbackAt{At: time.Now(), Number: number}, At: time.Now()}
		if s := run.settled(c, lead.Talked, e); s.Agreed != number || s.Next.IsZero() {
			t.Errorf("agreed at %q: %+v", number, s)
		}
	}
}

// TestSlowCount: while the leads are counted the ends of attempts are looked up.
func TestSlowCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 500, spring(t, callmodel.DialPredictive), ten...)
		s.b.mu.Lock()
		s.b.slow = true
		s.b.mu.Unlock()
		wait(time.Minute)
		s.x.mu.Lock()
		s.x.silent = true
		s.x.mu.Unlock()
		wait(5 * time.Minute)
		if r := s.b.results(); s.stats.Vanished.Load() < 20 || r[lead.UnknownEnd] > 0 {
			t.Errorf("%d ends were looked up: %v", s.stats.Vanished.Load(), r)
		}
	})
}
