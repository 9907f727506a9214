package campaign

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata" // the test needs a day of 23 hours
)

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func rule(limit float64, w Window) Rule {
	return Rule{Limit: limit, Aim: limit, Window: w, Prior: 0.02}
}

// TestLedgerIsASum holds every window against a plain sum over what was
// counted, which comes out of order and late.
func TestLedgerIsASum(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		l := NewLedger(rule(0.03, Window{Kind: Day}), start)
		var all []Minute
		now := start
		for range 400 {
			now = now.Add(time.Duration(r.IntN(90*60)) * time.Second)
			late := time.Duration(r.IntN(20*60)) * time.Second
			c := Counts{Humans: r.IntN(5), Connected: r.IntN(4), Dropped: r.IntN(2), Left: r.IntN(2), Machines: r.IntN(6)}
			at := now.Add(-late)
			l.Add(at, c)
			all = append(all, Minute{at, c})
		}
		again := NewLedger(rule(0.03, Window{Kind: Day}), start)
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		again.Load(all)
		for _, back := range []time.Duration{0, time.Minute, time.Hour, 24 * time.Hour, 7*24*time.Hour + 31*time.Second, Longest} {
			from, want := now.Add(-back), Counts{}
			for _, m := range all {
				if !m.At.Before(from.Truncate(time.Minute)) {
					want.add(m.Counts)
				}
			}
			if got := l.Since(from); got != want {
				t.Errorf("seed %d: since %v: %+v, want %+v", seed, back, got, want)
			}
			if got := again.Since(from); got != want {
				t.Errorf("seed %d: loaded, since %v: %+v, want %+v", seed, back, got, want)
			}
		}
		if n := len(l.slots); n == 0 || l.slots[n-1].minute-l.slots[0].minute > int64(Keep/time.Minute) {
			t.Errorf("seed %d: minutes are kept for longer than %v", seed, Keep)
		}
	}
}

func TestWindows(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	summer := time.Date(2026, 3, 29, 12, 0, 0, 0, berlin) // the day has 23 hours
	month := Window{Kind: Successive, Length: Longest}
	for _, c := range []struct {
		name      string
		w         Window
		now, from time.Time
		zone      *time.Location
	}{
		{"day", Window{Kind: Day}, start, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), nil},
		{"day of 23 hours", Window{Kind: Day}, summer, summer.Add(-11 * time.Hour), berlin},
		{"rolling", Window{Kind: Rolling, Length: 24 * time.Hour}, summer, summer.Add(-24 * time.Hour), berlin},
		{"too long", Window{Kind: Rolling, Length: 1000 * time.Hour}, start, start.Add(-Longest), nil},
		{"first stretch", month, start.Add(29 * 24 * time.Hour), start, nil},
		{"second stretch", month, start.Add(30 * 24 * time.Hour), start.Add(30 * 24 * time.Hour), nil},
		{"third stretch", month, start.Add(75 * 24 * time.Hour), start.Add(60 * 24 * time.Hour), nil},
		{"before it began", month, start.Add(-time.Hour), start, nil},
	} {
		if got := c.w.begin(c.now, start, c.zone); !got.Equal(c.from) {
			t.Errorf("%s: from %v, want %v", c.name, got, c.from)
		}
	}
	for w, want := range map[Window]string{month: "each 30 days", {Kind: Day}: "the day", {Kind: Rolling, Length: 24 * time.Hour}: "the last 24 hours"} {
		if got := w.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestRate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                         string
		counts                       Counts
		labels                       Labels
		wrong, share, used, headroom float64
		target                       float64
	}{
		{"nothing yet", Counts{}, Labels{}, 0, 0, 0, 0, 0.03},
		{"two of a hundred", Counts{Humans: 105, Connected: 98, Dropped: 2, Left: 5}, Labels{}, 0, 0.02, 2.0 / 3, 1, 0.03},
		{"on the limit", Counts{Connected: 97, Dropped: 3}, Labels{}, 0, 0.03, 1, 0, 0.03},
		{"the prior while few are labelled", Counts{Connected: 98, Machines: 100}, Labels{Labelled: 19, Human: 9}, 2, 0.02, 2.0 / 3, 1, 0.01},
		{"labels", Counts{Connected: 395, Machines: 205}, Labels{Labelled: 40}, 2.5, 2.5 / 397.5, 2.5 / 397.5 / 0.03, 0.03*397.5 - 2.5, 0.03 - 2.5/397.5},
		{"the detector takes it all", Counts{Connected: 10, Machines: 100}, Labels{}, 2, 2.0 / 12, 2.0 / 0.36, 0.36 - 2, 0},
		{"only machines", Counts{Machines: 50}, Labels{}, 1, 1, 1 / 0.03, 0.03 - 1, 0},
	} {
		l := NewLedger(rule(0.03, Window{Kind: Rolling, Length: 24 * time.Hour}), start)
		l.SetLabels(c.labels)
		l.Add(start, c.counts)
		now := start.Add(time.Hour)
		r := l.Rate(now, now)
		if !near(r.FalseMachines, c.wrong) || !near(r.Share, c.share) || !near(r.Used, c.used) || !near(r.Headroom, c.headroom) || !near(r.Projected, c.share) {
			t.Errorf("%s: %+v", c.name, r)
		}
		today, windows, target := l.Pace(now)
		if !near(target, c.target) || today.Humans != c.counts.Live() || today.Abandoned != c.counts.Dropped || len(windows) != 1 || windows[0].Counts != today || !near(windows[0].Limit, c.target) {
			t.Errorf("%s: the pacer is told %+v %+v %v", c.name, today, windows, target)
		}
	}
	if r := rateOf(Counts{Connected: 10, Dropped: 1}, 0, 0); r.Used != 1 {
		t.Errorf("nobody may be dropped and somebody was: %+v", r)
	}
}

// TestPaceIsTheTightest: the day and the rule's window have each their own share of machines.
func TestPaceIsTheTightest(t *testing.T) {
	t.Parallel()
	r := rule(0.03, Window{Kind: Rolling, Length: 24 * time.Hour})
	r.Aim = 0.025
	l := NewLedger(r, start.Add(-48*time.Hour))
	now := start.Add(2 * time.Hour)
	l.Add(start.Add(-10*time.Hour), Counts{Connected: 900, Machines: 100}) // yesterday
	l.Add(start, Counts{Connected: 98, Machines: 100})
	today, windows, target := l.Pace(now)
	if today.Humans != 98 || windows[0].Humans != 998 || !near(target, 0.01) || windows[0].Limit <= 0.025 {
		t.Errorf("%+v %+v %v", today, windows, target)
	}
	r.Aim = 0
	if l.SetRule(r); func() bool { _, _, target = l.Pace(now); return target != 0 }() {
		t.Errorf("aims at %v though nobody may be dropped on purpose", target)
	}
}

func TestProjected(t *testing.T) {
	t.Parallel()
	l := NewLedger(rule(0.03, Window{Kind: Day}), start)
	for m := range 120 { // 1 % in the first hour, 4 % in the second
		c := Counts{Connected: 99, Dropped: 1}
		if m >= 60 {
			c = Counts{Connected: 96, Dropped: 4}
		}
		l.Add(start.Add(time.Duration(m)*time.Minute), c)
	}
	now := start.Add(2 * time.Hour)
	if r := l.Today(now, now.Add(2*time.Hour)); math.Abs(r.Share-0.025) > 1e-9 || math.Abs(r.Projected-0.0325) > 2e-3 {
		t.Errorf("%v now, %v by close", r.Share, r.Projected)
	}
	// By close the rolling window has lost what it holds now.
	l.SetRule(rule(0.03, Window{Kind: Rolling, Length: 2 * time.Hour}))
	if r := l.Rate(now, now.Add(2*time.Hour)); math.Abs(r.Projected-0.04) > 1e-3 {
		t.Errorf("%v by close", r.Projected)
	}
	if r := NewLedger(rule(0.03, Window{Kind: Day}), start).Today(start, start.Add(time.Hour)); r.Projected != 0 {
		t.Errorf("%v of nothing", r.Projected)
	}
}

func TestMinuteOf(t *testing.T) {
	t.Parallel()
	for s, want := range map[int64]int64{0: 0, 59: 0, 60: 1, -1: -1, -60: -1, -61: -2} {
		if got := minuteOf(time.Unix(s, 0)); got != want {
			t.Errorf("%d: %d, want %d", s, got, want)
		}
	}
}
