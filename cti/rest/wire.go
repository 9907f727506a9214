package rest

import "time"

// The JSON shapes. Times are RFC 3339 in UTC, durations are numbers of
// seconds, states and operations are the model's words, ids are ULIDs with a
// stable integer number beside them. A time or a name that does not apply is
// left out.

// Status is the controller on one page.
type Status struct {
	Version       string        `json:"version" doc:"version of the program"`
	Mode          string        `json:"mode" enum:"real,simulated" doc:"simulated: no call is real"`
	Ready         bool          `json:"ready" doc:"whether calls are being served"`
	NotReady      []string      `json:"not_ready" nullable:"false" doc:"why not, one sentence each"`
	Degraded      []string      `json:"degraded" nullable:"false" doc:"what does not work although calls are served, one sentence each"`
	Time          time.Time     `json:"time" doc:"of this answer"`
	StartedAt     time.Time     `json:"started_at"`
	UptimeSeconds float64       `json:"uptime_seconds"`
	ConfigVersion uint64        `json:"config_version" doc:"configuration version in force"`
	Events        uint64        `json:"events" doc:"number of the last event"`
	Nodes         []Node        `json:"nodes" nullable:"false" doc:"telephony servers"`
	Counts        Counts        `json:"counts"`
	Mirrors       []MirrorState `json:"mirrors,omitempty" doc:"queues of other programs on the telephony servers, which are shown and not served"`
	Journal       *Journal      `json:"journal,omitempty"`
	Push          *Push         `json:"push,omitempty" doc:"delivery of events to CRM systems"`
	Incidents     []Incident    `json:"incidents" nullable:"false" doc:"newest first, at most 20"`
}

// Node is a telephony server.
type Node struct {
	ID       string     `json:"id"`
	Up       bool       `json:"up" doc:"false: the link is lost; its calls live on"`
	Epoch    string     `json:"epoch,omitempty" doc:"the server's start time, as it gives it"`
	SyncedAt *time.Time `json:"synced_at,omitempty" doc:"when its state was last compared with ours"`
	Lost     bool       `json:"lost,omitempty" doc:"the other servers do not reach it either: its calls are over"`
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
	ID             string        `json:"id" doc:"ULID"`
	Number         int64         `json:"number" doc:"stable integer, from 1"`
	Live           bool          `json:"live" doc:"false: from the call records"`
	Mirror         string        `json:"mirror,omitempty" doc:"the other program whose call this is, such as app_queue: it is shown, and takes no orders here"`
	Kind           string        `json:"kind,omitempty" enum:"inbound,outbound,internal,consult,callback,campaign"`
	Phase          string        `json:"phase" enum:"waiting,offered,talking,over,dialing,menu,routing,parked,automat"`
	Outcome        string        `json:"outcome,omitempty" doc:"how it ended"`
	Node           string        `json:"node"`
	ConfigVersion  uint64        `json:"config_version" doc:"configuration version that it started with"`
	Dialled        string        `json:"dialled"`
	Caller         string        `json:"caller"`
	CallerID       string        `json:"caller_id,omitempty" doc:"the caller in E.164, where it is known"`
	Withheld       bool          `json:"withheld,omitempty" doc:"the caller does not show a number"`
	CallerName     string        `json:"caller_name,omitempty" doc:"as the caller gives it: not to be trusted"`
	Queue          string        `json:"queue,omitempty"`
	Position       int           `json:"position,omitempty" doc:"place in the queue, 1 is next; only in lists"`
	Agent          string        `json:"agent,omitempty" doc:"the agent it is offered to, talks to or talked to last"`
	ArrivedAt      *time.Time    `json:"arrived_at,omitempty"`
	AnsweredAt     *time.Time    `json:"answered_at,omitempty" doc:"when the caller's side was answered"`
	TalkingAt      *time.Time    `json:"talking_at,omitempty" doc:"when the first agent answered"`
	OverAt         *time.Time    `json:"over_at,omitempty" doc:"when the conversation or the wait ended"`
	AgeSeconds     float64       `json:"age_seconds" doc:"from arrival until it was over, or until now"`
	WaitingSeconds float64       `json:"waiting_seconds" doc:"from the queue until an agent answered, until it was over, or until now"`
	TalkingSeconds float64       `json:"talking_seconds" doc:"from the first agent's answer until it was over, or until now"`
	DNIS           *DNIS         `json:"dnis,omitempty" doc:"what the dialled number means"`
	Queues         []QueueVisit  `json:"queues,omitempty" doc:"that the call has been in"`
	Priority       int           `json:"priority,omitempty" doc:"of the caller, beside the queue's"`
	Estimate       float64       `json:"estimate_seconds,omitempty" doc:"of the wait, when the call came into the queue"`
	Decision       *Decision     `json:"decision,omitempty" doc:"why it was last offered to whom"`
	ConsultOf      string        `json:"consult_of,omitempty" doc:"id of the call that this one is a consultation for"`
	Target         string        `json:"target,omitempty" doc:"who is being called"`
	Parked         *Parked       `json:"parked,omitempty"`
	Menu           string        `json:"menu,omitempty" doc:"the menu that the caller is in, and where: menu/node"`
	Callback       string        `json:"callback,omitempty" doc:"id of the callback that this call is an attempt of"`
	Recording      string        `json:"recording,omitempty" doc:"id of its last recording"`
	Campaign       *CampaignCall `json:"campaign,omitempty" doc:"of a call of the dialer"`
	Connections    []Connection  `json:"connections" nullable:"false" doc:"the caller's first"`
	Attached       []Attached    `json:"attached" nullable:"false" doc:"applications that attached data; the data itself is not shown"`
}

// DNIS is what a dialled number means.
type DNIS struct {
	Number string `json:"number" doc:"dialled number, or the queue name that an existing PBX has sent"`
	Entry  string `json:"entry,omitempty"`
	Label  string `json:"label,omitempty"`
	Colour string `json:"colour,omitempty"`
	Script string `json:"script,omitempty"`
	CRM    string `json:"crm,omitempty"`
	Source string `json:"source,omitempty" doc:"where it was found"`
}

// QueueVisit is one stay in a queue.
type QueueVisit struct {
	Queue string     `json:"queue"`
	At    *time.Time `json:"at,omitempty"`
	Left  *time.Time `json:"left,omitempty"`
	Agent string     `json:"agent,omitempty" doc:"who answered"`
}

// Parked is a call's parking place.
type Parked struct {
	Place string     `json:"place"`
	By    string     `json:"by,omitempty" doc:"the agent who parked it"`
	At    *time.Time `json:"at,omitempty"`
}

// ParkedCall is a parked call.
type ParkedCall struct {
	Parked
	Call    string  `json:"call" doc:"ULID"`
	Number  int64   `json:"number"`
	Caller  string  `json:"caller"`
	Queue   string  `json:"queue,omitempty"`
	Seconds float64 `json:"seconds" doc:"since it was parked"`
}

// ParkingList is the answer to GET /api/v1/parking.
type ParkingList struct {
	Parked []ParkedCall `json:"parked" nullable:"false" doc:"by place"`
	First  string       `json:"first,omitempty" doc:"number of the first place; left out where nothing can be parked"`
	Places int          `json:"places"`
}

// Connection is one party's part in a call.
type Connection struct {
	ID             string     `json:"id" doc:"ULID"`
	Hex            string     `json:"hex" doc:"the same id as 32 hexadecimal digits: the callHandle of ICI"`
	Number         int64      `json:"number" doc:"stable integer, from 1"`
	Role           string     `json:"role" enum:"caller,agent,party"`
	Device         string     `json:"device" doc:"the party's number"`
	Agent          string     `json:"agent,omitempty"`
	StationMode    string     `json:"station_mode,omitempty" doc:"how an offer is answered"`
	State          string     `json:"state" enum:"initiated,queued,alerting,connected,hold,held,ended"`
	Work           string     `json:"work" enum:"not-in-process,active,wrap-up"`
	Leg            string     `json:"leg" doc:"what is known of the telephony leg"`
	Cause          int        `json:"cause,omitempty" doc:"why it ended, a Q.850 cause"`
	Capabilities   []string   `json:"capabilities" nullable:"false" doc:"operations that are possible now"`
	Partner        string     `json:"partner,omitempty" doc:"id of the same line's connection in the other call: held and consultation"`
	Consult        bool       `json:"consult,omitempty" doc:"of the two, the consultation"`
	Conference     bool       `json:"conference,omitempty" doc:"three or more are in the call"`
	Owner          bool       `json:"owner,omitempty" doc:"has made the conference"`
	Maker          bool       `json:"maker,omitempty" doc:"has made the call"`
	Direct         bool       `json:"direct,omitempty" doc:"called by number, not by a queue"`
	Knock          bool       `json:"knock,omitempty" doc:"waits behind another call of the line"`
	Muted          bool       `json:"muted,omitempty"`
	Trunk          string     `json:"trunk,omitempty" doc:"that the call goes out by"`
	Via            string     `json:"via,omitempty" doc:"telephony server that the leg goes through, where phone or trunk are not at the call's"`
	RejectReason   string     `json:"reject_reason,omitempty"`
	Dispositions   []string   `json:"dispositions,omitempty" doc:"the main one first"`
	Success        *bool      `json:"success,omitempty" doc:"summary of the dispositions"`
	WrapUpWarned   bool       `json:"wrap_up_warned,omitempty" doc:"the wrap-up ends soon"`
	WrapUpDueAt    *time.Time `json:"wrap_up_due_at,omitempty" doc:"when the wrap-up ends by itself"`
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
	ID            string       `json:"id" doc:"login name in lower case; INTERFACE@NODE where mirrored"`
	Mirror        string       `json:"mirror,omitempty" doc:"the other program whose agent this is, such as app_queue: shown, and takes no orders here"`
	Node          string       `json:"node,omitempty" doc:"the telephony server, where mirrored"`
	SamePhone     string       `json:"same_phone,omitempty" doc:"where mirrored: our agent at the same phone"`
	Elsewhere     string       `json:"elsewhere,omitempty" doc:"mirrored queue whose call rings or talks at the phone: no call of ours is offered meanwhile"`
	Memberships   []Membership `json:"memberships,omitempty" doc:"where mirrored: in each queue"`
	Number        int64        `json:"number" doc:"stable integer, from 1"`
	Name          string       `json:"name"`
	Line          string       `json:"line"`
	Queues        []string     `json:"queues" nullable:"false" doc:"that the configuration gives the agent"`
	SignedOut     []string     `json:"signed_out,omitempty" doc:"those of queues that the agent is signed out of"`
	Station       Station      `json:"station"`
	State         string       `json:"state" enum:"logged-out,not-ready,ready,reserved,on-call,wrap-up"`
	Reason        string       `json:"reason,omitempty" doc:"why not ready, or what for ready"`
	Since         *time.Time   `json:"since,omitempty" doc:"of the state"`
	StateSeconds  float64      `json:"state_seconds"`
	IdleSince     *time.Time   `json:"idle_since,omitempty"`
	Pending       string       `json:"pending,omitempty" doc:"state to take after the current call"`
	PendingReason string       `json:"pending_reason,omitempty"`
	Call          string       `json:"call,omitempty" doc:"id of the call that occupies the agent"`
	Connection    string       `json:"connection,omitempty" doc:"id of the agent's connection in it"`
	Handled       uint64       `json:"handled" doc:"calls answered since login"`
	TalkSeconds   float64      `json:"talk_seconds" doc:"talked since login, in calls that are over"`
	LoginAt       *time.Time   `json:"login_at,omitempty"`
	Items         []Item       `json:"items,omitempty" doc:"connections on the line, wrap-up included, oldest first"`
	Park          bool         `json:"park,omitempty" doc:"not ready, and away for long"`
	PhoneOff      bool         `json:"phone_off,omitempty" doc:"the phone is not registered"`
	Standing      *Standing    `json:"standing,omitempty" doc:"the leg of a nailed station"`
	WrapUpWarned  bool         `json:"wrap_up_warned,omitempty" doc:"the wrap-up ends soon"`
	ActiveWrapUp  bool         `json:"active_wrap_up,omitempty" doc:"wrap-up is left to do, which the state does not show"`
	LoggingIn     bool         `json:"logging_in,omitempty" doc:"a login waits for its passcode to be typed at the phone"`
	Passcode      string       `json:"passcode,omitempty" doc:"in the answer to a login alone: the digits to type at the phone, which rings now"`
	OneLine       bool         `json:"one_line,omitempty" doc:"for this shift no second call knocks"`
	Paperwork     bool         `json:"paperwork,omitempty" doc:"the wrap-up counts as a pause (ici.after_work: false)"`
}

// Item is one connection on an agent's line.
type Item struct {
	Call       string `json:"call" doc:"ULID"`
	Connection string `json:"connection" doc:"ULID"`
}

// Standing is a leg that stays up for the shift.
type Standing struct {
	Leg   string `json:"leg" doc:"what is known of it"`
	Tries int    `json:"tries,omitempty" doc:"failed since it was last up"`
}

// Station is the phone that an agent works at.
type Station struct {
	ID                   string  `json:"id,omitempty" doc:"of the station object; left out for the agent's own"`
	Endpoint             string  `json:"endpoint"`
	Node                 string  `json:"node,omitempty" doc:"telephony server of the phone; left out for the first"`
	Mode                 string  `json:"mode" enum:"handset,call-on-accept,nailed,talk-notify"`
	AcceptTimeoutSeconds float64 `json:"accept_timeout_seconds,omitempty"`
}

// Queue is one queue: its settings and its live state.
type Queue struct {
	ID                 string         `json:"id" doc:"NAME@NODE where mirrored"`
	Mirror             string         `json:"mirror,omitempty" doc:"the other program whose queue this is, such as app_queue: shown, and takes no orders here"`
	Node               string         `json:"node,omitempty" doc:"the telephony server, where mirrored"`
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
	Agents             map[string]int `json:"agents" doc:"the queue's agents by state, those who are signed in to it"`
	Arrived            uint64         `json:"arrived"`
	Answered           uint64         `json:"answered"`
	Abandoned          uint64         `json:"abandoned"`
	Overflowed         uint64         `json:"overflowed" doc:"sent elsewhere by a rule"`
	Service            string         `json:"service,omitempty" enum:"active,paused,unmanned,closed,holiday,failed"`
	Holiday            string         `json:"holiday,omitempty" doc:"its name, while service is holiday"`
	ServiceLevel       float64        `json:"service_level" doc:"per cent of the calls that were answered in time"`
	ServiceSeconds     float64        `json:"service_level_seconds" doc:"answered in time means within so many"`
	HandleSeconds      float64        `json:"handle_seconds" doc:"mean time that a call occupies an agent, wrap-up included"`
	EstimateSeconds    *float64       `json:"estimate_seconds,omitempty" doc:"expected wait of a call that comes now"`
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
	Seq        uint64      `json:"seq" doc:"number of the event, without gaps"`
	Time       time.Time   `json:"time"`
	Kind       string      `json:"kind" doc:"CSTA's name where there is one"`
	Call       *Call       `json:"call,omitempty"`
	Connection string      `json:"connection,omitempty" doc:"id of the connection that the event is about"`
	Agent      *Agent      `json:"agent,omitempty"`
	Node       string      `json:"node,omitempty"`
	Cause      int         `json:"cause,omitempty"`
	Reason     string      `json:"reason,omitempty"`
	Other      string      `json:"other,omitempty" doc:"id of a second call that the event is about: the consultation that was joined"`
	Queue      *Service    `json:"queue,omitempty" doc:"where the event is about a queue"`
	Callback   *Callback   `json:"callback,omitempty" doc:"where the event is about a callback"`
	Member     *Membership `json:"member,omitempty" doc:"where the event is about a mirrored agent"`
	Recording  *Recording  `json:"recording,omitempty" doc:"where the event is about a recording; reason says what has happened to it"`
	By         string      `json:"by,omitempty" doc:"who asked, where somebody forced it"`
	// Supervision is for supervisors and administrators only; others get an event of kind Private.
	Supervision *Supervision `json:"supervision,omitempty" doc:"where the event is about a supervision; who may not see it gets the kind Private and nothing else"`
}

// Service is a queue's state as a service.
type Service struct {
	ID      string `json:"id"`
	Mirror  string `json:"mirror,omitempty" doc:"the other program whose queue this is"`
	Service string `json:"service"`
	Holiday string `json:"holiday,omitempty"`
	Waiting int    `json:"waiting"`
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

// Accepted is the answer to a command. Accepted is not the end of the story:
// that comes as events. Ids are there where the command is about one.
type Accepted struct {
	Operation  string `json:"operation"`
	Agent      string `json:"agent,omitempty"`
	Queue      string `json:"queue,omitempty"`
	Connection string `json:"connection,omitempty" doc:"ULID"`
	Call       string `json:"call,omitempty" doc:"ULID"`
	NewCall    string `json:"new_call,omitempty" doc:"ULID of the call that is being made"`
	Callback   string `json:"callback,omitempty" doc:"ULID"`
}

// HealthAnswer is the answer of /healthz.
type HealthAnswer struct {
	Status string `json:"status" enum:"ok"`
}

// ReadyAnswer is the answer of /readyz.
type ReadyAnswer struct {
	Ready    bool     `json:"ready"`
	Reasons  []string `json:"reasons" nullable:"false"`
	Degraded []string `json:"degraded" nullable:"false" doc:"what does not work although calls are served, one sentence each"`
}
