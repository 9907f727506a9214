package callmodel

import "time"

// superviseRetry is the wait after an order for a supervision that failed, and
// superviseTries how many in a row end it.
const (
	superviseRetry = 500 * time.Millisecond
	superviseTries = 4
)

// tapPause is the time between two taps of one leg: the server has to have
// forgotten the first, or the second may miss what comes from a party that the
// first has heard already.
const tapPause = 100 * time.Millisecond

func (s *State) setSuperviseTimer(id ConnID, d time.Duration) {
	s.counters.Timer++
	t := Timer{Key: TimerKey{Kind: TimerSupervise, Conn: id}, Due: s.now.Add(d), Gen: s.counters.Timer}
	s.timers[t.Key] = t
	s.out.Timers = append(s.out.Timers, TimerOp{Timer: t})
}

func (s *State) cancelSuperviseTimer(id ConnID) { s.cancelTimer(TimerSupervise, CallID{}, id) }

// superviseTimer is the supervisor's phone that rang out, or the time for the
// next notice, or for another try.
func (s *State) superviseTimer(id ConnID) {
	switch v := s.supervisions[id]; {
	case v == nil || v.Over:
	case v.Pause:
		s.editSupervision(id).Pause = false
	case v.Leg != LegUp:
		s.endSupervision(id, "no-answer", "")
	case v.Tries > 0: // settleSupervisions orders again what is missing
	case v.HeardAt != 0:
		s.playNotice(id)
	}
}

// settleSupervisions brings every supervision to where it should be, after
// whatever this step has changed. It does nothing where nothing has changed.
func (s *State) settleSupervisions() {
	for _, takeOvers := range []bool{true, false} { // they may end the conversation of others
		for _, v := range s.supervisionsInOrder() {
			if !v.Over && (v.Mode == TakingOver) == takeOvers {
				s.settleSupervision(v.ID)
			}
		}
	}
}

func (s *State) settleSupervision(id ConnID) {
	v := s.supervisions[id]
	at, ok := s.conversation(v)
	sup := s.agents[v.Supervisor]
	switch {
	case !ok:
		s.endSupervision(id, "conversation-over", "")
		return
	case sup == nil || sup.Supervises != id || len(sup.Items) > 0:
		s.endSupervision(id, "supervisor-busy", "") // the supervisor's phone has called somebody
		return
	case s.calls[at.Call].Node != v.Node:
		s.endSupervision(id, "other-server", "")
		return
	case sup.Removed:
		s.endSupervision(id, "supervisor-removed", "")
		return
	case at != (ItemRef{v.Call, v.Conn}):
		v = s.editSupervision(id)
		v.Call, v.Conn = at.Call, at.Conn
		s.emitSupervision(EvSupervisionChanged, id, "", "")
	}
	if n := s.nodes[v.Node]; v.Leg != LegUp || n == nil || !n.Up {
		return // the resync goes on
	}
	if _, waits := s.timers[TimerKey{Kind: TimerSupervise, Conn: id}]; waits && v.Tries > 0 {
		return
	}
	switch v.Mode {
	case TakingOver:
		s.takenOver(id)
	case Barge:
		s.besideAgent(id)
	case Listen, Whisper:
		s.behindAgent(id)
	}
	if s.supervisions[id] != nil {
		s.keepAwake(id)
	}
}

// conversation finds where the supervised agent's phone is: the connection of
// the line that has the leg, as long as somebody talks on that line.
func (s *State) conversation(v *Supervision) (ItemRef, bool) {
	a := s.agents[v.Agent]
	if a == nil {
		return ItemRef{}, false
	}
	talks, at := false, ItemRef{}
	for _, r := range a.Items {
		c := s.calls[r.Call]
		if c == nil || c.Conn(r.Conn) == nil {
			continue
		}
		p := c.Conn(r.Conn)
		if p.State == Ended {
			continue
		}
		talks = talks || p.talks()
		if p.Leg.alive() && p.Channel != "" || at.Conn.IsZero() && p.talks() {
			at = r
		}
	}
	return at, talks && !at.Conn.IsZero()
}

// besideAgent puts the supervisor into the bridge that the agent is in: all
// hear all. While the agent goes from one to another the supervisor waits in
// the one before only if it is of the same call.
func (s *State) besideAgent(id ConnID) {
	v := s.supervisions[id]
	c := s.calls[v.Call]
	want := c.Conn(v.Conn).In
	s.dropTap(id)
	switch {
	case want != "":
		s.placeSupervisor(id, want)
	case v.In != "" && v.In != c.Bridge && v.In != v.Bridge && v.To == "":
		h := s.superviseHead(id)
		v = s.editSupervision(id)
		in := v.In
		v.In = ""
		s.do(Leave{EffectHead: h, Bridge: in, Channel: v.Channel})
	}
}

// behindAgent lets the supervisor hear what the agent hears and says, in a
// bridge of their own; whispering, the agent hears them.
func (s *State) behindAgent(id ConnID) {
	v := s.supervisions[id]
	leg := s.calls[v.Call].Conn(v.Conn)
	if !v.BridgeUp {
		h := s.superviseHead(id)
		v = s.editSupervision(id)
		v.BridgeUp = true
		v.Bridges++
		v.Bridge = bridgeOf(CallID(id), v.Bridges)
		s.do(CreateBridge{EffectHead: h, Bridge: v.Bridge})
	}
	whisper := v.Mode == Whisper
	moved := leg.In != "" && leg.In != v.Tap.At
	if t := v.Tap; t.alive() && (t.Of != leg.Channel || t.Whisper != whisper || moved) {
		s.dropTap(id)
	}
	s.placeSupervisor(id, s.supervisions[id].Bridge)
	v = s.supervisions[id]
	switch t := v.Tap; {
	case !t.alive() && leg.Leg == LegUp && !v.Pause:
		h := s.superviseHead(id)
		v = s.editSupervision(id)
		v.Taps++
		v.Tap = TapState{Channel: tapOf(id, v.Taps), Of: leg.Channel, Whisper: whisper, Leg: LegAsked, SeenAt: s.now, At: leg.In}
		s.legs[v.Tap.Channel] = legRef{supervision: id}
		s.do(Tap{EffectHead: h, Channel: v.Tap.Channel, Of: v.Tap.Of, Whisper: whisper})
	case t.Leg == LegUp && t.In != v.Bridge && !t.Asked:
		h := s.superviseHead(id)
		v = s.editSupervision(id)
		v.Tap.Asked = true
		s.do(Join{EffectHead: h, Bridge: v.Bridge, Channels: []ChannelID{v.Tap.Channel}})
	}
}

// placeSupervisor orders the supervisor's leg into a bridge.
func (s *State) placeSupervisor(id ConnID, b BridgeID) {
	v := s.supervisions[id]
	if v.To == b || v.To == "" && v.In == b {
		return
	}
	h := s.superviseHead(id)
	v = s.editSupervision(id)
	v.To = b
	s.do(Join{EffectHead: h, Bridge: b, Channels: []ChannelID{v.Channel}})
}

// dropTap ends the tap. What is told of it later concerns nobody.
func (s *State) dropTap(id ConnID) {
	v := s.supervisions[id]
	if !v.Tap.alive() {
		return
	}
	h := s.superviseHead(id)
	v = s.editSupervision(id)
	ch := v.Tap.Channel
	v.Tap, v.Pause = TapState{}, true
	s.setSuperviseTimer(id, tapPause)
	delete(s.legs, ch)
	s.orphans.remove(ch)
	s.orphans.add(ch, s.now) // its end is ordered: no incident where it still shows
	s.do(Hangup{EffectHead: h, Channel: ch, Cause: CauseNormal})
}

// withAgent notes that the supervisor is where they should be.
func (s *State) withAgent(id ConnID) {
	v := s.supervisions[id]
	c := s.calls[v.Call]
	if v.Over || c == nil || c.Conn(v.Conn) == nil {
		return
	}
	beside := v.Mode == Barge && v.In != "" && v.In == c.Conn(v.Conn).In
	behind := v.Mode != Barge && v.In != "" && v.In == v.Bridge && v.Tap.Leg == LegUp && v.Tap.In == v.Bridge
	if !beside && !behind {
		return
	}
	v = s.editSupervision(id)
	if v.Tries > 0 {
		v.Tries = 0
		if !v.Pause {
			s.cancelSuperviseTimer(id)
		}
	}
	if v.HeardAt == 0 {
		v.HeardAt = s.now
		s.emitSupervision(EvSupervisionChanged, id, "", "")
		s.playNotice(id)
		return
	}
	s.noticeAgain(id)
}
