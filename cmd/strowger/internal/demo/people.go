package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// How people behave.
const (
	shortPatience, longPatience = 3 * time.Second, 7 * time.Second // one caller in impatientOne
	minPatience, maxPatience    = 25 * time.Second, 45 * time.Second
	minTalk, maxTalk            = 7 * time.Second, 14 * time.Second
	minPickUp, maxPickUp        = time.Second, 3 * time.Second
	agentTalkMin, agentTalkMax  = 6 * time.Second, 9 * time.Second // of agents who hang up first
	impatientOne                = 10
	rejectOne                   = 14                               // one offer in 14 is rejected
	missOne                     = 16                               // and one in 16 rings in vain
	hangUpOne                   = 4                                // one conversation in 4 is ended by the agent
	passOnOne                   = 4                                // and one of the others in 4 is transferred to another queue
	minPassOn, maxPassOn        = 2 * time.Second, 4 * time.Second // into the conversation
	callerNumbers               = 100
	callerTones                 = 7
	hangupLimit                 = 4 * time.Second
)

// one is true once in n draws.
func one(rng *rand.Rand, n int) bool { return rng.IntN(n) == 0 }

// traffic lets callers arrive until ctx ends: the first at once, the others at
// random, as callers do.
func (d *Demo) traffic(ctx, work context.Context) {
	rng := d.dice("traffic")
	wait := firstCaller
	for n := 0; pause(ctx, wait); n++ {
		d.arrive(work, rng, n)
		wait = time.Duration(rng.ExpFloat64() * float64(time.Minute) / d.Rate)
		wait = min(wait, 4*time.Duration(float64(time.Minute)/d.Rate))
	}
}

// arrive lets one caller call. The first two call one queue each, so that a
// short look shows both.
func (d *Demo) arrive(work context.Context, rng *rand.Rand, n int) {
	queue := d.Queues[rng.IntN(len(d.Queues))]
	if n < len(d.Queues) {
		queue = d.Queues[n]
	}
	c := &conversation{
		queue: queue, dialled: make(chan struct{}), talking: make(chan struct{}), checked: make(chan struct{}),
		from: Caller{
			Number: fmt.Sprintf("+4917055501%02d", n%callerNumbers), Name: fmt.Sprintf("Caller %d", n+1),
			Tone: float64(300 + 100*(n%callerTones)),
		},
	}
	if !d.book.enter(c) {
		d.tally.count(func(s *Summary) { s.Skipped++ })
		return
	}
	patience, talk := between(rng, minPatience, maxPatience), between(rng, minTalk, maxTalk)
	if n >= 2*len(d.Queues) && one(rng, impatientOne) {
		patience = between(rng, shortPatience, longPatience)
	}
	d.callers.Go(func() {
		defer d.book.leave(c)
		d.call(work, c, patience, talk)
	})
}

// call is a caller's whole call.
func (d *Demo) call(ctx context.Context, c *conversation, patience, talk time.Duration) {
	leg, err := d.Lines.Call(ctx, c.from, c.queue.Number)
	if err != nil {
		close(c.dialled)
		d.tally.problem(Event{Caller: c.from.Number, What: "not-placed", Text: "the call from " + c.from.Number + " could not be placed: " + fault.ReasonOf(err)})
		return
	}
	c.leg = leg
	close(c.dialled)
	d.tally.count(func(s *Summary) { s.Placed++ })
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-c.talking:
		d.converse(ctx, c, talk)
	case <-timer.C:
		d.book.giveUp(c)
		d.say(c, "gives-up", "%s has waited %.0f s and hangs up", c.from.Number, patience.Seconds())
		d.hangUp(ctx, c)
	case <-d.closing:
		d.book.giveUp(c)
		d.hangUp(ctx, c)
	case <-leg.Done():
	case <-ctx.Done():
		d.book.giveUp(c)
	}
	d.outcome(c)
}

// converse talks for a while, unless the agent hangs up.
func (d *Demo) converse(ctx context.Context, c *conversation, talk time.Duration) {
	going := pause(ctx, talk, c.leg.Done(), d.closing)
	if next := d.book.passedOn(c); going && next != nil {
		going = d.waitAgain(ctx, c, next)
	}
	if going {
		d.say(c, "hangs-up", "%s hangs up", c.from.Number)
	}
	select {
	case <-c.checked: // so that a conversation that has just begun counts too
	case <-c.leg.Done():
	case <-ctx.Done():
	}
	d.book.giveUp(c)
	d.hangUp(ctx, c)
}

// waitAgain is the rest of a transferred caller's call: the wait for the next
// agent and the talk; false when somebody else has ended it.
func (d *Demo) waitAgain(ctx context.Context, c *conversation, next <-chan struct{}) bool {
	patience := time.NewTimer(minPatience)
	defer patience.Stop()
	select {
	case <-next:
		return pause(ctx, minTalk, c.leg.Done(), d.closing)
	case <-patience.C:
		return true
	case <-c.leg.Done():
	case <-d.closing:
	case <-ctx.Done():
	}
	return false
}

// hangUp ends the caller's leg and waits until it is gone.
func (d *Demo) hangUp(ctx context.Context, c *conversation) {
	if closed(c.leg.Done()) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, hangupLimit)
	defer cancel()
	if err := c.leg.Hangup(ctx); err != nil && !closed(c.leg.Done()) {
		d.Log.Debug("hang up", "caller", c.from.Number, "error", err)
	}
	select {
	case <-c.leg.Done():
	case <-ctx.Done():
	}
}

// outcome counts how the call went for the caller.
func (d *Demo) outcome(c *conversation) {
	number, givenUp, answered := d.book.callOf(c)
	switch {
	case answered:
	case givenUp && closed(d.closing):
		d.tally.count(func(s *Summary) { s.CutShort++ })
	case givenUp:
		d.tally.count(func(s *Summary) { s.Abandoned++ })
	default:
		d.tally.problem(Event{
			Call: number, Caller: c.from.Number, What: "refused",
			Text: fmt.Sprintf("the call from %s to %s ended before an agent answered: %s", c.from.Number, c.queue.Number, c.leg.Why()),
		})
	}
}

func (d *Demo) say(c *conversation, what, format string, args ...any) {
	number, _, _ := d.book.callOf(c)
	d.Report.tell(Event{Who: byCaller, Call: number, Caller: c.from.Number, What: what, Text: fmt.Sprintf(format, args...)})
}

// desk is an agent with a handset.
type desk struct {
	demo   *Demo
	agent  Agent
	rng    *rand.Rand
	missed chan struct{} // the switch has set the agent not ready
}

// ready makes the agent available, as a supervisor would.
func (k *desk) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	return k.demo.Switch.Do(ctx, callmodel.SetAgentState{Cmd: callmodel.Cmd{By: "demo"}, Agent: callmodel.AgentID(k.agent.ID), State: callmodel.Ready})
}

// work takes calls until ctx ends.
func (k *desk) work(ctx context.Context) {
	for {
		ring, err := k.demo.Lines.Next(ctx, k.agent)
		if err != nil {
			return
		}
		k.handle(ctx, ring)
		select {
		case <-ring.Done():
		case <-ctx.Done():
			return
		}
	}
}

// handle answers after a moment; now and then it does not.
func (k *desk) handle(ctx context.Context, ring Ring) {
	think := between(k.rng, minPickUp, maxPickUp)
	reject, miss, first := one(k.rng, rejectOne), one(k.rng, missOne), one(k.rng, hangUpOne)
	talk := between(k.rng, agentTalkMin, agentTalkMax)
	transfer, after := !first && one(k.rng, passOnOne), between(k.rng, minPassOn, maxPassOn)
	if miss || ring.Answered() || !pause(ctx, think, ring.Done()) {
		return
	}
	act := ring.Answer
	if reject {
		act = ring.Reject
	}
	if err := act(ctx); err != nil && !closed(ring.Done()) && ctx.Err() == nil {
		k.demo.tally.problem(Event{Agent: k.agent.Line, What: "phone", Text: "the phone of agent " + k.agent.Line + ": " + fault.ReasonOf(err)})
		return
	}
	if !reject && transfer && pause(ctx, after, ring.Done(), k.demo.closing) {
		k.passOn(ctx)
		return
	}
	if reject || !first || !pause(ctx, talk, ring.Done(), k.demo.closing) {
		return
	}
	if err := ring.Hangup(ctx); err != nil {
		k.demo.Log.Debug("hang up", "agent", k.agent.Line, "error", err)
	}
}

// passOn transfers the caller to another queue, without asking there first.
func (k *desk) passOn(ctx context.Context) {
	view, err := k.demo.Switch.View(ctx)
	if err != nil {
		return // the switch stops
	}
	agent := slices.IndexFunc(view.Agents, func(a *callmodel.Agent) bool { return a.Line == k.agent.Line })
	if agent < 0 {
		return
	}
	at := slices.IndexFunc(view.Calls, func(c *callmodel.Call) bool { return c.ID == view.Agents[agent].Call })
	if at < 0 {
		return // the caller has hung up
	}
	call, conn := view.Calls[at], view.Agents[agent].Conn
	to := slices.IndexFunc(k.demo.Queues, func(q Queue) bool { return q.ID != string(call.Queue) })
	conv := k.demo.book.of(call)
	if to < 0 || conv == nil || !k.demo.book.passOn(conv) {
		return
	}
	err = k.demo.Switch.Do(ctx, callmodel.BlindTransfer{
		Cmd: callmodel.Cmd{By: "demo"}, Conn: conn, To: callmodel.Dest{Kind: callmodel.DestQueue, Value: k.demo.Queues[to].ID},
	})
	if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) && ctx.Err() == nil { // these: the caller was quicker
		k.demo.tally.problem(Event{Agent: k.agent.Line, What: "transfer", Text: "agent " + k.agent.Line + " cannot transfer the caller: " + fault.ReasonOf(err)})
	}
}

// rest brings the agent back a moment after a missed call.
func (k *desk) rest(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.missed:
		}
		if !pause(ctx, restAfter, k.demo.closing) {
			return
		}
		if err := k.ready(ctx); err != nil && ctx.Err() == nil {
			k.demo.tally.problem(Event{Agent: k.agent.Line, What: "ready", Text: "agent " + k.agent.Line + " cannot be made ready: " + fault.ReasonOf(err)})
		}
	}
}

// pickUp takes the calls of a phone that answers by itself, so that its owner
// is heard.
func (d *Demo) pickUp(ctx context.Context, a Agent) {
	for {
		ring, err := d.Lines.Next(ctx, a)
		if err != nil {
			return
		}
		select {
		case <-ring.Done():
		case <-ctx.Done():
			return
		}
	}
}
