package callmodel

import (
	"maps"
	"slices"
	"sort"
	"time"
)

// State is the whole switch. Owned by the goroutine that calls Step.
type State struct {
	router  Router
	now     Instant
	config  *Config
	configs map[uint64]*Config // versions that calls still pin
	calls   map[CallID]*Call
	agents  map[AgentID]*Agent
	queues  map[QueueID]*Queue
	nodes   map[NodeID]*Node
	legs    map[ChannelID]legRef
	conns   map[ConnID]CallID
	timers  map[TimerKey]Timer
	tombs   tombstones
	contact *contact   // while a resync is applied
	orphans tombstones // hung up a moment ago, so that one leg costs one order

	callbacks map[CallbackID]*Callback
	phones    map[string]bool    // reachable or not, where it is known
	seats     map[string]AgentID // who is logged in at a phone

	recordings   map[RecordingID]*Recording // that go on, or whose file is not kept yet
	recording    map[CallID]RecordingID     // of a call, while it goes on
	storageFull  string                     // why no recording can be started; empty: it can
	touched      []CallID                   // in this step
	mirror       mirrors
	supervisions map[ConnID]*Supervision

	counters counters
	wall     wallRef
	steps    uint64
	gen      uint64
	out      *Output
	scratch  []Candidate
}

// legRef says whose a leg is: a connection's, or as a standing one an agent's.
type legRef struct {
	call  CallID
	conn  ConnID
	agent AgentID

	entering    bool   // of the agent: a login's, whose passcode is typed there
	supervision ConnID // a supervisor's leg, or the tap
}

type counters struct {
	Call   int64  `json:"call"`
	Conn   int64  `json:"conn"`
	Effect uint64 `json:"effect"`
	Timer  uint64 `json:"timer"`
	Order  uint64 `json:"order"`
	Event  uint64 `json:"event"`
	Random uint64 `json:"random,omitempty"`

	Recording int64 `json:"recording,omitempty"`
}

type wallRef struct {
	At        Instant `json:"at"`
	UnixMicro int64   `json:"unix_micro"`
}

// New returns an empty switch that routes with r.
func New(r Router) *State {
	s := &State{router: r}
	s.init()
	return s
}

func (s *State) init() {
	s.gen = 1
	s.config = &Config{}
	s.config.prepare()
	s.configs = map[uint64]*Config{}
	s.calls = map[CallID]*Call{}
	s.agents = map[AgentID]*Agent{}
	s.queues = map[QueueID]*Queue{}
	s.nodes = map[NodeID]*Node{}
	s.legs = map[ChannelID]legRef{}
	s.conns = map[ConnID]CallID{}
	s.timers = map[TimerKey]Timer{}
	s.tombs = tombstones{at: map[ChannelID]Instant{}}
	s.orphans = tombstones{at: map[ChannelID]Instant{}}
	s.callbacks = map[CallbackID]*Callback{}
	s.phones = map[string]bool{}
	s.seats = map[string]AgentID{}
	s.recordings, s.recording = map[RecordingID]*Recording{}, map[CallID]RecordingID{}
	s.mirror = newMirrors()
	s.supervisions = map[ConnID]*Supervision{}
}

// Now returns the instant of the last Step.
func (s *State) Now() Instant { return s.now }

// EventCount returns how many events the switch has ever emitted; the last
// one's number.
func (s *State) EventCount() uint64 { return s.counters.Event }

// WallTime converts an instant to calendar time, in UTC. Zero stays zero.
func (s *State) WallTime(t Instant) time.Time { return s.wall.time(t) }

func (w wallRef) time(t Instant) time.Time {
	if t == 0 || w.UnixMicro == 0 {
		return time.Time{}
	}
	return time.UnixMicro(w.UnixMicro + int64(t-w.At)).UTC()
}

// Config returns the configuration in force.
func (s *State) Config() *Config { return s.config }

// CallByConn returns the call that a connection belongs to, or nil.
func (s *State) CallByConn(id ConnID) *Call { return s.calls[s.conns[id]] }

// Agent returns an agent, or nil.
func (s *State) Agent(id AgentID) *Agent { return s.agents[id] }

// Timers lists the pending timers in order of their due time.
func (s *State) Timers() []Timer {
	out := make([]Timer, 0, len(s.timers))
	for _, t := range s.timers {
		out = append(out, t)
	}
	sort.Slice(out, func(i, j int) bool {
		return out[i].Due < out[j].Due || out[i].Due == out[j].Due && out[i].Gen < out[j].Gen
	})
	return out
}

// View is a consistent, immutable picture of the switch.
type View struct {
	Events uint64 // number of the last event that is part of it
	Now    Instant
	Config *Config
	Calls  []*Call  // by number
	Agents []*Agent // by number
	Queues []*Queue // by number
	Nodes  []Node   // by id

	Callbacks []*Callback     // by creation
	Phones    map[string]bool // by endpoint: reachable or not, where it is known

	Recordings   []*Recording   // by number
	Supervisions []*Supervision // by creation
	StorageFull  string         // why no recording can be started; empty: it can
	Mirror       *MirrorView    // other programs' queues; nil where none are mirrored
	wall         wallRef
}

// WallTime converts an instant to calendar time, in UTC. Zero stays zero.
func (v *View) WallTime(t Instant) time.Time { return v.wall.time(t) }

// View returns the switch as it is now. Its cost grows with the number of
// calls (0.1 ms at 10,000).
func (s *State) View() *View {
	v := &View{Events: s.counters.Event, Now: s.now, Config: s.config, wall: s.wall}
	v.Calls = s.callsInOrder()
	v.Callbacks = s.callbacksInOrder()
	v.Supervisions = s.supervisionsInOrder()
	v.Phones = maps.Clone(s.phones)
	v.Recordings, v.StorageFull = s.recordingsInOrder(), s.storageFull
	v.Mirror = s.mirror.view()
	v.Agents = s.agentsInOrder()
	v.Queues = make([]*Queue, 0, len(s.queues))
	for _, q := range s.queues {
		v.Queues = append(v.Queues, q)
	}
	sort.Slice(v.Queues, func(i, j int) bool { return v.Queues[i].Number < v.Queues[j].Number })
	for _, n := range s.nodes {
		v.Nodes = append(v.Nodes, *n)
	}
	sort.Slice(v.Nodes, func(i, j int) bool { return v.Nodes[i].ID < v.Nodes[j].ID })
	s.gen++ // what a reader holds must not change
	return v
}

func (s *State) callsInOrder() []*Call {
	out := make([]*Call, 0, len(s.calls))
	for _, c := range s.calls {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *Call) int { return int(a.Number - b.Number) })
	return out
}

func (s *State) agentsInOrder() []*Agent {
	out := make([]*Agent, 0, len(s.agents))
	for _, a := range s.agents {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *Agent) int { return int(a.Number - b.Number) })
	return out
}

// edit returns a call that this step may change: a copy, unless it has been
// copied since the last event. A pointer from before an emit must not be
// written to; edit again.
func (s *State) edit(id CallID) *Call {
	c := s.calls[id]
	if c.gen != s.gen {
		c = c.clone(s.gen)
		s.calls[id] = c
	}
	c.Seq++
	if c.touched != s.steps {
		c.touched = s.steps
		s.touched = append(s.touched, id)
	}
	return c
}

// sawLeg is editConn for a fact about the connection's leg. The leg must not
// be an idle standing one.
func (s *State) sawLeg(ref legRef) (*Call, *Connection) {
	c, p := s.editConn(ref.call, ref.conn)
	p.SeenAt = s.now
	return c, p
}

// editConn is edit for one connection.
func (s *State) editConn(call CallID, conn ConnID) (*Call, *Connection) {
	c := s.edit(call)
	return c, c.Conn(conn)
}

func (s *State) editAgent(id AgentID) *Agent {
	a := s.agents[id]
	if a.gen != s.gen {
		n := *a
		n.gen = s.gen
		a = &n
		s.agents[id] = a
	}
	return a
}

func (s *State) editQueue(id QueueID) *Queue {
	q := s.queues[id]
	if q.gen != s.gen {
		n := *q
		n.gen = s.gen
		n.Waiting = slices.Clone(q.Waiting)
		q = &n
		s.queues[id] = q
	}
	return q
}

// emit records an event; what it points at is immutable from here on.
func (s *State) emit(e Event) {
	if e.Call != nil && e.Kind != EvCallEnded && s.calls[e.Call.ID] != nil {
		e.Call = s.told(e.Call)
	}
	s.counters.Event++
	s.out.Events = append(s.out.Events, e)
	s.gen++
}

// told gives a call a new sequence number where it has not changed since its
// last event: readers drop what they have.
func (s *State) told(c *Call) *Call {
	if c.Told >= c.Seq || c.gen != s.gen {
		c = s.edit(c.ID)
	}
	c.Told = c.Seq
	return c
}

func (s *State) emitCall(k EventKind, call CallID, conn ConnID) {
	c := s.calls[call]
	e := Event{Kind: k, Call: c, Conn: conn, Node: c.Node}
	if p := c.Conn(conn); p != nil {
		e.Cause = p.Cause
		if p.Agent != "" {
			e.Agent = s.agents[p.Agent]
		}
	}
	s.emit(e)
}

func (s *State) emitAgent(id AgentID) {
	s.emit(Event{Kind: EvAgentChanged, Agent: s.agents[id], Reason: s.agents[id].Reason})
}

// head starts an order for a call.
func (s *State) head(c *Call, conn ConnID) EffectHead {
	s.counters.Effect++
	s.edit(c.ID).OrderedAt = s.now
	return EffectHead{ID: s.counters.Effect, Node: c.Node, Call: c.ID, Conn: conn, Lane: c.lane()}
}

// lane is the call in whose order a call's orders are carried out.
func (c *Call) lane() CallID {
	if !c.Root.IsZero() {
		return c.Root
	}
	return c.ID
}

func (s *State) do(e Effect) { s.out.Effects = append(s.out.Effects, e) }

func (s *State) setTimer(k TimerKind, call CallID, conn ConnID, d time.Duration) {
	s.counters.Timer++
	t := Timer{Key: TimerKey{Kind: k, Call: call, Conn: conn}, Due: s.now.Add(d), Gen: s.counters.Timer}
	s.timers[t.Key] = t
	s.out.Timers = append(s.out.Timers, TimerOp{Timer: t})
}

func (s *State) setAgentTimer(k TimerKind, agent AgentID, d time.Duration) {
	s.counters.Timer++
	t := Timer{Key: TimerKey{Kind: k, Agent: agent}, Due: s.now.Add(d), Gen: s.counters.Timer}
	s.timers[t.Key] = t
	s.out.Timers = append(s.out.Timers, TimerOp{Timer: t})
}

func (s *State) cancelAgentTimer(k TimerKind, agent AgentID) {
	key := TimerKey{Kind: k, Agent: agent}
	if t, ok := s.timers[key]; ok {
		delete(s.timers, key)
		s.out.Timers = append(s.out.Timers, TimerOp{Timer: t, Cancel: true})
	}
}

func (s *State) cancelTimer(k TimerKind, call CallID, conn ConnID) {
	key := TimerKey{Kind: k, Call: call, Conn: conn}
	if t, ok := s.timers[key]; ok {
		delete(s.timers, key)
		s.out.Timers = append(s.out.Timers, TimerOp{Timer: t, Cancel: true})
	}
}

// queueConfig returns the configuration of a call's queue in the version that
// the call has pinned.
func (s *State) queueConfig(c *Call) *QueueConfig {
	if cfg, ok := s.configs[c.Config]; ok {
		if q := cfg.Queue(c.Queue); q != nil {
			return q
		}
	}
	return s.config.Queue(c.Queue)
}

// tombstones remembers ended legs for a while, so that a listing taken just
// before their end does not bring them back.
type tombstones struct {
	at    map[ChannelID]Instant
	order []ChannelID
}

const (
	tombLimit = 4096
	tombLife  = time.Minute
)

func (t *tombstones) add(ch ChannelID, now Instant) {
	if _, ok := t.at[ch]; ok {
		return
	}
	t.at[ch] = now
	t.order = append(t.order, ch)
	drop := 0
	for drop < len(t.order) && (len(t.order)-drop > tombLimit || now.Sub(t.at[t.order[drop]]) > tombLife) {
		delete(t.at, t.order[drop])
		drop++
	}
	t.order = t.order[drop:]
}

func (t *tombstones) remove(ch ChannelID) {
	if _, ok := t.at[ch]; ok {
		delete(t.at, ch)
		t.order = slices.DeleteFunc(t.order, func(c ChannelID) bool { return c == ch })
	}
}

func (t *tombstones) has(ch ChannelID) bool {
	_, ok := t.at[ch]
	return ok
}
