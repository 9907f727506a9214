package pacing

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func durationOf(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// seasoned is a pacer that has seen a quarter of 400 calls answered, and as many talks.
func seasoned() *Pacer {
	p := New(Settings{})
	for i := range 400 {
		f := Fact{At: durationOf(float64(i)), Kind: DialEnded, Outcome: NoAnswer, Took: durationOf(24)}
		if i%4 == 0 {
			f.Outcome, f.Took = Human, durationOf(6+float64(i%9))
		}
		p.Learn([]Fact{
			f,
			{At: f.At, Kind: TalkEnded, Took: durationOf(20 + float64(i*7%200))},
			{At: f.At, Kind: WrapEnded, Took: durationOf(5 + float64(i%20))},
		})
	}
	return p
}

func team(n int, st Status, since time.Duration) []Agent {
	out := make([]Agent, n)
	for i := range out {
		out[i] = Agent{Status: st, Since: since}
	}
	return out
}

const hour = time.Hour

// scene is a quiet moment in mid-shift.
func scene(agents ...Agent) Scene {
	return Scene{Now: 4 * hour, End: 8 * hour, Agents: agents, LineLimit: 500, Target: 0.03, Today: Counts{Humans: 400, Abandoned: 9}}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	now := 4 * hour
	idle, talk := team(4, Idle, now-hour/60), team(6, Talking, now-durationOf(30))
	for _, c := range []struct {
		name     string
		change   func(*Scene)
		least    int
		most     int
		why      Reason
		cancels  int // -1: any
		contains string
	}{
		{"nobody is logged in", func(s *Scene) { s.Agents = team(3, Offline, 0) }, 0, 0, NoAgents, 0, "no agent"},
		{"nobody at all, lines ring", func(s *Scene) { s.Agents, s.Ringing = nil, []time.Duration{now} }, 0, 0, NoAgents, 1, "1 line may be given up"},
		{"everybody is about to leave", func(s *Scene) {
			s.Agents = team(4, Talking, now-hour)
			for i := range s.Agents {
				s.Agents[i].Leaving = true
			}
		}, 0, 0, NoAgents, 0, "no agent"},
		{"free agents get more lines than there are", func(*Scene) {}, 5, 40, TooRisky, 0, "4 of 10 agents are free"},
		{"room for two", func(s *Scene) { s.LineLimit = 2 }, 2, 2, LinesFull, 0, "all lines are in use"},
		{"no room", func(s *Scene) { s.Lines, s.LineLimit = 9, 5 }, 0, 0, LinesFull, 0, "Dial none"},
		{"nobody may be dropped", func(s *Scene) { s.Target, s.Ringing = 0, []time.Duration{now, now} }, 2, 2, OneEach, 0, "one line for each free agent"},
		{"nobody may be dropped, somebody waits", func(s *Scene) { s.Target, s.Waiting = 0, 6 }, 0, 0, OneEach, 0, "6 wait"},
		{"nobody may be dropped, agents have gone", func(s *Scene) { s.Target, s.Waiting, s.Ringing = 0, 1, []time.Duration{now, now, now, now, now} }, 0, 0, OneEach, 2, "agents have gone"},
		{"nobody may be dropped, no room", func(s *Scene) { s.Target, s.LineLimit = 0, 3 }, 3, 3, LinesFull, 0, "all lines"},
		{"more wait than are free", func(s *Scene) { s.Waiting = 10 }, 0, 0, TooRisky, 0, "10 wait"},
		{"the budget is spent", func(s *Scene) { s.Today.Abandoned = 40 }, 0, 6, TooRisky, -1, "40 of 12.0 drops"},
		{"the legal budget is spent, today's is not", func(s *Scene) { s.Windows = []Window{{Counts{9000, 330}, 0.03}} }, 0, 6, TooRisky, -1, "9 of 12.0"},
		{"agents have gone since it was dialled", func(s *Scene) {
			s.Agents = team(1, Talking, now)
			for range 20 {
				s.Ringing = append(s.Ringing, now-durationOf(5))
			}
		}, 0, 0, TooRisky, -1, "agents have gone"},
	} {
		s := scene(append(slices.Clone(idle), talk...)...)
		c.change(&s)
		d := seasoned().Decide(&s)
		if d.Dial < c.least || d.Dial > c.most || d.Why != c.why || c.cancels >= 0 && d.Cancel != c.cancels {
			t.Errorf("%s: dial %d (want %d to %d), why %d (want %d), cancel %d: %s", c.name, d.Dial, c.least, c.most, d.Why, c.why, d.Cancel, d)
		}
		if !strings.Contains(d.String(), c.contains) {
			t.Errorf("%s: %q lacks %q", c.name, d, c.contains)
		}
	}
}

// TestTooLate: lines that have rung for as long as the law wants are given up
// where who answers them would find nobody, the oldest first; before, none is.
func TestTooLate(t *testing.T) {
	t.Parallel()
	now := 4 * hour
	for _, c := range []struct {
		name  string
		idle  int
		least float64
		rings []float64 // seconds, the oldest first
		late  int
	}{
		{"nobody is free", 0, 0, []float64{22, 17, 15, 14.9, 3}, 3},
		{"they have not rung for long", 0, 0, []float64{14.9, 10}, 0},
		{"agents are free", 4, 0, []float64{22, 17, 15}, 0},
		{"a longer minimum", 0, 18, []float64{22, 17, 15}, 1},
		{"nobody answers so late", 0, 0, []float64{50, 40}, 0},
		{"nobody answers so late, and one may", 0, 0, []float64{50, 16}, 2},
	} {
		p := seasoned()
		if c.least > 0 {
			p.least = durationOf(c.least)
		}
		for range 40 { // some answer late
			p.Learn([]Fact{{At: now, Kind: DialEnded, Outcome: Human, Took: durationOf(21)}})
		}
		s := scene(append(team(c.idle, Idle, 0), team(5, Talking, now-durationOf(2))...)...)
		for _, rings := range c.rings {
			s.Ringing = append(s.Ringing, now-durationOf(rings))
		}
		d := p.Decide(&s)
		if d.Late != c.late {
			t.Errorf("%s: %d given up, want %d: %s", c.name, d.Late, c.late, d)
		}
		if says := strings.Contains(d.String(), "of the oldest"); says != (c.late > 0) {
			t.Errorf("%s: %s", c.name, d)
		}
	}
	if New(Settings{RingLeast: time.Minute}).least != time.Minute || New(Settings{}).least != DefaultRingLeast {
		t.Error("the minimum is not the one that was asked for")
	}
}

// TestLegalBudgetIsHeld: a window that is spent holds back as much as a spent day.
func TestLegalBudgetIsHeld(t *testing.T) {
	t.Parallel()
	s := scene(team(10, Idle, 0)...)
	free := seasoned().Decide(&s)
	s.Windows = []Window{{Counts{9000, 330}, 0.03}, {Counts{9000, 0}, 0.03}}
	held := seasoned().Decide(&s)
	if held.Threshold >= free.Threshold/2 || held.Headroom >= free.Headroom || held.Dial >= free.Dial {
		t.Errorf("free %s\nheld %s", free, held)
	}
}

// TestThreshold holds the formula against figures computed by hand.
func TestThreshold(t *testing.T) {
	t.Parallel()
	s := Scene{Now: 300 * time.Second, Target: 0.03, End: 8 * hour}
	limit, headroom := threshold(&s, 1) // nothing has happened: the reserve alone
	near(t, "headroom at the start", headroom, -1, 1e-12)
	near(t, "threshold at the start", limit, 0.06*math.Exp(-0.5), 1e-12)
	s = Scene{Now: 4 * hour, End: 8 * hour, Target: 0.03, Today: Counts{Humans: 400, Abandoned: 5}}
	limit, headroom = threshold(&s, 1) // due 12, reserve 1 + 0.25*sqrt(12), 400 answers to come
	near(t, "headroom at noon", headroom, 12-5-1-0.25*math.Sqrt(12), 1e-12)
	near(t, "threshold at noon", limit, 0.06*math.Exp(headroom/math.Sqrt(1+0.03*400)), 1e-12)
	s.Today.Abandoned = 100
	limit, _ = threshold(&s, 1)
	near(t, "threshold when far over", limit, 0.06*math.Exp(steepLeast), 1e-12)
	s.Today, s.Target = Counts{Humans: 100000}, 0.1
	limit, _ = threshold(&s, 1)
	near(t, "threshold at most", limit, thresholdMost, 1e-12)
	s.Now, s.End = 9*hour, 8*hour
	near(t, "weight after the end", weight(&s), 1, 1e-12)
	s.End = 0
	if w := weight(&s); w >= 1 || w <= 0 {
		t.Errorf("weight of a shift without an end: %v", w)
	}
}

// TestDecideIsPure: the same in another order, and asked again, is decided the same.
func TestDecideIsPure(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := randomScene(t)
		one, two := seasoned(), seasoned()
		d := one.Decide(&s)
		if d.Dial < 0 || d.Dial > max(0, s.LineLimit-s.Lines) || d.Cancel < 0 || max(d.Cancel, d.Late) > len(s.Ringing) {
			t.Fatalf("dial %d with room for %d, cancel %d of %d", d.Dial, s.LineLimit-s.Lines, d.Cancel, len(s.Ringing))
		}
		if d.Dial > 0 && (d.Reachable == 0 || d.Cancel > 0) {
			t.Fatalf("dials %d and cancels %d with %d agents", d.Dial, d.Cancel, d.Reachable)
		}
		if math.IsNaN(d.Risk) || math.IsNaN(d.Allowed) || d.Risk < -1e-9 {
			t.Fatalf("risk %v of %v", d.Risk, d.Allowed)
		}
		if again := one.Decide(&s); again != d {
			t.Fatalf("asked again: %v, before %v", again, d)
		}
		slices.Reverse(s.Agents)
		if turned := two.Decide(&s); turned.Dial != d.Dial || turned.Why != d.Why || math.Abs(turned.Risk-d.Risk) > 1e-9 {
			t.Fatalf("agents in another order: %v, before %v", turned, d)
		}
	})
}

// TestMoreTargetMoreLines: who may drop more dials no less, and with an agent less nobody dials more.
func TestMoreTargetMoreLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := randomScene(t)
		s.Today, s.Windows, s.LineLimit = Counts{}, nil, 2000
		s.Target = 0.01
		low := seasoned().Decide(&s)
		s.Target = 0.05
		high := seasoned().Decide(&s)
		if high.Dial < low.Dial {
			t.Fatalf("%d lines at 5 %%, %d at 1 %%", high.Dial, low.Dial)
		}
		s.Waiting += 2
		if worse := seasoned().Decide(&s); worse.Dial > high.Dial {
			t.Fatalf("%d lines when two more wait, %d before", worse.Dial, high.Dial)
		}
	})
}

// TestLargeTeams: the first line that is too much for a large team is the one that
// is found by adding line after line.
func TestLargeTeams(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := randomScene(t)
		s.Agents = append(s.Agents, team(exactUpTo+1, Idle, s.Now-time.Minute)...)
		s.LineLimit = 2000
		got := seasoned().Decide(&s)
		p := seasoned()
		p.refresh(s.Now)
		p.tick++ // as Decide does: what was worked out before is old
		p.fill(&s)
		d := Decision{}
		d.Threshold, _ = threshold(&s, p.spare)
		for p.weigh(&d); d.Dial < s.LineLimit-s.Lines && !d.tooRisky(); p.weigh(&d) {
			p.addLines(1)
			d.Dial++
		}
		if got.Why != NoAgents && d.Dial != got.Dial {
			t.Fatalf("%d lines, %d one by one: risk %v, allowed %v", got.Dial, d.Dial, got.Risk, got.Allowed)
		}
	})
}

func randomScene(t *rapid.T) Scene {
	s := Scene{Now: 4 * hour, End: 8 * hour, Target: rapid.Float64Range(0.001, 0.05).Draw(t, "target")}
	for range rapid.IntRange(0, 30).Draw(t, "agents") {
		s.Agents = append(s.Agents, Agent{
			Status:  Status(rapid.IntRange(0, 3).Draw(t, "status")),
			Since:   s.Now - durationOf(rapid.Float64Range(0, 400).Draw(t, "since")),
			Leaving: rapid.IntRange(0, 9).Draw(t, "leaving") == 0,
		})
	}
	for range rapid.IntRange(0, 40).Draw(t, "ringing") {
		s.Ringing = append(s.Ringing, s.Now-durationOf(rapid.Float64Range(0, 30).Draw(t, "rings")))
	}
	slices.Sort(s.Ringing)
	s.Waiting = rapid.IntRange(0, 4).Draw(t, "waiting")
	s.Lines = len(s.Ringing) + s.Waiting
	s.LineLimit = rapid.IntRange(0, 120).Draw(t, "room")
	s.Today.Humans = rapid.IntRange(0, 2000).Draw(t, "humans")
	s.Today.Abandoned = rapid.IntRange(0, 80).Draw(t, "abandoned")
	if rapid.Bool().Draw(t, "window") {
		s.Windows = []Window{{Counts{s.Today.Humans * 3, s.Today.Abandoned * 2}, 0.03}}
	}
	return s
}

// TestColdStart: knowing nothing, it dials with care and not at all without agents.
func TestColdStart(t *testing.T) {
	t.Parallel()
	s := Scene{Agents: team(5, Idle, 0), LineLimit: 25, Target: 0.03, End: 8 * hour}
	d := New(Settings{}).Decide(&s)
	if d.Dial < 5 || d.Dial > 20 {
		t.Errorf("five free agents: %s", d)
	}
}

// BenchmarkDecide300 is a team of 300 with 1,500 lines that ring, of which a
// tenth is answered.
func BenchmarkDecide300(b *testing.B) { benchmark(b, 0.1) }

// BenchmarkDecide300Overload is the same with far too many lines.
func BenchmarkDecide300Overload(b *testing.B) { benchmark(b, 0.4) }

func benchmark(b *testing.B, rate float64) {
	p := seasoned()
	p.know.humans = rate * p.know.attempts
	s := scene()
	for i := range 300 {
		s.Agents = append(s.Agents, Agent{Status: Talking, Since: s.Now - durationOf(float64(i)/2)})
		if i < 20 {
			s.Agents[i].Status = Idle
		}
	}
	s.LineLimit, s.Today = 3000, Counts{Humans: 9000, Abandoned: 200}
	for i := range 1500 {
		s.Ringing = append(s.Ringing, s.Now-durationOf(float64(1500-i)*20/1500))
	}
	p.Decide(&s)
	b.ReportAllocs()
	for b.Loop() {
		p.Decide(&s)
	}
}
