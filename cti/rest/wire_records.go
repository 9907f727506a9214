package rest

import "time"

// CallRecord is the row of a call that is over.
type CallRecord struct {
	ID             string     `json:"id" doc:"ULID"`
	Number         int64      `json:"number"`
	Kind           string     `json:"kind"`
	Node           string     `json:"node"`
	Caller         string     `json:"caller"`
	Dialled        string     `json:"dialled"`
	DNIS           string     `json:"dnis" doc:"label of the dialled number, or what a PBX has sent"`
	Queue          string     `json:"queue"`
	Agents         []string   `json:"agents" nullable:"false" doc:"who talked, in order of the first word"`
	StartedAt      time.Time  `json:"started_at"`
	AnsweredAt     *time.Time `json:"answered_at,omitempty"`
	EndedAt        time.Time  `json:"ended_at"`
	Outcome        string     `json:"outcome"`
	Cause          int        `json:"cause"`
	WaitSeconds    float64    `json:"wait_seconds"`
	TalkSeconds    float64    `json:"talk_seconds"`
	WrapUpSeconds  float64    `json:"wrap_up_seconds"`
	Dispositions   []string   `json:"dispositions" nullable:"false"`
	Success        bool       `json:"success"`
	Callback       string     `json:"callback"`
	ConsultationOf string     `json:"consultation_of"`
	LostFrom       *time.Time `json:"lost_from,omitempty" doc:"nobody saw the end: it lies between this and ended_at"`
}

// SegmentRecord is a stretch of one party's part in a call.
type SegmentRecord struct {
	Call          string     `json:"call" doc:"ULID"`
	Connection    string     `json:"connection" doc:"hexadecimal"`
	Kind          string     `json:"kind"`
	State         string     `json:"state" enum:"queued,calling,menu,routing,parked,dialing,ringing,talking,hold,held,wrap-up"`
	Role          string     `json:"role" enum:"caller,agent,party"`
	Party         string     `json:"party"`
	Agent         string     `json:"agent" doc:"whose line; of a stay in a queue: who answered"`
	Queue         string     `json:"queue"`
	Trunk         string     `json:"trunk"`
	StartedAt     time.Time  `json:"started_at"`
	EndedAt       *time.Time `json:"ended_at,omitempty" doc:"missing: it goes on"`
	Seconds       float64    `json:"seconds"`
	End           string     `json:"end" doc:"why it ended; empty: the party went on in another state"`
	Cause         int        `json:"cause"`
	TransferredBy string     `json:"transferred_by" doc:"agent who had passed the call on before"`
	TransferredTo string     `json:"transferred_to" doc:"where the agent has passed the other party"`
	OfferedAt     *time.Time `json:"offered_at,omitempty" doc:"begin of the stay in the queue that this belongs to"`
	TargetSeconds float64    `json:"target_seconds" doc:"stay: the queue's service level"`
	Position      int        `json:"position" doc:"stay: place on entry"`
	LastPosition  int        `json:"last_position"`
	Rule          string     `json:"rule" doc:"stay that overflowed: the condition"`
	LostFrom      *time.Time `json:"lost_from,omitempty" doc:"nobody saw the end: it lies between this and ended_at"`
}

// AgentStateRecord is a stretch in which an agent was in one state.
type AgentStateRecord struct {
	Agent     string     `json:"agent"`
	State     string     `json:"state" enum:"not-ready,ready,reserved,on-call,wrap-up"`
	Reason    string     `json:"reason"`
	StartedAt time.Time  `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at,omitempty" doc:"missing: it goes on"`
	Seconds   float64    `json:"seconds"`
	LoginAt   *time.Time `json:"login_at,omitempty"`
	Logout    bool       `json:"logout" doc:"it ended by logging out"`
	Station   string     `json:"station"`
	Queues    []string   `json:"queues" nullable:"false"`
	Call      string     `json:"call" doc:"ULID of the call that began it"`
	LostFrom  *time.Time `json:"lost_from,omitempty"`
}

// AttemptRecord is one try to reach somebody outside.
type AttemptRecord struct {
	ID          string     `json:"id" doc:"hexadecimal id of the connection"`
	Call        string     `json:"call"`
	Callback    string     `json:"callback"`
	Number      string     `json:"number"`
	Trunk       string     `json:"trunk"`
	Shown       string     `json:"shown" doc:"number that was shown"`
	Queue       string     `json:"queue"`
	Agent       string     `json:"agent"`
	StartedAt   time.Time  `json:"started_at"`
	RingingAt   *time.Time `json:"ringing_at,omitempty"`
	AnsweredAt  *time.Time `json:"answered_at,omitempty"`
	EndedAt     *time.Time `json:"ended_at,omitempty"`
	RingSeconds float64    `json:"ring_seconds" doc:"from the order to the answer or the end"`
	TalkSeconds float64    `json:"talk_seconds"`
	Outcome     string     `json:"outcome"`
	Cause       int        `json:"cause" doc:"Q.850"`
	TechCause   int        `json:"tech_cause" doc:"SIP status"`

	Dialer *DialerRecord `json:"dialer,omitempty" doc:"of an attempt of a campaign"`
}

// DialerRecord is what an attempt of a campaign has beside every other.
type DialerRecord struct {
	Campaign       string     `json:"campaign"`
	List           string     `json:"list"`
	Lead           string     `json:"lead"`
	Mode           string     `json:"mode"`
	Result         string     `json:"result" doc:"how it ended; empty while it goes on"`
	Verdict        string     `json:"verdict,omitempty" doc:"who has answered, as far as the detector could tell"`
	VerdictSeconds float64    `json:"verdict_seconds,omitempty" doc:"from the answer to the verdict"`
	GreetingEndAt  *time.Time `json:"greeting_end_at,omitempty" doc:"when the person had said their hello"`
	Deadline       *time.Time `json:"deadline,omitempty" doc:"an agent was wanted until then"`
	BridgedAt      *time.Time `json:"bridged_at,omitempty" doc:"when customer and agent could talk"`
	Message        string     `json:"message,omitempty" enum:"begun,told" doc:"how much of a message was told"`
	Dropped        bool       `json:"dropped,omitempty" doc:"somebody answered, and no agent was there in time"`
	OwnTimer       bool       `json:"own_timer,omitempty" doc:"it was given up here, not by the network"`
	CutShort       bool       `json:"cut_short,omitempty" doc:"given up before it had rung for as long as it must"`
	Sampled        bool       `json:"sampled,omitempty" doc:"its first seconds are kept"`
	DoNotCall      bool       `json:"do_not_call,omitempty" doc:"the customer wants no more calls"`
	CallAgainAt    *time.Time `json:"call_again_at,omitempty" doc:"when the customer wants to be called again"`
	CallAgainBy    string     `json:"call_again_by,omitempty" doc:"the agent who is to do it; empty: anybody"`
	CallAgainOn    string     `json:"call_again_on,omitempty" doc:"the number to call then; empty: the same"`
}

// DispositionRecord is one code that an agent gave.
type DispositionRecord struct {
	Call       string    `json:"call"`
	Connection string    `json:"connection"`
	Queue      string    `json:"queue"`
	Agent      string    `json:"agent"`
	Code       string    `json:"code"`
	Main       bool      `json:"main"`
	Success    bool      `json:"success"`
	At         time.Time `json:"at"`
}

// Page is a page of records, in order of their start. Next is where the
// following page begins: give it as after.
type Page[T any] struct {
	Rows []T    `json:"rows" nullable:"false"`
	Next string `json:"next,omitempty"`
}

// Figures are the statistics of one interval and group. docs/statistics.md
// says how each is computed; a share that has no whole is left out.
type Figures struct {
	From  *time.Time `json:"from,omitempty"`
	To    *time.Time `json:"to,omitempty"`
	Group string     `json:"group" doc:"queue, agent or kind of call; empty: all"`

	Offered           int      `json:"offered" doc:"stays in a queue that began"`
	Answered          int      `json:"answered"`
	Abandoned         int      `json:"abandoned" doc:"without short ones"`
	ShortAbandoned    int      `json:"short_abandoned"`
	Overflowed        int      `json:"overflowed"`
	Full              int      `json:"full"`
	Callbacks         int      `json:"callbacks" doc:"callers who asked to be called back"`
	Lost              int      `json:"lost"`
	Ended             int      `json:"ended" doc:"by the switch or by somebody else"`
	Waiting           int      `json:"waiting" doc:"still going on"`
	AnsweredInTime    int      `json:"answered_in_time"`
	AbandonedInTime   int      `json:"abandoned_in_time"`
	ServiceLevel      *float64 `json:"service_level,omitempty" doc:"0 to 1"`
	Abandonment       *float64 `json:"abandonment,omitempty" doc:"0 to 1"`
	AnswerSeconds     float64  `json:"answer_seconds" doc:"mean wait of answered calls"`
	LongestSeconds    float64  `json:"longest_seconds"`
	Offers            int      `json:"offers" doc:"to agents"`
	Missed            int      `json:"missed"`
	Rejected          int      `json:"rejected"`
	Handled           int      `json:"handled"`
	TalkSeconds       float64  `json:"talk_seconds"`
	HoldSeconds       float64  `json:"hold_seconds"`
	DialSeconds       float64  `json:"dial_seconds"`
	WrapUpSeconds     float64  `json:"wrap_up_seconds"`
	HandleSeconds     float64  `json:"handle_seconds" doc:"mean of talk, hold, dial and wrap-up"`
	Transfers         int      `json:"transfers"`
	OtherCalls        int      `json:"other_calls" doc:"of agents, not from a queue"`
	OtherTalkSeconds  float64  `json:"other_talk_seconds"`
	Dispositions      int      `json:"dispositions"`
	Successes         int      `json:"successes"`
	ReadySeconds      float64  `json:"ready_seconds"`
	NotReadySeconds   float64  `json:"not_ready_seconds"`
	ReservedSeconds   float64  `json:"reserved_seconds"`
	OnCallSeconds     float64  `json:"on_call_seconds"`
	InWrapUpSeconds   float64  `json:"in_wrap_up_seconds"`
	StaffedSeconds    float64  `json:"staffed_seconds"`
	Occupancy         *float64 `json:"occupancy,omitempty" doc:"0 to 1"`
	LongestNowSeconds float64  `json:"longest_now_seconds,omitempty" doc:"live: of those who wait now"`
	AgentsReady       int      `json:"agents_ready,omitempty" doc:"live"`
	AgentsNotReady    int      `json:"agents_not_ready,omitempty" doc:"live"`
	AgentsReserved    int      `json:"agents_reserved,omitempty" doc:"live"`
	AgentsOnCall      int      `json:"agents_on_call,omitempty" doc:"live"`
	AgentsInWrapUp    int      `json:"agents_in_wrap_up,omitempty" doc:"live"`
	State             string   `json:"state,omitempty" doc:"live, of an agent"`
	Reason            string   `json:"reason,omitempty" doc:"live, of an agent"`
	StateSeconds      float64  `json:"state_seconds,omitempty" doc:"live, of an agent: in that state"`
}

// Statistics are figures, and what they were computed with.
type Statistics struct {
	From         time.Time `json:"from"`
	To           time.Time `json:"to"`
	TimeZone     string    `json:"time_zone"`
	ShortSeconds float64   `json:"short_abandon_seconds"`
	Formula      string    `json:"service_level" enum:"offered,answered,served"`
	Lines        []Figures `json:"lines" nullable:"false"`
}

// LiveStatistics are the figures of the present day and moment.
type LiveStatistics struct {
	Day      time.Time `json:"day" doc:"begin of the day that the figures count from"`
	TimeZone string    `json:"time_zone"`
	Total    Figures   `json:"total"`
	Queues   []Figures `json:"queues" nullable:"false"`
	Agents   []Figures `json:"agents" nullable:"false"`
}

// QueueLog are lines as Asterisk's queue_log has them.
type QueueLog struct {
	Lines []string `json:"lines" nullable:"false"`
}
