package runner

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/daylog"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
	"strowger/switch/watch"
)

// Options are what a Runner works with.
type Options struct {
	Switch  port.Switch
	Leads   Leads
	Runs    Runs
	Records Records
	Days    *daylog.Log // where decisions are recorded; nil: nowhere
	Logger  *slog.Logger
	// Config is the configuration in force. A changed one is another value.
	Config func() *Config
	// Hold says whether something of the whole machine forbids to dial now: one
	// of Journal and Pressure, or empty.
	Hold func() Reason
	// Labels says what the samples of a campaign's machines were found to be.
	// Nil: there are none.
	Labels func(ctx context.Context, campaign string) (campaign.Labels, error)
	// Tick is the time between two decisions; default 500 ms.
	Tick time.Duration
	// Clock is the time of day; nil: the machine's.
	Clock port.Clock
	// Observe is told how long things take; nil: nobody.
	Observe func(what Measure, took time.Duration)
}

// Measure is something whose time is measured.
type Measure uint8

// The measures.
const (
	MeasureDecide  Measure = 1 // a decision of the pacer
	MeasureClaim   Measure = 2 // a claim of leads
	MeasureConnect Measure = 3 // from a person's answer to their agent
	MeasureTick    Measure = 4 // a tick
)

const (
	// originBefore is how long before the start the pacers' time begins: agents
	// may have been in their state for as long.
	originBefore = 24 * time.Hour
	defaultTick  = 500 * time.Millisecond
	// settleIn is how long the telephony server is back before campaigns dial.
	settleIn = 5 * time.Second
	// orderLimit bounds an order to the switch.
	orderLimit = 2 * time.Second
)

// Runner runs campaigns. Its functions may be used by several goroutines.
type Runner struct {
	opt     Options
	log     *slog.Logger
	settler *settler
	follow  watch.Follower

	in       chan func(context.Context) // to the loop
	claims   chan claim                 // to the feeder
	chores   chan func(context.Context) // to the clerk
	counts   chan func(context.Context) // to the counter
	pictures atomic.Pointer[map[string]Picture]
	stats    Stats
	bars     bars
	reviews  atomic.Uint64
	cancel   context.CancelFunc
	ended    chan struct{} // closed when the loop takes nothing more
	done     sync.WaitGroup

	// What follows belongs to the loop.
	config   *Config
	zero     callmodel.Instant // from which the pacers count
	runs     map[string]*run
	groups   map[string]*group
	attempts map[callmodel.CallID]*attempt
	share    *campaign.Share
	upSince  time.Time // the telephony server; zero: it is not
	late     time.Time // when the next tick is due, at most
	checked  time.Time // when vanished attempts were last looked for
	swept    time.Time
}

// Stats are figures since the start.
type Stats struct {
	Ticks     atomic.Uint64
	TicksLate atomic.Uint64 // that came more than a tick too late
	Dials     atomic.Uint64
	Refused   atomic.Uint64 // orders to dial that the switch refused
	Released  atomic.Uint64 // leads that were claimed and given back
	Vanished  atomic.Uint64 // attempts whose end was looked up, because its event was missed
	Unknown   atomic.Uint64 // of them, those of which nothing was found
}

// New makes a Runner; nothing runs yet.
func New(opt Options) *Runner {
	if opt.Tick <= 0 {
		opt.Tick = defaultTick
	}
	if opt.Clock == nil {
		opt.Clock = machine{}
	}
	if opt.Observe == nil {
		opt.Observe = func(Measure, time.Duration) {}
	}
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	if opt.Hold == nil {
		opt.Hold = func() Reason { return "" }
	}
	r := &Runner{
		opt: opt, log: opt.Logger, settler: newSettler(opt.Leads, opt.Logger),
		in: make(chan func(context.Context), 256), claims: make(chan claim, 1024), chores: make(chan func(context.Context), 1024), counts: make(chan func(context.Context), 64), ended: make(chan struct{}),
		runs: map[string]*run{}, groups: map[string]*group{}, attempts: map[callmodel.CallID]*attempt{}, share: campaign.NewShare(),
	}
	r.pictures.Store(&map[string]Picture{})
	r.follow = watch.Follower{Switch: opt.Switch, Name: "dialer", Log: opt.Logger, Apply: r.apply, Sync: r.sync}
	return r
}

type machine struct{}

func (machine) Now() time.Time { return time.Now() }

// Start reads what campaigns were doing and runs them. It returns when it is
// running; campaigns dial once the attempts of before are known and the
// telephony server has been there for a while.
func (r *Runner) Start(ctx context.Context) error {
	const op = "dialer: start"
	kept, err := r.opt.Runs.Load(ctx)
	if err != nil {
		return fault.Wrap(fault.KindOf(err), op, "", err)
	}
	view, sub, err := r.opt.Switch.Watch(ctx, "dialer")
	if err != nil {
		return fault.Wrap(fault.KindOf(err), op, "", err)
	}
	ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	now := r.opt.Clock.Now()
	r.zero = view.Now.Add(-originBefore)
	r.config = r.opt.Config()
	for _, k := range kept {
		r.runs[k.Campaign] = r.newRun(k, now)
	}
	r.configure(now)
	r.publish(now)
	for _, part := range []func(context.Context){
		func(ctx context.Context) { r.follow.Run(ctx, sub) }, r.settler.run, r.feed, r.loop,
		func(ctx context.Context) { work(ctx, r.chores) }, // the clerk
		func(ctx context.Context) { work(ctx, r.counts) }, // the counter: a million leads take half a minute, for which the clerk's chores cannot wait
	} {
		r.done.Go(func() { part(ctx) })
	}
	return nil
}

// Stop ends all goroutines and waits for them. Calls go on; what they lead to
// is noted at the next start. It may be called twice, and before Start.
func (r *Runner) Stop() {
	if r.cancel == nil {
		return
	}
	r.cancel()
	r.done.Wait()
}

// loop takes what comes, one at a time.
func (r *Runner) loop(ctx context.Context) {
	defer r.close(context.WithoutCancel(ctx))
	defer close(r.ended)
	tick := time.NewTicker(r.opt.Tick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case do := <-r.in:
			do(ctx)
		case <-tick.C:
			r.tick(ctx)
		}
	}
}

// close keeps what the campaigns have learned and gives back what they have
// claimed. The settler stores the latter: it ends after it has stored what it has.
func (r *Runner) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, orderLimit)
	defer cancel()
	for _, id := range r.ids() {
		run := r.runs[id]
		if run.book != nil {
			run.book.Close()
		}
		if err := r.opt.Leads.Release(ctx, run.hopper.empty()); err != nil {
			r.log.Warn("dialer: claimed leads are left for the next start", "campaign", id, "error", err)
		}
		if err := r.opt.Runs.Save(ctx, run.kept()); err != nil {
			r.log.Warn("dialer: what the pacer knows could not be kept", "campaign", id, "error", err)
		}
	}
}

// ids are the campaigns, in an order that does not change.
func (r *Runner) ids() []string {
	ids := make([]string, 0, len(r.runs))
	for id := range r.runs {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		if d := r.runs[a].cfg.Number - r.runs[b].cfg.Number; d != 0 {
			return int(d)
		}
		return compare(a, b)
	})
	return ids
}

// ask has the loop do something and waits for it.
func (r *Runner) ask(ctx context.Context, do func(context.Context)) error {
	done := make(chan struct{})
	select {
	case r.in <- func(loop context.Context) {
		if now := r.opt.Clock.Now(); r.renew(now) { // who has made a campaign may ask of it at once
			r.publish(now)
		}
		do(loop)
		close(done)
	}:
	case <-r.ended:
		return fault.New(fault.Stopped, "dialer", "", "the dialer is not running")
	case <-ctx.Done():
		return fault.Wrap(fault.Unavailable, "dialer", "", ctx.Err())
	}
	select {
	case <-done:
		return nil
	case <-r.ended:
		return fault.New(fault.Stopped, "dialer", "", "the dialer is not running")
	case <-ctx.Done():
		return fault.Wrap(fault.Unavailable, "dialer", "", ctx.Err())
	}
}

// tell has the loop do something without waiting for it.
func (r *Runner) tell(do func(context.Context)) {
	select {
	case r.in <- do:
	case <-r.ended:
	}
}

// work does what may take long, one after the other.
func work(ctx context.Context, chores <-chan func(context.Context)) {
	for {
		select {
		case <-ctx.Done():
			return
		case do := <-chores:
			do(ctx)
		}
	}
}

// chore gives the clerk something to do; false: the clerk has too much to do.
func (r *Runner) chore(do func(context.Context)) bool { return give(r.chores, do) }

func give(chores chan<- func(context.Context), do func(context.Context)) bool {
	select {
	case chores <- do:
		return true
	default:
		return false
	}
}

// Stats returns the figures since the start.
func (r *Runner) Stats() *Stats { return &r.stats }

// Chores is how many chores wait for the clerk, and how many counts of leads for
// the counter.
func (r *Runner) Chores() (clerk, counter int) { return len(r.chores), len(r.counts) }

// Waiting is how many ends of attempts are not stored yet.
func (r *Runner) Waiting() int { return r.settler.waiting() }
