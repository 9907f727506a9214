package watch

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// script is a switch that gives subscriptions and refusals in turn, the last
// one for ever.
type script struct {
	port.Switch
	watches []any // *feed or error
	views   int
}

func (s *script) Watch(context.Context, string) (*callmodel.View, port.Subscription, error) {
	next := s.watches[0]
	if len(s.watches) > 1 {
		s.watches = s.watches[1:]
	}
	if err, refused := next.(error); refused {
		return nil, nil, err
	}
	return &callmodel.View{}, next.(*feed), nil
}

func (s *script) View(context.Context) (*callmodel.View, error) {
	if s.views++; s.views == 1 {
		return nil, fault.New(fault.Busy, "view", "", "not now")
	}
	return &callmodel.View{}, nil
}

// feed gives its batches and then its error; without one it waits for ctx.
type feed struct {
	batches [][]port.Stamped
	err     error
	closed  int
}

func (f *feed) Next(ctx context.Context) ([]port.Stamped, error) {
	if len(f.batches) > 0 {
		b := f.batches[0]
		f.batches = f.batches[1:]
		return b, nil
	}
	if f.err == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return nil, f.err
}

func (f *feed) Close() { f.closed++ }

func batch(kinds ...callmodel.EventKind) (out []port.Stamped) {
	for _, k := range kinds {
		out = append(out, port.Stamped{Event: callmodel.Event{Kind: k}})
	}
	return out
}

// TestFollower: it begins again after an overrun and after refusals, tells of
// it, and ends with the switch.
func TestFollower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		first := &feed{batches: [][]port.Stamped{batch(callmodel.EvConfigChanged, callmodel.EvQueued), batch(callmodel.EvConfigChanged)}, err: fault.New(fault.Overrun, "next", "", "too slow")}
		second := &feed{batches: [][]port.Stamped{batch(callmodel.EvCallEnded)}, err: fault.New(fault.Stopped, "next", "", "over")}
		sw := &script{watches: []any{fault.New(fault.Busy, "watch", "", "too many"), fault.New(fault.Busy, "watch", "", "too many"), second, fault.New(fault.Stopped, "watch", "", "over")}}
		seen, configured, synced := "", 0, 0
		f := &Follower{
			Switch: sw, Name: "test", Log: slog.New(slog.NewTextHandler(&log, nil)),
			Apply:       func(e *port.Stamped) { seen += e.Kind.String() + " " },
			Configured:  func(*callmodel.View) { configured++ },
			Interrupted: func(err error) { seen += fault.KindOf(err).String() + " " },
			Sync:        func(*callmodel.View) { synced++; seen += "sync " },
		}
		f.Run(t.Context(), first)
		if want := "ConfigChanged Queued ConfigChanged overrun sync CallEnded stopped "; seen != want {
			t.Errorf("seen %q, want %q", seen, want)
		}
		if configured != 1 || synced != 1 || first.closed != 1 || second.closed != 1 {
			t.Errorf("configured %d, synced %d, closed %d and %d", configured, synced, first.closed, second.closed)
		}
		if s := &f.Stats; s.Events.Load() != 4 || s.Overruns.Load() != 1 || s.Watches.Load() != 1 || !s.Deaf.Load() {
			t.Errorf("events %d, overruns %d, watches %d, deaf %v", s.Events.Load(), s.Overruns.Load(), s.Watches.Load(), s.Deaf.Load())
		}
		for _, want := range []string{"test: the new configuration could not be read", "test: the switch's events were interrupted", "test: the switch has stopped"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log lacks %q:\n%s", want, log.String())
			}
		}
	})
}

// TestFollowerEnds: with its context, while it reads and while it waits to begin again.
func TestFollowerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, first := range []*feed{{}, {err: fault.New(fault.Overrun, "next", "", "too slow")}} {
			ctx, cancel := context.WithCancel(t.Context())
			f := &Follower{
				Switch: &script{watches: []any{fault.New(fault.Busy, "watch", "", "too many")}}, Name: "test", Log: slog.New(slog.DiscardHandler),
				Apply: func(*port.Stamped) {}, Sync: func(*callmodel.View) {},
			}
			done := make(chan struct{})
			go func() { defer close(done); f.Run(ctx, first) }()
			synctest.Wait()
			cancel()
			<-done
			if first.closed != 1 {
				t.Errorf("closed %d times", first.closed)
			}
		}
	})
}
