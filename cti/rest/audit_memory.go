package rest

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// maxAudit is how many entries are kept where no Trail is given.
const maxAudit = 1000

// memoryTrail is a Trail that forgets with its process.
type memoryTrail struct {
	mu   sync.Mutex
	n    uint64
	list []AuditEntry // the oldest first
}

func (m *memoryTrail) Begin(_ context.Context, e AuditEntry) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.n++
	e.ID = fmt.Sprintf("%020d", m.n)
	if len(m.list) == maxAudit {
		m.list = append(m.list[:0], m.list[1:]...)
	}
	m.list = append(m.list, e)
	return e.ID, nil
}

func (m *memoryTrail) End(_ context.Context, e AuditEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.list {
		if m.list[i].ID == e.ID {
			m.list[i] = e
		}
	}
	return nil
}

func (m *memoryTrail) List(_ context.Context, f AuditFilter) ([]AuditEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []AuditEntry
	for i := len(m.list) - 1; i >= 0 && len(out) < f.Limit; i-- {
		if e := m.list[i]; f.fits(&e) {
			out = append(out, e)
		}
	}
	return out, nil
}

func (f AuditFilter) fits(e *AuditEntry) bool {
	in := func(t time.Time) bool {
		return (f.From.IsZero() || !t.Before(f.From)) && (f.To.IsZero() || t.Before(f.To))
	}
	return (f.Before == "" || e.ID < f.Before) && in(e.Time) && (f.By == "" || e.By == f.By) && (f.Agent == "" || e.Agent == f.Agent) &&
		(f.Operation == "" || e.Operation == f.Operation)
}
