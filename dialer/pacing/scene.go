package pacing

import "time"

// Status is what an agent is doing.
type Status uint8

// The statuses, numbered as in the protocol of simulators.
const (
	Offline  Status = 0 // not there, or away for a break
	Idle     Status = 1
	Talking  Status = 2 // from the offer on
	Wrapping Status = 3
)

// Agent is one agent who works for the campaign.
type Agent struct {
	Status  Status
	Since   time.Duration // when the status began
	Leaving bool          // does not come back after the call: a break, a logout, the end of the shift
}

// Counts are people who have answered, and those of them who got nobody in time.
type Counts struct {
	Humans    int
	Abandoned int
}

// Window is a legal budget that is counted over another time than the shift.
type Window struct {
	Counts
	Limit float64 // share that may be abandoned
}

// Scene is what can be seen at a tick. Times are since an origin that the
// caller chooses, the same for everything a Pacer is told.
type Scene struct {
	Now       time.Duration
	Agents    []Agent
	Ringing   []time.Duration // when each line that has not ended was dialled, the oldest first
	Waiting   int             // who have answered and have no agent; callers from outside whom the same agents serve
	Lines     int             // in use: ringing, waiting and in conversation
	LineLimit int
	Today     Counts
	Windows   []Window      // further budgets; the tightest counts
	Target    float64       // share that may be abandoned; 0: never more lines than free agents
	Begin     time.Duration // of the shift
	End       time.Duration // of the shift; not after Begin: not known
}

// FactKind says what has ended.
type FactKind uint8

// The facts, numbered as in the protocol of simulators.
const (
	DialEnded FactKind = 0 // answered, or not: see Outcome; took: since it was dialled
	Bridged   FactKind = 1 // an agent has got the call; took: that the customer waited
	Abandoned FactKind = 2 // nobody was there in time
	TalkEnded FactKind = 3 // took: the conversation
	WrapEnded FactKind = 4 // took: the work after it
)

// Outcome is how a dial ended.
type Outcome uint8

// The outcomes, numbered as in the protocol of simulators.
const (
	Human    Outcome = 0
	Machine  Outcome = 1
	Busy     Outcome = 2
	SIT      Outcome = 3 // the network said that the number cannot be reached
	NoAnswer Outcome = 4
)

// Fact is something that has ended.
type Fact struct {
	At      time.Duration
	Kind    FactKind
	Outcome Outcome // of DialEnded
	Took    time.Duration
}
