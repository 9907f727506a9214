package acd_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
)

// seat is an agent in the simulation: free where took is 0.
type seat struct{ ends, took time.Duration }

// inLine is a call that waits: since when, and what it was told.
type inLine struct {
	at, told time.Duration
	counts   bool
}

// mmn is a queue with Poisson arrivals, exponential handle times and n agents,
// first come, first served; nobody gives up. It knows the true waits.
type mmn struct {
	mean  time.Duration // of the handle times; the estimate has to find out
	rnd   *rand.Rand
	queue callmodel.Queue
	seats []seat
	line  []inLine

	told, waited int64 // sums over the calls that waited, ms: nanoseconds would not fit
	calls        int   // that waited
}

// handled keeps the mean handle time as the model does: the plain mean of the
// first 64 calls, an exponential one from there on.
func (m *mmn) handled(took time.Duration) {
	m.queue.Handles++
	m.queue.Handle += (took - m.queue.Handle) / time.Duration(min(m.queue.Handles, 64))
}

// begin gives a call to an agent.
func (m *mmn) begin(s *seat, now time.Duration) {
	s.took = max(1, time.Duration(m.rnd.ExpFloat64()*float64(m.mean)))
	s.ends = now + s.took
}

// until lets every call end that ends by then; the first in line comes next.
func (m *mmn) until(now time.Duration) {
	for {
		var next *seat
		for i := range m.seats {
			if s := &m.seats[i]; s.took > 0 && s.ends <= now && (next == nil || s.ends < next.ends) {
				next = s
			}
		}
		if next == nil {
			return
		}
		m.handled(next.took)
		next.took = 0
		if len(m.line) == 0 {
			continue
		}
		c := m.line[0]
		m.line = m.line[1:]
		if c.counts {
			m.calls++
			m.told += c.told.Milliseconds()
			m.waited += (next.ends - c.at).Milliseconds()
		}
		m.begin(next, next.ends)
	}
}

// arrive lets a call come in. It returns the estimate, and whether it was free
// of waiting.
func (m *mmn) arrive(now time.Duration, counts bool) (told time.Duration, atOnce bool) {
	m.until(now)
	var free *seat
	readyNow := 0
	for i := range m.seats {
		if m.seats[i].took == 0 {
			free = &m.seats[i]
			readyNow++
		}
	}
	told = acd.Router{}.Estimate(&m.queue, len(m.line), len(m.seats), readyNow)
	if free != nil {
		m.begin(free, now)
		return told, true
	}
	m.line = append(m.line, inLine{at: now, told: told, counts: counts})
	return told, false
}

// TestEstimateInSteadyQueue: in a steady M/M/n queue the mean estimate of the
// calls that wait is within 15 % of their mean wait.
func TestEstimateInSteadyQueue(t *testing.T) {
	t.Parallel()
	const calls, warmUp, limit = 2_000_000, 20_000, 0.15
	for _, agents := range []int{3, 8} {
		for _, rho := range []float64{0.80, 0.90, 0.95} {
			t.Run(fmt.Sprintf("n=%d rho=%.2f", agents, rho), func(t *testing.T) {
				t.Parallel()
				m := &mmn{mean: 4 * time.Minute, rnd: rand.New(rand.NewPCG(uint64(agents), uint64(rho*100))), seats: make([]seat, agents)}
				gap := float64(m.mean) / (float64(agents) * rho)
				now := time.Duration(0)
				for i := range warmUp + calls {
					now += time.Duration(m.rnd.ExpFloat64() * gap)
					if told, atOnce := m.arrive(now, i >= warmUp); atOnce != (told == 0) {
						t.Fatalf("call %d was told %v; served at once: %v", i, told, atOnce)
					}
				}
				m.until(1 << 62)
				told, waited := float64(m.told)/1e3/float64(m.calls), float64(m.waited)/1e3/float64(m.calls)
				// The mean wait of those who wait is known: mean / (n * (1 - rho)).
				theory := m.mean.Seconds() / (float64(agents) * (1 - rho))
				t.Logf("%d of %d waited; told %.1f s, waited %.1f s (theory %.1f s): ratio %.3f", m.calls, calls, told, waited, theory, told/waited)
				if r := told / waited; r < 1-limit || r > 1+limit {
					t.Errorf("estimate / truth = %.3f", r)
				}
				if r := waited / theory; r < 0.9 || r > 1.1 {
					t.Errorf("simulation / theory = %.3f: the simulation is wrong, or too short", r)
				}
			})
		}
	}
}
