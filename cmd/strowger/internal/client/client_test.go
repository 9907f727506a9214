package client

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"strowger/switch/fault"
)

// answering starts a server on a socket that answers everything with handler.
func answering(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: handler}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close(); <-done })
	c := New(path)
	t.Cleanup(c.Close)
	return c
}

func TestAnswersThatAreNotOurs(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"not JSON":  func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"502":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) },
		"404 plain": http.NotFound,
		"cut off":   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		c := answering(t, h)
		if _, err := c.Status(t.Context()); !fault.Is(err, fault.Unavailable) || strings.Contains(fault.ReasonOf(err), "strowger serve") {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := c.Watch(t.Context()); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: watch: %v", name, err)
		}
	}
}

func TestProblemKeepsItsKind(t *testing.T) {
	for kind, want := range map[string]fault.Kind{"not-found": fault.NotFound, "busy": fault.Busy, "new-kind": fault.Internal} {
		c := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			_, _ = io.WriteString(w, `{"kind":"`+kind+`","detail":"the detail","subject":"x"}`)
		})
		if _, err := c.Call(t.Context(), "a/b?c"); !fault.Is(err, want) || fault.ReasonOf(err) != "the detail" {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func FuzzStream(f *testing.F) {
	f.Add([]byte("event: change\nid: 4\ndata: {\"seq\":4}\n\nevent: end\ndata: {\"reason\":\"overrun\"}\n\n"))
	f.Add([]byte(": comment\nretry: 1\n\nevent:change\ndata:{\n\n"))
	f.Add([]byte("event\n\n\r\n\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := &Stream{body: io.NopCloser(bytes.NewReader(b)), scan: bufio.NewScanner(bytes.NewReader(b)), c: New("none")}
		for range len(b) + 1 { // every message takes at least a byte
			if _, err := s.Next(); err != nil {
				return
			}
		}
		t.Fatal("a stream that has ended gives messages")
	})
}
