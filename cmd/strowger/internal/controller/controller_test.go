package controller

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"strowger/cmd/strowger/internal/config"
	"strowger/switch/callmodel"
	"strowger/switch/sim"
)

const testObjects = `queues: [{id: sales, number: 600, ring_timeout: 5s, wrap_up: 1s, max_waiting: 5}]
agents: [{id: anna, line: 101, queues: [sales], station: {endpoint: 101}}]
`

func simulated(t *testing.T, dir string, ex *sim.Exchange) *Controller {
	t.Helper()
	cfg := config.Default()
	cfg.Store.URL, cfg.Store.JournalDir = "sqlite:"+filepath.Join(dir, "s.db"), filepath.Join(dir, "journal")
	cfg.HTTP.Listen, cfg.HTTP.Socket, cfg.ICI.Enabled = "", filepath.Join(dir, "s.sock"), false
	c, err := New(Options{Config: cfg, Objects: []byte(testObjects), Version: "test", Simulated: ex})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// detached is a simulated exchange that outlives a controller.
type detached struct{ *sim.Exchange }

func (d detached) Stop() { d.Detach() }

// TestOverdueWrapUpIsRecorded: the wrap-up of a call runs out while the
// controller is down. Its timer fires in the first moment of the next start,
// and the call's row must be there all the same.
func TestOverdueWrapUpIsRecorded(t *testing.T) {
	dir, ex := t.TempDir(), sim.New(sim.Options{Node: "sim"})
	defer ex.Stop()
	ex.Phone("101", sim.PhonePolicy{Mode: sim.Answers})
	first := simulated(t, dir, ex)
	first.backend = detached{ex}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := ex.WaitLink(ctx); err != nil {
		t.Fatal(err)
	}
	if err := first.engine.Do(ctx, callmodel.SetAgentState{Agent: "anna", State: callmodel.Ready}); err != nil {
		t.Fatal(err)
	}
	leg, err := ex.Place("600", sim.Caller{Number: "+4917055501"})
	if err != nil {
		t.Fatal(err)
	}
	if err := leg.WaitTalking(ctx); err != nil {
		t.Fatal(err)
	}
	leg.Hangup()
	if err := ex.WaitEmpty(ctx); err != nil {
		t.Fatal(err)
	}
	for legs := 1; legs > 0; {
		view, err := first.engine.View(ctx)
		if err != nil || len(view.Calls) != 1 {
			t.Fatalf("the call is not in wrap-up: %v", err)
		}
		legs = 0
		for _, p := range view.Calls[0].Conns {
			if p.Leg != callmodel.LegGone {
				legs++
			}
		}
	}
	over := time.NewTimer(1100 * time.Millisecond)
	first.Stop(ctx)
	<-over.C // the wrap-up is overdue by the calendar

	second := simulated(t, dir, ex)
	defer second.Stop(context.WithoutCancel(ctx))
	view, err := second.engine.View(ctx)
	if err != nil || len(view.Calls) != 0 {
		t.Fatalf("%d calls live after the overdue timer, %v", len(view.Calls), err)
	}
	if err := second.writer.WaitProjected(ctx, view.Events); err != nil {
		t.Fatal(err)
	}
	rows, err := history{second.store}.Ended(ctx, "", "", 10)
	if err != nil || len(rows) != 1 || rows[0].Outcome != "handled" {
		t.Fatalf("rows %+v, %v; want one, handled", rows, err)
	}
}
