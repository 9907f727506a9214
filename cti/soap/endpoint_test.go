package soap

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"strowger/switch/fault"
)

func endpoint(h http.HandlerFunc) *Endpoint {
	return NewEndpoint("part", h, 1, slog.New(slog.DiscardHandler))
}

func nothing(context.Context) error { return nil }

// TestEndpointLife: it serves between Start and Stop, what it runs beside ends
// with it, and neither works twice.
func TestEndpointLife(t *testing.T) {
	t.Parallel()
	e := endpoint(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") })
	if e.Go(func(context.Context) {}) || e.Open() || e.Addr() != "" || !e.Began().IsZero() {
		t.Error("it is open before it starts")
	}
	ended := false
	err := e.Start(t.Context(), "127.0.0.1:0", nil, func(context.Context) error {
		e.Go(func(ctx context.Context) { <-ctx.Done(); ended = true })
		return nil
	})
	if err != nil || !e.Open() || e.Began().IsZero() {
		t.Fatalf("start: %v, open %v", err, e.Open())
	}
	if err := e.Start(t.Context(), "127.0.0.1:0", nil, nothing); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second start: %v", err)
	}
	resp, err := http.Get("http://" + e.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); string(body) != "here" || err != nil {
		t.Errorf("answer %q, %v", body, err)
	}
	_ = resp.Body.Close()
	broken := errors.New("broken")
	for range 2 {
		err := e.Stop(func() error {
			err := e.Drain(t.Context())
			e.Finish()
			return errors.Join(err, broken)
		})
		if !errors.Is(err, broken) || !ended || e.Open() {
			t.Errorf("stop: %v, the loop has ended: %v, open %v", err, ended, e.Open())
		}
	}
	if err := e.Start(t.Context(), "127.0.0.1:0", nil, nothing); !fault.Is(err, fault.Stopped) {
		t.Errorf("a start after the stop: %v", err)
	}
	if _, err := http.Get("http://" + e.Addr()); err == nil { //nolint:bodyclose // there is none
		t.Error("it still answers")
	}
}

// TestEndpointNotReady: where what stands behind cannot be brought in nothing is
// left open, and it may be tried again.
func TestEndpointNotReady(t *testing.T) {
	t.Parallel()
	e := endpoint(http.NotFound)
	broken := errors.New("broken")
	ended := false
	err := e.Start(t.Context(), "127.0.0.1:0", nil, func(context.Context) error {
		e.Go(func(ctx context.Context) { <-ctx.Done(); ended = true })
		return broken
	})
	if !errors.Is(err, broken) || !ended || e.Open() || e.Addr() != "" {
		t.Errorf("%v, the loop has ended: %v, open %v at %q", err, ended, e.Open(), e.Addr())
	}
	if err := e.Start(t.Context(), "127.0.0.1:0", nil, nothing); err != nil {
		t.Fatal(err)
	}
	other := endpoint(http.NotFound)
	if err := other.Start(t.Context(), e.Addr(), nil, nothing); !fault.Is(err, fault.Conflict) {
		t.Errorf("an address in use: %v", err)
	}
	if err := other.Stop(func() error { return broken }); err != nil {
		t.Errorf("the stop of what was not started: %v", err)
	}
	if err := e.Stop(func() error { return e.Drain(t.Context()) }); err != nil {
		t.Error(err)
	}
	e.Finish()
}

// TestEndpointCutsOff: requests that are not answered in time are cut off, and
// the error says so.
func TestEndpointCutsOff(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	e := endpoint(func(_ http.ResponseWriter, r *http.Request) { close(arrived); <-r.Context().Done() })
	if err := e.Start(t.Context(), "127.0.0.1:0", nil, nothing); err != nil {
		t.Fatal(err)
	}
	cut := make(chan error, 1)
	go func() {
		resp, err := http.Get("http://" + e.Addr())
		if err == nil {
			_ = resp.Body.Close()
		}
		cut <- err
	}()
	<-arrived
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := e.Stop(func() error { return e.Drain(ctx) })
	if !fault.Is(err, fault.Stale) {
		t.Errorf("stop: %v", err)
	}
	if err := <-cut; err == nil {
		t.Error("the request was answered")
	}
	e.Finish()
}
