package runner

import (
	"context"
	"time"

	"strowger/dialer/campaign"
	"strowger/switch/fault"
)

// Override lets a campaign go on though its budget is gone, until an instant. One
// that is in force ends with it. What cannot be kept for the reports does not hold.
func (r *Runner) Override(ctx context.Context, id string, o campaign.Override) error {
	var before, kept Run
	err := r.change(ctx, "dialer: override", id, func(run *run, now time.Time) error {
		g := run.guard
		if was := *g; g.EndOverride(now, o.By) == nil {
			before = run.kept()
			*g = was
		}
		if err := g.SetOverride(now, o); err != nil {
			return err
		}
		if run.state.Wanted == WantPaused && run.state.pausedBy() == Budget {
			run.state.Wanted, run.state.By, run.state.Why, run.state.At = WantRunning, o.By, "override: "+o.Reason, now
		}
		r.log.Error("dialer: the stop of a campaign whose budget is gone is overridden", "campaign", id, "until", o.Until, "by", o.By, "why", o.Reason)
		kept = run.kept()
		return nil
	})
	if err == nil && before.Campaign != "" {
		err = r.opt.Runs.Save(ctx, before)
	}
	if err == nil && kept.Campaign != "" {
		err = r.opt.Runs.Save(ctx, kept)
	}
	if err != nil && kept.Campaign != "" {
		_ = r.change(ctx, "dialer: override", id, func(run *run, now time.Time) error { return run.guard.EndOverride(now, own) })
	}
	return err
}

// EndOverride ends an override before its time: a campaign that was stopped is
// stopped again at the next tick.
func (r *Runner) EndOverride(ctx context.Context, id, by string) error {
	var kept Run
	err := r.change(ctx, "dialer: end override", id, func(run *run, now time.Time) error {
		if err := run.guard.EndOverride(now, by); err != nil {
			return err
		}
		r.log.Warn("dialer: the override of a campaign's stop is ended", "campaign", id, "by", by)
		r.publish(now)
		kept = run.kept()
		return nil
	})
	if err != nil {
		return err
	}
	return r.opt.Runs.Save(ctx, kept)
}

// Overrides returns the overrides of a campaign that held in a time, oldest first.
func (r *Runner) Overrides(ctx context.Context, id string, from, to time.Time) ([]campaign.Override, error) {
	return r.opt.Runs.Overrides(ctx, id, from, to)
}

// change has the loop change a campaign.
func (r *Runner) change(ctx context.Context, op, id string, do func(run *run, now time.Time) error) error {
	var err error
	asked := r.ask(ctx, func(context.Context) {
		run := r.runs[id]
		if run == nil || run.removed {
			err = fault.New(fault.NotFound, op, id, noCampaign)
			return
		}
		err = do(run, r.opt.Clock.Now())
	})
	if asked != nil {
		return asked
	}
	return err
}
