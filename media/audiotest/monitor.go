package audiotest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"strowger/media/tone"
	"strowger/switch/fault"
)

// MaxTones is how many frequencies one monitor listens for.
const MaxTones = 16

// Decision limits.
const (
	// toneRun is how many 20 ms blocks in a row make "heard": 100 ms.
	toneRun = 5
	// audible is the level in dBFS above which a frame is not silence.
	audible = -50.0
)

// Monitor listens to one stream of 20 ms frames. WriteFrame is for the
// stream's receiver; everything else is safe for concurrent use.
type Monitor struct {
	mu      sync.Mutex
	tones   map[float64]*listener
	frames  uint64
	level   float64
	lastAny time.Time // last frame of any kind
	lastOut time.Time // last audible frame
	chords  map[*chord]struct{}
	sounds  map[*sound]struct{}
	onsets  map[*Onset]struct{} // of any sound
	keys    map[*Keys]struct{}
	dial    *tone.DialDetector // nil while nobody listens for keys
	changed chan struct{}
}

// listener follows one frequency.
type listener struct {
	d       *tone.Detector
	last    tone.Block
	heardAt time.Time // of the last block that held the tone, alone or in a mix
	gaps    map[*Gap]struct{}
	watches map[*watch]struct{}
	onsets  map[*Onset]struct{}
}

// watch follows one tone of a [Monitor.WaitTones].
type watch struct {
	run int // blocks in a row that held the tone
}

// NewMonitor makes a monitor; frequencies are added as they are asked for.
func NewMonitor() *Monitor {
	return &Monitor{
		tones: make(map[float64]*listener), chords: make(map[*chord]struct{}), sounds: make(map[*sound]struct{}),
		onsets: make(map[*Onset]struct{}), keys: make(map[*Keys]struct{}), level: tone.SilenceLevel, changed: make(chan struct{}),
	}
}

// WriteFrame feeds audio that arrived at the given time (rtpio.Sink).
func (m *Monitor) WriteFrame(at time.Time, pcm []int16) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.frames++
	m.lastAny, m.level = at, tone.Level(pcm)
	loud := m.level > audible
	for s := range m.sounds {
		s.frame(at, m.lastOut, loud)
	}
	follow(m.onsets, at, loud)
	if loud {
		m.lastOut = at
	}
	for _, l := range m.tones {
		l.d.Feed(pcm, func(b tone.Block) { l.block(at, b) })
	}
	for c := range m.chords {
		c.check()
	}
	if m.dial != nil {
		m.dial.Feed(pcm, m.pressed)
	}
	close(m.changed)
	m.changed = make(chan struct{})
}

func (l *listener) block(at time.Time, b tone.Block) {
	l.last = b
	for w := range l.watches {
		if w.run++; !b.Heard() {
			w.run = 0
		}
	}
	if b.Heard() {
		l.heardAt = at
	}
	follow(l.onsets, at, b.Heard())
	if b.Present {
		for g := range l.gaps {
			g.note(at)
		}
	}
}

func (m *Monitor) listen(hz float64) (*listener, error) {
	if l, ok := m.tones[hz]; ok {
		return l, nil
	}
	if len(m.tones) >= MaxTones {
		return nil, fault.Newf(fault.Busy, "audiotest: listen", "", "one monitor listens for at most %d tones", MaxTones)
	}
	d, err := tone.NewDetector(hz)
	if err != nil {
		return nil, err
	}
	l := &listener{d: d, gaps: make(map[*Gap]struct{}), watches: make(map[*watch]struct{}), onsets: make(map[*Onset]struct{})}
	m.tones[hz] = l
	return l, nil
}

// WaitSilence returns nil once nothing audible arrived for d; no packets at
// all is silence too. Time before the call does not count.
func (m *Monitor) WaitSilence(ctx context.Context, d time.Duration) error {
	from := time.Now()
	return m.wait(ctx, fmt.Sprintf("%v of silence", d), func() (bool, time.Time) { return elapsed(from, m.lastOut, d) })
}

// WaitFrames returns nil once n more frames arrived, of whatever content.
func (m *Monitor) WaitFrames(ctx context.Context, n uint64) error {
	m.mu.Lock()
	want := m.frames + n
	m.mu.Unlock()
	return m.wait(ctx, fmt.Sprintf("%d frames", n), func() (bool, time.Time) { return m.frames >= want, time.Time{} })
}

// wait evaluates cond under the lock after each frame, and at the time it names.
func (m *Monitor) wait(ctx context.Context, what string, cond func() (bool, time.Time)) error {
	for {
		m.mu.Lock()
		ok, at := cond()
		changed := m.changed
		m.mu.Unlock()
		if ok {
			return nil
		}
		if err := m.pause(ctx, changed, at, what); err != nil {
			return err
		}
	}
}

func (m *Monitor) pause(ctx context.Context, changed <-chan struct{}, at time.Time, what string) error {
	var due <-chan time.Time
	if !at.IsZero() {
		t := time.NewTimer(time.Until(at))
		defer t.Stop()
		due = t.C
	}
	select {
	case <-changed:
	case <-due:
	case <-ctx.Done():
		return &fault.Error{Kind: fault.KindOf(ctx.Err()), Op: "audiotest: wait until " + what, Reason: "instead: " + m.String(), Err: ctx.Err()}
	}
	return nil
}

// Level is the power of the last frame in dBFS, [tone.SilenceLevel] before the first.
func (m *Monitor) Level() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.level
}

// Frames is how many frames have arrived.
func (m *Monitor) Frames() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.frames
}

// String says what is on the line, for error texts.
func (m *Monitor) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.frames == 0 {
		return "no audio at all"
	}
	s := fmt.Sprintf("%d frames, the last %v ago at %.0f dBFS", m.frames, time.Since(m.lastAny).Round(time.Millisecond), m.level)
	for hz, l := range m.tones {
		s += fmt.Sprintf("; %g Hz at %.0f dBFS", hz, l.last.Level)
	}
	return s
}

// Gap measures the longest interruption of a tone since it was made.
type Gap struct {
	m       *Monitor
	l       *listener
	last    time.Time
	longest time.Duration
	blocks  uint64
}

// MarkGap starts measuring gaps of hz from now on. Stop it with [Gap.Stop].
func (m *Monitor) MarkGap(hz float64) (*Gap, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, err := m.listen(hz)
	if err != nil {
		return nil, err
	}
	if len(l.gaps) >= MaxTones {
		return nil, fault.Newf(fault.Busy, "audiotest: mark gap", "", "at most %d gaps of one tone at once", MaxTones)
	}
	g := &Gap{m: m, l: l, last: time.Now()}
	l.gaps[g] = struct{}{}
	return g, nil
}

func (g *Gap) note(at time.Time) {
	g.longest = max(g.longest, at.Sub(g.last))
	g.last = at
	g.blocks++
}

// Longest is the longest time without the tone since the mark, the time since
// its last block included, by arrival of packets; 20 ms is an unbroken tone.
func (g *Gap) Longest() time.Duration {
	g.m.mu.Lock()
	defer g.m.mu.Unlock()
	if _, running := g.l.gaps[g]; !running {
		return g.longest
	}
	return max(g.longest, time.Since(g.last))
}

// Blocks is how many 20 ms blocks held the tone since the mark: zero means
// that the measurement saw nothing.
func (g *Gap) Blocks() uint64 {
	g.m.mu.Lock()
	defer g.m.mu.Unlock()
	return g.blocks
}

// Stop ends the measurement and returns the longest gap.
func (g *Gap) Stop() time.Duration {
	d := g.Longest()
	g.m.mu.Lock()
	defer g.m.mu.Unlock()
	g.longest = d
	delete(g.l.gaps, g)
	return d
}
