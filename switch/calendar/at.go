package calendar

import "time"

// horizon is how many days ahead a change is looked for.
const horizon = 400

// daySeconds is a day of the written calendar, whatever the clocks do.
const daySeconds = dayMinutes * 60

// State is what a calendar says at an instant.
type State struct {
	Open    bool
	Holiday string    // name of today's holiday, also while its own hours are open
	Until   time.Time // UTC: the next change of Open or Holiday; zero = none within 400 days
}

// moment is a place in the written calendar where the state may change, and the
// state from there on.
type moment struct {
	day    int64 // since 1970-01-01
	minute int
	open   bool
	name   string
}

func (m moment) same(o moment) bool { return m.open == o.open && m.name == o.name }

func (m moment) until(when int64) State {
	return State{Open: m.open, Holiday: m.name, Until: time.Unix(when, 0).UTC()}
}

// At returns the state at an instant.
func (c *Compiled) At(t time.Time) State {
	now := t.Unix()
	today := c.today(t)
	var current moment
	var when int64 // instant of the pending change
	var room [16]moment
	pending := false
	for day := today; day <= today+horizon; day++ {
		for _, m := range c.moments(room[:0], day) {
			if day == today && !pending && c.instant(m) <= now {
				current = m
				continue
			}
			if pending && c.instant(m) > when {
				return current.until(when)
			}
			// Moments that a change of clocks puts on one instant: the last one counts.
			if pending || !m.same(current) {
				when, pending = c.instant(m), !m.same(current)
			}
		}
	}
	if pending {
		return current.until(when)
	}
	return State{Open: current.open, Holiday: current.name}
}

// today returns the last day that has begun. It is the date on the wall, but
// where clocks go back over midnight: then the new day has begun already.
func (c *Compiled) today(t time.Time) int64 {
	day := dayOf(t.In(c.zone))
	if c.instant(moment{day: day + 1}) <= t.Unix() {
		day++
	}
	return day
}

// moments returns the day's beginning and its changes, in order.
func (c *Compiled) moments(out []moment, day int64) []moment {
	name, open := c.day(day)
	out = append(out, moment{day: day, name: name})
	for _, s := range open {
		if s.from == 0 {
			out[0].open = true
		} else {
			out = append(out, moment{day, s.from, true, name})
		}
		if s.to < dayMinutes {
			out = append(out, moment{day, s.to, false, name})
		}
	}
	return out
}

// day returns a day's holiday and what is open on it.
func (c *Compiled) day(day int64) (name string, open []span) {
	weekday := int(((day+4)%7 + 7) % 7) // 1970-01-01 was a Thursday
	today, before := c.holiday(day), c.holiday(day-1)
	switch {
	case today != nil:
		// What runs in from an ordinary day ends here; a holiday's own hours run on.
		if before != nil {
			return today.name, join(today.open, before.open)
		}
		return today.name, join(today.open, nil)
	case before != nil:
		return "", join(c.week[weekday], before.open)
	}
	return "", c.ordinary[weekday]
}

func (c *Compiled) holiday(day int64) *holiday {
	if h := c.fixed[day]; h != nil || len(c.yearly) == 0 {
		return h
	}
	date := time.Unix(day*daySeconds, 0).UTC()
	return c.yearly[monthDay{date.Month(), date.Day()}]
}

// instant returns the first second at which the clock on the wall shows the
// moment or a later one. No zone is ever 26 hours off, so the search begins
// before the moment and walks over the changes of clocks.
func (c *Compiled) instant(m moment) int64 {
	wall := m.day*daySeconds + int64(m.minute)*60
	at := time.Unix(wall-26*3600, 0).In(c.zone)
	for {
		_, offset := at.Zone()
		_, end := at.ZoneBounds()
		candidate := max(wall-int64(offset), at.Unix())
		if end.IsZero() || candidate < end.Unix() {
			return candidate
		}
		at = end
	}
}

// dayOf returns the number of the date that t shows.
func dayOf(t time.Time) int64 {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / daySeconds
}
