package callmodel

// CallbackResult is the result of an attempt, in the words of reference 001, 9.1.7.
type CallbackResult string

// The results of an attempt.
const (
	ResultBadAddress CallbackResult = "BADADDRESS"
	ResultBusy       CallbackResult = "BUSY"
	ResultNoAnswer   CallbackResult = "NO_ANSWER"
	ResultVoicemail  CallbackResult = "VOICEMAIL"
	ResultOther      CallbackResult = "OTHER"
	ResultSuccessful CallbackResult = "SUCCESSFUL"
	ResultHandled    CallbackResult = "HANDLED" // removed, or given up after MaxCalls

	// Of an agent who did not want to make the call that they were shown.
	ResultSkip          CallbackResult = "SKIP"           // later, by whoever gets it then
	ResultAgentRejected CallbackResult = "AGENT_REJECTED" // never: it is over
)

// Bounds of what names a campaign and an entry of its list.
const (
	MaxCampaign = 40
	MaxListID   = 32
)

// CallbackState says where a callback is.
type CallbackState string

const (
	// CallbackScheduled: its time has not come.
	CallbackScheduled CallbackState = "scheduled"
	// CallbackWaiting: it has its place in the queue.
	CallbackWaiting CallbackState = "waiting"
	// CallbackActive: an agent has it, or the customer is being called.
	CallbackActive CallbackState = "active"
	// CallbackDone: over, see LastResult.
	CallbackDone CallbackState = "done"
)

// Attempt is the id of the last call that was made of it, or zero.
func (cb *Callback) Attempt() CallID {
	if cb.Calls == 0 {
		return CallID{}
	}
	return CallID{cb.ID.derive(cb.Calls)}
}

// Callback is a customer who is to be called back by a queue. At most one call
// of it lives at a time. Immutable once it has left Step.
type Callback struct {
	ID         CallbackID     `json:"id"`
	Number     string         `json:"number"` // customer, E.164
	Queue      QueueID        `json:"queue"`
	State      CallbackState  `json:"state"`
	Order      uint64         `json:"order"` // place in the queue: that of the call that it came from
	CreatedAt  Instant        `json:"created_at"`
	QueuedAt   Instant        `json:"queued_at"` // when the customer began to wait
	NextAt     Instant        `json:"next_at,omitempty"`
	LastAt     Instant        `json:"last_at,omitempty"`
	HandledAt  Instant        `json:"handled_at,omitempty"`
	Failures   int            `json:"failures,omitempty"`
	MaxCalls   int            `json:"max_calls"`
	LastResult CallbackResult `json:"last_result,omitempty"`
	Skills     []SkillNeed    `json:"skills,omitempty"`
	Priority   int            `json:"priority,omitempty"`
	Gateway    string         `json:"gateway,omitempty"`
	Notes      string         `json:"notes,omitempty"`
	Extra      string         `json:"extra,omitempty"`
	Call       CallID         `json:"call,omitzero"`   // live attempt
	From       CallID         `json:"from,omitzero"`   // call in which the customer asked for it
	Calls      uint32         `json:"calls,omitempty"` // attempts so far
	Config     uint64         `json:"config"`
	Attached   []AttachedData `json:"attached,omitempty"`
	ExpireAt   Instant        `json:"expire_at"`
	Campaign   string         `json:"campaign,omitempty"` // that it is part of, at most MaxCampaign bytes
	ListID     string         `json:"list_id,omitempty"`  // its entry in the campaign's list, at most MaxListID bytes
	Agent      AgentID        `json:"agent,omitempty"`    // who took, or turned down, the last attempt
}
