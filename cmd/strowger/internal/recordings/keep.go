package recordings

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"strowger/media/record"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/store"
)

// keep makes the file and the row of one recording, removes its tracks at the
// server and tells the switch. Done again it changes nothing. Its error means
// that it is worth trying again.
func (k *Keeper) keep(ctx context.Context, j *job) error {
	row, err := k.opt.Index.Recording(ctx, j.r.ID.String())
	switch {
	case fault.Is(err, fault.NotFound):
		row = rowOf(j)
	case err != nil:
		return err
	case row.State == store.RecordingSaved && k.has(row) || row.State == store.RecordingDeleted:
		return k.done(ctx, j, row)
	}
	if err := k.make(ctx, j, &row); err != nil {
		return err
	}
	if err := k.opt.Index.SaveRecording(ctx, row); err != nil {
		return err
	}
	switch row.State {
	case store.RecordingSaved:
		k.saved.Add(1)
		k.bytes.Add(uint64(row.Bytes))
	case store.RecordingFailed:
		k.failed.Add(1)
	default:
		k.lost.Add(1)
		k.log.Error("a recording is lost", "recording", row.ID, "call", row.CallID, "reason", row.Reason)
	}
	return k.done(ctx, j, row)
}

// done tells the switch, after the tracks have been removed.
func (k *Keeper) done(ctx context.Context, j *job, row store.Recording) error {
	if k.opt.Source != nil && row.State == store.RecordingSaved {
		for i := range j.r.Tracks {
			if err := k.opt.Source.Delete(ctx, j.r.Node, j.r.Tracks[i].Name); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
	}
	if j.found {
		return nil
	}
	return k.opt.Tell(ctx, callmodel.RecordingSaved{Recording: j.r.ID, File: callmodel.RecordFile{
		State: row.State, Duration: row.Duration, Bytes: row.Bytes, SHA256: row.SHA256, Reason: row.Reason,
	}})
}

func rowOf(j *job) store.Recording {
	r := j.r
	row := store.Recording{
		ID: r.ID.String(), CallID: r.Call.String(), CallNumber: r.CallNumber, Node: string(r.Node), QueueID: string(r.Queue), Caller: r.Caller, Dialled: r.Dialled,
		Channels: 1, Parts: r.Parts, ByRule: r.ByRule, AskedBy: r.By, Started: j.wall(r.StartedAt), Ended: j.wall(r.EndedAt),
	}
	if r.Channels == callmodel.RecordStereo {
		row.Channels = 2
	}
	if r.Call.IsZero() {
		row.CallID = ""
	}
	if r.StartedAt == 0 {
		row.Started = j.wall(r.AskedAt)
	}
	for _, a := range r.Agents {
		row.Agents = append(row.Agents, string(a))
	}
	for _, p := range r.Pauses {
		row.Pauses = append(row.Pauses, store.Span{From: j.wall(p.From), To: j.wall(p.To), Reason: p.Reason, By: p.By})
	}
	return row
}

// make fetches the tracks and makes the file, or says why there is none.
func (k *Keeper) make(ctx context.Context, j *job, row *store.Recording) error {
	row.Stored = time.Now().UTC().Truncate(time.Microsecond)
	switch {
	case j.r.StartedAt == 0:
		row.State, row.Reason = store.RecordingFailed, or(reasonOf(j.r), "it never began")
		return nil
	case k.opt.Source == nil:
		row.State, row.Reason = store.RecordingLost, "the simulated exchange has no sound"
		return nil
	}
	defer k.sweepTracks(j)
	have, err := k.fetch(ctx, j)
	if err != nil {
		return err
	}
	parts, spans := k.parts(j, have, row.Channels)
	row.Parts = len(parts)
	if len(parts) == 0 {
		row.State, row.Reason = store.RecordingLost, or(reasonOf(j.r), "the server has none of its tracks")
		return nil
	}
	row.File = path.Join(row.Started.UTC().Format("2006/01/02"), row.ID+".wav")
	full := filepath.Join(k.opt.Dir, filepath.FromSlash(row.File))
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return fault.Wrap(fault.Unavailable, "recordings: keep", full, err)
	}
	res, err := record.Compose(full, row.Channels, parts)
	if fault.Is(err, fault.Invalid) {
		row.State, row.Reason, row.File = store.RecordingLost, fault.ReasonOf(err), ""
		return nil
	} else if err != nil {
		return err
	}
	row.State, row.Reason = store.RecordingSaved, ""
	row.Duration, row.Bytes, row.SHA256, row.Repaired = res.Duration, res.Bytes, res.SHA256, res.Repaired
	row.Gaps = gapsOf(j, spans, res.Parts)
	if res.Repaired {
		k.repaired.Add(1)
	}
	if keep := j.r.Keep; keep > 0 || k.opt.Keep > 0 {
		if keep == 0 {
			keep = k.opt.Keep
		}
		row.KeepUntil = row.Stored.Add(keep)
	}
	return nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// reasonOf is the first reason of a track that failed.
func reasonOf(r *callmodel.Recording) string {
	for i := range r.Tracks {
		if r.Tracks[i].Reason != "" {
			return r.Tracks[i].Reason
		}
	}
	return ""
}

func (k *Keeper) trackFile(n callmodel.RecordName) string {
	return filepath.Join(k.opt.Dir, fetching, string(n)+".wav")
}

// fetch brings the tracks here and returns those that there are.
func (k *Keeper) fetch(ctx context.Context, j *job) (map[callmodel.RecordName]bool, error) {
	have := map[callmodel.RecordName]bool{}
	for i := range j.r.Tracks {
		n := j.r.Tracks[i].Name
		if j.r.Tracks[i].StartedAt == 0 && !j.found {
			continue // it was given up before it began: what it may hold belongs to nobody
		}
		err := k.fetchTrack(ctx, j.r.Node, n)
		switch {
		case err == nil:
			have[n] = true
		case !fault.Is(err, fault.NotFound):
			return nil, err
		}
	}
	return have, nil
}

func (k *Keeper) fetchTrack(ctx context.Context, node callmodel.NodeID, n callmodel.RecordName) (err error) {
	ctx, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()
	f, err := os.OpenFile(k.trackFile(n), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "recordings: fetch", string(n), err)
	}
	defer func() {
		err = errors.Join(err, fault.Wrap(fault.Unavailable, "recordings: fetch", string(n), f.Close()))
	}()
	return k.opt.Source.Fetch(ctx, node, n, f, maxTrack)
}

func (k *Keeper) sweepTracks(j *job) {
	for i := range j.r.Tracks {
		_ = os.Remove(k.trackFile(j.r.Tracks[i].Name)) // it may never have come
	}
}

// span is when a part was recorded.
type span struct{ from, to callmodel.Instant }

// parts puts the tracks that there are in line.
func (k *Keeper) parts(j *job, have map[callmodel.RecordName]bool, channels int) (parts []record.Part, spans []span) {
	for n := 1; n <= j.r.Parts; n++ {
		var tracks []callmodel.RecordTrack
		when := span{}
		for _, t := range j.r.Tracks {
			if t.Part != n {
				continue
			}
			tracks = append(tracks, t)
			if have[t.Name] && t.StartedAt != 0 && (when.from == 0 || t.StartedAt < when.from) {
				when.from = t.StartedAt
			}
			when.to = max(when.to, t.EndedAt)
		}
		if !slices.ContainsFunc(tracks, func(t callmodel.RecordTrack) bool { return have[t.Name] }) || len(tracks) > channels {
			continue
		}
		part := record.Part{Tracks: make([]record.Source, channels)}
		for _, t := range tracks {
			i := 0
			if t.Spy == callmodel.SpyOut && channels == 2 {
				i = 1
			}
			if have[t.Name] {
				part.Tracks[i] = record.Source{Path: k.trackFile(t.Name), Late: max(t.StartedAt.Sub(when.from), 0), Blank: blanks(j.r, &t)}
			}
		}
		if last := len(spans) - 1; last >= 0 && when.from > spans[last].to {
			gap := when.from.Sub(spans[last].to)
			if gap <= gapTolerance || pausedBetween(j.r, spans[last].to, when.from) {
				part.Silence = gap // it keeps the time, of a pause and of a change of parts
			}
			if spans[last].from != 0 {
				part.Pad = spans[last].to.Sub(spans[last].from)
			}
		}
		parts, spans = append(parts, part), append(spans, when)
	}
	return parts, spans
}

// blanks are the stretches of a track in which a pause was wanted: the moments
// until its part had ended, and all of it where the server was told late.
func blanks(r *callmodel.Recording, t *callmodel.RecordTrack) []record.Span {
	var out []record.Span
	for _, p := range r.Pauses {
		to := p.To
		if to == 0 {
			to = t.EndedAt
		}
		if t.StartedAt != 0 && to > t.StartedAt && p.From < t.EndedAt {
			if to >= t.EndedAt {
				to = t.EndedAt.Add(time.Minute) // to the end, whatever the clocks say
			}
			out = append(out, record.Span{From: p.From.Sub(t.StartedAt), To: to.Sub(t.StartedAt)})
		}
	}
	return out
}

// pausedBetween reports whether a pause lies between two parts.
func pausedBetween(r *callmodel.Recording, from, to callmodel.Instant) bool {
	return slices.ContainsFunc(r.Pauses, func(p callmodel.RecordPausing) bool {
		return p.From <= from && (p.To == 0 || p.To >= from) && p.From <= to
	})
}

// gapTolerance is what the end of a part may be off without being called a gap.
const gapTolerance = 500 * time.Millisecond

// gapsOf lists what of the conversation is not in the file.
func gapsOf(j *job, spans []span, lengths []time.Duration) []store.Span {
	var out []store.Span
	add := func(from, to callmodel.Instant, why string) {
		if from != 0 && to.Sub(from) > gapTolerance {
			out = append(out, store.Span{From: j.wall(from), To: j.wall(to), Reason: why})
		}
	}
	for i, s := range spans {
		if s.from == 0 {
			continue
		}
		if i > 0 && !pausedBetween(j.r, spans[i-1].to, s.from) {
			add(spans[i-1].to, s.from, "between two parts")
		}
		add(s.from.Add(lengths[i]), s.to, "the end of the part is missing")
	}
	return out
}
