package ctips

import (
	"fmt"
	"testing"
)

// fold is what a client knows of calls that follows the events alone.
type fold struct {
	states  map[int32]CallState
	holders map[int32]int32 // agent who has put a call on hold
	parents map[int32]int32 // of consultations
	several map[int32]bool  // conferences, of which each agent may tell something else
	crossed map[int32]bool  // each of two agents holds the other: no state of the call can tell that
}

func newFold() *fold {
	return &fold{map[int32]CallState{}, map[int32]int32{}, map[int32]int32{}, map[int32]bool{}, map[int32]bool{}}
}

// follow takes in an event, by what the reference says of it.
func (f *fold) follow(ev Event) {
	switch e := ev.(type) {
	case *CallOfferedEvent:
		f.states[e.CallID] = CallStateCallOffered
	case *CallDeliveredEvent:
		f.states[e.CallID] = CallStateCallDelivered
	case *CallConnectedEvent:
		f.states[e.CallID] = CallStateCallConnected
	case *CallEstablishedEvent:
		f.states[e.CallID] = CallStateCallEstablished
		f.with(e.CallID, CallStateCallOnHoldDialing, CallStateCallConsulting)
	case *CallRetrievedEvent:
		f.states[e.CallID] = CallStateCallEstablished
		f.with(e.CallID, CallStateCallHeld, CallStateCallConsulting)
	case *CallHeldEvent:
		if st := f.states[e.CallID]; talks(st) != st && f.holders[e.CallID] != e.AgentID {
			f.crossed[e.CallID] = true
		}
		f.states[e.CallID], f.holders[e.CallID] = CallStateCallHeld, e.AgentID
		if f.holders[f.parents[e.CallID]] == e.AgentID {
			f.with(e.CallID, CallStateCallConsulting, CallStateCallHeld)
		}
	case *CallOriginatedEvent:
		f.states[e.CallID] = CallStateCallOriginated
		f.consults(e)
	case *CallConsultationEvent:
		if f.states[e.ConsultationCallID] = CallStateCallEstablished; f.states[e.CallID] != CallStateInvalid { // the customer may have gone
			f.states[e.CallID] = CallStateCallConsulting
		}
	case *CallConferencedEvent:
		f.states[e.CallID], f.several[e.CallID] = CallStateCallConferenced, true
		f.absorbed(e.ConsultedCallID, e.CallID)
	case *CallTransferredEvent:
		if f.states[e.CallID] = CallStateCallTransferred; e.ConsultedCallID != 0 {
			f.states[e.CallID], f.holders[e.CallID] = f.states[e.ConsultedCallID], f.holders[e.ConsultedCallID]
		}
		f.absorbed(e.ConsultedCallID, e.CallID)
		f.crossed[e.CallID] = f.crossed[e.CallID] || f.crossed[e.ConsultedCallID]
		if talks(f.states[e.CallID]) != CallStateCallEstablished { // the one who was asked has passed it on
			f.with(e.CallID, CallStateCallConsulting, CallStateCallOnHoldDialing)
		}
	case *CallEndEvent:
		delete(f.states, e.CallID)
		f.with(e.CallID, CallStateCallConsulting, CallStateCallHeld)
		f.with(e.CallID, CallStateCallOnHoldDialing, CallStateCallHeld)
	}
}

// absorbed notes that a consultation has become part of its call.
func (f *fold) absorbed(k, into int32) {
	delete(f.parents, k)
	for part, c := range f.parents {
		if c == k {
			f.parents[part] = into
		}
	}
}

// with changes the state of a consultation's call where it follows from what has
// become of the consultation.
func (f *fold) with(consultation int32, from, to CallState) {
	if c := f.parents[consultation]; f.states[c] == from {
		f.states[c] = to
	}
}

// consults notes that whoever holds a call asks somebody else.
func (f *fold) consults(e *CallOriginatedEvent) {
	if e.CallSequenceID == int64(e.CallID) {
		return
	}
	for c, st := range f.states {
		if st == CallStateCallHeld && f.holders[c] == e.AgentID && c != e.CallID {
			f.parents[e.CallID], f.states[c] = c, CallStateCallOnHoldDialing
		}
	}
}

// talks is all that can be said of a call of which agents tell different things.
func talks(s CallState) CallState {
	switch s {
	case CallStateCallConferenced, CallStateCallHeld, CallStateCallOnHoldDialing, CallStateCallConsulting:
		return CallStateCallEstablished
	default:
		return s
	}
}

// differs says where what follows from events is not what a snapshot would tell
// now.
func (f *fold) differs(b *board) string {
	for _, c := range b.calls {
		if f.crossed[c.number] {
			continue
		}
		want, _ := b.callState(c)
		got, known := f.states[c.number]
		if f.several[c.number] {
			got, want = talks(got), talks(want)
		}
		switch over := c.ended || c.hidden || !c.connected(); {
		case over && known, !over && got != want:
			return fmt.Sprintf("by the events call %d is %s (known %v), a snapshot tells %s", c.number, got, known, want)
		}
	}
	return ""
}

// begin starts anew with a snapshot. Which consultation belongs to which call
// it does not tell.
func (f *fold) begin(list []telling) {
	*f = *newFold()
	for _, d := range list {
		if u, ok := d.Event.(*SnapShotUpdateEvent); ok && u.CallData != nil && u.CallData.CallState != CallStateCallEnd {
			f.states[u.CallData.CallID], f.holders[u.CallData.CallID] = u.CallData.CallState, u.CallData.AgentID
			f.several[u.CallData.CallID] = talks(u.CallData.CallState) == CallStateCallEstablished
		}
	}
}

// TestFoldNotices: an event about a call that is lost, and one that is too much, show.
func TestFoldNotices(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func([]telling) []telling{
		"sound": func(all []telling) []telling { return all },
		"lost":  func(all []telling) []telling { return all[:len(all)-1] },
		"too much": func(all []telling) []telling {
			return append(all, telling{Event: &CallEndEvent{CallRef: CallRef{CallID: 1}}})
		},
	} {
		s := newStage(t, scene())
		s.talk()
		s.sends(&HoldCallArgs{call7(1, 1)})
		f := newFold()
		for _, d := range spoil(s.take()) {
			f.follow(d.Event)
		}
		if wrong := f.differs(s.b); (wrong == "") != (name == "sound") {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}
