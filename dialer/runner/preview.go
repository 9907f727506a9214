package runner

import (
	"context"
	"fmt"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/callmodel"
)

// preview gives every free agent a customer to look at: one of their own, or
// anybody's.
func (r *Runner) preview(ctx context.Context, run *run, v *callmodel.View, now time.Time) {
	idle := run.view.idle
	run.reason, run.text = Pacing, fmt.Sprintf("%d of %d agents are free; %d have a customer to look at", len(idle), len(run.view.agents), len(run.view.previews))
	if len(run.view.agents) == 0 {
		run.absent()
		return
	}
	free := append(r.without(run, r.redialed(run)), r.without(run, idle)...)
	for _, agent := range free {
		r.claimFor(run, 1, agent, now)
	}
	if run.owed = r.allowed(run, len(free), now); run.owed > 0 {
		run.reason = Dialing
	}
	r.dial(ctx, run, v.Now, now)
}

// withdraw takes customers back whom an agent is shown and who may not be called
// any more: the rules are looked at again for as long as the agent looks.
func (r *Runner) withdraw(ctx context.Context, run *run, now time.Time) {
	for _, id := range run.view.previews {
		if a := r.attempts[id]; a != nil && !a.cancelled && !r.open(run, &a.Number, now) {
			r.cancelCall(ctx, id, true, own)
		}
	}
}

// without are the free agents for whom no customer is on the way.
func (r *Runner) without(run *run, idle []string) []string {
	taken := map[string]bool{}
	for _, a := range r.attempts {
		if a.campaign == run.id && a.agent != "" {
			taken[a.agent] = true
		}
	}
	for _, h := range run.hopper.leads {
		taken[h.agent] = true
	}
	var out []string
	for _, agent := range idle {
		if !taken[agent] {
			out = append(out, agent)
		}
	}
	return out
}

// ownEvery is how often it is looked for what only a certain agent may call.
const ownEvery = 5 * time.Second

// promised looks for the calls that only a free agent may make, in a campaign
// that is no preview: what they have promised, and their own customers. They
// are shown the customer before the call, one after the other.
func (r *Runner) promised(run *run, now time.Time) {
	for _, agent := range r.without(run, r.redialed(run)) {
		r.claimFor(run, 1, agent, now)
	}
	if run.left[lead.WaitsAgent] == 0 || now.Sub(run.promisedAt) < ownEvery {
		return
	}
	run.promisedAt = now
	for _, agent := range r.without(run, run.view.idle) {
		r.claimFor(run, 1, agent, now)
	}
}

// own calls what was claimed for an agent and nobody else may call, beside what
// the pacer wants: the agent is there. Others are called by the pacer's measure.
func (r *Runner) own(ctx context.Context, run *run, by claim, got []lead.Claimed, at callmodel.Instant, now time.Time) {
	agent := by.want.Agent
	for _, c := range got {
		if c.Lead.Owner != agent && c.Lead.Callback.Agent != agent || r.allowed(run, 1, now) == 0 {
			r.settler.release(lead.Release{Attempt: c.Attempt})
			continue
		}
		next := held{c, now.Add(claimLasts), agent, by.known}
		run.owed++
		if !r.mayCall(run, &next, now) {
			run.owed--
			r.groups[run.cfg.Group].giveBack(1)
			continue
		}
		r.order(ctx, run, &next, at, now)
	}
}
