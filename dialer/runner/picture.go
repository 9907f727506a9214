package runner

import (
	"context"
	"maps"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/lead"
	"strowger/dialer/pacing"
	"strowger/switch/callmodel"
)

// Picture is a campaign at a tick.
type Picture struct {
	Campaign string
	Number   int64
	Name     string
	Queue    callmodel.QueueID
	Mode     callmodel.DialMode
	Wanted   Wanted
	Why, By  string
	Since    time.Time

	At       time.Time
	Reason   Reason
	Text     string // in a sentence
	Problems []string
	Notes    []string // what people should know
	Decision pacing.Decision

	SignedIn, ByHand, Elsewhere, Reachable, Free, Talking, WrapUp int // agents

	Ringing, Waiting, Connected, Lines, LineLimit, Inbound, Hopper int

	Budget   campaign.Rate // of the rule's window
	Today    campaign.Rate
	Target   float64 // that is aimed at now
	Window   time.Duration
	Stage    campaign.Stage
	Override campaign.Override
	Dials    int           // today
	Median   time.Duration // from the answer to the agent, today
	P95      time.Duration
	Results  map[lead.Result]uint64
	Breaker  string // why the trunks are left alone; empty: they are not

	Left   lead.Counts // leads by what stands in their way
	LeftAt time.Time
	Ends   time.Time // when those that are left will have been called, if it goes on so; zero: not known
}

// Live returns the picture of a campaign, false if there is none.
func (r *Runner) Live(id string) (Picture, bool) {
	p, there := (*r.pictures.Load())[id]
	return p, there
}

// LiveNow is Live, which waits for a campaign that has been made a moment ago.
func (r *Runner) LiveNow(ctx context.Context, id string) (Picture, bool, error) {
	p, there := r.Live(id)
	if there {
		return p, true, nil
	}
	err := r.ask(ctx, func(context.Context) {})
	p, there = r.Live(id)
	return p, there, err
}

// All returns the pictures of all campaigns, by id. It must not be changed.
func (r *Runner) All() map[string]Picture { return *r.pictures.Load() }

// publish shows all campaigns as they are now.
func (r *Runner) publish(now time.Time) {
	all := make(map[string]Picture, len(r.runs))
	for id, run := range r.runs {
		if !run.removed {
			all[id] = r.picture(run, now)
		}
	}
	r.pictures.Store(&all)
}

func (r *Runner) picture(run *run, now time.Time) Picture {
	v, c := &run.view, &run.cfg
	closes := run.today.begin.AddDate(0, 0, 1)
	p := Picture{
		Campaign: run.id, Number: c.Number, Name: c.Name, Queue: c.Queue, Mode: c.Mode,
		Wanted: run.state.Wanted, Why: run.state.Why, By: run.state.By, Since: run.state.At,
		At: now, Reason: run.reason, Text: run.text, Problems: c.Problems, Notes: run.notes(), Decision: run.decision,
		SignedIn: v.signedIn, ByHand: v.handsets, Elsewhere: v.elsewhere,
		Ringing: len(v.ringing), Waiting: v.waiting + v.screening, Connected: v.talking, Lines: v.lines(), LineLimit: c.lines(), Inbound: v.inbound, Hopper: len(run.hopper.leads),
		Budget: run.ledger.Rate(now, closes), Today: run.ledger.Today(now, closes), Window: c.Budget.Window.Length, Stage: run.judged.Stage,
		Override: run.guard.Override(), Dials: run.today.dials, Results: maps.Clone(run.results), Left: run.left, LeftAt: run.leftAt,
	}
	_, _, p.Target = run.ledger.Pace(now)
	p.Median, p.P95 = run.today.share(0.5), run.today.share(0.95)
	for _, a := range v.agents {
		switch a.Status {
		case pacing.Idle:
			p.Free++
		case pacing.Talking:
			p.Talking++
		case pacing.Wrapping:
			p.WrapUp++
		case pacing.Offline:
		}
		if !a.Leaving {
			p.Reachable++
		}
	}
	if g := r.groups[c.Group]; g != nil {
		if open, _, why := g.breaker.Open(); open {
			p.Breaker = why
		}
	}
	p.Ends = run.ends(now)
	return p
}

// paceOf is the time by which is judged when the leads are through.
const paceOf = 10 * time.Minute

// ends is when the leads that are left will have been called once, at the pace
// of the last minutes.
func (run *run) ends(now time.Time) time.Time {
	if run.state.Wanted != WantRunning {
		return time.Time{}
	}
	left := run.left[lead.Now]
	for len(run.pace) > 0 && now.Sub(run.pace[0]) > paceOf {
		run.pace = run.pace[1:]
	}
	if left == 0 || len(run.pace) < 10 {
		return time.Time{}
	}
	took := now.Sub(run.pace[0])
	return now.Add(time.Duration(float64(took) / float64(len(run.pace)) * float64(left)))
}

// How often leads are made ready, and what the pacer knows is kept.
const sweepEvery = time.Minute

// sweep has the clerk do what comes once a minute.
func (r *Runner) sweep(now time.Time) {
	if now.Sub(r.swept) < sweepEvery {
		return
	}
	r.swept = now
	r.chore(func(ctx context.Context) {
		if err := r.opt.Leads.Sweep(ctx, r.opt.Clock.Now()); err != nil {
			r.log.Warn("dialer: leads whose time has come could not be made ready", "error", err)
		}
	})
	for _, id := range r.ids() {
		if run := r.runs[id]; !run.removed && run.known && run.state.Wanted == WantRunning {
			r.keep(run)
		}
	}
}

// Leads are counted anew after countShare of the time that it took, at least
// countLeast and at most countMost.
const (
	countLeast = 5 * time.Second
	countMost  = time.Minute
	countShare = 100
)

// tally has the counter count the leads of campaigns: while one runs, or its last
// attempts are under way, and once after that.
func (r *Runner) tally(now time.Time) {
	busy := map[string]bool{}
	for _, a := range r.attempts {
		busy[a.campaign] = true
	}
	for _, id := range r.ids() {
		run := r.runs[id]
		if run.removed || !run.known {
			continue
		}
		stale, every := !run.leftAt.After(run.busyAt), countLeast // the last count does not wait
		if run.state.Wanted == WantRunning || busy[id] || stale && r.settler.waiting() > 0 {
			run.busyAt, stale, every = now, true, min(max(countShare*run.countTook, countLeast), countMost)
		}
		if run.counting || !stale || now.Sub(run.leftAt) < every {
			continue
		}
		rules := run.cfg.Rules()
		run.counting = give(r.counts, func(ctx context.Context) {
			began := r.opt.Clock.Now()
			left, err := r.opt.Leads.Count(ctx, rules, began)
			var labels campaign.Labels
			if err == nil && r.opt.Labels != nil {
				labels, err = r.opt.Labels(ctx, id)
			}
			r.tell(func(context.Context) { r.counted(id, began, left, labels, err) })
		})
	}
}

func (r *Runner) counted(id string, began time.Time, left lead.Counts, labels campaign.Labels, err error) {
	run := r.runs[id]
	run.counting, run.leftAt, run.countTook = false, began, r.opt.Clock.Now().Sub(began)
	if err != nil {
		run.countTook = countMost // it is tried again in a while
		r.log.Warn("dialer: leads could not be counted", "campaign", id, "error", err)
		return
	}
	run.left = left
	run.ledger.SetLabels(labels)
}
