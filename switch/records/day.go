package records

import "time"

// Days divides time into the intervals of statistics: days in a time zone,
// and stretches of a day.
type Days struct {
	Zone  *time.Location // UTC if nil
	Start time.Duration  // of the day, after midnight on the wall's clock
	Every time.Duration  // 15, 30 or 60 minutes; 0: whole days
}

func (d Days) zone() *time.Location {
	if d.Zone == nil {
		return time.UTC
	}
	return d.Zone
}

func (d Days) begin(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, int(d.Start/time.Hour), int(d.Start/time.Minute)%60, 0, 0, d.zone())
}

// Day returns the begin of the day that t is in.
func (d Days) Day(t time.Time) time.Time {
	l := t.In(d.zone())
	at := d.begin(l.Date())
	if at.After(t) {
		at = d.begin(l.Year(), l.Month(), l.Day()-1)
	}
	return at
}

// NextDay returns the end of the day that t is in: 23 or 25 hours after its
// begin when clocks are changed in it.
func (d Days) NextDay(t time.Time) time.Time {
	l := d.Day(t).In(d.zone())
	return d.begin(l.Year(), l.Month(), l.Day()+1)
}

// Of returns the interval that t is in. Stretches are counted from the day's
// begin, so that a day on which clocks are changed has fewer or more of them.
func (d Days) Of(t time.Time) (from, to time.Time) {
	from, to = d.Day(t), d.NextDay(t)
	if d.Every <= 0 {
		return from, to
	}
	from = from.Add(t.Sub(from) / d.Every * d.Every)
	if next := from.Add(d.Every); next.Before(to) {
		to = next
	}
	return from, to
}
