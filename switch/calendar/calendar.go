package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"strowger/switch/fault"
)

// Bounds of a calendar.
const (
	maxWeek     = 64   // spans
	maxHolidays = 1024 // dates
	maxOpen     = 8    // hours of one holiday
	maxName     = 64   // bytes of ids
	maxLabel    = 128  // bytes of a holiday's name
	dayMinutes  = 24 * 60
)

// Span is opening hours on some days of the week.
type Span struct {
	Days []string `json:"days"` // "mon", "mon-fri", "sat-mon"
	From string   `json:"from"` // "08:00", wall clock
	To   string   `json:"to"`   // "17:30", "24:00"; before From: on the next day
}

// Hours is opening hours on a holiday.
type Hours struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Holiday is a date with hours of its own, or none.
type Holiday struct {
	Date string  `json:"date"` // "2026-12-25", or every year "12-25"
	Name string  `json:"name"`
	Open []Hours `json:"open,omitempty"`
}

// Calendar is the opening hours of queues, as configured.
type Calendar struct {
	ID       string    `json:"id"`
	Number   int64     `json:"number"`             // stable, never reused
	Zone     string    `json:"zone"`               // IANA name: "Europe/Berlin"
	Week     []Span    `json:"week,omitempty"`     // none = always closed
	Holidays []Holiday `json:"holidays,omitempty"` // in any order
}

// Compiled is the prepared form of a calendar. It is immutable.
type Compiled struct {
	zone     *time.Location
	week     [7][]span // opening hours as written, by the day they begin on
	ordinary [7][]span // what is open on a weekday beside no holiday: 0 to dayMinutes, in order, apart
	fixed    map[int64]*holiday
	yearly   map[monthDay]*holiday
}

type holiday struct {
	name string
	open []span
}

type monthDay struct {
	month time.Month
	day   int
}

// span is minutes of a day; to may reach into the next one.
type span struct{ from, to int }

// Compile checks and prepares a calendar. What is wrong is [fault.Invalid]: the
// first fault in the order of the fields, and what to write instead.
func (c Calendar) Compile() (*Compiled, error) {
	bad := func(format string, args ...any) (*Compiled, error) {
		return nil, fault.Newf(fault.Invalid, "calendar", fmt.Sprintf("calendar %q", c.ID), format, args...)
	}
	switch {
	case c.ID == "" || !text(c.ID, maxName):
		return bad("an id has 1 to %d bytes, all printable", maxName)
	case c.Number <= 0:
		return bad("its number must be 1 or more")
	case len(c.Week) > maxWeek:
		return bad("%d spans are too many; the limit is %d, and one span may name several days", len(c.Week), maxWeek)
	case len(c.Holidays) > maxHolidays:
		return bad("%d holidays are too many; the limit is %d", len(c.Holidays), maxHolidays)
	}
	zone, reason := loadZone(c.Zone)
	if reason != "" {
		return bad("%s", reason)
	}
	out := &Compiled{zone: zone, fixed: map[int64]*holiday{}, yearly: map[monthDay]*holiday{}}
	for i, s := range c.Week {
		if reason := out.addSpan(s); reason != "" {
			return bad("week, span %d: %s", i+1, reason)
		}
	}
	for i, h := range c.Holidays {
		if reason := out.addHoliday(h); reason != "" {
			return bad("holiday %d: %s", i+1, reason)
		}
	}
	for d := range out.ordinary {
		out.ordinary[d] = join(out.week[d], out.week[(d+6)%7])
	}
	return out, nil
}

func (c *Compiled) addSpan(s Span) (reason string) {
	hours, reason := parseHours(s.From, s.To)
	if reason != "" {
		return reason
	}
	if len(s.Days) == 0 || len(s.Days) > 7 {
		return "days must name 1 to 7 days or ranges; write mon-sun for every day"
	}
	for _, written := range s.Days {
		first, last, ok := parseDays(written)
		if !ok {
			return fmt.Sprintf("days %q is no weekday; write mon, tue, wed, thu, fri, sat, sun, or a range such as mon-fri", written)
		}
		for d := first; ; d = (d + 1) % 7 {
			if !slices.Contains(c.week[d], hours) {
				c.week[d] = append(c.week[d], hours)
			}
			if d == last {
				break
			}
		}
	}
	return ""
}

func (c *Compiled) addHoliday(h Holiday) (reason string) {
	if h.Name == "" || !text(h.Name, maxLabel) {
		return fmt.Sprintf("a name has 1 to %d bytes, all printable", maxLabel)
	}
	if len(h.Open) > maxOpen {
		return fmt.Sprintf("%s has more than %d opening hours", h.Name, maxOpen)
	}
	out := &holiday{name: h.Name}
	for _, o := range h.Open {
		hours, reason := parseHours(o.From, o.To)
		if reason != "" {
			return h.Name + ": " + reason
		}
		out.open = append(out.open, hours)
	}
	twice := fmt.Sprintf("date %q is named twice; keep one", h.Date)
	if date, err := time.Parse("2006-01-02", h.Date); err == nil {
		day := dayOf(date)
		if c.fixed[day] != nil {
			return twice
		}
		c.fixed[day] = out
		return ""
	}
	// 2024 was a leap year, so that 02-29 is a date: it comes in leap years only.
	date, err := time.Parse("2006-01-02", "2024-"+h.Date)
	if err != nil || len(h.Date) != len("12-25") {
		return fmt.Sprintf("date %q is none; write 2026-12-25, or 12-25 for every year", h.Date)
	}
	key := monthDay{date.Month(), date.Day()}
	if c.yearly[key] != nil {
		return twice
	}
	c.yearly[key] = out
	return ""
}

// parseHours reads a pair of wall clock times.
func parseHours(from, to string) (out span, reason string) {
	first, ok := parseClock(from)
	if !ok || first == dayMinutes {
		return out, fmt.Sprintf("from %q is no time; write 00:00 to 23:59", from)
	}
	last, ok := parseClock(to)
	switch {
	case !ok:
		return out, fmt.Sprintf("to %q is no time; write 00:00 to 24:00", to)
	case first == last:
		return out, fmt.Sprintf("from and to are both %s; write 00:00 to 24:00 for the whole day", from)
	case last < first:
		last += dayMinutes
	}
	return span{first, last}, ""
}

// parseClock reads "HH:MM", 24:00 included, as minutes.
func parseClock(s string) (minutes int, ok bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	for _, i := range [...]int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	hour, minute := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	minutes = hour*60 + minute
	return minutes, minute < 60 && minutes <= dayMinutes
}

// parseDays reads a weekday or a range of them; 0 is Sunday.
func parseDays(s string) (first, last int, ok bool) {
	from, to, ranged := strings.Cut(strings.ToLower(s), "-")
	if !ranged {
		to = from
	}
	days := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	first, last = slices.Index(days, from), slices.Index(days, to)
	return first, last, first >= 0 && last >= 0
}

// join returns what is open on one day: its own hours, and those that run in
// from the day before, in order and without overlaps.
func join(own, before []span) []span {
	var all []span
	for _, s := range own {
		all = append(all, span{s.from, min(s.to, dayMinutes)})
	}
	for _, s := range before {
		if s.to > dayMinutes {
			all = append(all, span{0, s.to - dayMinutes})
		}
	}
	slices.SortFunc(all, func(a, b span) int { return a.from - b.from })
	var out []span
	for _, s := range all {
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// text tells whether s is printable UTF-8 of at most so many bytes.
func text(s string, most int) bool {
	return len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) })
}
