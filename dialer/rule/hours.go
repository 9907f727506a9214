package rule

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/calendar"
	"strowger/switch/fault"
)

// Bounds of what an [Hours] keeps; both are far above what leads need.
const (
	maxCompiled = 4096 // calendars x zones
	maxOpenings = 8192 // sets of zones x regions
)

// searchSteps is how often a closed lead's opening is looked for: each step is
// a change of one of its calendars.
const searchSteps = 200

// Hours knows when a campaign may call whom. It may be used by several goroutines.
type Hours struct {
	calendars map[of]calendar.Calendar

	mu       sync.Mutex // guards all below
	compiled map[place]*calendar.Compiled
	openings map[at]known
}

// of says whose calendar it is: the pack's or the campaign's own, for a region
// or, without one, for all others.
type of struct {
	own    bool
	region string
}

// place is a calendar as it is read in a zone.
type place struct {
	of
	zone string
}

// at is where somebody is: zones, a space between them, and region.
type at struct{ zones, region string }

// known is a window that holds from one instant to another.
type known struct {
	lead.Window
	from time.Time
}

// NewHours makes the hours of a campaign: what the pack allows, inside the
// campaign's own calendar (nil: none), instead of which a region may have one.
// The calendars' own zones do not matter, each is read in the lead's.
func NewHours(p *Pack, own *calendar.Calendar, regions map[string]calendar.Calendar) (*Hours, error) {
	h := &Hours{calendars: map[of]calendar.Calendar{{}: p.Hours}, compiled: map[place]*calendar.Compiled{}, openings: map[at]known{}}
	if own != nil {
		h.calendars[of{own: true}] = *own
	}
	for name, r := range p.Regions {
		if r.Hours != nil {
			h.calendars[of{region: name}] = *r.Hours
		}
	}
	for name, c := range regions {
		h.calendars[of{own: true, region: name}] = c
	}
	for _, c := range h.calendars {
		c.Zone = "UTC"
		if _, err := c.Compile(); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// Closed are hours in which nobody is ever called.
func Closed() *Hours {
	return &Hours{calendars: map[of]calendar.Calendar{{}: weekly("closed")}, compiled: map[place]*calendar.Compiled{}, openings: map[at]known{}}
}

// binding are the calendars that bind in a region: the pack's, and its own for
// the region beside it; of the campaign the region's, or else the general one.
func (h *Hours) binding(region string) []of {
	out := []of{{}}
	mine := of{own: true}
	if region != "" {
		if _, there := h.calendars[of{region: region}]; there {
			out = append(out, of{region: region})
		}
		if _, there := h.calendars[of{own: true, region: region}]; there {
			mine.region = region
		}
	}
	if _, there := h.calendars[mine]; there {
		out = append(out, mine)
	}
	return out
}

// At says whether somebody at this place may be called.
func (h *Hours) At(set lead.ZoneSet, now time.Time) lead.Window {
	if len(set.Zones) == 0 {
		return lead.Window{Why: "no time zone is known for the number: give the lead one"}
	}
	key := at{strings.Join(set.Zones, " "), set.Region}
	h.mu.Lock()
	defer h.mu.Unlock()
	if k, there := h.openings[key]; there && !now.Before(k.from) && (k.Until.IsZero() || now.Before(k.Until)) {
		return k.Window
	}
	w := h.look(set, now)
	if len(h.openings) >= maxOpenings {
		clear(h.openings)
	}
	h.openings[key] = known{w, now}
	return w
}

// look works a window out. The end of a closed one is searched from change to change.
func (h *Hours) look(set lead.ZoneSet, now time.Time) lead.Window {
	first := h.all(set, now)
	if first.Open {
		return first
	}
	for range searchSteps {
		if first.Until.IsZero() {
			return first
		}
		then := h.all(set, first.Until)
		if then.Open {
			return first
		}
		first.Until = then.Until
	}
	first.Until = time.Time{}
	return first
}

// all asks every calendar in every zone: open until the first of them closes,
// or closed until the last of those that are closed opens.
func (h *Hours) all(set lead.ZoneSet, now time.Time) lead.Window {
	out := lead.Window{Open: true}
	for _, of := range h.binding(set.Region) {
		for _, zone := range set.Zones {
			out = both(out, h.one(place{of, zone}, now))
		}
	}
	return out
}

// both is what two windows allow together.
func both(a, b lead.Window) lead.Window {
	switch {
	case a.Open && b.Open:
		a.Until = sooner(a.Until, b.Until)
		return a
	case a.Open:
		return b
	case b.Open:
		return a
	case a.Until.IsZero() || b.Until.IsZero():
		a.Until = time.Time{}
	case b.Until.After(a.Until):
		return b
	}
	return a
}

func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (h *Hours) one(where place, now time.Time) lead.Window {
	c := h.calendars[where.of]
	compiled, err := h.compile(where, c)
	if err != nil {
		return lead.Window{Why: fmt.Sprintf("zone %q is not known: %s", where.zone, fault.ReasonOf(err))}
	}
	state := compiled.At(now)
	if state.Open {
		return lead.Window{Open: true, Until: state.Until}
	}
	why := fmt.Sprintf("outside the hours %q in %s", c.ID, where.zone)
	if state.Holiday != "" {
		why = fmt.Sprintf("%s is a holiday of the hours %q in %s", state.Holiday, c.ID, where.zone)
	}
	return lead.Window{Until: state.Until, Why: why}
}

func (h *Hours) compile(where place, c calendar.Calendar) (*calendar.Compiled, error) {
	if got := h.compiled[where]; got != nil {
		return got, nil
	}
	c.Zone = where.zone
	got, err := c.Compile()
	if err != nil {
		return nil, err
	}
	if len(h.compiled) >= maxCompiled {
		clear(h.compiled)
	}
	h.compiled[where] = got
	return got, nil
}

// NextDay returns when the next day has begun in every zone.
func NextDay(zones []string, now time.Time) time.Time {
	if len(zones) == 0 {
		return now.Add(day)
	}
	var out time.Time
	for _, name := range zones {
		zone, err := calendar.Zone(name)
		if err != nil {
			zone = time.UTC
		}
		y, m, d := now.In(zone).Date()
		if next := time.Date(y, m, d+1, 0, 0, 0, 0, zone); next.After(out) {
			out = next
		}
	}
	return out.UTC()
}
