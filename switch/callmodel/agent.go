package callmodel

import "time"

// AgentState is what an agent is doing.
type AgentState uint8

const (
	// LoggedOut: gets no calls, has no station.
	LoggedOut AgentState = 1
	// NotReady: logged in, gets no calls; see Reason.
	NotReady AgentState = 2
	// Ready: may be offered a call.
	Ready AgentState = 3
	// Reserved: a call is being offered.
	Reserved AgentState = 4
	// OnCall: connected to a call.
	OnCall AgentState = 5
	// InWrapUp: after-call work.
	InWrapUp AgentState = 6
)

// Reasons that the model itself gives for NotReady; others come from people.
const (
	ReasonLogin       = "login"             // logged in, not asked for calls yet
	ReasonNoAnswer    = "no-answer"         // did not answer an offer in time
	ReasonUnreachable = "phone-unreachable" // the phone could not be called
	ReasonLegLost     = "leg-lost"          // the standing leg of a nailed station is down
	ReasonForced      = "forced"            // by a supervisor
)

// Agent is one agent's live state. Immutable once it has left Step.
type Agent struct {
	ID            AgentID    `json:"id"`
	Number        int64      `json:"number"`
	Name          string     `json:"name"`
	Line          string     `json:"line"`
	Queues        []QueueID  `json:"queues"`
	Station       Station    `json:"station"`
	State         AgentState `json:"state"`
	Reason        string     `json:"reason,omitempty"`
	Since         Instant    `json:"since"`                    // of State
	IdleSince     Instant    `json:"idle_since,omitempty"`     // end of the last call, or ready since
	Pending       AgentState `json:"pending,omitempty"`        // state to take after the current call
	PendingReason string     `json:"pending_reason,omitempty"` // of that state
	Call          CallID     `json:"call,omitzero"`
	Conn          ConnID     `json:"conn,omitzero"`
	Handled       uint64     `json:"handled"` // calls answered since login
	Removed       bool       `json:"removed,omitempty"`

	Items      []ItemRef     `json:"items,omitempty"` // connections on the line, wrap-up included, oldest first
	Talk       time.Duration `json:"talk,omitempty"`  // talked since login
	Park       bool          `json:"park,omitempty"`  // not ready, and away for long
	PhoneOff   bool          `json:"phone_off,omitempty"`
	Elsewhere  QueueID       `json:"elsewhere,omitempty"` // mirrored queue whose call rings or talks at the phone
	Standing   *Standing     `json:"standing,omitempty"`  // of a nailed station
	Resume     AgentState    `json:"resume,omitempty"`    // to take again when the standing leg is back
	LoginAt    Instant       `json:"login_at,omitempty"`
	Warned     bool          `json:"wrap_warned,omitempty"` // the wrap-up ends soon
	ActiveWrap bool          `json:"active_wrap,omitempty"` // wrap-up is left to do, which the state does not show
	Paperwork  bool          `json:"paperwork,omitempty"`   // the wrap-up counts as a pause
	Profile    string        `json:"profile,omitempty"`     // reason of being ready, kept over calls
	Supervises ConnID        `json:"supervises,omitzero"`   // the supervision that this agent is in, as the supervisor
	Off        []QueueID     `json:"off,omitempty"`         // queues of Queues that the agent is signed out of, kept over logout
	OneLine    bool          `json:"one_line,omitempty"`    // for this shift: no second call knocks
	Entering   *Entering     `json:"entering,omitempty"`    // logged out: a login that waits for its passcode
	gen        uint64
}

// ItemRef is one connection on an agent's line.
type ItemRef struct {
	Call CallID `json:"call"`
	Conn ConnID `json:"conn"`
}

// Standing is the leg of a nailed station, which outlives calls.
type Standing struct {
	Channel ChannelID `json:"channel"`
	Leg     LegState  `json:"leg"`
	Tries   int       `json:"tries,omitempty"` // failed since it was last up
	Muted   bool      `json:"muted,omitempty"` // may be: unmuting it has failed
	Count   uint32    `json:"count"`           // legs asked for so far
	SeenAt  Instant   `json:"seen_at,omitempty"`
	AskedAt Instant   `json:"asked_at,omitempty"`
	In      BridgeID  `json:"in,omitempty"` // of a call that the agent has left, and the leg may not have
}

// busy reports whether a call occupies the agent.
func (a *Agent) busy() bool {
	return a.State == Reserved || a.State == OnCall || a.State == InWrapUp
}

// Queue is one queue's live state. Immutable once it has left Step.
type Queue struct {
	ID        QueueID  `json:"id"`
	Number    int64    `json:"number"`
	Name      string   `json:"name"`
	Address   string   `json:"address"`
	Waiting   []CallID `json:"waiting"` // next first; offered calls are not listed
	Arrived   uint64   `json:"arrived"`
	Answered  uint64   `json:"answered"`
	Abandoned uint64   `json:"abandoned"`
	Paused    bool     `json:"paused,omitempty"`

	Service  ServiceState  `json:"service,omitempty"`
	Holiday  string        `json:"holiday,omitempty"`    // its name, while Service is holiday
	LastTo   AgentID       `json:"last_to,omitempty"`    // who got the last call
	InTime   uint64        `json:"in_time,omitempty"`    // answered within the service level
	GoneFast uint64        `json:"gone_fast,omitempty"`  // abandoned within the service level
	Handle   time.Duration `json:"handle,omitempty"`     // mean time that a call occupies an agent
	Handles  uint64        `json:"handles,omitempty"`    // calls that Handle is the mean of
	Overflow uint64        `json:"overflowed,omitempty"` // sent elsewhere by a rule
	gen      uint64
}

// ServiceState is a queue's state as a service.
type ServiceState string

const (
	// ServiceActive: somebody who serves it is logged in and signed in to it, and it is open.
	ServiceActive ServiceState = "active"
	// ServicePaused: paused by a supervisor.
	ServicePaused ServiceState = "paused"
	// ServiceUnmanned: nobody who serves it is logged in and signed in to it.
	ServiceUnmanned ServiceState = "unmanned"
	// ServiceClosed: outside its hours.
	ServiceClosed ServiceState = "closed"
	// ServiceHoliday: closed for a holiday.
	ServiceHoliday ServiceState = "holiday"
	// ServiceFailed: no telephony server is in step.
	ServiceFailed ServiceState = "failed"
)

// ServiceLevel is the share of calls that were answered in time, in per mille:
// answered within the target of all that were answered, or abandoned after the
// target. 1000 before the first.
func (q *Queue) ServiceLevel() int {
	all := q.Answered + q.Abandoned - q.GoneFast
	if all == 0 {
		return 1000
	}
	return int(q.InTime * 1000 / all)
}

// Node is one telephony server's live state.
type Node struct {
	ID       NodeID  `json:"id"`
	Up       bool    `json:"up"`
	Epoch    string  `json:"epoch"` // the server's start time; a new one means that every old leg is gone
	SyncedAt Instant `json:"synced_at"`
	Watched  bool    `json:"watched,omitempty"` // it tells which phones and other servers it reaches
	Lost     bool    `json:"lost,omitempty"`    // neither we nor the other servers reach it: its calls are over
}
