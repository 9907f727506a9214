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
	// RoleParty is somebody whom the switch has called, outside or at a phone
	// that is no agent's.
	RoleParty Role = 3
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
	In          BridgeID   `json:"in,omitempty"`           // bridge of ours that the leg is in, be it another call's
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
	BridgedAt   Instant    `json:"bridged_at,omitempty"`  // first seen in the call's bridge
	LostFrom    Instant    `json:"lost_from,omitempty"`   // it ended between this time and EndedAt, and nobody knows when
	WrapUpEnd   Instant    `json:"wrap_up_end,omitempty"` // when the wrap-up ended

	Dial         string   `json:"dial,omitempty"`          // digits sent to the trunk
	Trunk        string   `json:"trunk,omitempty"`         // that the call goes out by
	ShowID       string   `json:"show_id,omitempty"`       // number shown to the called party
	Partner      ConnID   `json:"partner,omitzero"`        // same line's connection in the other call: held and consultation
	Maker        bool     `json:"maker,omitempty"`         // has made the call
	Consult      bool     `json:"consult,omitempty"`       // of the two, the consultation
	Conference   bool     `json:"conference,omitempty"`    // three or more are in the call
	Owner        bool     `json:"owner,omitempty"`         // made the conference
	Direct       bool     `json:"direct,omitempty"`        // called by number, not by a queue
	Joined       bool     `json:"joined,omitempty"`        // was asked into a call that a client had made
	Knock        bool     `json:"knock,omitempty"`         // waits behind another call of the line
	Borrowed     bool     `json:"borrowed,omitempty"`      // the leg is a standing one and outlives the connection
	Muted        bool     `json:"muted,omitempty"`         // by the agent, who still hears
	Warned       bool     `json:"wrap_warned,omitempty"`   // the wrap-up ends soon
	NoWrapUp     bool     `json:"no_wrap_up,omitempty"`    // the client wants none
	WrapUpDue    Instant  `json:"wrap_up_due,omitempty"`   // when it ends by itself
	RejectReason string   `json:"reject_reason,omitempty"` // why the offer was turned down
	Codes        []string `json:"dispositions,omitempty"`  // the main one first
	Success      bool     `json:"success,omitempty"`       // summary of the disposition
	SwapTo       ConnID   `json:"swap_to,omitzero"`        // retrieved when this one is on hold
	MusicMaybe   bool     `json:"music_maybe,omitempty"`   // an order about music has failed: it may play
	MusicLate    bool     `json:"music_late,omitempty"`    // an order to start it may still run
	MusicStopAt  Instant  `json:"music_stop_at,omitempty"` // last ordered to stop
	Beep         PlayID   `json:"beep,omitempty"`          // sound before a call at a nailed station
	RingTone     bool     `json:"ring_tone,omitempty"`     // the leg hears ringing while another is called
	TechCause    int      `json:"tech_cause,omitempty"`    // a called party: the SIP status that ended the try
	Passed       Passed   `json:"passed,omitempty"`        // how the agent has passed the other party on
	PassedTo     string   `json:"passed_to,omitempty"`     // where to

	MayRecord    bool   `json:"may_record,omitempty"`       // the agent may start and stop a recording
	Recorded     bool   `json:"recorded,omitempty"`         // the conversation is being recorded
	RecordPaused bool   `json:"record_paused,omitempty"`    // and the recording is paused
	SIPCallID    string `json:"sip_call_id,omitempty"`      // Call-ID of the leg, of who is called outside in a call that did not come in
	IDLate       bool   `json:"sip_call_id_late,omitempty"` // it came to be known when the phone rang already
	Via          NodeID `json:"via,omitempty"`              // server that the leg goes through to its phone or trunk, where it is not the call's

	Callback  *CallbackAt `json:"callback,omitempty"`    // the customer wants to be called again, says the agent
	Dialed    bool        `json:"dialed,omitempty"`      // the customer of a campaign, whatever call they are in
	DoNotCall bool        `json:"do_not_call,omitempty"` // the customer wants no more calls, says the agent
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
	// PhaseDialing: somebody is being called by number, at an agent's line or outside.
	PhaseDialing Phase = 5
	// PhaseIVR: the caller is in a menu.
	PhaseIVR Phase = 6
	// PhaseRouting: a CTI client has been asked where the call shall go.
	PhaseRouting Phase = 7
	// PhaseParked: the caller waits in a parking place.
	PhaseParked Phase = 8
	// PhaseAutomat: a customer of a campaign has answered, and a detector listens
	// or a message is told: no agent is looked for.
	PhaseAutomat Phase = 9
)

// CallKind says how a call came about.
type CallKind string

const (
	// KindInbound: somebody outside has called; the zero value.
	KindInbound CallKind = ""
	// KindOutbound: an agent has called somebody outside.
	KindOutbound CallKind = "outbound"
	// KindInternal: an agent has called an agent or a queue.
	KindInternal CallKind = "internal"
	// KindConsult: a consultation call.
	KindConsult CallKind = "consult"
	// KindCallback: a customer who is called back.
	KindCallback CallKind = "callback"
	// KindCampaign: a customer whom the dialer calls.
	KindCampaign CallKind = "campaign"
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
	OutcomeOverflow      Outcome = "overflow"          // an overflow rule sent it away from the switch
	OutcomeClosed        Outcome = "closed"            // the queue was closed
	OutcomeMenu          Outcome = "menu"              // it ended in a menu
	OutcomeCallback      Outcome = "callback"          // the caller wants to be called back
	OutcomeNoAnswer      Outcome = "no-answer"         // the called party did not answer
	OutcomeBusy          Outcome = "busy"              // the called party was busy
	OutcomeFailed        Outcome = "failed"            // the called party could not be reached
	OutcomeCancelled     Outcome = "cancelled"         // who called gave up
	OutcomeTransferred   Outcome = "transferred"       // a consultation that became part of its call
	OutcomeTalked        Outcome = "talked"            // parties talked, without a queue
	OutcomeMoved         Outcome = "moved"             // of a mirrored call: it has become a call of ours

	// Of a campaign's call.
	OutcomeDropped       Outcome = "dropped"        // a person answered and no agent was there in time
	OutcomeMachine       Outcome = "machine"        // a machine answered
	OutcomeFax           Outcome = "fax"            // a fax or modem answered
	OutcomeSIT           Outcome = "sit-tone"       // the network's tones were heard
	OutcomeShortAnswer   Outcome = "short-answer"   // answered and gone at once
	OutcomeMessage       Outcome = "message"        // the message was told
	OutcomeOptOut        Outcome = "opt-out"        // they pressed the digit for no more calls
	OutcomeSkipped       Outcome = "skipped"        // the agent who was shown it did not make it
	OutcomeAgentRejected Outcome = "agent-rejected" // and nobody is to make it
	OutcomeNotStarted    Outcome = "not-started"    // the order to call was never carried out
	OutcomeUnknown       Outcome = "unknown"        // nobody knows what became of the order to call
)

// AttachedData is one application's part of what travels with a call.
type AttachedData struct {
	App   string `json:"app"`   // application id
	Media string `json:"media"` // media type of Data
	Data  string `json:"data"`  // UTF-8 fragment, checked at the edge
}

// Call is one call from cradle to grave. Immutable once it has left Step.
type Call struct {
	ID            CallID         `json:"id"`
	Number        int64          `json:"number"` // from 1, the same on all listeners
	Seq           uint64         `json:"seq"`    // grows with every change
	Node          NodeID         `json:"node"`
	Config        uint64         `json:"config"` // pinned configuration version
	Phase         Phase          `json:"phase"`
	Outcome       Outcome        `json:"outcome,omitempty"` // set as soon as it is sure
	Dialled       string         `json:"dialled"`
	Caller        string         `json:"caller"`
	CallerName    string         `json:"caller_name,omitempty"`
	Queue         QueueID        `json:"queue,omitempty"`
	Order         uint64         `json:"order,omitempty"` // place in the queue, kept over requeues
	Refused       []AgentID      `json:"refused,omitempty"`
	Bridge        BridgeID       `json:"bridge,omitempty"`
	Bridges       uint32         `json:"bridges,omitempty"`   // made so far
	BridgeUp      bool           `json:"bridge_up,omitempty"` // asked for or seen
	Conns         []Connection   `json:"conns"`
	NextConn      uint32         `json:"next_conn"`
	Attached      []AttachedData `json:"attached,omitempty"` // in order of application id
	ArrivedAt     Instant        `json:"arrived_at"`
	QueuedAt      Instant        `json:"queued_at,omitempty"`
	AnswerAsked   bool           `json:"answer_asked,omitempty"`
	RingAsked     bool           `json:"ring_asked,omitempty"`
	AnsweredAt    Instant        `json:"answered_at,omitempty"` // the caller's leg was answered
	TalkingAt     Instant        `json:"talking_at,omitempty"`  // first agent connected
	OverAt        Instant        `json:"over_at,omitempty"`
	LostFrom      Instant        `json:"lost_from,omitempty"`  // it was over between this time and OverAt, and nobody knows when
	Evidence      bool           `json:"evidence,omitempty"`   // known from the server's records only: it came and went while there was no contact
	OrderedAt     Instant        `json:"ordered_at,omitempty"` // last order to the telephony server
	RetryAt       Instant        `json:"retry_at,omitempty"`   // not offered before
	Kind          CallKind       `json:"kind,omitempty"`
	Root          CallID         `json:"root,omitzero"`            // consultation: the first call of the chain
	Overflows     int            `json:"overflows,omitempty"`      // rules that have sent it elsewhere
	TransferredBy AgentID        `json:"transferred_by,omitempty"` // the last who did
	OnBehalf      AgentID        `json:"on_behalf,omitempty"`      // whose rules for numbers outside apply
	WantID        string         `json:"want_id,omitempty"`        // number to show outside, as asked for
	Routed        bool           `json:"routed,omitempty"`         // a CTI client has been asked
	Collecting    bool           `json:"collecting,omitempty"`     // the digit for a callback is waited for
	ConsultOf     CallID         `json:"consult_of,omitzero"`
	CallerID      string         `json:"caller_id,omitempty"` // the caller in E.164, empty where withheld or not known
	Withheld      bool           `json:"withheld,omitempty"`
	DNIS          *DNISInfo      `json:"dnis,omitempty"`
	Queues        []QueueVisit   `json:"queues,omitempty"` // that it has been in, at most MaxVisits
	Priority      int            `json:"priority,omitempty"`
	Skills        []SkillNeed    `json:"skills,omitempty"` // instead of the queue's
	Preferred     AgentID        `json:"preferred,omitempty"`
	Required      []AgentID      `json:"required,omitempty"`
	RequiredTo    Instant        `json:"required_to,omitempty"` // 0: for good
	Target        *Target        `json:"target,omitempty"`      // being called
	IVR           *IVRState      `json:"ivr,omitempty"`
	Values        []Var          `json:"values,omitempty"` // stored by menus and decisions, by key
	Announce      *AnnounceState `json:"announce,omitempty"`
	Parked        *ParkState     `json:"parked,omitempty"`
	Callback      CallbackID     `json:"callback,omitzero"`
	Decided       *RouteDecision `json:"decided,omitempty"`  // the last offer, and why
	Estimate      time.Duration  `json:"estimate,omitempty"` // of the wait, on arrival in the queue
	Plays         uint32         `json:"plays,omitempty"`    // sounds played so far
	Playing       PlayID         `json:"playing,omitempty"`  // a file to everybody
	Gateway       string         `json:"gateway,omitempty"`
	Told          uint64         `json:"told,omitempty"` // sequence number of the last event
	Hops          int            `json:"hops,omitempty"` // overflows and diversions, against circles
	WaitDue       Instant        `json:"wait_due,omitempty"`
	Recording     RecordingID    `json:"recording,omitzero"`    // the last one
	Recordings    uint32         `json:"recordings,omitempty"`  // begun so far
	RecordOff     bool           `json:"record_off,omitempty"`  // no rule begins another
	SIPCallID     string         `json:"sip_call_id,omitempty"` // Call-ID of the leg that it came in by, at most MaxSIPCallID bytes
	Campaign      string         `json:"campaign,omitempty"`    // that it is made for
	ListID        string         `json:"list_id,omitempty"`     // of a callback: entry of the campaign's list of calls; else the list
	Lead          string         `json:"lead,omitempty"`        // of KindCampaign: entry of the list
	DialMode      DialMode       `json:"dial_mode,omitempty"`   // of KindCampaign
	Dial          *DialState     `json:"dial,omitempty"`        // of KindCampaign
	Origin        string         `json:"origin,omitempty"`      // the dialect in which the call was made
	Trunk         string         `json:"trunk,omitempty"`       // that it came in by
	RouteTo       Dest           `json:"route_to,omitzero"`     // where its route request has led
	EndedBy       string         `json:"ended_by,omitempty"`    // who has ended it for everybody, from outside; see EndCall
	gen           uint64
	touched       uint64
}

// EndedBySomebody is who has ended a call where the command does not say.
const EndedBySomebody = "-"

// MaxSIPCallID is the longest Call-ID that a call keeps; a longer one is of no use cut.
const MaxSIPCallID = 128

// MaxVisits is how many stays in queues a call remembers: the first ones and the last.
const MaxVisits = 16

// MaxHops is how often a call may be sent on before it is ended.
const MaxHops = 10

// DNISInfo is what the dialled number means, from the DNIS table.
type DNISInfo struct {
	Number string `json:"number"` // dialled number, or the queue name that an existing PBX has sent
	Entry  string `json:"entry,omitempty"`
	Label  string `json:"label,omitempty"`
	Colour string `json:"colour,omitempty"`
	Script string `json:"script,omitempty"`
	CRM    string `json:"crm,omitempty"`
	By     string `json:"by,omitempty"` // where it was found
}

// Target is the party that a call is being taken to.
type Target struct {
	To     Dest    `json:"to"`
	Conn   ConnID  `json:"conn,omitzero"`
	Back   AgentID `json:"back,omitempty"`   // transferred by: gets the call back where nobody answers
	Recall bool    `json:"recall,omitempty"` // this is the call coming back
	Queue  QueueID `json:"queue,omitempty"`  // goes back to this queue where nobody answers
	Hold   ConnID  `json:"hold,omitzero"`    // consultation: starts when this is on hold
	Held   bool    `json:"held,omitempty"`   // comes back to the line that had it on hold when the phone was hung up
}

// IVRState is where a caller is in a menu.
type IVRState struct {
	Menu    IVRID  `json:"menu"`
	Node    string `json:"node"`
	Steps   int    `json:"steps"`
	Tries   int    `json:"tries,omitempty"`
	Play    PlayID `json:"play,omitempty"`    // prompt that is playing
	Digits  string `json:"digits,omitempty"`  // so far, where not secret
	Count   int    `json:"count,omitempty"`   // digits so far
	Collect uint32 `json:"collect,omitempty"` // number of the collection
	Asking  bool   `json:"asking,omitempty"`  // a decision is awaited
}

// AnnounceState is how far a waiting caller's announcements are.
type AnnounceState struct {
	Next   Instant `json:"next,omitempty"`
	Prompt int     `json:"prompt,omitempty"` // next of the prompts
	Play   PlayID  `json:"play,omitempty"`   // that is playing
	Until  Instant `json:"until,omitempty"`  // when it is given up: its end is not told in every case
}

// ParkState is a parked call's place.
type ParkState struct {
	Place string  `json:"place"`
	By    AgentID `json:"by"`
	At    Instant `json:"at"`
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

// CallerConn returns the connection of whoever made the call: every call has
// one, and it is the first.
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

// talks reports whether the connection takes part in a conversation.
func (c *Connection) talks() bool {
	return c.State == Connected || c.State == Hold || c.State == Held
}

// offered reports whether an agent is being offered the call by the connection.
func (c *Connection) offered() bool {
	return c.Role == RoleAgent && !c.Maker && (c.State == Initiated || c.State == Alerting)
}

// Waiting returns the party for whom the call looks for somebody else: the
// caller, the agent who makes the call, or who was left by a transfer.
func (c *Call) Waiting() *Connection {
	for i := range c.Conns {
		p := &c.Conns[i]
		if p.State == Ended || p.offered() || c.Target != nil && c.Target.Conn == p.ID {
			continue
		}
		return p
	}
	return &c.Conns[0]
}

// talkers lists the connections that take part in the conversation.
func (c *Call) talkers() []ConnID {
	var out []ConnID
	for i := range c.Conns {
		if c.Conns[i].talks() {
			out = append(out, c.Conns[i].ID)
		}
	}
	return out
}

// other returns the only other party of a conversation of two, or nil.
func (c *Call) other(of ConnID) *Connection {
	var found *Connection
	for i := range c.Conns {
		p := &c.Conns[i]
		if p.ID == of || !p.talks() {
			continue
		}
		if found != nil {
			return nil
		}
		found = p
	}
	return found
}

// Remote returns the numbers of the other parties that are still there, or
// were last there, as seen from a connection.
func (c *Call) Remote(of ConnID) []string {
	var out []string
	for i := range c.Conns {
		p := &c.Conns[i]
		if p.ID == of || i > 0 && p.State == Ended || i == 0 && p.State == Ended && p.Role == RoleAgent {
			continue
		}
		out = append(out, p.Device)
	}
	return out
}

// Alone reports whether nobody else is connected: what a maker's display calls
// dialing or ringing.
func (c *Call) Alone(of ConnID) bool {
	for i := range c.Conns {
		if p := &c.Conns[i]; p.ID != of && p.talks() {
			return false
		}
	}
	return true
}

func (c *Call) refusedBy(a AgentID) bool { return slices.Contains(c.Refused, a) }

func (c *Call) clone(gen uint64) *Call {
	n := *c
	n.gen = gen
	n.Conns = slices.Clone(c.Conns)
	return &n
}
