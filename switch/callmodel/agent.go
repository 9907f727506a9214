package callmodel

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
	PendingReason string     `json:"pending_reason,omitempty"` //
	Call          CallID     `json:"call,omitzero"`
	Conn          ConnID     `json:"conn,omitzero"`
	Handled       uint64     `json:"handled"` // calls answered since login
	Removed       bool       `json:"removed,omitempty"`
	gen           uint64
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
	gen       uint64
}

// Node is one telephony server's live state.
type Node struct {
	ID       NodeID  `json:"id"`
	Up       bool    `json:"up"`
	Epoch    string  `json:"epoch"` // the server's start time; a new one means that every old leg is gone
	SyncedAt Instant `json:"synced_at"`
}
