package sim

import (
	"slices"

	"strowger/switch/callmodel"
)

// Hearing is what the person at a leg hears.
type Hearing struct {
	Legs  []callmodel.ChannelID // people who are heard, by id
	Music string                // class of the music; "" for none, "held" for that of a phone's hold key
	Media []string              // sounds that play now
	Ring  bool                  // ring-back
}

// HeldMusic is the Music of a leg whose other party has pressed hold at the phone.
const HeldMusic = "held"

// Hears reports whether a leg is among those that are heard.
func (h Hearing) Hears(leg callmodel.ChannelID) bool { return slices.Contains(h.Legs, leg) }

// Silent reports whether nothing at all is heard.
func (h Hearing) Silent() bool {
	return len(h.Legs) == 0 && h.Music == "" && len(h.Media) == 0 && !h.Ring
}

// Hears returns what the person at a leg hears now: the people in the same
// bridge who are neither mute nor on hold, music and sounds. A leg that does
// not exist hears nothing.
func (e *Exchange) Hears(leg callmodel.ChannelID) Hearing { return e.Inventory().Hears(leg) }

// Hears is Exchange.Hears at the time of the inventory.
func (v Inventory) Hears(leg callmodel.ChannelID) Hearing {
	h := v.hears(leg)
	h.Media = slices.DeleteFunc(h.Media, func(m string) bool { return m == callmodel.Silence })
	if me, ok := v.Leg(leg); ok && me.State == callmodel.LegUp && !me.OnHold {
		v.whispers(&h, leg)
	}
	slices.Sort(h.Legs)
	h.Legs = slices.Compact(h.Legs)
	return h
}

// hears is Hears without what is whispered to the leg.
func (v Inventory) hears(leg callmodel.ChannelID) Hearing {
	var h Hearing
	me, ok := v.Leg(leg)
	if !ok || me.OnHold || me.State != callmodel.LegUp && !me.Inbound {
		return h
	}
	h.Ring = me.Ringing
	if me.Music {
		h.Music = me.Class
		if h.Music == "" {
			h.Music = "default"
		}
	}
	if len(me.Playing) > 0 { // cut off from the bridge, both ways, while it plays
		h.Media = slices.Clone(me.Playing)
		return h
	}
	if me.Bridge == "" || me.State != callmodel.LegUp {
		return h
	}
	b, _ := v.Bridge(me.Bridge)
	h.Media = slices.Clone(b.Playing)
	for _, id := range b.Members {
		switch l, _ := v.Leg(id); {
		case id == leg:
		case l.TapOf != "":
			v.hearsBy(&h, l)
		case l.talks():
			h.Legs = append(h.Legs, id)
		}
	}
	if other, alone := v.onlyOther(b, leg); alone && other.OnHold && h.Music == "" {
		h.Music = HeldMusic
	}
	return h
}

// talks reports whether what the person at a leg says gets into its bridge.
func (l Leg) talks() bool {
	return l.State == callmodel.LegUp && !l.Muted && !l.OnHold && len(l.Playing) == 0
}

// onlyOther returns the other one of two members.
func (v Inventory) onlyOther(b Bridge, leg callmodel.ChannelID) (Leg, bool) {
	if len(b.Members) != 2 {
		return Leg{}, false
	}
	other := b.Members[0]
	if other == leg {
		other = b.Members[1]
	}
	return v.Leg(other)
}

// Bridge returns a bridge.
func (v Inventory) Bridge(id callmodel.BridgeID) (Bridge, bool) {
	for _, b := range v.Bridges {
		if b.ID == id {
			return b, true
		}
	}
	return Bridge{}, false
}
