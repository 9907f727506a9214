package sim

import (
	"context"
	"fmt"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Leg is one live leg as seen at the exchange.
type Leg struct {
	Channel  callmodel.ChannelID
	State    callmodel.LegState
	Inbound  bool
	Endpoint string             // of the phone; empty for callers
	Bridge   callmodel.BridgeID // empty: in none
	Music    bool
	Class    string   // of the music
	Ringing  bool     // hears ringing
	OnHold   bool     // its person has pressed hold
	Muted    bool     // the others do not hear it
	Playing  []string // sounds that it alone hears now
	Plays    int      // sounds that play or wait for their turn
	Dial     string   // number called by a trunk
	CallerID string   // number that was shown to it
	Trunk    string

	TapOf   callmodel.ChannelID // the leg that it listens to; empty: it is a person's
	Whisper bool                // that leg hears what is said in the tap's bridge
}

// Bridge is one live bridge with its members in the order of joining.
type Bridge struct {
	ID      callmodel.BridgeID
	Members []callmodel.ChannelID
	Playing []string // sounds that all of them hear now
}

// Inventory is everything that lives on the exchange, by id.
type Inventory struct {
	LinkUp  bool
	Epoch   string
	Legs    []Leg
	Bridges []Bridge
	Tracks  []Track // that are being recorded
	Timers  int     // pending; for leak checks
	Vaults  int     // open collections of digits
}

// Empty reports whether no leg, no bridge and no recording is left.
func (v Inventory) Empty() bool { return len(v.Legs) == 0 && len(v.Bridges) == 0 && len(v.Tracks) == 0 }

// Leg returns a leg.
func (v Inventory) Leg(id callmodel.ChannelID) (Leg, bool) {
	for _, l := range v.Legs {
		if l.Channel == id {
			return l, true
		}
	}
	return Leg{}, false
}

// Talking reports whether a leg is answered and in a bridge with another answered leg.
func (v Inventory) Talking(id callmodel.ChannelID) bool {
	me, ok := v.Leg(id)
	if !ok || me.State != callmodel.LegUp || me.Bridge == "" {
		return false
	}
	for _, l := range v.Legs {
		if l.Channel != id && l.Bridge == me.Bridge && l.State == callmodel.LegUp {
			return true
		}
	}
	return false
}

// String lists what is left, for the message of a leak check.
func (v Inventory) String() string {
	s := fmt.Sprintf("%d legs, %d bridges", len(v.Legs), len(v.Bridges))
	for _, l := range v.Legs {
		s += fmt.Sprintf("\n  leg %s %s endpoint=%q dial=%q bridge=%q music=%v playing=%v", l.Channel, l.State, l.Endpoint, l.Dial, l.Bridge, l.Music, l.Playing)
	}
	for _, b := range v.Bridges {
		s += fmt.Sprintf("\n  bridge %s %v", b.ID, b.Members)
	}
	for _, t := range v.Tracks {
		s += fmt.Sprintf("\n  track %s of %s", t.Name, t.Channel)
	}
	return s
}

// Inventory returns what lives now.
func (e *Exchange) Inventory() Inventory {
	e.mu.Lock()
	defer e.unlock()
	return e.inventory()
}

func (e *Exchange) inventory() Inventory {
	v := Inventory{LinkUp: e.wire.link == linkUp, Epoch: e.epoch(), Timers: len(e.timers), Vaults: len(e.vault), Tracks: e.liveTracks()}
	for _, ch := range e.channelsInOrder() {
		l := Leg{
			Channel: ch.id, State: ch.state, Inbound: ch.inbound, Music: ch.music, Class: ch.class, Ringing: ch.ring,
			OnHold: ch.held, Muted: ch.muted, Playing: playing(ch.plays), Plays: len(ch.plays), CallerID: ch.shown,
		}
		switch {
		case ch.phone != nil && ch.phone.number:
			l.Dial = ch.phone.endpoint
		case ch.phone != nil:
			l.Endpoint = ch.phone.endpoint
		}
		if ch.of != nil {
			l.TapOf, l.Whisper = ch.of.id, ch.whisper
		}
		if ch.trunk != nil {
			l.Trunk = ch.trunk.endpoint
		}
		if ch.bridge != nil {
			l.Bridge = ch.bridge.id
		}
		v.Legs = append(v.Legs, l)
	}
	for _, b := range e.bridgesInOrder() {
		f := Bridge{ID: b.id, Playing: playing(b.plays)}
		for _, m := range b.members {
			f.Members = append(f.Members, m.id)
		}
		v.Bridges = append(v.Bridges, f)
	}
	return v
}

func playing(queue []*play) []string {
	if len(queue) == 0 {
		return nil
	}
	return queue[0].media
}

// Wait blocks until the inventory is as wanted. Its error, of kind
// Unavailable or Stopped, carries the last inventory in its reason.
func (e *Exchange) Wait(ctx context.Context, what string, ok func(Inventory) bool) error {
	for {
		e.mu.Lock()
		v, changed, stopped := e.inventory(), e.changed, e.stopped
		e.unlock()
		switch {
		case ok(v):
			return nil
		case stopped:
			return fault.New(fault.Stopped, "sim: wait", what, "the exchange has been stopped")
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return &fault.Error{Kind: fault.Unavailable, Op: "sim: wait", Subject: what, Reason: "did not happen in time: " + v.String(), Err: ctx.Err()}
		}
	}
}

// WaitLink blocks until the link is up and the Resync has been handed over.
func (e *Exchange) WaitLink(ctx context.Context) error {
	return e.Wait(ctx, "link up", func(v Inventory) bool { return v.LinkUp })
}

// WaitEmpty blocks until no leg and no bridge is left.
func (e *Exchange) WaitEmpty(ctx context.Context) error {
	return e.Wait(ctx, "empty exchange", Inventory.Empty)
}

// WaitTalking blocks until the caller talks to somebody.
func (l *CallerLeg) WaitTalking(ctx context.Context) error {
	return l.ex.Wait(ctx, string(l.ch.id)+" talking", func(v Inventory) bool { return v.Talking(l.ch.id) })
}

// WaitMusic blocks until the caller hears music.
func (l *CallerLeg) WaitMusic(ctx context.Context) error {
	return l.ex.Wait(ctx, string(l.ch.id)+" hears music", func(v Inventory) bool { leg, _ := v.Leg(l.ch.id); return leg.Music })
}

// WaitGone blocks until the leg has ended.
func (l *CallerLeg) WaitGone(ctx context.Context) error {
	return l.ex.Wait(ctx, string(l.ch.id)+" gone", func(v Inventory) bool { _, live := v.Leg(l.ch.id); return !live })
}

// WaitState blocks until the phone's leg is in a state; LegNone is an idle phone.
func (p *Phone) WaitState(ctx context.Context, s callmodel.LegState) error {
	return p.ex.Wait(ctx, p.endpoint+" "+s.String(), func(Inventory) bool { return p.LegState() == s })
}
