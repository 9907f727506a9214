package session

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"strowger/switch/fault"
)

// start is one call of the sender.
type start struct {
	name string
	at   time.Duration // since the test began
}

// peer is a scripted receiver.
type peer struct {
	began time.Time
	// answer decides what happens to the n-th try (from 0) of a message: how
	// long until it is written, how long until the reply, and which.
	answer func(m Message, try int) (write, reply time.Duration, err error)

	mu     sync.Mutex
	starts []start
	tries  map[string]int
	open   int
	most   int
}

func newPeer(answer func(m Message, try int) (write, reply time.Duration, err error)) *peer {
	return &peer{began: time.Now(), answer: answer, tries: map[string]int{}}
}

func (p *peer) send(ctx context.Context, m Message, sent func()) error {
	p.mu.Lock()
	try := p.tries[m.Name]
	p.tries[m.Name]++
	p.starts = append(p.starts, start{m.Name, time.Since(p.began)})
	p.open++
	p.most = max(p.most, p.open)
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.open--
		p.mu.Unlock()
	}()
	write, reply, err := p.answer(m, try)
	if !sleep(ctx, write) {
		return fault.New(fault.Unavailable, "test", m.Name, "not written")
	}
	if write > 0 && reply == 0 && fault.Is(err, fault.Unavailable) {
		return err // a connection that could not be made
	}
	sent()
	if !sleep(ctx, reply) {
		return fault.New(fault.Unknown, "test", m.Name, "no reply")
	}
	return err
}

func (p *peer) log() []start {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]start(nil), p.starts...)
}

func run(t *testing.T, cfg Config, f func(d *Deliverer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		f(d)
		if err := d.Stop(t.Context()); err != nil {
			t.Errorf("Stop: %v", err)
		}
		if err := d.Stop(t.Context()); err != nil {
			t.Errorf("second Stop: %v", err)
		}
		balance(t, d)
	})
}

// balance checks that every accepted message has exactly one end and that no
// gauge is left standing.
func balance(t *testing.T, d *Deliverer) {
	t.Helper()
	s := &d.Stats
	ends := s.Sent.Load() + s.Failed.Load() + s.Coalesced.Load() + s.Discarded.Load()
	if s.Queued.Load() != ends || s.Waiting.Load() != 0 || s.Open.Load() != 0 {
		t.Errorf("%d messages were accepted and %d ended; waiting %d, open %d", s.Queued.Load(), ends, s.Waiting.Load(), s.Open.Load())
	}
	for name, to := range d.dests {
		if to.waiting != 0 || to.bytes != 0 {
			t.Errorf("destination %s still accounts for %d messages, %d bytes", name, to.waiting, to.bytes)
		}
	}
}

func enqueue(t *testing.T, d *Deliverer, session string, names ...string) {
	t.Helper()
	for _, n := range names {
		if err := d.Enqueue(Message{Session: session, Destination: "crm", Name: n, Body: []byte(n)}); err != nil {
			t.Fatalf("%s: %v", n, err)
		}
	}
}

func expect(t *testing.T, p *peer, want ...start) {
	t.Helper()
	got := p.log()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("sent %v, want %v", got, want)
	}
}

const ms = time.Millisecond

func TestNextWaitsForReplyButNotLonger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(func(m Message, _ int) (time.Duration, time.Duration, error) {
			if m.Name == "slow" {
				return 0, 10 * time.Second, nil
			}
			return 0, 100 * ms, nil
		})
		d := mustStart(t, Config{Send: p.send})
		enqueue(t, d, "agent", "a", "slow", "b", "c")
		stop(t, d)
		expect(t, p, start{"a", 0}, start{"slow", 100 * ms}, start{"b", 350 * ms}, start{"c", 450 * ms})
		if d.Stats.Overtaken.Load() != 1 || d.Stats.Sent.Load() != 4 || d.Stats.Lanes.Load() != 0 {
			t.Errorf("overtaken %d, sent %d, lanes %d", d.Stats.Overtaken.Load(), d.Stats.Sent.Load(), d.Stats.Lanes.Load())
		}
	})
}

func mustStart(t *testing.T, cfg Config) *Deliverer {
	t.Helper()
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func stop(t *testing.T, d *Deliverer) {
	t.Helper()
	if err := d.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	balance(t, d)
}

func TestReplyTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var took time.Duration
		p := newPeer(func(Message, int) (time.Duration, time.Duration, error) { return 0, time.Hour, nil })
		d := mustStart(t, Config{Send: p.send, Observe: func(_ Message, d time.Duration, _ error) { took = d }})
		enqueue(t, d, "agent", "a")
		stop(t, d)
		expect(t, p, start{"a", 0}) // an unknown outcome is not repeated
		if took != 100*time.Second || d.Stats.Failed.Load() != 1 {
			t.Errorf("given up after %v, failed %d", took, d.Stats.Failed.Load())
		}
	})
}

// TestOneAtATime: where a lane waits longer for a reply than a request may
// take, and one worker serves its destination, two messages are never open at
// once, whatever the peer does, and their order holds.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const timeout = 5 * time.Second
		p := newPeer(func(m Message, try int) (time.Duration, time.Duration, error) {
			switch m.Name {
			case "slow":
				return 0, timeout - ms, nil
			case "silent":
				return 0, time.Hour, nil
			case "away":
				if try == 0 {
					return 3 * time.Second, 0, fault.New(fault.Unavailable, "test", "", "refused")
				}
			case "faulty":
				return 0, ms, fault.New(fault.Invalid, "test", "", "no")
			}
			return ms, ms, nil
		})
		d := mustStart(t, Config{
			Send: p.send, Limits: Limits{Wait: timeout + time.Second, ReplyTimeout: timeout, Backoff: []time.Duration{100 * ms}}, Workers: 1,
		})
		names := []string{"a", "slow", "b", "silent", "c", "away", "d", "faulty", "e"}
		enqueue(t, d, "agent", names...)
		stop(t, d)
		var order []string
		for _, s := range p.log() {
			order = append(order, s.name)
		}
		if want := []string{"a", "slow", "b", "silent", "c", "away", "away", "d", "faulty", "e"}; !slices.Equal(order, want) {
			t.Errorf("sent %v, want %v", order, want)
		}
		if p.most != 1 || d.Stats.Overtaken.Load() != 0 {
			t.Errorf("%d messages open at once, %d overtaken", p.most, d.Stats.Overtaken.Load())
		}
	})
}

// TestSlowConnectionKeepsOrder: nothing may pass a message that is not yet
// written, however long connecting takes.
func TestSlowConnectionKeepsOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := fault.New(fault.Unavailable, "test", "", "refused")
		p := newPeer(func(m Message, try int) (time.Duration, time.Duration, error) {
			if m.Name == "a" && try < 3 {
				return 3 * time.Second, 0, down
			}
			return 0, ms, nil
		})
		d := mustStart(t, Config{Send: p.send})
		enqueue(t, d, "agent", "a", "b")
		stop(t, d)
		expect(t, p, start{"a", 0}, start{"a", 3500 * ms}, start{"a", 8500 * ms}, start{"a", 16500 * ms}, start{"b", 16501 * ms})
		if d.Stats.Retried.Load() != 3 || d.Stats.Sent.Load() != 2 {
			t.Errorf("retried %d, sent %d", d.Stats.Retried.Load(), d.Stats.Sent.Load())
		}
	})
}

func TestWhatIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind  fault.Kind
		once  bool
		tries int
	}{
		{fault.Unavailable, false, 4},
		{fault.Unavailable, true, 1},
		{fault.Busy, false, 2},
		{fault.Invalid, false, 1},
		{fault.Unknown, false, 1},
		{fault.Denied, false, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPeer(func(Message, int) (time.Duration, time.Duration, error) {
				return 0, 0, fault.New(c.kind, "test", "", "no")
			})
			d := mustStart(t, Config{Send: p.send})
			if err := d.Enqueue(Message{Session: "s", Destination: "crm", Name: "a", Once: c.once}); err != nil {
				t.Fatal(err)
			}
			stop(t, d)
			if got := len(p.log()); got != c.tries || d.Stats.Failed.Load() != 1 {
				t.Errorf("%v once=%v: %d tries, want %d; failed %d", c.kind, c.once, got, c.tries, d.Stats.Failed.Load())
			}
		})
	}
}

// TestOvertakenIsNotRepeated: an old state must not follow a newer one.
func TestOvertakenIsNotRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(func(m Message, _ int) (time.Duration, time.Duration, error) {
			if m.Name == "a" {
				return 0, time.Second, fault.New(fault.Unavailable, "test", "", "503")
			}
			return 0, 0, nil
		})
		d := mustStart(t, Config{Send: p.send})
		enqueue(t, d, "agent", "a", "b")
		stop(t, d)
		expect(t, p, start{"a", 0}, start{"b", 250 * ms})
		if d.Stats.Failed.Load() != 1 || d.Stats.Sent.Load() != 1 {
			t.Errorf("failed %d, sent %d", d.Stats.Failed.Load(), d.Stats.Sent.Load())
		}
	})
}

type ending struct {
	session string
	why     Reason
}

// endings collects the calls of Ended.
type endings struct {
	mu  sync.Mutex
	all []ending
}

func (e *endings) add(session, _ string, why Reason) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, ending{session, why})
}

func (e *endings) want(t *testing.T, want ...ending) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if fmt.Sprint(e.all) != fmt.Sprint(want) {
		t.Errorf("ended %v, want %v", e.all, want)
	}
}

func TestFailuresEndTheSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var over endings
		p := newPeer(func(m Message, _ int) (time.Duration, time.Duration, error) {
			if m.Session == "good" {
				return 0, 0, nil
			}
			return 0, 0, fault.New(fault.Invalid, "test", "", "refused")
		})
		d := mustStart(t, Config{Send: p.send, Ended: over.add})
		for i := range 25 {
			enqueue(t, d, "bad", fmt.Sprint(i))
		}
		enqueue(t, d, "good", "g1", "g2")
		synctest.Wait()
		over.want(t, ending{"bad", Failures})
		if got := len(p.log()); got != 22 {
			t.Errorf("%d messages were sent, want 20 bad and 2 good", got)
		}
		err := d.Enqueue(Message{Session: "bad", Destination: "crm"})
		if !fault.Is(err, fault.Overrun) {
			t.Errorf("an ended session takes messages: %v", err)
		}
		d.Forget("bad", "crm")
		enqueue(t, d, "bad", "again")
		stop(t, d)
		if d.Stats.EndedFailures.Load() != 1 || d.Stats.Discarded.Load() != 5 {
			t.Errorf("ended %d, discarded %d", d.Stats.EndedFailures.Load(), d.Stats.Discarded.Load())
		}
	})
}

func TestSuccessForgivesFailures(t *testing.T) {
	t.Parallel()
	p := newPeer(func(m Message, _ int) (time.Duration, time.Duration, error) {
		if m.Name == "ok" {
			return 0, 0, nil
		}
		return 0, 0, fault.New(fault.Invalid, "test", "", "refused")
	})
	var over endings
	run(t, Config{Send: p.send, Ended: over.add, Limits: Limits{MaxFailures: 3}}, func(d *Deliverer) {
		enqueue(t, d, "s", "x", "x", "ok", "x", "x", "ok")
	})
	over.want(t)
}

func TestSilenceEndsTheSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var over endings
		p := newPeer(func(Message, int) (time.Duration, time.Duration, error) {
			return 0, 0, fault.New(fault.Unavailable, "test", "", "down")
		})
		d := mustStart(t, Config{Send: p.send, Ended: over.add})
		enqueue(t, d, "s", "a")
		sleep(t.Context(), 24*time.Hour)
		over.want(t)
		enqueue(t, d, "s", "b")
		sleep(t.Context(), time.Minute)
		over.want(t, ending{"s", Silence})
		d.Forget("s", "crm")
		stop(t, d)
	})
}

func TestStartAndConfig(t *testing.T) {
	t.Parallel()
	if _, err := New(Config{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a deliverer without Send: %v", err)
	}
	d, err := New(Config{Send: func(context.Context, Message, func()) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Enqueue(Message{}); !fault.Is(err, fault.Stopped) {
		t.Errorf("before Start: %v", err)
	}
	if err := d.Stop(t.Context()); err != nil {
		t.Errorf("Stop before Start: %v", err)
	}
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Errorf("second Start: %v", err)
	}
	if err := d.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestRandomTraffic: whatever the peer does, sending begins in order inside a
// session, no message begins again after a later one, and the books balance.
func TestRandomTraffic(t *testing.T) {
	t.Parallel()
	for seed := range int64(30) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewSource(seed))
			var mu sync.Mutex
			kinds := []fault.Kind{fault.Unavailable, fault.Unknown, fault.Busy, fault.Invalid}
			p := newPeer(func(Message, int) (time.Duration, time.Duration, error) {
				mu.Lock()
				defer mu.Unlock()
				write, reply := time.Duration(random.Intn(50))*ms, time.Duration(random.Intn(600))*ms
				if random.Intn(4) == 0 {
					return write, reply, fault.New(kinds[random.Intn(len(kinds))], "test", "", "random")
				}
				return write, reply, nil
			})
			d := mustStart(t, Config{Send: p.send, Workers: 3})
			for i := range 200 {
				mu.Lock()
				session, pause := random.Intn(5), time.Duration(random.Intn(40))*ms
				mu.Unlock()
				enqueue(t, d, fmt.Sprint(session), fmt.Sprintf("%d %d", session, i))
				sleep(t.Context(), pause)
			}
			stop(t, d)
			last := map[int]int{}
			for _, s := range p.log() {
				var session, n int
				if _, err := fmt.Sscan(s.name, &session, &n); err != nil {
					t.Fatal(err)
				}
				if n < last[session] {
					t.Fatalf("seed %d: message %d of session %d is sent after %d", seed, n, session, last[session])
				}
				last[session] = n
			}
			if p.most > 3 || len(p.log()) < 200 {
				t.Errorf("seed %d: %d open at once, %d starts", seed, p.most, len(p.log()))
			}
		})
	}
}
