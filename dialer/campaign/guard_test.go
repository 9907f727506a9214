package campaign

import (
	"strings"
	"testing"
	"time"

	"strowger/switch/fault"
)

// rated is a rate at 3 % of so many people.
func rated(dropped, connected int) Rate {
	return rateOf(Counts{Connected: connected, Dropped: dropped}, 0.03, 0)
}

func TestGuard(t *testing.T) {
	t.Parallel()
	g, now := NewGuard(false, Override{}), start
	for i, c := range []struct {
		dropped, connected int
		want               Stage
		changed            bool
		after              time.Duration
	}{
		{dropped: 0, connected: 5, want: Free},
		{1, 20, Free, false, 0}, // above 3 %, but by less than a call
		{2, 20, Careful, true, 0},
		{2, 20, Careful, false, time.Minute},
		{2, 65, Free, true, 0}, // below it again
		{4, 66, Careful, true, time.Minute},
		{5, 67, Careful, false, 30 * time.Second}, // of a line that rang already
		{5, 67, Careful, false, time.Minute},
		{6, 68, Stopped, true, 0},
		{6, 68, Stopped, false, 0},
		{6, 400, Stopped, false, 0}, // only somebody can start it
	} {
		now = now.Add(c.after)
		j := g.Judge(now, rated(c.dropped, c.connected))
		if j.Stage != c.want || j.Changed != c.changed || j.Overridden || j.Why == "" {
			t.Errorf("%d: %+v, want %v", i, j, c.want)
		}
	}
	if err := g.Start(start, rated(5, 67)); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.ReasonOf(err), "override") {
		t.Errorf("started while the budget is gone: %v", err)
	}
	if err := g.Start(start, rated(5, 400)); err != nil || g.Judge(start, rated(5, 400)).Stage != Free {
		t.Errorf("cannot be started: %v", err)
	}
	machines := rateOf(Counts{Connected: 20, Machines: 200}, 0.03, 0.02)
	if j := NewGuard(false, Override{}).Judge(start, machines); j.Stage != Free || machines.Headroom > -1 {
		t.Errorf("stopped though nobody was dropped: %+v %+v", j, machines)
	}
}

func TestOverride(t *testing.T) {
	t.Parallel()
	g, good := NewGuard(true, Override{}), Override{Until: start.Add(time.Hour), By: "root", Reason: "the trunk's test calls"}
	for subject, change := range map[string]func(*Override){
		"by":     func(o *Override) { o.By = " " },
		"reason": func(o *Override) { o.Reason = "" },
		"until":  func(o *Override) { o.Until = start },
		"far":    func(o *Override) { o.Until = start.Add(LongestOverride + 1) },
		"long":   func(o *Override) { o.Reason = strings.Repeat("x", longestReason+1) },
	} {
		o := good
		change(&o)
		if err := g.SetOverride(start, o); !fault.Is(err, fault.Invalid) || g.Overridden(start) {
			t.Errorf("%s: %v", subject, err)
		}
	}
	if err := g.SetOverride(start, good); err != nil {
		t.Fatal(err)
	}
	gone := rated(5, 20)
	if j := g.Judge(start, gone); j.Stage != Free || !j.Overridden || !strings.Contains(j.Why, "by root: the trunk's test calls") {
		t.Errorf("%+v", j)
	}
	if err := g.Start(start, gone); err != nil {
		t.Errorf("an override does not let it start: %v", err)
	}
	again := NewGuard(g.Spent(), g.Override()) // after a restart
	if !again.Overridden(start.Add(59*time.Minute)) || again.Overridden(start.Add(time.Hour)) {
		t.Error("an override has no memory, or no end")
	}
	if j := again.Judge(start.Add(time.Minute), gone); j.Stage != Free || !again.Spent() {
		t.Errorf("while it holds, after a restart: %+v", j)
	}
	if j := again.Judge(start.Add(time.Hour), gone); j.Stage != Stopped || !j.Changed || j.Overridden {
		t.Errorf("when it is over: %+v", j)
	}
	if err := g.EndOverride(start.Add(time.Minute), "ina"); err != nil || g.Overridden(start.Add(time.Minute)) || g.Override().By != "root" || g.Override().EndedBy != "ina" || !g.Override().From.Equal(start) {
		t.Errorf("it is not ended, or forgotten: %v, %+v", err, g.Override())
	}
	if err := g.EndOverride(start.Add(time.Minute), "ina"); !fault.Is(err, fault.Conflict) {
		t.Errorf("ended twice: %v", err)
	}
	if j := g.Judge(start.Add(time.Minute), gone); j.Stage != Stopped || !j.Changed {
		t.Errorf("ended before its time: %+v", j)
	}
	for _, c := range []struct {
		spent bool
		rate  Rate
		want  Stage
	}{{true, rated(5, 400), Free}, {true, rated(0, 0), Stopped}, {false, gone, Careful}} { // made up for; not known yet; not stopped before
		g := NewGuard(c.spent, Override{From: start, Until: start.Add(time.Hour)})
		g.Judge(start, c.rate)
		if j := g.Judge(start.Add(time.Hour), c.rate); j.Stage != c.want {
			t.Errorf("after an override, stopped before: %v, %+v: %v, want %v", c.spent, c.rate, j.Stage, c.want)
		}
	}
	if j := NewGuard(true, Override{}).Judge(start, rated(0, 100)); j.Stage != Stopped {
		t.Errorf("a restart has started it: %+v", j)
	}
	for s, want := range map[Stage]string{Free: "free", Careful: "careful", Stopped: "stopped"} {
		if s.String() != want {
			t.Errorf("%v is not %s", s, want)
		}
	}
}

// TestStraying: what chance brings, and what the rest of the window makes up for,
// holds nothing back; near the close, and where a window ends at each instant, it does.
func TestStraying(t *testing.T) {
	t.Parallel()
	successive, rolling := Window{Kind: Successive, Length: Longest}, Window{Kind: Rolling, Length: 24 * time.Hour}
	for _, c := range []struct {
		window  Window
		closes  time.Duration // after the drops
		dropped int
		want    Stage
	}{
		{successive, 6 * time.Hour, 10, Free},    // 6.3 are allowed: 3.8 more come by chance
		{successive, 6 * time.Hour, 13, Careful}, // so many do not
		{Window{Kind: Day}, 6 * time.Hour, 10, Free},
		{successive, 0, 8, Careful},                   // nobody knows how long it goes on
		{successive, time.Minute, 9, Careful},         // no time to make up for it
		{Window{Kind: Day}, 30 * time.Hour, 10, Free}, // the day ends before
		{rolling, 6 * time.Hour, 8, Careful},
	} {
		l := NewLedger(Rule{Limit: 0.03, Window: c.window}, start)
		now := start.Add(time.Hour)
		l.Add(start.Add(time.Minute), Counts{Humans: 200, Connected: 200})
		l.Add(now, Counts{Humans: c.dropped, Dropped: c.dropped})
		r := l.Rate(now, now.Add(c.closes))
		if j := NewGuard(false, Override{}).Judge(now, r); j.Stage != c.want {
			t.Errorf("%v, %d dropped, %v before the close: %+v, %.0f to come", c.window, c.dropped, c.closes, j, r.Coming)
		}
	}
	g := NewGuard(false, Override{})
	over := Rate{Counts: Counts{Connected: 200, Dropped: 12}, Limit: 0.03, Share: 0.057, Headroom: -5.6, Coming: 1000}
	if j := g.Judge(start, over); j.Stage != Careful {
		t.Errorf("%+v", j)
	}
	if over.Headroom = -2.5; g.Judge(start, over).Stage != Careful {
		t.Error("it is free again before half is made up for")
	}
	if over.Headroom = -1.8; g.Judge(start, over).Stage != Free {
		t.Error("it is held back though half is made up for")
	}
}
