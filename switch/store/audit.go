package store

import (
	"context"
	"database/sql"
	"math"
	"time"

	"strowger/switch/fault"
)

// Outcomes of an [Action] that are no kind of refusal.
const (
	// AuditAsked: it was about to be done; nothing more is known yet.
	AuditAsked = "asked"
	// AuditUnknown: the controller ended before the outcome was known.
	AuditUnknown = "unknown"
)

// Action is one forced action: who did what to whom, and what came of it.
type Action struct {
	ID        string    // the key; ids of later actions are greater
	Time      time.Time // stored in microseconds
	Who       string
	Role      string
	Operation string
	Subject   string
	Agent     string // whose line it was
	Detail    string
	Outcome   string // [AuditAsked], [AuditUnknown], accepted, or the kind of the refusal
	Reason    string
}

// ActionFilter selects actions. Empty fields do not filter.
type ActionFilter struct {
	Limit     int    // 1 to [MaxList]; 100 if 0
	Before    string // id: only older ones
	From, To  time.Time
	Who       string
	Agent     string
	Operation string
}

const maxActionText = 1024

// SaveActions writes actions. One that is there already gets a known outcome,
// and else stays as it is, so the same may be written again. Texts that are
// too long are cut. Errors: Invalid, Unavailable, Stopped.
func (s *Store) SaveActions(ctx context.Context, list []Action) error {
	const op = "store: save actions"
	for _, a := range list {
		if a.ID == "" || len(a.ID) > maxText || !plainText(a.ID) || a.Time.IsZero() {
			return fault.New(fault.Invalid, op, clip(a.ID, maxText), "an action has an id and a time")
		}
	}
	return s.update(ctx, op, "", func(ctx context.Context, t *tx) error {
		for _, a := range list {
			if err := t.put(ctx, `INSERT INTO audit (id, started_us, who, role, operation, subject, agent_id, detail, outcome, reason)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
				ON CONFLICT (id) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason
				WHERE audit.outcome = '`+AuditAsked+`' OR (audit.outcome = '`+AuditUnknown+`' AND excluded.outcome <> '`+AuditAsked+`')`,
				a.ID, micros(a.Time), clip(a.Who, maxText), clip(a.Role, maxText), clip(a.Operation, maxText), clip(a.Subject, maxText),
				clip(a.Agent, maxText), clip(a.Detail, maxActionText), clip(a.Outcome, maxText), clip(a.Reason, maxActionText)); err != nil {
				return err
			}
		}
		return nil
	})
}

// LoseActions gives every action that was only asked for the outcome
// [AuditUnknown]: whoever asked for it has ended.
func (s *Store) LoseActions(ctx context.Context) error {
	return s.update(ctx, "store: lose actions", "", func(ctx context.Context, t *tx) error {
		return t.exec(ctx, `UPDATE audit SET outcome = ?, reason = ? WHERE outcome = ?`, AuditUnknown, "the controller ended before the outcome was known", AuditAsked)
	})
}

// ListActions returns actions, the newest first. Errors: Invalid for a limit
// out of bounds, Unavailable, Stopped.
func (s *Store) ListActions(ctx context.Context, f ActionFilter) ([]Action, error) {
	const op = "store: list actions"
	limit, err := checkLimit(op, f.Limit)
	if err != nil {
		return nil, err
	}
	from, to := micros(f.From), int64(math.MaxInt64)
	if !f.To.IsZero() {
		to = micros(f.To)
	}
	return query(ctx, s, op, scanAction, `SELECT id, started_us, who, role, operation, subject, agent_id, detail, outcome, reason FROM audit
		WHERE started_us >= ?1 AND started_us < ?2 AND (?3 = '' OR id < ?3) AND (?4 = '' OR who = ?4) AND (?5 = '' OR agent_id = ?5)
		AND (?6 = '' OR operation = ?6) ORDER BY id DESC LIMIT ?7`,
		from, to, f.Before, f.Who, f.Agent, f.Operation, limit)
}

func scanAction(rows *sql.Rows) (a Action, err error) {
	var at int64
	err = rows.Scan(&a.ID, &at, &a.Who, &a.Role, &a.Operation, &a.Subject, &a.Agent, &a.Detail, &a.Outcome, &a.Reason)
	a.Time = fromMicros(at)
	return a, err
}
