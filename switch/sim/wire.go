package sim

import (
	"cmp"
	"slices"
	"time"

	"strowger/switch/callmodel"
)

// overrunOutage is the pause before the reconnect after a reader was too slow.
const overrunOutage = time.Second

// linkState is how far the link to the controller has got.
type linkState uint8

const (
	linkDown linkState = iota
	linkSync           // connected, the inventory is being taken, facts are kept back
	linkUp
)

// Channel facts, bridge facts and phone facts are three streams, each in order
// in itself and not against the others, as Asterisk's routers are.
const (
	channelStream = iota
	bridgeStream
	phoneStream
	streams
)

type wire struct {
	link    linkState
	conn    uint64 // counts connections; a fact of an old one is lost
	streams [streams]stream
	buffer  []callmodel.Input // kept back while the link is in linkSync
	outbox  []callmodel.Input
	outage  func()    // cancels the reconnect
	downAt  time.Time // of the connection before; zero for the first
}

type stream struct {
	queue []parcel
	last  time.Time
}

type parcel struct {
	in   callmodel.Input
	conn uint64
	due  time.Time
}

func streamOf(in callmodel.Input) int {
	switch in.(type) {
	case callmodel.ChannelJoined, callmodel.ChannelLeft, callmodel.BridgeGone:
		return bridgeStream
	case callmodel.EndpointState:
		return phoneStream
	}
	return channelStream
}

// emit sends a fact on its way.
func (e *Exchange) emit(in callmodel.Input) {
	e.touch()
	e.stats.Facts++
	if e.wire.link == linkDown {
		e.stats.LostInCut++
		return
	}
	if e.opt.Faults.LoseEvent > 0 && e.chance(e.opt.Faults.LoseEvent) || e.opt.Faults.loseNext > 0 {
		e.opt.Faults.loseNext = max(0, e.opt.Faults.loseNext-1)
		e.stats.LostEvents++
		return
	}
	e.send(in)
	if _, key := in.(digitPressed); key {
		return // nobody could tell a digit that is told twice from two
	}
	if e.opt.Faults.DuplicateEvent > 0 && e.chance(e.opt.Faults.DuplicateEvent) || e.opt.Faults.duplicateNext > 0 {
		e.opt.Faults.duplicateNext = max(0, e.opt.Faults.duplicateNext-1)
		e.stats.DuplicatedEvents++
		e.send(in)
	}
}

func (e *Exchange) send(in callmodel.Input) {
	n := streamOf(in)
	st := &e.wire.streams[n]
	now := e.clock.Now()
	due := now.Add(e.draw(e.opt.EventDelay))
	if due.Before(st.last) {
		due = st.last
	}
	if len(st.queue) == 0 && !due.After(now) {
		e.arrive(parcel{in: in, conn: e.wire.conn})
		return
	}
	st.last = due
	st.queue = append(st.queue, parcel{in: in, conn: e.wire.conn, due: due})
	if len(st.queue) == 1 {
		e.after(due.Sub(now), func() { e.flush(n) })
	}
}

// flush delivers what is due on a stream and arms the next delivery.
func (e *Exchange) flush(n int) {
	st := &e.wire.streams[n]
	now := e.clock.Now()
	for len(st.queue) > 0 && !st.queue[0].due.After(now) {
		p := st.queue[0]
		st.queue = slices.Delete(st.queue, 0, 1)
		e.arrive(p)
	}
	if len(st.queue) > 0 {
		e.after(st.queue[0].due.Sub(now), func() { e.flush(n) })
	}
}

// arrive is a fact's arrival at the controller's end of the link.
func (e *Exchange) arrive(p parcel) {
	switch {
	case p.conn != e.wire.conn || e.wire.link == linkDown:
		e.stats.LostInCut++
	case e.wire.link == linkSync:
		e.wire.buffer = append(e.wire.buffer, p.in)
	default:
		e.put(p.in)
	}
}

// put queues a fact for the feed; digits go through the vault first. A full
// outbox cuts the link, as Asterisk cuts off a slow reader.
func (e *Exchange) put(in callmodel.Input) {
	switch f := in.(type) {
	case digitPressed:
		if in = e.digitFact(f); in == nil {
			return
		}
	case callmodel.ChannelGone:
		e.endCollect(f.Channel)
	case callmodel.Resync:
		e.closeVaults(f.Channels)
	}
	if len(e.wire.outbox) >= e.opt.MaxOutbox {
		e.stats.Overruns++
		e.wire.outbox = e.wire.outbox[:e.opt.MaxOutbox-1] // room for NodeDown; the Resync makes up for the rest
		e.cut(overrunOutage, "the controller reads too slowly")
		return
	}
	e.wire.outbox = append(e.wire.outbox, in)
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// take empties the outbox.
func (e *Exchange) take() []callmodel.Input {
	e.mu.Lock()
	defer e.unlock()
	out := e.wire.outbox
	e.wire.outbox = nil
	return out
}

// drop takes the link down; what was on its way is lost.
func (e *Exchange) drop(cause string) {
	if e.wire.link == linkDown {
		return
	}
	told := e.wire.link == linkUp
	e.wire.link = linkDown
	e.wire.downAt = e.clock.Now()
	e.wire.conn++
	e.stats.LostInCut += uint64(len(e.wire.buffer))
	e.wire.buffer = nil
	if told {
		e.put(callmodel.NodeDown{Node: e.opt.Node, Cause: cause})
	}
	e.touch()
}

// cut takes the link down for a while.
func (e *Exchange) cut(outage time.Duration, cause string) {
	e.drop(cause)
	if e.wire.outage != nil {
		e.wire.outage()
	}
	e.wire.outage = e.after(max(outage, time.Millisecond), func() {
		e.wire.outage = nil
		e.connect(false)
	})
}

// connect brings the link up: facts are kept back until the inventory has
// been handed over (specs: connect, read, list, replay the buffer).
func (e *Exchange) connect(fresh bool) {
	e.wire.conn++
	e.wire.link = linkSync
	e.stats.Connects++
	conn, asOf := e.wire.conn, e.feed.Now()
	e.list(conn, asOf, fresh, func(r callmodel.Resync) {
		e.evidence(&r)
		e.put(r)
		for _, in := range e.wire.buffer {
			e.put(in)
		}
		e.wire.buffer = nil
		if e.wire.conn != conn { // the outbox overran
			return
		}
		e.wire.link = linkUp
		e.touch()
		e.drift(conn)
	})
}

// drift takes an inventory from time to time, while facts flow.
func (e *Exchange) drift(conn uint64) {
	if e.opt.ResyncEvery <= 0 {
		return
	}
	e.after(e.opt.ResyncEvery, func() {
		if e.wire.conn == conn {
			e.check(conn, func() { e.drift(conn) })
		}
	})
}

func (e *Exchange) check(conn uint64, then func()) {
	e.list(conn, e.feed.Now(), false, func(r callmodel.Resync) {
		e.put(r)
		then()
	})
}

// list takes an inventory in two halves: asked, taken, handed over. It is
// given up when the connection that it was asked on has ended.
func (e *Exchange) list(conn uint64, asOf callmodel.Instant, fresh bool, use func(callmodel.Resync)) {
	half := func(f func()) {
		e.pause(e.draw(e.opt.ListDelay), func() {
			if e.wire.conn == conn {
				f()
			}
		})
	}
	half(func() {
		r := e.resync(asOf, fresh)
		half(func() {
			e.stats.Resyncs++
			use(r)
		})
	})
}

// pause is after, without a timer where there is nothing to wait for.
func (e *Exchange) pause(d time.Duration, f func()) {
	if d <= 0 {
		f()
		return
	}
	e.after(d, f)
}

func (e *Exchange) resync(asOf callmodel.Instant, fresh bool) callmodel.Resync {
	r := callmodel.Resync{Node: e.opt.Node, Epoch: e.epoch(), AsOf: asOf, Fresh: fresh, Endpoints: e.online()}
	for _, ch := range e.channelsInOrder() {
		f := callmodel.ChannelFact{Channel: ch.id, Leg: ch.state, Inbound: ch.inbound}
		if ch.away {
			f.Leg = callmodel.LegDown
		}
		if ch.inbound {
			f.Call = callmodel.CallID{ID: e.feed.NewID()}
			f.Dialled, f.Caller, f.CallerName, f.Endpoint = ch.from.dialled, ch.from.number, ch.from.name, ch.from.endpoint
		}
		r.Channels = append(r.Channels, f)
	}
	for _, t := range e.tracksInOrder() {
		r.Recordings = append(r.Recordings, t.name)
	}
	for _, b := range e.bridgesInOrder() {
		f := callmodel.BridgeFact{Bridge: b.id}
		for _, m := range b.members {
			f.Channels = append(f.Channels, m.id)
		}
		r.Bridges = append(r.Bridges, f)
	}
	return r
}

func (e *Exchange) channelsInOrder() []*channel {
	out := make([]*channel, 0, len(e.channels))
	for _, ch := range e.channels {
		out = append(out, ch)
	}
	slices.SortFunc(out, func(a, b *channel) int { return cmp.Compare(a.id, b.id) })
	return out
}

func (e *Exchange) bridgesInOrder() []*bridge {
	out := make([]*bridge, 0, len(e.bridges))
	for _, b := range e.bridges {
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b *bridge) int { return cmp.Compare(a.id, b.id) })
	return out
}
