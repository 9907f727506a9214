package runner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/pacing"
	"strowger/switch/callmodel"
)

// tick looks and decides, for all campaigns.
func (r *Runner) tick(ctx context.Context) {
	now := r.opt.Clock.Now()
	r.stats.Ticks.Add(1)
	if !r.late.IsZero() && now.After(r.late) {
		r.stats.TicksLate.Add(1)
	}
	r.late = now.Add(2 * r.opt.Tick)
	r.renew(now)
	view, err := r.opt.Switch.View(ctx)
	if err != nil {
		r.log.Warn("dialer: the switch cannot be seen", "error", err)
		return
	}
	r.node(view, now)
	r.look(view, now)
	for _, id := range r.ids() {
		run := r.runs[id]
		run.midnight(now)
		r.recall(run)
		r.campaign(ctx, run, view, now)
	}
	r.search(view, now)
	r.sweep(now)
	r.tally(now)
	r.publish(now)
	r.opt.Observe(MeasureTick, r.opt.Clock.Now().Sub(now))
}

// renew takes the configuration that is in force, and reports whether it is another one.
func (r *Runner) renew(now time.Time) bool {
	c := r.opt.Config()
	if c == r.config {
		return false
	}
	r.config = c
	r.configure(now)
	return true
}

// node notes since when a telephony server is there.
func (r *Runner) node(v *callmodel.View, now time.Time) {
	up := slices.ContainsFunc(v.Nodes, func(n callmodel.Node) bool { return n.Up })
	switch {
	case !up:
		r.upSince = time.Time{}
	case r.upSince.IsZero():
		r.upSince = now
	}
}

// campaign decides for one campaign, and dials.
func (r *Runner) campaign(ctx context.Context, run *run, v *callmodel.View, now time.Time) {
	run.pacer.Learn(run.facts)
	if run.heardOf = append(run.heardOf, run.facts...); len(run.heardOf) > factsMost {
		run.heardOf = run.heardOf[len(run.heardOf)-factsMost:]
	}
	run.facts = run.facts[:0]
	r.unowe(run)
	r.withdraw(ctx, run, now)
	run.judged = run.guard.Judge(now, run.ledger.Rate(now, run.today.closes))
	if run.held = r.heldBy(run, now); run.held != "" {
		run.rest(run.held)
		run.remember(now, 0)
		r.settler.release(run.hopper.empty()...)
		return
	}
	if run.origin == 0 {
		run.origin = v.Now
	}
	switch run.cfg.Mode {
	case callmodel.DialPreview:
		r.preview(ctx, run, v, now)
		run.remember(now, run.owed)
	case callmodel.DialMessage:
		r.message(ctx, run, v, now)
		run.remember(now, run.owed)
	case callmodel.DialProgressive, callmodel.DialPredictive:
		r.pace(ctx, run, v, now)
	}
}

// unowe takes back what was owed and not dialled.
func (r *Runner) unowe(run *run) {
	r.groups[run.cfg.Group].giveBack(run.owed)
	run.owed = 0
}

// rest notes why nothing is dialled.
func (run *run) rest(why Reason) {
	run.reason, run.text, run.decision = why, restTexts[why], pacing.Decision{}
	switch {
	case why == Budget:
		run.text = run.judged.Why
	case why == Faults:
		run.text = run.state.Why
	case (why == Paused || why == Stopped) && run.state.Why != "":
		run.text += ": " + run.state.Why
	}
}

var restTexts = map[Reason]string{
	Stopped:  "stopped",
	Paused:   "paused",
	Removed:  "it is no longer in the configuration",
	Starting: "its attempts of before the start are being looked for",
	Journal:  "the journal cannot be written: no order could be kept",
	NodeDown: "no telephony server is there, or it has come back a moment ago",
	Pressure: "the machine has too much to do",
	Database: "results wait to be stored: the database is slow or away",
	Inbound:  "callers wait for the same agents",
}

// heldBy says what forbids to dial, whatever the pacer thinks; empty: nothing.
func (r *Runner) heldBy(run *run, now time.Time) Reason {
	switch {
	case run.removed:
		return Removed
	case run.state.Wanted == WantPaused:
		return run.state.pausedBy()
	case run.state.Wanted != WantRunning:
		return Stopped
	case !run.known:
		return Starting
	}
	if hold := r.opt.Hold(); hold != "" {
		return hold
	}
	switch {
	case r.upSince.IsZero() || now.Sub(r.upSince) < settleIn:
		return NodeDown
	case r.settler.full():
		return Database
	case run.judged.Stage == campaign.Stopped:
		if run.judged.Changed {
			r.log.Error("dialer: campaign stopped: its budget is gone", "campaign", run.id, "why", run.judged.Why)
			r.pause(run, Budget, run.judged.Why)
		}
		return Budget
	case run.cfg.Blend && run.view.inbound > 0:
		return Inbound
	}
	return ""
}

// pace asks the pacer, and dials what it says.
func (r *Runner) pace(ctx context.Context, run *run, v *callmodel.View, now time.Time) {
	s := r.scene(run, v, now)
	began := r.opt.Clock.Now()
	d := run.pacer.Decide(&s)
	r.opt.Observe(MeasureDecide, r.opt.Clock.Now().Sub(began))
	if d.Why == pacing.LinesFull && run.begins(&s) {
		d.Why = pacing.Unknown
	}
	run.decision, run.reason, run.text = d, Pacing, d.String()
	switch {
	case d.Why == pacing.NoAgents:
		run.absent()
	case d.Dial > 0:
		run.reason = Dialing
	case d.Why == pacing.LinesFull:
		run.reason = TrunkLimit
	}
	if run.judged.Stage != campaign.Free {
		run.text += " " + run.judged.Why + "."
	}
	r.giveUp(ctx, run, d.Late, d.Cancel)
	run.owed = r.allowed(run, d.Dial, now)
	r.record(run, &s, now)
	run.remember(now, run.owed)
	r.dial(ctx, run, v.Now, now)
	r.promised(run, now)
}

// absent says why nobody is reachable.
func (run *run) absent() {
	switch v := &run.view; {
	case v.signedIn == 0:
		run.reason = NoAgents
		run.text = "nobody is signed in for the queue " + string(run.cfg.Queue)
	case v.handsets == v.signedIn:
		run.reason = Unreachable
		run.text = fmt.Sprintf("of %d agents nobody has a station that a call can be given to: %s", v.signedIn, run.cfg.stations())
	default:
		run.reason = NoAgents
		run.text = fmt.Sprintf("of %d agents who are signed in nobody takes calls now", v.signedIn)
	}
}

// scene is what the pacer is shown.
func (r *Runner) scene(run *run, v *callmodel.View, now time.Time) pacing.Scene {
	today, windows, target := run.ledger.Pace(now)
	if run.cfg.Mode == callmodel.DialProgressive || run.judged.Stage == campaign.Careful {
		target = 0
	}
	seen := &run.view
	s := pacing.Scene{
		Now: r.pacingTime(v.Now), Agents: seen.agents, Waiting: seen.waiting + seen.screening + seen.inbound, Lines: seen.lines(),
		LineLimit: run.cfg.lines(), Today: today, Windows: windows, Target: target, Begin: r.pacingTime(run.origin),
	}
	if left := run.today.closes.Sub(now); left > 0 { // the sooner it ends, the less can make up for a drop
		s.End = s.Now + left
	}
	for _, since := range seen.since {
		s.Ringing = append(s.Ringing, r.pacingTime(since))
	}
	if run.heard < coldEnds { // how many answer is not known yet, and all may
		s.LineLimit = min(s.LineLimit, run.firstLines(&s))
	}
	if g := r.groups[run.cfg.Group]; g != nil {
		if room := g.tokens.Room(g.inUse); room >= 0 {
			s.LineLimit = min(s.LineLimit, s.Lines+room)
		}
	}
	return s
}

// coldEnds is how many attempts of a campaign of which nothing is remembered end
// with one line for each free agent: what is not known can drop nobody.
const coldEnds = 50

// firstLines is how many lines there may be meanwhile.
func (run *run) firstLines(s *pacing.Scene) int {
	return s.Lines - len(s.Ringing) + len(run.view.idle)
}

// begins says whether it is that which limits the lines, and not the trunks.
func (run *run) begins(s *pacing.Scene) bool {
	return run.heard < coldEnds && s.LineLimit == run.firstLines(s)
}

// allowed is how many lines the trunks take now of those that are wanted.
func (r *Runner) allowed(run *run, want int, now time.Time) int {
	g := r.groups[run.cfg.Group]
	if want <= 0 || g == nil {
		return max(want, 0)
	}
	n := g.breaker.Allow(now, want)
	if n == 0 {
		_, _, why := g.breaker.Open()
		run.reason, run.text = Breaker, "the trunks "+g.name()+" fail: "+why
		return 0
	}
	room := g.tokens.Room(g.inUse)
	got := g.tokens.Take(now, n, g.inUse)
	if got == 0 {
		run.reason, run.text = RateLimit, "the trunks "+g.name()+" take no more calls per second"
		if room == 0 {
			run.reason, run.text = TrunkLimit, "all lines of the trunks "+g.ID+" are in use or kept for others"
		}
	}
	return got
}

// message dials for a campaign without agents, as many lines as it may have.
func (r *Runner) message(ctx context.Context, run *run, v *callmodel.View, now time.Time) {
	want := run.cfg.lines() - run.view.lines()
	run.decision = pacing.Decision{Dial: max(want, 0)}
	run.reason, run.text = Dialing, fmt.Sprintf("%d of %d lines are in use", run.view.lines(), run.cfg.lines())
	if want <= 0 {
		run.reason = TrunkLimit
	}
	run.owed = r.allowed(run, want, now)
	r.dial(ctx, run, v.Now, now)
}
