package sim

import (
	"context"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// blockedFor is how long the link waits for an order's answer.
const blockedFor = 5 * time.Second

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
	run := func(reply func(port.EffectResult)) {
		if e.boot != boot {
			reply(unknown(eff, "the exchange restarted meanwhile"))
			return
		}
		e.perform(eff, reply)
	}
	d := e.draw(e.opt.EffectDelay) + e.opt.Faults.slow
	if e.opt.Faults.slow > 0 {
		e.stats.DelayedEffects++
	}
	switch e.fate(eff) {
	case Normal:
		e.pause(d, func() { run(reply) })
	case Refused:
		e.stats.RefusedEffects++
		e.pause(d, func() { reply(notNow(eff, "too many requests")) })
	case ReplyLost:
		e.stats.UnknownDone++
		e.pause(d, func() { run(nobody); reply(unknown(eff, "the reply was lost")) })
	case OrderLost:
		e.stats.UnknownLost++
		e.pause(d, func() { reply(unknown(eff, "the order was lost")) })
	case OrderLate:
		e.stats.UnknownLate++
		e.pause(d, func() { reply(unknown(eff, "no answer in time")) })
		e.after(d+e.draw(e.opt.Faults.LateBy), func() { run(nobody) })
	}
}

func nobody(port.EffectResult) {}

// perform carries an order out: now, or after the sounds of the leg that it is
// about. The answer to some orders comes before that, that to the others not
// later than blockedFor.
func (e *Exchange) perform(eff callmodel.Effect, reply func(port.EffectResult)) {
	ch := e.busyLeg(eff)
	if ch == nil {
		reply(e.exec(eff))
		return
	}
	e.stats.BlockedEffects++
	if answeredAtOnce(eff) {
		ch.waiting = append(ch.waiting, func() { e.perform(eff, nobody) })
		reply(okay)
		return
	}
	answered := false
	once := func(r port.EffectResult) {
		if !answered {
			answered = true
			reply(r)
		}
	}
	cancel := e.after(blockedFor, func() { once(unknown(eff, "no answer in time: the leg plays a sound")) })
	ch.waiting = append(ch.waiting, func() { cancel(); e.perform(eff, once) })
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

const notInApp = "the leg is not in our application yet"

// exec carries an order out at once.
func (e *Exchange) exec(eff callmodel.Effect) port.EffectResult {
	switch o := eff.(type) {
	case callmodel.Originate:
		return e.originate(o)
	case callmodel.Tap:
		return e.tap(o)
	case callmodel.Hangup:
		ch := e.channels[o.Channel]
		if ch == nil {
			return gone(o, string(o.Channel))
		}
		e.end(ch, o.Cause, 0)
		return okay
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
	case callmodel.Play:
		return e.play(o)
	case callmodel.StopPlay:
		return e.stopPlay(o)
	case callmodel.Decide:
		return e.decide(o)
	case callmodel.ClearPeer:
		return e.clearPeer(o)
	case callmodel.RecordStart, callmodel.RecordStop:
		return e.record(eff)
	}
	return e.execOnLeg(eff)
}

// execOnLeg carries out an order about one leg.
func (e *Exchange) execOnLeg(eff callmodel.Effect) port.EffectResult {
	switch o := eff.(type) {
	case callmodel.Answer:
		return e.withChannel(o, o.Channel, e.up)
	case callmodel.Ring:
		return e.withChannel(o, o.Channel, func(ch *channel) { ch.ring = true; e.touch() })
	case callmodel.StopRing:
		return e.withChannel(o, o.Channel, func(ch *channel) { ch.ring = false; e.touch() })
	case callmodel.StartMusic:
		return e.withChannel(o, o.Channel, func(ch *channel) { ch.music, ch.class = true, o.Class; e.touch() })
	case callmodel.StopMusic:
		return e.withChannel(o, o.Channel, func(ch *channel) { ch.music, ch.class = false, ""; e.touch() })
	case callmodel.Collect:
		return e.withChannel(o, o.Channel, func(*channel) { e.collect(o) })
	case callmodel.StopCollect:
		return e.withChannel(o, o.Channel, func(*channel) { e.endCollect(o.Channel) })
	case callmodel.SendDTMF:
		return e.withChannel(o, o.Channel, func(ch *channel) { e.sendDigits(ch, o.Digits) })
	case callmodel.MuteLeg:
		return e.withChannel(o, o.Channel, func(ch *channel) { ch.muted = o.On; e.touch() })
	case callmodel.NotifyTalk:
		return e.talkNotify(o)
	case callmodel.Screen:
		return e.screen(o)
	}
	return failed(fault.Unsupported, eff, "", "the simulated exchange does not know this order")
}

// withChannel does something with a leg that is in our application.
func (e *Exchange) withChannel(eff callmodel.Effect, id callmodel.ChannelID, do func(*channel)) port.EffectResult {
	ch := e.channels[id]
	switch {
	case ch == nil:
		return gone(eff, string(id))
	case !ch.inApp():
		return failed(fault.Conflict, eff, string(id), notInApp)
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
		if !ch.inApp() {
			return failed(fault.Conflict, o, string(id), notInApp)
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

// originate calls a phone, or a number by a trunk: the reply only says that
// the leg exists; what becomes of it follows as facts.
func (e *Exchange) originate(o callmodel.Originate) port.EffectResult {
	switch {
	case e.channels[o.Channel] != nil:
		return failed(fault.Conflict, o, string(o.Channel), "a leg with this id exists")
	case len(e.channels) >= e.opt.MaxChannels:
		return failed(fault.Busy, o, "", "the exchange is full")
	}
	ch := &channel{id: o.Channel, ex: e, state: callmodel.LegDown, shown: o.CallerID}
	if at := e.target(o); at == nil {
		return failed(fault.NotFound, o, string(o.Via), "no such exchange")
	} else if at != e {
		e.channels[ch.id] = ch
		e.stats.Originated++
		e.touch()
		e.later(ch, Exactly(o.Timeout), func() { e.ringOut(ch) })
		return e.through(ch, o, at)
	}
	if o.Dial != "" {
		if ch.trunk = e.trunks[o.Endpoint]; ch.trunk == nil {
			return failed(fault.NotFound, o, o.Endpoint, "no such trunk")
		}
		ch.phone = e.outside(o.Dial)
	} else {
		switch ch.phone = e.phones[o.Endpoint]; {
		case ch.phone == nil:
			return failed(fault.NotFound, o, o.Endpoint, "no such endpoint")
		case ch.phone.policy.Mode == Unregistered:
			return failed(fault.NotFound, o, o.Endpoint, "the endpoint has no registered phone")
		}
	}
	e.channels[ch.id] = ch
	e.stats.Originated++
	e.touch()
	e.later(ch, Exactly(o.Timeout), func() { e.ringOut(ch) })
	if ch.trunk != nil && !ch.trunk.take(e, ch) {
		return okay
	}
	if o.Identify {
		e.emit(callmodel.ChannelIdentified{Channel: ch.id, SIPCallID: sipID(ch.id)})
	}
	ch.phone.invite(e, ch, o.AutoAnswer)
	return okay
}

// sipID is the Call-ID of a leg that we call.
func sipID(id callmodel.ChannelID) string { return string(id) + "@sim" }

// ringOut is the end of an originate's time.
func (e *Exchange) ringOut(ch *channel) {
	if ch.state != callmodel.LegUp {
		e.end(ch, callmodel.CauseNoAnswer, 480)
	}
}
