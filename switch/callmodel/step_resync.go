package callmodel

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// settleTime is how long after a change a listing may still be out of date.
const settleTime = 2 * time.Second

func (s *State) nodeDown(in NodeDown) {
	n := s.nodes[in.Node]
	if n == nil || !n.Up {
		return
	}
	next := *n
	next.Up = false
	s.nodes[in.Node] = &next
	s.emit(Event{Kind: EvNodeDown, Node: in.Node, Reason: in.Cause})
	s.watchPhones(in.Node)
	s.judgeNodes()
}

// resync makes the state equal to what lives on the server: what is missing
// has ended, what is unknown is adopted or hung up, what was ordered and is
// not there is ordered again (specs/asterisk.md 1.2).
func (s *State) resync(in Resync) {
	old := s.nodes[in.Node]
	wasUp := old != nil && old.Up
	s.nodes[in.Node] = &Node{ID: in.Node, Epoch: in.Epoch, SyncedAt: s.now, Watched: in.Endpoints != nil} // not up: nothing is offered half way
	live := make(map[ChannelID]ChannelFact, len(in.Channels))
	for _, f := range in.Channels {
		live[f.Channel] = f
	}
	member := map[ChannelID]BridgeID{}
	bridges := map[BridgeID]bool{}
	for _, b := range in.Bridges {
		bridges[b.Bridge] = true
		for _, ch := range b.Channels {
			member[ch] = b.Bridge
		}
	}
	s.contact = newContact(in)
	defer func() { s.contact = nil }()
	s.missedCalls(in)
	for _, c := range s.callsInOrder() {
		if s.calls[c.ID] != nil && c.Node == in.Node {
			s.resyncCall(c.ID, in, live, member, bridges)
		}
	}
	s.nodes[in.Node] = &Node{ID: in.Node, Up: true, Epoch: in.Epoch, SyncedAt: s.now, Watched: in.Endpoints != nil}
	if !wasUp {
		s.emit(Event{Kind: EvNodeUp, Node: in.Node})
		s.replay(in.Node)
	}
	s.redial(in.Node, in.Fresh || !wasUp, live)
	if old != nil && old.Epoch != in.Epoch && s.config.several() {
		s.endLegsVia(in.Node)
	}
	s.resyncSupervisions(in, live, member, bridges)
	s.resyncStations(in, live)
	for _, a := range s.agentsInOrder() {
		s.resyncPasscode(a, in, live, wasUp)
	}
	s.watchPhones(in.Node)
	s.judgeNodes()
	spared := s.strangers(in, in.Fresh || !wasUp)
	for _, f := range in.Channels {
		if !spared[f.Channel] {
			s.resyncUnknown(in, f)
		}
	}
	for _, b := range in.Bridges {
		if len(b.Channels) == 0 || !spared[b.Channels[0]] {
			s.resyncBridge(in.Node, b)
		}
	}
	s.contactBack(in, old == nil)
	s.resyncRecordings(in, !wasUp)
	s.watchService()
	s.serveAll()
}

// replay starts again what plays to callers: what was playing while the link
// was lost, and which digits came, is not known.
func (s *State) replay(node NodeID) {
	for _, c := range s.callsInOrder() {
		switch {
		case c.Node != node:
		case c.Phase == PhaseIVR:
			s.menuAgain(c.ID)
		case c.Phase == PhaseWaiting && c.Announce != nil && c.Announce.Play != "":
			s.announceEnded(c.ID)
		case c.Phase == PhaseWaiting && c.Collecting:
			s.edit(c.ID).Collecting = false
			s.collectForCallback(c.ID)
		case c.Playing != "":
			s.edit(c.ID).Playing = ""
		}
	}
}

// resyncStations compares the standing legs and the phones with the listing.
func (s *State) resyncStations(in Resync, live map[ChannelID]ChannelFact) {
	s.contact.floor = 0
	for _, a := range s.agentsInOrder() {
		st := a.Standing
		if st == nil || !st.Leg.alive() || st.SeenAt > in.AsOf || s.config.several() && s.stationNode(&a.Station) != in.Node {
			continue
		}
		if ref := s.legs[st.Channel]; ref.agent == "" {
			continue // a call or a supervision has it
		}
		f, there := live[st.Channel]
		switch {
		case there && f.Leg == LegUp:
			s.standingUp(a.ID)
		case !there && (in.Fresh || st.AskedAt < in.AsOf.Add(-settleTime)):
			s.endedUnseen(st.Channel)
		}
	}
	if in.Endpoints != nil {
		online := map[string]bool{}
		for _, e := range in.Endpoints {
			online[s.config.phoneKey(in.Node, e)] = true
			s.endpointState(in.Node, e, true)
		}
		for _, key := range slices.Sorted(maps.Keys(s.phones)) {
			if at := s.config.phoneNode(key); !online[key] && (at == "" || at == in.Node) {
				s.endpointState(in.Node, key[strings.IndexByte(key, '/')+1:], false)
			}
		}
		for i := range s.config.Agents {
			st := &s.config.Agents[i].Station
			if at := s.config.node(st.Node); st.Endpoint != "" && !online[s.keyOf(st)] && (at == "" || at == in.Node) {
				s.endpointState(in.Node, st.Endpoint, false)
			}
		}
	}
	for _, a := range s.agentsInOrder() {
		s.needStanding(a.ID)
	}
}

// settled reports whether what was ordered for a call must show in the listing
// by now; what was ordered since may still be under way.
func (s *State) settled(c *Call, in Resync) bool {
	return in.Fresh || c.OrderedAt < in.AsOf.Add(-settleTime)
}

func (s *State) resyncCall(id CallID, in Resync, live map[ChannelID]ChannelFact, member map[ChannelID]BridgeID, bridges map[BridgeID]bool) {
	c := s.calls[id]
	s.contact.floor = c.OrderedAt
	settled := s.settled(c, in)
	if settled {
		s.forgetOrders(id, bridges)
	}
	if in.Fresh {
		s.doubtMusic(id)
	}
	if c = s.calls[id]; c.Phase != PhaseOver && !c.BridgeUp && bridges[c.Bridge] {
		s.edit(id).BridgeUp = true // made late
	}
	conns := s.inOrderOfEnd(s.calls[id].Conns)
	for i := range conns {
		p := &conns[i]
		if !p.Leg.alive() || p.SeenAt > in.AsOf {
			continue // what we have heard of the leg is newer than the listing
		}
		f, there := live[p.Channel]
		switch {
		case there:
			s.contact.kept++
			s.resyncLeg(id, p.ID, f, member[p.Channel])
		case s.contact.proves(p.Channel):
			s.endedUnseen(p.Channel)
		case p.Leg == LegAsked && !in.Fresh && p.AskedAt > s.contact.mayAppear(in):
			// it may still appear, and else the offer's own time runs out
		default:
			s.endedUnseen(p.Channel)
		}
		if s.calls[id] == nil {
			return
		}
	}
	if settled {
		s.redo(id)
	}
}

// lateMusic forgets the music of a waiting party that a late order may have
// ended: it is started again, where the state of the call does not do so, here.
func (s *State) lateMusic(id CallID) {
	c := s.calls[id]
	p := c.Waiting()
	if !p.MusicLate || c.Phase == PhaseTalking {
		return
	}
	had := p.MusicAsked
	_, p = s.editConn(id, p.ID)
	p.MusicLate, p.Music, p.MusicAsked, p.MusicMaybe = false, false, false, true // who talks next is to hear none in any case
	switch c.Phase {
	case PhaseOffered, PhaseIVR, PhaseRouting:
		if had {
			s.playMusic(id, p.ID)
		}
	case PhaseWaiting, PhaseTalking, PhaseDialing, PhaseParked, PhaseAutomat, PhaseOver:
	}
}

// doubtMusic remembers that music which was to stop shortly before the
// controller was killed may go on: the order may have died with it.
func (s *State) doubtMusic(id CallID) {
	for i := range s.calls[id].Conns {
		if p := &s.calls[id].Conns[i]; p.MusicStopAt != 0 && s.now.Sub(p.MusicStopAt) < time.Minute {
			s.edit(id).Conns[i].MusicMaybe = true
		}
	}
}

// forgetOrders takes back what was asked for and has not shown in the listing,
// so that redo asks again. It comes before the evidence is applied: what that
// asks for must not be asked for twice.
func (s *State) forgetOrders(id CallID, bridges map[BridgeID]bool) {
	if c := s.calls[id]; c.AnswerAsked || c.BridgeUp && !bridges[c.Bridge] {
		c = s.edit(id)
		c.AnswerAsked, c.BridgeUp = false, bridges[c.Bridge]
	}
	for i := range s.calls[id].Conns {
		p := &s.calls[id].Conns[i]
		if p.JoinAsked || p.MusicAsked != p.Music {
			c := s.edit(id)
			q := &c.Conns[i]
			q.MusicMaybe = q.MusicMaybe || q.MusicAsked && !q.Music // nobody will say what became of the order
			q.JoinAsked, q.MusicAsked = false, q.Music
		}
		if p.State == Ended {
			s.hangup(s.calls[id], p, CauseNormal)
		}
	}
}

// resyncLeg takes what the listing says of a known leg as if the events that
// were missed had come.
func (s *State) resyncLeg(id CallID, conn ConnID, f ChannelFact, in BridgeID) {
	p := s.calls[id].Conn(conn)
	if p.In != in {
		_, p = s.editConn(id, conn)
		p.In = in
	}
	if inside := in != "" && in == s.calls[id].Bridge; inside != p.InBridge {
		if inside {
			s.channelJoined(p.Channel, in)
		} else {
			s.channelLeft(p.Channel, s.calls[id].Bridge)
		}
	}
	if p.Leg == LegUp {
		return
	}
	switch f.Leg {
	case LegUp:
		s.channelUp(s.calls[id].Node, p.Channel)
	case LegRinging:
		s.channelRinging(s.calls[id].Node, p.Channel)
	case LegNone, LegAsked, LegDown, LegGone:
	}
}

// redo orders again what should be and is not: all of it is idempotent.
func (s *State) redo(id CallID) {
	s.lateMusic(id)
	switch s.calls[id].Phase {
	case PhaseOffered:
		s.needBridge(id)
	case PhaseTalking:
		s.redoHold(id)
		s.repair(id)
	case PhaseWaiting:
		s.treat(id)
	case PhaseParked:
		s.playMusic(id, s.calls[id].Waiting().ID)
	case PhaseDialing:
		s.ringBack(id)
		s.needBridge(id)
	case PhaseOver, PhaseIVR, PhaseRouting, PhaseAutomat:
	}
}

// redoHold finishes a hold or retrieve that was cut off half way.
func (s *State) redoHold(id CallID) {
	for _, conn := range s.calls[id].talkers() {
		c := s.calls[id]
		p := c.Conn(conn)
		if p.Wanted == 0 && p.InBridge && s.outside(c, p) { // it came back in late, and the order to leave is lost
			s.do(Leave{EffectHead: s.head(c, conn), Bridge: c.Bridge, Channel: p.Channel})
		}
		leg := p
		if other := c.other(conn); other != nil && !p.Conference {
			leg = other
		}
		switch {
		case p.Wanted == Hold && leg.InBridge:
			s.do(Leave{EffectHead: s.head(c, conn), Bridge: c.Bridge, Channel: leg.Channel})
		case p.Wanted == Hold: // it left while nobody saw
			s.edit(id).Conn(conn).Wanted = 0
			s.edit(id).Conn(conn).State = Hold
			s.heldNow(id, conn)
		case p.holds() && leg != p && p.Wanted == 0:
			s.doubtHoldMusic(id, leg.ID)
			s.playMusic(id, leg.ID)
		}
	}
}

// orderLife is how long after its order a stop of music may still come.
const orderLife = 5 * time.Second

// doubtHoldMusic forgets the music of a party on hold that may have been ended
// by an order from before, of which nobody knows whether and when it was done.
func (s *State) doubtHoldMusic(id CallID, conn ConnID) {
	if p := s.calls[id].Conn(conn); p.MusicLate && p.MusicAsked && s.now.Sub(p.MusicStopAt) >= orderLife {
		_, p = s.editConn(id, conn)
		p.MusicLate, p.Music, p.MusicAsked = false, false, false
	}
}

// strangers finds conversations in bridges of ours that no call knows: people
// are talking, and the journal that knew of them is gone. They are left alone;
// when one party leaves, the other is alone and is dealt with.
func (s *State) strangers(in Resync, tell bool) map[ChannelID]bool {
	known := make(map[BridgeID]bool, len(s.calls))
	for _, c := range s.calls {
		known[c.Bridge] = true
	}
	var spared map[ChannelID]bool
	for _, v := range s.supervisions {
		known[v.Bridge] = true
	}
	for _, b := range in.Bridges {
		if !b.Bridge.Ours() || known[b.Bridge] || len(b.Channels) < 2 || s.anyKnown(b.Channels) {
			continue
		}
		if spared == nil {
			spared = map[ChannelID]bool{}
		}
		for _, ch := range b.Channels {
			spared[ch] = true
		}
		if tell {
			s.incident(in.Node, fmt.Sprintf("the conversation in bridge %s belongs to no call that we know, and is left alone", b.Bridge))
		}
	}
	return spared
}

func (s *State) anyKnown(channels []ChannelID) bool {
	return slices.ContainsFunc(channels, func(ch ChannelID) bool { _, known := s.legs[ch]; return known })
}

// resyncUnknown adopts a caller whom no call knows, and hangs up a leg of ours.
// One that has just ended may stand in a listing that is a moment older.
func (s *State) resyncUnknown(in Resync, f ChannelFact) {
	if _, known := s.legs[f.Channel]; known {
		return
	}
	if at, ended := s.tombs.at[f.Channel]; ended && at > in.AsOf.Add(-settleTime) {
		return
	}
	if f.Inbound && !f.Channel.Ours() {
		s.contact.kept++
		s.tombs.remove(f.Channel)
		s.channelArrived(ChannelArrived{
			Node: in.Node, Channel: f.Channel, Call: f.Call, Dialled: f.Dialled,
			Caller: f.Caller, CallerName: f.CallerName, Up: f.Leg == LegUp, Endpoint: f.Endpoint,
			SIPCallID: f.SIPCallID,
		}, true)
		return
	}
	s.hangupOrphan(in.Node, f.Channel)
}

// resyncBridge removes a bridge of ours that no live call uses.
func (s *State) resyncBridge(node NodeID, b BridgeFact) {
	if !b.Bridge.Ours() {
		return
	}
	for _, c := range s.calls {
		if c.Bridge == b.Bridge && c.Phase != PhaseOver {
			return
		}
	}
	for _, v := range s.supervisions {
		if v.Bridge == b.Bridge && v.BridgeUp {
			return
		}
	}
	s.counters.Effect++
	s.do(DestroyBridge{EffectHead: EffectHead{ID: s.counters.Effect, Node: node}, Bridge: b.Bridge})
}
