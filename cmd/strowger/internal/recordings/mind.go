package recordings

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"strowger/media/record"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/store"
)

// mind looks after the folder, the disk and the servers.
func (k *Keeper) mind(ctx context.Context) {
	defer k.wg.Done()
	if err := k.compare(ctx); err != nil && ctx.Err() == nil {
		k.log.Warn("files and index of recordings could not be compared", "error", err)
	}
	disk, sweep := time.NewTicker(lookEvery), time.NewTicker(sweepEvery)
	defer disk.Stop()
	defer sweep.Stop()
	looked := false // at the servers: they may not be connected yet
	for {
		select {
		case <-disk.C:
			k.look(ctx)
			if !looked {
				looked = k.adopt(ctx) == nil
			}
		case <-sweep.C:
			k.expire(ctx, time.Now())
			if err := k.adopt(ctx); err != nil {
				k.log.Warn("tracks that nobody fetched could not be looked for", "error", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

func freeBytes(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}

// look tells the switch when there is no room any more, and when there is again.
func (k *Keeper) look(ctx context.Context) {
	free, err := k.opt.Free(k.opt.Dir)
	if err != nil {
		k.log.Warn("the room for recordings is not known", "error", err)
		return
	}
	k.free.Store(free)
	full := k.full.Load()
	switch {
	case !full && free < k.opt.MinFree:
		full = true
	case full && free >= k.opt.MinFree/100*roomAgain:
		full = false
	default:
		return
	}
	in := callmodel.StorageState{Full: full}
	if full {
		in.Reason = "the disk of the recordings has " + strconv.FormatUint(free>>20, 10) + " MiB left, and recording.min_free_mb wants " + strconv.FormatUint(k.opt.MinFree>>20, 10)
	}
	if err := k.opt.Tell(ctx, in); err != nil {
		k.log.Warn("the switch could not be told about the room for recordings", "error", err)
		return
	}
	k.full.Store(full)
}

// expire deletes the files whose time is over.
func (k *Keeper) expire(ctx context.Context, now time.Time) {
	for {
		list, err := k.opt.Index.ListRecordings(ctx, store.RecordingFilter{Due: now, Limit: store.MaxList})
		if err != nil {
			k.log.Warn("recordings whose time is over could not be listed", "error", err)
			return
		}
		for i := range list {
			if err := k.remove(ctx, list[i], now, "its time was over"); err != nil {
				k.log.Warn("a recording could not be deleted", "recording", list[i].ID, "error", err)
				return
			}
		}
		if len(list) < store.MaxList {
			return
		}
	}
}

// remove deletes a file and says so in its row: first the file, because one
// whose row says that it is deleted would stay for ever.
func (k *Keeper) remove(ctx context.Context, row store.Recording, now time.Time, why string) error {
	row.State, row.Reason, row.Deleted = store.RecordingDeleted, why, now.UTC()
	if err := os.Remove(filepath.Join(k.opt.Dir, filepath.FromSlash(row.File))); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(fault.Unavailable, "recordings: delete", row.ID, err)
	}
	if err := k.opt.Index.SaveRecording(ctx, row); err != nil {
		return err
	}
	k.deleted.Add(1)
	k.log.Info("recording deleted", "recording", row.ID, "reason", why)
	return nil
}

// adopt looks at the servers for tracks that nobody fetched: of recordings that
// the switch has forgotten, or that were removed here and not there.
func (k *Keeper) adopt(ctx context.Context) error {
	if k.opt.Source == nil {
		return nil
	}
	lists, err := k.opt.Source.Tracks(ctx)
	if err != nil {
		return err
	}
	view, err := k.sw.View(ctx)
	if err != nil {
		return err
	}
	known := map[callmodel.RecordingID]bool{}
	for _, r := range view.Recordings {
		known[r.ID] = true
	}
	for node, names := range lists {
		stray := map[callmodel.RecordingID][]callmodel.RecordName{}
		for _, n := range names {
			if id, ours := n.Recording(); ours && !known[id] && !k.waits(id) {
				stray[id] = append(stray[id], n)
			}
		}
		for id, names := range stray {
			k.adopted.Add(1)
			k.log.Warn("a recording lies at the server that nobody fetched", "recording", id.String(), "node", string(node), "tracks", len(names))
			k.add(strayJob(node, id, names))
		}
	}
	return nil
}

// strayJob makes of tracks what can be known of their recording.
func strayJob(node callmodel.NodeID, id callmodel.RecordingID, names []callmodel.RecordName) *job {
	slices.Sort(names)
	r := &callmodel.Recording{ID: id, Node: node, StartedAt: 1, EndedAt: 1, Channels: callmodel.RecordMono}
	for _, n := range names {
		text := strings.Split(strings.TrimPrefix(string(n), callmodel.RecordPrefix), "-")
		if len(text) != 3 {
			continue
		}
		part, err := strconv.Atoi(text[1])
		if err != nil || part < 1 || part > callmodel.MaxRecordParts {
			continue
		}
		if text[2] != string(callmodel.SpyBoth) {
			r.Channels = callmodel.RecordStereo
		}
		r.Parts = max(r.Parts, part)
		r.Tracks = append(r.Tracks, callmodel.RecordTrack{Name: n, Part: part, Spy: callmodel.Spy(text[2])})
	}
	var ms [8]byte
	copy(ms[2:], id.ID[:6])
	at := time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:]))).UTC() // of the call: its id begins like the recording's
	return &job{r: r, found: true, wall: func(t callmodel.Instant) time.Time {
		if t == 0 {
			return time.Time{}
		}
		return at
	}}
}

// compare finds files without a row and rows without a file, once at the start.
func (k *Keeper) compare(ctx context.Context) error {
	if err := k.filesWithoutRow(ctx); err != nil {
		return err
	}
	f := store.RecordingFilter{State: store.RecordingSaved, Limit: store.MaxList}
	for {
		list, err := k.opt.Index.ListRecordings(ctx, f)
		if err != nil {
			return err
		}
		for i := range list {
			if due := list[i].KeepUntil; k.has(list[i]) || !due.IsZero() && due.Before(time.Now()) {
				continue // what is due is expire's, which may have deleted the file before the row was written
			}
			k.log.Error("the file of a recording is gone", "recording", list[i].ID, "file", list[i].File)
			list[i].State, list[i].Reason = store.RecordingLost, "its file is gone"
			if err := k.opt.Index.SaveRecording(ctx, list[i]); err != nil {
				return err
			}
			k.lost.Add(1)
		}
		if len(list) < store.MaxList {
			return nil
		}
		last := list[len(list)-1]
		f.Before = store.RecordingCursor{Started: last.Started, ID: last.ID}
	}
}

// has reports whether the file of a row is there, as long as it should be.
func (k *Keeper) has(row store.Recording) bool {
	info, err := os.Lstat(filepath.Join(k.opt.Dir, filepath.FromSlash(row.File)))
	return err == nil && row.File != "" && info.Mode().IsRegular() && info.Size() == row.Bytes
}

func (k *Keeper) filesWithoutRow(ctx context.Context) error {
	return filepath.WalkDir(k.opt.Dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || ctx.Err() != nil:
			return errors.Join(err, ctx.Err())
		case d.IsDir() && d.Name() == fetching:
			return filepath.SkipDir
		case !d.Type().IsRegular() || filepath.Ext(name) != ".wav":
			return nil
		}
		return k.fileWithoutRow(ctx, name, strings.TrimSuffix(d.Name(), ".wav"))
	})
}

// fileWithoutRow gives a file of ours that the index does not have its row.
func (k *Keeper) fileWithoutRow(ctx context.Context, name, id string) error {
	parsed, err := callmodel.ParseID(id)
	if err != nil {
		return nil // no file of ours
	}
	if _, err := k.opt.Index.Recording(ctx, id); !fault.Is(err, fault.NotFound) || k.waits(callmodel.RecordingID{ID: parsed}) {
		return err
	}
	sum, size, err := record.Sum(ctx, name)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(k.opt.Dir, name)
	if err != nil {
		return fault.Wrap(fault.Internal, "recordings: compare", name, err)
	}
	row := rowOf(strayJob("", callmodel.RecordingID{ID: parsed}, nil))
	row.State, row.File, row.SHA256, row.Bytes, row.Stored = store.RecordingSaved, filepath.ToSlash(rel), sum, size, time.Now().UTC().Truncate(time.Microsecond)
	k.adopted.Add(1)
	k.log.Warn("a recording stood in no index and was entered", "recording", id, "file", row.File)
	return k.opt.Index.SaveRecording(ctx, row)
}
