package lists

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/list/listtest"
	"strowger/dialer/runner"
	"strowger/switch/port"
	"strowger/switch/store"
	"strowger/switch/store/pgtest"
)

// TestLists runs the suite of the dialer's leads on both databases.
func TestLists(t *testing.T) {
	onDatabases(t, func(t *testing.T, open func(t *testing.T) port.Tables) { listtest.Exercise(t, open) })
}

// onDatabases runs a test with an opener of new, empty databases of each kind.
func onDatabases(t *testing.T, f func(t *testing.T, open func(t *testing.T) port.Tables)) {
	open := func(t *testing.T, url string) port.Tables {
		t.Helper()
		s, err := store.Open(t.Context(), url, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	}
	t.Run("sqlite", func(t *testing.T) {
		f(t, func(t *testing.T) port.Tables { return open(t, "sqlite:"+filepath.Join(t.TempDir(), "s.db")) })
	})
	t.Run("postgres", func(t *testing.T) {
		server := pgtest.Shared(t)
		f(t, func(t *testing.T) port.Tables { return open(t, server.URL(server.Database(t))) })
	})
}

// TestRuns: what is wanted of campaigns is kept, on both databases.
func TestRuns(t *testing.T) {
	onDatabases(t, func(t *testing.T, open func(t *testing.T) port.Tables) {
		table := runner.Table{DB: open(t)}
		at := time.UnixMicro(1_800_000_000_000_000).UTC()
		one := runner.Run{Campaign: "spring", Wanted: runner.WantRunning, By: "anna", At: at, Begun: at.Add(-time.Hour), Learned: []byte("{}")}
		two := runner.Run{Campaign: "summer", Wanted: runner.WantStopped, Why: "rain", At: at, Learned: []byte{}}
		for _, k := range []runner.Run{two, one} {
			if err := table.Save(t.Context(), k); err != nil {
				t.Fatal(err)
			}
		}
		one.Wanted, one.Why = runner.WantPaused, "lunch"
		one.Override = campaign.Override{From: at, Until: at.Add(time.Hour), By: "root", Reason: "test calls"}
		first := one
		first.Override = campaign.Override{From: at.Add(-time.Hour), Until: at, By: "ina", Reason: "recall", EndedBy: "root"}
		for _, k := range []runner.Run{first, one} {
			if err := table.Save(t.Context(), k); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			from, to time.Duration
			want     []campaign.Override
		}{{-2 * time.Hour, 2 * time.Hour, []campaign.Override{first.Override, one.Override}}, {-2 * time.Hour, 0, []campaign.Override{first.Override}}, {time.Minute, 2 * time.Minute, []campaign.Override{one.Override}}, {time.Hour, 2 * time.Hour, nil}} {
			if got, err := table.Overrides(t.Context(), "spring", at.Add(c.from), at.Add(c.to)); err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("overrides of %v to %v: %+v, %v", c.from, c.to, got, err)
			}
		}
		if got, err := table.Load(t.Context()); err != nil || !reflect.DeepEqual(got, []runner.Run{one, two}) {
			t.Errorf("%+v, %v", got, err)
		}
		if past, err := table.Past(t.Context(), "spring", at, at); err != nil || !past.Begun.IsZero() || past.Today > 0 || len(past.Minutes) > 0 {
			t.Errorf("a past that there was not: %+v, %v", past, err)
		}
	})
}
