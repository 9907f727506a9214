package recordings

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/store"
)

// runs are the values of a file, with how long each lasts.
func runs(pcm []int16) (values []int16, lengths []time.Duration) {
	for _, v := range pcm {
		if n := len(values); n == 0 || values[n-1] != v {
			values, lengths = append(values, v), append(lengths, 0)
		}
		lengths[len(lengths)-1] += time.Second / 8000
	}
	return values, lengths
}

// TestKeep makes the file and the row, removes the tracks and tells the switch;
// done again, as after a crash, it tells it again and fetches nothing.
func TestKeep(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	j := r.record(0, 2*time.Second, 5*time.Second, 6*time.Second)
	j.r.Pauses = []callmodel.RecordPausing{{From: at(1900 * time.Millisecond), Sure: at(2 * time.Second), To: at(5 * time.Second), Reason: "card"}}
	row, pcm := r.kept(j)
	values, lengths := runs(pcm)
	if !slices.Equal(values, []int16{100, 0, 200}) || !slices.Equal(lengths, []time.Duration{1900 * time.Millisecond, 3100 * time.Millisecond, time.Second}) {
		t.Errorf("the file holds %v for %v", values, lengths)
	}
	info, err := os.Stat(filepath.Join(r.opt.Dir, row.File))
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != row.Bytes {
		t.Errorf("%v, %v", info, err)
	}
	if row.State != store.RecordingSaved || row.File != "2026/03/04/"+row.ID+".wav" || row.Duration != 6*time.Second || row.Parts != 2 || len(row.Gaps) != 0 || row.Repaired || !row.KeepUntil.IsZero() {
		t.Errorf("%+v", row)
	}
	if err := r.Verify(t.Context(), row); err != nil {
		t.Error(err)
	}
	if len(r.tracks) != 0 || len(r.told) != 1 {
		t.Errorf("left at the server: %d, told %+v", len(r.tracks), r.told)
	}
	r.fetched = nil
	r.kept(j)
	if in, ok := r.told[len(r.told)-1].(callmodel.RecordingSaved); len(r.told) != 2 || !ok || in.Recording != recordingID || in.File.SHA256 != row.SHA256 || len(r.fetched) != 0 {
		t.Errorf("again: told %+v, fetched %v", r.told, r.fetched)
	}
}

// TestChangeOfPartsKeepsTheTime: what lies between two parts without a pause is
// silence while it is short, and else a gap that the index names.
func TestChangeOfPartsKeepsTheTime(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	j := r.record(0, time.Second, 1100*time.Millisecond, 2*time.Second, 5*time.Second, 6*time.Second)
	r.tracks[trackName(1)] = sound(100, 950*time.Millisecond, -1) // its end is told later than it is
	row, pcm := r.kept(j)
	values, lengths := runs(pcm)
	if !slices.Equal(values, []int16{100, 0, 200, 300}) || lengths[1] != 150*time.Millisecond {
		t.Errorf("the file holds %v for %v", values, lengths)
	}
	if len(row.Gaps) != 1 || !row.Gaps[0].From.Equal(wall(at(2*time.Second))) || !row.Gaps[0].To.Equal(wall(at(5*time.Second))) {
		t.Errorf("gaps %+v", row.Gaps)
	}
}

// TestHeaderIsRepaired: a server that was killed has written no length, and
// less than it had heard.
func TestHeaderIsRepaired(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	j := r.record(0, 4*time.Second)
	r.tracks[trackName(1)] = sound(100, 3*time.Second, 0)
	row, pcm := r.kept(j)
	if !row.Repaired || len(pcm) != 3*8000 || row.Duration != 3*time.Second || r.Stats().Repaired != 1 {
		t.Errorf("%d samples, %+v", len(pcm), row)
	}
	if len(row.Gaps) != 1 || row.Gaps[0].Reason != "the end of the part is missing" || row.Gaps[0].To.Sub(row.Gaps[0].From) != time.Second {
		t.Errorf("gaps %+v", row.Gaps)
	}
	if err := r.Verify(t.Context(), row); err != nil {
		t.Error(err)
	}
}

// TestNothingIsRemovedBeforeItIsKept: while the server or the index fails, the
// tracks stay where they are, and the switch is not told.
func TestNothingIsRemovedBeforeItIsKept(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	j := r.record(0, time.Second)
	r.away = true
	if err := r.keep(t.Context(), j); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the server is away: %v", err)
	}
	r.away, r.broken = false, errors.New("the disk is full")
	if err := r.keep(t.Context(), j); !errors.Is(err, r.broken) {
		t.Errorf("the index fails: %v", err)
	}
	if len(r.tracks) != 1 || len(r.told) != 0 || len(r.rows) != 0 {
		t.Errorf("%d tracks, told %+v, rows %+v", len(r.tracks), r.told, r.rows)
	}
	r.broken = nil
	if row, _ := r.kept(j); row.State != store.RecordingSaved || len(r.tracks) != 0 {
		t.Errorf("%+v", row)
	}
}

// TestWhatCannotBeKeptIsLost, and says so; what is no sound stays at the server.
func TestWhatCannotBeKeptIsLost(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*rig){
		"no track":  func(r *rig) { clear(r.tracks) },
		"no sound":  func(r *rig) { r.tracks[trackName(1)] = []byte("<html>") },
		"no server": func(r *rig) { r.opt.Source = nil },
	} {
		r := newRig(t, nil)
		j := r.record(0, time.Second)
		spoil(r)
		left := len(r.tracks)
		if row, _ := r.kept(j); row.State != store.RecordingLost || row.Reason == "" || row.File != "" || len(r.tracks) != left || r.Stats().Lost != 1 {
			t.Errorf("%s: %+v, %d tracks are left", name, row, len(r.tracks))
		}
		if in, ok := r.told[0].(callmodel.RecordingSaved); !ok || in.File.State != store.RecordingLost {
			t.Errorf("%s: told %+v", name, r.told)
		}
	}
	r := newRig(t, nil)
	j := r.record(0, time.Second)
	j.r.StartedAt, j.r.Tracks[0].StartedAt, j.r.Tracks[0].Reason = 0, 0, "no such leg"
	if row, _ := r.kept(j); row.State != store.RecordingFailed || row.Reason != "no such leg" || len(r.fetched) != 0 {
		t.Errorf("never begun: %+v", row)
	}
}
