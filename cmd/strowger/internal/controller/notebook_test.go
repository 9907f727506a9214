package controller

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"strowger/switch/fault"
	"strowger/switch/store"
)

// awayUntil takes incidents from a moment on.
type awayUntil struct {
	mu    sync.Mutex
	from  time.Time
	taken []string
}

func (a *awayUntil) AddIncident(_ context.Context, i store.Incident) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Now().Before(a.from) {
		return fault.New(fault.Unavailable, "test", "", "away")
	}
	a.taken = append(a.taken, i.Text)
	return nil
}

func TestNotebookStoresWhatHappenedWhileTheDatabaseWasAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &awayUntil{from: time.Now().Add(time.Minute)}
		n := newNotebook(db, slog.New(slog.DiscardHandler))
		for i := range 5 {
			n.note("journal", fmt.Sprint("number ", i))
		}
		if got := n.Recent(2); len(got) != 2 || got[0].Reason != "journal: number 4" || got[1].Reason != "journal: number 3" {
			t.Errorf("shown: %+v", got)
		}
		<-time.After(2 * time.Minute) // fake time
		synctest.Wait()
		if got := fmt.Sprint(db.taken); got != "[number 0 number 1 number 2 number 3 number 4]" {
			t.Errorf("stored: %s", got)
		}
		n.note("journal", "last")
		if err := n.close(t.Context()); err != nil || len(db.taken) != 6 {
			t.Errorf("%v, stored %v", err, db.taken)
		}
	})
}

func TestNotebookIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNotebook(&awayUntil{from: time.Now().Add(time.Hour)}, slog.New(slog.DiscardHandler))
		for i := range 3 * incidentsKept {
			n.note("journal", fmt.Sprint(i))
		}
		if len(n.Recent(10*incidentsKept)) != incidentsKept || len(n.wait) > notesWaiting {
			t.Errorf("%d shown, %d wait", len(n.Recent(10*incidentsKept)), len(n.wait))
		}
		if err := n.close(t.Context()); err != nil { // the database is still away: it does not hang
			t.Error(err)
		}
	})
}
