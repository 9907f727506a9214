package controller

import (
	"path/filepath"
	"testing"

	"strowger/dialer/list/listtest"
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
