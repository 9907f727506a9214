package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// RecordingStore finds recordings that are over and opens their files.
type RecordingStore interface {
	// List returns recordings that are over, newest first.
	List(ctx context.Context, q RecordingQuery) ([]Recording, error)
	// Get returns one. Its error is of kind NotFound where there is none.
	Get(ctx context.Context, id string) (Recording, error)
	// Open opens the file of one.
	Open(ctx context.Context, id string) (io.ReadSeekCloser, error)
	// Verify compares the file with what was kept: Conflict where it has changed.
	Verify(ctx context.Context, id string) error
}

// RecordingQuery selects recordings. Empty fields do not.
type RecordingQuery struct {
	Call, Queue, Agent, State string
	Since                     time.Time
	Limit                     int
}

// Recording is the recording of one conversation.
type Recording struct {
	ID         string           `json:"id" doc:"ULID"`
	Call       string           `json:"call,omitempty" doc:"ULID of the call"`
	CallNumber int64            `json:"call_number,omitempty"`
	Node       string           `json:"node,omitempty"`
	Queue      string           `json:"queue,omitempty"`
	Agents     []string         `json:"agents" nullable:"false" doc:"who have talked"`
	Caller     string           `json:"caller,omitempty"`
	Dialled    string           `json:"dialled,omitempty"`
	Channels   int              `json:"channels" doc:"1, or 2: the customer left, all others right"`
	State      string           `json:"state" enum:"waiting,recording,pausing,paused,stopping,ended,saved,failed,lost,deleted" doc:"until ended it goes on; then what has become of the file"`
	Reason     string           `json:"reason,omitempty" doc:"why there is no file"`
	ByRule     bool             `json:"by_rule,omitempty" doc:"a rule of a queue or an agent began it"`
	AskedBy    string           `json:"asked_by,omitempty" doc:"who began it otherwise"`
	Parts      int              `json:"parts"`
	StartedAt  *time.Time       `json:"started_at,omitempty"`
	EndedAt    *time.Time       `json:"ended_at,omitempty"`
	Duration   float64          `json:"duration_seconds,omitempty" doc:"of the file"`
	Bytes      int64            `json:"bytes,omitempty"`
	SHA256     string           `json:"sha256,omitempty" doc:"hexadecimal, of the file"`
	Repaired   bool             `json:"repaired,omitempty" doc:"the telephony server was killed, and the file put right"`
	Pauses     []RecordingPause `json:"pauses" nullable:"false" doc:"silent in the file"`
	Gaps       []RecordingPause `json:"gaps" nullable:"false" doc:"not in the file"`
	StoredAt   *time.Time       `json:"stored_at,omitempty"`
	KeepUntil  *time.Time       `json:"keep_until,omitempty" doc:"when the file is deleted; for ever where it is left out"`
	DeletedAt  *time.Time       `json:"deleted_at,omitempty"`
}

// RecordingPause is a stretch of a recording.
type RecordingPause struct {
	From   *time.Time `json:"from,omitempty"`
	To     *time.Time `json:"to,omitempty" doc:"left out while it goes on"`
	Reason string     `json:"reason,omitempty"`
	By     string     `json:"by,omitempty"`
}

// RecordingList is the answer to GET /api/v1/recordings.
type RecordingList struct {
	Recordings []Recording `json:"recordings" nullable:"false" doc:"newest first; those that go on before those that are over"`
}

// RecordingVerdict is the answer to GET /api/v1/recordings/{id}/verify.
type RecordingVerdict struct {
	ID     string `json:"id"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
	Good   bool   `json:"good" doc:"the file is the one that was kept"`
	Reason string `json:"reason,omitempty"`
}

// audioTime is how long one request for sound may take.
const audioTime = 30 * time.Minute

func (s *Server) recordingRoutes(api huma.API) {
	get := func(path, id, summary string) route {
		return route{method: http.MethodGet, path: "/api/v1/recordings" + path, id: id, tag: "recordings", summary: summary}
	}
	add(s, api, get("", "listRecordings", "List recordings"), s.getRecordings)
	add(s, api, get("/{id}", "getRecording", "One recording"), s.getRecording)
	add(s, api, get("/{id}/audio", "playRecording", "The sound of a recording (audio/wav; ranges are possible). Every request is audited"), s.getAudio)
	add(s, api, route{
		method: http.MethodGet, path: "/api/v1/recordings/{id}/verify", id: "verifyRecording", tag: "recordings", summary: "Compare a recording's file with its hash",
	}, s.getVerdict)
}

type recordingsInput struct {
	Call  string    `query:"call" maxLength:"128" doc:"only those of this call (ULID)"`
	Queue string    `query:"queue" maxLength:"128" doc:"only those of this queue"`
	Agent string    `query:"agent" maxLength:"128" doc:"only those in which this agent talked"`
	State string    `query:"state" enum:"waiting,recording,pausing,paused,stopping,ended,saved,failed,lost,deleted" doc:"only those in this state"`
	Since time.Time `query:"since" doc:"only those that began at this time or later (RFC 3339)"`
	Limit int       `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"at most this many"`
}

// mayAsk reports why a caller may not ask for recordings at all, or nil: agents
// may where the configuration says so.
func (s *Server) mayAsk(ctx context.Context) error {
	if callerOf(ctx).role == RoleAgent && !s.opts.AgentRecordings {
		return fault.New(fault.Denied, "recording", "", "agents have no access to recordings unless recording.agents_hear_own says so")
	}
	return nil
}

// mayHear reports why a caller may not see or hear a recording, or nil. An
// agent has their own ones; of the others they are not told that they exist.
func mayHear(ctx context.Context, agents []string) error {
	if who := callerOf(ctx); who.role == RoleAgent && !slices.Contains(agents, string(who.agent)) {
		return fault.New(fault.NotFound, "recording", "", "no such recording")
	}
	return nil
}

func (s *Server) getRecordings(ctx context.Context, in *recordingsInput) (*body[RecordingList], error) {
	const op = "recordings"
	if err := s.mayAsk(ctx); err != nil {
		return nil, s.problem(op, err)
	}
	q := RecordingQuery{Call: in.Call, Queue: in.Queue, Agent: in.Agent, State: in.State, Since: in.Since, Limit: in.Limit}
	if who := callerOf(ctx); who.role == RoleAgent {
		q.Agent = string(who.agent)
	}
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return nil, s.problem(op, err)
	}
	out := RecordingList{Recordings: []Recording{}}
	t := viewTimes(v, s.opts.Clock.Now())
	for _, r := range slices.Backward(v.Recordings) {
		if w := recordingOf(r, t); q.fits(&w) && len(out.Recordings) < q.Limit {
			out.Recordings = append(out.Recordings, w)
		}
	}
	if left := q.Limit - len(out.Recordings); left > 0 && s.opts.Recordings != nil {
		q.Limit = left
		over, err := s.opts.Recordings.List(ctx, q)
		if err != nil {
			return nil, s.problem(op, err)
		}
		for i := range over {
			if !slices.ContainsFunc(out.Recordings, func(r Recording) bool { return r.ID == over[i].ID }) {
				out.Recordings = append(out.Recordings, over[i])
			}
		}
	}
	return reply(out), nil
}

// fits reports whether a live recording is among those that are asked for.
func (q *RecordingQuery) fits(r *Recording) bool {
	return (q.Call == "" || q.Call == r.Call) && (q.Queue == "" || q.Queue == r.Queue) && (q.State == "" || q.State == r.State) &&
		(q.Agent == "" || slices.Contains(r.Agents, q.Agent)) && (q.Since.IsZero() || r.StartedAt != nil && !r.StartedAt.Before(q.Since))
}

func recordingOf(r *callmodel.Recording, t timeline) Recording {
	out := Recording{
		ID: r.ID.String(), Call: r.Call.String(), CallNumber: r.CallNumber, Node: string(r.Node), Queue: string(r.Queue), Agents: []string{}, Caller: r.Caller,
		Dialled: r.Dialled, Channels: 1, State: r.State(), Reason: r.Reason, ByRule: r.ByRule, AskedBy: r.By, Parts: r.Parts, StartedAt: t.time(r.StartedAt),
		EndedAt: t.time(r.EndedAt), Pauses: []RecordingPause{}, Gaps: []RecordingPause{},
	}
	if r.Channels == callmodel.RecordStereo {
		out.Channels = 2
	}
	for _, a := range r.Agents {
		out.Agents = append(out.Agents, string(a))
	}
	for _, p := range r.Pauses {
		out.Pauses = append(out.Pauses, RecordingPause{From: t.time(p.From), To: t.time(p.To), Reason: p.Reason, By: p.By})
	}
	return out
}

// findRecording returns a recording, live or over. The id is one of ours, in
// either form, and never a name of a file.
func (s *Server) findRecording(ctx context.Context, ref string) (Recording, error) {
	if err := s.mayAsk(ctx); err != nil {
		return Recording{}, err
	}
	id, err := callmodel.ParseID(ref)
	if err != nil {
		return Recording{}, fault.New(fault.NotFound, "recording", "", "no such recording: an id has 26 base-32 or 32 hexadecimal characters")
	}
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return Recording{}, err
	}
	for _, r := range v.Recordings {
		if r.ID.ID == id {
			out := recordingOf(r, viewTimes(v, s.opts.Clock.Now()))
			return out, mayHear(ctx, out.Agents)
		}
	}
	if s.opts.Recordings == nil {
		return Recording{}, fault.New(fault.NotFound, "recording", id.String(), "no such recording")
	}
	out, err := s.opts.Recordings.Get(ctx, id.String())
	if err != nil {
		return Recording{}, err
	}
	return out, mayHear(ctx, out.Agents)
}

func (s *Server) getRecording(ctx context.Context, in *idInput) (*body[Recording], error) {
	r, err := s.findRecording(ctx, in.ID)
	if err != nil {
		return nil, s.problem("recording", err)
	}
	return reply(r), nil
}

// getAudio serves the sound, in ranges where they are asked for.
func (s *Server) getAudio(ctx context.Context, in *idInput) (*huma.StreamResponse, error) {
	r, err := s.findRecording(ctx, in.ID)
	var file io.ReadSeekCloser
	switch {
	case err != nil:
	case r.State != "saved" || s.opts.Recordings == nil:
		err = fault.New(fault.NotFound, "recording", r.ID, "the recording has no file: it is "+r.State)
	default:
		file, err = s.opts.Recordings.Open(ctx, r.ID)
	}
	s.audit(ctx, order{id: "playRecording", subject: quotedID(in.ID), detail: r.Call}, err)
	if err != nil {
		return nil, s.problem("recording", err)
	}
	return s.sound(r.ID, `"`+r.SHA256+`"`, file), nil
}

// sound answers with the sound of a file, which it closes.
func (s *Server) sound(id, etag string, file io.ReadSeekCloser) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		req, w := humago.Unwrap(hctx)
		defer func() { _ = file.Close() }() // it was only read
		if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(audioTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			s.opts.Logger.Warn("rest: a sound may be cut off", "id", id, "error", err)
		}
		w.Header().Set("Content-Type", "audio/wav")
		w.Header().Set("Content-Disposition", `attachment; filename="`+id+`.wav"`)
		if etag != "" {
			w.Header().Set("ETag", etag)
		}
		http.ServeContent(w, req, "", time.Time{}, file)
	}}
}

// quotedID is an id as somebody has sent it, for the audit.
func quotedID(ref string) string {
	if id, err := callmodel.ParseID(ref); err == nil {
		return id.String()
	}
	return quoted(ref)
}

func (s *Server) getVerdict(ctx context.Context, in *idInput) (*body[RecordingVerdict], error) {
	const op = "verify"
	r, err := s.findRecording(ctx, in.ID)
	if err == nil && s.opts.Recordings == nil {
		err = fault.New(fault.NotFound, op, r.ID, "there are no files of recordings")
	}
	if err != nil {
		return nil, s.problem(op, err)
	}
	out := RecordingVerdict{ID: r.ID, SHA256: r.SHA256, Bytes: r.Bytes, Good: true}
	if err := s.opts.Recordings.Verify(ctx, r.ID); err != nil {
		if !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) {
			return nil, s.problem(op, err)
		}
		out.Good, out.Reason = false, fault.ReasonOf(err)
	}
	return reply(out), nil
}
