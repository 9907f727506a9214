package controller

import (
	"context"
	"io"
	"time"

	"strowger/cmd/strowger/internal/recordings"
	"strowger/cti/rest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/store"
)

// startRecordings keeps the files of recordings.
func (c *Controller) startRecordings(ctx context.Context) (err error) {
	cfg := c.opt.Config.Recording
	opt := recordings.Options{
		Dir: cfg.Dir, Keep: cfg.Keep, MinFree: uint64(cfg.MinFreeMB) << 20, Index: c.store, Tell: c.engine.Put, Logger: c.log,
	}
	if c.asterisk != nil {
		opt.Source = tracks{c.asterisk}
	}
	if c.keeper, err = recordings.New(opt); err != nil {
		return err
	}
	if err := c.keeper.Start(ctx, c.engine); err != nil {
		return err
	}
	c.onStop("recordings", func(context.Context) error { c.keeper.Stop(); return nil })
	return nil
}

// tracks are the recordings that lie at the Asterisk servers.
type tracks struct{ s *servers }

// Tracks lists them. A server that cannot be reached makes it fail, so that
// nothing is thought to be gone.
func (t tracks) Tracks(ctx context.Context) (map[callmodel.NodeID][]callmodel.RecordName, error) {
	out := map[callmodel.NodeID][]callmodel.RecordName{}
	for i, l := range t.s.links {
		list, err := l.StoredTracks(ctx)
		if err != nil {
			return nil, err
		}
		out[t.s.nodes[i]] = list
	}
	return out, nil
}

func noServer(node callmodel.NodeID) error {
	return fault.New(fault.NotFound, "recordings", string(node), "no Asterisk server of the configuration has this name")
}

// Fetch copies a track.
func (t tracks) Fetch(ctx context.Context, node callmodel.NodeID, n callmodel.RecordName, w io.Writer, limit int64) error {
	if l := t.s.at(node); l != nil {
		return l.FetchTrack(ctx, n, w, limit)
	}
	return noServer(node)
}

// Delete removes a track.
func (t tracks) Delete(ctx context.Context, node callmodel.NodeID, n callmodel.RecordName) error {
	if l := t.s.at(node); l != nil {
		return l.DeleteTrack(ctx, n)
	}
	return noServer(node)
}

// recordingIndex shows the recordings that are over to the HTTP interface.
type recordingIndex struct {
	store  *store.Store
	keeper *recordings.Keeper
}

// List implements rest.RecordingStore.
func (x recordingIndex) List(ctx context.Context, q rest.RecordingQuery) ([]rest.Recording, error) {
	rows, err := x.store.ListRecordings(ctx, store.RecordingFilter{
		Limit: min(q.Limit, store.MaxList), CallID: q.Call, QueueID: q.Queue, AgentID: q.Agent, State: q.State, Since: q.Since,
	})
	out := make([]rest.Recording, len(rows))
	for i := range rows {
		out[i] = shownRecording(rows[i])
	}
	return out, err
}

// Get implements rest.RecordingStore.
func (x recordingIndex) Get(ctx context.Context, id string) (rest.Recording, error) {
	row, err := x.store.Recording(ctx, id)
	if err != nil {
		return rest.Recording{}, err
	}
	return shownRecording(row), nil
}

// Open implements rest.RecordingStore.
func (x recordingIndex) Open(ctx context.Context, id string) (io.ReadSeekCloser, error) {
	row, err := x.store.Recording(ctx, id)
	if err != nil {
		return nil, err
	}
	return x.keeper.Open(ctx, row)
}

// Verify implements rest.RecordingStore.
func (x recordingIndex) Verify(ctx context.Context, id string) error {
	row, err := x.store.Recording(ctx, id)
	if err != nil {
		return err
	}
	return x.keeper.Verify(ctx, row)
}

func shownRecording(r store.Recording) rest.Recording {
	return rest.Recording{
		ID: r.ID, Call: r.CallID, CallNumber: r.CallNumber, Node: r.Node, Queue: r.QueueID, Agents: append([]string{}, r.Agents...), Caller: r.Caller,
		Dialled: r.Dialled, Channels: r.Channels, State: r.State, Reason: r.Reason, ByRule: r.ByRule, AskedBy: r.AskedBy, Parts: r.Parts,
		StartedAt: shownTime(r.Started), EndedAt: shownTime(r.Ended), Duration: r.Duration.Seconds(), Bytes: r.Bytes, SHA256: r.SHA256, Repaired: r.Repaired,
		Pauses: shownSpans(r.Pauses), Gaps: shownSpans(r.Gaps), StoredAt: shownTime(r.Stored), KeepUntil: shownTime(r.KeepUntil), DeletedAt: shownTime(r.Deleted),
	}
}

func shownTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}

func shownSpans(list []store.Span) []rest.RecordingPause {
	out := make([]rest.RecordingPause, len(list))
	for i, p := range list {
		out[i] = rest.RecordingPause{From: shownTime(p.From), To: shownTime(p.To), Reason: p.Reason, By: p.By}
	}
	return out
}

// registerRecordings adds the figures of recordings.
func (m *metrics) registerRecordings(k *recordings.Keeper) {
	of := func(read func(recordings.Stats) uint64) func() uint64 {
		return func() uint64 { return read(k.Stats()) }
	}
	m.count("recordings_saved_total", "Recordings whose file is kept.", of(func(s recordings.Stats) uint64 { return s.Saved }))
	m.count("recordings_failed_total", "Recordings that never began.", of(func(s recordings.Stats) uint64 { return s.Failed }))
	m.count("recordings_lost_total", "Recordings whose file could not be had, or is gone.", of(func(s recordings.Stats) uint64 { return s.Lost }))
	m.count("recordings_deleted_total", "Files of recordings deleted because their time was over.", of(func(s recordings.Stats) uint64 { return s.Deleted }))
	m.count("recordings_adopted_total", "Tracks or files that nobody had asked for and that were taken in.", of(func(s recordings.Stats) uint64 { return s.Adopted }))
	m.count("recordings_repaired_total", "Files put right after their server was killed.", of(func(s recordings.Stats) uint64 { return s.Repaired }))
	m.count("recordings_retries_total", "Times that keeping a file had to be tried again.", of(func(s recordings.Stats) uint64 { return s.Retries }))
	m.count("recordings_bytes_total", "Bytes of the files that were kept.", of(func(s recordings.Stats) uint64 { return s.Bytes }))
	m.gauge("recordings_pending", "Recordings that are over and whose file is not kept yet.", func() float64 { return float64(k.Stats().Pending) })
	m.gauge("recordings_free_bytes", "Room on the disk of the recordings.", func() float64 { return float64(k.Stats().Free) })
	m.gauge("recordings_full", "1 while there is too little room and no recording is started.", func() float64 { return flag(k.Stats().Full) })
}
