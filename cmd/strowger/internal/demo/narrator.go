package demo

import (
	"context"
	"fmt"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// narrator tells the switch's events and tells the demo's people what they
// would notice by themselves: that somebody has answered.
type narrator struct {
	demo   *Demo
	queues map[callmodel.QueueID]string
	agents map[callmodel.AgentID]Agent
	live   map[callmodel.CallID]bool
	waited map[callmodel.CallID]callmodel.QueueID // the queue in which it has been before
}

func newNarrator(d *Demo, view *callmodel.View) *narrator {
	n := &narrator{
		demo: d, queues: map[callmodel.QueueID]string{}, agents: map[callmodel.AgentID]Agent{},
		live: map[callmodel.CallID]bool{}, waited: map[callmodel.CallID]callmodel.QueueID{},
	}
	for _, q := range view.Queues {
		n.queues[q.ID] = q.Name
	}
	for _, a := range d.Agents {
		n.agents[callmodel.AgentID(a.ID)] = a
	}
	for _, c := range view.Calls {
		n.live[c.ID] = true
	}
	return n
}

// follow reads events until ctx ends.
func (n *narrator) follow(ctx context.Context, sub port.Subscription) {
	defer sub.Close()
	for {
		batch, err := sub.Next(ctx)
		if err != nil {
			if ctx.Err() == nil && !fault.Is(err, fault.Stopped) {
				n.demo.tally.problem(Event{What: "events", Text: "the switch's events cannot be followed any more: " + fault.ReasonOf(err)})
			}
			return
		}
		for i := range batch {
			n.event(ctx, &batch[i].Event)
		}
		n.demo.empty.set(len(n.live) == 0)
	}
}

func (n *narrator) event(ctx context.Context, e *callmodel.Event) {
	if e.Call != nil && e.Call.Kind == callmodel.KindCampaign {
		n.campaign(e)
		return
	}
	switch e.Kind {
	case callmodel.EvCallStarted:
		n.started(e.Call)
	case callmodel.EvQueued:
		n.queued(e.Call)
	case callmodel.EvDelivered:
		n.delivered(e)
	case callmodel.EvEstablished:
		n.established(ctx, e)
	case callmodel.EvHeld, callmodel.EvRetrieved:
		n.held(ctx, e)
	case callmodel.EvCleared:
		n.cleared(ctx, e)
	case callmodel.EvDiverted:
		n.tell(e.Call, nil, "transferred", "%s", e.Reason)
	case callmodel.EvWrapUpEnded:
		if p := e.Connection(); p != nil {
			n.tell(e.Call, p, "wrap-up-ended", "%s ends the wrap-up after %.1f s", n.name(p), p.WrapUpEnd.Sub(p.EndedAt).Seconds())
		}
	case callmodel.EvCallEnded:
		n.over(e.Call)
	case callmodel.EvAgentChanged:
		n.agent(e.Agent)
	case callmodel.EvIncident, callmodel.EvNodeDown:
		n.demo.Report.tell(Event{Who: bySwitch, What: e.Kind.String(), Text: "incident on " + string(e.Node) + ": " + e.Reason})
	case callmodel.EvNodeUp, callmodel.EvConfigChanged, callmodel.EvDataChanged, callmodel.EvOriginated, callmodel.EvFailed,
		callmodel.EvTransferred, callmodel.EvConferenced, callmodel.EvPartyChanged, callmodel.EvParked,
		callmodel.EvMenu, callmodel.EvRouteRequest, callmodel.EvRouteEnded, callmodel.EvCallbackChanged, callmodel.EvQueueChanged,
		callmodel.EvDisposition, callmodel.EvPlayEnded, callmodel.EvPhoneChanged, callmodel.EvRecording,
		callmodel.EvSupervisionStarted, callmodel.EvSupervisionChanged, callmodel.EvSupervisionEnded, callmodel.EvPasscode,
		callmodel.EvAnswered, callmodel.EvScreened, callmodel.EvMessage,
		callmodel.EvMirrorCall, callmodel.EvMirrorAgent, callmodel.EvMirrorQueue, callmodel.EvMirrorUp, callmodel.EvMirrorDown: // the demo's callers and agents do without
	}
}

// campaign tells of a call that a campaign makes: whom it calls, who answers
// and gets an agent, and how it ends.
func (n *narrator) campaign(e *callmodel.Event) {
	c := e.Call
	switch p := e.Connection(); {
	case e.Kind == callmodel.EvCallStarted:
		n.live[c.ID] = true
		n.tell(c, nil, "dials", "the campaign %s calls %s", c.Campaign, c.Conns[0].Device)
	case e.Kind == callmodel.EvAnswered:
		n.tell(c, nil, "answered", "%s answers", c.Conns[0].Device)
	case e.Kind == callmodel.EvEstablished && p != nil && p.Role == callmodel.RoleAgent:
		n.tell(c, p, "connected", "%s talks to %s", n.name(p), c.Conns[0].Device)
	case e.Kind == callmodel.EvCallEnded:
		n.over(c)
	}
}

func (n *narrator) tell(c *callmodel.Call, p *callmodel.Connection, what, format string, args ...any) {
	e := Event{Who: bySwitch, Call: c.Number, Caller: c.Caller, What: what, Text: fmt.Sprintf(format, args...)}
	if p != nil {
		e.Agent = p.Device
	}
	n.demo.Report.tell(e)
}

func (n *narrator) name(p *callmodel.Connection) string { return "agent " + p.Device }

func (n *narrator) started(c *callmodel.Call) {
	n.live[c.ID] = true
	n.demo.book.started(c)
	where := c.Dialled
	if name := n.queues[c.Queue]; name != "" {
		where += " (" + name + ")"
	}
	n.demo.Report.tell(Event{Who: byCaller, Call: c.Number, Caller: c.Caller, What: "calls", Text: c.Caller + " calls " + where})
}

func (n *narrator) queued(c *callmodel.Call) {
	if n.waited[c.ID] == c.Queue {
		n.tell(c, nil, "queued", "waits again, first in the queue %s", n.queues[c.Queue])
		return
	}
	n.waited[c.ID] = c.Queue
	n.tell(c, nil, "queued", "waits in the queue %s", n.queues[c.Queue])
}

func (n *narrator) delivered(e *callmodel.Event) {
	p := e.Connection()
	if p == nil {
		return
	}
	n.demo.book.item(p.ID.Hex(), e.Call.Number)
	if p.Station.Mode == callmodel.CallOnAccept {
		n.tell(e.Call, p, "offered", "%s is offered the call in the CRM", n.name(p))
		return
	}
	n.tell(e.Call, p, "rings", "%s: the phone rings", n.name(p))
}

func (n *narrator) established(ctx context.Context, e *callmodel.Event) {
	p, conv := e.Connection(), n.demo.book.of(e.Call)
	if p == nil {
		return
	}
	n.demo.book.item(p.ID.Hex(), e.Call.Number)
	n.tell(e.Call, p, "answered", "%s has answered, %.1f s after the call came in", n.name(p), p.ConnectedAt.Sub(e.Call.ArrivedAt).Seconds())
	if conv == nil {
		return
	}
	first := n.demo.book.answer(conv)
	n.demo.tally.count(func(s *Summary) {
		if first {
			s.Answered++
		} else {
			s.Transferred++
		}
	})
	n.listen(ctx, conv, p, first)
}

func (n *narrator) held(ctx context.Context, e *callmodel.Event) {
	p := e.Connection()
	if p == nil || p.Role != callmodel.RoleAgent {
		return
	}
	if e.Kind == callmodel.EvHeld {
		n.tell(e.Call, p, "held", "%s puts the caller on hold: music", n.name(p))
		return
	}
	n.tell(e.Call, p, "retrieved", "%s takes the caller off hold", n.name(p))
	if conv := n.demo.book.of(e.Call); conv != nil {
		n.listen(ctx, conv, p, false)
	}
}

// listen checks in the background that both hear each other.
func (n *narrator) listen(ctx context.Context, conv *conversation, p *callmodel.Connection, first bool) {
	agent, ours := n.agents[p.Agent]
	n.demo.actors.Go(func() {
		if first {
			defer close(conv.checked)
		}
		if <-conv.dialled; ours && conv.leg != nil {
			n.demo.hear(ctx, conv, agent)
		}
	})
}

// hear is one audio check. What the caller's own hang-up cuts short counts for
// nothing.
func (d *Demo) hear(ctx context.Context, conv *conversation, agent Agent) {
	text, err := d.Lines.Hear(ctx, conv.leg, agent)
	number, givenUp, _ := d.book.callOf(conv)
	if err != nil && (givenUp || ctx.Err() != nil) {
		return
	}
	d.tally.count(func(s *Summary) { s.AudioChecks++ })
	if err != nil {
		d.tally.problem(Event{Call: number, Caller: conv.from.Number, Agent: agent.Line, What: "audio", Text: "no audio: " + fault.ReasonOf(err)})
		return
	}
	d.tally.count(func(s *Summary) { s.AudioBothWays++ })
	d.Report.tell(Event{Who: byAudio, Call: number, Caller: conv.from.Number, Agent: agent.Line, What: "both-ways", Text: text})
}

func (n *narrator) cleared(ctx context.Context, e *callmodel.Event) {
	p := e.Connection()
	if p == nil || p.Role != callmodel.RoleAgent {
		return
	}
	talked := p.EndedAt.Sub(p.ConnectedAt).Seconds()
	switch {
	case p.ConnectedAt == 0:
		n.turnedDown(e.Call, p)
		return
	case n.passed(e.Call):
		n.tell(e.Call, p, "passed-on", "%s passes the caller on after %.1f s", n.name(p), talked)
	case p.Processing == callmodel.WrapUp:
		n.tell(e.Call, p, "wrap-up", "the conversation is over after %.1f s; %s wraps up", talked, n.name(p))
	default:
		n.tell(e.Call, p, "cleared", "the conversation is over after %.1f s", talked)
	}
	n.demo.crm.expect(p.ID.Hex(), e.Call.Number, p.Processing == callmodel.WrapUp)
	if closed(n.demo.closing) {
		n.demo.endWrapUp(ctx, p)
	}
}

// passed reports whether a caller is on the way to the next agent.
func (n *narrator) passed(c *callmodel.Call) bool {
	conv := n.demo.book.of(c)
	if conv == nil {
		return false
	}
	next := n.demo.book.passedOn(conv)
	return next != nil && !closed(next)
}

func (n *narrator) turnedDown(c *callmodel.Call, p *callmodel.Connection) {
	switch {
	case c.CallerConn().State == callmodel.Ended:
		return
	case p.Cause == callmodel.CauseNoAnswer:
		n.tell(c, p, "missed", "%s does not answer", n.name(p))
	case p.Cause == callmodel.CauseBusy, p.Cause == callmodel.CauseRejected:
		n.tell(c, p, "rejected", "%s turns the call down", n.name(p))
	default:
		n.tell(c, p, "offer-ended", "the offer to %s ends", n.name(p))
	}
}

func (n *narrator) over(c *callmodel.Call) {
	delete(n.live, c.ID)
	delete(n.waited, c.ID)
	n.tell(c, nil, "ended", "over: %s, %.1f s in all", c.Outcome, c.OverAt.Sub(c.ArrivedAt).Seconds())
}

// agent follows agents whom the switch has set not ready, because people do
// come back to their desks.
func (n *narrator) agent(a *callmodel.Agent) {
	if a.State != callmodel.NotReady || (a.Reason != callmodel.ReasonNoAnswer && a.Reason != callmodel.ReasonUnreachable) {
		return
	}
	n.demo.Report.tell(Event{Who: bySwitch, Agent: a.Line, What: "not-ready", Text: "agent " + a.Line + " is set not ready (" + a.Reason + ")"})
	if k := n.demo.desks[a.ID]; k != nil {
		select {
		case k.missed <- struct{}{}:
		default:
		}
	}
}
