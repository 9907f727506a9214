package ici

import (
	"strconv"

	"strowger/switch/callmodel"
)

// reasonNoPhone is the not-ready reason behind work mode 1000.
const reasonNoPhone = "no-phone"

// Work modes of profiles begin here: reasons for being away (absence profiles)
// and for being ready (presence profiles), each plus the reason's number.
const (
	absenceBase  = 1000
	presenceBase = 1_000_000
)

// workmodes maps agent states; a call does not change the work mode.
var workmodes = map[callmodel.AgentState]int{
	callmodel.LoggedOut: LoggedOff, callmodel.NotReady: NotReady, callmodel.Ready: Ready,
	callmodel.Reserved: Ready, callmodel.OnCall: Ready, callmodel.InWrapUp: Ready,
}

// profile is a reason that shows as a work mode.
type profile struct {
	mode   TextElement
	state  callmodel.AgentState
	reason string
}

// staff is what the words about agents need of the configuration.
type staff struct {
	queues   map[callmodel.QueueID]*callmodel.Queue
	hidden   map[callmodel.QueueID]bool // their calls are not told
	profiles []profile                  // in the configuration's order
	noPhone  bool                       // the reason behind work mode 1000 may be given
}

func staffOf(v *callmodel.View) *staff {
	out := &staff{queues: queuesOf(v), hidden: map[callmodel.QueueID]bool{}, noPhone: true}
	if v.Config == nil {
		return out
	}
	for i := range v.Config.Queues {
		if q := &v.Config.Queues[i]; q.NoCTI {
			out.hidden[q.ID] = true
		}
	}
	away, named := false, false
	for i := range v.Config.Reasons {
		r := &v.Config.Reasons[i]
		p := profile{mode: TextElement{ID: strconv.FormatInt(absenceBase+r.Number, 10), Description: r.Name}, state: callmodel.NotReady, reason: r.ID}
		switch {
		case r.For == "not-ready" && r.ID == reasonNoPhone:
			away, named = true, true
			continue
		case r.For == "not-ready":
			away = true
		case r.For == "ready":
			p.mode.ID, p.state = strconv.FormatInt(presenceBase+r.Number, 10), callmodel.Ready
		default:
			continue
		}
		if p.mode.Description == "" {
			p.mode.Description = r.ID
		}
		out.profiles = append(out.profiles, p)
	}
	out.noPhone = !away || named
	return out
}

// profile finds the profile behind a state and its reason, nil if there is none.
func (s *staff) profile(state callmodel.AgentState, reason string) *profile {
	for i := range s.profiles {
		if p := &s.profiles[i]; p.state == state && p.reason == reason {
			return p
		}
	}
	return nil
}

// modes lists the work modes that can be set.
func (t translator) modes(s *staff) []TextElement {
	out := Workmodes()
	for _, p := range s.profiles {
		if p.state == callmodel.NotReady || t.presenceProfiles {
			out = append(out, p.mode)
		}
	}
	return out
}

// mode is what the agent has chosen: not ready shows at once, even where it
// waits for the end of the call; logged off shows when it has happened.
func (t translator) mode(s *staff, a *callmodel.Agent) TextElement {
	id, reason := workmodeOf(a)
	var p *profile
	switch {
	case id == NotReady:
		p = s.profile(callmodel.NotReady, reason)
	case id == Ready && t.presenceProfiles:
		p = s.profile(callmodel.Ready, a.Profile)
	}
	if p != nil {
		return p.mode
	}
	return Workmode(id)
}

// workmodeOf is the fixed work mode that an agent is in, and its reason.
func workmodeOf(a *callmodel.Agent) (mode int, reason string) {
	state, reason := a.State, a.Reason
	if a.Pending == callmodel.NotReady {
		state, reason = a.Pending, a.PendingReason
	}
	if state == callmodel.NotReady && reason == reasonNoPhone {
		return NoPhone, reason
	}
	return workmodes[state], reason
}

// user is an agent as the CRM sees it, under the name that the CRM uses.
func (t translator) user(s *staff, a *callmodel.Agent, userID string) User {
	own, current := make([]TextElement, 0, len(a.Queues)), make([]TextElement, 0, len(a.Queues))
	for _, id := range a.Queues {
		if s.hidden[id] {
			continue
		}
		own = append(own, queueElement(s.queues[id], id))
		if a.Serves(id) {
			current = append(current, own[len(own)-1])
		}
	}
	phone := []TextElement{{ID: ChannelPhone, Description: "Telephony"}}
	wrapUp := WrapUpAutomatic
	if t.requested {
		wrapUp = WrapUpRequested
	}
	return User{
		UserID: userID, CurrentWorkmode: t.mode(s, a), Workmodes: t.modes(s), WrapUpMode: wrapUp,
		CurrentChannels: phone, Channels: phone, CurrentQueues: current, Queues: own,
		Addresses: []Address{{Address: Number(a.Line), Channel: ChannelPhone}}, CmsHostID: t.host,
	}
}

// queueElement names a queue by its number, as the CRM's configuration does.
func queueElement(q *callmodel.Queue, id callmodel.QueueID) TextElement {
	if q == nil {
		return TextElement{ID: string(id), Description: string(id)}
	}
	number := q.Address
	if number == "" {
		number = strconv.FormatInt(q.Number, 10)
	}
	return TextElement{ID: number, Description: q.Name}
}
