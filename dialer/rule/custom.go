package rule

import (
	"fmt"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/calendar"
	"strowger/switch/fault"
)

// Custom are the figures of a pack of one's own. What is zero is as strict as
// the stricter of [US] and [UK].
type Custom struct {
	Limit     *float64 // nil: as the stricter of the two; 0: nobody may be dropped
	Window    time.Duration
	Connect   time.Duration
	From      From
	RingLeast time.Duration
	Hours     *calendar.Calendar
	Caps      lead.Caps
	Drop      time.Duration
	Machine   time.Duration
}

// Bounds of a custom pack.
const (
	limitMost   = 0.05
	connectMost = 10 * time.Second
	ringMost    = 60 * time.Second
	windowLeast = time.Hour
	windowMost  = 30 * day
	lockoutMost = 90 * day
)

// Strictest is the pack that both [US] and [UK] are satisfied with.
func Strictest() Pack {
	us, uk := US(), UK()
	return Pack{
		Name: "custom", Limit: min(us.Limit, uk.Limit), Window: min(us.Window, uk.Window), Connect: min(us.Connect, uk.Connect), From: FromAnswer,
		RingLeast: max(us.RingLeast, uk.RingLeast), Hours: uk.Hours, Regions: us.Regions, Caps: Tighter(us.Caps, uk.Caps),
		Drop: Lockout{For: uk.Drop.For, NextDay: us.Drop.NextDay}, Machine: uk.Machine, Keep: max(us.Keep, uk.Keep),
	}
}

// Pack checks the figures and makes a pack of them.
func (c Custom) Pack() (Pack, error) {
	p := Strictest()
	switch {
	case c.Limit != nil && (*c.Limit < 0 || *c.Limit > limitMost):
		return p, bad("limit", "%.3g is no share between 0 and %.3g; write 0.03 for 3 %%", *c.Limit, limitMost)
	case c.Window != 0 && (c.Window < windowLeast || c.Window > windowMost):
		return p, bad("window", "%s is not between %s and %s", c.Window, windowLeast, windowMost)
	case c.Connect < 0 || c.Connect > connectMost:
		return p, bad("connect_within", "%s is not between 0 and %s", c.Connect, connectMost)
	case c.From != "" && c.From != FromAnswer && c.From != FromGreeting:
		return p, bad("connect_from", "%q is neither answer nor greeting", c.From)
	case c.RingLeast < 0 || c.RingLeast > ringMost:
		return p, bad("ring_least", "%s is not between 0 and %s", c.RingLeast, ringMost)
	case c.Drop < 0 || c.Drop > lockoutMost || c.Machine < 0 || c.Machine > lockoutMost:
		return p, bad("lockouts", "a lockout is between 0 and %s", lockoutMost)
	}
	if c.Limit != nil {
		p.Limit = *c.Limit
	}
	set(&p.Window, c.Window)
	set(&p.Connect, c.Connect)
	set(&p.From, c.From)
	set(&p.RingLeast, c.RingLeast)
	set(&p.Caps.Lead, c.Caps.Lead)
	set(&p.Caps.NumberDay, c.Caps.NumberDay)
	set(&p.Caps.Number24h, c.Caps.Number24h)
	set(&p.Caps.Number7d, c.Caps.Number7d)
	set(&p.Caps.Number30d, c.Caps.Number30d)
	if c.Hours != nil {
		p.Hours, p.Regions = *c.Hours, nil // whose hours are their own
	}
	if c.Drop > 0 {
		p.Drop = Lockout{For: c.Drop}
	}
	if c.Machine > 0 {
		p.Machine = Lockout{For: c.Machine}
	}
	return p, nil
}

func set[T comparable](to *T, value T) {
	var none T
	if value != none {
		*to = value
	}
}

func bad(key, format string, args ...any) error {
	return fault.Newf(fault.Invalid, "rules", key, format, args...)
}

// Laxer lists in words where the pack is less strict than the stricter of the
// packs [US] and [UK], for whoever starts the campaign. Hours are not compared.
func (p *Pack) Laxer() []string {
	s := Strictest()
	var out []string
	note := func(laxer bool, format string, args ...any) {
		if laxer {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	note(p.Limit > s.Limit, "limit %.3g %% instead of %.3g %%", 100*p.Limit, 100*s.Limit)
	note(p.Window > s.Window, "counted over %s instead of %s", p.Window, s.Window)
	note(p.Connect > s.Connect, "connected within %s instead of %s", p.Connect, s.Connect)
	note(p.From != s.From, "counted from the end of the greeting instead of the answer")
	note(p.RingLeast < s.RingLeast, "rings for at least %s instead of %s", p.RingLeast, s.RingLeast)
	note(p.Drop.For < s.Drop.For, "after a drop %s without a dialer instead of %s", p.Drop.For, s.Drop.For)
	note(p.Machine.For < s.Machine.For, "after a machine %s without a dialer instead of %s", p.Machine.For, s.Machine.For)
	note(s.Caps.NumberDay > 0 && (p.Caps.NumberDay == 0 || p.Caps.NumberDay > s.Caps.NumberDay), "%s attempts a day to a number instead of %d", times(p.Caps.NumberDay), s.Caps.NumberDay)
	return out
}

func times(n int) string {
	if n == 0 {
		return "any number of"
	}
	return fmt.Sprint(n)
}
