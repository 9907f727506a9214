package recordings

import (
	"path/filepath"
	"testing"
	"time"

	"strowger/switch/store"
)

// TestFileIsGone: a file whose time is over may be deleted before its row says
// so; any other that is not there is lost.
func TestFileIsGone(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "strowger.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // only of the test
	k, err := New(Options{Dir: t.TempDir(), Index: db})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	want := map[string]string{"due": store.RecordingDeleted, "kept": store.RecordingLost, "for ever": store.RecordingLost}
	for id, until := range map[string]time.Time{"due": now.Add(-time.Hour), "kept": now.Add(time.Hour), "for ever": {}} {
		row := store.Recording{ID: id, State: store.RecordingSaved, Started: now.Add(-2 * time.Hour), File: id + ".wav", Bytes: 44, KeepUntil: until}
		if err := db.SaveRecording(t.Context(), row); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.compare(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.expire(t.Context(), now)
	for id, state := range want {
		if row, err := db.Recording(t.Context(), id); err != nil || row.State != state {
			t.Errorf("%s is %s (%s), want %s; %v", id, row.State, row.Reason, state, err)
		}
	}
	if st := k.Stats(); st.Lost != 2 || st.Deleted != 1 {
		t.Errorf("%+v", st)
	}
}
