package callmodel

import (
	"fmt"

	"strowger/switch/fault"
)

// Step applies in at time now. It never blocks, reads a clock, draws a random
// number or starts a goroutine. now must not go back.
func (s *State) Step(now Instant, in Input) Output {
	var out Output
	s.out, s.now = &out, max(now, s.now)
	s.gen++
	if cmd, ok := in.(Command); ok {
		out.Fault = s.command(cmd)
	} else {
		s.fact(in)
	}
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
	case WallClock:
		s.wall = wallRef{At: s.now, UnixMicro: in.UnixMicro}
	case ConfigLoaded:
		s.configLoaded(in.Config)
	default:
		s.incident("", fmt.Sprintf("input %s is not known to this version and was ignored", in.Tag()))
	}
}

func (s *State) command(cmd Command) error {
	if d := cmd.Deadline(); d != 0 && s.now > d {
		return fault.New(fault.Stale, cmd.Tag(), "", "the command's deadline has passed: nothing was done, send it again if it is still wanted")
	}
	switch c := cmd.(type) {
	case SetAgentState:
		return s.setAgentState(c)
	case Accept:
		return s.withConn(c.Tag(), c.Conn, OpAccept, s.accept)
	case Reject:
		return s.withConn(c.Tag(), c.Conn, OpReject, s.reject)
	case Drop:
		return s.withConn(c.Tag(), c.Conn, OpDrop, s.drop)
	case DropLine:
		return s.dropLine(c)
	case HoldCall:
		return s.withConn(c.Tag(), c.Conn, OpHold, s.hold)
	case Retrieve:
		return s.withConn(c.Tag(), c.Conn, OpRetrieve, s.retrieve)
	case RequireWrapUp:
		return s.withConn(c.Tag(), c.Conn, OpRequireWrapUp, s.requireWrapUp)
	case EndWrapUp:
		return s.withConn(c.Tag(), c.Conn, OpEndWrapUp, s.wrapUpOver)
	case SetData:
		return s.setData(c)
	}
	return fault.New(fault.Unsupported, cmd.Tag(), "", "this version does not know the command")
}

// withConn looks up an agent's connection and checks the capability table.
func (s *State) withConn(op string, id ConnID, need Op, do func(CallID, ConnID)) error {
	c := s.CallByConn(id)
	if c == nil {
		return fault.New(fault.NotFound, op, id.Hex(), "no such connection: the call has ended or never was")
	}
	p := c.Conn(id)
	if Impossible(p.Station.Mode).Has(need) {
		return fault.Newf(fault.Unsupported, op, id.Hex(),
			"a station with mode %s cannot do this: the phone itself must be answered; use mode call-on-accept to answer from the client", p.Station.Mode)
	}
	if !Capabilities(p).Has(need) {
		return fault.Newf(fault.Conflict, op, id.Hex(), "not possible while the connection is %s; possible now: %s",
			stateWords(p), capabilityWords(p))
	}
	do(c.ID, id)
	return nil
}

func stateWords(p *Connection) string {
	if p.State == Ended && p.Processing == WrapUp {
		return "in wrap-up"
	}
	return p.State.String()
}

func capabilityWords(p *Connection) string {
	if s := Capabilities(p).String(); s != "" {
		return s
	}
	return "nothing"
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
	c := s.calls[in.Key.Call]
	if c == nil {
		return
	}
	switch in.Key.Kind {
	case TimerOffer:
		s.offerOver(c.ID, in.Key.Conn, CauseNoAnswer, offerNoAnswer)
	case TimerAccept:
		s.offerOver(c.ID, in.Key.Conn, CauseNoAnswer, offerUnreachable)
	case TimerWrapUp:
		s.wrapUpOver(c.ID, in.Key.Conn)
	case TimerRetry:
		s.place(c.ID)
	case TimerLeft:
		s.legTaken(c.ID, in.Key.Conn)
	}
}
