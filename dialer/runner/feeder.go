package runner

import (
	"context"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/callmodel"
)

// claim is what the loop wants of the feeder.
type claim struct {
	campaign string
	want     lead.Want
	known    uint64 // reviews before it
}

// claimLimit bounds one claim.
const claimLimit = 5 * time.Second

// feed claims leads, one campaign after the other.
func (r *Runner) feed(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-r.claims:
			began := r.opt.Clock.Now()
			limit, cancel := context.WithTimeout(ctx, claimLimit)
			got, err := r.opt.Leads.Claim(limit, c.want)
			cancel()
			r.opt.Observe(MeasureClaim, r.opt.Clock.Now().Sub(began))
			r.tell(func(ctx context.Context) { r.claimed(ctx, c, got, err) })
		}
	}
}

// claimFor asks the feeder for leads, unless it is asked already or there were
// none a moment ago.
func (r *Runner) claimFor(run *run, n int, agent string, now time.Time) {
	if n <= 0 || run.hopper.asked[agent] || run.hopper.dries(agent, now) {
		return
	}
	want := lead.Want{Rules: run.cfg.Rules(), Now: now, N: n, NewID: r.newID, Agent: agent}
	want.Guarded = agent != "" // who gets it is there before it is dialled
	select {
	case r.claims <- claim{run.id, want, r.reviews.Load()}:
		run.hopper.asked[agent] = true
	default: // the feeder is behind: the next tick asks again
	}
}

func (r *Runner) newID() callmodel.CallID { return callmodel.CallID{ID: r.opt.Switch.NewID()} }

// claimed takes what a claim has brought.
func (r *Runner) claimed(ctx context.Context, c claim, got []lead.Claimed, err error) {
	run, now := r.runs[c.campaign], r.opt.Clock.Now()
	agent := c.want.Agent
	delete(run.hopper.asked, agent)
	run.broken, run.vain = "", err != nil || len(got) == 0
	if err != nil {
		run.hopper.dry[agent], run.broken = now, err.Error()
		r.log.Warn("dialer: leads could not be claimed", "campaign", run.id, "error", err)
		return
	}
	delete(run.again, agent) // their customer is among these, or the rules forbid it
	if len(got) == 0 {
		run.hopper.dry[agent] = now
		if agent == "" || run.cfg.Mode == callmodel.DialPreview { // else it was for what one agent alone may call
			run.dryAt = now
		}
		return
	}
	run.dryAt = time.Time{}
	if run.held != "" { // stopped meanwhile
		run.hopper.put(now, agent, c.known, got)
		r.settler.release(run.hopper.empty()...)
		return
	}
	view, err := r.opt.Switch.View(ctx)
	if agent != "" && run.cfg.Mode != callmodel.DialPreview {
		if err != nil {
			for _, c := range got {
				r.settler.release(lead.Release{Attempt: c.Attempt})
			}
			return
		}
		r.own(ctx, run, c, got, view.Now, now)
		return
	}
	run.hopper.put(now, agent, c.known, got)
	if err != nil {
		return
	}
	r.dial(ctx, run, view.Now, now)
}
