package ici

import (
	"context"
	"strconv"
	"strings"
	"time"

	"strowger/switch/callmodel"
)

// MaxRecordings is how many recordings one answer lists, whatever a CRM asks for.
const MaxRecordings = 500

// Recordings finds the recordings of calls that are over.
type Recordings interface {
	// Find returns what fits, newest first. Errors are those of package fault.
	Find(ctx context.Context, q RecordingQuery) ([]CallRecording, error)
}

// RecordingQuery says what is looked for. Empty fields do not filter.
type RecordingQuery struct {
	By    string // who asks, for the audit trail
	Call  callmodel.CallID
	Conn  callmodel.ConnID // instead of Call: a party's part in a call that is over
	Agent callmodel.AgentID
	From  time.Time // of their start
	To    time.Time
	Path  string // part of the file's path, in any case
	Name  string // the same again
	Limit int    // 1 to MaxRecordings
}

// UseRecordings tells a server where recordings are found; without it there are
// none. Call it before Start.
func (s *Server) UseRecordings(r Recordings) { s.recordings = r }

// callRecordings lists files of recordings (9.1.5).
func (s *Server) callRecordings(ctx context.Context, req *Request, p *CallRecordingQuery) (Reply, error) {
	q, err := readRecordingQuery(p)
	if err != nil {
		return nil, err
	}
	out := &CallRecordings{}
	if s.recordings == nil {
		return out, nil
	}
	view, err := s.sw.View(ctx)
	if err != nil {
		return nil, err
	}
	if !q.Conn.IsZero() { // of a call that goes on, or else of one on record
		for _, c := range view.Calls {
			if c.Conn(q.Conn) != nil {
				q.Call, q.Conn = c.ID, callmodel.ConnID{}
			}
		}
	}
	q.By = by(req).By
	if out.List, err = s.recordings.Find(ctx, q); err != nil {
		return nil, err
	}
	if len(out.List) == MaxRecordings {
		s.log.Warn("ici: there may be more recordings than one answer lists", "listed", MaxRecordings, "by", q.By)
	}
	for i := range out.List {
		if p.CallHandle != "" {
			out.List[i].CallHandle = p.CallHandle
		}
	}
	return out, nil
}

func readRecordingQuery(p *CallRecordingQuery) (RecordingQuery, error) {
	q := RecordingQuery{
		Agent: callmodel.AgentID(strings.ToLower(p.UserID)), Limit: MaxRecordings,
		Path: strings.ReplaceAll(p.FilePath, `\`, "/"), Name: p.FileName,
	}
	malformed := func(format string, args ...any) (RecordingQuery, error) {
		return q, Refuse(ServiceSystem, Malformed(ServiceSystem), format, args...)
	}
	if p.CallHandle != "" {
		id, err := callmodel.ParseID(p.CallHandle)
		if err != nil || len(p.CallHandle) != 2*len(id) {
			return malformed("callHandle %q: a handle has 32 hexadecimal digits", short(p.CallHandle))
		}
		q.Conn = callmodel.ConnID{ID: id}
	}
	for _, t := range []struct {
		name, text string
		to         *time.Time
	}{{"dateTimeFrom", p.DateTimeFrom, &q.From}, {"dateTimeTo", p.DateTimeTo, &q.To}} {
		at, ok := parseTime(t.text)
		if !ok {
			return malformed("%s %q is no time; write YYYY-MM-DD HH:MM:SS, in UTC", t.name, short(t.text))
		}
		*t.to = at
	}
	if p.MaxHits != "" {
		n, err := strconv.Atoi(p.MaxHits)
		if err != nil || n < 1 {
			return malformed("maxhits %q is no number above 0", short(p.MaxHits))
		}
		q.Limit = min(n, MaxRecordings)
	}
	return q, nil
}
