package controller

import (
	"context"
	"log/slog"
	"time"

	"strowger/cmd/strowger/internal/config"
	"strowger/switch/fault"
	"strowger/switch/store"
)

// pruneEvery is how often rows that are too old are looked for.
const pruneEvery = 10 * time.Minute

// pruner removes what was kept for long enough, now and then.
type pruner struct {
	prune  func(ctx context.Context, now time.Time)
	cancel context.CancelFunc
	done   chan struct{}
}

func (r *pruner) start(ctx context.Context) {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.cancel, r.done = cancel, make(chan struct{})
	go func() {
		defer close(r.done)
		tick := time.NewTicker(pruneEvery)
		defer tick.Stop()
		for {
			r.prune(run, time.Now())
			select {
			case <-tick.C:
			case <-run.Done():
				return
			}
		}
	}()
}

func (r *pruner) stop(context.Context) error {
	r.cancel()
	<-r.done
	return nil
}

// retention deletes rows that were kept for long enough.
type retention struct {
	store *store.Store
	keep  config.Keep
	log   *slog.Logger
}

// prune deletes what is too old at a moment, in bounded transactions.
func (r *retention) prune(ctx context.Context, now time.Time) {
	for _, k := range []struct {
		kind string
		keep time.Duration
	}{
		{"calls", r.keep.Calls},
		{"segments", r.keep.Segments},
		{"agent-states", r.keep.AgentStates},
		{"attempts", r.keep.Attempts},
		{"dispositions", r.keep.Dispositions},
		{"audit", r.keep.Audit},
	} {
		total := 0
		for n := store.MaxPage; k.keep > 0 && n == store.MaxPage; {
			var err error
			if n, err = r.store.Prune(ctx, k.kind, now.Add(-k.keep)); err != nil {
				if !fault.Is(err, fault.Stopped) {
					r.log.Warn("old records could not be deleted", "kind", k.kind, "error", err)
				}
				return
			}
			total += n
		}
		if total > 0 {
			r.log.Info("old records were deleted", "kind", k.kind, "rows", total)
		}
	}
}
