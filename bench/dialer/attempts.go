package dialer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"strowger/bench/report"
	"strowger/dialer/campaign"
	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/dialer/rule"
	"strowger/dialer/runner"
	"strowger/switch/calendar"
	"strowger/switch/callmodel"
	"strowger/switch/sim"
)

const (
	attemptTeam  = 800
	attemptLeads = 100_000
	attemptRamp  = 10 * time.Second // the telephony server has been there, the hopper is full
)

// runAttempts has the dialer call numbers that are all busy, a line for each of
// 800 free agents, twice a second: what leads, runner, journal and switch take together.
func runAttempts(ctx context.Context, o Options, book *report.Book) (err error) {
	s, err := startSite(ctx, attemptTeam)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	s.sim.Elsewhere(func(string) sim.PhonePolicy { return sim.PhonePolicy{Mode: sim.Busy} })
	length, leads := 30*time.Second, attemptLeads
	if o.Quick {
		length, leads = 5*time.Second, attemptLeads/4
	}
	if err := s.people(ctx, leads); err != nil {
		return err
	}
	var decide waits
	r, err := s.runner(func(what runner.Measure, took time.Duration) {
		if what == runner.MeasureDecide { // the runner's own goroutine, which has ended before this is read
			decide = append(decide, took)
		}
	})
	if err != nil {
		return err
	}
	if err := r.Start(ctx); err != nil {
		return err
	}
	o.Progress("%d agents free, every number is busy, for %v", attemptTeam, length)
	begun, ended, err := count(ctx, r, length)
	r.Stop()
	if err != nil {
		return err
	}
	book.Add("attempts_per_s", float64(ended)/length.Seconds(), "attempts/s", nil)
	stats := r.Stats()
	book.Note("attempts: %d begun and %d settled in %v, %d ticks of %d late, a decision %v at the 99th percentile; %d refused, %d unknown",
		begun, ended, length, stats.TicksLate.Load(), stats.Ticks.Load(), decide.p(99), stats.Refused.Load(), stats.Unknown.Load())
	return nil
}

// count starts the campaign and counts what it does once it is at its pace.
func count(ctx context.Context, r *runner.Runner, length time.Duration) (begun, ended uint64, err error) {
	if err := r.Do(ctx, runner.Order{Campaign: "spring", Want: runner.WantRunning, By: "bench"}); err != nil {
		return 0, 0, err
	}
	if err := pause(ctx, attemptRamp); err != nil {
		return 0, 0, err
	}
	dials, done := r.Stats().Dials.Load(), busyEnds(r)
	if err := pause(ctx, length); err != nil {
		return 0, 0, err
	}
	return r.Stats().Dials.Load() - dials, busyEnds(r) - done, nil
}

func busyEnds(r *runner.Runner) uint64 {
	p, _ := r.Live("spring")
	return uint64(p.Results[lead.Busy])
}

func (s *site) people(ctx context.Context, leads int) error {
	if _, err := s.leads.Save(ctx, list.List{ID: "people"}, time.Now()); err != nil {
		return err
	}
	const chunk = 1000
	for from := 0; from < leads; from += chunk {
		var rows []list.Row
		for i := from; i < min(from+chunk, leads); i++ {
			rows = append(rows, list.Row{Ref: fmt.Sprint("p", i), Numbers: []list.RowNumber{{Text: personNumber(i)}}})
		}
		if _, err := s.leads.Append(ctx, "people", rows, "", time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// runner is the dialer on this site, with one campaign that may call at any time.
func (s *site) runner(observe func(runner.Measure, time.Duration)) (*runner.Runner, error) {
	pack := rule.US()
	pack.Hours.Week = []calendar.Span{{Days: []string{"mon-sun"}, From: "00:00", To: "24:00"}}
	hours, err := rule.NewHours(&pack, nil, nil)
	if err != nil {
		return nil, err
	}
	cfg := &runner.Config{Campaigns: []runner.Campaign{{
		ID: "spring", Name: "Spring", Number: 1, Queue: "spring", Mode: callmodel.DialProgressive, Lists: []lead.Share{{List: "people"}}, Weight: 1, MaxLines: 2000,
		Plan: rule.Plan{Pack: pack, Retries: rule.DefaultRetries(), Scope: "tenant"}, Hours: hours, Ring: 22 * time.Second,
		Budget: campaign.Rule{Limit: pack.Limit, Window: campaign.Window{Kind: campaign.Successive, Length: campaign.Longest}},
	}}}
	return runner.New(runner.Options{
		Switch: s.engine, Leads: keptLeads{s.leads}, Runs: runner.Table{DB: s.db}, Records: noRecords{}, Config: func() *runner.Config { return cfg }, Observe: observe,
	}), nil
}

// keptLeads are the leads in the database, as the runner wants them.
type keptLeads struct{ *list.Store }

// Open implements [runner.Leads].
func (k keptLeads) Open(ctx context.Context, id string) ([]lead.Claimed, error) {
	return k.Taken(ctx, id, time.Now())
}

// Sweep implements [runner.Leads].
func (k keptLeads) Sweep(ctx context.Context, now time.Time) error {
	_, _, err := k.Wake(ctx, now)
	return err
}

// noRecords is a site that has made no attempt yet.
type noRecords struct{}

// Ended implements [runner.Records].
func (noRecords) Ended(context.Context, uint64, []callmodel.CallID) (map[callmodel.CallID]runner.Ended, error) {
	return nil, nil
}

// Past implements [runner.Records].
func (noRecords) Past(context.Context, string, time.Time, time.Time) (runner.Past, error) {
	return runner.Past{}, nil
}

// Lost implements [runner.Records].
func (noRecords) Lost() bool { return false }
