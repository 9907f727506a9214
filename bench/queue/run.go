package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"strowger/bench/report"
	"strowger/bench/rig"
)

// Options say what to measure.
type Options struct {
	rig.Host
	Rates      []int // calls per second for connect times
	Steps      []int // calls per second tried for the clean rate, rising
	Length     time.Duration
	StepLength time.Duration
	Warmup     time.Duration
}

const (
	warmupRate = 40
	// tries at a rate before it counts as not clean: other programs on the
	// machine may spoil one.
	tries = 2
	// toolLimit is the part of one processor above which SIPp, which has one
	// thread, may be what is slow.
	toolLimit = 0.8
)

// bench is one run.
type bench struct {
	o         Options
	rig       *rig.Rig
	ours      *side
	reference *side
	samples   map[int]map[*side]*sample // by rate
	turn      int
}

// Run measures and enters the figures into book. Everything that it started
// has ended when it returns.
func Run(ctx context.Context, o Options, book *report.Book) error {
	return rig.With(ctx, rig.Options{Host: o.Host, Name: "queue"}, func(r *rig.Rig) (err error) {
		b := &bench{
			o: o, rig: r, samples: map[int]map[*side]*sample{},
			ours: &side{name: "strowger", number: rig.OurNumber}, reference: &side{name: "app_queue", number: rig.ReferenceNumber},
		}
		o.Progress("controller is process %d, Asterisk %d", r.Controller.PID(), r.Asterisk.PID())
		for _, stage := range []func(context.Context) error{b.warmUp, b.measure, b.climb} {
			if err = stage(ctx); err != nil {
				break
			}
		}
		if !b.enter(book) {
			err = errors.Join(err, fmt.Errorf("%w; files are in %s, the log of Asterisk is %s", errInvalid, r.Dir, r.Asterisk.LogPath()))
		}
		return err
	})
}

// errInvalid is the end of a run whose connect times do not count.
var errInvalid = errors.New("THE RUN IS INVALID: a call failed while connect time was measured; run again on a quiet machine, or look for the cause")

func (b *bench) warmUp(ctx context.Context) error {
	if b.o.Warmup == 0 {
		return nil
	}
	for _, s := range []*side{b.reference, b.ours} {
		got, err := slice(ctx, b.rig, s, warmupRate, b.o.Warmup)
		if err != nil {
			return fmt.Errorf("warm-up of %s: %w", s.name, err)
		}
		b.o.Progress("warm-up %s: %s", s.name, got)
		if len(got.connect) == 0 {
			return fmt.Errorf("no call of %s was answered; look into %s and %s", s.name, b.rig.Dir, b.rig.Asterisk.LogPath())
		}
	}
	return nil
}

// measure takes both sides in turns, A B B A at each rate, so that a drift of
// the machine weighs on both alike.
func (b *bench) measure(ctx context.Context) error {
	for _, rate := range b.o.Rates {
		b.samples[rate] = map[*side]*sample{b.ours: {}, b.reference: {}}
		a, c := b.order()
		for _, s := range []*side{a, c, c, a} {
			got, err := slice(ctx, b.rig, s, rate, b.o.Length/2)
			if err != nil {
				return fmt.Errorf("%s at %d calls/s: %w", s.name, rate, err)
			}
			b.samples[rate][s].add(got)
			b.o.Progress("%3d/s %-9s %s", rate, s.name, got)
		}
	}
	return nil
}

// order returns the sides, the other one first each time.
func (b *bench) order() (first, second *side) {
	b.turn++
	if b.turn%2 == 1 {
		return b.reference, b.ours
	}
	return b.ours, b.reference
}

// climb looks for the highest clean rate of each side.
func (b *bench) climb(ctx context.Context) error {
	for _, rate := range b.o.Steps {
		first, second := b.order()
		for _, s := range []*side{first, second} {
			if s.over {
				continue
			}
			clean, err := b.try(ctx, s, rate)
			if err != nil {
				return fmt.Errorf("%s at %d calls/s: %w", s.name, rate, err)
			}
			if clean {
				s.clean = rate
			} else {
				s.over = true
			}
		}
	}
	return nil
}

func (b *bench) try(ctx context.Context, s *side, rate int) (clean bool, err error) {
	for range tries {
		got, err := slice(ctx, b.rig, s, rate, b.o.StepLength)
		if err != nil {
			return false, err
		}
		placed := got.rate > 0.98*float64(rate)
		b.o.Progress("%3d/s %-9s clean=%t placed=%.1f/s %s", rate, s.name, got.clean(), got.rate, got)
		if got.clean() && placed {
			return true, nil
		}
	}
	return false, nil
}
