package dialer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/lead"
	"strowger/dialer/rule"
	"strowger/dialer/runner"
	"strowger/switch/acd"
	"strowger/switch/calendar"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
	"strowger/switch/fault"
	"strowger/switch/port"
	"strowger/switch/sim"
)

// shift is one shift of a team, worked by the whole dialer: runner and pacer,
// engine and call model, and the simulated exchange with nailed agents. Who
// answers, how long they talk and when agents come and go is drawn as in a
// [World] of the same cell and seed. It takes as long as the shift: it is for the
// time of testing/synctest.
type shift struct {
	cell   Cell
	target float64
	length time.Duration
	begin  time.Time
	engine *engine.Engine
	sim    *sim.Exchange
	runner *runner.Runner
	street *street

	mu     sync.Mutex // guards all below
	people map[callmodel.AgentID]*seated
	result Result
	failed error // the first order of an agent that was refused
}

// stackLag is what an order and a fact take between engine and exchange.
var stackLag = sim.Range{Min: time.Millisecond, Max: 5 * time.Millisecond}

// Shift lets the whole dialer work a shift.
func Shift(ctx context.Context, c Cell, seed uint64, target float64) (Result, error) {
	s := &shift{cell: c, target: target, length: duration(c.Hours * 3600), begin: time.Now(), people: map[callmodel.AgentID]*seated{}}
	s.street = newStreet(c, seed, s.begin)
	cfg, err := siteConfig(c.Agents, 24*time.Hour) // agents end their work themselves
	if err != nil {
		return Result{}, err
	}
	s.sim = sim.New(sim.Options{Node: "sim", Seed: seed, EffectDelay: stackLag, EventDelay: stackLag})
	s.sim.Elsewhere(s.street.answers)
	s.engine = engine.New(engine.Config{Router: acd.Router{}, Journal: &unwritten{}, Effector: s.sim, SnapshotEvery: 2 * s.length, SnapshotRecords: 1 << 40})
	if err := s.engine.Start(ctx, cfg); err != nil {
		return Result{}, err
	}
	defer func() { _ = s.engine.Stop(context.WithoutCancel(ctx)) }() // its journal keeps nothing
	if err := s.sim.Start(ctx, s.engine); err != nil {
		return Result{}, err
	}
	defer s.sim.Stop()
	return s.work(ctx, seed)
}

// work runs the campaign for as long as the shift takes.
func (s *shift) work(ctx context.Context, seed uint64) (Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_, sub, err := s.engine.Watch(ctx, "bench")
	if err != nil {
		return Result{}, err
	}
	defer sub.Close()
	s.sim.Trunk("isp", 0)
	if err := s.sim.WaitLink(ctx); err != nil {
		return Result{}, err
	}
	hours, pack, err := s.hours()
	if err != nil {
		return Result{}, err
	}
	config := &runner.Config{Campaigns: []runner.Campaign{s.campaign(pack, hours)}}
	s.runner = runner.New(runner.Options{
		Switch: s.engine, Leads: &endless{}, Runs: forgotten{}, Records: noRecords{}, Config: func() *runner.Config { return config },
	})
	if err := s.runner.Start(ctx); err != nil {
		return Result{}, err
	}
	defer s.runner.Stop()
	if err := s.runner.Do(ctx, runner.Order{Campaign: "spring", Want: runner.WantRunning, By: "bench"}); err != nil {
		return Result{}, err
	}
	for i := range s.cell.Agents {
		s.seat(ctx, agentName(i), stream(seed, 100+uint64(i)))
	}
	var reading sync.WaitGroup
	reading.Go(func() { s.read(ctx, sub) })
	err = pause(ctx, s.length-time.Since(s.begin))
	cancel()
	reading.Wait()
	return s.close(err)
}

// hours are those of the shift, so that the pacer knows when it ends.
func (s *shift) hours() (*rule.Hours, rule.Pack, error) {
	pack := rule.US()
	end := s.begin.UTC().Add(s.length)
	pack.Hours.Week = []calendar.Span{{Days: []string{"mon-sun"}, From: "00:00", To: end.Format("15:04")}}
	hours, err := rule.NewHours(&pack, nil, nil)
	return hours, pack, err
}

func (s *shift) campaign(pack rule.Pack, hours *rule.Hours) runner.Campaign {
	return runner.Campaign{
		ID: "spring", Name: "Spring", Number: 1, Queue: "spring", Mode: callmodel.DialPredictive, Lists: []lead.Share{{List: "people"}}, Weight: 1,
		MaxLines: int(s.cell.Lines * float64(s.cell.Agents)), Plan: rule.Plan{Pack: pack, Retries: rule.DefaultRetries(), Scope: "tenant"}, Hours: hours,
		Ring:   duration(s.cell.RingLimit + setupMean), // counted from the order, of which a phone knows nothing before it rings
		Budget: campaign.Rule{Limit: s.target, Aim: s.target, Window: campaign.Window{Kind: campaign.Day}},
	}
}

// close adds the shift up.
func (s *shift) close(err error) (Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	work, there := 0.0, 0.0
	for _, p := range s.people {
		p.become(s.length.Seconds(), p.state)
		work += p.work
		there += p.there
	}
	r := s.result
	r.Dials = int(s.runner.Stats().Dials.Load())
	r.Busy = work / max(1, there)
	r.Idle = (there - work) / max(1, float64(r.Bridged))
	if p, _ := s.runner.Live("spring"); err == nil && (p.Budget.Dropped != r.Dropped || p.Budget.Connected > r.Bridged || p.Budget.Connected < r.Bridged-s.cell.Agents) {
		err = fmt.Errorf("the campaign's books say %d connected and %d dropped, its events %d and %d", p.Budget.Connected, p.Budget.Dropped, r.Bridged, r.Dropped)
	}
	return r, errors.Join(err, s.failed)
}

// do gives the switch an order for an agent.
func (s *shift) do(ctx context.Context, cmd callmodel.Command) {
	err := s.engine.Do(ctx, cmd)
	if err == nil || ctx.Err() != nil || fault.Is(err, fault.Stopped) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = err
	}
}

// unwritten is a journal that keeps nothing.
type unwritten struct{ last uint64 }

func (j *unwritten) Append(seq uint64, _ []byte) error               { j.last = seq; return nil }
func (*unwritten) Flush() error                                      { return nil }
func (j *unwritten) LastSeq() uint64                                 { return j.last }
func (*unwritten) WaitSynced(context.Context, uint64) error          { return nil }
func (*unwritten) Replay(uint64, func(uint64, []byte) error) error   { return nil }
func (*unwritten) SaveSnapshot(uint64, []byte) error                 { return nil }
func (*unwritten) LatestSnapshot() (seq uint64, _ []byte, err error) { return 0, nil, nil }

var _ port.Journal = (*unwritten)(nil)

// forgotten keeps nothing of a campaign.
type forgotten struct{}

func (forgotten) Load(context.Context) ([]runner.Run, error) { return nil, nil }
func (forgotten) Save(context.Context, runner.Run) error     { return nil }
func (forgotten) Overrides(context.Context, string, time.Time, time.Time) ([]campaign.Override, error) {
	return nil, nil
}

// endless are leads that never run out: each is somebody new.
type endless struct {
	mu   sync.Mutex
	last int
}

// Claim implements [runner.Leads].
func (e *endless) Claim(_ context.Context, want lead.Want) (out []lead.Claimed, _ error) {
	place := lead.ZoneSet{No: 1, Zones: []string{"UTC"}}
	if !want.Window(place, want.Now).Open {
		return nil, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for range want.N {
		number := lead.Number{E164: streetNumber(e.last), Set: place}
		e.last++
		out = append(out, lead.Claimed{
			Attempt: want.NewID(), Number: number,
			Lead: lead.Lead{ID: int64(e.last), List: "people", Ref: fmt.Sprint(e.last), Numbers: []lead.Number{number}},
		})
	}
	return out, nil
}

func (*endless) Release(context.Context, []lead.Release) error        { return nil }
func (*endless) Settle(context.Context, []lead.Settled) error         { return nil }
func (*endless) Open(context.Context, string) ([]lead.Claimed, error) { return nil, nil }

func (*endless) Count(context.Context, lead.Rules, time.Time) (lead.Counts, error) { return nil, nil }
func (*endless) Sweep(context.Context, time.Time) error                            { return nil }
