package runner

import (
	"context"
	"slices"
	"time"

	"strowger/dialer/pacing"
	"strowger/dialer/pacing/wire"
	"strowger/switch/fault"
)

// Decided is a decision that was made, and why.
type Decided struct {
	At       time.Time
	Dial     int // that were allowed in the end
	Reason   Reason
	Text     string
	Decision pacing.Decision
}

// decisionsKept is how many decisions of a campaign can be looked at.
const decisionsKept = 200

// remember keeps a decision that dials or has another reason than the one before.
func (run *run) remember(now time.Time, dial int) {
	if n := len(run.decisions); n > 0 && dial == 0 && run.decision.Cancel == 0 && run.decisions[n-1].Reason == run.reason && run.decisions[n-1].Dial == 0 {
		return
	}
	run.decisions = append(run.decisions, Decided{now, dial, run.reason, run.text, run.decision})
	if len(run.decisions) > decisionsKept {
		run.decisions = run.decisions[1:]
	}
}

// Decisions returns the last decisions of a campaign, the newest first.
func (r *Runner) Decisions(ctx context.Context, id string, limit int) (out []Decided, err error) {
	asked := r.ask(ctx, func(context.Context) {
		run := r.runs[id]
		if run == nil || run.removed {
			err = fault.New(fault.NotFound, "dialer: decisions", id, noCampaign)
			return
		}
		for _, d := range slices.Backward(run.decisions[max(0, len(run.decisions)-limit):]) {
			out = append(out, d)
		}
	})
	if asked != nil {
		return nil, asked
	}
	return out, err
}

// record writes a decision into the campaign's book of the day.
func (r *Runner) record(run *run, s *pacing.Scene, now time.Time) {
	facts := run.heardOf
	run.heardOf = run.heardOf[:0]
	if r.opt.Days == nil {
		return
	}
	if run.book == nil {
		run.book = r.opt.Days.Book(run.cfg.Number, func() wire.Hello { return r.hello(run) })
	}
	zone := run.cfg.Budget.Zone
	if zone == nil {
		zone = time.UTC
	}
	held := ""
	if run.owed < run.decision.Dial {
		held = string(run.reason)
	}
	run.book.Tick(now.In(zone), facts, s, &run.decision, run.owed, held)
}

// hello is what a record begins with.
func (r *Runner) hello(run *run) wire.Hello {
	memory, _ := run.pacer.Memory() // without it a replay begins knowing nothing
	return wire.Hello{
		Agents: run.view.signedIn, TrunkLimit: run.cfg.lines(), Grace: run.cfg.Plan.Pack.Connect.Seconds(), RingLimit: run.cfg.Ring.Seconds(),
		Target: run.cfg.Budget.Aim, Memory: memory,
	}
}
