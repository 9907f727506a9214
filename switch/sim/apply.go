package sim

import (
	"context"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// silentTimeout is how long an INVITE without any answer is repeated (SIP timer B).
const silentTimeout = 32 * time.Second

// Apply implements port.Effector. When ctx ends first the outcome is Unknown,
// and the order may still be carried out.
func (e *Exchange) Apply(ctx context.Context, eff callmodel.Effect) port.EffectResult {
	done := make(chan port.EffectResult, 1)
	e.Submit(eff, func(r port.EffectResult) { done <- r })
	select {
	case r := <-done:
		return r
	case <-ctx.Done():
		return unknown(eff, "no answer in time")
	case <-e.stop:
		return port.EffectResult{Outcome: callmodel.Unknown, Err: fault.New(fault.Stopped, "sim: "+eff.What(), "", "the exchange stops")}
	}
}

// Submit is Apply for a harness with a goroutine of its own: done is called
// exactly once, now or from a clock callback, unless the exchange is stopped.
func (e *Exchange) Submit(eff callmodel.Effect, done func(port.EffectResult)) {
	e.mu.Lock()
	defer e.unlock()
	reply := func(r port.EffectResult) { e.deferred = append(e.deferred, func() { done(r) }) }
	e.stats.Effects++
	if e.stopped {
		reply(port.EffectResult{Outcome: callmodel.Failed, Err: fault.New(fault.Stopped, "sim: "+eff.What(), "", "the exchange has been stopped")})
		return
	}
	if e.wire.link == linkDown {
		e.stats.RefusedInCut++
		reply(notNow(eff, "the link is down"))
		return
	}
	boot := e.boot
	run := func() port.EffectResult {
		if e.boot != boot {
			return unknown(eff, "the exchange restarted meanwhile")
		}
		return e.exec(eff)
	}
	d := e.draw(e.opt.EffectDelay) + e.opt.Faults.slow
	if e.opt.Faults.slow > 0 {
		e.stats.DelayedEffects++
	}
	switch e.fate(eff) {
	case Normal:
		e.pause(d, func() { reply(run()) })
	case Refused:
		e.stats.RefusedEffects++
		e.pause(d, func() { reply(notNow(eff, "too many requests")) })
	case ReplyLost:
		e.stats.UnknownDone++
		e.pause(d, func() { run(); reply(unknown(eff, "the reply was lost")) })
	case OrderLost:
		e.stats.UnknownLost++
		e.pause(d, func() { reply(unknown(eff, "the order was lost")) })
	case OrderLate:
		e.stats.UnknownLate++
		e.pause(d, func() { reply(unknown(eff, "no answer in time")) })
		e.after(d+e.draw(e.opt.Faults.LateBy), func() { run() })
	}
}

func unknown(eff callmodel.Effect, why string) port.EffectResult {
	return port.EffectResult{Outcome: callmodel.Unknown, Err: fault.New(fault.Unknown, "sim: "+eff.What(), "", why)}
}

func notNow(eff callmodel.Effect, why string) port.EffectResult {
	return port.EffectResult{Outcome: callmodel.Failed, Later: true, Err: fault.New(fault.Unavailable, "sim: "+eff.What(), "", why)}
}

func failed(k fault.Kind, eff callmodel.Effect, subject, why string) port.EffectResult {
	return port.EffectResult{Outcome: callmodel.Failed, Err: fault.New(k, "sim: "+eff.What(), subject, why)}
}

func gone(eff callmodel.Effect, subject string) port.EffectResult {
	r := failed(fault.NotFound, eff, subject, "no such leg or bridge")
	r.Gone = true
	return r
}

var okay = port.EffectResult{Outcome: callmodel.Done}

// exec carries an order out at once.
func (e *Exchange) exec(eff callmodel.Effect) port.EffectResult {
	switch o := eff.(type) {
	case callmodel.Originate:
		return e.originate(o)
	case callmodel.Answer:
		return e.withChannel(o, o.Channel, e.up)
	case callmodel.Ring:
		return e.withChannel(o, o.Channel, func(ch *channel) { ch.ring = ch.state != callmodel.LegUp })
	case callmodel.StartMusic:
		return e.withChannel(o, o.Channel, func(ch *channel) { ch.music, ch.class = true, o.Class; e.touch() })
	case callmodel.StopMusic:
		return e.withChannel(o, o.Channel, func(ch *channel) { ch.music, ch.class = false, ""; e.touch() })
	case callmodel.Hangup:
		return e.withChannel(o, o.Channel, func(ch *channel) { e.end(ch, o.Cause, 0) })
	case callmodel.CreateBridge:
		if e.bridges[o.Bridge] != nil {
			return failed(fault.Conflict, o, string(o.Bridge), "a bridge with this id exists")
		}
		e.bridges[o.Bridge] = &bridge{id: o.Bridge}
		e.touch()
		return okay
	case callmodel.Join:
		return e.joinAll(o)
	case callmodel.Leave:
		return e.takeOut(o)
	case callmodel.DestroyBridge:
		b := e.bridges[o.Bridge]
		if b == nil {
			return gone(o, string(o.Bridge))
		}
		e.destroy(b)
		return okay
	}
	return failed(fault.Unsupported, eff, "", "the simulated exchange does not know this order")
}

func (e *Exchange) withChannel(eff callmodel.Effect, id callmodel.ChannelID, do func(*channel)) port.EffectResult {
	ch := e.channels[id]
	if ch == nil {
		return gone(eff, string(id))
	}
	do(ch)
	return okay
}

// joinAll puts all legs into the bridge, or none: one that does not exist or
// is not answered yet (and so not in our application) spoils it.
func (e *Exchange) joinAll(o callmodel.Join) port.EffectResult {
	b := e.bridges[o.Bridge]
	if b == nil {
		return gone(o, string(o.Bridge))
	}
	for _, id := range o.Channels {
		ch := e.channels[id]
		if ch == nil {
			return failed(fault.Invalid, o, string(id), "no such leg: nothing was joined")
		}
		if ch.leg == nil && ch.state != callmodel.LegUp {
			return failed(fault.Conflict, o, string(id), "the leg is not in our application yet")
		}
	}
	for _, id := range o.Channels {
		e.join(b, e.channels[id])
	}
	return okay
}

func (e *Exchange) takeOut(o callmodel.Leave) port.EffectResult {
	b := e.bridges[o.Bridge]
	if b == nil {
		return gone(o, string(o.Bridge))
	}
	ch := e.channels[o.Channel]
	if ch == nil || ch.bridge != b {
		return failed(fault.Conflict, o, string(o.Channel), "the leg is not in this bridge")
	}
	e.leave(ch)
	return okay
}

// originate calls a phone: the reply only says that the leg exists; what
// becomes of it follows as facts.
func (e *Exchange) originate(o callmodel.Originate) port.EffectResult {
	p := e.phones[o.Endpoint]
	switch {
	case e.channels[o.Channel] != nil:
		return failed(fault.Conflict, o, string(o.Channel), "a leg with this id exists")
	case p == nil:
		return failed(fault.NotFound, o, o.Endpoint, "no such endpoint")
	case p.policy.Mode == Unregistered:
		return failed(fault.NotFound, o, o.Endpoint, "the endpoint has no registered phone")
	case len(e.channels) >= e.opt.MaxChannels:
		return failed(fault.Busy, o, "", "the exchange is full")
	}
	ch := &channel{id: o.Channel, state: callmodel.LegDown, phone: p}
	e.channels[ch.id] = ch
	e.stats.Originated++
	e.touch()
	e.later(ch, Exactly(o.Timeout), func() { e.end(ch, callmodel.CauseNoAnswer, 480) })
	p.invite(e, ch, o.AutoAnswer)
	return okay
}
