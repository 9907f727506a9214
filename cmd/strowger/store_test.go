package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/switch/store"
	"strowger/switch/store/pgtest"
)

// TestStoreCopy moves a database to PostgreSQL and back, and shows no password.
func TestStoreCopy(t *testing.T) {
	server := pgtest.Shared(t)
	dir := t.TempDir()
	t.Chdir(dir)
	from := "sqlite:" + filepath.Join(dir, "a.db")
	s, err := store.Open(t.Context(), from, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		if err := s.AddIncident(t.Context(), store.Incident{Time: time.Unix(int64(n), 0), Kind: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	to := strings.Replace(server.URL(server.Database(t)), ":"+server.Password, "", 1)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{from, to}, exitFailure, "refuses the login"},
		{[]string{from, to, "--to-password", "env:DB"}, exitOK, "incidents"},
		{[]string{from, to, "--to-password", "env:DB"}, exitFailure, "not empty"},
		{[]string{to, "sqlite:b.db", "--from-password", "env:DB", "--output", "json"}, exitOK, `{"table":"incidents","rows":3}`},
	} {
		var stdout, stderr bytes.Buffer
		code := runApp(t.Context(), &app{stdout: &stdout, stderr: &stderr, env: []string{"DB=" + server.Password}}, append([]string{"store", "copy"}, c.args...))
		out := strings.NewReplacer(" ", "", "\n", "").Replace(stdout.String()) + stderr.String()
		if code != c.code || !strings.Contains(out, c.want) || strings.Contains(out, server.Password) {
			t.Errorf("%v: code %d, %s", c.args, code, out)
		}
	}
}
