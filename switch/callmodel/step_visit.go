package callmodel

import (
	"slices"
	"time"
)

// QueueVisit is one stay in a queue.
type QueueVisit struct {
	Queue        QueueID       `json:"queue"`
	At           Instant       `json:"at"`
	Left         Instant       `json:"left,omitempty"`
	Agent        AgentID       `json:"agent,omitempty"`         // who answered
	Position     int           `json:"position,omitempty"`      // place on entry, from 1
	LastPosition int           `json:"last_position,omitempty"` // place when it was last offered or left
	Target       time.Duration `json:"target,omitempty"`        // the queue's service level on entry
	End          VisitEnd      `json:"end,omitempty"`           // how it ended
	Rule         string        `json:"rule,omitempty"`          // overflow: the rule's condition; callback: the digit
}

// VisitEnd says how a stay in a queue ended.
type VisitEnd string

// The ends of a stay.
const (
	VisitAnswered  VisitEnd = "answered"
	VisitAbandoned VisitEnd = "abandoned" // the caller gave up
	VisitOverflow  VisitEnd = "overflow"  // a rule of the queue sent the caller elsewhere
	VisitFull      VisitEnd = "full"      // the queue had no place
	VisitCallback  VisitEnd = "callback"  // the caller wants to be called back
	VisitMoved     VisitEnd = "moved"     // sent elsewhere by a person, or the place was given to another party
	VisitLost      VisitEnd = "lost"      // it ended while we could not see it
	VisitEnded     VisitEnd = "ended"     // ended by the switch or by somebody else
)

// Passed says how an agent who leaves a conversation passes the other party on.
type Passed string

// The ways of passing a party on.
const (
	PassedBlind    Passed = "blind-transfer"
	PassedAttended Passed = "attended-transfer"
	PassedPark     Passed = "park"
)

// Visit returns the call's last stay in a queue, or nil. The result must not
// be changed.
func (c *Call) Visit() *QueueVisit {
	if n := len(c.Queues); n > 0 {
		return &c.Queues[n-1]
	}
	return nil
}

// inVisit reports whether the call's last stay goes on.
func (c *Call) inVisit() bool {
	v := c.Visit()
	return v != nil && v.Left == 0 && v.End == ""
}

// editVisit returns the last stay for writing. The call is one that this step
// may write to.
func (c *Call) editVisit() *QueueVisit {
	c.Queues = slices.Clone(c.Queues)
	return &c.Queues[len(c.Queues)-1]
}

// visit notes a stay in the call's queue. The first ones and the last are kept.
func (s *State) visit(c *Call) {
	v := QueueVisit{Queue: c.Queue, At: s.now}
	if q := s.queueConfig(c); q != nil {
		v.Target = q.ServiceLevel
	}
	if c.inVisit() {
		s.visitEnds(c, VisitMoved)
	}
	c.Queues = slices.Clone(c.Queues)
	if len(c.Queues) < MaxVisits {
		c.Queues = append(c.Queues, v)
	} else {
		c.Queues[MaxVisits-1] = v
	}
}

// visitEnds notes how the call's stay ends, if one goes on.
func (s *State) visitEnds(c *Call, how VisitEnd) {
	if !c.inVisit() {
		return
	}
	v := c.editVisit()
	v.Left, v.End = s.now, how
}

// visitEndOf is how the stay of a call ends that gets this outcome.
func visitEndOf(o Outcome) VisitEnd {
	switch o {
	case OutcomeLost:
		return VisitLost
	case OutcomeCallback:
		return VisitCallback
	case OutcomeQueueFull:
		return VisitFull
	default:
		return VisitEnded
	}
}
