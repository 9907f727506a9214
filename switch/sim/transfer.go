package sim

import (
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// referWait is Asterisk's own pause before it connects the two calls of a phone.
const referWait = 500 * time.Millisecond

// Transfer sends the other party of the phone's answered line elsewhere without
// asking there (SIP REFER). As with the link to a real Asterisk the controller
// gets one fact; the phone's leg leaves its bridge and is hung up, the others
// stay where they are. Fault kinds: Conflict (not in a call, or alone in it), Invalid.
func (p *Phone) Transfer(to string) error {
	if to == "" {
		return fault.New(fault.Invalid, "sim: transfer", p.endpoint, "a number is needed")
	}
	var bad error
	err := p.onLine("transfer", func(ch *channel) {
		e := ch.ex
		if e != p.ex {
			bad = fault.New(fault.Conflict, "sim: transfer", p.endpoint, "the call is another exchange's: it refuses")
			return
		}
		if ch.bridge == nil || len(ch.bridge.members) < 2 {
			bad = fault.New(fault.Conflict, "sim: transfer", p.endpoint, "nobody is there to be transferred")
			return
		}
		e.stats.BlindTransfers++
		ch.held = false
		e.emit(callmodel.ChannelUnheld{Channel: ch.id})
		e.emit(callmodel.PhoneTransferred{Channel: ch.id, To: to})
		e.end(ch, callmodel.CauseNormal, 0)
	}, answered)
	if err != nil {
		return err
	}
	return bad
}

// Connect connects the parties of the phone's two lines with each other (SIP
// REFER with Replaces): half a second later the controller gets one fact, both
// legs leave their bridges and are hung up. The second call may be unanswered
// yet. Fault kind: Conflict.
func (p *Phone) Connect() error {
	e := p.ex
	e.mu.Lock()
	defer e.unlock()
	if len(p.lines) != 2 || p.lines[0].state != callmodel.LegUp || !p.lines[1].inApp() {
		return fault.New(fault.Conflict, "sim: connect", p.endpoint, "two calls are needed, the first one answered")
	}
	first, second := p.lines[0], p.lines[1]
	if first.ex != e || second.ex != e {
		return fault.New(fault.Conflict, "sim: connect", p.endpoint, "a call is another exchange's: it refuses")
	}
	if first.bridge == nil && second.bridge == nil {
		return fault.New(fault.Conflict, "sim: connect", p.endpoint, "nobody is there to be transferred")
	}
	for _, ch := range []*channel{first, second} {
		ch.held = false
		e.emit(callmodel.ChannelUnheld{Channel: ch.id})
	}
	e.later(first, Exactly(referWait), func() {
		if e.channels[second.id] != second {
			return // it ended meanwhile: Asterisk gives up
		}
		e.stats.AttendedTransfers++
		e.emit(callmodel.PhoneTransferredTo{First: first.id, Second: second.id})
		e.end(second, callmodel.CauseNormal, 0)
		e.end(first, callmodel.CauseNormal, 0)
	})
	return nil
}

// Replace puts another leg in a leg's place, as the server does when a phone
// takes a call over with an INVITE that has Replaces: the same person, the same
// bridge, another id. It returns the new id. Fault kind: Conflict (no answered leg with this id).
func (e *Exchange) Replace(id callmodel.ChannelID) (callmodel.ChannelID, error) {
	e.mu.Lock()
	defer e.unlock()
	old := e.channels[id]
	if old == nil || old.state != callmodel.LegUp || old.leg != nil || old.of != nil {
		return "", fault.New(fault.Conflict, "sim: replace", string(id), "no answered leg of a phone has this id")
	}
	e.stats.Replaced++
	now := &channel{
		id: e.legID("swap"), ex: e, state: callmodel.LegUp,
		inbound: old.inbound, from: old.from, shown: old.shown, trunk: old.trunk, phone: old.phone, talked: old.talked,
	}
	e.channels[now.id] = now
	if now.trunk != nil {
		now.trunk.live++
	}
	if now.phone != nil {
		now.phone.lines = append(now.phone.lines, now)
	}
	e.emit(callmodel.ChannelReplaced{Old: old.id, New: now.id})
	b := old.bridge
	e.silence(old)
	e.leave(old)
	if b != nil {
		e.join(b, now)
	}
	e.end(old, callmodel.CauseNormal, 0)
	return now.id, nil
}
