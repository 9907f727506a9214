package controller

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"strowger/cmd/strowger/internal/config"
	"strowger/cti/rest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
	"strowger/switch/records"
	"strowger/switch/store"
)

// statistics answers what is asked of the records.
type statistics struct {
	*store.Store
	sw    port.Switch
	today *today
	cfg   config.Statistics
}

// maxPeriod bounds the time that one request reads.
const maxPeriod = 400 * 24 * time.Hour

// Period reads two times; a date as end is the end of that day.
func (s statistics) Period(from, to string) (time.Time, time.Time, error) {
	now := time.Now()
	begin, err := s.moment("from", cmp.Or(from, "today"), now, false)
	if err != nil {
		return begin, begin, err
	}
	end := s.today.days.NextDay(begin)
	if to != "" {
		if end, err = s.moment("to", to, now, true); err != nil {
			return begin, end, err
		}
	}
	switch {
	case !begin.Before(end):
		return begin, end, fault.New(fault.Invalid, "period", to, "the end must be after the begin")
	case end.Sub(begin) > maxPeriod:
		return begin, end, fault.New(fault.Invalid, "period", to, "at most 400 days at once")
	}
	return begin, end, nil
}

func (s statistics) moment(name, text string, now time.Time, end bool) (time.Time, error) {
	days := s.today.days
	day := func(t time.Time) time.Time {
		if end {
			return days.NextDay(t)
		}
		return days.Day(t)
	}
	switch text {
	case "now":
		return now, nil
	case "today":
		return day(now), nil
	case "yesterday":
		return day(days.Day(now).Add(-time.Second)), nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	for _, form := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(form, text, days.Zone); err == nil {
			return t, nil
		}
	}
	t, err := time.ParseInLocation("2006-01-02", text, days.Zone)
	if err != nil {
		return t, fault.Newf(fault.Invalid, name, text, "write today, yesterday, now, a date as 2026-03-02, or a date and time as 2026-03-02T15:04 (in %s) or 2026-03-02T15:04:05+01:00", days.Zone)
	}
	return day(t.Add(days.Start)), nil
}

// Calls lists ended calls.
func (s statistics) Calls(ctx context.Context, f records.Filter) ([]rest.CallRecord, string, error) {
	rows, next, err := s.CallsBetween(ctx, f)
	out := make([]rest.CallRecord, 0, len(rows))
	for _, c := range rows {
		out = append(out, rest.CallRecord{
			ID: c.ID, Number: c.Number, Kind: or(c.Kind, "inbound"), Node: c.Node, Caller: c.Caller, Dialled: c.Dialled, DNIS: or(c.DNISLabel, c.DNISNumber),
			Queue: c.QueueID, Agents: append([]string{}, c.Agents...), StartedAt: c.Started, AnsweredAt: known(c.Answered), EndedAt: c.Ended, Outcome: c.Outcome,
			Cause: c.Cause, WaitSeconds: c.Wait.Seconds(), TalkSeconds: c.Talk.Seconds(), WrapUpSeconds: c.Wrap.Seconds(),
			Dispositions: append([]string{}, c.Dispositions...), Success: c.Success, Callback: c.CallbackID, ConsultationOf: c.ConsultOf, LostFrom: known(c.LostFrom),
		})
	}
	return out, next, err
}

// Statistics adds up the rows of a time.
func (s statistics) Statistics(ctx context.Context, f records.Filter, every time.Duration, by records.Group) (rest.Statistics, error) {
	days := s.today.days
	days.Every = every
	tally := records.NewTally(records.TallyOptions{
		Days: days, By: by, From: f.From, To: f.To, Now: time.Now(), Short: s.cfg.ShortAbandon, Queue: f.Queue, Agent: f.Agent,
	})
	err := s.Facts(ctx, f.From, f.To, func(g *records.Segment, i *records.Interval, d *records.Disposition) {
		switch {
		case g != nil:
			tally.Segment(g)
		case i != nil:
			tally.Interval(i)
		default:
			tally.Disposition(d)
		}
	})
	if err != nil {
		return rest.Statistics{}, err
	}
	lines, err := tally.Lines()
	out := rest.Statistics{
		From: f.From, To: f.To, TimeZone: days.Zone.String(), ShortSeconds: s.cfg.ShortAbandon.Seconds(), Formula: s.cfg.ServiceLevel, Lines: make([]rest.Figures, 0, len(lines)),
	}
	for i := range lines {
		l := &lines[i]
		fig := rest.FiguresOf(l.Group, &l.Counts, records.Formula(s.cfg.ServiceLevel))
		from, to := l.From.In(days.Zone), l.To.In(days.Zone)
		fig.From, fig.To = &from, &to
		out.Lines = append(out.Lines, fig)
	}
	return out, err
}

// Live joins the day's figures with what is now.
func (s statistics) Live(ctx context.Context) (rest.LiveStatistics, error) {
	v, err := s.sw.View(ctx)
	if err != nil {
		return rest.LiveStatistics{}, err
	}
	now := time.Now()
	day, queues, agents, err := s.today.counts(now)
	out := rest.LiveStatistics{Day: day.In(s.today.days.Zone), TimeZone: s.today.days.Zone.String(), Queues: []rest.Figures{}, Agents: []rest.Figures{}}
	var total records.Counts
	var all rest.Figures
	formula := records.Formula(s.cfg.ServiceLevel)
	for _, q := range v.Queues {
		c := queues[string(q.ID)]
		waiting, longest := waitingNow(v, q.ID)
		c.Waiting, c.Offered = waiting, c.Offered+waiting
		total.Add(&c)
		fig := rest.FiguresOf(string(q.ID), &c, formula)
		fig.LongestNowSeconds = longest.Seconds()
		all.LongestNowSeconds = max(all.LongestNowSeconds, fig.LongestNowSeconds)
		for _, a := range v.Agents {
			if a.Serves(q.ID) {
				countState(&fig, a.State)
			}
		}
		out.Queues = append(out.Queues, fig)
	}
	for _, a := range v.Agents {
		c := agents[string(a.ID)]
		since := max(v.Now.Sub(a.Since), 0)
		if a.State != callmodel.LoggedOut {
			c.Spent(a.State.String(), min(since, now.Sub(day)))
		}
		total.AddTime(&c)
		fig := rest.FiguresOf(string(a.ID), &c, formula)
		fig.State, fig.Reason, fig.StateSeconds = a.State.String(), a.Reason, since.Seconds()
		out.Agents = append(out.Agents, fig)
		countState(&all, a.State)
	}
	out.Total = rest.FiguresOf("", &total, formula)
	out.Total.LongestNowSeconds, out.Total.AgentsReady, out.Total.AgentsNotReady = all.LongestNowSeconds, all.AgentsReady, all.AgentsNotReady
	out.Total.AgentsReserved, out.Total.AgentsOnCall, out.Total.AgentsInWrapUp = all.AgentsReserved, all.AgentsOnCall, all.AgentsInWrapUp
	return out, err
}

// waitingNow counts the calls whose stay in a queue goes on, those that ring at
// an agent's included, and the longest of their waits.
func waitingNow(v *callmodel.View, q callmodel.QueueID) (n int, longest time.Duration) {
	for _, c := range v.Calls {
		if visit := c.Visit(); visit != nil && visit.Queue == q && visit.Left == 0 && (c.Phase == callmodel.PhaseWaiting || c.Phase == callmodel.PhaseOffered) {
			n++
			longest = max(longest, v.Now.Sub(visit.At))
		}
	}
	return n, longest
}

func countState(f *rest.Figures, st callmodel.AgentState) {
	switch st {
	case callmodel.Ready:
		f.AgentsReady++
	case callmodel.NotReady:
		f.AgentsNotReady++
	case callmodel.Reserved:
		f.AgentsReserved++
	case callmodel.OnCall:
		f.AgentsOnCall++
	case callmodel.InWrapUp:
		f.AgentsInWrapUp++
	case callmodel.LoggedOut:
	}
}

// logLead is how much older than a queue_log's begin the rows are that its
// first lines come from: a call that is answered now may have waited before.
const logLead = 24 * time.Hour

// QueueLog writes the lines of a time.
func (s statistics) QueueLog(ctx context.Context, f records.Filter) ([]string, error) {
	log := records.NewQueueLog(f.From, f.To)
	err := s.Facts(ctx, f.From.Add(-logLead), f.To, func(g *records.Segment, i *records.Interval, _ *records.Disposition) {
		switch {
		case g != nil && (f.Queue == "" || g.Queue == f.Queue) && (f.Agent == "" || strings.EqualFold(g.Agent, f.Agent) || g.Stay()):
			log.Segment(*g)
		case i != nil && (f.Agent == "" || strings.EqualFold(i.Agent, f.Agent)):
			if f.Queue != "" {
				i.Queues = slices.DeleteFunc(i.Queues, func(q string) bool { return q != f.Queue })
			}
			log.Interval(*i)
		}
	})
	if err != nil {
		return nil, err
	}
	entries, err := log.Entries()
	lines := make([]string, len(entries))
	for i := range entries {
		lines[i] = entries[i].String()
	}
	return lines, err
}
