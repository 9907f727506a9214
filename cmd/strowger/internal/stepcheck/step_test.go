package stepcheck

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strowger/switch/fault"
)

// A step ends as what it returns: a detail, or why it was skipped, is doubtful
// or has failed.
func TestDo(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		OK: nil, Skipped: Skip("say more"), Warning: Warn("say more"), Failed: fault.New(fault.Invalid, "op", "x", "say more"),
	} {
		s := Do("name", func() (string, error) { return "say more", err })
		if s.Name != "name" || s.Result != want || s.Detail != "say more" || s.Millis < 0 {
			t.Errorf("%+v, want %s", s, want)
		}
	}
	if s := Do("n", func() (string, error) { return "", errors.New("plain") }); s.Result != Failed || s.Detail != "plain" {
		t.Errorf("%+v", s)
	}
	raw, err := json.Marshal(Step{Name: "n", Result: OK, Millis: 1.5})
	if err != nil || string(raw) != `{"name":"n","result":"ok","ms":1.5}` {
		t.Errorf("%s, %v", raw, err)
	}
}

// What is given is checked, and what is wrong is said with an example.
func TestOptions(t *testing.T) {
	t.Parallel()
	if _, err := URL("op", "127.0.0.1:1", "you are", "http://127.0.0.1:1"); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "you are given, such as http://127.0.0.1:1") {
		t.Error(err)
	}
	if u, err := URL("op", "https://cti.example/x", "", ""); err != nil || u.Host != "cti.example" {
		t.Error(u, err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "secret")
	if err := os.WriteFile(file, []byte("se cret\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, ca := range []string{file, filepath.Join(dir, "none")} {
		if _, err := Client("op", ca, 0); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", ca, err)
		}
	}
	if got, err := Password("op", file); err != nil || got != "se cret" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := Password("op", ""); err != nil || got != "" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Password("op", filepath.Join(dir, "none")); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}

// A receiver serves until it is closed, and keeps the first trouble.
func TestReceiver(t *testing.T) {
	t.Parallel()
	r, err := Receive(t.Context(), "op", "127.0.0.1:0", "/here", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Client("op", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Get(r.URL) //nolint:noctx // a test
	if err != nil || resp.StatusCode != http.StatusTeapot {
		t.Errorf("%v, %v", resp, err)
	}
	_ = resp.Body.Close() // it has none
	c.CloseIdleConnections()
	first := errors.New("first")
	r.Trouble(first)
	r.Trouble(errors.New("second"))
	if err := <-r.Bad; err != first {
		t.Error(err)
	}
	r.Close()
	if len(r.Bad) != 0 {
		t.Error("the end is no trouble")
	}
	if _, err := Receive(t.Context(), "op", "no address", "", nil); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "--callback") {
		t.Error(err)
	}
}
