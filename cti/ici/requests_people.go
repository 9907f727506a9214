package ici

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"strowger/switch/callmodel"
)

// chosenStates maps the work modes that can always be set (9.2.2).
var chosenStates = map[int]callmodel.SetAgentState{
	LoggedOff: {State: callmodel.LoggedOut}, Ready: {State: callmodel.Ready},
	NotReady: {State: callmodel.NotReady}, NoPhone: {State: callmodel.NotReady, Reason: reasonNoPhone},
}

// chosen is the state behind a work mode: one of the four, or a profile that is told.
func (t translator) chosen(s *staff, mode string) (callmodel.SetAgentState, bool) {
	mode = strings.TrimSpace(mode)
	for i := range s.profiles {
		if p := &s.profiles[i]; p.mode.ID == mode && (p.state == callmodel.NotReady || t.presenceProfiles) {
			return callmodel.SetAgentState{State: p.state, Reason: p.reason}, true
		}
	}
	id, err := strconv.Atoi(mode)
	cmd, known := chosenStates[id]
	if id == NoPhone && !s.noPhone {
		cmd.Reason = "" // the configuration has reasons, and not this one
	}
	return cmd, err == nil && known
}

// setWorkmode changes an agent's state. Wrap-up that the CRM shows is ended by
// the CRM: being ready waits for that.
func (s *Server) setWorkmode(ctx context.Context, req *Request, p *WorkmodeChange) (Reply, error) {
	view, a, err := s.agent(ctx, p.UserID)
	if err != nil {
		return nil, err
	}
	set := s.now()
	cmd, known := set.say.chosen(staffOf(view), p.Workmode)
	if !known {
		return nil, Refuse(ServiceUser, CodeWorkmodeNotAllowed, "there is no work mode %q: 1, 2, 3, 1000 and the profiles that getAttributes lists can be set", short(p.Workmode))
	}
	if set.PreventNotReady && cmd.State == callmodel.NotReady && inCall(view, a) {
		return nil, Refuse(ServiceUser, CodeWorkmodeNotAllowed, "not ready is not possible during a call")
	}
	if a.State == callmodel.LoggedOut && cmd.State != callmodel.LoggedOut && view.Config.AsksPasscode(a.ID, "") {
		return nil, Refuse(ServiceUser, CodeWorkmodeNotAllowed,
			"agent %s's station asks for a passcode, which a CRM cannot show: log in with strowger agents login, over HTTP or over CTIPS", a.ID)
	}
	cmd.Cmd, cmd.Agent, cmd.KeepWrapUp = by(req), a.ID, cmd.State == callmodel.Ready
	return done(s.sw.Do(ctx, cmd))
}

// inCall reports whether an agent has an item that is not over; wrap-up is.
func inCall(v *callmodel.View, a *callmodel.Agent) bool {
	for _, c := range v.Calls {
		if slices.ContainsFunc(a.Items, func(r callmodel.ItemRef) bool {
			return r.Call == c.ID && c.Conn(r.Conn) != nil && c.Conn(r.Conn).State != callmodel.Ended
		}) {
			return true
		}
	}
	return false
}

// setChannels does nothing, as in the reference (9.2.3): a channel is there for
// everybody or for nobody.
func (s *Server) setChannels(ctx context.Context, _ *Request, p *ChannelChoice) (Reply, error) {
	_, _, err := s.agent(ctx, p.UserID)
	return done(err)
}

// Limits of the addresses that a CRM gives a user.
const (
	maxAddresses   = 8
	maxAddressText = 80
)

// setAddresses takes a user's addresses of other channels, to show them beside
// the phone's (9.2.5). The phone is the configuration's: another line is refused.
func (s *Server) setAddresses(ctx context.Context, _ *Request, p *AddressChoice) (Reply, error) {
	_, a, err := s.agent(ctx, p.UserID)
	if err != nil {
		return nil, err
	}
	var others []Address
	for _, at := range p.Addresses {
		at = Address{Address: strings.TrimSpace(at.Address), Channel: strings.TrimSpace(at.Channel)}
		switch {
		case at.Address == "":
		case at.Channel == ChannelPhone && Number(at.Address) != Number(a.Line):
			return nil, Refuse(ServiceUser, CodeAddressNotAllowed, "%s is not the line of %s, which the switch's configuration gives as %s",
				short(at.Address), a.ID, Number(a.Line))
		case at.Channel == ChannelPhone:
		case s.channels[at.Channel] == nil:
			return nil, Refuse(ServiceUser, Malformed(ServiceUser), "there is no channel type %q", short(at.Channel))
		case len(at.Address) > maxAddressText || len(others) == maxAddresses:
			return nil, Refuse(ServiceUser, Malformed(ServiceUser), "a user has at most %d addresses of %d bytes each", maxAddresses, maxAddressText)
		default:
			others = append(others, at)
		}
	}
	s.answerFirst(ctx, a.ID)
	s.board.reachedAt(a.ID, others)
	return &Empty{}, nil
}

// reachedAt notes an agent's addresses of other channels and tells them.
func (b *board) reachedAt(id callmodel.AgentID, others []Address) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.agents[id]
	if a == nil {
		return
	}
	if b.addresses[id] = others; len(others) == 0 {
		delete(b.addresses, id)
	}
	if !b.paused {
		b.agent(a)
	}
}

func (b *board) addressesOf(id callmodel.AgentID) []Address {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.addresses[id]
}
