package records

import "time"

// Formula says what the service level is a share of.
type Formula string

// The formulas. Each counts calls that were answered within the queue's target.
const (
	// OfAll: of all that were offered, without those given up within the short-abandon time.
	OfAll Formula = "offered"
	// OfAnswered: of those that were answered.
	OfAnswered Formula = "answered"
	// OfServed: of those that were answered, or given up after the target.
	OfServed Formula = "served"
)

// Counts are the figures of one interval and group. Calls, and what agents do
// for them, belong to the interval in which the call was offered to the queue;
// time in agent states belongs to the interval in which it was spent.
type Counts struct {
	Offered    int // stays in a queue that began: the sum of the next nine
	Answered   int
	Abandoned  int // given up after the short-abandon time
	Short      int // given up within it
	Overflowed int
	Full       int
	Callbacks  int
	Lost       int
	Ended      int // by the switch or by somebody else
	Waiting    int // still going on

	InTime      int           // answered within the target
	GoneInTime  int           // given up within the target
	Wait        time.Duration // of those that were answered
	WaitGone    time.Duration // of those that were given up
	LongestWait time.Duration // of any stay that is over

	Offers    int // to agents
	Missed    int // rang out
	Rejected  int
	Handled   int // offers that were answered
	Talk      time.Duration
	Hold      time.Duration // put on hold, or held by the other side
	Dial      time.Duration // of callbacks: until the customer answered
	Wrap      time.Duration
	Transfers int // the agent passed the caller on

	OtherCalls int // of agents, not from a queue
	OtherTalk  time.Duration

	Dispositions int // main ones
	Successes    int

	Ready, NotReady, Reserved, OnCall, InWrapUp time.Duration // of agents
}

// share is a part of a whole; false where there is no whole.
func share(part, whole float64) (float64, bool) {
	if whole <= 0 {
		return 0, false
	}
	return part / whole, true
}

// ServiceLevel is a share from 0 to 1; false where nothing was counted.
func (c *Counts) ServiceLevel(f Formula) (float64, bool) {
	whole := c.Offered - c.Waiting - c.Short
	switch f {
	case OfAnswered:
		whole = c.Answered
	case OfServed:
		whole = c.Answered + c.Abandoned + c.Short - c.GoneInTime
	case OfAll:
	}
	return share(float64(c.InTime), float64(whole))
}

// AnswerSpeed is the mean wait of calls that were answered.
func (c *Counts) AnswerSpeed() time.Duration { return mean(c.Wait, c.Answered) }

// HandleTime is the mean time of talk, hold, dialing and wrap-up.
func (c *Counts) HandleTime() time.Duration {
	return mean(c.Talk+c.Hold+c.Dial+c.Wrap, c.Handled)
}

// Abandonment is the share of offered calls that were given up, short ones left out of both.
func (c *Counts) Abandonment() (float64, bool) {
	return share(float64(c.Abandoned), float64(c.Offered-c.Waiting-c.Short))
}

// Occupancy is the share of their serving time in which agents worked on calls.
func (c *Counts) Occupancy() (float64, bool) {
	work := c.OnCall + c.InWrapUp
	return share(float64(work), float64(work+c.Ready+c.Reserved))
}

// Staffed is the time in which agents were logged in.
func (c *Counts) Staffed() time.Duration {
	return c.Ready + c.NotReady + c.Reserved + c.OnCall + c.InWrapUp
}

// AddTime adds agents' time.
func (c *Counts) AddTime(o *Counts) {
	c.Ready += o.Ready
	c.NotReady += o.NotReady
	c.Reserved += o.Reserved
	c.OnCall += o.OnCall
	c.InWrapUp += o.InWrapUp
	c.OtherCalls += o.OtherCalls
	c.OtherTalk += o.OtherTalk
}

// Add adds figures of calls.
func (c *Counts) Add(o *Counts) {
	c.Offered += o.Offered
	c.Answered += o.Answered
	c.Abandoned += o.Abandoned
	c.Short += o.Short
	c.Overflowed += o.Overflowed
	c.Full += o.Full
	c.Callbacks += o.Callbacks
	c.Lost += o.Lost
	c.Ended += o.Ended
	c.Waiting += o.Waiting
	c.InTime += o.InTime
	c.GoneInTime += o.GoneInTime
	c.Wait += o.Wait
	c.WaitGone += o.WaitGone
	c.LongestWait = max(c.LongestWait, o.LongestWait)
	c.Offers += o.Offers
	c.Missed += o.Missed
	c.Rejected += o.Rejected
	c.Handled += o.Handled
	c.Talk += o.Talk
	c.Hold += o.Hold
	c.Dial += o.Dial
	c.Wrap += o.Wrap
	c.Transfers += o.Transfers
	c.Dispositions += o.Dispositions
	c.Successes += o.Successes
}

func mean(sum time.Duration, n int) time.Duration {
	if n == 0 {
		return 0
	}
	return sum / time.Duration(n)
}
