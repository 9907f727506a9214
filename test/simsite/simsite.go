package simsite

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
	"strowger/switch/sim"
	"strowger/switch/store/journal"
)

// Patience is how long a test waits for what should come at once.
const Patience = 20 * time.Second

// Start runs a switch with that configuration on an exchange, which is made as
// opt says and furnished before it runs; furnish may be nil.
func Start(t *testing.T, cfg *callmodel.Config, opt sim.Options, furnish func(*sim.Exchange)) (*sim.Exchange, *engine.Engine) {
	t.Helper()
	log, _, err := journal.Open(t.TempDir(), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	later(t, "journal", func(context.Context) error { return log.Close() })
	ex := sim.New(opt)
	eng := engine.New(engine.Config{Router: acd.Router{}, Journal: log, Effector: ex, Logger: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))})
	if err := eng.Start(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	later(t, "engine", eng.Stop)
	t.Cleanup(func() {
		if n := eng.Stats().Panics; n > 0 {
			t.Errorf("%d inputs broke the model", n)
		}
	})
	if furnish != nil {
		furnish(ex)
	}
	if err := ex.Start(t.Context(), eng); err != nil {
		t.Fatal(err)
	}
	later(t, "exchange", func(context.Context) error { ex.Stop(); return nil })
	return ex, eng
}

// Serve starts an adapter's server on the switch, and waits until the exchange
// is in step.
func Serve(t *testing.T, eng *engine.Engine, srv ctitest.Server) {
	t.Helper()
	if err := srv.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	later(t, "server", srv.Stop)
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	view, sub, err := eng.Watch(ctx, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	for ready := len(view.Nodes) > 0 && view.Nodes[0].Up; !ready; {
		batch, err := sub.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for i := range batch {
			ready = ready || batch[i].Kind == callmodel.EvNodeUp
		}
	}
}

func later(t *testing.T, what string, stop func(context.Context) error) {
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		if err := stop(ctx); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	})
}
