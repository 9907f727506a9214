package crash

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"strowger/bench/report"
	"strowger/bench/rig"
	"strowger/bench/sipp"
)

// Options say what to measure.
type Options struct {
	rig.Host
	Calls int // live calls at the kill
	Kills int // how often
}

const (
	goalBack = 3 // seconds, DESIGN.md 7

	rampRate = 40               // calls per second until all are there
	talk     = 45 * time.Second // enough for the last call to live until all is compared
	upLimit  = 30 * time.Second
)

// result is one kill.
type result struct {
	inReady, inControl time.Duration // from the start of the new process
	sinceKill          time.Duration
	dropped            int
	facts, lost        int
	examples           []string // of what was lost
}

// Run measures and enters the figures into book. Everything that it started
// has ended when it returns.
func Run(ctx context.Context, o Options, book *report.Book) error {
	if o.Calls < 1 || o.Calls > rig.Agents || o.Kills < 1 {
		return fmt.Errorf("calls must be 1 to %d and kills at least 1", rig.Agents)
	}
	return rig.With(ctx, rig.Options{Host: o.Host, Name: "crash"}, func(r *rig.Rig) error {
		var all []result
		for n := range o.Kills {
			one, err := kill(ctx, r, o)
			if err != nil {
				return fmt.Errorf("kill %d: %w; files are in %s, the log of Asterisk is %s", n+1, err, r.Dir, r.Asterisk.LogPath())
			}
			o.Progress("kill %d with %d live calls: ready after %.2f s, all calls in control after %.2f s (%.2f s after the kill), %d dropped, %d of %d facts lost %v",
				n+1, o.Calls, one.inReady.Seconds(), one.inControl.Seconds(), one.sinceKill.Seconds(), one.dropped, one.lost, one.facts, one.examples)
			all = append(all, one)
		}
		enter(book, o, all)
		return nil
	})
}

func enter(book *report.Book, o Options, all []result) {
	var control, since []float64
	var dropped, facts, lost int
	for _, r := range all {
		control, since = append(control, r.inControl.Seconds()), append(since, r.sinceKill.Seconds())
		dropped, facts, lost = dropped+r.dropped, facts+r.facts, lost+r.lost
	}
	slices.Sort(control)
	book.Add("live_calls", float64(o.Calls), "calls", nil)
	book.Add("kills", float64(len(all)), "", nil)
	book.AtMost("back_in_control_s", round(slices.Max(control)), "s", nil, goalBack)
	book.Add("back_in_control_s_p50", round(control[len(control)/2]), "s", nil)
	book.Add("back_in_control_s_after_kill", round(slices.Max(since)), "s", nil)
	book.AtMost("calls_dropped", float64(dropped), "calls", nil, 0)
	book.AtMost("facts_lost", float64(lost), "facts", nil, 0)
	book.Add("facts_compared", float64(facts), "facts", nil)
}

// round keeps figures to a thousandth.
func round(v float64) float64 { return math.Round(v*1000) / 1000 }

// kill brings the calls up, kills the controller, starts it again and compares.
func kill(ctx context.Context, r *rig.Rig, o Options) (res result, err error) {
	known, err := endedCalls(ctx, r.Controller)
	if err != nil {
		return res, err
	}
	ctx, stopCallers := context.WithCancel(ctx)
	defer stopCallers()
	type outcome struct {
		res *sipp.Result
		err error
	}
	callers := make(chan outcome, 1)
	go func() {
		got, err := r.Tool.Call(ctx, sipp.Load{Target: r.Asterisk.SIPAddr(), Number: rig.OurNumber, Rate: rampRate, Calls: o.Calls, Talk: talk})
		callers <- outcome{got, err}
	}()
	ended := false
	defer func() {
		if !ended {
			stopCallers()
			<-callers
		}
	}()
	if _, err := waitTalking(ctx, r.Controller, o.Calls, upLimit); err != nil {
		return res, err
	}
	if err := crash(ctx, r, o, &res); err != nil {
		return res, err
	}
	got := <-callers
	if ended = true; got.err != nil {
		return res, got.err
	}
	res.dropped = max(res.dropped, got.res.Failed+o.Calls-len(got.res.Connect))
	if _, err := r.Drain(ctx); err != nil {
		return res, err
	}
	if err := compareRows(ctx, r.Controller, known, o.Calls, &res); err != nil {
		return res, err
	}
	return res, r.Controller.MakeReady(ctx)
}

func crash(ctx context.Context, r *rig.Rig, o Options, res *result) error {
	before, err := snapshot(ctx, r.Controller)
	if err != nil {
		return err
	}
	channels, err := r.Channels(ctx)
	if err != nil {
		return err
	}
	w := startWriters(ctx, r.Controller, before)
	select {
	case <-w.busy: // every connection has been written at least once
	case <-time.After(upLimit):
		w.stop()
		return errors.New("the writers of attached data do not get on")
	}
	killed := time.Now()
	err = r.Controller.Kill()
	w.stop()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := r.Controller.Start(ctx); err != nil {
		return err
	}
	res.inReady = time.Since(began)
	talking, err := waitTalking(ctx, r.Controller, o.Calls, upLimit)
	if err != nil {
		res.dropped = o.Calls - talking // said below; the run goes on
		o.Progress("only %d of %d calls are known again", talking, o.Calls)
	}
	if err := orderOne(ctx, r.Controller, before); err != nil {
		return fmt.Errorf("the first order after the restart: %w", err)
	}
	res.inControl, res.sinceKill = time.Since(began), time.Since(killed)
	left, err := r.Channels(ctx)
	if err != nil {
		return err
	}
	res.dropped = max(res.dropped, (channels-left+1)/2)
	after, err := snapshot(ctx, r.Controller)
	if err != nil {
		return err
	}
	res.compare(before, after)
	return w.compare(ctx, r.Controller, res)
}
