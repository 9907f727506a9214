package audiotest

import (
	"context"
	"fmt"
	"time"

	"strowger/media/tone"
	"strowger/switch/fault"
)

// What counts as a sound after silence.
const (
	soundQuiet  = 80 * time.Millisecond // without anything audible before it: more than three frames
	soundFrames = 2                     // audible frames in a row: a click in one is no sound
)

// sound is one WaitSound.
type sound struct {
	armed bool // there was silence
	loud  int
	heard bool
}

// frame follows the line; lastOut is the last audible frame before this one.
func (s *sound) frame(at, lastOut time.Time, loud bool) {
	if !loud {
		s.loud = 0
	}
	s.armed = s.armed || at.Sub(lastOut) >= soundQuiet
	if !loud || !s.armed {
		return
	}
	if s.loud++; s.loud >= soundFrames {
		s.heard = true
	}
}

// WaitSound returns nil once a sound of 40 ms or more, of whatever kind,
// began after 80 ms of silence: a beep, or the first word. A sound that is on
// the line already does not count until it stopped; no packets at all are
// silence too. Errors as for [Monitor.WaitTones].
func (m *Monitor) WaitSound(ctx context.Context) error {
	s := &sound{}
	m.mu.Lock()
	if len(m.sounds) >= MaxTones {
		m.mu.Unlock()
		return fault.Newf(fault.Busy, "audiotest: wait for a sound", "", "at most %d waiters at once", MaxTones)
	}
	m.sounds[s] = struct{}{}
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.sounds, s)
	}()
	return m.wait(ctx, "a sound after silence", func() (bool, time.Time) { return s.heard, time.Time{} })
}

// Keys collects the dual tones of telephone keys heard since it was made. Stop
// it with [Keys.Stop].
type Keys struct {
	m   *Monitor
	got []byte
}

// maxKeysHeard bounds what one Keys remembers; later ones are not noted.
const maxKeysHeard = 256

// MarkKeys starts listening for keys in the audio from now on. Error:
// fault.Busy (more than [MaxTones] at once).
func (m *Monitor) MarkKeys() (*Keys, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.keys) >= MaxTones {
		return nil, fault.Newf(fault.Busy, "audiotest: mark keys", "", "at most %d listeners for keys at once", MaxTones)
	}
	if m.dial == nil {
		m.dial = tone.NewDialDetector()
	}
	k := &Keys{m: m}
	m.keys[k] = struct{}{}
	return k, nil
}

// pressed notes a key; the caller holds mu.
func (m *Monitor) pressed(key byte) {
	for k := range m.keys {
		if len(k.got) < maxKeysHeard {
			k.got = append(k.got, key)
		}
	}
}

// Heard is what was dialled so far.
func (k *Keys) Heard() string {
	k.m.mu.Lock()
	defer k.m.mu.Unlock()
	return string(k.got)
}

// Wait returns the keys once there are at least n of them, and what there was
// when ctx ended first. Errors as for [Monitor.WaitTones].
func (k *Keys) Wait(ctx context.Context, n int) (string, error) {
	err := k.m.wait(ctx, fmt.Sprintf("%d keys", n), func() (bool, time.Time) { return len(k.got) >= n, time.Time{} })
	return k.Heard(), err
}

// Stop ends the listening and returns what was heard. It may be called twice.
func (k *Keys) Stop() string {
	k.m.mu.Lock()
	defer k.m.mu.Unlock()
	delete(k.m.keys, k)
	if len(k.m.keys) == 0 {
		k.m.dial = nil
	}
	return string(k.got)
}
