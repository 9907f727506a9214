package runner

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/daylog"
	"strowger/dialer/lead"
	"strowger/dialer/pacing"
	"strowger/dialer/rule"
	"strowger/switch/callmodel"
)

// run is a campaign while the runner has it. It belongs to the loop.
type run struct {
	id      string
	cfg     Campaign
	removed bool // it is no longer in the configuration
	state   Run

	pacer     *pacing.Pacer
	ledger    *campaign.Ledger
	guard     *campaign.Guard
	hopper    hopper
	again     map[string]redial // by the agent
	facts     []pacing.Fact     // that the next tick tells the pacer
	heardOf   []pacing.Fact     // that the record of decisions has not had
	book      *daylog.Book      // nil: not recorded
	decisions []Decided         // the last ones, oldest first
	origin    callmodel.Instant // when it began to dial; 0: not since the start

	heard int         // attempts whose end the pacer knows
	pace  []time.Time // of the last dials

	known   bool // attempts and answers of before the start are known
	knowing bool // they are being read
	owed    int  // lines that may be dialled until the next tick
	faults  int  // ends by a fault of ours, in a row
	barred  int  // numbers in a row that the switch's rules did not let out

	held       Reason // what forbids to dial since the last tick or order; empty: nothing
	reason     Reason
	text       string
	view       scene
	decision   pacing.Decision
	judged     campaign.Judgement
	vain       bool      // the last claim brought nothing
	broken     string    // because it failed
	dryAt      time.Time // since when no lead may be called; zero: some may, or nobody has looked
	promisedAt time.Time // last looked for what one agent alone may call
	left       lead.Counts
	leftAt     time.Time     // when they were counted
	countTook  time.Duration // and for how long
	counting   bool
	busyAt     time.Time // it ran, or had attempts under way
	today      day
	results    map[lead.Result]uint64
	shown      map[string]int // calls that showed a number, on the day of today
}

// day is what a campaign has done since midnight.
type day struct {
	begin  time.Time
	closes time.Time // when the last of the places may be called no more to which was dialled; zero: never, or nobody was
	dials  int
	campaign.Counts
	waits []time.Duration // of the last people who were connected, from the answer to their agent
}

// waitsMost bounds the connections that are remembered for their time.
const waitsMost = 1000

// called notes until when somebody's place may be called who is called now.
func (d *day) called(until time.Time) {
	if until.After(d.closes) {
		d.closes = until
	}
}

func (d *day) connected(after time.Duration) {
	if d.waits = append(d.waits, after); len(d.waits) > waitsMost {
		d.waits = d.waits[1:]
	}
}

// share is the time within which a share of the people were connected.
func (d *day) share(of float64) time.Duration {
	if len(d.waits) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(d.waits))
	return sorted[min(int(of*float64(len(sorted))), len(sorted)-1)]
}

func (d *day) add(c campaign.Counts) {
	d.Humans += c.Humans
	d.Connected += c.Connected
	d.Dropped += c.Dropped
	d.Left += c.Left
	d.Machines += c.Machines
}

// lendAgain is how long a campaign without leads does without agents whom others
// could have; then it may look again.
const lendAgain = 30 * time.Second

// needs reports whether a campaign has something for agents to do.
func (run *run) needs(now time.Time) bool {
	return run.dryAt.IsZero() || now.Sub(run.dryAt) >= lendAgain || run.view.lines() > 0 || len(run.view.previews) > 0 || len(run.again) > 0
}

// group is a trunk group while the runner has it.
type group struct {
	Group
	tokens  *campaign.Tokens
	breaker *campaign.Breaker
	inUse   int // calls over its trunks at this tick
}

// name is what people call the group.
func (g *group) name() string {
	if g.ID == "" {
		return "(any)"
	}
	return g.ID
}

// giveBack takes back the group's places for calls that were not made; nil: there
// is no group.
func (g *group) giveBack(n int) {
	if g != nil && n > 0 {
		g.tokens.Return(n)
		g.breaker.Return()
	}
}

// newRun makes the run of a campaign as it was kept.
func (r *Runner) newRun(k Run, now time.Time) *run {
	out := &run{
		id: k.Campaign, state: k, removed: true, held: Starting, reason: Starting, results: map[lead.Result]uint64{}, shown: map[string]int{}, hopper: newHopper(), again: map[string]redial{},
		ledger: campaign.NewLedger(campaign.Rule{}, now), guard: campaign.NewGuard(k.Spent, k.Override),
	}
	// What settles attempts of a campaign that is no longer configured.
	out.cfg = Campaign{ID: k.Campaign, Plan: rule.Plan{Pack: rule.Strictest(), Retries: rule.DefaultRetries(), Scope: "tenant"}}
	out.pacer = pacing.New(pacing.Settings{})
	if len(k.Learned) > 0 {
		if err := out.pacer.Remember(k.Learned); err != nil {
			r.log.Warn("dialer: what the pacer knew cannot be read; it begins anew", "campaign", k.Campaign, "error", err)
		} else {
			out.heard = coldEnds
		}
	}
	return out
}

// configure takes over a configuration.
func (r *Runner) configure(now time.Time) {
	here := map[string]bool{}
	for _, c := range r.config.Campaigns {
		here[c.ID] = true
		one := r.runs[c.ID]
		if one == nil {
			one = r.newRun(Run{Campaign: c.ID, Wanted: WantStopped}, now)
			r.runs[c.ID] = one
		}
		if one.removed || one.cfg.Plan.Pack.Connect != c.Plan.Pack.Connect {
			one.regrace(c.Plan.Pack.Connect)
		}
		one.cfg, one.removed = c, false
		one.ledger.SetRule(c.Budget)
	}
	for id, one := range r.runs {
		one.removed = !here[id]
	}
	groups := map[string]*group{}
	for _, g := range append(slices.Clone(r.config.Groups), Group{Fuse: campaign.DefaultFuse()}) { // the last one: no group, any trunk
		one := r.groups[g.ID]
		if one == nil || one.Fuse != g.Fuse {
			one = &group{tokens: campaign.NewTokens(g.Bounds, now), breaker: campaign.NewBreaker(g.Fuse)}
		}
		one.Group = g
		one.tokens.SetTrunks(g.Bounds)
		groups[g.ID] = one
	}
	r.groups = groups
}

// regrace gives the pacer another time to connect; it keeps what it knows.
func (run *run) regrace(grace time.Duration) {
	fresh := pacing.New(pacing.Settings{Grace: grace})
	if memory, err := run.pacer.Memory(); err == nil && fresh.Remember(memory) == nil {
		run.pacer = fresh
	}
}

// kept is what is kept of it over restarts.
func (run *run) kept() Run {
	k := run.state
	k.Override, k.Spent = run.guard.Override(), run.guard.Spent()
	if memory, err := run.pacer.Memory(); err == nil {
		k.Learned = memory
	}
	return k
}

// factsMost bounds the facts that wait for a tick or for the log.
const factsMost = 10_000

func (run *run) learn(f pacing.Fact) {
	if f.Kind == pacing.DialEnded {
		run.heard++
	}
	if len(run.facts) < factsMost {
		run.facts = append(run.facts, f)
	}
}

// midnight begins a new day where the campaign is run.
func (run *run) midnight(now time.Time) {
	zone := run.cfg.Budget.Zone
	if zone == nil {
		zone = time.UTC
	}
	y, m, d := now.In(zone).Date()
	if begin := time.Date(y, m, d, 0, 0, 0, 0, zone); !begin.Equal(run.today.begin) {
		run.today = day{begin: begin}
		clear(run.shown)
	}
}

// caller is the number that a call to a number shows: of the longest prefix
// that fits, the one that was shown least today. Empty: the queue's or the trunk's.
func (run *run) caller(number string) string {
	var of *Caller
	for i := range run.cfg.Callers {
		c := &run.cfg.Callers[i]
		if len(number) >= len(c.Prefix) && number[:len(c.Prefix)] == c.Prefix && (of == nil || len(c.Prefix) > len(of.Prefix)) {
			of = c
		}
	}
	if of == nil || len(of.Numbers) == 0 {
		return ""
	}
	least := slices.MinFunc(of.Numbers, func(a, b string) int { return cmp.Compare(run.shown[a], run.shown[b]) })
	if of.PerDay > 0 && run.shown[least] >= of.PerDay {
		return ""
	}
	return least
}

// recall asks for what is known of a campaign from before the start.
func (r *Runner) recall(run *run) {
	if run.known || run.knowing {
		return
	}
	now := r.opt.Clock.Now()
	run.midnight(now)
	id, from, midnight := run.id, now.Add(-campaign.Keep), run.today.begin
	run.knowing = r.chore(func(ctx context.Context) {
		past, err := r.opt.Records.Past(ctx, id, from, midnight)
		var open []lead.Claimed
		if err == nil {
			open, err = r.opt.Leads.Open(ctx, id)
		}
		var labels campaign.Labels
		if err == nil && r.opt.Labels != nil {
			labels, err = r.opt.Labels(ctx, id)
		}
		r.tell(func(context.Context) { r.recalled(id, past, open, labels, err) })
	})
}

func (r *Runner) recalled(id string, past Past, open []lead.Claimed, labels campaign.Labels, err error) {
	run := r.runs[id]
	run.knowing = false
	if err != nil {
		r.log.Warn("dialer: what a campaign did before the start cannot be read; trying again", "campaign", id, "error", err)
		return
	}
	now := r.opt.Clock.Now()
	if begun := run.state.Begun; begun.IsZero() || !past.Begun.IsZero() && past.Begun.Before(begun) {
		run.state.Begun = past.Begun
	}
	since := run.state.Begun
	if since.IsZero() {
		since = now
	}
	run.ledger = campaign.NewLedger(run.cfg.Budget, since)
	run.ledger.Load(past.Minutes)
	run.ledger.SetLabels(labels)
	run.today.dials = past.Today
	maps.Copy(run.shown, past.Shown)
	for _, m := range past.Minutes {
		if !m.At.Before(run.today.begin) {
			run.today.add(m.Counts)
		}
	}
	for _, c := range open {
		if r.attempts[c.Attempt] == nil {
			r.attempts[c.Attempt] = &attempt{Claimed: c, campaign: id, group: run.cfg.Group, at: now, judged: slices.Contains(past.Counted, c.Attempt)}
		}
	}
	run.known = true
	r.log.Info("dialer: a campaign's past is known", "campaign", id, "open_attempts", len(open), "attempts_today", past.Today)
}
