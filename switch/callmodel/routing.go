package callmodel

import "time"

// Router decides who gets a call. It is pure; switch/acd implements it. The
// model declares it because the model needs it (DESIGN.md 3, decision 1).
type Router interface {
	// Choose says who is offered the call: nobody, one, or with the strategy
	// ring-all several.
	Choose(r *RouteQuery) Choice
	// PickCall chooses among the first waiting call of each of an agent's queues
	// that the agent may get, and returns an index, or -1 for none. queues[i]
	// belongs to calls[i].
	PickCall(a *Agent, queues []*QueueConfig, calls []*Call, now Instant) int
	// Step returns the skill needs that hold for a call that has waited for so
	// long, and when the next ones come into force (0: never).
	Step(q *QueueConfig, c *Call, waited time.Duration) (need []SkillNeed, next time.Duration)
	// Estimate returns the estimated wait of a call at a place in a queue: ahead
	// calls wait before it.
	Estimate(q *Queue, ahead, staffed, ready int) time.Duration
}

// RouteQuery is one question to the Router.
type RouteQuery struct {
	Queue  *QueueConfig
	Call   *Call
	Agents []Candidate // everybody who serves the queue, by agent number
	Last   AgentID     // who got the queue's last call
	Random uint64      // drawn for this question
	Waited time.Duration
	Now    Instant
}

// Candidate is an agent who serves the queue.
type Candidate struct {
	Agent  *Agent
	Config *AgentConfig
	Far    bool // the nailed station is at another telephony server than the call
	Away   bool // the phone's telephony server is out of reach
	Off    bool // signed out of the queue
}

// Why is the reason that an agent was, or was not, offered a call.
type Why string

// The reasons.
const (
	WhyChosen       Why = "chosen"
	WhyLater        Why = "later in the order" // could have got it; somebody came first by the strategy
	WhyLoggedOut    Why = "logged out"
	WhySignedOut    Why = "signed out of the queue"
	WhyNotReady     Why = "not ready"
	WhyBusy         Why = "busy"
	WhyRefused      Why = "has turned this call down"
	WhySkill        Why = "lacks a skill"
	WhyNotPreferred Why = "another agent is preferred"
	WhyNotRequired  Why = "another agent is required"
	WhyPhoneOff     Why = "phone not registered"
	WhyElsewhere    Why = "phone is in a call of another queue system"
	WhyDirector     Why = "is a director"
	WhyOnDemand     Why = "on demand only"
	WhyServerAway   Why = "the phone's telephony server is out of reach"
	WhyFar          Why = "nailed station at another telephony server"
)

// Choice is the Router's answer.
type Choice struct {
	Agents []int // indexes into RouteQuery.Agents, best first
	// Why has an entry per agent of RouteQuery.Agents.
	Why []Verdict
}

// Verdict is why one agent was, or was not, offered a call.
type Verdict struct {
	Agent AgentID `json:"agent"`
	Why   Why     `json:"why"`
	Key   int64   `json:"key,omitempty"` // what the strategy compares, lower is better
}

// RouteDecision is why a call was offered to whom.
type RouteDecision struct {
	At       Instant       `json:"at"`
	Queue    QueueID       `json:"queue"`
	Strategy Strategy      `json:"strategy"`
	Waited   time.Duration `json:"waited"`
	Need     []SkillNeed   `json:"need,omitempty"`
	Agents   []Verdict     `json:"agents"`         // at most MaxVerdicts, the chosen first
	More     int           `json:"more,omitempty"` // agents left out of Agents
}

// MaxVerdicts bounds what a call remembers of a decision.
const MaxVerdicts = 32
