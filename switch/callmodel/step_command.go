package callmodel

import (
	"slices"
	"strings"

	"strowger/switch/fault"
)

// MaxReason is the longest not-ready reason, in bytes.
const MaxReason = 64

// MaxApps is how many applications can attach data to one call.
const MaxApps = 64

func (s *State) setAgentState(c SetAgentState) error {
	a := s.agents[c.Agent]
	if a == nil || a.Removed {
		return fault.New(fault.NotFound, c.Tag(), string(c.Agent), "no such agent in the configuration")
	}
	switch c.State {
	case LoggedOut, NotReady, Ready:
	case Reserved, OnCall, InWrapUp:
		return fault.New(fault.Invalid, c.Tag(), string(c.Agent), "only logged-out, not-ready and ready can be set; the others follow from calls")
	default:
		return fault.New(fault.Invalid, c.Tag(), string(c.Agent), "unknown agent state")
	}
	if len(c.Reason) > MaxReason {
		return fault.Newf(fault.Invalid, c.Tag(), string(c.Agent), "the reason has more than %d bytes", MaxReason)
	}
	if a.busy() {
		return s.setPending(c)
	}
	if a.State == c.State && a.Reason == c.Reason {
		return nil
	}
	if cfg := s.config.Agent(c.Agent); cfg != nil && a.State == LoggedOut {
		s.configureAgent(cfg) // the station may have changed since the last shift
	}
	a = s.editAgent(c.Agent)
	if a.State == LoggedOut {
		a.Handled = 0
	}
	if c.State == Ready && a.State != Ready {
		a.IdleSince = s.now
	}
	a.State, a.Reason, a.Since = c.State, c.Reason, s.now
	s.emitAgent(c.Agent)
	s.serve(c.Agent)
	return nil
}

// setPending keeps the state for after the call; logging out while an offer
// rings withdraws the offer at once.
func (s *State) setPending(c SetAgentState) error {
	a := s.editAgent(c.Agent)
	if a.State == Reserved && c.State == LoggedOut {
		call, conn := a.Call, a.Conn
		s.offerOver(call, conn, CauseNormal, offerLogout)
		return nil
	}
	if a.Pending == c.State && a.PendingReason == c.Reason {
		return nil
	}
	a.Pending, a.PendingReason = c.State, c.Reason
	s.emitAgent(c.Agent)
	return nil
}

// accept has the phone called with auto-answer. The offer goes on alerting
// until the phone answers.
func (s *State) accept(id CallID, conn ConnID) {
	_, p := s.editConn(id, conn)
	p.Accepted = true
	s.cancelTimer(TimerOffer, id, conn)
	s.setTimer(TimerAccept, id, conn, p.Station.AcceptTimeout)
	s.callStation(id, conn, p.Station.AcceptTimeout, true)
	s.emitCall(EvDataChanged, id, conn)
}

func (s *State) reject(id CallID, conn ConnID) {
	s.offerOver(id, conn, CauseRejected, offerRejected)
}

func (s *State) drop(id CallID, conn ConnID) {
	p := s.calls[id].Conn(conn)
	switch {
	case p.Processing == WrapUp:
		s.wrapUpOver(id, conn)
	case p.State == Alerting:
		s.reject(id, conn)
	default:
		s.endAgentConn(id, conn, CauseNormal)
		s.clearCaller(id, CauseNormal)
		s.over(id)
	}
}

func (s *State) dropLine(c DropLine) error {
	a := s.agents[c.Agent]
	if a == nil {
		return fault.New(fault.NotFound, c.Tag(), string(c.Agent), "no such agent")
	}
	switch a.State {
	case Reserved:
		s.reject(a.Call, a.Conn)
	case OnCall:
		if p := s.calls[a.Call].Conn(a.Conn); Capabilities(p).Has(OpDrop) {
			s.drop(a.Call, a.Conn)
		}
	case LoggedOut, NotReady, Ready, InWrapUp:
	}
	return nil
}

func (s *State) requireWrapUp(id CallID, conn ConnID) {
	_, p := s.editConn(id, conn)
	p.NeedWrapUp = true
}

func (s *State) setData(c SetData) error {
	call := s.CallByConn(c.Conn)
	if call == nil {
		return fault.New(fault.NotFound, c.Tag(), c.Conn.Hex(), "no such connection: the call has ended or never was")
	}
	next := []AttachedData{}
	if !c.Replace {
		next = slices.Clone(call.Attached)
	}
	for _, e := range c.Entries {
		if e.App == "" || len(e.App) > 128 {
			return fault.New(fault.Invalid, c.Tag(), c.Conn.Hex(), "an application id has 1 to 128 bytes")
		}
		at, found := slices.BinarySearchFunc(next, e.App, func(d AttachedData, app string) int { return strings.Compare(d.App, app) })
		switch {
		case found && e.Data == "":
			next = slices.Delete(next, at, at+1)
		case found:
			next[at] = e
		case e.Data != "":
			next = slices.Insert(next, at, e)
		}
	}
	size := 0
	for _, d := range next {
		size += len(d.App) + len(d.Data)
	}
	limit := s.config.AttachedMax
	if size > limit || len(next) > MaxApps {
		return fault.Newf(fault.Invalid, c.Tag(), c.Conn.Hex(), "attached data would have %d bytes in %d applications; the limits are %d and %d",
			size, len(next), limit, MaxApps)
	}
	if slices.Equal(next, call.Attached) {
		return nil
	}
	s.edit(call.ID).Attached = next
	s.emitCall(EvDataChanged, call.ID, c.Conn)
	return nil
}
