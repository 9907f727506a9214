package callmodel

import "time"

// AnswerMode says how an offer at a station becomes a connection (DESIGN.md 3).
type AnswerMode string

const (
	// Handset: the phone rings and a person lifts it. Asterisk cannot answer it for them.
	Handset AnswerMode = "handset"
	// CallOnAccept: the offer shows in the CTI client only; on accept the phone
	// is called with auto-answer headers and bridged.
	CallOnAccept AnswerMode = "call-on-accept"
	// Nailed: the leg to the phone stays up for the shift; an offer is connected
	// at once, after a beep.
	Nailed AnswerMode = "nailed"
	// TalkNotify: the phone rings, and answers when the CTI client accepts (SIP
	// NOTIFY with event "talk").
	TalkNotify AnswerMode = "talk-notify"
)

// Known reports whether the mode is one of the four.
func (m AnswerMode) Known() bool {
	return m == Handset || m == CallOnAccept || m == Nailed || m == TalkNotify
}

// StationID names a station object.
type StationID string

// Station is the phone that an agent works at.
type Station struct {
	Endpoint      string        `json:"endpoint"`                 // PJSIP endpoint name
	Mode          AnswerMode    `json:"mode"`                     // how an offer is answered
	AcceptTimeout time.Duration `json:"accept_timeout,omitempty"` // time for the phone to auto-answer; default 5 s
	ID            StationID     `json:"id,omitempty"`             // of the station object; empty: the agent's own
	Beep          string        `json:"beep,omitempty"`           // Nailed: sound before a call; empty: "beep"
	Node          NodeID        `json:"node,omitempty"`           // telephony server that the phone registers at; empty: the first
	Passcode      bool          `json:"passcode,omitempty"`       // who logs in types a code at the phone
}

// DefaultAcceptTimeout is how long a phone has to answer by itself.
const DefaultAcceptTimeout = 5 * time.Second

// StationConfig is a phone that any agent may log in at (free seating).
type StationConfig struct {
	ID     StationID `json:"id"`
	Number int64     `json:"number"`
	Name   string    `json:"name,omitempty"`
	Station
}

// Capability is what kind of work an agent may be given, in the words of the
// contact centre standards.
type Capability string

const (
	// CapabilityStandard: calls of queues and direct calls.
	CapabilityStandard Capability = "standard"
	// CapabilityDirector: takes no calls of queues; supervises.
	CapabilityDirector Capability = "director"
	// CapabilityOnDemand: gets calls of queues only while nobody else is ready.
	CapabilityOnDemand Capability = "on-demand"
)

// AgentSkill is a skill that an agent has.
type AgentSkill struct {
	Skill string `json:"skill"`
	Level int    `json:"level"` // 1 to 100
}

// QueueRank is an agent's place in a queue with the strategy ordered.
type QueueRank struct {
	Queue QueueID `json:"queue"`
	Rank  int     `json:"rank"` // lower is asked first
}

// AgentConfig is one agent as configured.
type AgentConfig struct {
	ID      AgentID   `json:"id"`
	Number  int64     `json:"number"` // stable, never reused
	Name    string    `json:"name"`
	Line    string    `json:"line"` // digits of the agent's line
	Queues  []QueueID `json:"queues"`
	Station Station   `json:"station"` // default; login may name another

	Skills       []AgentSkill `json:"skills,omitempty"`
	Ranks        []QueueRank  `json:"ranks,omitempty"`
	WorkGroup    string       `json:"work_group,omitempty"`
	Email        string       `json:"email,omitempty"`
	Capabilities []Capability `json:"capabilities,omitempty"` // empty: standard
	MultiLine    bool         `json:"multi_line,omitempty"`   // may have a second call on the line (knocking)
	DialRule     string       `json:"dial_rule,omitempty"`    // what the agent may dial; empty: no outside numbers
	CallerID     string       `json:"caller_id,omitempty"`    // number that the agent's outbound calls show
	Recording    RecordRule   `json:"recording,omitzero"`
}

// Has reports whether the agent has a capability; standard is what everybody
// has who has none.
func (a *AgentConfig) Has(c Capability) bool {
	for _, have := range a.Capabilities {
		if have == c {
			return true
		}
	}
	return c == CapabilityStandard && len(a.Capabilities) == 0
}

// Skill returns the agent's level in a skill, 0 for none.
func (a *AgentConfig) Skill(id string) int {
	for _, s := range a.Skills {
		if s.Skill == id {
			return s.Level
		}
	}
	return 0
}

// Rank returns the agent's rank in a queue; without one they come last.
func (a *AgentConfig) Rank(q QueueID) int {
	for _, r := range a.Ranks {
		if r.Queue == q {
			return r.Rank
		}
	}
	return 1 << 30
}

// SkillConfig is a skill that agents can have and queues can ask for.
type SkillConfig struct {
	ID     string `json:"id"`
	Number int64  `json:"number"`
	Name   string `json:"name,omitempty"`
}

// ReasonConfig is a reason that agents can give.
type ReasonConfig struct {
	ID     string `json:"id"`
	Number int64  `json:"number"`
	Name   string `json:"name,omitempty"`
	For    string `json:"for"`            // "not-ready", "ready", "reject" or "logout"
	Park   bool   `json:"park,omitempty"` // not ready, and expected to be away for long
}

// DispositionConfig is a result that an agent can give a call.
type DispositionConfig struct {
	ID      string `json:"id"`
	Number  int64  `json:"number"`
	Name    string `json:"name,omitempty"`
	Success bool   `json:"success,omitempty"` // counts as positive
}
