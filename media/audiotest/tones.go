package audiotest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"strowger/switch/fault"
)

// chord is one WaitTones: it remembers that it was satisfied, so that a waiter
// that wakes late does not miss a short sound.
type chord struct {
	parts []*watch
	heard bool
}

// check looks whether all tones have sounded together for long enough.
func (c *chord) check() {
	for _, w := range c.parts {
		if w.run < toneRun {
			return
		}
	}
	c.heard = true
}

// WaitTone is [Monitor.WaitTones] for one tone.
func (m *Monitor) WaitTone(ctx context.Context, hz float64) error { return m.WaitTones(ctx, hz) }

// WaitTones returns nil once all the tones were heard at the same time for
// 100 ms without a break, all of it after the call. Each may be up to 20 dB
// weaker than the rest of the mix; see [tone.Block] for what counts. When ctx
// ends first the error (fault.Unavailable or fault.Stopped) says what was on
// the line instead. Other errors: fault.Invalid (frequency, or none at all),
// fault.Busy (more than [MaxTones] frequencies, or waiters of one).
func (m *Monitor) WaitTones(ctx context.Context, hz ...float64) error {
	c, err := m.watchChord(hz)
	if err != nil {
		return err
	}
	defer m.dropChord(c, hz)
	return m.wait(ctx, names(hz)+" heard", func() (bool, time.Time) { return c.heard, time.Time{} })
}

func (m *Monitor) watchChord(hz []float64) (*chord, error) {
	if len(hz) == 0 {
		return nil, fault.New(fault.Invalid, "audiotest: wait for tones", "", "no tone is named")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &chord{}
	for _, f := range hz {
		l, err := m.listen(f)
		if err == nil && len(l.watches) >= MaxTones {
			err = fault.Newf(fault.Busy, "audiotest: wait for tone", "", "at most %d waiters of one tone at once", MaxTones)
		}
		if err != nil {
			m.unwatch(c, hz)
			return nil, err
		}
		w := &watch{}
		l.watches[w] = struct{}{}
		c.parts = append(c.parts, w)
	}
	m.chords[c] = struct{}{}
	return c, nil
}

// unwatch forgets the parts made so far; the caller holds mu.
func (m *Monitor) unwatch(c *chord, hz []float64) {
	for i, w := range c.parts {
		delete(m.tones[hz[i]].watches, w)
	}
	delete(m.chords, c)
}

func (m *Monitor) dropChord(c *chord, hz []float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unwatch(c, hz)
}

func names(hz []float64) string {
	parts := make([]string, len(hz))
	for i, f := range hz {
		parts[i] = fmt.Sprintf("%g", f)
	}
	if len(hz) == 1 {
		return parts[0] + " Hz is"
	}
	return strings.Join(parts, ", ") + " Hz together are"
}

// WaitNoTone returns nil once hz was not heard for d, whatever else sounds and
// even if nothing does; time before the call does not count. Errors as for
// [Monitor.WaitTones].
func (m *Monitor) WaitNoTone(ctx context.Context, hz float64, d time.Duration) error {
	from := time.Now()
	m.mu.Lock()
	l, err := m.listen(hz)
	m.mu.Unlock()
	if err != nil {
		return err
	}
	return m.wait(ctx, fmt.Sprintf("%v without %g Hz", d, hz), func() (bool, time.Time) {
		return elapsed(from, l.heardAt, d)
	})
}

// elapsed reports whether d has passed since the later of two times, and when it will have.
func elapsed(a, b time.Time, d time.Duration) (bool, time.Time) {
	if b.After(a) {
		a = b
	}
	until := a.Add(d)
	return !time.Now().Before(until), until
}
