package callmodel

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"strowger/switch/fault"
)

// AnswerMode says how an offer at a station becomes a connection (DESIGN.md 3).
type AnswerMode string

const (
	// Handset: the phone rings and a person lifts it. Asterisk cannot answer it for them.
	Handset AnswerMode = "handset"
	// CallOnAccept: the offer shows in the CTI client only; on accept the phone
	// is called with auto-answer headers and bridged.
	CallOnAccept AnswerMode = "call-on-accept"
)

// AnswerPolicy says when a queue's caller is answered, that is, when the
// caller starts to pay (DESIGN.md 3, decision 2).
type AnswerPolicy string

const (
	// AnswerAgent: only when an agent answers; until then the caller hears ringing.
	AnswerAgent AnswerPolicy = "agent"
	// AnswerTreatment: by the agent if one is free at once, else when the music starts.
	AnswerTreatment AnswerPolicy = "treatment"
	// AnswerAtOnce: as soon as the call arrives.
	AnswerAtOnce AnswerPolicy = "at-once"
)

// Strategy names a routing strategy that the [Router] knows.
type Strategy string

// LongestIdle offers the call to the agent who has been ready the longest.
const LongestIdle Strategy = "longest-idle"

// Station is the phone that an agent works at.
type Station struct {
	Endpoint      string        `json:"endpoint"`                 // PJSIP endpoint name
	Mode          AnswerMode    `json:"mode"`                     // how an offer is answered
	AcceptTimeout time.Duration `json:"accept_timeout,omitempty"` // CallOnAccept: time for the phone to auto-answer
}

// QueueConfig is one queue as configured.
type QueueConfig struct {
	ID          QueueID       `json:"id"`
	Number      int64         `json:"number"` // stable, never reused
	Name        string        `json:"name"`
	Address     string        `json:"address"` // the queue's own number, digits
	DNIS        []string      `json:"dnis"`    // dialled numbers that lead here
	Strategy    Strategy      `json:"strategy"`
	RingTimeout time.Duration `json:"ring_timeout"`
	WrapUp      time.Duration `json:"wrap_up"` // 0: none
	Music       string        `json:"music"`   // music-on-hold class
	Answer      AnswerPolicy  `json:"answer"`
	MaxWaiting  int           `json:"max_waiting"`
	Priority    int           `json:"priority"` // higher is served first
}

// AgentConfig is one agent as configured.
type AgentConfig struct {
	ID      AgentID   `json:"id"`
	Number  int64     `json:"number"` // stable, never reused
	Name    string    `json:"name"`
	Line    string    `json:"line"` // digits of the agent's line
	Queues  []QueueID `json:"queues"`
	Station Station   `json:"station"`
}

// Config is one immutable version of the configuration. A call keeps the
// version it started with (DESIGN.md 3, decision 7).
type Config struct {
	Version      uint64        `json:"version"`
	Queues       []QueueConfig `json:"queues"`
	Agents       []AgentConfig `json:"agents"`
	MaxCalls     int           `json:"max_calls"`      // calls at once; more are refused
	AttachedMax  int           `json:"attached_max"`   // bytes of attached data per call
	RetryBackoff time.Duration `json:"retry_backoff"`  // wait after an effect failed for want of a link
	LeftGrace    time.Duration `json:"left_app_grace"` // wait for the end of a channel that left our application

	dnis    map[string]QueueID
	queues  map[QueueID]*QueueConfig
	agents  map[AgentID]*AgentConfig
	serving map[QueueID][]AgentID // agents of a queue in number order
}

// Defaults of the limits that a configuration may leave out.
const (
	DefaultMaxCalls     = 5000
	DefaultAttachedMax  = 32 << 10
	DefaultRetryBackoff = 500 * time.Millisecond
	DefaultLeftGrace    = 10 * time.Second
)

// prepare sets defaults and builds the look-up tables. Called once, before
// the version becomes visible.
func (c *Config) prepare() {
	c.setDefaults()
	c.dnis = map[string]QueueID{}
	c.queues = map[QueueID]*QueueConfig{}
	c.agents = map[AgentID]*AgentConfig{}
	c.serving = map[QueueID][]AgentID{}
	for i := range c.Queues {
		q := &c.Queues[i]
		c.queues[q.ID] = q
		for _, n := range append([]string{q.Address}, q.DNIS...) {
			if n != "" {
				c.dnis[NormalNumber(n)] = q.ID
			}
		}
	}
	order := slices.Clone(c.Agents)
	slices.SortFunc(order, func(a, b AgentConfig) int { return int(a.Number - b.Number) })
	for i := range c.Agents {
		c.agents[c.Agents[i].ID] = &c.Agents[i]
	}
	for _, a := range order {
		for _, q := range a.Queues {
			c.serving[q] = append(c.serving[q], a.ID)
		}
	}
}

func (c *Config) setDefaults() {
	setDefault(&c.MaxCalls, DefaultMaxCalls)
	setDefault(&c.AttachedMax, DefaultAttachedMax)
	setDefault(&c.RetryBackoff, DefaultRetryBackoff)
	setDefault(&c.LeftGrace, DefaultLeftGrace)
}

// Same reports whether two configurations say the same, whatever their
// versions and whether or not their defaults have been filled in.
func (c *Config) Same(o *Config) bool {
	a, b := *c, *o
	a.Version, b.Version = 0, 0
	a.setDefaults()
	b.setDefaults()
	left, errLeft := json.Marshal(&a)
	right, errRight := json.Marshal(&b)
	return errLeft == nil && errRight == nil && string(left) == string(right)
}

func setDefault[T int | time.Duration](p *T, v T) {
	if *p <= 0 {
		*p = v
	}
}

// Queue returns a queue's configuration, or nil.
func (c *Config) Queue(id QueueID) *QueueConfig { return c.queues[id] }

// Agent returns an agent's configuration, or nil.
func (c *Config) Agent(id AgentID) *AgentConfig { return c.agents[id] }

// QueueFor returns the queue that a dialled number leads to.
func (c *Config) QueueFor(dialled string) (QueueID, bool) {
	q, ok := c.dnis[NormalNumber(dialled)]
	return q, ok
}

// Validate checks what Step relies on. The file-level checks, with line
// numbers, are the configuration loader's.
func (c *Config) Validate() error {
	seenQ, seenA, nums, lines := map[QueueID]bool{}, map[AgentID]bool{}, map[string]QueueID{}, map[string]AgentID{}
	for _, q := range c.Queues {
		switch {
		case q.ID == "" || seenQ[q.ID]:
			return badConfig(string(q.ID), "queue ids must be present and unique")
		case q.Number <= 0:
			return badConfig(string(q.ID), "a queue's number starts at 1")
		case q.RingTimeout <= 0:
			return badConfig(string(q.ID), "ring_timeout must be above zero")
		}
		seenQ[q.ID] = true
		for _, n := range append([]string{q.Address}, q.DNIS...) {
			n = NormalNumber(n)
			if other, dup := nums[n]; dup && n != "" && other != q.ID {
				return badConfig(string(q.ID), "number "+n+" already leads to queue "+string(other))
			}
			nums[n] = q.ID
		}
	}
	for _, a := range c.Agents {
		switch {
		case a.ID == "" || seenA[a.ID] || strings.ToLower(string(a.ID)) != string(a.ID):
			return badConfig(string(a.ID), "agent ids must be present, unique and in lower case")
		case a.Number <= 0:
			return badConfig(string(a.ID), "an agent's number starts at 1")
		case a.Line == "" || lines[a.Line] != "":
			return badConfig(string(a.ID), "an agent needs a line number of its own")
		case a.Station.Mode != Handset && a.Station.Mode != CallOnAccept:
			return badConfig(string(a.ID), "station mode must be handset or call-on-accept")
		}
		seenA[a.ID] = true
		lines[a.Line] = a.ID
		for _, q := range a.Queues {
			if !seenQ[q] {
				return badConfig(string(a.ID), "unknown queue "+string(q))
			}
		}
	}
	return nil
}

func badConfig(subject, reason string) error {
	return fault.New(fault.Invalid, "configuration", subject, reason)
}

// NormalNumber drops the leading plus sign, so that +49301 and 49301 compare equal.
func NormalNumber(n string) string { return strings.TrimPrefix(n, "+") }
