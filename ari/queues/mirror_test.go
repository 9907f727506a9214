package queues_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/ari/ami"
	"strowger/ari/aritest"
	"strowger/ari/queues"
	"strowger/switch/callmodel"
)

// feed keeps the facts and applies them to a switch, as the engine does.
type feed struct {
	mu      sync.Mutex
	state   *callmodel.State
	now     callmodel.Instant
	ids     byte
	facts   []callmodel.Input
	changed chan struct{}
}

func newFeed() *feed {
	return &feed{state: callmodel.New(nil), now: 1_000_000_000, changed: make(chan struct{})}
}

func (f *feed) Put(_ context.Context, in callmodel.Input) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now++
	f.state.Step(f.now, in)
	f.facts = append(f.facts, in)
	close(f.changed)
	f.changed = make(chan struct{})
	return nil
}

func (f *feed) NewID() callmodel.ID {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ids++
	return callmodel.ID{1, 15: f.ids}
}

func (f *feed) Now() callmodel.Instant {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// wait waits until the switch shows what ok wants.
func (f *feed) wait(t *testing.T, what string, ok func(*callmodel.MirrorView) bool) *callmodel.MirrorView {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		f.mu.Lock()
		v, changed := f.state.View().Mirror, f.changed
		f.mu.Unlock()
		if v != nil && ok(v) {
			return v
		}
		select {
		case <-changed:
		case <-limit:
			t.Fatalf("still not so: %s; %s", what, text(v))
		}
	}
}

// text is a picture on a few lines.
func text(v *callmodel.MirrorView) string {
	if v == nil {
		return "nothing"
	}
	var b strings.Builder
	for _, q := range v.Queues {
		fmt.Fprintf(&b, "%s %s %d/%d\n", q.ID, q.Strategy, q.Answered, q.Abandoned)
	}
	for _, m := range v.Members {
		fmt.Fprintf(&b, "%s %s phone=%s endpoint=%s paused=%v %s in-call=%v\n", m.Queue, m.Interface, m.Phone, m.Endpoint, m.Paused, m.Reason, m.InCall)
	}
	for _, c := range v.Calls {
		fmt.Fprintf(&b, "%s %s %s place=%d rings=%v member=%s\n", c.Queue, c.Caller, c.Phase, c.Position, c.Rings, c.Member)
	}
	return b.String()
}

// message reads "Event Name: value, Name: value".
func message(event string, fields ...string) ami.Message {
	m := ami.Message{{Name: "Event", Value: event}}
	for i := 0; i+1 < len(fields); i += 2 {
		m = append(m, ami.Field{Name: fields[i], Value: fields[i+1]})
	}
	return m
}

func list(items ...ami.Message) []ami.Message {
	out := append([]ami.Message{{{Name: "Response", Value: "Success"}, {Name: "EventList", Value: "start"}}}, items...)
	return append(out, ami.Message{{Name: "Event", Value: "ListComplete"}, {Name: "EventList", Value: "Complete"}})
}

// the queue of the tests, as a real Asterisk 22 tells of it.
var (
	params = message("QueueParams", "Queue", "support", "Max", "0", "Strategy", "rrmemory", "Calls", "1", "Holdtime", "4", "TalkTime", "1", "Completed", "1", "Abandoned", "2", "ServiceLevel", "20", "Weight", "3")
	anna   = message("QueueMember", "Queue", "support", "Name", "Anna", "Location", "PJSIP/101", "StateInterface", "PJSIP/101", "Membership", "static", "Penalty", "0", "CallsTaken", "1", "LastCall", "1795254081", "InCall", "1", "Status", "2", "Paused", "0", "PausedReason", "")
	cleo   = message("QueueMember", "Queue", "support", "Name", "Cleo", "Location", "Local/103@agents/n", "StateInterface", "PJSIP/103", "Membership", "static", "Penalty", "2", "InCall", "0", "Status", "6", "Paused", "0", "PausedReason", "")
	entry  = message("QueueEntry", "Queue", "support", "Position", "1", "Channel", "PJSIP/trunk-00000002", "Uniqueid", "1.2", "CallerIDNum", "556", "CallerIDName", "unknown", "Wait", "90", "Priority", "0")
	// the channels: 1.0 talks to anna, 1.2 rings cleo
	talker = message("CoreShowChannel", "Channel", "PJSIP/trunk-00000000", "ChannelState", "6", "CallerIDNum", "555", "CallerIDName", "<unknown>", "Uniqueid", "1.0", "Linkedid", "1.0", "Application", "Queue", "ApplicationData", "support,t,,,300", "BridgeId", "b1")
	leg    = message("CoreShowChannel", "Channel", "PJSIP/101-00000003", "ChannelState", "6", "Uniqueid", "1.3", "Linkedid", "1.0", "Application", "AppQueue", "ApplicationData", "(Outgoing Line)", "BridgeId", "b1")
	waiter = message("CoreShowChannel", "Channel", "PJSIP/trunk-00000002", "ChannelState", "4", "CallerIDNum", "556", "Uniqueid", "1.2", "Linkedid", "1.2", "Application", "Queue", "ApplicationData", "support,t,,,300", "BridgeId", "")
	ring   = message("CoreShowChannel", "Channel", "Local/103@agents-00000001;1", "ChannelState", "5", "Uniqueid", "1.5", "Linkedid", "1.2", "Application", "AppQueue", "ApplicationData", "(Outgoing Line)", "BridgeId", "")
)

func start(t *testing.T, change func(*queues.Options)) (*aritest.AMI, *queues.Mirror, *feed) {
	t.Helper()
	a := aritest.StartAMI(t)
	a.On("QueueStatus", func(ami.Message) []ami.Message { return list(params, anna, cleo, entry) })
	a.On("CoreShowChannels", func(ami.Message) []ami.Message { return list(talker, leg, waiter, ring) })
	o := queues.Options{Node: "a1", Addr: a.Addr(), User: aritest.User, Secret: aritest.Password, RetryMax: 50 * time.Millisecond}
	if change != nil {
		change(&o)
	}
	m, err := queues.New(o)
	if err != nil {
		t.Fatal(err)
	}
	f := newFeed()
	if err := m.Start(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Stop)
	return a, m, f
}

func TestListingShowsEverything(t *testing.T) {
	_, m, f := start(t, nil)
	v := f.wait(t, "in step", func(v *callmodel.MirrorView) bool { return v.Nodes[0].Up })
	want := `support@a1 rrmemory 1/2
support@a1 Local/103@agents/n phone=ringing endpoint=103 paused=false  in-call=false
support@a1 PJSIP/101 phone=in-use endpoint=101 paused=false  in-call=true
support@a1 555 talking place=0 rings=[] member=PJSIP/101
support@a1 556 offered place=1 rings=[Local/103@agents/n] member=
`
	if got := text(v); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, c := range v.Calls {
		if c.Caller == "556" && c.SeenAt.Sub(c.JoinedAt).Round(time.Second) != 90*time.Second {
			t.Errorf("the caller waits for %s", c.SeenAt.Sub(c.JoinedAt))
		}
	}
	m.Stop()
	if st := m.Stats(); st.Listings != 1 || st.Bad+st.Garbage != 0 {
		t.Errorf("stats %+v", st)
	}
}

func TestEventsMoveTheCallers(t *testing.T) {
	a, m, f := start(t, nil)
	f.wait(t, "in step", func(v *callmodel.MirrorView) bool { return v.Nodes[0].Up })
	send := func(event string, fields ...string) {
		t.Helper()
		if err := a.Send(message(event, append([]string{"Queue", "support"}, fields...)...)); err != nil {
			t.Fatal(err)
		}
	}
	phase := func(caller string, want callmodel.Phase) {
		t.Helper()
		f.wait(t, caller+" is "+want.String(), func(v *callmodel.MirrorView) bool {
			for _, c := range v.Calls {
				if c.Caller == caller {
					return c.Phase == want
				}
			}
			return want == callmodel.PhaseOver
		})
	}
	send("QueueCallerJoin", "Uniqueid", "1.7", "CallerIDNum", "557", "Position", "2")
	phase("557", callmodel.PhaseWaiting)
	send("AgentRingNoAnswer", "Uniqueid", "1.2", "Interface", "Local/103@agents/n")
	phase("556", callmodel.PhaseWaiting)
	send("AgentCalled", "Uniqueid", "1.2", "Interface", "PJSIP/101")
	phase("556", callmodel.PhaseOffered)
	send("QueueCallerLeave", "Uniqueid", "1.2", "Position", "1")
	send("AgentConnect", "Uniqueid", "1.2", "Interface", "PJSIP/101")
	phase("556", callmodel.PhaseTalking)
	send("AgentComplete", "Uniqueid", "1.2", "Interface", "PJSIP/101")
	phase("556", callmodel.PhaseOver)
	send("QueueCallerAbandon", "Uniqueid", "1.7", "Position", "1")
	phase("557", callmodel.PhaseOver)
	send("QueueMemberPause", "Interface", "PJSIP/101", "StateInterface", "PJSIP/101", "MemberName", "Anna", "Status", "1", "Paused", "1", "PausedReason", "lunch", "Ringinuse", "0")
	f.wait(t, "anna is paused", func(v *callmodel.MirrorView) bool {
		for _, mm := range v.Members {
			if mm.Interface == "PJSIP/101" {
				return mm.Paused && mm.Reason == "lunch" && mm.Name == "Anna"
			}
		}
		return false
	})
	send("QueueMemberRemoved", "Interface", "PJSIP/101")
	f.wait(t, "anna is gone", func(v *callmodel.MirrorView) bool { return len(v.Members) == 1 })
	send("AgentLogin", "Agent", "7")
	send("QueueMemberRemoved", "Interface", "Local/103@agents/n")
	f.wait(t, "nobody is left", func(v *callmodel.MirrorView) bool { return len(v.Members) == 0 })
	if st := m.Stats(); st.Ignored != 1 || st.Bad != 0 || st.Events != 10 {
		t.Errorf("stats %+v", st)
	}
}

// TestGarbageIsCountedAndListed: what cannot be read is followed by a listing.
func TestGarbageIsCountedAndListed(t *testing.T) {
	a, m, f := start(t, nil)
	f.wait(t, "in step", func(v *callmodel.MirrorView) bool { return v.Nodes[0].Up })
	a.On("QueueStatus", func(ami.Message) []ami.Message { return list(params) })
	a.On("CoreShowChannels", func(ami.Message) []ami.Message { return list() })
	for _, raw := range []string{"\x00\xff nonsense\r\n\r\n", "Event: QueueCallerJoin\r\nQueue: support\r\n\r\n", "Event: QueueMemberStatus\r\n\r\n", strings.Repeat("y", 5000) + "\r\n\r\n"} {
		if err := a.SendRaw(raw); err != nil {
			t.Fatal(err)
		}
	}
	f.wait(t, "the members of the second listing", func(v *callmodel.MirrorView) bool { return len(v.Members) == 0 })
	if st := m.Stats(); st.Bad != 2 || st.Garbage == 0 || st.Connects != 1 {
		t.Errorf("stats %+v", st)
	}
}

// TestQueueWithoutMembers: a queue that a reload has added is shown, though no
// event tells of it, and that is no sign that events do not come.
func TestQueueWithoutMembers(t *testing.T) {
	t.Parallel()
	a, m, f := start(t, func(o *queues.Options) { o.DriftEvery = 100 * time.Millisecond })
	f.wait(t, "in step", func(v *callmodel.MirrorView) bool { return v.Nodes[0].Up })
	a.On("QueueStatus", func(ami.Message) []ami.Message {
		return list(params, message("QueueParams", "Queue", "new", "Max", "0", "Strategy", "ringall"), anna, cleo, entry)
	})
	f.wait(t, "the queue is shown", func(v *callmodel.MirrorView) bool { return len(v.Queues) == 2 })
	a.On("QueueStatus", func(ami.Message) []ami.Message { return list(params, anna, cleo, entry) })
	f.wait(t, "it is gone again", func(v *callmodel.MirrorView) bool { return len(v.Queues) == 1 })
	if trouble := m.Info().Trouble; trouble != "" {
		t.Errorf("trouble %q", trouble)
	}
}

// TestTooMuchIsCounted: what is beyond the limits is left out, and told.
func TestTooMuchIsCounted(t *testing.T) {
	t.Parallel()
	a := aritest.StartAMI(t)
	many := []ami.Message{params}
	for i := range callmodel.MaxMirrorQueues + 2 {
		many = append(many, message("QueueParams", "Queue", fmt.Sprintf("q%d", i), "Max", "0"))
	}
	a.On("QueueStatus", func(ami.Message) []ami.Message { return list(append(many, anna)...) })
	a.On("CoreShowChannels", func(ami.Message) []ami.Message { return list() })
	m, err := queues.New(queues.Options{Node: "a1", Addr: a.Addr(), User: aritest.User, Secret: aritest.Password})
	if err != nil {
		t.Fatal(err)
	}
	f := newFeed()
	if err := m.Start(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Stop)
	v := f.wait(t, "in step", func(v *callmodel.MirrorView) bool { return v.Nodes[0].Up })
	if len(v.Queues) != callmodel.MaxMirrorQueues || v.Nodes[0].Left != 3 {
		t.Errorf("%d queues are shown, %d are left out", len(v.Queues), v.Nodes[0].Left)
	}
}

func TestLossRefusalAndReturn(t *testing.T) {
	a, m, f := start(t, func(o *queues.Options) { o.PingEach = 100 * time.Millisecond })
	f.wait(t, "in step", func(v *callmodel.MirrorView) bool { return v.Nodes[0].Up })
	a.Silence(true) // half open
	f.wait(t, "out of sight", func(v *callmodel.MirrorView) bool { return !v.Nodes[0].Up && v.Nodes[0].Cause != "" })
	if m.Info().Trouble == "" {
		t.Error("no trouble is told")
	}
	a.Silence(false)
	f.wait(t, "in step again", func(v *callmodel.MirrorView) bool { return v.Nodes[0].Up })
	a.Drop()
	f.wait(t, "out of sight again", func(v *callmodel.MirrorView) bool { return !v.Nodes[0].Up })
	f.wait(t, "in step once more", func(v *callmodel.MirrorView) bool { return v.Nodes[0].Up && len(v.Calls) == 2 })
	if info := m.Info(); !info.Connected || info.Trouble != "" {
		t.Errorf("info %+v", info)
	}
}

func TestRefusedLoginIsTold(t *testing.T) {
	_, m, f := start(t, func(o *queues.Options) { o.Secret = "wrong" })
	v := f.wait(t, "told", func(v *callmodel.MirrorView) bool { return !v.Nodes[0].Up })
	if !strings.Contains(v.Nodes[0].Cause, "Authentication failed") || strings.Contains(v.Nodes[0].Cause, "wrong") {
		t.Errorf("cause %q", v.Nodes[0].Cause)
	}
	if m.Stats().Denied == 0 {
		t.Error("not counted")
	}
}

// TestFewRights: without channels talks are not seen, and that is told.
func TestFewRights(t *testing.T) {
	_, m, f := start(t, nil)
	f.wait(t, "in step", func(v *callmodel.MirrorView) bool { return v.Nodes[0].Up })
	if m.Info().Trouble != "" {
		t.Errorf("trouble %q", m.Info().Trouble)
	}
	a, m, f := start(t, nil)
	f.wait(t, "in step", func(v *callmodel.MirrorView) bool { return v.Nodes[0].Up })
	a.On("CoreShowChannels", func(ami.Message) []ami.Message { return []ami.Message{aritest.Refusal("Permission denied")} })
	a.Drop()
	f.wait(t, "down", func(v *callmodel.MirrorView) bool { return !v.Nodes[0].Up })
	v := f.wait(t, "in step", func(v *callmodel.MirrorView) bool { return v.Nodes[0].Up })
	if !strings.Contains(m.Info().Trouble, "write = reporting") {
		t.Errorf("trouble %q", m.Info().Trouble)
	}
	if got := text(v); !strings.Contains(got, "555 talking") { // its member is in a call
		t.Errorf("the talk is forgotten: %s", got)
	}
}

// TestQuietListingsAreNotPassedOn: what is as it was told is not told again;
// the switch would write it down each time.
func TestQuietListingsAreNotPassedOn(t *testing.T) {
	a, _, f := start(t, func(o *queues.Options) { o.DriftEvery = 20 * time.Millisecond })
	asked := make(chan struct{}, 100)
	a.On("QueueStatus", func(ami.Message) []ami.Message {
		asked <- struct{}{}
		return list(params, anna, cleo, entry)
	})
	f.wait(t, "in step", func(v *callmodel.MirrorView) bool { return v.Nodes[0].Up })
	for range 4 { // when the fourth begins, three have been dealt with
		<-asked
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	told := 0
	for _, in := range f.facts {
		if _, ok := in.(callmodel.MirrorListing); ok {
			told++
		}
	}
	if told != 1 {
		t.Errorf("%d listings passed on, of which one was new", told)
	}
}
