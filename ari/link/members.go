package link

import (
	"sync"

	"strowger/switch/callmodel"
)

// members remembers which leg is in which bridge of ours, by the events, so
// that a leg is not put where it is already: it would be taken out and put in
// again, audibly (specs/asterisk.md 1.3, P13).
type members struct {
	mu   sync.Mutex // guards the fields below
	in   map[callmodel.ChannelID]callmodel.BridgeID
	held map[callmodel.ChannelID]bool // by a key at the phone
	ends map[callmodel.ChannelID]bool // a leg of ours in a bridge that is being hung up
}

func newMembers() *members {
	return &members{in: map[callmodel.ChannelID]callmodel.BridgeID{}, held: map[callmodel.ChannelID]bool{}, ends: map[callmodel.ChannelID]bool{}}
}

// hold notes that a phone has put the other side on hold, or has retrieved it.
func (m *members) hold(c callmodel.ChannelID, held bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if held {
		m.held[c] = true
	} else {
		delete(m.held, c)
	}
}

// talking are the legs that share a bridge with others and are not on hold.
func (m *members) talking() map[callmodel.ChannelID]bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	in := map[callmodel.BridgeID]int{}
	for _, b := range m.in {
		in[b]++
	}
	out := map[callmodel.ChannelID]bool{}
	for c, b := range m.in {
		if in[b] > 1 && !m.held[c] {
			out[c] = true
		}
	}
	return out
}

func (m *members) entered(c callmodel.ChannelID, b callmodel.BridgeID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.in[c] = b
}

// left notes that a leg has left a bridge. It reports false where that is only
// the beginning of the leg's end, which is told a moment later: a switch that is
// told of the first alone would put the leg back.
func (m *members) left(c callmodel.ChannelID, b callmodel.BridgeID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.in[c] == b {
		delete(m.in, c)
	}
	return !m.ends[c]
}

// hangsUp notes that a leg ends, where it is in a bridge.
func (m *members) hangsUp(c callmodel.ChannelID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.in[c] != "" {
		m.ends[c] = true
	}
}

func (m *members) gone(c callmodel.ChannelID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.in, c)
	delete(m.held, c)
	delete(m.ends, c)
}

// any tells whether one of the legs is said to be in the bridge.
func (m *members) any(cs []callmodel.ChannelID, b callmodel.BridgeID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range cs {
		if m.in[c] == b {
			return true
		}
	}
	return false
}

// listed takes over what a listing says.
func (m *members) listed(bridges []callmodel.BridgeFact) {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.in)
	clear(m.held)
	clear(m.ends)
	for _, b := range bridges {
		for _, c := range b.Channels {
			m.in[c] = b.Bridge
		}
	}
}
