package sim

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// guard is the lock of an exchange, or of several that are joined, and what
// runs when it is released.
type guard struct {
	mu       sync.Mutex
	deferred []func()
}

// joined is what an exchange knows of the others.
type joined struct {
	peers map[callmodel.NodeID]*Exchange
	gone  bool // the server is dead: for the others it does not answer
	// widows are legs of phones and trunks here whose call lived on a server that has died.
	widows map[callmodel.NodeID][]*channel
}

// How long the others of a joined exchange take to see that it has died or is
// back, and a leg to end whose far end has died, where nobody ends it before.
const (
	peerSeen    = time.Second
	widowsEnd   = 90 * time.Second
	peerPrefix  = "peer-"
	unreachable = 38
)

// PeerOf is the endpoint by which joined exchanges reach one of them.
func PeerOf(node callmodel.NodeID) string { return peerPrefix + string(node) }

// Join connects exchanges with each other, as servers under one controller
// are: a leg that is originated with Via reaches a phone or a trunk of another
// one. It comes before their Start; each needs a node of its own.
func Join(all ...*Exchange) {
	g := &guard{}
	for _, e := range all {
		e.guard = g
		e.peers, e.widows = map[callmodel.NodeID]*Exchange{}, map[callmodel.NodeID][]*channel{}
		for _, o := range all {
			if o != e {
				e.peers[o.opt.Node] = o
			}
		}
	}
}

// target is the exchange whose phone or trunk an originate calls.
func (e *Exchange) target(o callmodel.Originate) *Exchange {
	if o.Via == "" {
		return e
	}
	return e.peers[o.Via]
}

// through calls a phone or a number by way of another exchange: what is wrong
// there is told by the end of the leg.
func (e *Exchange) through(ch *channel, o callmodel.Originate, at *Exchange) port.EffectResult {
	refuse := func(cause callmodel.Cause, tech int) {
		e.later(ch, Exactly(e.opt.RingDelay), func() { e.end(ch, cause, tech) })
	}
	ch.phone = &Phone{ex: at, endpoint: o.Endpoint, policy: PhonePolicy{Mode: Silent}}
	switch p := at.phones[o.Endpoint]; {
	case at.gone:
		ch.phone.invite(e, ch, false)
	case o.Dial != "" && at.trunks[o.Endpoint] == nil:
		refuse(unreachable, 500)
	case o.Dial != "":
		ch.trunk, ch.phone = at.trunks[o.Endpoint], at.outside(o.Dial)
		if ch.trunk.take(e, ch) {
			ch.phone.invite(e, ch, false)
		}
	case p == nil || p.policy.Mode == Unregistered:
		refuse(callmodel.CauseAbsent, 480)
	default:
		ch.phone = p
		p.invite(e, ch, o.AutoAnswer)
	}
	return okay
}

// ringingFor finds the line of a phone that rings for another exchange's call.
func (p *Phone) ringingFor() *channel {
	for _, ch := range p.lines {
		if ch.state == callmodel.LegRinging && ch.ex != p.ex {
			return ch
		}
	}
	return nil
}

// die cuts every leg between this exchange and the others: this one says
// nothing any more. It comes before its own legs are forgotten.
func (e *Exchange) die(outage time.Duration) {
	e.gone = true
	e.after(max(outage, time.Millisecond), func() { e.gone = false })
	for _, o := range e.others() {
		o.after(peerSeen, func() {
			if e.gone {
				o.emit(callmodel.EndpointState{Node: o.opt.Node, Endpoint: PeerOf(e.opt.Node)})
			}
		})
		o.after(max(outage, time.Millisecond)+peerSeen, func() {
			if !e.gone {
				o.emit(callmodel.EndpointState{Node: o.opt.Node, Endpoint: PeerOf(e.opt.Node), Online: true})
			}
		})
		for _, ch := range o.channelsInOrder() {
			if ch.phone != nil && ch.phone.ex == e || ch.trunk != nil && ch.trunk.ex == e {
				o.orphan(ch)
			}
		}
	}
	for _, ch := range e.channelsInOrder() {
		if ch.phone != nil && !ch.phone.number && ch.phone.ex != e {
			e.widow(ch)
		}
	}
}

// orphan leaves a leg without its far end, which has died. Nothing but an
// order, or the end of a session timer, ends it.
func (e *Exchange) orphan(ch *channel) {
	for _, cancel := range ch.cancels {
		cancel()
	}
	ch.cancels = nil
	ch.phone.drop(ch)
	if ch.trunk != nil {
		ch.trunk.live--
		ch.trunk = nil
	}
	ch.phone = &Phone{ex: ch.phone.ex, endpoint: ch.phone.endpoint, number: ch.phone.number, policy: PhonePolicy{Mode: Silent}}
	e.later(ch, Exactly(widowsEnd), func() { e.end(ch, unreachable, 0) })
}

// widow keeps a phone of another exchange in a call that has died with this one.
func (e *Exchange) widow(ch *channel) {
	at := ch.phone.ex
	w := &channel{id: ch.id + "-widow", ex: at, state: ch.state, phone: ch.phone}
	ch.phone.lines = append(ch.phone.lines, w)
	at.widows[e.opt.Node] = append(at.widows[e.opt.Node], w)
	at.after(widowsEnd, func() { w.phone.drop(w) })
}

// clearPeer frees what is left here of another exchange's calls.
func (e *Exchange) clearPeer(o callmodel.ClearPeer) port.EffectResult {
	if e.peers[o.Peer] == nil {
		return failed(fault.NotFound, o, string(o.Peer), "no such exchange")
	}
	for _, w := range e.widows[o.Peer] {
		w.phone.drop(w)
		e.stats.Cleared++
	}
	delete(e.widows, o.Peer)
	e.touch()
	return okay
}

// drop takes a leg off the phone's lines.
func (p *Phone) drop(ch *channel) {
	p.lines = slices.DeleteFunc(p.lines, func(l *channel) bool { return l == ch })
}

// others are the exchanges that this one is joined with, in order.
func (e *Exchange) others() []*Exchange {
	out := make([]*Exchange, 0, len(e.peers))
	for _, o := range e.peers {
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b *Exchange) int {
		if a.opt.Node < b.opt.Node {
			return -1
		}
		return 1
	})
	return out
}

// onlinePeers are the endpoints of the exchanges that answer.
func (e *Exchange) onlinePeers() []string {
	var out []string
	for _, o := range e.others() {
		if !o.gone {
			out = append(out, PeerOf(o.opt.Node))
		}
	}
	return out
}

// legID is the id of a leg that has called us; joined exchanges put their name before it.
func (e *Exchange) legID(prefix string) callmodel.ChannelID {
	e.inbound++
	id := prefix + "-" + strconv.Itoa(e.boot) + "-" + strconv.FormatUint(e.inbound, 10)
	if len(e.peers) > 0 {
		id += "-" + string(e.opt.Node)
	}
	return callmodel.ChannelID(id)
}
