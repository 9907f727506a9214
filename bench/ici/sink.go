package ici

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// sink answers every message at once.
type sink struct {
	server http.Server
	addr   string
	done   chan error

	mu      sync.Mutex
	keeping bool
	bodies  [][]byte
}

const (
	maxMessage = 1 << 20
	maxKept    = 50000
	answer     = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>`
)

func startSink(ctx context.Context) (*sink, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{addr: l.Addr().String(), done: make(chan error, 1)}
	s.server.Handler, s.server.ReadHeaderTimeout = s, 10*time.Second
	go func() { s.done <- s.server.Serve(l) }()
	return s, nil
}

func (s *sink) url(n int) string { return fmt.Sprintf("http://%s/crm/%d", s.addr, n) }

// ServeHTTP takes a message.
func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxMessage))
	if err != nil {
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = io.WriteString(w, answer) // a sender that left is no news
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keeping && len(s.bodies) < maxKept {
		s.bodies = append(s.bodies, data)
	}
}

// keep has messages kept from now on.
func (s *sink) keep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keeping = true
}

// taken returns what was kept, and keeps no more.
func (s *sink) taken() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.bodies
	s.keeping, s.bodies = false, nil
	return kept
}

func (s *sink) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if end := <-s.done; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}
