package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"strings"
	"time"

	"strowger/switch/fault"
)

// States of a [Recording].
const (
	RecordingSaved   = "saved"   // the file is there
	RecordingFailed  = "failed"  // nothing was ever recorded
	RecordingLost    = "lost"    // there was a file once, and it could not be had
	RecordingDeleted = "deleted" // its time is over, or somebody has deleted it
)

// Recording is the row of one recording of a conversation.
type Recording struct {
	ID         string // ULID, the key
	CallID     string // ULID
	CallNumber int64
	Node       string
	QueueID    string
	Agents     []string // who talked
	Caller     string
	Dialled    string
	Channels   int // 1 or 2
	Parts      int
	ByRule     bool
	AskedBy    string
	Started    time.Time // stored in microseconds, as all times
	Ended      time.Time
	Duration   time.Duration // of the file; stored in milliseconds
	Bytes      int64
	SHA256     string // hexadecimal, of the file
	File       string // relative to the folder of recordings, with slashes
	State      string
	Reason     string // where it is not saved
	Repaired   bool   // the header was put right after a crash
	Pauses     []Span // silent in the file
	Gaps       []Span // not in the file
	Stored     time.Time
	KeepUntil  time.Time // zero: for ever
	Deleted    time.Time
}

// Span is a stretch of a recording.
type Span struct {
	From   time.Time
	To     time.Time
	Reason string
	By     string
}

type spanRow struct {
	From   int64  `json:"from"`
	To     int64  `json:"to"`
	Reason string `json:"reason,omitempty"`
	By     string `json:"by,omitempty"`
}

// maxSpans bounds the lists of a row.
const maxSpans = 256

// RecordingFilter selects recordings. Empty fields do not filter.
type RecordingFilter struct {
	Limit   int             // 1 to [MaxList]; 100 if 0
	Before  RecordingCursor // older than this; zero for the newest
	CallID  string
	QueueID string
	AgentID string
	State   string
	Since   time.Time
	Until   time.Time // started before it
	Path    string    // part of File, in any case
	Name    string    // the same again
	Due     time.Time // only what is saved and to be deleted by then
}

// RecordingCursor is a place in the list of recordings, newest start first.
type RecordingCursor struct {
	Started time.Time
	ID      string
}

const recordingColumns = `id, call_id, call_number, node, queue_id, agents, caller, dialled, channels, parts, by_rule, asked_by,
	started_us, ended_us, duration_ms, bytes, sha256, file, state, reason, repaired, pauses, gaps, stored_us, keep_until_us, deleted_us`

var saveRecording = func() string {
	list := columnsOf(recordingColumns)
	var sets []string
	for _, c := range list[1:] {
		sets = append(sets, c+" = excluded."+c)
	}
	return "INSERT INTO recordings (" + strings.Join(list, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(list)-1) +
		") ON CONFLICT (id) DO UPDATE SET " + strings.Join(sets, ", ")
}()

func (r Recording) check(op string) error {
	for _, f := range []struct{ name, v string }{
		{"id", r.ID},
		{"call", r.CallID},
		{"node", r.Node},
		{"queue", r.QueueID},
		{"caller", r.Caller},
		{"dialled", r.Dialled},
		{"asked by", r.AskedBy},
		{"sha256", r.SHA256},
		{"file", r.File},
		{"state", r.State},
		{"reason", r.Reason},
	} {
		if err := checkText(op, f.name, f.v); err != nil {
			return err
		}
	}
	switch {
	case r.ID == "" || r.State == "":
		return fault.New(fault.Invalid, op, r.ID, "a recording needs an id and a state")
	case len(r.Agents) > MaxRowList || len(r.Pauses) > maxSpans || len(r.Gaps) > maxSpans:
		return fault.New(fault.Invalid, op, r.ID, "a list of the recording is too long")
	case r.Duration < 0 || r.Bytes < 0:
		return fault.New(fault.Invalid, op, r.ID, "lengths are not negative")
	}
	return nil
}

// SaveRecording writes the row of a recording, or writes it again. Errors:
// Invalid, Unavailable, Stopped.
func (s *Store) SaveRecording(ctx context.Context, r Recording) error {
	const op = "store: save recording"
	if err := r.check(op); err != nil {
		return err
	}
	agents, err := json.Marshal(append([]string{}, r.Agents...))
	if err != nil {
		return fault.Wrap(fault.Internal, op, r.ID, err)
	}
	pauses, err := spanText(r.Pauses)
	if err != nil {
		return fault.Wrap(fault.Internal, op, r.ID, err)
	}
	gaps, err := spanText(r.Gaps)
	if err != nil {
		return fault.Wrap(fault.Internal, op, r.ID, err)
	}
	return s.update(ctx, op, r.ID, func(ctx context.Context, t *tx) error {
		return t.exec(ctx, saveRecording, r.ID, r.CallID, r.CallNumber, r.Node, r.QueueID, string(agents), r.Caller, r.Dialled, int64(r.Channels), int64(r.Parts),
			flag(r.ByRule), r.AskedBy, micros(r.Started), micros(r.Ended), r.Duration.Milliseconds(), r.Bytes, r.SHA256, r.File, r.State, r.Reason,
			flag(r.Repaired), pauses, gaps, micros(r.Stored), micros(r.KeepUntil), micros(r.Deleted))
	})
}

func spanText(list []Span) (string, error) {
	rows := make([]spanRow, len(list))
	for i, p := range list {
		rows[i] = spanRow{From: micros(p.From), To: micros(p.To), Reason: p.Reason, By: p.By}
	}
	b, err := json.Marshal(rows)
	return string(b), err
}

func readSpans(text string) ([]Span, error) {
	var rows []spanRow
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		return nil, err
	}
	var out []Span
	for _, p := range rows {
		out = append(out, Span{From: fromMicros(p.From), To: fromMicros(p.To), Reason: p.Reason, By: p.By})
	}
	return out, nil
}

func scanRecording(rows *sql.Rows) (Recording, error) {
	var r Recording
	var started, ended, duration, stored, keep, deleted int64
	var agents, pauses, gaps string
	err := rows.Scan(&r.ID, &r.CallID, &r.CallNumber, &r.Node, &r.QueueID, &agents, &r.Caller, &r.Dialled, &r.Channels, &r.Parts, &r.ByRule, &r.AskedBy,
		&started, &ended, &duration, &r.Bytes, &r.SHA256, &r.File, &r.State, &r.Reason, &r.Repaired, &pauses, &gaps, &stored, &keep, &deleted)
	if err != nil {
		return r, err
	}
	r.Started, r.Ended, r.Duration = fromMicros(started), fromMicros(ended), millis(duration)
	r.Stored, r.KeepUntil, r.Deleted = fromMicros(stored), fromMicros(keep), fromMicros(deleted)
	if agents != "[]" {
		if err := json.Unmarshal([]byte(agents), &r.Agents); err != nil {
			return r, fault.Wrap(fault.Internal, "store: list recordings", r.ID, err)
		}
	}
	if r.Pauses, err = readSpans(pauses); err == nil {
		r.Gaps, err = readSpans(gaps)
	}
	return r, fault.Wrap(fault.Internal, "store: list recordings", r.ID, err)
}

var listRecordings = `SELECT ` + recordingColumns + ` FROM recordings
	WHERE (started_us, id) < (?1, ?2) AND (?3 = '' OR call_id = ?3) AND (?4 = '' OR queue_id = ?4)
	AND (?5 = '' OR EXISTS (SELECT 1 FROM LIST(agents) WHERE value = ?5)) AND (?6 = '' OR state = ?6) AND started_us >= ?7
	AND (CAST(?8 AS BIGINT) = 0 OR (state = 'saved' AND keep_until_us > 0 AND keep_until_us <= ?8))
	AND started_us < ?9 AND LOWER(file) LIKE ?10 ESCAPE '\' AND LOWER(file) LIKE ?11 ESCAPE '\'
	ORDER BY started_us DESC, id DESC LIMIT ?12`

// contains is a pattern of LIKE for texts, in small letters, that have a part.
func contains(part string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.ToLower(part)) + "%"
}

// ListRecordings returns recordings, newest start first. Errors: Invalid for a
// limit out of bounds, Unavailable, Stopped.
func (s *Store) ListRecordings(ctx context.Context, f RecordingFilter) ([]Recording, error) {
	const op = "store: list recordings"
	limit, err := checkLimit(op, f.Limit)
	if err != nil {
		return nil, err
	}
	before := int64(math.MaxInt64)
	if !f.Before.Started.IsZero() {
		before = micros(f.Before.Started)
	}
	_, until := bounds(f.Since, f.Until)
	return query(ctx, s, op, scanRecording, listRecordings, before, f.Before.ID, f.CallID, f.QueueID, f.AgentID, f.State, micros(f.Since), micros(f.Due), until, contains(f.Path), contains(f.Name), limit)
}

const oneRecording = `SELECT ` + recordingColumns + ` FROM recordings WHERE id = ?1`

// Recording returns one recording. Errors: NotFound, Unavailable, Stopped.
func (s *Store) Recording(ctx context.Context, id string) (Recording, error) {
	const op = "store: recording"
	list, err := query(ctx, s, op, scanRecording, oneRecording, id)
	switch {
	case err != nil:
		return Recording{}, err
	case len(list) == 0:
		return Recording{}, fault.New(fault.NotFound, op, id, "there is no such recording")
	}
	return list[0], nil
}
