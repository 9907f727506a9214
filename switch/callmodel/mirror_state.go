package callmodel

import (
	"cmp"
	"maps"
	"slices"
)

// mirrors is what is known of other programs' queues, on all servers.
type mirrors struct {
	nodes    map[NodeID]MirrorNode
	queues   map[QueueID]*MirrorQueue
	members  map[memberKey]*MirrorMember
	calls    map[CallID]*MirrorCall
	channels map[ChannelID]CallID // of calls
	phones   map[string][]memberKey
}

type memberKey struct {
	queue QueueID
	iface string
}

func newMirrors() mirrors {
	return mirrors{
		nodes: map[NodeID]MirrorNode{}, queues: map[QueueID]*MirrorQueue{}, members: map[memberKey]*MirrorMember{},
		calls: map[CallID]*MirrorCall{}, channels: map[ChannelID]CallID{}, phones: map[string][]memberKey{},
	}
}

// view lists everything, nil where there is no mirror.
func (m *mirrors) view() *MirrorView {
	if len(m.nodes) == 0 {
		return nil
	}
	v := &MirrorView{
		Nodes:   slices.SortedFunc(maps.Values(m.nodes), func(a, b MirrorNode) int { return cmp.Compare(a.ID, b.ID) }),
		Queues:  slices.SortedFunc(maps.Values(m.queues), func(a, b *MirrorQueue) int { return cmp.Compare(a.ID, b.ID) }),
		Members: slices.SortedFunc(maps.Values(m.members), compareMembers),
	}
	v.Calls = m.callsInOrder()
	return v
}

func compareMembers(a, b *MirrorMember) int {
	return cmp.Or(cmp.Compare(a.Queue, b.Queue), cmp.Compare(a.Interface, b.Interface))
}

func (m *mirrors) callsInOrder() []*MirrorCall {
	return slices.SortedFunc(maps.Values(m.calls), func(a, b *MirrorCall) int { return cmp.Compare(a.Number, b.Number) })
}

// restore takes over what view gave.
func (m *mirrors) restore(v *MirrorView) {
	if v == nil {
		return
	}
	for _, n := range v.Nodes {
		m.nodes[n.ID] = n
	}
	for _, q := range v.Queues {
		m.queues[q.ID] = q
	}
	for _, mm := range v.Members {
		m.setMember(mm)
	}
	for _, c := range v.Calls {
		m.setCall(c)
	}
}

func (m *mirrors) setMember(mm *MirrorMember) {
	k := memberKey{mm.Queue, mm.Interface}
	if old := m.members[k]; old == nil || old.Endpoint != mm.Endpoint {
		m.dropMember(k)
		if mm.Endpoint != "" {
			m.phones[mm.Endpoint] = append(m.phones[mm.Endpoint], k)
		}
	}
	m.members[k] = mm
}

func (m *mirrors) dropMember(k memberKey) {
	old := m.members[k]
	if old == nil {
		return
	}
	delete(m.members, k)
	if old.Endpoint == "" {
		return
	}
	left := slices.DeleteFunc(m.phones[old.Endpoint], func(o memberKey) bool { return o == k })
	if m.phones[old.Endpoint] = left; len(left) == 0 {
		delete(m.phones, old.Endpoint)
	}
}

func (m *mirrors) setCall(c *MirrorCall) {
	m.calls[c.ID] = c
	m.channels[c.Channel] = c.ID
}

func (m *mirrors) dropCall(c *MirrorCall) {
	delete(m.calls, c.ID)
	delete(m.channels, c.Channel)
}

// byChannel returns the call of a leg in a queue, or nil.
func (m *mirrors) byChannel(ch ChannelID) *MirrorCall { return m.calls[m.channels[ch]] }

// ofQueue lists a queue's calls by position, those that do not wait last.
func (m *mirrors) ofQueue(q QueueID) []*MirrorCall {
	var out []*MirrorCall
	for _, c := range m.calls {
		if c.Queue == q {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b *MirrorCall) int {
		return cmp.Or(cmp.Compare(later(a.Position), later(b.Position)), cmp.Compare(a.Number, b.Number))
	})
	return out
}

func later(position int) int {
	if position == 0 {
		return MaxMirrorCalls + 1
	}
	return position
}

// occupied returns the queue of another program whose call rings or talks at
// a phone, empty for none. node is the phone's server, empty where there is one.
func (m *mirrors) occupied(node NodeID, endpoint string) QueueID {
	keys := m.phones[endpoint]
	if endpoint == "" || len(keys) == 0 {
		return ""
	}
	if node != "" {
		keys = slices.DeleteFunc(slices.Clone(keys), func(k memberKey) bool { return m.members[k].Node != node })
	}
	var found QueueID
	least := func(q QueueID) {
		if found == "" || q < found {
			found = q
		}
	}
	for _, k := range keys {
		mm := m.members[k]
		if m.nodes[mm.Node].Doubted {
			continue
		}
		if mm.InCall {
			least(k.queue)
		}
	}
	if found != "" {
		return found
	}
	for _, c := range m.calls {
		for _, k := range keys {
			if c.Queue == k.queue && c.at(k.iface) && !m.nodes[c.Node].Doubted {
				least(c.Queue)
			}
		}
	}
	return found
}
