package audiotest

import (
	"time"

	"strowger/switch/fault"
)

// onsetRun is how many 20 ms blocks in a row make a beginning: a click in one is none.
const onsetRun = 2

// Onset notes when a sound began. It is made by [Monitor.MarkOnset].
type Onset struct {
	m     *Monitor
	run   int
	began time.Time
	at    time.Time
}

// MarkOnset notes, from now on, when hz is first heard, or with AnySound
// whatever is louder than silence. It listens until it has heard it. Errors:
// fault.Invalid (frequency), fault.Busy (more than [MaxTones] at once).
func (m *Monitor) MarkOnset(hz float64) (*Onset, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	waiting := m.onsets
	if hz != AnySound {
		l, err := m.listen(hz)
		if err != nil {
			return nil, err
		}
		waiting = l.onsets
	}
	if len(waiting) >= MaxTones {
		return nil, fault.Newf(fault.Busy, "audiotest: mark onset", "", "at most %d beginnings at once", MaxTones)
	}
	o := &Onset{m: m}
	waiting[o] = struct{}{}
	return o, nil
}

// AnySound stands for every frequency.
const AnySound = 0.0

// At is when the sound began, by the arrival of its first packet; zero: it has not.
func (o *Onset) At() time.Time {
	o.m.mu.Lock()
	defer o.m.mu.Unlock()
	return o.at
}

// follow takes one block; those that have heard it leave the list. The caller holds mu.
func follow(list map[*Onset]struct{}, at time.Time, heard bool) {
	for o := range list {
		switch {
		case !heard:
			o.run = 0
			continue
		case o.run == 0:
			o.began = at
		}
		if o.run++; o.run >= onsetRun {
			o.at = o.began
			delete(list, o)
		}
	}
}
