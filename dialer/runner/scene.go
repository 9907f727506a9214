package runner

import (
	"slices"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/pacing"
	"strowger/switch/callmodel"
)

// scene is what a campaign sees at a tick.
type scene struct {
	agents    []pacing.Agent // those who count for it now
	idle      []string       // of them, who are free
	kept      []string       // of them, who would be free and wait for a customer whom they call again
	signedIn  int            // who serve its queue and are signed in, on a break or not
	elsewhere int            // of them, who are lent to another campaign
	handsets  int            // of signedIn, those whose stations take its calls of preview only
	ringing   []callmodel.CallID
	since     []callmodel.Instant // each ringing call was asked for, oldest first
	screening int
	waiting   int // who have answered and have no agent yet
	talking   int
	inbound   int                // callers whom the same agents serve, and who wait
	previews  []callmodel.CallID // customers whom an agent is shown, or will be
}

// lines is how many lines are in use.
func (s *scene) lines() int { return len(s.ringing) + s.screening + s.waiting + s.talking }

// seat is an agent who may work for campaigns.
type seat struct {
	*callmodel.Agent
	status pacing.Status
	kept   bool // free, and kept for a customer whom they want to call again
}

// look sees what every campaign has to know. Attempts whose calls are shown are
// taken in on the way.
func (r *Runner) look(v *callmodel.View, now time.Time) {
	queues := map[callmodel.QueueID][]*run{}
	byNumber := map[int64]*run{}
	for _, run := range r.runs {
		run.view = scene{}
		if !run.removed {
			queues[run.cfg.Queue] = append(queues[run.cfg.Queue], run)
			byNumber[run.cfg.Number] = run
		}
	}
	for _, g := range r.groups {
		g.inUse = 0
	}
	shown := make(map[callmodel.CallID]bool, len(r.attempts))
	inbound := map[callmodel.QueueID]int{}
	for _, c := range v.Calls {
		r.count(c)
		switch {
		case c.Kind != callmodel.KindCampaign:
			if c.Phase == callmodel.PhaseWaiting {
				inbound[c.Queue]++
			}
		default:
			if a := r.attempts[c.ID]; a != nil {
				shown[c.ID] = true
				r.observe(a, c, now)
			}
			if run := r.runs[c.Campaign]; run != nil {
				run.view.add(c)
			}
		}
	}
	r.vanish(shown, now)
	r.assign(v, now, queues, byNumber, inbound)
}

// count counts a call over trunks against the groups that these belong to.
func (r *Runner) count(c *callmodel.Call) {
	if len(r.groups) == 0 {
		return
	}
	for i := range c.Conns {
		trunk := c.Conns[i].Trunk
		if i == 0 && trunk == "" {
			trunk = c.Trunk
		}
		if trunk == "" || c.Conns[i].State == callmodel.Ended {
			continue
		}
		for _, g := range r.groups {
			if slices.Contains(g.Trunks, trunk) {
				g.inUse++
			}
		}
	}
}

// add counts a call of the campaign.
func (s *scene) add(c *callmodel.Call) {
	if c.Dial == nil || c.Phase == callmodel.PhaseOver {
		return
	}
	switch c.Dial.Stage {
	case callmodel.StagePreview:
		s.previews = append(s.previews, c.ID)
	case callmodel.StageRinging:
		s.ringing = append(s.ringing, c.ID)
		s.since = append(s.since, c.Conns[0].AskedAt)
	case callmodel.StageScreening:
		s.screening++
	case callmodel.StageWaiting:
		if c.AgentConn() == nil {
			s.waiting++
			return
		}
		s.talking++ // it is being offered
	case callmodel.StageConnected, callmodel.StageBeep, callmodel.StageMessage:
		s.talking++
	}
}

// assign lets every agent who serves campaigns that run count for one of them.
func (r *Runner) assign(v *callmodel.View, now time.Time, queues map[callmodel.QueueID][]*run, byNumber map[int64]*run, inbound map[callmodel.QueueID]int) {
	var running []campaign.Running
	for _, id := range r.ids() {
		if run := r.runs[id]; !run.removed && run.state.Wanted == WantRunning && run.needs(now) {
			running = append(running, campaign.Running{Number: run.cfg.Number, Weight: run.cfg.Weight})
		}
	}
	var seats []campaign.Seat
	var who []seat
	for _, a := range v.Agents {
		serves := r.served(a, queues)
		if len(serves) == 0 {
			continue
		}
		s := seatOf(a)
		one := campaign.Seat{Agent: string(a.ID), Busy: s.status != pacing.Idle, With: r.with(a)}
		for _, run := range serves {
			run.view.signedIn++
			direct := run.cfg.direct(a.Station.Mode)
			if !direct {
				run.view.handsets++
			}
			if !direct && run.cfg.Mode != callmodel.DialPreview {
				continue
			}
			one.Serves = append(one.Serves, run.cfg.Number)
			if run.keeps(string(a.ID), now) && !one.Busy {
				one.Busy, one.With, s.kept = true, run.cfg.Number, true
			}
		}
		seats, who = append(seats, one), append(who, s)
	}
	for i, number := range r.share.Assign(now, running, seats) {
		s := &who[i]
		if number == 0 {
			number = r.unlent(seats[i].Serves, byNumber)
		}
		run := byNumber[number]
		for _, other := range seats[i].Serves {
			if number != 0 && other != number {
				byNumber[other].view.elsewhere++
			}
		}
		if run == nil || s.status == pacing.Offline {
			continue
		}
		if s.kept {
			s.status = pacing.Talking
			run.view.kept = append(run.view.kept, string(s.ID))
		}
		leaving := s.Pending == callmodel.NotReady || s.Pending == callmodel.LoggedOut
		run.view.agents = append(run.view.agents, pacing.Agent{Status: s.status, Since: r.pacingTime(s.Since), Leaving: leaving})
		if s.status == pacing.Idle {
			run.view.idle = append(run.view.idle, string(s.ID))
		}
	}
	for q, n := range inbound {
		for own, runs := range queues {
			if !shares(v, own, q) {
				continue
			}
			for _, run := range runs {
				run.view.inbound += n
			}
		}
	}
}

// unlent is the campaign that an agent counts for whom no other has a use for, so
// that it says of itself that its leads are missing, not its agents.
func (r *Runner) unlent(serves []int64, byNumber map[int64]*run) int64 {
	for _, n := range serves {
		if run := byNumber[n]; run != nil && run.state.Wanted == WantRunning {
			return n
		}
	}
	return 0
}

// served are the campaigns whose queue an agent who is signed in serves.
func (r *Runner) served(a *callmodel.Agent, queues map[callmodel.QueueID][]*run) (out []*run) {
	if a.State == callmodel.LoggedOut || a.Removed {
		return nil
	}
	for _, q := range a.Queues {
		if !slices.Contains(a.Off, q) {
			out = append(out, queues[q]...)
		}
	}
	return out
}

// seatOf says what an agent is doing.
func seatOf(a *callmodel.Agent) seat {
	s := seat{Agent: a, status: pacing.Offline}
	if a.PhoneOff {
		return s
	}
	switch a.State {
	case callmodel.Ready:
		s.status = pacing.Idle
		if a.Elsewhere != "" {
			s.status = pacing.Talking
		}
	case callmodel.Reserved, callmodel.OnCall:
		s.status = pacing.Talking
	case callmodel.InWrapUp:
		s.status = pacing.Wrapping
	case callmodel.LoggedOut, callmodel.NotReady:
	}
	standing := a.Standing != nil && a.Standing.Leg == callmodel.LegUp
	if a.Station.Mode == callmodel.Nailed && !standing {
		s.status = pacing.Offline
	}
	return s
}

// with is the number of the campaign whose call an agent has, or 0.
func (r *Runner) with(a *callmodel.Agent) int64 {
	if a.Call == (callmodel.CallID{}) {
		return 0
	}
	att := r.attempts[a.Call]
	if att == nil {
		return 0
	}
	if run := r.runs[att.campaign]; run != nil {
		return run.cfg.Number
	}
	return 0
}

// shares reports whether somebody who is there serves both queues.
func shares(v *callmodel.View, own, q callmodel.QueueID) bool {
	if q == own {
		return true
	}
	for _, a := range v.Agents {
		there := a.State != callmodel.LoggedOut && a.State != callmodel.NotReady && !a.Removed
		if there && slices.Contains(a.Queues, q) && slices.Contains(a.Queues, own) && !slices.Contains(a.Off, q) && !slices.Contains(a.Off, own) {
			return true
		}
	}
	return false
}

// vanish notes the attempts that the switch does not show.
func (r *Runner) vanish(shown map[callmodel.CallID]bool, now time.Time) {
	for id, a := range r.attempts {
		switch {
		case shown[id]:
			a.missing, a.looked = time.Time{}, false
		case a.missing.IsZero():
			a.missing = now
		}
	}
}
