package ctips

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// rules is what the meaning of events and requests depends on, of the settings.
type rules struct {
	Site           int32
	DataNames      []string // keys of the fields of user data; what lacks is UserData1 and so on
	DataLength     int      // characters of a field
	ParkReason     string   // for NotReadyPark; empty: the first reason that parks
	RequestTimeout time.Duration
	// Tenant is who a queue, or an agent, belongs to; 0: nobody who is served.
	Tenant func(callmodel.QueueID, callmodel.AgentID) int32
}

// maxReason is the longest FailureReason, in characters.
const maxReason = 512

// requester is a session, as far as requests and their outcomes know it. It is
// compared: one session is one value.
type requester interface {
	tenantID() int32
	userName() string
}

// addressee says who an event is for.
type addressee struct {
	who     requester // who asked for it, or nil
	request int32     // their number: nobody else gets it
	only    bool      // for them alone
	at      time.Time // when the switch had it; zero: now
}

// outlet takes events away: by the categories that a session has registered
// for, and by its filters, which do not stop what it has asked for itself.
// Nobody else gets the request's number.
// It is called under the board's lock, in order, and must not wait.
type outlet interface {
	publish(ev Event, to addressee)
}

// board is the switch as clients have been told of it, and turns what happens
// next into their events. Its lock keeps the order of what is told.
type board struct {
	out outlet
	log *slog.Logger
	now func() time.Time

	mu      sync.Mutex // guards what follows
	rules   rules
	dir     *directory
	calls   map[callmodel.CallID]*call
	byNo    map[int32]*call
	agents  map[callmodel.AgentID]*agent
	queues  map[callmodel.QueueID]*callmodel.Queue
	passing map[callmodel.AgentID]*call // became part of another call by this agent
	moved   []callmodel.AgentID         // have other services by the configuration, not told yet
	staffed []callmodel.QueueID         // have other agents by the configuration, not told yet
	open    ledger
	routed  endedRoutes
	seq     uint64
	at      time.Time // of the event that is being told; zero: of none
	later   []barrier

	deaf      atomic.Bool // events are being missed
	exhausted atomic.Bool // call numbers do not fit any more
	unnamed   atomic.Uint64
}

// barrier is something to be done when the events up to seq have been told.
type barrier struct {
	seq uint64
	do  func()
}

// agent is what has been told of an agent.
type agent struct {
	live *callmodel.Agent
	told AgentState
	in   bool // told to be logged in
	path bool // told that the standing leg is up
}

// call is what has been told of a call.
type call struct {
	live   *callmodel.Call
	number int32
	seq    int64             // number of the first call of the chain
	queue  callmodel.QueueID // that it is attributed to
	tenant int32
	parent *call   // of a consultation
	parts  []*call // its consultations, oldest first
	joined map[callmodel.ConnID]*call

	hidden  bool            // nobody has been shown it yet: a callback or a campaign's call begins with its agent
	covered bool            // CallOriginated was told of the party who is dialled next
	ended   bool            // CallEnd
	done    bool            // CallCompleted
	told    bool            // the end of the present conversation or wait
	cause   callmodel.Cause // why a called party was not reached
	data    string          // as told last
}

func newBoard(r rules, out outlet, log *slog.Logger) *board {
	if r.Tenant == nil {
		r.Tenant = func(callmodel.QueueID, callmodel.AgentID) int32 { return 1 }
	}
	return &board{
		rules: r, out: out, log: log, now: time.Now, dir: newDirectory(nil),
		calls: map[callmodel.CallID]*call{}, agents: map[callmodel.AgentID]*agent{}, queues: map[callmodel.QueueID]*callmodel.Queue{},
		passing: map[callmodel.AgentID]*call{}, byNo: map[int32]*call{},
	}
}

// sync makes the board equal to a picture. Nothing is told but, after an
// interruption, that it is over: clients take a snapshot then.
func (b *board) sync(v *callmodel.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dir = newDirectory(v.Config)
	clear(b.calls)
	clear(b.byNo)
	clear(b.agents)
	clear(b.queues)
	clear(b.passing)
	b.moved, b.staffed = nil, nil
	for _, c := range v.Calls {
		i := b.picture(c)
		i.covered, i.ended = i.makerWaits(), i.live.Phase == callmodel.PhaseOver && !i.connected()
		i.data = dataNode(c.Attached)
	}
	for _, i := range b.calls {
		i.done = i.ended && !i.wrapping()
	}
	for _, a := range v.Agents {
		st := &agent{live: a, in: a.State != callmodel.LoggedOut, path: standing(a)}
		b.agents[a.ID] = st
		st.told = b.agentState(a, AgentStateInvalid)
	}
	for _, q := range v.Queues {
		b.queues[q.ID] = q
	}
	if b.deaf.Swap(false) {
		b.failAll() // what was asked meanwhile: its outcome may have been missed as well
		b.link(ComponentTypeCenterCord, ComponentStateUp, 1)
	}
	b.reach(v.Events)
}

// configured takes a new configuration, before the event that tells of it.
func (b *board) configured(v *callmodel.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.dir
	b.dir = newDirectory(v.Config)
	b.reassigned(before, v)
	for _, a := range v.Agents {
		if b.agents[a.ID] == nil {
			b.agents[a.ID] = &agent{live: a} // the picture may be ahead: what they have done since is still told
		}
	}
}

// interrupted tells that events are missed from here on.
func (b *board) interrupted(error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.deaf.Store(true)
	b.failAll()
	b.link(ComponentTypeCenterCord, ComponentStateDown, 1)
}

// apply tells an event.
func (b *board) apply(e *port.Stamped) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = e.Wall
	b.step(e)
	b.at = time.Time{}
	b.reach(e.Seq)
}

// after does something when the events up to seq have been told, at once where
// they have. do runs with the board locked.
func (b *board) after(seq uint64, do func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seq >= seq {
		do()
		return
	}
	b.later = append(b.later, barrier{seq, do})
}

// reach does what has waited for an event.
func (b *board) reach(seq uint64) {
	b.seq = seq
	if len(b.later) == 0 {
		return
	}
	var kept []barrier
	for _, w := range b.later {
		if w.seq > seq {
			kept = append(kept, w)
		} else {
			w.do()
		}
	}
	b.later = kept
}

// picture notes a call's newest picture.
func (b *board) picture(c *callmodel.Call) *call {
	i := b.calls[c.ID]
	if i != nil {
		i.live = c
		b.own(i)
		return i
	}
	i = &call{live: c, seq: c.Number, queue: c.Queue, hidden: calls(c) && !shownTo(c)}
	if i.queue == "" && c.Kind == callmodel.KindInbound {
		i.queue = b.dir.place(c.Dialled).queue
	}
	fits := true
	if i.number, fits = narrow(c.Number); !fits {
		b.unnamed.Add(1)
		if !b.exhausted.Swap(true) {
			b.log.Error("ctips: call numbers do not fit into the protocol's 32 bits any more: calls are not told, and no session is opened", "number", c.Number)
		}
	}
	if parent := b.parent(c); parent != nil {
		i.parent, i.seq, i.tenant = parent, parent.seq, parent.tenant
		parent.parts = append(parent.parts, i)
	}
	b.calls[c.ID] = i
	if i.number != 0 {
		b.byNo[i.number] = i
	}
	b.own(i)
	return i
}

// calls reports whether the switch calls somebody on behalf of a queue: for a
// callback or a campaign.
func calls(c *callmodel.Call) bool {
	return c.Kind == callmodel.KindCallback || c.Kind == callmodel.KindCampaign
}

// shownTo reports whether an agent has been shown a call.
func shownTo(c *callmodel.Call) bool {
	return slices.ContainsFunc(c.Conns, func(p callmodel.Connection) bool { return p.Role == callmodel.RoleAgent && p.AlertingAt != 0 })
}

// parent is the call that a consultation belongs to: where it has become part
// of another one, that one.
func (b *board) parent(c *callmodel.Call) *call {
	if c.Kind != callmodel.KindConsult {
		return nil
	}
	if i := b.calls[c.ConsultOf]; i != nil {
		return i
	}
	for k := range c.Conns {
		for _, i := range b.calls {
			if p := &c.Conns[k]; p.Consult && i.live.Conn(p.Partner) != nil {
				return i
			}
		}
	}
	return nil
}

// own finds a call's tenant: its queue's, else its agents'.
func (b *board) own(i *call) {
	if i.tenant != 0 {
		return
	}
	if i.queue != "" {
		i.tenant = b.rules.Tenant(i.queue, "")
	}
	for k := range i.live.Conns {
		if a := i.live.Conns[k].Agent; i.tenant == 0 && a != "" {
			i.tenant = b.rules.Tenant("", a)
		}
	}
	if i.tenant == 0 && i.queue == "" {
		i.tenant = b.rules.Tenant("", "")
	}
}

// connected reports whether a party is left.
func (i *call) connected() bool {
	return i.has(func(*callmodel.Connection) bool { return true })
}

// has reports whether a party that fits is left.
func (i *call) has(fits func(*callmodel.Connection) bool) bool {
	for k := range i.live.Conns {
		if q := &i.live.Conns[k]; q.State != callmodel.Ended && fits(q) {
			return true
		}
	}
	return false
}

// wrapping reports whether after-call work is left in a call or its consultations.
func (i *call) wrapping() bool {
	for k := range i.live.Conns {
		if i.live.Conns[k].Processing == callmodel.WrapUp {
			return true
		}
	}
	for _, part := range i.parts {
		if part.wrapping() {
			return true
		}
	}
	return false
}

// consultation is the number of the call's newest consultation, or 0.
func (i *call) consultation() int32 {
	if len(i.parts) == 0 {
		return 0
	}
	return i.parts[len(i.parts)-1].number
}

func (i *call) ref(site int32) CallRef {
	return CallRef{CallID: i.number, CallSequenceID: i.seq, CallOriginatingSiteID: site}
}

// standing reports whether a nailed station's leg is up.
func standing(a *callmodel.Agent) bool { return a.Standing != nil && a.Standing.Leg == callmodel.LegUp }
