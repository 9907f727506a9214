package link

import (
	"strings"
	"sync"

	"strowger/switch/callmodel"
)

// maxPlays bounds the sounds under way that are remembered.
const maxPlays = 20_000

// plays remembers the sounds under way, for three things that Asterisk does
// not do: it tells no end of a playback that was still queued when its leg
// ended, it lists no playbacks after a lost connection, and it lets an order
// to join or leave a bridge wait behind a sound that plays on the leg.
//
// It belongs to the Link: Apply adds, the stream's consumer removes.
type plays struct {
	n *linkCounters

	mu sync.Mutex // guards the fields below
	on map[callmodel.PlayID]target
	by map[target][]callmodel.PlayID
}

// target is what a sound is played to: a leg or a bridge.
type target struct {
	channel callmodel.ChannelID
	bridge  callmodel.BridgeID
}

func newPlays(n *linkCounters) *plays {
	return &plays{n: n, on: map[callmodel.PlayID]target{}, by: map[target][]callmodel.PlayID{}}
}

// add notes a sound before it is asked for; it reports whether it is new.
func (p *plays) add(id callmodel.PlayID, to target) (isNew, room bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, there := p.on[id]; there {
		return false, true
	}
	if len(p.on) >= maxPlays {
		return true, false
	}
	p.on[id] = to
	p.by[to] = append(p.by[to], id)
	p.n.plays.Store(int64(len(p.on)))
	return true, true
}

// ended forgets a sound and returns what it was played to; ok is false when it
// was not known.
func (p *plays) ended(id callmodel.PlayID) (to target, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.remove(id)
}

func (p *plays) remove(id callmodel.PlayID) (target, bool) {
	to, ok := p.on[id]
	if !ok {
		return to, false
	}
	delete(p.on, id)
	rest := p.by[to]
	for i, other := range rest {
		if other == id {
			rest = append(rest[:i:i], rest[i+1:]...)
			break
		}
	}
	if p.by[to] = rest; len(rest) == 0 {
		delete(p.by, to)
	}
	p.n.plays.Store(int64(len(p.on)))
	return to, true
}

// known tells whether a sound is under way.
func (p *plays) known(id callmodel.PlayID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, on := p.on[id]
	return on
}

// at returns the sounds under way at a target.
func (p *plays) at(to target) []callmodel.PlayID {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.on) == 0 {
		return nil
	}
	return append([]callmodel.PlayID(nil), p.by[to]...)
}

// all returns every sound under way.
func (p *plays) all() []callmodel.PlayID {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]callmodel.PlayID, 0, len(p.on))
	for id := range p.on {
		out = append(out, id)
	}
	return out
}

// close ends all sounds at a target that has ended, as facts.
func (p *plays) close(to target, out []callmodel.Input) []callmodel.Input {
	for _, id := range p.at(to) {
		out = p.finish(id, true, out)
	}
	return out
}

// finish ends a sound, as a fact where it was under way.
func (p *plays) finish(id callmodel.PlayID, failed bool, out []callmodel.Input) []callmodel.Input {
	to, known := p.ended(id)
	if !known {
		return out
	}
	return append(out, callmodel.PlayEnded{Channel: to.channel, Play: id, Failed: failed})
}

// playTarget reads target_uri: channel:ID or bridge:ID.
func playTarget(uri string) target {
	kind, id, _ := strings.Cut(uri, ":")
	switch kind {
	case "channel":
		return target{channel: callmodel.ChannelID(id)}
	case "bridge":
		return target{bridge: callmodel.BridgeID(id)}
	}
	return target{}
}
