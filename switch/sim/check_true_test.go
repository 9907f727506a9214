package sim

import (
	"slices"

	"strowger/switch/callmodel"
)

// checkQuiet checks that nothing is left after everybody has gone.
func checkQuiet(v *callmodel.View, timers []callmodel.Timer, inv Inventory) error {
	switch {
	case len(v.Calls) > 0:
		c := v.Calls[0]
		return bad("quiet: no calls", "%d left; call %d is %s: %+v", len(v.Calls), c.Number, c.Phase, c.Conns)
	case len(v.Supervisions) > 0:
		return bad("quiet: no supervisions", "%+v", v.Supervisions[0])
	case !inv.Empty():
		return bad("quiet: exchange empty", "%s", inv)
	}
	for _, r := range v.Recordings {
		if !r.Over() {
			return bad("quiet: recordings over", "recording %d is %s: %+v", r.Number, r.State(), r.Tracks)
		}
	}
	for _, t := range timers {
		if t.Key.Kind != callmodel.TimerCallback { // a callback that is over is remembered for a while
			return bad("quiet: no timers", "%+v", timers)
		}
	}
	for _, a := range v.Agents {
		if a.Conn != (callmodel.ConnID{}) || a.State > callmodel.Ready || len(a.Items) > 0 {
			return bad("quiet: agents free", "%s is %s", a.ID, a.State)
		}
	}
	for _, q := range v.Queues {
		if len(q.Waiting) > 0 {
			return bad("quiet: queues empty", "%s", q.ID)
		}
	}
	return nil
}

// checkTrue checks that the model's picture is that of the exchange. It holds
// when the link has been up without faults for a while.
func checkTrue(v *callmodel.View, inv Inventory) error {
	known := map[callmodel.ChannelID]bool{}
	bridges := map[callmodel.BridgeID]bool{}
	for _, a := range v.Agents {
		if n := a.Entering; n != nil {
			known[n.Channel] = true
			if l, there := inv.Leg(n.Channel); !there || n.Leg == callmodel.LegUp && l.State != callmodel.LegUp {
				return bad("true: legs", "%s types at a leg that is %s, the exchange has %v %s", a.ID, n.Leg, there, l.State)
			}
		}
		if a.Standing != nil && live(a.Standing.Leg) {
			known[a.Standing.Channel] = true
			if l, there := inv.Leg(a.Standing.Channel); a.Standing.Leg == callmodel.LegUp && l.State != callmodel.LegUp {
				return bad("true: legs", "%s has a standing leg %s, the exchange has %v %s", a.ID, a.Standing.Leg, there, l.State)
			}
		}
	}
	for _, x := range v.Supervisions {
		known[x.Channel], known[x.Tap.Channel] = true, true
		bridges[x.Bridge] = bridges[x.Bridge] || x.BridgeUp
	}
	for _, c := range v.Calls {
		if c.BridgeUp {
			bridges[c.Bridge] = true
		}
		for i := range c.Conns {
			p := &c.Conns[i]
			if !live(p.Leg) {
				continue
			}
			known[p.Channel] = true
			l, there := inv.Leg(p.Channel)
			asked := p.Leg == callmodel.LegAsked && l.State == callmodel.LegDown // no fact tells this
			if !there || l.State != p.Leg && !asked {
				return bad("true: legs", "call %d connection %d: leg %s, the exchange has %v %s", c.Number, p.Number, p.Leg, there, l.State)
			}
			away := !p.InBridge && !p.Partner.IsZero() // still in the bridge of the line's other call
			if (l.Bridge != "") != p.InBridge && !away {
				return bad("true: bridges", "call %d connection %d: in bridge %v, the exchange has %q", c.Number, p.Number, p.InBridge, l.Bridge)
			}
		}
		if err := checkTruth(c, inv); err != nil {
			return err
		}
	}
	if err := checkHearing(v, inv); err != nil {
		return err
	}
	if err := checkTracks(v, inv); err != nil {
		return err
	}
	if err := checkSupervised(v, inv); err != nil {
		return err
	}
	for _, l := range inv.Legs {
		if !known[l.Channel] {
			return bad("true: no orphan leg", "%+v", l)
		}
	}
	for _, b := range inv.Bridges {
		if !bridges[b.ID] {
			return bad("true: no orphan bridge", "%+v", b)
		}
	}
	return nil
}

// checkTruth checks music and hold; who hears whom is checkHearing's.
func checkTruth(c *callmodel.Call, inv Inventory) error {
	caller, _ := inv.Leg(c.Conns[0].Channel)
	switch c.Phase {
	case callmodel.PhaseTalking:
		for i := range c.Conns {
			p := &c.Conns[i]
			l, up := inv.Leg(p.Channel)
			if !up || !live(p.Leg) {
				continue
			}
			if p.State == callmodel.Held && heldByPhone(c, p, inv) {
				continue // the key's music, or that of the command beside it
			}
			if want := p.State == callmodel.Held; l.Music != want && p.State != callmodel.Hold {
				return bad("true: hold", "call %d connection %d is %s: music %v", c.Number, p.Number, p.State, l.Music)
			}
		}
	case callmodel.PhaseWaiting:
		p := &c.Conns[0]
		if c.Announce != nil && c.Announce.Play != "" && (p.MusicMaybe || p.MusicLate) {
			break // nobody knows if the announcement came, or the music before it ended, until its time is over
		}
		if p.Music != caller.Music {
			return bad("true: music", "call %d: model %v, exchange %v", c.Number, p.Music, caller.Music)
		}
	case callmodel.PhaseOffered, callmodel.PhaseOver, callmodel.PhaseDialing, callmodel.PhaseIVR, callmodel.PhaseRouting, callmodel.PhaseParked, callmodel.PhaseAutomat:
	}
	return nil
}

// heldByPhone reports whether somebody else in the call has pressed a hold key.
func heldByPhone(c *callmodel.Call, p *callmodel.Connection, inv Inventory) bool {
	return slices.ContainsFunc(c.Conns, func(o callmodel.Connection) bool {
		l, _ := inv.Leg(o.Channel)
		return o.ID != p.ID && (o.ByPhone || l.OnHold)
	})
}

// checkHearing checks at a quiet moment that people hear whom the model says
// they hear, and that nobody is left alone in a bridge for ever.
func checkHearing(v *callmodel.View, inv Inventory) error {
	for _, c := range v.Calls {
		for i := range c.Conns {
			p := &c.Conns[i]
			if !live(p.Leg) || p.Leg != callmodel.LegUp {
				continue
			}
			h := inv.Hears(p.Channel)
			switch p.State {
			case callmodel.Connected:
				h.Legs = slices.DeleteFunc(h.Legs, func(id callmodel.ChannelID) bool { return isSupervisor(v, id) })
				if err := hearsOthers(c, p, h, inv); err != nil {
					return err
				}
			case callmodel.Held:
				if len(h.Legs) > 0 && !keyed(c, p) {
					return bad("true: who is held hears nobody", "call %d connection %d hears %v", c.Number, p.Number, h.Legs)
				}
			case callmodel.Hold:
				h.Legs = slices.DeleteFunc(h.Legs, func(id callmodel.ChannelID) bool { return isSupervisor(v, id) }) // who may speak to the agent
				if len(h.Legs) > 0 && !p.ByPhone {
					return bad("true: who holds hears nobody", "call %d connection %d hears %v", c.Number, p.Number, h.Legs)
				}
			case callmodel.Initiated, callmodel.Queued, callmodel.Alerting, callmodel.Ended:
			}
		}
	}
	return nil
}

// hearsOthers checks that a connected party hears exactly the other connected
// ones, unless somebody's hold key or a sound is in between.
func hearsOthers(c *callmodel.Call, p *callmodel.Connection, h Hearing, inv Inventory) error {
	me, _ := inv.Leg(p.Channel)
	if me.OnHold || len(h.Media) > 0 {
		return nil
	}
	others := 0
	for i := range c.Conns {
		o := &c.Conns[i]
		far, there := inv.Leg(o.Channel)
		if o.ID == p.ID || !there || !talks(o.State) {
			continue
		}
		others++
		if o.State != callmodel.Connected {
			continue
		}
		want := far.State == callmodel.LegUp && !o.Muted && !far.OnHold && len(far.Playing) == 0
		if h.Hears(o.Channel) != want {
			return bad("true: who talks is heard", "call %d (%s): connection %d hears %v, of connection %d (%s) it should be %v", c.Number, c.Phase, p.Number, h.Legs, o.Number, o.Channel, want)
		}
	}
	for _, id := range h.Legs {
		if o := legOf(c, id); o == nil || o.State != callmodel.Connected && !keyed(c, o) {
			return bad("true: nobody else is heard", "call %d connection %d hears %s: %+v", c.Number, p.Number, id, o)
		}
	}
	if others == 0 && c.Phase == callmodel.PhaseTalking && c.Target == nil {
		return bad("true: nobody is left alone", "call %d connection %d is %s in a talk with nobody", c.Number, p.Number, p.State)
	}
	return nil
}

// keyed reports whether a connection is on hold by somebody's key. The key that
// ends it may have been pressed while nobody could be told.
func keyed(c *callmodel.Call, o *callmodel.Connection) bool {
	ordered := slices.ContainsFunc(c.Conns, func(p callmodel.Connection) bool { return p.State == callmodel.Hold && !p.ByPhone })
	return o.State == callmodel.Hold && o.ByPhone || o.State == callmodel.Held && !ordered
}

func legOf(c *callmodel.Call, id callmodel.ChannelID) *callmodel.Connection {
	for i := range c.Conns {
		if c.Conns[i].Channel == id && live(c.Conns[i].Leg) {
			return &c.Conns[i]
		}
	}
	return nil
}
