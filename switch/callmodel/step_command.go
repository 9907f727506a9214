package callmodel

import (
	"cmp"
	"slices"
	"strings"

	"strowger/switch/fault"
)

// MaxApps is how many applications can attach data to one call.
const MaxApps = 64

func (s *State) command(cmd Command) error {
	if d := cmd.Deadline(); d != 0 && s.now > d {
		return fault.New(fault.Stale, cmd.Tag(), "", "the command's deadline has passed: nothing was done, send it again if it is still wanted")
	}
	if err := s.ofMirror(cmd); err != nil {
		return err
	}
	switch c := cmd.(type) {
	case Login:
		return s.login(c)
	case SetAgentState:
		return s.setAgentState(c)
	case ForceAgentState:
		return s.forceState(c)
	case SetAgentQueues:
		return s.setAgentQueues(c)
	case PanicLogout:
		return s.panicLogout(c)
	case DropLine:
		return s.dropLine(c)
	case MakeCall:
		return s.makeCall(c)
	case PickUp:
		return s.pickUp(c)
	case RouteSelect:
		return s.routeSelect(c)
	case RouteReject:
		return s.routeReject(c)
	case EndCall:
		return s.endCall(c)
	case Dial:
		return s.dialCampaign(c)
	case CancelDial:
		return s.cancelDial(c)
	case CreateCallback:
		return s.createCallback(c)
	case UpdateCallback:
		return s.updateCallback(c)
	case PauseQueue:
		return s.pauseQueue(c)
	case SetData:
		return s.setData(c)
	case Supervise:
		return s.supervise(c)
	case SetSupervision:
		return s.setSupervision(c)
	case EndSupervision:
		return s.stopSupervision(c)
	case TakeOver:
		return s.takeOver(c)
	}
	if handled, err := s.recordCommand(cmd); handled {
		return err
	}
	return s.connCommand(cmd)
}

// connCommand is a command about a connection on an agent's line.
func (s *State) connCommand(cmd Command) error {
	switch c := cmd.(type) {
	case Accept:
		return s.withConn(c.Tag(), c.Conn, OpAccept, s.accept)
	case Reject:
		return s.reject(c)
	case Deflect:
		return s.deflect(c)
	case Drop:
		return s.withConn(c.Tag(), c.Conn, OpDrop, s.drop)
	case DropAll:
		return s.withConn(c.Tag(), c.Conn, OpDropAll, plain2(func(id CallID, _ ConnID) { s.dropAll(id, CauseNormal) }))
	case HoldCall:
		return s.withConn(c.Tag(), c.Conn, OpHold, plain2(s.hold))
	case Retrieve:
		return s.withConn(c.Tag(), c.Conn, OpRetrieve, s.retrieveCall)
	case Alternate:
		return s.alternate(c)
	case Consult:
		return s.consult(c)
	case Transfer:
		return s.transfer(c)
	case Conference:
		return s.conference(c)
	case Reconnect:
		return s.reconnect(c)
	case BlindTransfer:
		return s.blindTransfer(c)
	case DropParty:
		return s.dropParty(c)
	case Mute:
		return s.mute(c)
	case Park:
		return s.park(c)
	case PlayFile:
		return s.playFile(c)
	case StopFile:
		return s.stopFile(c)
	case SendDigits:
		return s.sendDigits(c)
	case RequireWrapUp:
		return s.withConn(c.Tag(), c.Conn, OpRequireWrapUp, plain2(s.requireWrapUp))
	case EndWrapUp:
		return s.withConn(c.Tag(), c.Conn, OpEndWrapUp, s.wrapUpEnds)
	case SetDisposition:
		return s.setDisposition(c)
	}
	return fault.New(fault.Unsupported, cmd.Tag(), "", "this version does not know the command")
}

// plain2 makes a step that cannot be refused any more fit withConn.
func plain2(do func(CallID, ConnID)) func(CallID, ConnID) error {
	return func(id CallID, conn ConnID) error {
		do(id, conn)
		return nil
	}
}

// withConn looks up an agent's connection and checks the capability table.
func (s *State) withConn(op string, id ConnID, need Op, do func(CallID, ConnID) error) error {
	c, _, err := s.allowed(op, id, need)
	if err != nil {
		return err
	}
	return do(c.ID, id)
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

// accept answers an offer: by calling the phone with auto-answer, by asking the
// ringing phone to answer, or, for a call that knocks, by putting the one
// before it on hold.
func (s *State) accept(id CallID, conn ConnID) error {
	switch p := s.calls[id].Conn(conn); {
	case p.Knock:
		return s.acceptKnock(id, conn)
	case p.Station.Mode == Nailed && !p.Borrowed && s.calls[id].preview():
		return s.acceptPreview(id, conn)
	case p.Borrowed || p.Beep != "": // the leg is up: no need to hear the sound to its end
		s.cancelTimer(TimerAccept, id, conn)
		s.beepOver(id, conn)
		return nil
	}
	_, p := s.editConn(id, conn)
	p.Accepted = true
	s.cancelTimer(TimerPreview, id, conn)
	s.cancelTimer(TimerOffer, id, conn)
	s.setTimer(TimerAccept, id, conn, p.Station.AcceptTimeout)
	if p.Station.Mode == TalkNotify {
		s.notifyTalk(id, conn)
	} else {
		s.callStation(id, conn, p.Station.AcceptTimeout, true)
	}
	s.emitCall(EvDataChanged, id, conn)
	return nil
}

func (s *State) acceptKnock(id CallID, conn ConnID) error {
	agent := s.calls[id].Conn(conn).Agent
	for _, r := range s.agents[agent].Items {
		q := s.calls[r.Call].Conn(r.Conn)
		if r.Conn == conn || !q.talks() || !q.Partner.IsZero() {
			continue
		}
		if q.Wanted != 0 || q.ByPhone {
			return fault.New(fault.Conflict, "accept", conn.Hex(), "the line's first call is just being put on hold or is held by the phone's key: try again in a moment")
		}
		_, p := s.editConn(id, conn)
		p.Partner = r.Conn
		_, q = s.editConn(r.Call, r.Conn)
		q.Partner = conn
		s.emitCall(EvDataChanged, r.Call, r.Conn)
		_, q = s.editConn(r.Call, r.Conn)
		if q.State == Hold {
			s.swap(r.Call, r.Conn, conn)
			return nil
		}
		q.SwapTo = conn
		s.hold(r.Call, r.Conn)
		return nil
	}
	if len(s.onLine(s.agents[agent])) == 1 {
		s.knockAlone(id, conn)
		return nil
	}
	return fault.New(fault.Conflict, "accept", conn.Hex(), "the line has no call that could be put on hold for it")
}

// knockAlone takes a call that has knocked and outlived the conversation before
// it: nothing is on the phone any more, which is called as for any other.
func (s *State) knockAlone(id CallID, conn ConnID) {
	_, p := s.editConn(id, conn)
	p.Knock = false
	if p.Leg.alive() { // it was being taken when the conversation ended, which has left it the phone
		s.connect(id, conn)
		return
	}
	mode, agent := p.Station.Mode, s.agents[p.Agent]
	s.needBridge(id)
	switch {
	case mode == Nailed && agent.Standing != nil && agent.Standing.Leg == LegUp:
		s.cancelTimer(TimerOffer, id, conn)
		s.borrow(id, conn)
	case mode == Handset:
		s.setTimer(TimerOffer, id, conn, DirectRing)
		s.callStation(id, conn, DirectRing, false)
	default:
		_, p = s.editConn(id, conn)
		p.Accepted = true
		s.cancelTimer(TimerOffer, id, conn)
		s.setTimer(TimerAccept, id, conn, p.Station.AcceptTimeout)
		s.callStation(id, conn, p.Station.AcceptTimeout, mode != TalkNotify)
		if mode == TalkNotify {
			s.notifyTalk(id, conn)
		}
	}
	s.emitCall(EvDataChanged, id, conn)
}

func (s *State) reject(in Reject) error {
	c, p, err := s.allowed(in.Tag(), in.Conn, OpReject)
	if err != nil {
		return err
	}
	if len(in.Reason) > MaxReason || in.Reason != "" && !s.knownReason(in.Reason, "reject") {
		return fault.New(fault.Invalid, in.Tag(), in.Conn.Hex(), "the reject reason "+in.Reason+" is not configured")
	}
	if q := s.queueConfig(c); q != nil && q.RejectReason && in.Reason == "" && !p.Direct {
		return fault.New(fault.Invalid, in.Tag(), in.Conn.Hex(), "this queue wants a reason for rejecting a call")
	}
	wish, err := s.putOff(in, c)
	if err != nil {
		return err
	}
	if c.preview() && (in.Result != "" || len(c.Required) > 0) { // nobody else gets a customer whom one agent is to call
		return s.rejectPreview(in, c, wish)
	}
	if in.Result != "" {
		return s.rejectCallback(in, c)
	}
	_, p = s.editConn(c.ID, in.Conn)
	p.RejectReason = in.Reason
	s.offerOver(c.ID, in.Conn, CauseRejected, offerRejected)
	return nil
}

func (s *State) dropLine(c DropLine) error {
	a := s.agents[c.Agent]
	if a == nil {
		return fault.New(fault.NotFound, c.Tag(), string(c.Agent), "no such agent")
	}
	for _, r := range slices.Clone(a.Items) {
		call := s.calls[r.Call]
		if call == nil || call.Conn(r.Conn) == nil {
			continue
		}
		p := call.Conn(r.Conn)
		switch {
		case p.offered():
			s.offerOver(r.Call, r.Conn, CauseRejected, offerRejected)
		case p.Processing == WrapUp:
			if c.WrapUps {
				s.wrapUpOver(r.Call, r.Conn)
			}
		case Capabilities(p).Has(OpDrop):
			if c.WrapUps {
				_, p = s.editConn(r.Call, r.Conn)
				p.NoWrapUp = true
			}
			if err := s.drop(r.Call, r.Conn); err != nil {
				return err
			}
		}
	}
	return nil
}

// endCall ends a call for everybody, whoever is in it.
func (s *State) endCall(in EndCall) error {
	c := s.calls[in.Call]
	if c == nil {
		return fault.New(fault.NotFound, in.Tag(), in.Call.String(), "no such call: it has ended or never was")
	}
	if c.Phase != PhaseOver {
		s.edit(in.Call).EndedBy = cmp.Or(in.By, EndedBySomebody)
		s.dropAll(in.Call, CauseNormal)
	}
	return nil
}

func (s *State) requireWrapUp(id CallID, conn ConnID) {
	_, p := s.editConn(id, conn)
	p.NeedWrapUp = true
}

// setDisposition gives a call its result.
func (s *State) setDisposition(in SetDisposition) error {
	c, _, err := s.allowed(in.Tag(), in.Conn, OpDispose)
	if err != nil {
		return err
	}
	wishes := in.Callback != nil || in.DoNotCall
	if len(in.Codes) == 0 && !wishes || len(in.Codes) > MaxCodes {
		return fault.Newf(fault.Invalid, in.Tag(), in.Conn.Hex(), "1 to %d dispositions are given", MaxCodes)
	}
	q := s.queueConfig(c)
	for _, code := range in.Codes {
		if s.config.dispositions[code] == nil || q != nil && len(q.Dispositions) > 0 && !slices.Contains(q.Dispositions, code) {
			return fault.New(fault.NotFound, in.Tag(), code, "no such disposition, or not one of this queue's")
		}
	}
	wish, err := s.customerWish(in, c)
	if err != nil {
		return err
	}
	_, p := s.editConn(c.ID, in.Conn)
	if wishes { // a result without one takes nothing back of what was said before
		p.Callback, p.DoNotCall = wish, in.DoNotCall
	}
	if len(in.Codes) == 0 { // a customer's wish alone is no result
		s.emitCall(EvDisposition, c.ID, in.Conn)
		return nil
	}
	p.Codes = slices.Clone(in.Codes)
	p.Success = s.config.dispositions[in.Codes[0]].Success
	if in.Success != nil {
		p.Success = *in.Success
	}
	p.NoWrapUp = p.NoWrapUp || in.NoWrapUp
	over := p.Processing == WrapUp && !in.KeepWrapUp
	s.emitCall(EvDisposition, c.ID, in.Conn)
	if over {
		s.wrapUpOver(c.ID, in.Conn)
	}
	return nil
}

// setData stores attached data; a consultation shares that of the call that it
// is about.
func (s *State) setData(c SetData) error {
	call := s.CallByConn(c.Conn)
	if call == nil {
		return fault.New(fault.NotFound, c.Tag(), c.Conn.Hex(), "no such connection: the call has ended or never was")
	}
	base := call.Attached
	if c.Replace {
		base = nil
	}
	if err := checkApps(c.Tag(), c.Conn.Hex(), c.Entries); err != nil {
		return err
	}
	next, ok := s.mergeData(base, c.Entries)
	if !ok {
		return s.tooMuchData(c.Tag(), c.Conn.Hex(), next)
	}
	if slices.Equal(next, call.Attached) {
		return nil
	}
	s.edit(call.ID).Attached = next
	s.emitCall(EvDataChanged, call.ID, c.Conn)
	for _, other := range s.sharing(call.ID) {
		base := s.calls[other].Attached
		if c.Replace {
			base = nil
		}
		theirs, fits := s.mergeData(base, c.Entries)
		if !fits {
			continue
		}
		s.edit(other).Attached = theirs
		if p := s.calls[other].AgentConn(); p != nil {
			s.emitCall(EvDataChanged, other, p.ID)
		}
	}
	return nil
}

// sharing lists the calls that share a call's attached data: the consultations
// about it, or the call that it is a consultation about.
func (s *State) sharing(id CallID) []CallID {
	root := s.calls[id].lane()
	var out []CallID
	for _, c := range s.callsInChain(root) {
		if c.ID != id && c.Phase != PhaseOver {
			out = append(out, c.ID)
		}
	}
	return out
}

// callsInChain lists a call and its consultations.
func (s *State) callsInChain(root CallID) []*Call {
	var out []*Call
	for _, a := range s.agents {
		if len(a.Items) < 2 {
			continue
		}
		for _, r := range a.Items {
			if c := s.calls[r.Call]; c != nil && c.lane() == root && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, func(a, b *Call) int { return int(a.Number - b.Number) })
	return out
}

// mergeData adds entries to attached data, which is in order of application; an
// empty entry removes. It reports whether the result is within the limits.
func (s *State) mergeData(base, entries []AttachedData) ([]AttachedData, bool) {
	next := append(make([]AttachedData, 0, len(base)+len(entries)), base...)
	for _, e := range entries {
		at, found := slices.BinarySearchFunc(next, e.App, func(d AttachedData, app string) int { return strings.Compare(d.App, app) })
		switch {
		case found && e.Data == "":
			next = slices.Delete(next, at, at+1)
		case found:
			next[at] = e
		case e.Data != "":
			next = slices.Insert(next, at, e)
		}
	}
	return next, dataSize(next) <= s.config.AttachedMax && len(next) <= MaxApps
}

// withData returns a call's attached data with what a command brings, or why
// that cannot be.
func (s *State) withData(op, subject string, base, entries []AttachedData) ([]AttachedData, error) {
	if len(entries) == 0 {
		return base, nil
	}
	if err := checkApps(op, subject, entries); err != nil {
		return nil, err
	}
	data, fits := s.mergeData(base, entries)
	if !fits {
		return nil, s.tooMuchData(op, subject, data)
	}
	return data, nil
}

func checkApps(op, subject string, entries []AttachedData) error {
	for _, e := range entries {
		if e.App == "" || len(e.App) > 128 {
			return fault.New(fault.Invalid, op, subject, "an application id has 1 to 128 bytes")
		}
	}
	return nil
}

func (s *State) tooMuchData(op, subject string, data []AttachedData) error {
	return fault.Newf(fault.Invalid, op, subject, "attached data would have %d bytes in %d applications; the limits are %d and %d",
		dataSize(data), len(data), s.config.AttachedMax, MaxApps)
}

func dataSize(data []AttachedData) int {
	size := 0
	for _, d := range data {
		size += len(d.App) + len(d.Data)
	}
	return size
}
