package rtpio

import (
	"sync"
	"sync/atomic"
	"time"

	"strowger/switch/fault"
)

// FrameTime is the length of one packet of audio.
const FrameTime = 20 * time.Millisecond

// Limits of a pacer.
const (
	// MaxSessions is how many sessions one pacer drives.
	MaxSessions = 2048
	// maxCatchUp is how many frames a late tick sends at once; what is older is
	// skipped, because a burst would only overflow the far jitter buffer.
	maxCatchUp = 5
)

// ticked is what a pacer drives; n frames are due.
type ticked interface{ tick(n int) }

// Pacer calls its sessions every 20 ms from one goroutine. Make it with
// [NewPacer], stop it with [Pacer.Stop]; it is safe for concurrent use.
type Pacer struct {
	stop chan struct{}
	done chan struct{}
	once sync.Once

	mu       sync.Mutex // guards sessions and full copies of it
	sessions map[ticked]struct{}
	snapshot atomic.Pointer[[]ticked]

	frames  atomic.Uint64
	late    atomic.Uint64
	skipped atomic.Uint64
}

// PacerStats are a pacer's counters.
type PacerStats struct {
	Sessions int    // driven now
	Frames   uint64 // 20 ms steps taken
	Late     uint64 // ticks that had more than one step to make up
	Skipped  uint64 // steps given up because the process was held up too long
}

// NewPacer starts a pacer.
func NewPacer() *Pacer {
	p := &Pacer{stop: make(chan struct{}), done: make(chan struct{}), sessions: make(map[ticked]struct{})}
	go p.run()
	return p
}

// Stop ends the pacer and waits for its goroutine. Its sessions fall silent.
// It may be called twice.
func (p *Pacer) Stop() {
	p.once.Do(func() { close(p.stop) })
	<-p.done
}

// Stats returns the counters now.
func (p *Pacer) Stats() PacerStats {
	p.mu.Lock()
	n := len(p.sessions)
	p.mu.Unlock()
	return PacerStats{Sessions: n, Frames: p.frames.Load(), Late: p.late.Load(), Skipped: p.skipped.Load()}
}

func (p *Pacer) run() {
	defer close(p.done)
	t := time.NewTicker(FrameTime)
	defer t.Stop()
	start, sent := time.Now(), int64(0)
	for {
		select {
		case <-p.stop:
			return
		case now := <-t.C:
			due := int64(now.Sub(start)/FrameTime) - sent
			if due <= 0 {
				continue
			}
			sent += due
			p.frames.Add(uint64(due))
			if due > 1 {
				p.late.Add(1)
			}
			if due > maxCatchUp {
				p.skipped.Add(uint64(due - maxCatchUp))
				due = maxCatchUp
			}
			p.tickAll(int(due))
		}
	}
}

func (p *Pacer) tickAll(n int) {
	list := p.snapshot.Load()
	if list == nil {
		return
	}
	for _, s := range *list {
		s.tick(n)
	}
}

func (p *Pacer) add(s ticked) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.sessions) >= MaxSessions {
		return fault.Newf(fault.Busy, "rtpio: open", "", "one pacer drives at most %d sessions: use another one", MaxSessions)
	}
	p.sessions[s] = struct{}{}
	p.publish()
	return nil
}

func (p *Pacer) remove(s ticked) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sessions, s)
	p.publish()
}

// publish gives the loop a new list, so that it never holds the lock while it sends.
func (p *Pacer) publish() {
	list := make([]ticked, 0, len(p.sessions))
	for s := range p.sessions {
		list = append(list, s)
	}
	p.snapshot.Store(&list)
}
