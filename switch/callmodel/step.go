package callmodel

import "fmt"

// Step applies in at time now. It never blocks, reads a clock, draws a random
// number or starts a goroutine. now must not go back.
func (s *State) Step(now Instant, in Input) Output {
	var out Output
	s.out, s.now = &out, max(now, s.now)
	s.gen++
	s.steps++
	if cmd, ok := in.(Command); ok {
		out.Fault = s.command(cmd)
	} else if !s.supervisionFact(in) {
		s.fact(in)
	}
	if len(s.supervisions) > 0 {
		s.settleSupervisions()
	}
	s.record()
	s.out = nil
	return out
}

func (s *State) fact(in Input) {
	switch in := in.(type) {
	case ChannelArrived:
		s.channelArrived(in, false)
	case ChannelRinging:
		s.channelRinging(in.Node, in.Channel)
	case ChannelUp:
		s.channelUp(in.Node, in.Channel)
	case ChannelHeld:
		s.phoneHold(in.Channel, true)
	case ChannelUnheld:
		s.phoneHold(in.Channel, false)
	case ChannelJoined:
		s.channelJoined(in.Channel, in.Bridge)
	case ChannelLeft:
		s.channelLeft(in.Channel, in.Bridge)
	case ChannelLeftApp:
		s.channelLeftApp(in.Channel)
	case ChannelGone:
		s.channelGone(in.Channel, in.Cause, in.TechCause)
	case ChannelReplaced:
		s.channelReplaced(in)
	case PhoneTransferred:
		s.phoneTransferred(in)
	case PhoneTransferredTo:
		s.phoneTransferredTo(in)
	case PlayEnded:
		s.playEnded(in.Play, in.Failed)
	case DigitReceived:
		s.digit(in)
	case DigitSecret:
		s.digitSecret(in)
	case EndpointState:
		s.endpointState(in.Node, in.Endpoint, in.Online)
		s.peerChanged(in.Endpoint, in.Online)
	case Decision:
		s.decision(in)
	case DeadAir:
		s.deadAir(in)
	case ChannelIdentified:
		s.channelIdentified(in)
	case BridgeGone:
		s.bridgeGone(in.Bridge)
	case NodeDown:
		s.nodeDown(in)
	case Resync:
		s.resync(in)
	case EffectDone:
		s.effectDone(in)
	case TimerFired:
		s.timerFired(in)
	case Screened:
		s.screened(in)
	case WallClock:
		s.wall = wallRef{At: s.now, UnixMicro: in.UnixMicro}
		s.watchService()
		s.sweepCallbacks()
	case ConfigLoaded:
		s.configLoaded(in.Config)
	default:
		if s.recordFact(in) || s.mirrorFact(in) {
			return
		}
		s.incident("", fmt.Sprintf("input %s is not known to this version and was ignored", in.Tag()))
	}
}

func (s *State) incident(node NodeID, reason string) {
	s.emit(Event{Kind: EvIncident, Node: node, Reason: reason})
}

func (s *State) timerFired(in TimerFired) {
	t, ok := s.timers[in.Key]
	if !ok || t.Gen != in.Gen {
		return // cancelled or set again while it was on its way
	}
	delete(s.timers, in.Key)
	switch in.Key.Kind {
	case TimerCallback:
		if cb := s.callbacks[CallbackID(in.Key.Conn)]; cb != nil {
			s.startCallback(cb.ID)
		}
		return
	case TimerMirror:
		s.mirrorTimer(in.Key)
		return
	case TimerStation:
		s.standingLeaves(in.Key.Agent)
		s.needStanding(in.Key.Agent)
		return
	case TimerRecord:
		s.recordTimer(in.Key)
	case TimerPasscode:
		s.passcodeLate(in.Key.Agent)
		return
	case TimerSupervise:
		s.superviseTimer(in.Key.Conn)
		return
	case TimerNode:
		s.nodeLost(in.Key.Node)
		return
	default:
	}
	if c := s.calls[in.Key.Call]; c != nil {
		s.callTimer(c.ID, in.Key)
	}
}

// callTimer is a timer about a call that lives.
func (s *State) callTimer(id CallID, key TimerKey) {
	switch key.Kind {
	case TimerOffer:
		s.offerOver(id, key.Conn, CauseNoAnswer, offerNoAnswer)
	case TimerAccept:
		if p := s.calls[id].Conn(key.Conn); p != nil && (p.Borrowed || p.Beep != "") {
			s.beepOver(id, key.Conn)
			return
		}
		s.offerOver(id, key.Conn, CauseNoAnswer, offerUnreachable)
	case TimerWrapUp:
		s.wrapUpOver(id, key.Conn)
	case TimerWrapWarn:
		s.wrapWarn(id, key.Conn)
	case TimerRetry:
		s.place(id)
	case TimerLeft:
		s.legTaken(id, key.Conn)
	case TimerWait:
		s.waitDue(id)
	case TimerTarget:
		s.targetTimeout(id, key.Conn)
		if s.calls[id] != nil {
			s.makerTimeout(id, key.Conn)
		}
	case TimerDigit:
		s.digitTimeout(id)
	case TimerDecision:
		s.decisionFailed(id)
	case TimerRoute:
		s.routeDefault(id, "timeout")
	case TimerPark:
		s.parkTimeout(id)
	case TimerConnect, TimerScreen, TimerMessage, TimerPreview, TimerRing:
		s.dialTimer(id, key)
	case TimerCallback, TimerStation, TimerRecord, TimerSupervise, TimerNode, TimerMirror, TimerPasscode: // about no call, or one that may be over
	}
}
