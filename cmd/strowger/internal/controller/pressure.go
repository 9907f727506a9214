package controller

import (
	"context"
	"fmt"
	"runtime/debug"
	runtimemetrics "runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// shed is what the controller goes without, so that the calls that are up have
// what they need. Each level includes those before it.
type shed int32

const (
	shedNothing shed = iota
	// shedReports: reports are refused as busy.
	shedReports
	// shedDials: orders to call somebody are refused as busy, too.
	shedDials
	// shedArrivals: new callers take the dialplan's way out, too.
	shedArrivals
)

// Shares of what there is from which on something is shed.
const (
	shareReports  = 0.70
	shareDials    = 0.85
	shareArrivals = 0.95
)

// shedAt is the level for a share in use.
func shedAt(share float64) shed {
	switch {
	case share >= shareArrivals:
		return shedArrivals
	case share >= shareDials:
		return shedDials
	case share >= shareReports:
		return shedReports
	}
	return shedNothing
}

const (
	pressureEvery = 500 * time.Millisecond
	// slowest is how long the switch's loop may take to answer.
	slowest = time.Second
	// softMemory is the part of the memory limit at which the garbage collector
	// begins to spend time, so that a share above it is memory in use.
	softMemory = 0.6
)

// gauge is one thing of which there is only so much.
type gauge struct {
	what string
	// share is the part in use; 1 and more: all of it.
	share func(ctx context.Context) float64
}

// pressure measures how much of what it has the controller uses, and says what
// to go without. It owns one goroutine, from start to stop.
type pressure struct {
	gauges []gauge
	latest atomic.Pointer[reading]
	// refused counts reports and dials; arrivals are counted by the dialplan.
	reports, dials atomic.Uint64

	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// reading is the fullest gauge.
type reading struct {
	share float64
	what  string
}

func newPressure(gauges ...gauge) *pressure {
	p := &pressure{gauges: gauges, cancel: func() {}}
	p.latest.Store(&reading{})
	return p
}

// startPressure measures from when the engine runs, and before anybody calls.
func (c *Controller) startPressure(ctx context.Context) error {
	gauges := []gauge{
		loopGauge(func(ctx context.Context) error { _, err := c.engine.View(ctx); return err }),
		{what: "the room for facts of the telephony servers", share: func(context.Context) float64 {
			s := c.engine.Stats()
			return float64(s.FactsWaiting) / float64(s.FactsLimit)
		}},
	}
	if mb := c.opt.Config.Limits.MemoryMB; mb > 0 {
		gauges = append(gauges, memoryGauge(int64(mb)<<20))
	}
	c.pressure = newPressure(gauges...)
	c.pressure.start(ctx)
	c.onStop("pressure", func(context.Context) error { c.pressure.stop(); return nil })
	return nil
}

// start measures once, then again and again.
func (p *pressure) start(ctx context.Context) {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p.cancel = cancel
	p.measure(run)
	p.wg.Go(func() {
		tick := time.NewTicker(pressureEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.measure(run)
			case <-run.Done():
				return
			}
		}
	})
}

func (p *pressure) stop() {
	p.cancel()
	p.wg.Wait()
}

func (p *pressure) measure(ctx context.Context) {
	worst := &reading{}
	for _, g := range p.gauges {
		if share := g.share(ctx); share > worst.share {
			worst = &reading{share: share, what: g.what}
		}
	}
	if ctx.Err() == nil {
		p.latest.Store(worst)
	}
}

// level is what to go without now.
func (p *pressure) level() shed { return shedAt(p.latest.Load().share) }

// trouble is a sentence for the status, empty where nothing is shed.
func (p *pressure) trouble() string {
	r := p.latest.Load()
	words := map[shed]string{
		shedReports: "reports are refused", shedDials: "reports and new outbound calls are refused",
		shedArrivals: "reports and new outbound calls are refused, new callers take the dialplan's way out",
	}[shedAt(r.share)]
	if words == "" {
		return ""
	}
	return fmt.Sprintf("%s: %.0f %% in use; %s, calls that are up go on", r.what, 100*r.share, words)
}

// refuse is the answer to what is shed from a level on, nil where it is not.
func (p *pressure) refuse(at shed, op string, count *atomic.Uint64) error {
	if p.level() < at {
		return nil
	}
	count.Add(1)
	return fault.Newf(fault.Busy, op, "", "%s is short, and calls that are up come first: try again later", p.latest.Load().what)
}

// report refuses a report while there is too little of something.
func (p *pressure) report() error { return p.refuse(shedReports, "report", &p.reports) }

// sparing is a switch that refuses new outbound calls under pressure.
type sparing struct {
	port.Switch
	p *pressure
}

// Do implements port.Switch.
func (s sparing) Do(ctx context.Context, cmd callmodel.Command) error {
	if _, dials := cmd.(callmodel.MakeCall); dials {
		if err := s.p.refuse(shedDials, cmd.Tag(), &s.p.dials); err != nil {
			return err
		}
	}
	return s.Switch.Do(ctx, cmd)
}

// loopGauge is how long the switch's loop takes to answer.
func loopGauge(view func(context.Context) error) gauge {
	return gauge{what: "the switch's time", share: func(ctx context.Context) float64 {
		ctx, cancel := context.WithTimeout(ctx, slowest)
		defer cancel()
		began := time.Now()
		if view(ctx) != nil {
			return 1
		}
		return time.Since(began).Seconds() / slowest.Seconds()
	}}
}

// memoryGauge is the memory in use of so many bytes, and has the garbage
// collector keep below them while it can.
func memoryGauge(limit int64) gauge {
	debug.SetMemoryLimit(int64(softMemory * float64(limit)))
	return gauge{what: "memory (limits.memory_mb)", share: func(context.Context) float64 {
		list := []runtimemetrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		runtimemetrics.Read(list)
		return float64(list[0].Value.Uint64()-list[1].Value.Uint64()) / float64(limit)
	}}
}
