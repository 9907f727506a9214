package ctips_test

import (
	"fmt"
	"testing"
	"time"

	"strowger/cti/ctips"
)

// pictures asks for a snapshot now and then, until done.
func (c *client) pictures(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-time.After(10 * time.Millisecond):
			c.look()
		}
	}
}

// look asks for a snapshot and waits until it is whole.
func (c *client) look() {
	c.t.Helper()
	whole := func(all []ctips.Event) (n int) {
		for _, ev := range all {
			if u, ok := ev.(*ctips.SnapShotUpdateEvent); ok && u.SnapShotComplete {
				n++
			}
		}
		return n
	}
	before := whole(c.soFar())
	types := []ctips.EntityType{ctips.EntityTypeAgentInfo, ctips.EntityTypeCallInfo, ctips.EntityTypeServiceInfo}
	if _, err := c.ask("Snapshot", &ctips.SnapshotArgs{SessionHead: c.head(), EntityType: types}); err != nil {
		c.t.Errorf("snapshot: %v", err)
		return
	}
	c.until("a whole snapshot", func(all []ctips.Event) bool { return whole(all) > before }, nil)
}

// picture is what a client knows: of a snapshot, and of the events that follow.
type picture struct {
	agents   map[int32]ctips.AgentState
	services map[int32]ctips.ServiceState
	calls    map[int32]bool // over, but for the work after it
	consults map[int32]bool // of a snapshot: no CallStarted tells of them
}

func newPicture() *picture {
	return &picture{map[int32]ctips.AgentState{}, map[int32]ctips.ServiceState{}, map[int32]bool{}, map[int32]bool{}}
}

// show takes in an object of a snapshot.
func (p *picture) show(u *ctips.SnapShotUpdateEvent) {
	if a := u.AgentData; a != nil && a.AgentState != ctips.AgentStateInvalid {
		p.agents[a.AgentID] = a.AgentState
	}
	if s := u.ServiceData; s != nil {
		p.services[s.ServiceID] = s.ServiceState
	}
	if c := u.CallData; c != nil {
		p.calls[c.CallID] = c.CallState == ctips.CallStateCallEnd
		switch c.CallType {
		case ctips.CallTypeInboundConsultation, ctips.CallTypeOutboundConsultation, ctips.CallTypeOutboundConsultationTransfer:
			p.consults[c.CallID] = true
		default:
		}
	}
}

// follow takes in an event.
func (p *picture) follow(ev ctips.Event) {
	h := ctips.Head(ev)
	switch e := ev.(type) {
	case *ctips.AgentLoginStateChangeEvent:
		if e.LoginState == ctips.AgentLoginStateAgentLoggedOut {
			delete(p.agents, h.AgentID)
		}
	case *ctips.AgentStateChangeEvent:
		p.agents[h.AgentID] = e.AgentState
	case *ctips.ServiceStateChangeEvent:
		p.services[h.ServiceID] = e.ServiceState
	case *ctips.CallStartedEvent:
		p.calls[e.CallID] = false
	case *ctips.CallEndEvent:
		if _, known := p.calls[e.CallID]; known {
			p.calls[e.CallID] = true
		}
	case *ctips.CallCompletedEvent:
		delete(p.calls, e.CallID)
	}
}

// differs compares what a client knows with the next snapshot.
func (p *picture) differs(next *picture) (wrong []string) {
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for id, st := range next.agents {
		if p.agents[id] != st {
			bad("agent %d is known to be %s, the snapshot says %s", id, p.agents[id], st)
		}
	}
	for id, st := range p.agents {
		if _, in := next.agents[id]; !in {
			bad("agent %d is known to be %s, the snapshot says logged out", id, st)
		}
	}
	for id, st := range next.services {
		if p.services[id] != st {
			bad("service %d is known to be %s, the snapshot says %s", id, p.services[id], st)
		}
	}
	for id, over := range next.calls {
		was, known := p.calls[id]
		switch {
		case next.consults[id]:
		case !known:
			bad("call %d is not known, the snapshot has it", id)
		case was != over:
			bad("call %d is known to be over: %v, the snapshot says %v", id, was, over)
		}
	}
	for id, over := range p.calls {
		if _, there := next.calls[id]; !there && !p.consults[id] && !over {
			bad("call %d is known and goes on, the snapshot does not have it", id)
		}
	}
	return wrong
}

// followed follows the events from each snapshot to the next. It returns what
// differs, and how many snapshots and calls in them there were.
func followed(events []ctips.Event) (wrong []string, pictures, calls int) {
	var known, next *picture
	for _, ev := range events {
		u, ok := ev.(*ctips.SnapShotUpdateEvent)
		if !ok {
			if next != nil {
				wrong = append(wrong, fmt.Sprintf("%T stands in the middle of a snapshot", ev))
			}
			if known != nil {
				known.follow(ev)
			}
			continue
		}
		if next == nil {
			next = newPicture()
		}
		next.show(u)
		if !u.SnapShotComplete {
			continue
		}
		if known != nil {
			wrong = append(wrong, known.differs(next)...)
		}
		pictures++
		calls += len(next.calls)
		known, next = next, nil
	}
	return wrong, pictures, calls
}

func checkPictures(t *testing.T, events []ctips.Event) {
	t.Helper()
	wrong, pictures, calls := followed(events)
	for _, w := range wrong {
		t.Error(w)
	}
	t.Logf("%d snapshots with %d calls in all, %d events", pictures, calls, len(events))
	if pictures < 5 || calls < 5 {
		t.Error("the snapshots prove little")
	}
}

// TestPicturesNoticed plants an event that is lost, or one too many, between
// two snapshots: each shows.
func TestPicturesNoticed(t *testing.T) {
	t.Parallel()
	agent := func(st ctips.AgentState, last bool) ctips.Event {
		return &ctips.SnapShotUpdateEvent{AgentData: &ctips.SnapShotAgentData{AgentID: 1, AgentState: st}, SnapShotComplete: last}
	}
	call := func(id int32, st ctips.CallState) ctips.Event {
		return &ctips.SnapShotUpdateEvent{CallData: &ctips.SnapShotCallData{CallRef: ctips.CallRef{CallID: id}, CallState: st}, SnapShotComplete: true}
	}
	head := ctips.CTIEvent{AgentID: 1}
	idle, away := ctips.AgentStateIdle, ctips.AgentStateNotReady
	changed := &ctips.AgentStateChangeEvent{CTIEvent: head, AgentState: away}
	left := &ctips.AgentLoginStateChangeEvent{CTIEvent: head, LoginState: ctips.AgentLoginStateAgentLoggedOut}
	started, ended := &ctips.CallStartedEvent{CallRef: ctips.CallRef{CallID: 7}}, &ctips.CallEndEvent{CallRef: ctips.CallRef{CallID: 7}}
	none := &ctips.SnapShotUpdateEvent{SnapShotComplete: true}
	for name, c := range map[string]struct {
		events []ctips.Event
		wrong  int
	}{
		"sound":                  {[]ctips.Event{agent(idle, true), changed, agent(away, true), left, started, call(7, ctips.CallStateCallOffered), ended, none}, 0},
		"a state lost":           {[]ctips.Event{agent(idle, true), agent(away, true)}, 1},
		"a state too many":       {[]ctips.Event{agent(idle, true), changed, agent(idle, true)}, 1},
		"a logout lost":          {[]ctips.Event{agent(idle, true), none}, 1},
		"a beginning lost":       {[]ctips.Event{none, call(7, ctips.CallStateCallOffered)}, 1},
		"an end lost":            {[]ctips.Event{none, started, none}, 1},
		"an end lost, wrap-up":   {[]ctips.Event{none, started, call(7, ctips.CallStateCallEnd)}, 1},
		"a snapshot broken into": {[]ctips.Event{agent(idle, false), changed, none}, 1},
	} {
		if wrong, _, _ := followed(c.events); len(wrong) != c.wrong {
			t.Errorf("%s: %v, want %d", name, wrong, c.wrong)
		}
	}
}
