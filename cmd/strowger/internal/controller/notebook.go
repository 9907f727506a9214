package controller

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"strowger/cti/rest"
	"strowger/dialer/runner"
	"strowger/switch/fault"
	"strowger/switch/store"
)

const (
	// notesWaiting is how many incidents wait while the database is away; the log has all.
	notesWaiting = 64
	// notePause is how long the next try waits.
	notePause = 2 * time.Second
)

// notebook keeps the incidents that the model does not know of: what happens to
// journal and database. It shows the latest, and stores each as soon as the
// database takes it.
type notebook struct {
	db interface {
		AddIncident(context.Context, store.Incident) error
	}
	log  *slog.Logger
	wait chan store.Incident
	quit chan struct{}
	done chan struct{}

	mu     sync.Mutex
	latest []rest.Incident
}

func newNotebook(db interface {
	AddIncident(context.Context, store.Incident) error
}, log *slog.Logger,
) *notebook {
	n := &notebook{db: db, log: log, wait: make(chan store.Incident, notesWaiting), quit: make(chan struct{}), done: make(chan struct{})}
	go n.run()
	return n
}

// note may be called from any goroutine; it does not wait.
func (n *notebook) note(kind, text string) {
	now := time.Now()
	n.mu.Lock()
	n.latest = append(n.latest, rest.Incident{Time: now, Reason: kind + ": " + text})
	if len(n.latest) > incidentsKept {
		n.latest = n.latest[1:]
	}
	n.mu.Unlock()
	select {
	case n.wait <- store.Incident{Time: now, Kind: kind, Text: text}:
	default:
		n.log.Warn("an incident is not stored: too many wait for the database", "incident", text)
	}
}

// Recent returns the latest incidents, newest first.
func (n *notebook) Recent(limit int) []rest.Incident {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := slices.Clone(n.latest[max(0, len(n.latest)-limit):])
	slices.Reverse(out)
	return out
}

func (n *notebook) run() {
	defer close(n.done)
	for {
		select {
		case i := <-n.wait:
			if !n.store(i) {
				return
			}
		case <-n.quit:
			for { // once more what waits, without patience
				select {
				case i := <-n.wait:
					if err := n.add(i); err != nil {
						n.log.Warn("an incident is not stored", "incident", i.Text, "error", err)
						return
					}
				default:
					return
				}
			}
		}
	}
}

// store tries until the incident is stored; false when the notebook is closed meanwhile.
func (n *notebook) store(i store.Incident) bool {
	for {
		err := n.add(i)
		if err == nil {
			return true
		}
		if !fault.Retryable(err) {
			n.log.Warn("an incident is not stored", "incident", i.Text, "error", err)
			return true
		}
		t := time.NewTimer(notePause)
		select {
		case <-t.C:
		case <-n.quit:
			t.Stop()
			n.log.Warn("an incident is not stored", "incident", i.Text, "error", err)
			return false
		}
	}
}

func (n *notebook) add(i store.Incident) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return n.db.AddIncident(ctx, i)
}

func (n *notebook) close(ctx context.Context) error {
	close(n.quit)
	select {
	case <-n.done:
		return nil
	case <-ctx.Done():
		return fault.Wrap(fault.KindOf(ctx.Err()), "incidents", "", ctx.Err())
	}
}

// incidents are those of the model, those of the notebook, and those that last.
type incidents struct {
	records *recorder
	notes   *notebook
	dialer  *runner.Runner
}

// Recent returns the latest incidents, newest first.
func (i incidents) Recent(limit int) []rest.Incident {
	out := append(i.records.Recent(limit), i.notes.Recent(limit)...)
	out = append(out, overridesNow(i.dialer.All(), time.Now())...)
	slices.SortStableFunc(out, func(a, b rest.Incident) int { return b.Time.Compare(a.Time) })
	return out[:min(limit, len(out))]
}
