package callmodel

import (
	"encoding/json"
	"maps"
	"slices"

	"strowger/switch/fault"
)

// SnapshotFormat is the version of the snapshot encoding. A reader accepts
// its own and the one before.
const SnapshotFormat = 1

// Snapshot is a whole State, frozen: taking it is cheap, and it may be
// encoded on any goroutine.
type Snapshot struct {
	Format   int         `json:"format"`
	Now      Instant     `json:"now"`
	Counters counters    `json:"counters"`
	Wall     wallRef     `json:"wall"`
	Config   uint64      `json:"config"`
	Configs  []*Config   `json:"configs"`
	Calls    []*Call     `json:"calls"`
	Agents   []*Agent    `json:"agents"`
	Queues   []*Queue    `json:"queues"`
	Nodes    []Node      `json:"nodes"`
	Timers   []Timer     `json:"timers"`
	Tombs    []tombstone `json:"tombs,omitempty"`
	Orphans  []tombstone `json:"orphans,omitempty"`

	Callbacks []*Callback     `json:"callbacks,omitempty"`
	Phones    map[string]bool `json:"phones,omitempty"`

	Recordings   []*Recording   `json:"recordings,omitempty"`
	StorageFull  string         `json:"storage_full,omitempty"`
	Mirror       *MirrorView    `json:"mirror,omitempty"`
	Supervisions []*Supervision `json:"supervisions,omitempty"`
}

type tombstone struct {
	Channel ChannelID `json:"channel"`
	At      Instant   `json:"at"`
}

// Freeze takes a snapshot. Call it on the goroutine that owns the State.
func (s *State) Freeze() *Snapshot {
	v := s.View()
	snap := &Snapshot{
		Format: SnapshotFormat, Now: s.now, Counters: s.counters, Wall: s.wall, Config: s.config.Version,
		Calls: v.Calls, Queues: v.Queues, Nodes: v.Nodes, Timers: s.Timers(), Callbacks: v.Callbacks, Phones: v.Phones,
		Recordings: v.Recordings, StorageFull: v.StorageFull, Mirror: v.Mirror,
		Supervisions: v.Supervisions,
	}
	for _, ver := range slices.Sorted(maps.Keys(s.configs)) {
		snap.Configs = append(snap.Configs, s.configs[ver])
	}
	for _, id := range slices.Sorted(maps.Keys(s.agents)) {
		snap.Agents = append(snap.Agents, s.agents[id])
	}
	snap.Tombs, snap.Orphans = s.tombs.list(), s.orphans.list()
	return snap
}

func (t *tombstones) list() []tombstone {
	var out []tombstone
	for _, ch := range t.order {
		out = append(out, tombstone{Channel: ch, At: t.at[ch]})
	}
	return out
}

// Events returns the number of the last event that the snapshot includes.
func (s *Snapshot) Events() uint64 { return s.Counters.Event }

// Encode returns the snapshot's bytes (JSON).
func (s *Snapshot) Encode() ([]byte, error) {
	b, err := json.Marshal(s)
	return b, fault.Wrap(fault.Internal, "encode snapshot", "", err)
}

// Restore makes a State of an encoded snapshot.
func Restore(r Router, data []byte) (*State, error) {
	var snap Snapshot
	if err := json.Unmarshal(data, &snap); err != nil {
		return nil, fault.Wrap(fault.Invalid, "restore snapshot", "", err)
	}
	if snap.Format != SnapshotFormat {
		return nil, fault.Newf(fault.Unsupported, "restore snapshot", "", "format %d is not known to this version (it knows %d): start the version that wrote it", snap.Format, SnapshotFormat)
	}
	if slices.Contains(snap.Configs, nil) || slices.Contains(snap.Calls, nil) || slices.Contains(snap.Agents, nil) || slices.Contains(snap.Queues, nil) || slices.Contains(snap.Callbacks, nil) || slices.Contains(snap.Recordings, nil) || slices.Contains(snap.Supervisions, nil) {
		return nil, fault.New(fault.Invalid, "restore snapshot", "", "it has empty entries")
	}
	s := New(r)
	s.now, s.counters, s.wall = snap.Now, snap.Counters, snap.Wall
	for _, c := range snap.Configs {
		c.prepare()
		s.configs[c.Version] = c
		if c.Version == snap.Config {
			s.config = c
		}
	}
	for _, c := range snap.Calls {
		if len(c.Conns) == 0 {
			return nil, fault.New(fault.Invalid, "restore snapshot", c.ID.String(), "a call without connections")
		}
		s.calls[c.ID] = c
		for i := range c.Conns {
			p := &c.Conns[i]
			s.conns[p.ID] = c.ID
			if p.Leg.alive() && p.Channel != "" {
				s.legs[p.Channel] = legRef{call: c.ID, conn: p.ID}
			}
		}
	}
	s.restoreSupervisions(snap.Supervisions)
	for _, a := range snap.Agents {
		if len(a.Items) == 0 && !a.Conn.IsZero() { // written by a version that knew one item a line
			a.Items = []ItemRef{{a.Call, a.Conn}}
		}
		s.agents[a.ID] = a
		if a.State != LoggedOut {
			s.seats[s.keyOf(&a.Station)] = a.ID
		}
		if n := a.Entering; n != nil && n.Leg.alive() {
			s.legs[n.Channel] = legRef{agent: a.ID, entering: true}
		}
		if a.Standing != nil && a.Standing.Leg.alive() && s.legs[a.Standing.Channel] == (legRef{}) {
			s.legs[a.Standing.Channel] = legRef{agent: a.ID}
		}
	}
	for _, cb := range snap.Callbacks {
		s.callbacks[cb.ID] = cb
	}
	maps.Copy(s.phones, snap.Phones)
	s.restoreRecordings(snap.Recordings)
	s.storageFull = snap.StorageFull
	s.mirror.restore(snap.Mirror)
	for _, q := range snap.Queues {
		s.queues[q.ID] = q
	}
	for i := range snap.Nodes {
		s.nodes[snap.Nodes[i].ID] = &snap.Nodes[i]
	}
	for _, t := range snap.Timers {
		s.timers[t.Key] = t
	}
	for _, t := range snap.Tombs {
		s.tombs.add(t.Channel, t.At)
	}
	for _, t := range snap.Orphans {
		s.orphans.add(t.Channel, t.At)
	}
	return s, nil
}
