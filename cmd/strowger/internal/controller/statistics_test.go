package controller

import (
	"context"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/cmd/strowger/internal/config"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/records"
	"strowger/switch/sim"
	"strowger/switch/store"
)

const statisticsObjects = `queues:
  - {id: sales, number: 600, ring_timeout: 1s, wrap_up: 30ms, service_level: 1s}
agents:
  - {id: anna, line: 101, queues: [sales], station: {endpoint: 101}}
  - {id: ben, line: 102, queues: [sales], station: {endpoint: 102}}
`

// witness counts what the callers themselves have seen.
type witness struct{ placed, talked, gaveUp int }

// TestStatisticsOverRestarts: callers come while the controller is stopped and
// started again and again. What the callers have seen, the rows of the
// database, and the figures that were added up live are the same.
func TestStatisticsOverRestarts(t *testing.T) {
	dir, ex := t.TempDir(), sim.New(sim.Options{Node: "sim"})
	defer ex.Stop()
	for _, phone := range []string{"101", "102"} {
		ex.Phone(phone, sim.PhonePolicy{Mode: sim.Answers, AnswerAfter: sim.Range{Min: 0, Max: 20 * time.Millisecond}})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	start := func() *Controller {
		cfg := config.Default()
		cfg.Store.URL, cfg.Store.JournalDir = "sqlite:"+dir+"/s.db", dir+"/journal"
		cfg.HTTP.Listen, cfg.HTTP.Socket, cfg.ICI.Enabled = "", dir+"/s.sock", false
		cfg.Statistics.ShortAbandon = 50 * time.Millisecond
		c, err := New(Options{Config: cfg, Objects: []byte(statisticsObjects), Version: "test", Simulated: detached{ex}})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(ctx); err != nil {
			t.Fatal(err)
		}
		if err := ex.WaitLink(ctx); err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := start()
	for _, a := range []callmodel.AgentID{"anna", "ben"} {
		if err := c.engine.Do(ctx, callmodel.SetAgentState{Agent: a, State: callmodel.Ready}); err != nil {
			t.Fatal(err)
		}
	}
	seen := &witness{}
	for life := range 4 {
		if life > 0 {
			c = start()
		}
		callers(ctx, t, ex, seen, rand.New(rand.NewPCG(7, uint64(life))))
		if life < 3 {
			c.Stop(ctx) // in the middle of wrap-ups
		}
	}
	defer c.Stop(context.WithoutCancel(ctx))
	calm(ctx, t, c)
	s := statistics{Store: c.store, sw: c.engine, today: c.records.today, cfg: c.opt.Config.Statistics}
	compare(ctx, t, s, seen)
}

// callers place calls: some wait for an agent and talk, some give up.
func callers(ctx context.Context, t *testing.T, ex *sim.Exchange, seen *witness, rng *rand.Rand) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range 12 {
		patience := time.Duration(1+rng.IntN(8)) * 20 * time.Millisecond
		leg, err := ex.Place("600", sim.Caller{Number: "+4930555"})
		if err != nil {
			t.Fatal(err)
		}
		seen.placed++
		wg.Go(func() {
			patient, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			err := leg.WaitTalking(patient)
			leg.Hangup()
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				seen.talked++
			} else {
				seen.gaveUp++
			}
		})
	}
	wg.Wait()
	if err := ex.WaitEmpty(ctx); err != nil {
		t.Fatal(err)
	}
}

// calm waits until nothing goes on any more and all is written.
func calm(ctx context.Context, t *testing.T, c *Controller) {
	view, sub, err := c.engine.Watch(ctx, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	live := len(view.Calls)
	last := view.Events
	for live > 0 {
		events, err := sub.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if last = e.Seq; e.Kind == callmodel.EvCallEnded {
				live--
			}
		}
	}
	if err := c.writer.WaitProjected(ctx, last); err != nil {
		t.Fatal(err)
	}
}

func compare(ctx context.Context, t *testing.T, s statistics, seen *witness) {
	from, to, err := s.Period("today", "")
	if err != nil {
		t.Fatal(err)
	}
	f := records.Filter{From: from, To: to}
	whole, err := s.Statistics(ctx, f, 0, records.ByQueue)
	if err != nil || len(whole.Lines) != 1 {
		t.Fatalf("%+v, %v", whole, err)
	}
	got := whole.Lines[0]
	gone := got.Abandoned + got.ShortAbandoned + got.Lost // lost: who hung up in the moment of a stop
	if got.Offered != seen.placed || got.Answered < seen.talked || got.Answered+gone != seen.placed || got.Waiting != 0 {
		t.Errorf("the callers have seen %+v; the figures are %+v", *seen, got)
	}
	if got.Handled != got.Answered || got.Offers < got.Handled || got.WrapUpSeconds == 0 {
		t.Errorf("agents: %+v", got)
	}
	t.Logf("%+v; offered %d, answered %d, abandoned %d + %d short, lost %d", *seen, got.Offered, got.Answered, got.Abandoned, got.ShortAbandoned, got.Lost)

	live, err := s.Live(ctx)
	if err != nil || len(live.Queues) != 1 {
		t.Fatalf("%+v, %v", live, err)
	}
	now := live.Queues[0]
	now.From, now.To, now.AgentsReady, now.AgentsNotReady = got.From, got.To, 0, 0
	if !reflect.DeepEqual(now, got) {
		t.Errorf("live and from the rows differ:\n%+v\n%+v", now, got)
	}
	quarters, err := s.Statistics(ctx, f, 15*time.Minute, records.ByQueue)
	sum := 0
	for _, l := range quarters.Lines {
		sum += l.Offered
	}
	if err != nil || sum != got.Offered {
		t.Errorf("intervals hold %d of %d calls, %v", sum, got.Offered, err)
	}
	calls, _, err := s.Calls(ctx, f)
	if err != nil || len(calls) != seen.placed {
		t.Errorf("%d rows of %d calls, %v", len(calls), seen.placed, err)
	}
	states, _, err := s.AgentStates(ctx, records.Filter{From: from, To: to, Agent: "anna", Limit: store.MaxPage})
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(states); i++ {
		if states[i].At != states[i-1].At.Add(states[i-1].Length) {
			t.Errorf("gap or overlap between %+v and %+v", states[i-1], states[i])
		}
	}
	lines, err := s.QueueLog(ctx, f)
	if err != nil {
		t.Fatal(err)
	}
	events := map[string]int{}
	for _, l := range lines {
		e, err := records.ParseEntry(l)
		if err != nil {
			t.Fatal(err)
		}
		events[e.Event]++
	}
	if events["ENTERQUEUE"] != got.Offered || events["CONNECT"] != got.Answered || events["ABANDON"] != gone ||
		events["COMPLETECALLER"]+events["COMPLETEAGENT"] != got.Answered || events["ADDMEMBER"] != 2 {
		t.Errorf("queue_log %v; figures %+v", events, got)
	}
}

func TestPeriods(t *testing.T) {
	cfg := config.Default().Statistics
	cfg.TimeZone, cfg.DayStart = "Europe/Berlin", "06:00"
	s := statistics{today: &today{days: daysOf(cfg)}, cfg: cfg}
	for _, c := range []struct{ from, to, begin, end string }{
		{"2026-03-02", "", "2026-03-02T06:00:00+01:00", "2026-03-03T06:00:00+01:00"},
		{"2026-03-28", "2026-03-28", "2026-03-28T06:00:00+01:00", "2026-03-29T06:00:00+02:00"},
		{"2026-03-02T15:04", "2026-03-02 16:00:01", "2026-03-02T15:04:00+01:00", "2026-03-02T16:00:01+01:00"},
		{"2026-03-02T15:04:05Z", "2026-03-03", "2026-03-02T16:04:05+01:00", "2026-03-04T06:00:00+01:00"},
	} {
		begin, end, err := s.Period(c.from, c.to)
		if err != nil || begin.In(s.today.days.Zone).Format(time.RFC3339) != c.begin || end.In(s.today.days.Zone).Format(time.RFC3339) != c.end {
			t.Errorf("%s to %s: %s to %s, %v", c.from, c.to, begin, end, err)
		}
	}
	for _, c := range [][2]string{{"2026-03-02", "2026-03-01"}, {"soon", ""}, {"2020-01-01", "2026-01-01"}, {strings.Repeat("9", 40), ""}} {
		if _, _, err := s.Period(c[0], c[1]); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", c, err)
		}
	}
}
