package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"strowger/cti/ici"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// brokenLines are a telephone network on which nothing works.
type brokenLines struct{ err error }

func (l brokenLines) Start(context.Context) error                       { return l.err }
func (l brokenLines) Call(context.Context, Caller, string) (Leg, error) { return nil, l.err }
func (l brokenLines) Next(context.Context, Agent) (Ring, error)         { return nil, l.err }
func (l brokenLines) Hear(context.Context, Leg, Agent) (string, error)  { return "", l.err }
func (l brokenLines) Sound() bool                                       { return true }
func (l brokenLines) Stop(context.Context) error                        { return nil }

// deadLeg is a call that is over before anybody answers.
type deadLeg struct{ done chan struct{} }

func newDeadLeg() deadLeg {
	l := deadLeg{make(chan struct{})}
	close(l.done)
	return l
}

func (l deadLeg) Hangup(context.Context) error { return nil }
func (l deadLeg) Done() <-chan struct{}        { return l.done }
func (l deadLeg) Why() string                  { return "SIP 503 Service Unavailable" }

type answeringLines struct {
	brokenLines
	leg Leg
}

func (l answeringLines) Call(context.Context, Caller, string) (Leg, error) { return l.leg, nil }

func newDemo(t *testing.T, l Lines) (*Demo, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	d, err := New(Options{
		Lines: l, Agents: []Agent{{ID: "agent101", Line: "101", Tone: 1200}, {ID: "agent104", Line: "104", OnAccept: true}},
		Queues: []Queue{{ID: "sales", Name: "Sales", Number: "600"}}, Rate: 60, Seed: 1, Report: NewReporter(&out, false),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d, &out
}

func newConversation() *conversation {
	return &conversation{
		from: Caller{Number: "+491705550100", Tone: 300}, queue: Queue{Number: "600"},
		dialled: make(chan struct{}), talking: make(chan struct{}), checked: make(chan struct{}),
	}
}

// TestWhatDoesNotWorkIsAProblem: a demo that cannot fail would prove nothing.
func TestWhatDoesNotWorkIsAProblem(t *testing.T) {
	t.Parallel()
	broken := fault.New(fault.Unavailable, "test", "", "the line is dead")
	for name, c := range map[string]struct {
		lines Lines
		do    func(*Demo, *conversation)
		want  string
	}{
		"not placed": {brokenLines{broken}, func(d *Demo, c *conversation) {
			d.call(t.Context(), c, time.Hour, time.Hour)
		}, "could not be placed: the line is dead"},
		"refused": {answeringLines{leg: newDeadLeg()}, func(d *Demo, c *conversation) {
			d.call(t.Context(), c, time.Hour, time.Hour)
		}, "the call from +491705550100 to 600 ended before an agent answered: SIP 503"},
		"no audio": {brokenLines{broken}, func(d *Demo, c *conversation) {
			d.hear(t.Context(), c, d.Agents[0])
		}, "no audio: the line is dead"},
		"log": {brokenLines{}, func(d *Demo, _ *conversation) { d.Logged("journal error=full") }, "log: journal error=full"},
		"crm told too little": {brokenLines{}, func(d *Demo, _ *conversation) {
			d.crm.note(&ici.PhoneCall{CallHandle: "A", CallStatus: ici.CallStatus(ici.CallConnected)})
			d.crm.note(&ici.PhoneCall{CallHandle: "A", CallStatus: ici.CallStatus(ici.CallEnded)})
			d.crm.expect("A", 1, true)
		}, "the CRM was told Connected, Ended; it needs Alerting, Connected, Wrap up, Ended"},
		"crm never told": {brokenLines{}, func(d *Demo, _ *conversation) {
			d.crm.expect("A", 1, true)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			d.crm.settle(ctx, t.Context())
		}, "the CRM was never told the end"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, out := newDemo(t, c.lines)
			conv := newConversation()
			conv.number = 1
			c.do(d, conv)
			s := d.tally.result()
			if s.OK() || s.ProblemCount != 1 || !strings.Contains(s.Problems[0], c.want) {
				t.Errorf("problems %q, want one with %q", s.Problems, c.want)
			}
			if !strings.Contains(out.String(), "error") {
				t.Errorf("not told: %q", out)
			}
		})
	}
}

// TestWhatIsNoProblem: callers may give up, and what their own hang-up cuts
// short counts for nothing.
func TestWhatIsNoProblem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		leg := &patientLeg{done: make(chan struct{})}
		d, _ := newDemo(t, answeringLines{brokenLines{fault.New(fault.Unavailable, "test", "", "gone")}, leg})
		c := newConversation()
		d.call(t.Context(), c, 5*time.Second, time.Hour)
		d.hear(t.Context(), c, d.Agents[0])
		if s := d.tally.result(); !s.OK() || s.Placed != 1 || s.Abandoned != 1 || s.AudioChecks != 0 || s.Seconds < 5 {
			t.Errorf("summary %+v", s)
		}
	})
}

// patientLeg lives until it is hung up.
type patientLeg struct{ done chan struct{} }

func (l *patientLeg) Hangup(context.Context) error { close(l.done); return nil }
func (l *patientLeg) Done() <-chan struct{}        { return l.done }
func (l *patientLeg) Why() string                  { return "" }

func TestCRMKnowsACallToItsEnd(t *testing.T) {
	t.Parallel()
	d, out := newDemo(t, brokenLines{})
	d.book.item("A", 12)
	wrapUp := ici.PhoneCall{CallHandle: "A", LineNumber: "+101", CallStatus: ici.CallStatus(ici.CallEnded), ProcessingStatus: ici.ProcessingStatus(ici.WrapUp)}
	for _, p := range []ici.PhoneCall{
		{CallHandle: "A", LineNumber: "+101", CallStatus: ici.CallStatus(ici.CallAlerting)},
		{CallHandle: "A", LineNumber: "+101", CallStatus: ici.CallStatus(ici.CallAlerting)}, // other capabilities
		{CallHandle: "A", LineNumber: "+101", CallStatus: ici.CallStatus(ici.CallConnected)},
		{CallHandle: "A", LineNumber: "+101", CallStatus: ici.CallStatus(ici.CallHold)},
		{CallHandle: "A", LineNumber: "+101", CallStatus: ici.CallStatus(ici.CallConnected)},
		wrapUp,
		{CallHandle: "A", LineNumber: "+101", CallStatus: ici.CallStatus(ici.CallEnded)},
		{CallHandle: "B", LineNumber: "+101", CallStatus: ici.CallStatus(ici.CallAlerting)}, // turned down
		{CallHandle: "B", LineNumber: "+101", CallStatus: ici.CallStatus(ici.CallEnded)},
	} {
		if label(&p) == "Wrap up" {
			d.crm.expect("A", 12, true)
		}
		d.crm.note(&p)
	}
	d.crm.settle(t.Context(), t.Context())
	if s := d.tally.result(); !s.OK() || s.CRMCalls != 1 || s.CRMCompleted != 1 {
		t.Errorf("summary %+v", s)
	}
	if len(d.crm.told)+len(d.crm.awaited) != 0 {
		t.Errorf("kept: %v %v", d.crm.told, d.crm.awaited)
	}
	if n := strings.Count(out.String(), "Alerting"); n != 2 {
		t.Errorf("Alerting was told %d times in\n%s", n, out)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	r := NewReporter(&out, false)
	r.now = func() time.Time { return at }
	r.tell(Event{Who: bySwitch, Call: 12, Text: "agent 101:\nrings"})
	r.Simulated()
	r.Setup("x", "%d%%", 5)
	r.Facts([]Fact{{"stop", "Stop", "Ctrl-C"}})
	r.Result(Summary{Seconds: 3, Seed: 7}, false)
	want := `09:00:00  call 12   switch  agent 101: | rings
SIMULATED  09:00:00            setup   5%
SIMULATED
SIMULATED    Stop           Ctrl-C
SIMULATED
SIMULATED
SIMULATED  Summary of 3 s (--seed 7)
`
	if !strings.HasPrefix(out.String(), want) {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n")[1:] {
		if !strings.HasPrefix(line, "SIMULATED") {
			t.Errorf("not marked: %q", line)
		}
	}
	out.Reset()
	r = NewReporter(&out, true)
	r.Facts([]Fact{{"stop", "Stop", "Ctrl-C"}})
	r.Result(Summary{}, true)
	for dec := json.NewDecoder(&out); dec.More(); {
		var e Event
		if err := dec.Decode(&e); err != nil || e.Who == "" || e.Text == "" {
			t.Fatalf("%v %+v", err, e)
		}
	}
}

func TestErrorTap(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	var heard []string
	tap := NewErrorTap(slog.NewTextHandler(&file, nil))
	log := slog.New(tap).With("part", "x").WithGroup("g")
	log.Error("before")
	tap.Tell(func(text string) { heard = append(heard, text) })
	log.Info("fine")
	log.Error("bad", "error", "why")
	tap.Tell(nil)
	log.Error("after")
	if len(heard) != 1 || heard[0] != "bad error=why" || strings.Count(file.String(), "\n") != 4 {
		t.Errorf("heard %q, file %s", heard, &file)
	}
}

// TestBookIsBounded: no caller more than fits, no item for ever.
func TestBookIsBounded(t *testing.T) {
	t.Parallel()
	b := newBook()
	entered := 0
	for i := range 2 * maxLive {
		c := newConversation()
		c.from.Number = string(rune('a'+i/26)) + string(rune('a'+i%26))
		if b.enter(c) {
			entered++
		}
	}
	if entered != maxLive {
		t.Errorf("%d callers, want %d", entered, maxLive)
	}
	for i := range 3 * maxItems {
		b.item(callmodel.ID{byte(i), byte(i >> 8)}.Hex(), int64(i+1))
	}
	if len(b.calls) != maxItems || len(b.items) != maxItems {
		t.Errorf("%d items and %d keys, want %d", len(b.calls), len(b.items), maxItems)
	}
	if n := b.callWith(callmodel.ID{0xB7, 0x0B}.Hex(), nil); n != 3000 {
		t.Errorf("the newest item has call %d", n)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	good := Options{Agents: []Agent{{ID: "a", Line: "1"}}, Queues: []Queue{{ID: "q"}}, Rate: 1, Report: NewReporter(&bytes.Buffer{}, false)}
	for name, spoil := range map[string]func(*Options){
		"rate 0":    func(o *Options) { o.Rate = 0 },
		"rate high": func(o *Options) { o.Rate = MaxRate + 1 },
		"no agents": func(o *Options) { o.Agents = nil },
		"no queues": func(o *Options) { o.Queues = nil },
	} {
		o := good
		spoil(&o)
		if _, err := New(o); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
}
