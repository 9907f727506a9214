package ici

import (
	"sync/atomic"

	"strowger/switch/callmodel"
)

// status is a pair of call state and processing state as ICI numbers them.
type status struct{ call, processing int }

// over reports whether nothing can happen to the item any more.
func (s status) over() bool { return s.call == CallEnded && s.processing != WrapUp }

var processingStates = map[callmodel.Processing]int{
	callmodel.NotInProcess: NotInProcess, callmodel.Active: Active, callmodel.WrapUp: WrapUp,
}

// statusOf returns how ICI sees a connection. It follows from the call as a
// whole: whether the other party rings, how many talk. ok is false for what the
// CRM is not told about: an offer that does not alert yet, a consultation that
// waits for its call to be on hold, a call that knocks at a busy line
// (reference 7.4), and everybody who is no agent.
func statusOf(c *callmodel.Call, p *callmodel.Connection) (st status, ok bool) {
	if p.Role != callmodel.RoleAgent {
		return status{}, false
	}
	st.processing = processingStates[p.Processing]
	switch p.State {
	case callmodel.Initiated:
		st.call = progress(c, p)
		return st, p.Maker && (c.Target == nil || c.Target.Hold.IsZero())
	case callmodel.Alerting:
		st.call = CallAlerting
		return st, !p.Knock && p.AlertingAt != 0 // who picks up a parked call is connected at once
	case callmodel.Connected:
		st.call = conversation(c, p)
	case callmodel.Hold:
		st.call = CallHold
	case callmodel.Held:
		st.call = CallHeld
	case callmodel.Ended:
		st.call = CallEnded
	case callmodel.Queued:
		return st, false
	}
	return st, true
}

// conversation is the state of a party who is connected.
func conversation(c *callmodel.Call, p *callmodel.Connection) int {
	switch {
	case customerIsCalled(c):
		return progress(c, p)
	case !conference(c):
		return CallConnected
	case p.Owner:
		return CallConferenceOwner
	}
	return CallConferenceParticipant
}

// progress is the state of a party for whom somebody is being called. Once it
// has rung it does not go back to dialing.
func progress(c *callmodel.Call, p *callmodel.Connection) int {
	callback := customerIsCalled(c)
	for i := range c.Conns {
		q := &c.Conns[i]
		switch {
		case q.ID == p.ID || q.AlertingAt == 0:
		case q.State == callmodel.Alerting && q.Leg == callmodel.LegUp && !q.Borrowed && q.AlertingAt == q.SeenAt: // answered in this moment, without ringing
		case callback && i == 0, !callback && q.ConnectedAt == 0:
			return CallRinging
		}
	}
	return CallDialing
}

// customerIsCalled reports whether an agent has taken a callback, or a call that
// they were shown first, and the customer has not answered yet.
func customerIsCalled(c *callmodel.Call) bool {
	if c.Kind != callmodel.KindCallback && c.DialMode != callmodel.DialPreview {
		return false
	}
	customer := &c.Conns[0]
	return c.Phase == callmodel.PhaseDialing || customer.Leg == callmodel.LegNone && customer.State != callmodel.Ended
}

func talks(p *callmodel.Connection) bool {
	return p.State == callmodel.Connected || p.State == callmodel.Hold || p.State == callmodel.Held
}

// conference reports whether three or more talk in a conference; two who are
// left of one do not.
func conference(c *callmodel.Call) bool {
	talkers, marked := 0, false
	for i := range c.Conns {
		if p := &c.Conns[i]; talks(p) {
			talkers++
			marked = marked || p.Conference
		}
	}
	return marked && talkers >= 3
}

// hidden reports whether the CRM is spared an item (sap.md 4.5): calls between
// agents that never were in a queue, and calls that were made outside ICI.
// Consultations are always shown.
func (t translator) hidden(c *callmodel.Call, p *callmodel.Connection) bool {
	switch {
	case c.Kind == callmodel.KindConsult:
		return false
	case made(c, p):
		return t.ignoreMade && c.Origin != originICI
	case p.Direct:
		return t.ignoreDirect && len(c.Queues) == 0 && c.Queue == "" && !p.Joined
	}
	return false
}

// made reports whether the call was made from this line.
func made(c *callmodel.Call, p *callmodel.Connection) bool {
	return c.Conns[0].ID == p.ID && p.Role == callmodel.RoleAgent
}

// afterAccept replaces the reference's lists once the agent has accepted and
// the phone is being called (DESIGN.md 3, decision 6).
var afterAccept = map[status][]int{
	{CallAlerting, NotInProcess}: {CapReroute, CapDrop},
	{CallPreview, Active}:        {CapReroute, CapDrop},
}

// operationOf joins ICI's capabilities with the model's operations.
var operationOf = map[int]callmodel.Op{
	CapAccept: callmodel.OpAccept, CapReroute: callmodel.OpReject,
	CapWrapUpRequired: callmodel.OpRequireWrapUp, CapWrapUpEnded: callmodel.OpEndWrapUp,
	CapGetAttachedData: callmodel.OpGetData, CapSetAttachedData: callmodel.OpSetData, CapDeleteAttachedData: callmodel.OpSetData,
	CapDrop: callmodel.OpDrop, CapHold: callmodel.OpHold, CapUnhold: callmodel.OpRetrieve,
	CapForward: callmodel.OpDeflect | callmodel.OpBlindTransfer, CapConsult: callmodel.OpConsult,
	CapTransfer: callmodel.OpTransfer, CapConference: callmodel.OpConference, CapDropParty: callmodel.OpDropParty,
	CapAlternate: callmodel.OpAlternate, CapReconnect: callmodel.OpReconnect,
}

// translator puts the model's words into ICI's. Immutable.
type translator struct {
	strict       bool
	host         string
	cadMax       int
	ignoreDirect bool // OII.IgnoreOperDirect
	ignoreMade   bool // OII.IgnoreCdtOutbound
	digits       int  // capability of sendDTMF, 0 where it is not offered
	leftOut      *atomic.Uint64
	data         DataSettings

	requested        bool // OII.RequestedWrapUp
	presenceProfiles bool // OII.ShowPresenceProfiles
}

func (t translator) capabilities(p *callmodel.Connection, st status) []int {
	list := DefaultCapabilities(st.call, st.processing)
	if special, ok := afterAccept[st]; ok && p.Accepted {
		list = special
	}
	never, now := callmodel.Impossible(p.Station.Mode), callmodel.Capabilities(p)
	out := make([]int, 0, len(list))
	for _, n := range list {
		op, known := operationOf[n]
		if known && never.Has(op) || t.strict && !(known && now.Has(op)) && st.call != CallBusy {
			continue // what a busy line offers is about the item: the call has ended
		}
		if t.strict && n == CapWrapUpRequired && !t.requested {
			continue // it follows by itself
		}
		out = append(out, n)
	}
	if t.digits != 0 && st.call == CallConnected && (!t.strict || now.Has(callmodel.OpSendDigits)) {
		out = append(out, t.digits)
	}
	return out
}
