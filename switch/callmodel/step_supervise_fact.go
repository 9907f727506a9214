package callmodel

// supervisionFact takes a fact about a leg of a supervision, and reports
// whether it was one: what happens to such a leg concerns no call.
func (s *State) supervisionFact(in Input) bool {
	if len(s.supervisions) == 0 {
		return false
	}
	switch in := in.(type) {
	case ChannelRinging:
		return s.onSupervision(in.Channel, func(id ConnID, tap bool) { s.supervisorRings(id, tap) })
	case ChannelUp:
		return s.onSupervision(in.Channel, s.superviseUp)
	case ChannelJoined:
		return s.onSupervision(in.Channel, func(id ConnID, tap bool) { s.superviseIn(id, tap, in.Bridge, true) })
	case ChannelLeft:
		return s.onSupervision(in.Channel, func(id ConnID, tap bool) { s.superviseIn(id, tap, in.Bridge, false) })
	case ChannelLeftApp:
		return s.onSupervision(in.Channel, func(id ConnID, tap bool) {
			if tap { // of its end nothing else may be told
				s.superviseGone(in.Channel, id, tap)
			}
		})
	case ChannelGone:
		return s.onSupervision(in.Channel, func(id ConnID, tap bool) { s.tombs.add(in.Channel, s.now); s.superviseGone(in.Channel, id, tap) })
	case ChannelReplaced: // the supervisor has transferred their leg: nobody else shall hear this
		return s.onSupervision(in.Old, func(id ConnID, tap bool) {
			v := s.supervisions[id]
			s.superviseGone(in.Old, id, tap)
			s.hangupOrphan(v.Node, in.New)
		})
	case PhoneTransferred:
		return s.onSupervision(in.Channel, func(id ConnID, _ bool) { s.endSupervision(id, "supervisor-hung-up", "") })
	case PhoneTransferredTo:
		end := func(id ConnID, _ bool) { s.endSupervision(id, "supervisor-hung-up", "") }
		first := s.onSupervision(in.First, end)
		return s.onSupervision(in.Second, end) || first
	case ChannelHeld:
		return s.onSupervision(in.Channel, func(ConnID, bool) {})
	case ChannelUnheld:
		return s.onSupervision(in.Channel, func(ConnID, bool) {})
	case DigitReceived: // keys mean nothing to who listens, of a menu that had the leg before neither
		return s.onSupervision(in.Channel, func(ConnID, bool) {})
	case DigitSecret:
		return s.onSupervision(in.Channel, func(ConnID, bool) {})
	case EffectDone:
		return s.superviseDone(in)
	case PlayEnded:
		return s.silenceEnded(in)
	case BridgeGone:
		return s.superviseBridgeGone(in.Bridge)
	}
	return false
}

// onSupervision runs do where a leg is a supervision's; tap says which one it is.
func (s *State) onSupervision(ch ChannelID, do func(id ConnID, tap bool)) bool {
	ref, ok := s.legs[ch]
	if !ok || ref.supervision.IsZero() {
		return false
	}
	do(ref.supervision, s.supervisions[ref.supervision].Tap.Channel == ch)
	return true
}

// supervisorRings is the supervisor's phone ringing: at some stations it is
// asked to answer by itself, for the supervisor wants the call.
func (s *State) supervisorRings(id ConnID, tap bool) {
	v := s.editSupervision(id)
	if tap || v.Leg != LegAsked && v.Leg != LegDown {
		return
	}
	v.Leg, v.SeenAt = LegRinging, s.now
	if v.Station.Mode == TalkNotify && !v.Over {
		h := s.superviseHead(id)
		v = s.editSupervision(id)
		e := NotifyTalk{EffectHead: h, Channel: v.Channel, Endpoint: v.Station.Endpoint}
		if v.Via != "" {
			e.Node, e.Channel = v.Via, ""
		}
		s.do(e)
	}
}

func (s *State) superviseUp(id ConnID, tap bool) {
	v := s.editSupervision(id)
	switch {
	case tap:
		v.Tap.Leg, v.Tap.SeenAt = LegUp, s.now
	case v.Leg == LegUp:
	case v.Over: // answered in the moment when we gave up
		v.Leg, v.SeenAt = LegUp, s.now
		h := s.superviseHead(id)
		s.do(Hangup{EffectHead: h, Channel: s.supervisions[id].Channel, Cause: CauseNormal})
	default:
		v.Leg, v.SeenAt = LegUp, s.now
		s.cancelSuperviseTimer(id)
	}
}

// superviseIn follows a leg or tap into a bridge and out of it.
func (s *State) superviseIn(id ConnID, tap bool, b BridgeID, in bool) {
	v := s.editSupervision(id)
	at, to := &v.In, BridgeID("")
	if tap {
		at, v.Tap.SeenAt = &v.Tap.In, s.now
	} else {
		v.SeenAt = s.now
	}
	switch {
	case in:
		*at = b
	case *at == b:
		*at = to
	default:
		return
	}
	switch {
	case tap && in:
		v.Tap.Asked = false
	case in && v.To == b:
		v.To = ""
	}
	s.withAgent(id)
}

// superviseGone is the end of the supervisor's leg, or of the tap.
func (s *State) superviseGone(ch ChannelID, id ConnID, tap bool) {
	delete(s.legs, ch)
	v := s.editSupervision(id)
	if tap {
		v.Tap = TapState{}
		s.superviseFailed(id)
		return
	}
	borrowed, sup, why := v.Borrowed, v.Supervisor, "supervisor-hung-up"
	if v.Leg != LegUp {
		why = "not-reached"
	}
	v.Leg, v.In, v.To, v.Borrowed = LegGone, "", "", false
	if borrowed {
		s.borrowedGone(sup)
	}
	s.endSupervision(id, why, "")
	if s.supervisions[id] != nil {
		s.freeSupervisor(id)
	}
}

// superviseFailed tries again a little later, a few times.
func (s *State) superviseFailed(id ConnID) {
	v := s.editSupervision(id)
	if n := s.nodes[v.Node]; v.Over || n == nil || !n.Up {
		return
	}
	if v.Tries++; v.Tries > superviseTries {
		s.endSupervision(id, "failed", "")
		return
	}
	s.setSuperviseTimer(id, superviseRetry)
}

// superviseDone is the outcome of an order for a supervision.
func (s *State) superviseDone(in EffectDone) bool {
	if in.What == (Hangup{}).What() && in.Outcome == Failed && in.Gone {
		return s.onSupervision(in.Channel, func(id ConnID, tap bool) { s.superviseGone(in.Channel, id, tap) })
	}
	v := s.supervisions[in.Conn]
	if !in.Call.IsZero() || v == nil {
		return false
	}
	if in.Outcome != Failed || v.Over && in.What != (Originate{}).What() {
		return true // where nobody knows, events and the next resync decide
	}
	switch in.What {
	case Originate{}.What():
		if v.Channel == in.Channel {
			s.superviseGone(in.Channel, v.ID, false)
		}
	case Tap{}.What():
		if v.Tap.Channel == in.Channel {
			s.superviseGone(in.Channel, v.ID, true)
		}
	case Play{}.What():
		s.editSupervision(v.ID).Silence = "" // where it could not be played it is not tried again
	case CreateBridge{}.What():
		s.editSupervision(v.ID).BridgeUp = false
		s.superviseFailed(v.ID)
	case Join{}.What():
		v = s.editSupervision(v.ID)
		v.To, v.Tap.Asked = "", false
		if in.Gone && v.Mode != Barge {
			v.BridgeUp = false
		}
		s.superviseFailed(v.ID)
	}
	return true
}

// superviseBridgeGone is the end of a supervision's own bridge.
func (s *State) superviseBridgeGone(b BridgeID) bool {
	call, ours := b.call()
	v := s.supervisions[ConnID(call)]
	if !ours || v == nil {
		return false
	}
	if v.Bridge != b || !v.BridgeUp {
		return true
	}
	v = s.editSupervision(v.ID)
	v.BridgeUp, v.Tap.Asked = false, false
	if v.In == b {
		v.In = ""
	}
	if v.To == b {
		v.To = ""
	}
	if v.Tap.In == b {
		v.Tap.In = ""
	}
	return true
}

// resyncSupervisions compares the supervisions with what lives on the server.
func (s *State) resyncSupervisions(in Resync, live map[ChannelID]ChannelFact, member map[ChannelID]BridgeID, bridges map[BridgeID]bool) {
	for _, v := range s.supervisionsInOrder() {
		if v.Node == in.Node {
			s.resyncSupervision(v.ID, in, live, member, bridges)
		}
	}
}

func (s *State) resyncSupervision(id ConnID, in Resync, live map[ChannelID]ChannelFact, member map[ChannelID]BridgeID, bridges map[BridgeID]bool) {
	v := s.editSupervision(id)
	settled := in.Fresh || v.OrderedAt < in.AsOf.Add(-settleTime)
	if settled {
		v.To, v.Tap.Asked = "", false
		v.BridgeUp = v.BridgeUp && bridges[v.Bridge]
	}
	if t := v.Tap; t.alive() && t.SeenAt <= in.AsOf {
		if _, there := live[t.Channel]; there {
			v.Tap.Leg, v.Tap.In = LegUp, member[t.Channel]
		} else if settled {
			delete(s.legs, t.Channel)
			v.Tap = TapState{}
		}
	}
	if !v.Leg.alive() || v.SeenAt > in.AsOf {
		return
	}
	f, there := live[v.Channel]
	switch {
	case !there && (settled || v.Leg != LegAsked):
		s.tombs.add(v.Channel, s.now)
		s.superviseGone(v.Channel, id, false)
		return
	case !there:
		return
	}
	v.In = member[v.Channel]
	switch {
	case f.Leg == LegUp && v.Leg != LegUp:
		s.superviseUp(id, false)
	case f.Leg == LegRinging:
		s.supervisorRings(id, false)
	}
	if v = s.supervisions[id]; v.Over && settled && v.Leg.alive() {
		h := s.superviseHead(id)
		s.do(Hangup{EffectHead: h, Channel: s.supervisions[id].Channel, Cause: CauseNormal})
	}
}
