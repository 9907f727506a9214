package rest

import "time"

// The JSON shapes. Times are RFC 3339 in UTC, durations are numbers of
// seconds, states and operations are the model's words, ids are ULIDs with a
// stable integer number beside them. A time or a name that does not apply is
// left out.

// Status is the controller on one page.
type Status struct {
	Version       string     `json:"version" doc:"version of the program"`
	Mode          string     `json:"mode" enum:"real,simulated" doc:"simulated: no call is real"`
	Ready         bool       `json:"ready" doc:"whether calls are being served"`
	NotReady      []string   `json:"not_ready" nullable:"false" doc:"why not, one sentence each"`
	Time          time.Time  `json:"time" doc:"of this answer"`
	StartedAt     time.Time  `json:"started_at"`
	UptimeSeconds float64    `json:"uptime_seconds"`
	ConfigVersion uint64     `json:"config_version" doc:"configuration version in force"`
	Events        uint64     `json:"events" doc:"number of the last event"`
	Nodes         []Node     `json:"nodes" nullable:"false" doc:"telephony servers"`
	Counts        Counts     `json:"counts"`
	Journal       *Journal   `json:"journal,omitempty"`
	Push          *Push      `json:"push,omitempty" doc:"delivery of events to CRM systems"`
	Incidents     []Incident `json:"incidents" nullable:"false" doc:"newest first, at most 20"`
}

// Node is a telephony server.
type Node struct {
	ID       string     `json:"id"`
	Up       bool       `json:"up" doc:"false: the link is lost; its calls live on"`
	Epoch    string     `json:"epoch,omitempty" doc:"the server's start time, as it gives it"`
	SyncedAt *time.Time `json:"synced_at,omitempty" doc:"when its state was last compared with ours"`
}

// Counts adds up the live state.
type Counts struct {
	Calls   int            `json:"calls" doc:"live calls"`
	Phases  map[string]int `json:"phases" doc:"live calls by phase"`
	Agents  map[string]int `json:"agents" doc:"agents by state"`
	Waiting int            `json:"waiting" doc:"callers in queues"`
	Talking int            `json:"talking" doc:"callers who talk to an agent"`
}

// Journal is the state of the journal.
type Journal struct {
	LastSeq   uint64 `json:"last_seq" doc:"last record"`
	SyncedSeq uint64 `json:"synced_seq" doc:"last record that is known to be on the disk"`
	Segments  int    `json:"segments" doc:"files"`
	Bytes     int64  `json:"bytes" doc:"size of all files"`
	Failure   string `json:"failure,omitempty" doc:"why nothing more is written"`
}

// Push is the state of the delivery of events to CRM systems.
type Push struct {
	Subscriptions int    `json:"subscriptions"`
	Pending       int    `json:"pending" doc:"events that wait for their delivery"`
	Delivered     uint64 `json:"delivered"`
	Failed        uint64 `json:"failed" doc:"deliveries that failed, repetitions included"`
	Dropped       uint64 `json:"dropped" doc:"events given up"`
}

// Incident is something that should not have happened and was dealt with.
type Incident struct {
	Time   time.Time `json:"time"`
	Node   string    `json:"node,omitempty"`
	Reason string    `json:"reason"`
}

// Call is one call, live or ended.
type Call struct {
	ID             string       `json:"id" doc:"ULID"`
	Number         int64        `json:"number" doc:"stable integer, from 1"`
	Live           bool         `json:"live" doc:"false: from the call records"`
	Phase          string       `json:"phase" enum:"waiting,offered,talking,over"`
	Outcome        string       `json:"outcome,omitempty" doc:"how it ended"`
	Node           string       `json:"node"`
	ConfigVersion  uint64       `json:"config_version" doc:"configuration version that it started with"`
	Dialled        string       `json:"dialled"`
	Caller         string       `json:"caller"`
	CallerName     string       `json:"caller_name,omitempty" doc:"as the caller gives it: not to be trusted"`
	Queue          string       `json:"queue,omitempty"`
	Position       int          `json:"position,omitempty" doc:"place in the queue, 1 is next; only in lists"`
	Agent          string       `json:"agent,omitempty" doc:"the agent it is offered to, talks to or talked to last"`
	ArrivedAt      *time.Time   `json:"arrived_at,omitempty"`
	AnsweredAt     *time.Time   `json:"answered_at,omitempty" doc:"when the caller's side was answered"`
	TalkingAt      *time.Time   `json:"talking_at,omitempty" doc:"when the first agent answered"`
	OverAt         *time.Time   `json:"over_at,omitempty" doc:"when the conversation or the wait ended"`
	AgeSeconds     float64      `json:"age_seconds" doc:"from arrival until it was over, or until now"`
	WaitingSeconds float64      `json:"waiting_seconds" doc:"from the queue until an agent answered, until it was over, or until now"`
	TalkingSeconds float64      `json:"talking_seconds" doc:"from the first agent's answer until it was over, or until now"`
	Connections    []Connection `json:"connections" nullable:"false" doc:"the caller's first"`
	Attached       []Attached   `json:"attached" nullable:"false" doc:"applications that attached data; the data itself is not shown"`
}

// Connection is one party's part in a call.
type Connection struct {
	ID             string     `json:"id" doc:"ULID"`
	Hex            string     `json:"hex" doc:"the same id as 32 hexadecimal digits: the callHandle of ICI"`
	Number         int64      `json:"number" doc:"stable integer, from 1"`
	Role           string     `json:"role" enum:"caller,agent"`
	Device         string     `json:"device" doc:"the party's number"`
	Agent          string     `json:"agent,omitempty"`
	StationMode    string     `json:"station_mode,omitempty" doc:"how an offer is answered"`
	State          string     `json:"state" enum:"initiated,queued,alerting,connected,hold,held,ended"`
	Work           string     `json:"work" enum:"not-in-process,active,wrap-up"`
	Leg            string     `json:"leg" doc:"what is known of the telephony leg"`
	Cause          int        `json:"cause,omitempty" doc:"why it ended, a Q.850 cause"`
	Capabilities   []string   `json:"capabilities" nullable:"false" doc:"operations that are possible now"`
	CreatedAt      *time.Time `json:"created_at,omitempty"`
	AlertingAt     *time.Time `json:"alerting_at,omitempty"`
	ConnectedAt    *time.Time `json:"connected_at,omitempty"`
	EndedAt        *time.Time `json:"ended_at,omitempty"`
	WrapUpEndedAt  *time.Time `json:"wrap_up_ended_at,omitempty"`
	RingingSeconds float64    `json:"ringing_seconds"`
	TalkingSeconds float64    `json:"talking_seconds"`
}

// Attached names an application's part of the data that travels with a call.
type Attached struct {
	App   string `json:"app"`
	Media string `json:"media" doc:"media type"`
	Bytes int    `json:"bytes"`
}

// Agent is one agent's live state.
type Agent struct {
	ID            string     `json:"id" doc:"login name in lower case"`
	Number        int64      `json:"number" doc:"stable integer, from 1"`
	Name          string     `json:"name"`
	Line          string     `json:"line"`
	Queues        []string   `json:"queues" nullable:"false"`
	Station       Station    `json:"station"`
	State         string     `json:"state" enum:"logged-out,not-ready,ready,reserved,on-call,wrap-up"`
	Reason        string     `json:"reason,omitempty" doc:"why not ready"`
	Since         *time.Time `json:"since,omitempty" doc:"of the state"`
	StateSeconds  float64    `json:"state_seconds"`
	IdleSince     *time.Time `json:"idle_since,omitempty"`
	Pending       string     `json:"pending,omitempty" doc:"state to take after the current call"`
	PendingReason string     `json:"pending_reason,omitempty"`
	Call          string     `json:"call,omitempty" doc:"id of the call that occupies the agent"`
	Connection    string     `json:"connection,omitempty" doc:"id of the agent's connection in it"`
	Handled       uint64     `json:"handled" doc:"calls answered since login"`
}

// Station is the phone that an agent works at.
type Station struct {
	Endpoint             string  `json:"endpoint"`
	Mode                 string  `json:"mode" enum:"handset,call-on-accept"`
	AcceptTimeoutSeconds float64 `json:"accept_timeout_seconds,omitempty"`
}

// Queue is one queue: its settings and its live state.
type Queue struct {
	ID                 string         `json:"id"`
	Number             int64          `json:"number" doc:"stable integer, from 1"`
	Name               string         `json:"name"`
	Address            string         `json:"address" doc:"the queue's own number"`
	DNIS               []string       `json:"dnis" nullable:"false" doc:"dialled numbers that lead here"`
	Strategy           string         `json:"strategy,omitempty"`
	Answer             string         `json:"answer,omitempty" doc:"when the caller is answered"`
	Music              string         `json:"music,omitempty"`
	Priority           int            `json:"priority" doc:"higher is served first"`
	MaxWaiting         int            `json:"max_waiting"`
	RingTimeoutSeconds float64        `json:"ring_timeout_seconds"`
	WrapUpSeconds      float64        `json:"wrap_up_seconds"`
	Waiting            int            `json:"waiting" doc:"callers without an offer"`
	WaitingCalls       []string       `json:"waiting_calls" nullable:"false" doc:"their call ids, next first"`
	LongestWaitSeconds float64        `json:"longest_wait_seconds"`
	Offered            int            `json:"offered" doc:"callers being offered to an agent"`
	Talking            int            `json:"talking"`
	Agents             map[string]int `json:"agents" doc:"the queue's agents by state"`
	Arrived            uint64         `json:"arrived"`
	Answered           uint64         `json:"answered"`
	Abandoned          uint64         `json:"abandoned"`
}

// Snapshot is everything at one moment. The first event after it has number Events+1.
type Snapshot struct {
	Events uint64  `json:"events"`
	Status Status  `json:"status"`
	Calls  []Call  `json:"calls" nullable:"false"`
	Agents []Agent `json:"agents" nullable:"false"`
	Queues []Queue `json:"queues" nullable:"false"`
}

// Event is one thing that happened, with the state right after it.
type Event struct {
	Seq        uint64    `json:"seq" doc:"number of the event, without gaps"`
	Time       time.Time `json:"time"`
	Kind       string    `json:"kind" doc:"CSTA's name where there is one"`
	Call       *Call     `json:"call,omitempty"`
	Connection string    `json:"connection,omitempty" doc:"id of the connection that the event is about"`
	Agent      *Agent    `json:"agent,omitempty"`
	Node       string    `json:"node,omitempty"`
	Cause      int       `json:"cause,omitempty"`
	Reason     string    `json:"reason,omitempty"`
}

// StreamEnd is the last message of an event stream.
type StreamEnd struct {
	Reason string `json:"reason" enum:"overrun,stopped,error"`
	Detail string `json:"detail" doc:"what happened and what to do"`
}

// CallList is the answer to GET /api/v1/calls. Lists are wrapped, so that fields can be added beside them.
type CallList struct {
	Calls []Call `json:"calls" nullable:"false" doc:"by number"`
	Total int    `json:"total" doc:"how many match; more than are listed where the limit was reached"`
}

// AgentList is the answer to GET /api/v1/agents.
type AgentList struct {
	Agents []Agent `json:"agents" nullable:"false" doc:"by number"`
}

// QueueList is the answer to GET /api/v1/queues.
type QueueList struct {
	Queues []Queue `json:"queues" nullable:"false" doc:"by number"`
}

// AgentStateRequest is the body of POST /api/v1/agents/{id}/state.
type AgentStateRequest struct {
	State  string `json:"state" enum:"ready,not-ready,logged-out" doc:"while a call occupies the agent it becomes the pending next state"`
	Reason string `json:"reason,omitempty" maxLength:"64" doc:"why not ready"`
}

// Accepted is the answer to a command on a connection. Accepted is not the end
// of the story: that comes as events.
type Accepted struct {
	Operation  string `json:"operation"`
	Connection string `json:"connection" doc:"ULID"`
	Call       string `json:"call,omitempty" doc:"ULID"`
}

// HealthAnswer is the answer of /healthz.
type HealthAnswer struct {
	Status string `json:"status" enum:"ok"`
}

// ReadyAnswer is the answer of /readyz.
type ReadyAnswer struct {
	Ready   bool     `json:"ready"`
	Reasons []string `json:"reasons" nullable:"false"`
}
