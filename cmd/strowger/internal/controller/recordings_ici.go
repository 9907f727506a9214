package controller

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"strowger/cti/ici"
	"strowger/switch/fault"
	"strowger/switch/records"
	"strowger/switch/store"
	"strowger/switch/store/trail"
)

// opFindRecordings is the operation's name in the audit trail.
const opFindRecordings = "ici-get-call-recordings"

// recordingFinder finds recordings for the ICI interface. Each question is
// written down: the interface knows no persons, so this tells who has asked.
type recordingFinder struct {
	store *store.Store
	trail *trail.Trail
	log   *slog.Logger
}

// Find implements ici.Recordings.
func (f recordingFinder) Find(ctx context.Context, q ici.RecordingQuery) ([]ici.CallRecording, error) {
	note := store.Action{Time: time.Now(), Who: q.By, Operation: opFindRecordings, Subject: subjectOf(q), Agent: string(q.Agent)}
	id, err := f.trail.Begin(ctx, note)
	if err != nil {
		return nil, err
	}
	list, err := f.find(ctx, q)
	note.ID, note.Outcome = id, "accepted"
	if err != nil {
		note.Outcome, note.Reason = fault.KindOf(err).String(), fault.ReasonOf(err)
	}
	if endErr := f.trail.End(ctx, note); endErr != nil {
		f.log.Warn("ici: the outcome of a question for recordings was not written down", "error", endErr)
	}
	return list, err
}

// subjectOf names what is looked for, for the audit trail.
func subjectOf(q ici.RecordingQuery) string {
	switch {
	case !q.Call.IsZero():
		return q.Call.String()
	case !q.Conn.IsZero():
		return q.Conn.Hex()
	}
	return strings.TrimSpace(q.Path + " " + q.Name)
}

func (f recordingFinder) find(ctx context.Context, q ici.RecordingQuery) ([]ici.CallRecording, error) {
	filter := store.RecordingFilter{
		Limit: min(q.Limit, store.MaxList), AgentID: string(q.Agent), State: store.RecordingSaved, Since: q.From, Until: q.To, Path: q.Path, Name: q.Name,
	}
	if !q.Call.IsZero() {
		filter.CallID = q.Call.String()
	}
	if !q.Conn.IsZero() {
		call, err := f.store.CallOf(ctx, q.Conn.Hex())
		if fault.Is(err, fault.NotFound) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		filter.CallID = call
	}
	rows, err := f.store.ListRecordings(ctx, filter)
	if err != nil {
		return nil, err
	}
	out := make([]ici.CallRecording, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		found := ici.CallRecording{
			CreationTime: r.Stored, StartTime: r.Started, EndTime: r.Ended, Source: r.Caller, Destination: r.Dialled, FileName: r.File,
		}
		if len(r.Agents) > 0 {
			found.UserID = r.Agents[0]
			parts, _, err := f.store.Segments(ctx, records.Filter{Call: r.CallID, Agent: r.Agents[0], Limit: 1})
			if err != nil {
				return nil, err
			}
			if len(parts) > 0 {
				found.CallHandle = parts[0].Conn
			}
		}
		out = append(out, found)
	}
	return out, nil
}

var _ ici.Recordings = recordingFinder{}
