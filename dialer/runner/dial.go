package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// dial orders the calls that are owed, as far as leads are there, and claims
// what is missing.
func (r *Runner) dial(ctx context.Context, run *run, at callmodel.Instant, now time.Time) {
	for run.owed > 0 {
		next, ok, old := run.hopper.take(now)
		r.settler.release(old...)
		if !ok {
			break
		}
		if !r.mayCall(run, &next, now) {
			continue
		}
		goOn := r.order(ctx, run, &next, at, now)
		if !goOn {
			r.unowe(run)
			break
		}
	}
	r.settler.release(run.hopper.expire(now)...)
	if run.cfg.Mode != callmodel.DialPreview {
		r.claimFor(run, run.hopper.lacks(now, run.owed), "", now)
	}
	if run.owed > 0 && len(run.hopper.leads) == 0 && run.vain {
		run.reason, run.text = NoLeads, "no lead may be called now"
		if run.broken != "" {
			run.reason, run.text = Database, "leads cannot be read: "+run.broken
		}
	}
}

// mayCall looks at the rules once more, right before the order.
func (r *Runner) mayCall(run *run, c *held, now time.Time) bool {
	if !r.open(run, &c.Number, now) || c.known != r.reviews.Load() {
		r.settler.release(lead.Release{Attempt: c.Attempt}) // the next claim sees why, too
		return false
	}
	run.today.called(run.cfg.Hours.At(c.Number.Set, now).Until)
	return true
}

// open reports whether a number may be called now, by its hours and by what was
// put on a do-not-call list a moment ago.
func (r *Runner) open(run *run, n *lead.Number, now time.Time) bool {
	return run.cfg.Hours.At(n.Set, now).Open && !r.bars.has(n.E164, now)
}

// order gives the switch one call to make. It reports whether another may follow.
func (r *Runner) order(ctx context.Context, run *run, c *held, at callmodel.Instant, now time.Time) bool {
	show, mode := run.caller(c.Number.E164), run.cfg.Mode
	if c.agent != "" {
		mode = callmodel.DialPreview
	}
	cmd := callmodel.Dial{
		Cmd:  callmodel.Cmd{By: "dialer", ValidUntil: at.Add(c.until.Sub(now))},
		Call: c.Attempt, Campaign: run.id, List: c.Lead.List, Lead: strconv.FormatInt(c.Lead.ID, 10), Mode: mode, Number: c.Number.E164, CallerID: show,
		Agent: callmodel.AgentID(c.agent), Name: c.Lead.Name, Ring: run.cfg.Ring, Attached: attached(c),
	}
	g := r.groups[run.cfg.Group]
	if g != nil {
		cmd.Trunks = g.Trunks
	}
	a := &attempt{Claimed: c.Claimed, campaign: run.id, group: run.cfg.Group, agent: c.agent, at: now}
	r.attempts[c.Attempt] = a
	limit, cancel := context.WithTimeout(ctx, orderLimit)
	err := r.opt.Switch.Do(limit, cmd)
	cancel()
	run.owed--
	if err != nil {
		return r.refused(run, a, g, err)
	}
	r.stats.Dials.Add(1)
	run.barred = 0
	run.today.dials++
	if run.state.Begun.IsZero() {
		run.state.Begun = now
	}
	run.hopper.dials(now)
	if run.pace = append(run.pace, now); len(run.pace) > paceMost {
		run.pace = run.pace[1:]
	}
	if show != "" {
		run.shown[show]++
	}
	if g != nil {
		g.inUse++
	}
	return true
}

// refused deals with an order that the switch has not taken.
func (r *Runner) refused(run *run, a *attempt, g *group, err error) bool {
	r.stats.Refused.Add(1)
	g.giveBack(1)
	kind := fault.KindOf(err)
	now := r.opt.Clock.Now()
	back := lead.Release{Attempt: a.Attempt}
	goOn := false
	switch kind {
	case fault.Unknown, fault.Stopped: // nobody knows whether it was taken: the switch's pictures tell
		a.missing = now
		return false
	case fault.Conflict: // the customer is being called already, by whomever
		back.Until, goOn = now.Add(refusedWait), true
	case fault.Invalid, fault.Denied, fault.NotFound, fault.Unsupported: // the number, by the switch's rules and routes
		back.Until, goOn = now.Add(barredWait), r.barred(run, a, err)
	case fault.Busy:
		run.reason, run.text = TrunkLimit, fault.ReasonOf(err)
	case fault.Unavailable:
		run.reason, run.text = NodeDown, fault.ReasonOf(err)
	case fault.Internal, fault.Overrun, fault.Stale:
		run.text = fault.ReasonOf(err)
	}
	delete(r.attempts, a.Attempt)
	r.settler.release(back)
	r.stats.Released.Add(1)
	return goOn
}

// barred notes a number that the switch's own rules do not let out: it is the
// same one, or one like it, that was asked for, so that many of them in a row are
// a mistake in the rules, which costs no lead. It reports whether another may follow.
func (r *Runner) barred(run *run, a *attempt, err error) bool {
	if run.barred++; run.barred%barredInRow != 1 {
		r.log.Debug("dialer: a number may not be called by the switch's rules", "campaign", run.id, "lead", a.Lead.ID, "error", err)
	} else {
		r.log.Warn("dialer: a number may not be called by the switch's rules, nor may perhaps others", "campaign", run.id, "lead", a.Lead.ID, "error", err)
	}
	if run.barred%barredInRow == 0 {
		r.log.Error("dialer: campaign paused: its numbers may not be called by the switch's rules", "campaign", run.id, "in_row", run.barred)
		r.pause(run, Faults, fmt.Sprintf("the last %d numbers may not be called by the switch's rules (%s): look at the queue's dial_rule and the routes, then start it again", run.barred, fault.ReasonOf(err)))
		return false
	}
	return true
}

// Numbers that the switch does not let out: how long one is left alone, and
// after how many in a row somebody should look.
const (
	barredWait  = time.Hour
	barredInRow = 20
)

// paceMost bounds the dials by which is judged when a campaign ends.
const paceMost = 10_000

// attached is what a CTI client gets with the call.
func attached(c *held) []callmodel.AttachedData {
	text, err := json.Marshal(struct {
		List   string            `json:"list"`
		Ref    string            `json:"ref"`
		Name   string            `json:"name,omitempty"`
		Fields map[string]string `json:"fields,omitempty"`
	}{c.Lead.List, c.Lead.Ref, c.Lead.Name, c.Lead.Fields})
	if err != nil || len(text) > attachedMost {
		return nil // its list and number travel beside it
	}
	return []callmodel.AttachedData{{App: "lead", Media: "application/json", Data: string(text)}}
}

// attachedMost bounds what travels with a call.
const attachedMost = 8 << 10

// refusedWait is how long a customer is left alone whom the switch would not call.
const refusedWait = time.Minute

// giveUp has the oldest of the ringing calls, and the newest, end when the law allows it.
func (r *Runner) giveUp(ctx context.Context, run *run, oldest, newest int) {
	ids := run.view.ringing
	for _, id := range ids[:min(oldest, len(ids))] {
		r.cancelCall(ctx, id, false, "dialer")
	}
	for _, id := range slices.Backward(ids[max(0, len(ids)-newest):]) {
		r.cancelCall(ctx, id, false, "dialer")
	}
}

// cancelCall gives up one call that rings, at once or when the law allows it.
func (r *Runner) cancelCall(ctx context.Context, id callmodel.CallID, atOnce bool, by string) {
	a := r.attempts[id]
	if a == nil || a.cancelled && !atOnce {
		return
	}
	a.cancelled = true
	limit, cancel := context.WithTimeout(ctx, orderLimit)
	defer cancel()
	if err := r.opt.Switch.Do(limit, callmodel.CancelDial{Cmd: callmodel.Cmd{By: by}, Call: id, Now: atOnce}); err != nil {
		kind := fault.KindOf(err)
		if kind != fault.NotFound && kind != fault.Conflict { // else it was answered, or has ended
			r.log.Warn("dialer: a call could not be given up", "call", id, "error", err)
		}
	}
}
