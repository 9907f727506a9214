package callmodel

import (
	"slices"

	"strowger/switch/fault"
)

// Serves reports whether the configuration gives an agent this queue and they
// are signed in to it. Whether they are logged in is another matter.
func (a *Agent) Serves(q QueueID) bool {
	return slices.Contains(a.Queues, q) && !slices.Contains(a.Off, q)
}

// SignedIn lists the queues that an agent serves, in the configuration's order.
func (a *Agent) SignedIn() []QueueID {
	if len(a.Off) == 0 {
		return a.Queues
	}
	return slices.DeleteFunc(slices.Clone(a.Queues), func(q QueueID) bool { return slices.Contains(a.Off, q) })
}

// setAgentQueues signs an agent in to queues and out of queues. To a queue that
// they are signed out of they are as if logged out: an offer of it that rings is
// withdrawn, and nobody serves it any more who was its last. What has been
// accepted and is being talked goes on.
func (s *State) setAgentQueues(in SetAgentQueues) error {
	a, err := s.agentFor(in.Tag(), in.Agent)
	if err != nil {
		return err
	}
	if len(in.In)+len(in.Out) == 0 && !in.Only {
		return fault.New(fault.Invalid, in.Tag(), string(in.Agent), "it names no queue to sign in to or out of")
	}
	for _, q := range append(slices.Clone(in.In), in.Out...) {
		switch {
		case s.config.Queue(q) == nil:
			return noQueue(in.Tag(), q)
		case !slices.Contains(a.Queues, q):
			return fault.New(fault.Denied, in.Tag(), string(q), "the queue is not one of "+string(in.Agent)+"'s: the configuration gives agents their queues")
		case slices.Contains(in.In, q) && slices.Contains(in.Out, q):
			return fault.New(fault.Invalid, in.Tag(), string(q), "the queue is to be signed in to and out of")
		}
	}
	var off, came, left []QueueID
	for _, q := range a.Queues {
		was := slices.Contains(a.Off, q)
		is := !slices.Contains(in.In, q) && (was || in.Only || slices.Contains(in.Out, q))
		if is {
			off = append(off, q)
		}
		if is && !was {
			left = append(left, q)
		} else if was && !is {
			came = append(came, q)
		}
	}
	if len(came)+len(left) == 0 {
		return nil
	}
	s.editAgent(in.Agent).Off = off
	s.emitAgent(in.Agent)
	s.leftQueues(in.Agent, left)
	s.watchService()
	if len(came) > 0 {
		s.serve(in.Agent)
	}
	return nil
}

// leftQueues withdraws the offers of queues that an agent has signed out of, and
// has calls that wait for this agent first wait no more.
func (s *State) leftQueues(id AgentID, left []QueueID) {
	for _, r := range slices.Clone(s.agents[id].Items) {
		c := s.calls[r.Call]
		if p := c.Conn(r.Conn); p.offered() && !p.Direct && c.Phase == PhaseOffered && slices.Contains(left, c.Queue) {
			s.offerOver(r.Call, r.Conn, CauseNormal, offerSignedOut)
		}
	}
	for _, c := range s.callsInOrder() {
		if c.Preferred == id && c.Phase == PhaseWaiting && slices.Contains(left, c.Queue) {
			s.place(c.ID)
		}
	}
}

// keepOff is what is left of the queues that an agent is signed out of when the
// configuration gives them these.
func keepOff(off, queues []QueueID) []QueueID {
	var out []QueueID
	for _, q := range queues {
		if slices.Contains(off, q) {
			out = append(out, q)
		}
	}
	return out
}
