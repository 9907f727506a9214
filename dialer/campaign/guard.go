package campaign

import (
	"fmt"
	"math"
	"strings"
	"time"

	"strowger/switch/fault"
)

// Stage is how far a campaign is held back.
type Stage uint8

// The stages.
const (
	Free    Stage = 0 // the pacer decides
	Careful Stage = 1 // a line for each free agent; lines that ring too many are given up
	Stopped Stage = 2 // nothing is dialled
)

// String names a stage.
func (s Stage) String() string {
	switch s {
	case Careful:
		return "careful"
	case Stopped:
		return "stopped"
	case Free:
	}
	return "free"
}

// Override lets a campaign go on though its budget is gone. It is somebody's
// decision, and part of every report of the time.
type Override struct {
	From    time.Time
	Until   time.Time
	By      string
	Reason  string
	EndedBy string // before its time; empty: nobody
}

// Bounds of an override.
const (
	LongestOverride = 24 * time.Hour
	longestReason   = 500
)

// Guard stops a campaign whose budget is gone.
type Guard struct {
	stage    Stage
	dropped  int       // when it became careful, and the lines of before had ended
	careful  time.Time // when that was
	override Override
	spent    bool // it was stopped, and goes on only as long as the override holds
}

// NewGuard makes the guard of a campaign that starts. A stop is not forgotten
// over a restart, and neither is an override.
func NewGuard(stopped bool, o Override) *Guard {
	g := &Guard{override: o}
	if stopped {
		g.stage, g.spent = Stopped, true
	}
	return g
}

// ringsOut is how long lines may ring and people wait that were dialled before a
// campaign became careful.
const ringsOut = time.Minute

// straying is how many times its square root the drops that a rule allows may
// vary by chance.
const straying = 1.5

// strays is how many drops more than one a campaign may be over its limit for
// now: as many as chance brings with what has been counted, and as can be made up
// for before the window ends or the day closes. Toward the end it is none; where
// a window ends at each instant it is always none.
func (r *Rate) strays() float64 {
	return straying * math.Sqrt(r.Limit*min(float64(r.Live()), r.Coming))
}

// Judgement is what the guard has come to.
type Judgement struct {
	Stage      Stage
	Changed    bool // it was another before
	Overridden bool // it would hold back more, and must not
	Why        string
}

// Judge looks at the rate within the rule's window. It is asked at each tick.
func (g *Guard) Judge(now time.Time, r Rate) Judgement {
	before := g.stage
	strays := r.strays()
	gone := r.Dropped > 0 && r.Share >= r.Limit && r.Headroom < -1-strays
	if g.Overridden(now) {
		g.stage = Free
		j := Judgement{Stage: Free, Changed: before != Free, Overridden: gone, Why: g.overrideText()}
		return j
	}
	switch {
	case g.spent && g.stage != Stopped && (r.Dropped == 0 || r.Headroom < 0): // the override is over, and what it was for is not
		g.stage = Stopped
	case g.stage == Stopped: // until somebody starts it, see Start
	case gone && g.stage == Free:
		g.stage, g.dropped, g.careful = Careful, r.Dropped, now
	case gone && now.Sub(g.careful) < ringsOut:
		g.dropped = r.Dropped // dialled before: being careful has not been tried yet
	case gone && r.Dropped > g.dropped:
		g.stage = Stopped
	case g.stage == Careful && r.Headroom >= -strays/2:
		g.stage = Free
	}
	g.spent = g.stage == Stopped
	return Judgement{Stage: g.stage, Changed: g.stage != before, Why: g.text(r)}
}

func (g *Guard) text(r Rate) string {
	stand := fmt.Sprintf("%.1f of %.1f drops that the rule allows are used (%.2f %% of the people who answered, the limit is %.2f %%)",
		float64(r.Dropped)+r.FalseMachines, float64(r.Dropped)+r.FalseMachines+r.Headroom, 100*r.Share, 100*r.Limit)
	switch g.stage {
	case Careful:
		return "one line for each free agent until enough of it is made up for: " + stand
	case Stopped:
		return "nothing is dialled, because somebody was dropped when the budget was gone: " + stand +
			"; it can be started when the rate is below the limit, or by an override with a reason"
	case Free:
	}
	return stand
}

func (g *Guard) overrideText() string {
	o := g.override
	return fmt.Sprintf("the stop is overridden until %s by %s: %s", o.Until.UTC().Format(time.RFC3339), o.By, o.Reason)
}

// Stage is how far the campaign is held back since the last look.
func (g *Guard) Stage() Stage { return g.stage }

// Spent reports whether the campaign is stopped, or would be without an override.
func (g *Guard) Spent() bool { return g.spent }

// Overridden reports whether an override holds.
func (g *Guard) Overridden(now time.Time) bool { return now.Before(g.override.Until) }

// Override is the last one that was given; it need not hold any more.
func (g *Guard) Override() Override { return g.override }

// SetOverride lets the campaign go on until an instant. What lacks a name, a
// reason or a near end is refused.
func (g *Guard) SetOverride(now time.Time, o Override) error {
	const op = "campaign: override"
	o.By, o.Reason = strings.TrimSpace(o.By), strings.TrimSpace(o.Reason)
	switch {
	case o.By == "":
		return fault.New(fault.Invalid, op, "by", "say who overrides the stop")
	case o.Reason == "" || len(o.Reason) > longestReason:
		return fault.Newf(fault.Invalid, op, "reason", "say why, in 1 to %d bytes: it is part of every report", longestReason)
	case !o.Until.After(now):
		return fault.New(fault.Invalid, op, "until", "is not in the future")
	case o.Until.Sub(now) > LongestOverride:
		return fault.Newf(fault.Invalid, op, "until", "an override ends after at most %d hours: give another one then", int(LongestOverride/time.Hour))
	}
	o.From, o.EndedBy = now, ""
	g.override = o
	if g.stage == Stopped {
		g.stage = Free
	}
	return nil
}

// EndOverride ends an override before its time. A campaign that was stopped
// before it is stopped again.
func (g *Guard) EndOverride(now time.Time, by string) error {
	if !g.Overridden(now) {
		return fault.New(fault.Conflict, "campaign: end override", "", "no override is in force: there is nothing to end")
	}
	g.override.Until, g.override.EndedBy = now, by
	return nil
}

// Start is asked when somebody starts a campaign that was stopped. It is refused
// while the budget is gone, because that would be an override that nobody has signed.
func (g *Guard) Start(now time.Time, r Rate) error {
	if g.stage != Stopped || g.Overridden(now) {
		return nil
	}
	if r.Headroom < 0 {
		return fault.New(fault.Conflict, "campaign: start", "budget", g.text(r))
	}
	g.stage, g.spent = Free, false
	return nil
}
