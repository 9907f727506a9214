package recordings

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/store"
)

// TestRetention: the rule's time goes before the keeper's, files go when it is
// over and not before, and the row tells it.
func TestRetention(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Keep = 48 * time.Hour })
	j := r.record(0, time.Second)
	row, _ := r.kept(j)
	if d := row.KeepUntil.Sub(row.Stored); d != 48*time.Hour {
		t.Errorf("it is kept for %v", d)
	}
	delete(r.rows, row.ID)
	j = r.record(0, time.Second)
	j.r.Keep = 24 * time.Hour
	row, _ = r.kept(j)
	file := filepath.Join(r.opt.Dir, row.File)
	r.expire(t.Context(), row.Stored.Add(24*time.Hour-time.Second))
	if _, err := os.Stat(file); err != nil || r.rows[row.ID].State != store.RecordingSaved {
		t.Errorf("before its time: %v, %+v", err, r.rows[row.ID])
	}
	now := row.Stored.Add(24 * time.Hour)
	r.expire(t.Context(), now)
	gone := r.rows[row.ID]
	if _, err := os.Stat(file); !os.IsNotExist(err) || gone.State != store.RecordingDeleted || !gone.Deleted.Equal(now) || gone.Reason == "" {
		t.Errorf("after its time: %v, %+v", err, gone)
	}
	if _, err := r.Open(t.Context(), gone); !fault.Is(err, fault.NotFound) {
		t.Errorf("it can be opened: %v", err)
	}
	if err := r.remove(t.Context(), row, now, "again"); err != nil || r.Stats().Deleted != 2 {
		t.Errorf("a file that is gone already: %v", err)
	}
}

// TestGuardOfTheDisk tells once that there is no room, and that there is again
// only when there is a tenth more.
func TestGuardOfTheDisk(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	for _, step := range []struct {
		free uint64
		full bool
		told int
	}{{1000, false, 0}, {999, true, 1}, {10, true, 1}, {1099, true, 1}, {1100, false, 2}, {1000, false, 2}, {0, true, 3}} {
		r.free = step.free
		r.look(t.Context())
		if s := r.Stats(); s.Full != step.full || s.Free != step.free || len(r.told) != step.told {
			t.Fatalf("%d bytes: %+v, told %+v", step.free, s, r.told)
		}
		if step.told > 0 {
			if in, ok := r.told[step.told-1].(callmodel.StorageState); !ok || in.Full != step.full || in.Full == (in.Reason == "") {
				t.Errorf("%d bytes: told %+v", step.free, r.told)
			}
		}
	}
}

// TestCompare: a row whose file is gone or has another length is lost, a file of ours
// without a row gets one, and what is not ours is left alone.
func TestCompare(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	row, _ := r.kept(r.record(0, time.Second))
	kept := r.rows[row.ID]
	delete(r.rows, row.ID)
	for _, name := range []string{"notes.wav", filepath.Join(fetching, row.ID+".wav"), row.ID + ".wav.part"} {
		if err := os.WriteFile(filepath.Join(r.opt.Dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	compare := func() store.Recording {
		t.Helper()
		if err := r.compare(t.Context()); err != nil || len(r.rows) != 1 {
			t.Fatalf("%v, %+v", err, r.rows)
		}
		return r.rows[row.ID]
	}
	if got := compare(); got.State != store.RecordingSaved || got.File != kept.File || got.SHA256 != kept.SHA256 || got.Bytes != kept.Bytes || r.Stats().Adopted != 1 {
		t.Errorf("without a row: %+v", got)
	}
	if got := compare(); got.State != store.RecordingSaved || r.Stats().Adopted != 1 {
		t.Errorf("again: %+v", got)
	}
	if err := os.Truncate(filepath.Join(r.opt.Dir, kept.File), kept.Bytes-2); err != nil {
		t.Fatal(err)
	}
	if got := compare(); got.State != store.RecordingLost || got.Reason == "" || r.Stats().Lost != 1 {
		t.Errorf("a shorter file: %+v", got)
	}
}

// TestAdopt fetches the tracks that nobody knows of, once, and no others.
func TestAdopt(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	j := r.record(0, time.Second, 2*time.Second, 3*time.Second)
	r.tracks["somebody-else"] = nil
	r.view.Recordings = []*callmodel.Recording{j.r}
	adopt := func(want int) {
		t.Helper()
		if err := r.adopt(t.Context()); err != nil || len(r.todo) != want {
			t.Fatalf("%v: %d to do, want %d", err, len(r.todo), want)
		}
	}
	adopt(0)
	r.view.Recordings = nil
	adopt(1)
	adopt(1)
	row, pcm := r.kept(r.todo[recordingID])
	values, _ := runs(pcm)
	if row.State != store.RecordingSaved || row.Parts != 2 || !reflect.DeepEqual(values, []int16{100, 200}) || r.Stats().Adopted != 1 {
		t.Errorf("%v of %+v", values, row)
	}
	if _, there := r.tracks["somebody-else"]; !there || len(r.tracks) != 1 || len(r.told) != 0 {
		t.Errorf("left at the server: %v, told %v", r.tracks, r.told)
	}
}

// TestOpenStaysInTheFolder, whatever the index says, and Verify sees a change.
func TestOpenStaysInTheFolder(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	row, _ := r.kept(r.record(0, time.Second))
	outside := row
	outside.File = "../../etc/passwd"
	if f, err := r.Open(t.Context(), outside); err == nil {
		t.Errorf("%s was opened: %v", f.Name(), f.Close())
	}
	file := filepath.Join(r.opt.Dir, row.File)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-1]++
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Verify(t.Context(), row); !fault.Is(err, fault.Conflict) {
		t.Errorf("a changed file: %v", err)
	}
}
