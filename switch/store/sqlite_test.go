package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strowger/switch/fault"
	"strowger/switch/store"
	"strowger/switch/store/storetest"
)

// sqliteFile returns a database path in a folder with a name that needs escaping.
func sqliteFile(t *testing.T) string {
	return filepath.Join(t.TempDir(), "a b%20#c", "strowger.db")
}

func openSQLite(t *testing.T, url string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSQLite(t *testing.T) {
	storetest.Exercise(t, func(t *testing.T) storetest.Open {
		path := filepath.Join(t.TempDir(), "x y%41", "strowger.db")
		return func(t *testing.T) *store.Store { return openSQLite(t, "sqlite://"+path, store.Options{}) }
	})
}

func TestURLs(t *testing.T) {
	for url, k := range map[string]fault.Kind{
		"":                        fault.Invalid,
		"strowger.db":             fault.Invalid,
		"sqlite:":                 fault.Invalid,
		"sqlite://":               fault.Invalid,
		"sqlite://host/x.db":      fault.Invalid,
		"sqlite:var/":             fault.Invalid,
		"sqlite:x.db?_pragma=a":   fault.Invalid,
		"sqlite:x.db\x00":         fault.Invalid,
		"mysql://h/db":            fault.Unsupported,
		"sqlite:" + sqliteFile(t): fault.Invalid, // has a '#'
	} {
		_, err := store.Open(t.Context(), url, store.Options{})
		if !fault.Is(err, k) {
			t.Errorf("%q: got %v, want %v", url, err, k)
		}
		if err != nil && strings.Contains(err.Error(), "u:p@") {
			t.Errorf("the error shows a password: %v", err)
		}
	}
	t.Chdir(t.TempDir())
	s := openSQLite(t, "sqlite:var/strowger.db", store.Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]os.FileMode{"var": 0o700, "var/strowger.db": 0o600} {
		st, err := os.Stat(path)
		if err != nil || st.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", path, st, err)
		}
	}
}

func TestNoDatabaseIsAClearError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), "sqlite://"+path, store.Options{})
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "no SQLite database") {
		t.Fatalf("got %v", err)
	}
}
