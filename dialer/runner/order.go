package runner

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/lead"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// compare orders campaigns without numbers.
func compare(a, b string) int { return cmp.Compare(a, b) }

// Order is what somebody wants a campaign to do.
type Order struct {
	Campaign string
	Want     Wanted
	Now      bool // of stopped: calls that ring are hung up at once, however short they have rung
	By       string
	Why      string // of Now it must say something
}

// noCampaign is the reason of NotFound.
const noCampaign = "there is no such campaign in the configuration; strowger campaign list shows those that there are"

// own is the name under which the dialer itself pauses a campaign.
const own = "dialer"

// pausedBy says what a pause is: somebody's, or the dialer's own.
func (k *Run) pausedBy() Reason {
	word, _, _ := strings.Cut(k.Why, ":")
	if why := Reason(word); k.By == own && (why == Budget || why == Faults) {
		return why
	}
	return Paused
}

// Do carries an order out. A stop takes effect before it is stored: an error
// of kind Unavailable says that it holds and will be forgotten by a restart.
func (r *Runner) Do(ctx context.Context, o Order) error {
	const op = "dialer: order"
	switch {
	case o.Want != WantRunning && o.Want != WantPaused && o.Want != WantStopped:
		return fault.Newf(fault.Invalid, op, string(o.Want), "write one of %s, %s and %s", WantRunning, WantPaused, WantStopped)
	case o.By == "":
		return fault.New(fault.Invalid, op, o.Campaign, "say who orders it")
	case o.Now && (o.Want != WantStopped || strings.TrimSpace(o.Why) == ""):
		return fault.New(fault.Invalid, op, o.Campaign, "only a stop can be at once, and it needs a reason: customers who hear their phone are cut off, which the rules forbid")
	}
	var kept Run
	var err error
	if asked := r.ask(ctx, func(loop context.Context) { kept, err = r.take(loop, o) }); asked != nil {
		return asked
	}
	if err != nil {
		return err
	}
	if err := r.opt.Runs.Save(ctx, kept); err != nil {
		if o.Want == WantRunning {
			_ = r.ask(ctx, func(context.Context) { r.unstart(o.Campaign, kept.At) }) // it must not run on what a restart forgets
		}
		return fault.Wrap(fault.KindOf(err), op, o.Campaign, err)
	}
	return nil
}

// take carries out an order in the loop.
func (r *Runner) take(ctx context.Context, o Order) (Run, error) {
	const op = "dialer: order"
	run, now := r.runs[o.Campaign], r.opt.Clock.Now()
	if run == nil || run.removed && o.Want == WantRunning {
		return Run{}, fault.New(fault.NotFound, op, o.Campaign, noCampaign)
	}
	if o.Want == WantRunning {
		if len(run.cfg.Problems) > 0 {
			return Run{}, fault.New(fault.Conflict, op, o.Campaign, strings.Join(run.cfg.Problems, "; "))
		}
		if !run.known && run.guard.Stage() == campaign.Stopped {
			return Run{}, fault.New(fault.Unavailable, op, o.Campaign, "its budget was gone, and what it did before the start is still being read: try again in a moment")
		}
		if err := run.guard.Start(now, run.ledger.Rate(now, now)); err != nil {
			return Run{}, err
		}
		run.faults, run.barred = 0, 0
		clear(run.hopper.dry)
	}
	run.state.Wanted, run.state.By, run.state.Why, run.state.At = o.Want, o.By, o.Why, now
	r.log.Info("dialer: order", "campaign", o.Campaign, "wanted", o.Want, "now", o.Now, "by", o.By, "why", o.Why)
	if o.Want != WantRunning {
		r.unowe(run)
		r.settler.release(run.hopper.empty()...)
	}
	if o.Want == WantStopped {
		r.ringDown(ctx, run, o)
	}
	run.held = map[Wanted]Reason{WantRunning: Starting, WantPaused: Paused, WantStopped: Stopped}[o.Want]
	run.rest(run.held)
	r.publish(now)
	return run.kept(), nil
}

// ringDown gives up the calls of a campaign that nobody has answered.
func (r *Runner) ringDown(ctx context.Context, run *run, o Order) {
	for id, a := range r.attempts {
		if a.campaign == run.id && !a.over {
			r.cancelCall(ctx, id, o.Now, o.By)
		}
	}
}

// unstart takes back a start that could not be stored.
func (r *Runner) unstart(id string, at time.Time) {
	if run := r.runs[id]; run != nil && run.state.At.Equal(at) {
		run.state.Wanted = WantStopped
		run.state.Why = "the start could not be stored"
	}
}

// pause is the dialer's own pause of a campaign.
func (r *Runner) pause(run *run, why Reason, text string) {
	run.state.Wanted, run.state.By, run.state.Why, run.state.At = WantPaused, own, string(why)+": "+text, r.opt.Clock.Now()
	run.held = why
	r.unowe(run)
	r.settler.release(run.hopper.empty()...)
	r.keep(run)
}

// keep stores what is kept of a campaign over restarts, in its time.
func (r *Runner) keep(run *run) {
	kept := run.kept()
	r.chore(func(ctx context.Context) {
		if err := r.opt.Runs.Save(ctx, kept); err != nil {
			r.log.Warn("dialer: a campaign's state could not be kept", "campaign", kept.Campaign, "error", err)
		}
	})
}

// Checked is what whoever starts a campaign is shown before.
type Checked struct {
	Problems []string    // why it cannot be started
	Notes    []string    // what they should know
	Leads    lead.Counts // by what stands in their way
}

// notes are what people should know of a campaign.
func (run *run) notes() []string {
	out, c := slices.Clone(run.cfg.Notes), &run.cfg
	switch {
	case c.Mode == callmodel.DialMessage:
	case run.view.signedIn == 0:
		out = append(out, "nobody is signed in for the queue "+string(c.Queue))
	case c.Mode != callmodel.DialPreview && run.view.handsets > 0:
		out = append(out, fmt.Sprintf("%d of %d agents have no station that its calls can be given to in time (%s): it does not dial for them", run.view.handsets, run.view.signedIn, c.stations()))
	}
	return out
}

// Check says whether a campaign can be started, and whom it would call.
func (r *Runner) Check(ctx context.Context, id string) (Checked, error) {
	var cfg *Campaign
	var out Checked
	now := r.opt.Clock.Now()
	asked := r.ask(ctx, func(context.Context) {
		if run := r.runs[id]; run != nil && !run.removed {
			c := run.cfg
			cfg = &c
			out.Problems, out.Notes = slices.Clone(c.Problems), run.notes()
			if err := run.guard.Start(now, run.ledger.Rate(now, now)); err != nil {
				out.Problems = append(out.Problems, fault.ReasonOf(err))
			}
		}
	})
	switch {
	case asked != nil:
		return out, asked
	case cfg == nil:
		return out, fault.New(fault.NotFound, "dialer: check", id, noCampaign)
	}
	counts, err := r.opt.Leads.Count(ctx, cfg.Rules(), now)
	out.Leads = counts
	return out, err
}
