package engine

import (
	"context"
	"sync"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// lanes executes orders: one lane per call keeps their order, lanes run in
// parallel. A lane's goroutine lives while it has work.
type lanes struct {
	e      *Engine
	ctx    context.Context // ends when the engine gives up waiting
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu       sync.Mutex // guards what follows
	open     map[laneKey]*lane
	shed     []callmodel.Effect // orders that found no room, to be reported
	shedding bool               // somebody reports them
}

// maxShed bounds the orders that found no room and were not reported yet. The
// mailbox would have to stand still for that many.
const maxShed = 4096

// laneKey is the call in whose order an order is carried out, or for an order that belongs to none, its leg or bridge.
type laneKey struct {
	call   callmodel.CallID
	object string
}

type lane struct {
	queue []order
}

func newLanes(e *Engine) *lanes {
	l := &lanes{e: e, open: map[laneKey]*lane{}}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l
}

// add queues an order; it never blocks.
func (l *lanes) add(o order) {
	id := keyOf(o.eff)
	l.mu.Lock()
	defer l.mu.Unlock()
	ln, running := l.open[id]
	if !running {
		ln = &lane{}
		l.open[id] = ln
	}
	if len(ln.queue) >= l.e.cfg.LaneEffects {
		l.giveUp(o.eff)
		return
	}
	ln.queue = append(ln.queue, o)
	l.e.stats.effectsWaiting.Add(1)
	if !running {
		l.wg.Add(1)
		go l.run(id, ln)
	}
}

// giveUp has an order reported that found no room, by a goroutine of its own: the
// loop must not wait for room in its own mailbox. The caller holds mu.
func (l *lanes) giveUp(eff callmodel.Effect) {
	l.e.stats.effectsShed.Add(1)
	if len(l.shed) >= maxShed {
		l.e.stats.effectsLost.Add(1)
		l.e.log.Error("an order was given up and could not even be reported: far too many are", "order", eff.What())
		return
	}
	l.shed = append(l.shed, eff)
	if l.shedding {
		return
	}
	l.shedding = true
	l.wg.Go(func() {
		for {
			l.mu.Lock()
			all := l.shed
			l.shed, l.shedding = nil, len(all) > 0
			l.mu.Unlock()
			if len(all) == 0 {
				return
			}
			for _, eff := range all {
				l.report(eff, port.EffectResult{Outcome: callmodel.Failed, Later: true, Err: fault.New(fault.Busy, eff.What(), "", "too many orders wait for this call")})
			}
		}
	})
}

func (l *lanes) run(id laneKey, ln *lane) {
	defer l.wg.Done()
	for {
		l.mu.Lock()
		if len(ln.queue) == 0 {
			delete(l.open, id)
			l.mu.Unlock()
			return
		}
		o := ln.queue[0]
		ln.queue = ln.queue[1:]
		l.mu.Unlock()
		l.apply(o)
	}
}

func (l *lanes) apply(o order) {
	res := l.carryOut(o)
	l.e.stats.effectsWaiting.Add(-1)
	switch res.Outcome {
	case callmodel.Done:
		l.e.stats.effectsDone.Add(1)
	case callmodel.Unknown:
		l.e.stats.effectsUnknown.Add(1)
	case callmodel.Failed:
		l.e.stats.effectsFailed.Add(1)
	}
	if res.Outcome != callmodel.Done || callmodel.Reported(o.eff) {
		l.report(o.eff, res)
	}
}

// carryOut has the telephony backend do an order, one of which the disk must
// know first when it does.
func (l *lanes) carryOut(o order) port.EffectResult {
	if err := l.gate(o); err != nil {
		return port.EffectResult{Outcome: callmodel.Failed, Later: true, Err: err}
	}
	ctx, cancel := context.WithTimeout(l.ctx, l.e.cfg.EffectTimeout)
	defer cancel()
	began := time.Now()
	res := l.e.cfg.Effector.Apply(ctx, o.eff)
	l.e.cfg.Observe.Effect(o.eff.What(), time.Since(began))
	return res
}

// report turns an outcome into the fact that the model sees.
func (l *lanes) report(eff callmodel.Effect, res port.EffectResult) {
	h := eff.Head()
	in := callmodel.EffectDone{
		Effect: h.ID, What: eff.What(), Call: h.Call, Conn: h.Conn, Channel: channelOf(eff),
		Outcome: res.Outcome, Gone: res.Gone, Later: res.Later,
	}
	if res.Err != nil {
		in.Kind, in.Reason = fault.KindOf(res.Err).String(), fault.ReasonOf(res.Err)
		if !res.Gone {
			l.e.log.Warn("an order was not carried out", "order", eff.What(), "call", h.Call.String(), "outcome", res.Outcome.String(), "error", res.Err)
		}
	}
	if err := l.e.Put(l.ctx, in); err != nil && fault.KindOf(err) != fault.Stopped {
		l.e.log.Error("an outcome could not be reported", "order", eff.What(), "error", err)
	}
}

func keyOf(eff callmodel.Effect) laneKey {
	if lane := eff.Head().Lane; !lane.IsZero() {
		return laneKey{call: lane} // a consultation's orders wait for those of its call
	}
	if call := eff.Head().Call; !call.IsZero() {
		return laneKey{call: call}
	}
	if d, ok := eff.(callmodel.DestroyBridge); ok {
		return laneKey{object: string(d.Bridge)}
	}
	return laneKey{object: string(channelOf(eff))}
}

func channelOf(eff callmodel.Effect) callmodel.ChannelID {
	switch e := eff.(type) {
	case callmodel.Originate:
		return e.Channel
	case callmodel.Answer:
		return e.Channel
	case callmodel.Ring:
		return e.Channel
	case callmodel.StopRing:
		return e.Channel
	case callmodel.Play:
		return e.Channel
	case callmodel.StopPlay:
		return e.Channel
	case callmodel.Collect:
		return e.Channel
	case callmodel.StopCollect:
		return e.Channel
	case callmodel.SendDTMF:
		return e.Channel
	case callmodel.MuteLeg:
		return e.Channel
	case callmodel.NotifyTalk:
		return e.Channel
	case callmodel.StartMusic:
		return e.Channel
	case callmodel.StopMusic:
		return e.Channel
	case callmodel.Leave:
		return e.Channel
	case callmodel.Hangup:
		return e.Channel
	}
	return ""
}

// stop waits for the orders under way; when ctx ends it cancels them.
func (l *lanes) stop(ctx context.Context) error {
	idle := make(chan struct{})
	go func() { l.wg.Wait(); close(idle) }()
	defer l.cancel()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		l.cancel()
		<-idle
		return fault.Wrap(fault.Unavailable, "engine stop", "", ctx.Err())
	}
}
