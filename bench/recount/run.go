package recount

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"strowger/bench/report"
	"strowger/bench/rig"
	"strowger/bench/sipp"
	"strowger/cti/rest"
)

// Options say what to count again.
type Options struct {
	rig.Host
	Calls int // a tenth of them only goes into a menu
	Rate  int // calls per second
}

// Caller numbers tell where a caller has called.
const (
	queuePrefix = "4930"
	menuPrefix  = "4931"
	menuNumber  = "601"
	agents      = 60
)

// objects: few agents for many callers, so that some are answered at once,
// some wait, and some give up.
const objects = `queues:
  - {id: bench, number: "` + rig.OurNumber + `", answer: treatment, wrap_up: 100ms, ring_timeout: 2s, service_level: 1s}
ivrs:
  - id: menu
    number: "` + menuNumber + `"
    nodes:
      - {id: start, kind: menu, prompts: ["sound:demo-congrats"], first_digit: 1m, choices: [{digits: "1", next: "queue:bench"}]}
`

// Run places calls of random callers to random agents and holds the
// controller's records against Asterisk's own file of channel events.
func Run(ctx context.Context, o Options, book *report.Book) error {
	set := rig.Options{Host: o.Host, Name: "recount", Agents: agents, Random: true, Objects: objects}
	return rig.With(ctx, set, func(r *rig.Rig) error {
		began := time.Now()
		if err := load(ctx, r, o); err != nil {
			return err
		}
		took := time.Since(began)
		rows, err := rowsOf(ctx, r, o)
		if err != nil {
			return err
		}
		seen, err := witnessOf(r.Asterisk.CELPath())
		if err != nil {
			return err
		}
		diff := rows.compare(seen)
		for i, line := range diff.lines {
			if i == 20 {
				o.Progress("... and %d more", len(diff.lines)-i)
				break
			}
			o.Progress("%s", line)
		}
		enter(book, rows, seen, diff, took)
		if len(diff.lines) > 0 {
			return fmt.Errorf("%d of %d calls differ between the records and the channel events; files are in %s, the events are %s", len(diff.lines), len(seen), r.Dir, r.Asterisk.CELPath())
		}
		return nil
	})
}

// load places the calls, while somebody makes agents ready again who
// did not answer, and waits until all is over and written.
func load(ctx context.Context, r *rig.Rig, o Options) error {
	target := r.Asterisk.SIPAddr()
	menu := max(o.Calls/10, 1)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	place := func(number, prefix string, calls, rate int) {
		wg.Go(func() {
			err := r.Tool.CallAtRandom(ctx, sipp.Load{Target: target, Number: number, Rate: max(rate, 1), Calls: calls}, prefix)
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
		})
	}
	place(rig.OurNumber, queuePrefix, o.Calls-menu, o.Rate-max(o.Rate/10, 1))
	place(menuNumber, menuPrefix, menu, o.Rate/10)
	loaded := make(chan struct{})
	go func() {
		wg.Wait()
		close(loaded)
	}()
	for done := false; !done; {
		if _, err := r.Controller.Mend(ctx); err != nil && ctx.Err() == nil {
			o.Progress("an agent could not be made ready: %v", err) // they have changed state meanwhile
		}
		select {
		case <-loaded:
			done = true
		case <-time.After(500 * time.Millisecond):
		}
	}
	if failed != nil {
		return failed
	}
	_, err := r.Drain(ctx)
	return err
}

// rowsOf reads the records, once those of all calls are there.
func rowsOf(ctx context.Context, r *rig.Rig, o Options) (*recorded, error) {
	limit := time.Now().Add(30 * time.Second)
	for {
		var st rest.Status
		var figures rest.Statistics
		err := errors.Join(r.Controller.Call(ctx, http.MethodGet, "/api/v1/status", nil, &st),
			r.Controller.Call(ctx, http.MethodGet, "/api/v1/statistics?from=today&to=now&by=queue", nil, &figures))
		if err != nil {
			return nil, err
		}
		if st.Counts.Calls == 0 && len(figures.Lines) > 0 && figures.Lines[0].Waiting == 0 {
			rec, err := readRows(ctx, r)
			if err != nil || len(rec.calls) >= o.Calls || time.Now().After(limit) {
				return rec, err
			}
		}
		if time.Now().After(limit) {
			return nil, fmt.Errorf("%d calls still live 30 s after the last", st.Counts.Calls)
		}
		if err := rig.Pause(ctx, 500*time.Millisecond); err != nil {
			return nil, err
		}
	}
}
