package callmodel

import (
	"slices"
	"time"
)

// Instant is microseconds on the shard's own time line, which starts with its
// first start, never goes back and goes on over restarts (DESIGN.md 4, Time).
type Instant int64

// Add returns the instant d later.
func (t Instant) Add(d time.Duration) Instant { return t + Instant(d/time.Microsecond) }

// Sub returns the time from u to t.
func (t Instant) Sub(u Instant) time.Duration { return time.Duration(t-u) * time.Microsecond }

// ConnState is a connection's state, seen from its own device (ECMA-269 6.1.4).
type ConnState uint8

const (
	// Initiated: the device is being called and does not ring yet.
	Initiated ConnState = 1
	// Queued: the call waits in a queue.
	Queued ConnState = 2
	// Alerting: the call is offered at the device.
	Alerting ConnState = 3
	// Connected: the party can talk.
	Connected ConnState = 4
	// Hold: this party has put the call on hold.
	Hold ConnState = 5
	// Held: the other party has put this one on hold.
	Held ConnState = 6
	// Ended: the party has left.
	Ended ConnState = 7
)

// Processing is the state of the work on an item, beside that of the connection.
type Processing uint8

const (
	// NotInProcess: nobody works on it.
	NotInProcess Processing = 1
	// Active: it is being worked on.
	Active Processing = 2
	// WrapUp: the connection is over, the after-call work is not.
	WrapUp Processing = 3
)

// Role is a connection's part in the call.
type Role uint8

const (
	// RoleCaller is the party that called in.
	RoleCaller Role = 1
	// RoleAgent is an agent's line.
	RoleAgent Role = 2
)

// LegState is what is known of the telephony leg behind a connection.
type LegState uint8

const (
	// LegNone: no leg yet.
	LegNone LegState = 1
	// LegAsked: asked for, no evidence yet (intent).
	LegAsked LegState = 2
	// LegDown: it exists and is neither ringing nor answered.
	LegDown LegState = 3
	// LegRinging: it rings.
	LegRinging LegState = 4
	// LegUp: answered.
	LegUp LegState = 5
	// LegGone: it has ended.
	LegGone LegState = 6
)

// alive reports whether the leg exists or may exist.
func (l LegState) alive() bool { return l != LegNone && l != LegGone }

// Connection is one party's part in a call. On an agent's line it is what ICI
// calls an item. Immutable once it has left Step.
type Connection struct {
	ID          ConnID     `json:"id"`
	Number      int64      `json:"number"` // from 1, the same on all listeners
	Role        Role       `json:"role"`
	Device      string     `json:"device"` // the party's number
	Agent       AgentID    `json:"agent,omitempty"`
	Station     Station    `json:"station,omitzero"`
	Channel     ChannelID  `json:"channel,omitempty"`
	Leg         LegState   `json:"leg"`
	State       ConnState  `json:"state"`
	Processing  Processing `json:"processing"`
	Cause       Cause      `json:"cause,omitempty"`        // why it ended
	Accepted    bool       `json:"accepted,omitempty"`     // CallOnAccept: accepted, phone being called
	InBridge    bool       `json:"in_bridge,omitempty"`    // the leg is in the call's bridge
	JoinAsked   bool       `json:"join_asked,omitempty"`   // asked into the bridge, not seen there yet
	Wanted      ConnState  `json:"wanted,omitempty"`       // Hold or Connected asked for, not seen yet
	ByPhone     bool       `json:"by_phone,omitempty"`     // on hold by a key at the phone: only the phone can retrieve
	MusicAsked  bool       `json:"music_asked,omitempty"`  // music was asked for
	Music       bool       `json:"music,omitempty"`        // music is known to play
	NeedWrapUp  bool       `json:"need_wrap_up,omitempty"` // wrap-up was requested (sticky)
	CreatedAt   Instant    `json:"created_at"`
	SeenAt      Instant    `json:"seen_at,omitempty"`  // last fact about the leg
	AskedAt     Instant    `json:"asked_at,omitempty"` // when the leg was asked for
	AlertingAt  Instant    `json:"alerting_at,omitempty"`
	ConnectedAt Instant    `json:"connected_at,omitempty"`
	EndedAt     Instant    `json:"ended_at,omitempty"`
	WrapUpEnd   Instant    `json:"wrap_up_end,omitempty"` // when the wrap-up ended
}

// done reports whether nothing of the connection is left to wait for.
func (c *Connection) done() bool {
	return c.State == Ended && c.Processing != WrapUp && !c.Leg.alive()
}

// Phase is a call's overall state.
type Phase uint8

const (
	// PhaseWaiting: the caller waits in a queue.
	PhaseWaiting Phase = 1
	// PhaseOffered: an agent is being offered the call; it keeps its place.
	PhaseOffered Phase = 2
	// PhaseTalking: an agent has answered.
	PhaseTalking Phase = 3
	// PhaseOver: the conversation is over; wrap-up or clean-up may be left.
	PhaseOver Phase = 4
)

// Outcome says how a call ended, for records and statistics.
type Outcome string

// The outcomes of a call. Empty until one is sure: handled from the first answer on.
const (
	OutcomeHandled       Outcome = "handled"           // an agent talked to the caller
	OutcomeAbandoned     Outcome = "abandoned"         // the caller hung up while waiting
	OutcomeAbandonedRing Outcome = "abandoned-ringing" // the caller hung up while an agent's phone rang
	OutcomeUnknownNumber Outcome = "unknown-number"    // the dialled number leads nowhere
	OutcomeQueueFull     Outcome = "queue-full"        // the queue's max_waiting was reached
	OutcomeOverload      Outcome = "overload"          // the limit of calls at once was reached
	OutcomeLost          Outcome = "lost"              // it ended while we could not see it
)

// AttachedData is one application's part of what travels with a call.
type AttachedData struct {
	App   string `json:"app"`   // application id
	Media string `json:"media"` // media type of Data
	Data  string `json:"data"`  // UTF-8 fragment, checked at the edge
}

// Call is one call from cradle to grave. Immutable once it has left Step.
type Call struct {
	ID          CallID         `json:"id"`
	Number      int64          `json:"number"` // from 1, the same on all listeners
	Seq         uint64         `json:"seq"`    // grows with every change
	Node        NodeID         `json:"node"`
	Config      uint64         `json:"config"` // pinned configuration version
	Phase       Phase          `json:"phase"`
	Outcome     Outcome        `json:"outcome,omitempty"` // set as soon as it is sure
	Dialled     string         `json:"dialled"`
	Caller      string         `json:"caller"`
	CallerName  string         `json:"caller_name,omitempty"`
	Queue       QueueID        `json:"queue,omitempty"`
	Order       uint64         `json:"order,omitempty"` // place in the queue, kept over requeues
	Refused     []AgentID      `json:"refused,omitempty"`
	Bridge      BridgeID       `json:"bridge,omitempty"`
	Bridges     uint32         `json:"bridges,omitempty"`   // made so far
	BridgeUp    bool           `json:"bridge_up,omitempty"` // asked for or seen
	Conns       []Connection   `json:"conns"`
	NextConn    uint32         `json:"next_conn"`
	Attached    []AttachedData `json:"attached,omitempty"` // in order of application id
	ArrivedAt   Instant        `json:"arrived_at"`
	QueuedAt    Instant        `json:"queued_at,omitempty"`
	AnswerAsked bool           `json:"answer_asked,omitempty"`
	RingAsked   bool           `json:"ring_asked,omitempty"`
	AnsweredAt  Instant        `json:"answered_at,omitempty"` // the caller's leg was answered
	TalkingAt   Instant        `json:"talking_at,omitempty"`  // first agent connected
	OverAt      Instant        `json:"over_at,omitempty"`
	OrderedAt   Instant        `json:"ordered_at,omitempty"` // last order to the telephony server
	RetryAt     Instant        `json:"retry_at,omitempty"`   // not offered before
	gen         uint64
}

// Conn returns the connection with this id, or nil. The result must not be changed.
func (c *Call) Conn(id ConnID) *Connection {
	for i := range c.Conns {
		if c.Conns[i].ID == id {
			return &c.Conns[i]
		}
	}
	return nil
}

// CallerConn returns the caller's connection: every call has one, and it is the first.
func (c *Call) CallerConn() *Connection { return &c.Conns[0] }

// AgentConn returns the newest agent connection that has not ended, or nil.
func (c *Call) AgentConn() *Connection {
	for i := len(c.Conns) - 1; i >= 0; i-- {
		if c.Conns[i].Role == RoleAgent && c.Conns[i].State != Ended {
			return &c.Conns[i]
		}
	}
	return nil
}

// Remote returns the numbers of the other parties that are still there, or
// were last there, as seen from a connection.
func (c *Call) Remote(of ConnID) []string {
	var out []string
	for i := range c.Conns {
		p := &c.Conns[i]
		if p.ID == of || (p.Role == RoleAgent && p.State == Ended) {
			continue
		}
		out = append(out, p.Device)
	}
	return out
}

func (c *Call) refusedBy(a AgentID) bool { return slices.Contains(c.Refused, a) }

func (c *Call) clone(gen uint64) *Call {
	n := *c
	n.gen = gen
	n.Conns = slices.Clone(c.Conns)
	return &n
}
