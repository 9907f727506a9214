package runner

import (
	"context"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// How attempts are looked for that the switch does not show and whose end was
// not heard of.
const (
	missingFor  = 2 * time.Second  // before the records are asked: the event may be on its way
	searchEvery = 2 * time.Second  // between two look-ups
	searchMost  = 500              // attempts of one look-up
	unknownFor  = 60 * time.Second // then an attempt of which nothing is known has an unknown end
)

// apply takes an event of the switch; it runs on the follower's goroutine.
func (r *Runner) apply(e *port.Stamped) {
	if e.Call == nil || e.Call.Kind != callmodel.KindCampaign {
		return
	}
	seen := *e
	r.tell(func(context.Context) { r.event(&seen) })
}

// sync is told that events were missed: the next ticks find out which attempts
// have ended meanwhile.
func (r *Runner) sync(*callmodel.View) {}

func (r *Runner) event(e *port.Stamped) {
	a := r.attempts[e.Call.ID]
	if a == nil {
		return
	}
	r.observe(a, e.Call, e.Wall)
	if e.Kind != callmodel.EvCallEnded {
		return
	}
	end := endedOf(e.Call)
	end.At, end.Seq = e.Wall, e.Seq
	r.finish(a, end)
}

// search looks in the records for attempts that have vanished.
func (r *Runner) search(v *callmodel.View, now time.Time) {
	if now.Sub(r.checked) < searchEvery {
		return
	}
	r.checked = now
	var ids []callmodel.CallID
	for id, a := range r.attempts {
		if !a.missing.IsZero() && now.Sub(a.missing) >= missingFor && !a.looked && len(ids) < searchMost {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return
	}
	upTo := v.Events
	asked := r.chore(func(ctx context.Context) {
		ends, err := r.opt.Records.Ended(ctx, upTo, ids)
		r.tell(func(context.Context) { r.found(ids, ends, err) })
	})
	for _, id := range ids {
		r.attempts[id].looked = asked
	}
}

// found settles vanished attempts by what the records say: they have ended so;
// the switch has never known them, so nobody was called and they are given
// back; or they have left no trace, and nobody knows.
func (r *Runner) found(ids []callmodel.CallID, ends map[callmodel.CallID]Ended, err error) {
	now := r.opt.Clock.Now()
	if err != nil {
		r.log.Warn("dialer: the ends of attempts cannot be looked up; trying again", "attempts", len(ids), "error", err)
	}
	for _, id := range ids {
		a := r.attempts[id]
		if a == nil || a.missing.IsZero() { // it has ended or shown itself meanwhile
			continue
		}
		a.looked = false
		end, known := ends[id]
		switch {
		case known:
			r.stats.Vanished.Add(1)
			if !a.judged {
				r.runs[a.campaign].count(end.At, end.Counts)
			}
			r.finish(a, end)
		case err == nil && !a.seen && !r.opt.Records.Lost():
			r.stats.Vanished.Add(1)
			r.stats.Released.Add(1)
			delete(r.attempts, id)
			r.settler.release(lead.Release{Attempt: id})
		case now.Sub(a.missing) >= unknownFor || err == nil && !a.seen:
			r.stats.Vanished.Add(1)
			r.stats.Unknown.Add(1)
			r.log.Error("dialer: nobody knows how an attempt has ended", "campaign", a.campaign, "attempt", id, "lead", a.Lead.ID)
			r.finish(a, Ended{Outcome: callmodel.OutcomeUnknown, At: now})
		}
	}
}
