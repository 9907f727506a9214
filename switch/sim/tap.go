package sim

import (
	"slices"

	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// tap makes a leg that hears what another one hears and says. It is in the
// application at once, and ends with the other one.
func (e *Exchange) tap(o callmodel.Tap) port.EffectResult {
	of := e.channels[o.Of]
	switch {
	case of == nil:
		return gone(o, string(o.Of))
	case e.channels[o.Channel] != nil:
		return okay // asked for twice
	}
	ch := &channel{id: o.Channel, state: callmodel.LegDown, of: of, whisper: o.Whisper}
	e.channels[ch.id] = ch
	of.taps = append(of.taps, ch)
	e.stats.Taps++
	e.later(ch, e.opt.EventDelay, func() { e.up(ch) })
	e.touch()
	return okay
}

// endTaps ends what listens to a leg that has ended.
func (e *Exchange) endTaps(ch *channel) {
	for len(ch.taps) > 0 {
		e.end(ch.taps[0], callmodel.CauseNormal, 0)
	}
}

// untap forgets a tap at the leg that it listens to.
func (ch *channel) untap() {
	if ch.of != nil {
		ch.of.taps = slices.DeleteFunc(ch.of.taps, func(t *channel) bool { return t == ch })
	}
}

// hearsBy adds to what a leg hears what comes by the taps in its bridge: what
// each one's leg hears and says. It does not carry whispers to others.
func (v Inventory) hearsBy(h *Hearing, tap Leg) {
	of, ok := v.Leg(tap.TapOf)
	if !ok {
		return
	}
	if of.talks() {
		h.Legs = append(h.Legs, of.Channel)
	}
	there := v.hears(of.Channel)
	h.Legs = append(h.Legs, there.Legs...)
	h.Media = append(h.Media, there.Media...)
	h.Ring = h.Ring || there.Ring
	if there.Music != "" {
		h.Music = there.Music
	}
}

// whispers adds to what a leg hears what is whispered to it.
func (v Inventory) whispers(h *Hearing, leg callmodel.ChannelID) {
	for _, t := range v.Legs {
		if t.TapOf != leg || !t.Whisper || t.Bridge == "" {
			continue
		}
		b, _ := v.Bridge(t.Bridge)
		for _, id := range b.Members {
			if l, _ := v.Leg(id); id != t.Channel && l.TapOf == "" && l.talks() {
				h.Legs = append(h.Legs, id)
			}
		}
	}
}
