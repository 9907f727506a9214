package controller

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/cmd/strowger/internal/config"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/objects"
	"strowger/switch/sim"
)

// logText is a log that may be read while it is written.
type logText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// site is a controller whose objects come from a file, and its log.
type site struct {
	*Controller
	log *logText
}

func startSite(t *testing.T, dir, file string) (site, error) {
	t.Helper()
	cfg := config.Default()
	cfg.Store.URL, cfg.Store.JournalDir = "sqlite:"+filepath.Join(dir, "s.db"), filepath.Join(dir, "journal")
	cfg.HTTP.Listen, cfg.HTTP.Socket, cfg.ICI.Enabled = "", filepath.Join(dir, "s.sock"), false
	if file != "" {
		cfg.Objects = filepath.Join(dir, "objects.yaml")
		if err := os.WriteFile(cfg.Objects, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := site{log: &logText{}}
	ex := sim.New(sim.Options{Node: "sim"})
	t.Cleanup(ex.Stop)
	var err error
	if s.Controller, err = New(Options{Config: cfg, Version: "test", Simulated: detached{ex}, Logger: slog.New(slog.NewTextHandler(s.log, nil))}); err != nil {
		t.Fatal(err)
	}
	return s, s.Start(t.Context())
}

func (s site) queues(t *testing.T) map[string]callmodel.Queue {
	t.Helper()
	v, err := s.engine.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]callmodel.Queue{}
	for _, q := range v.Queues {
		out[string(q.ID)] = *q
	}
	return out
}

func TestObjectsOfTheFirstStart(t *testing.T) {
	dir := t.TempDir()
	s, err := startSite(t, dir, testObjects)
	if err != nil {
		t.Fatal(err)
	}
	if q := s.queues(t); len(q) != 1 || q["sales"].Number != 1 || s.objects.version != 1 {
		t.Fatalf("queues %+v, version %d", q, s.objects.version)
	}
	if text := s.log.String(); strings.Count(text, `msg="configuration objects in force" version=1 queues=1 agents=1`) != 1 || strings.Count(text, "\n") > 6 {
		t.Errorf("the log of a start:\n%s", text)
	}
	more := "queues:\n  - {id: extra, number: 601}\n"
	result, err := s.objects.Apply(t.Context(), objects.Apply{YAML: []byte(more), By: "anna"})
	if err != nil || result.Version != 2 || result.Diff.Created != 1 {
		t.Fatalf("%+v %v", result, err)
	}
	if q := s.queues(t); q["extra"].Number != 2 {
		t.Errorf("the switch did not follow: %+v", q)
	}
	if result, err := s.objects.Apply(t.Context(), objects.Apply{YAML: []byte(more), By: "anna"}); err != nil || result.Version != 2 || !result.Diff.Empty() {
		t.Errorf("the same again: %+v %v", result, err)
	}
	s.Stop(context.Background())

	s, err = startSite(t, dir, testObjects)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.queues(t)) != 2 || strings.Count(s.log.String(), "differs from what is in force: run 'strowger apply -f ") != 1 {
		t.Errorf("the database must be the truth, and the log tell of the difference:\n%s", s.log)
	}
	versions, err := s.store.ObjectVersions(t.Context(), 0, 0)
	if err != nil || len(versions) != 2 || versions[0].By != "anna" || versions[1].By != byFirstStart || !strings.Contains(string(versions[0].Diff), `"extra"`) {
		t.Errorf("records %+v %v", versions, err)
	}
	if _, err := s.objects.Apply(t.Context(), objects.Apply{YAML: []byte("queues: [{id: sales, number: 600}]"), Prune: true, By: "anna"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.objects.Apply(t.Context(), objects.Apply{YAML: []byte("queues: [{id: new, number: 601}]"), By: "anna"}); err != nil {
		t.Fatal(err)
	}
	if n := s.queues(t)["new"].Number; n != 3 {
		t.Errorf("the number of a removed queue was given again: %d", n)
	}
	s.Stop(context.Background())

	s, err = startSite(t, dir, "queues: [{id: broken}]\n")
	if err != nil {
		t.Fatal("a broken file is of no matter any more:", err)
	}
	if !strings.Contains(s.log.String(), "is not valid; the objects in the database stay in force") {
		t.Errorf("nothing was said:\n%s", s.log)
	}
	s.Stop(context.Background())
}

func TestFirstStartWithABrokenFile(t *testing.T) {
	s, err := startSite(t, t.TempDir(), "queues: [{id: broken}]\n")
	var ps objects.Problems
	if !errors.As(err, &ps) || !strings.Contains(ps.Error(), "queues[0].number: missing") {
		t.Errorf("got %v", err)
	}
	s.Stop(context.Background())
	if s, err = startSite(t, t.TempDir(), ""); err != nil {
		t.Fatal("no objects are no error:", err)
	}
	s.Stop(context.Background())
}

func TestApplyAllOrNothing(t *testing.T) {
	s, err := startSite(t, t.TempDir(), testObjects)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	before, err := s.objects.Get(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for text, kind := range map[string]fault.Kind{
		"queues:\n  - {id: good, number: 700}\n  - {id: bad, number: 600}\n": fault.Invalid, "queues: [": fault.Invalid,
	} {
		if _, err := s.objects.Apply(t.Context(), objects.Apply{YAML: []byte(text), By: "anna"}); !fault.Is(err, kind) {
			t.Errorf("%q: %v", text, err)
		}
	}
	good := []byte("queues: [{id: good, number: 700}]")
	if _, err := s.objects.Apply(t.Context(), objects.Apply{YAML: good, Expect: 7}); !fault.Is(err, fault.Conflict) {
		t.Errorf("another version was expected: %v", err)
	}
	if r, err := s.objects.Apply(t.Context(), objects.Apply{YAML: good, DryRun: true}); err != nil || !r.DryRun || r.Diff.Created != 1 {
		t.Errorf("%+v %v", r, err)
	}
	after, err := s.objects.Get(t.Context(), nil, nil)
	if err != nil || after.YAML != before.YAML || after.Version != before.Version {
		t.Errorf("something was changed: %+v %v", after, err)
	}
	if r, err := s.objects.Apply(t.Context(), objects.Apply{YAML: good, Expect: before.Version}); err != nil || r.Version != before.Version+1 {
		t.Errorf("%+v %v", r, err)
	}
	if _, err := s.objects.Get(t.Context(), []objects.Kind{objects.KindQueue}, []string{"god"}); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	<-s.objects.turn
	cancel()
	if _, err := s.objects.Apply(ctx, objects.Apply{YAML: good}); !fault.Is(err, fault.Stopped) {
		t.Errorf("whoever goes away does not wait: %v", err)
	}
	s.objects.turn <- struct{}{}
}

// TestConcurrentApplies: one change is laid over the other, and none is lost;
// whoever expects a version that has passed is refused. A second service on
// the same database stands for another program.
func TestConcurrentApplies(t *testing.T) {
	s, err := startSite(t, t.TempDir(), testObjects)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	other, err := newObjects(t.Context(), s.store, limits{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Apply(t.Context(), objects.Apply{YAML: []byte("queues: [{id: by-other, number: 900}]")}); err != nil {
		t.Fatal(err)
	}
	const each = 10
	var wg sync.WaitGroup
	for i := range each {
		wg.Go(func() {
			text := fmt.Sprintf("queues: [{id: q%d, number: %d}]", i, 700+i)
			if _, err := s.objects.Apply(t.Context(), objects.Apply{YAML: []byte(text), By: "anna"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if q := s.queues(t); len(q) != each+2 || s.objects.version != each+2 {
		t.Errorf("%d queues, version %d", len(q), s.objects.version)
	}
	won := 0
	version := s.objects.version
	var mu sync.Mutex
	for i := range each {
		wg.Go(func() {
			text := fmt.Sprintf("queues: [{id: sales, number: 600, wrap_up: %ds}]", 20+i)
			_, err := s.objects.Apply(t.Context(), objects.Apply{YAML: []byte(text), Expect: version})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case !fault.Is(err, fault.Conflict):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d have won", won)
	}
}

// TestApplyLeavesCallsAlone removes the queue of a call that is up.
func TestApplyLeavesCallsAlone(t *testing.T) {
	dir, ex := t.TempDir(), sim.New(sim.Options{Node: "sim"})
	defer ex.Stop()
	c := simulated(t, dir, ex)
	defer c.Stop(context.Background())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, sub, err := c.engine.Watch(ctx, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	if err := ex.WaitLink(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := ex.Place("600", sim.Caller{Number: "+4917055501"}); err != nil {
		t.Fatal(err)
	}
	next := func(kind callmodel.EventKind) {
		for {
			events, err := sub.Next(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				if e.Kind == kind {
					return
				}
			}
		}
	}
	next(callmodel.EvQueued)
	if _, err := c.objects.Apply(ctx, objects.Apply{YAML: []byte("queues: [{id: other, number: 601}]\nagents: []"), Prune: true}); err != nil {
		t.Fatal(err)
	}
	next(callmodel.EvConfigChanged)
	v, err := c.engine.View(ctx)
	if err != nil || len(v.Calls) != 1 {
		t.Fatalf("%d calls %v", len(v.Calls), err)
	}
	for _, call := range v.Calls {
		if call.Queue != "sales" {
			t.Errorf("the call was disturbed: %+v", call)
		}
	}
}
