package campaign

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestTokensKeepTheRate: whatever is asked for and when, no stretch of time has
// more than its share and a second's worth, and none is lost to rounding.
func TestTokensKeepTheRate(t *testing.T) {
	t.Parallel()
	for _, rate := range []int64{1, 333, 700, 1000, 2500, 50_000, 1_000_000} {
		r := rand.New(rand.NewPCG(uint64(rate), 2))
		k, now, taken := NewTokens(Trunks{Rate: rate}, start), start, int64(0)
		for range 3000 {
			now = now.Add(time.Duration(r.Int64N(int64(700 * time.Millisecond))))
			n := k.Take(now, 1+r.IntN(int(rate/500+2)), 0)
			if r.IntN(20) == 0 {
				k.Return(n)
				n = 0
			}
			taken += int64(n)
			due := rate * int64(now.Sub(start).Milliseconds()+1) / 1_000_000
			if burst := max(1, rate/1000+1); taken > due+burst {
				t.Fatalf("rate %d: %d calls in %v", rate, taken, now.Sub(start))
			}
		}
	}
	k, n := NewTokens(Trunks{Rate: 700}, start), 0
	for i := range 100_000 { // greedy, in steps that divide nothing
		n += k.Take(start.Add(time.Duration(i)*7_777_777), 100, 0)
	}
	if want := 544; n < want || n > want+2 {
		t.Errorf("%d calls, want %d", n, want)
	}
}

func TestTokensKeepTheRoom(t *testing.T) {
	t.Parallel()
	k := NewTokens(Trunks{MaxCalls: 30, Reserve: 5}, start)
	for _, c := range []struct{ want, inUse, got int }{{100, 0, 25}, {3, 20, 3}, {10, 20, 5}, {1, 25, 0}, {1, 40, 0}, {-1, 0, 0}} {
		if got := k.Take(start, c.want, c.inUse); got != c.got {
			t.Errorf("%d with %d in use: %d, want %d", c.want, c.inUse, got, c.got)
		}
	}
	k.SetTrunks(Trunks{})
	if k.Room(1000) != -1 || k.Take(start, 1000, 1000) != 1000 {
		t.Error("no bound is a bound")
	}
	k.SetTrunks(Trunks{Rate: 1 << 62})
	if got := k.Take(start.Add(time.Hour), 1_000_000, 0); got != 1_000_000 {
		t.Errorf("a rate beyond all bounds gives %d", got)
	}
	if k.Take(start, 0, 0) != 0 { // a clock that goes back
		t.Error("took what nobody wanted")
	}
}

func at(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }

func TestBreakerOpens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		ends  string // x failed, r failed again, . good
		every float64
		want  string
	}{
		{"five in a row", "xxxxx", 1, "the last 5 calls failed"},
		{"slow, but in a row", "xxxxx", 60, "the last 5 calls failed"},
		{"four and a good one", "xxxx.xxxx.", 1, ""},
		{"half of twenty", ".x.x.x.x.x.x.x.x.x.x", 0.5, "10 of the last 20"},
		{"half of twenty, but slowly", ".x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x", 0.6, ""},
		{"less than half", ".x..x..x..x..x..x..x..x..x..", 0.1, ""},
		{"numbers that always fail, among others", "r.rr.rrr.r.r.rr.rr.r.r.r.rr.rr", 0.1, ""},
		{"numbers that failed before, as they come back together", "xrrrrrrrrrrrrrrrrrrr.xxxx", 0.1, ""},
		{"five in a row, and some that failed before between them", "xxrrxrrxx", 0.1, "the last 5 calls failed"},
		{"nothing but numbers that failed before", "rrrrrrrrrrrrrrrrrrrr", 1, "the last 20 calls failed"},
		{"half, but few", ".x.x.x.x.x.x.x.x.x", 0.1, ""},
	} {
		b, opened := NewBreaker(Fuse{}), false
		for i, e := range c.ends {
			now := at(c.every * float64(i))
			opened = b.Ended(now, now, map[rune]How{'x': Failed, 'r': FailedAgain}[e]) || opened
		}
		open, _, why := b.Open()
		if open != (c.want != "") || opened != open || !strings.HasPrefix(why, c.want) {
			t.Errorf("%s: open %v, %q", c.name, open, why)
		}
		if got := b.Allow(at(1000), 7); (got == 7) == open {
			t.Errorf("%s: allows %d", c.name, got)
		}
	}
}

func TestBreakerProbes(t *testing.T) {
	t.Parallel()
	b := NewBreaker(Fuse{})
	for range 5 {
		b.Ended(at(0), at(-1), Failed)
	}
	for _, c := range []struct {
		at       float64
		want, ok int
	}{{0, 9, 0}, {9.9, 9, 0}, {10, 9, 1}, {10.5, 9, 0}, {19.9, 1, 0}, {20, 0, 0}, {21, 1, 1}, {30.9, 1, 0}} {
		if got := b.Allow(at(c.at), c.want); got != c.ok {
			t.Errorf("at %v: %d, want %d", c.at, got, c.ok)
		}
	}
	for _, c := range []struct {
		dialled float64
		how     How
		closes  bool
	}{{-5, Well, false}, {-4, Well, false}, {10, Well, false}, {21, Failed, false}, {31, Well, false}, {-3, Failed, false}, {35, FailedAgain, false}, {41, Well, true}} {
		if got := b.Ended(at(50), at(c.dialled), c.how); got != c.closes {
			t.Errorf("dialled at %v: closes %v", c.dialled, got)
		}
	}
	if open, _, why := b.Open(); open || why != "" || b.Allow(at(50), 3) != 3 {
		t.Error("it does not close")
	}
	for i := range 4 {
		if b.Ended(at(51), at(51), Failed) {
			t.Errorf("opened by %d failures: what was before it closed counts", i+1)
		}
	}
	own := NewBreaker(Fuse{InRow: 1, Last: 2, Within: time.Second, Probe: time.Second, Good: 1})
	if !own.Ended(at(0), at(0), Failed) || own.Allow(at(1), 1) != 1 || !own.Ended(at(2), at(1), Well) {
		t.Error("a fuse of one's own is not kept to")
	}
}

// TestBreakerProbesAgain: a probe that went to a number that always fails was
// none, and another follows at once; not for ever.
func TestBreakerProbesAgain(t *testing.T) {
	t.Parallel()
	b := NewBreaker(Fuse{InRow: 1, Last: 4})
	b.Ended(at(0), at(0), Failed)
	got := 0
	for now := 10.0; now < 20; now += 0.5 {
		if b.Allow(at(now), 5) == 1 {
			got++
			b.Ended(at(now), at(now), FailedAgain)
		}
	}
	if got != 4 {
		t.Errorf("%d probes to numbers that always fail within one time between probes, want 4", got)
	}
	if b.Allow(at(22), 5) != 1 || b.Allow(at(22.5), 5) != 0 {
		t.Error("the next time between probes")
	}
	if b.Return(); b.Allow(at(23), 5) != 1 || b.Allow(at(23.5), 5) != 0 {
		t.Error("a probe that was not made is not made again")
	}
	if b.Allow(at(34), 5) != 1 || b.Ended(at(34), at(34), Failed) || b.Allow(at(35), 5) != 0 {
		t.Error("a probe that failed is not waited after")
	}
}
