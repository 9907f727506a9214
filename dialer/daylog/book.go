package daylog

import (
	"slices"
	"time"

	"strowger/dialer/pacing"
	"strowger/dialer/pacing/wire"
)

// Quiet is after which time a tick is recorded in which nothing has changed.
const Quiet = 10 * time.Second

// Again is after which time a file that cannot be written is tried anew.
const Again = time.Minute

// mostFacts is how many facts wait for a tick that is recorded.
const mostFacts = 20_000

// Book is one campaign's record.
type Book struct {
	log    *Log
	number int64
	hello  func() wire.Hello

	day    string
	begun  bool // the hello of the day was handed on
	part   *part
	facts  []pacing.Fact
	last   time.Time // a tick was recorded
	opened time.Time // a file was begun
	reason pacing.Reason
	held   string
}

// Book makes the record of a campaign, which is known by its number. The hello
// is asked for when a file begins; its memory makes a replay begin where the campaign was.
func (l *Log) Book(number int64, hello func() wire.Hello) *Book {
	return &Book{log: l, number: number, hello: hello}
}

// Tick records a decision where there is something to record. Facts are those
// that have ended since the call before; at is wall time in the zone of the
// campaign's day. Times of the scene must not be before its origin, and the scene
// is as it was decided upon, without the lines that were made. Nothing of what is passed is kept.
func (b *Book) Tick(at time.Time, facts []pacing.Fact, s *pacing.Scene, d *pacing.Decision, made int, held string) {
	b.facts = append(b.facts, facts...)
	if n := len(b.facts) - mostFacts; n > 0 {
		b.facts = slices.Delete(b.facts, 0, n)
		b.log.lost(n)
	}
	day := at.Format(time.DateOnly)
	same := b.begun && day == b.day && !b.part.full.Load() && d.Dial == 0 && d.Cancel == 0 && d.Why == b.reason && held == b.held
	if gone := at.Sub(b.last); same && gone >= 0 && gone < Quiet {
		return
	}
	if !b.begun || day != b.day || b.part.full.Load() {
		if gone := at.Sub(b.opened); b.begun && day == b.day && gone >= 0 && gone < Again {
			b.log.lost(1)
			return
		}
		p := &part{number: b.number, day: day}
		h := b.hello()
		if b.begun = b.log.put(item{part: p, hello: &h}); !b.begun {
			return
		}
		b.day, b.part, b.opened = day, p, at
	}
	t := wire.Tick{Scene: *s, Facts: slices.Clone(b.facts), Decision: *d, Made: made, Held: held}
	t.Scene.Agents, t.Scene.Ringing, t.Scene.Windows = slices.Clone(s.Agents), slices.Clone(s.Ringing), slices.Clone(s.Windows)
	if !b.log.put(item{part: b.part, tick: &t}) {
		return
	}
	b.facts, b.last, b.reason, b.held = b.facts[:0], at, d.Why, held
}

// Close says that the campaign has ended: its file is complete.
func (b *Book) Close() {
	if b.begun {
		b.log.put(item{part: b.part, close: true})
		b.begun = false
	}
}
