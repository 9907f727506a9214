package controller

import (
	"context"
	"sync"
	"time"

	"strowger/cmd/strowger/internal/config"
	"strowger/switch/calendar"
	"strowger/switch/records"
	"strowger/switch/store"
)

// daysOf are the days of the configuration, which has checked them.
func daysOf(cfg config.Statistics) records.Days {
	d := records.Days{Zone: time.UTC}
	if zone, err := calendar.Zone(cfg.TimeZone); err == nil {
		d.Zone = zone
	}
	if at, err := time.Parse("15:04", cfg.DayStart); err == nil {
		d.Start = time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	}
	return d
}

// today adds up the rows of the present day as they are made, so that live
// figures cost no query. It begins with what the database has of the day.
type today struct {
	days  records.Days
	short time.Duration

	mu       sync.Mutex // guards what follows
	from, to time.Time
	queues   *records.Tally
	agents   *records.Tally
}

func (c *Controller) newToday() *today {
	cfg := c.opt.Config.Statistics
	t := &today{days: daysOf(cfg), short: cfg.ShortAbandon}
	t.roll(time.Now())
	return t
}

// roll begins a new day where the old one is over.
func (t *today) roll(now time.Time) {
	if t.queues != nil && now.Before(t.to) {
		return
	}
	t.from, t.to = t.days.Day(now), t.days.NextDay(now)
	o := records.TallyOptions{Days: t.days, From: t.from, To: t.to, Short: t.short}
	o.By = records.ByQueue
	t.queues = records.NewTally(o)
	o.By = records.ByAgent
	t.agents = records.NewTally(o)
}

func (t *today) load(ctx context.Context, db *store.Store) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.roll(time.Now())
	return db.Facts(ctx, t.from, t.to, func(g *records.Segment, i *records.Interval, _ *records.Disposition) {
		t.one(g, i)
	})
}

// add takes rows that are new. Those that go on are looked up in the picture
// of the switch, and come here when they are over.
func (t *today) add(rows records.Rows) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.roll(time.Now())
	for i := range rows.Segments {
		t.one(&rows.Segments[i], nil)
	}
	for i := range rows.Intervals {
		t.one(nil, &rows.Intervals[i])
	}
}

func (t *today) one(g *records.Segment, i *records.Interval) {
	if g != nil && !g.Open() {
		t.queues.Segment(g)
		t.agents.Segment(g)
	}
	if i != nil && !i.Open() {
		t.agents.Interval(i)
	}
}

// counts are the day's figures, by queue and by agent.
func (t *today) counts(now time.Time) (from time.Time, queues, agents map[string]records.Counts, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.roll(now)
	by := func(tally *records.Tally) map[string]records.Counts {
		lines, wrong := tally.Lines()
		if wrong != nil {
			err = wrong
		}
		out := make(map[string]records.Counts, len(lines))
		for _, l := range lines {
			out[l.Group] = l.Counts
		}
		return out
	}
	return t.from, by(t.queues), by(t.agents), err
}
