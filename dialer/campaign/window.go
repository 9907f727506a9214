package campaign

import (
	"fmt"
	"time"
)

// WindowKind says how a rule's time is laid.
type WindowKind uint8

// The kinds.
const (
	Day        WindowKind = 1 // since midnight where the campaign is run
	Rolling    WindowKind = 2 // the last so many hours, at any time
	Successive WindowKind = 3 // one stretch after the other since the campaign began, or what there is of the first
)

// Window is the time over which a share is measured.
type Window struct {
	Kind   WindowKind
	Length time.Duration // of Rolling and Successive; at most Longest
}

// Longest is the longest window.
const Longest = 30 * 24 * time.Hour

// String names a window for people.
func (w Window) String() string {
	hours := int(w.Length / time.Hour)
	switch w.Kind {
	case Rolling:
		return fmt.Sprintf("the last %d hours", hours)
	case Successive:
		return fmt.Sprintf("each %d days", hours/24)
	case Day:
	}
	return "the day"
}

// begin is the first instant of the window in which an instant is.
func (w Window) begin(now, since time.Time, zone *time.Location) time.Time {
	length := min(w.Length, Longest)
	switch {
	case w.Kind == Rolling && length > 0:
		return now.Add(-length)
	case w.Kind == Successive && length > 0:
		if gone := now.Sub(since); gone > 0 {
			return since.Add(gone / length * length)
		}
		return since
	}
	if zone == nil {
		zone = time.UTC
	}
	y, m, d := now.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

// ends is when the window ends in which an instant is; that of Rolling does with it.
func (w Window) ends(now, since time.Time, zone *time.Location) time.Time {
	from, length := w.begin(now, since, zone), min(w.Length, Longest)
	switch {
	case w.Kind == Rolling && length > 0:
		return now
	case w.Kind == Successive && length > 0:
		return from.Add(length)
	}
	return from.AddDate(0, 0, 1)
}

// Rule is what a campaign is held to.
type Rule struct {
	Limit  float64        // share of the answers that may be dropped, by the rule
	Aim    float64        // share that the campaign wants to keep to; not above Limit. 0: nobody is dropped on purpose
	Window Window         // over which the rule measures it
	Zone   *time.Location // whose midnight begins a day; nil: UTC
	Prior  float64        // share of the machines that are taken to be people, until enough were labelled
}

// Labels are what the labelled samples of machines were.
type Labels struct {
	Labelled int
	Human    int // of them
}

// EnoughLabels is from how many labels on they are believed.
const EnoughLabels = 20

// falseShare is the share of what was taken for a machine that is people.
func (r Rule) falseShare(n Labels) float64 {
	if n.Labelled < EnoughLabels {
		return r.Prior
	}
	return (float64(n.Human) + 0.5) / (float64(n.Labelled) + 1)
}
