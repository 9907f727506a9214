package plain

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

// Sink answers every message at once.
type Sink struct {
	answer func(message []byte) []byte
	server http.Server
	addr   string
	done   chan error

	mu       sync.Mutex
	keeping  bool
	taken    int       // while keeping
	messages []Message // the first of those
}

// Message is one that a sink has taken.
type Message struct {
	Path, Action string
	Body         []byte
}

const (
	maxMessage = 1 << 20
	maxKept    = 50000
)

// Start opens a sink whose answers are made by a function that many goroutines
// call at once.
func Start(ctx context.Context, answer func(message []byte) []byte) (*Sink, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Sink{answer: answer, addr: l.Addr().String(), done: make(chan error, 1)}
	s.server.Handler, s.server.ReadHeaderTimeout = s, 10*time.Second
	go func() { s.done <- s.server.Serve(l) }()
	return s, nil
}

// URL is one of the sink's many addresses.
func (s *Sink) URL(n int) string { return fmt.Sprintf("http://%s/crm/%d", s.addr, n) }

// ServeHTTP takes a message.
func (s *Sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxMessage))
	if err != nil {
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write(s.answer(data)) // a sender that left is no news
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.keeping {
		return
	}
	s.taken++
	if len(s.messages) < maxKept {
		s.messages = append(s.messages, Message{r.URL.Path, r.Header.Get("SOAPAction"), data})
	}
}

// Keep has messages kept from now on.
func (s *Sink) Keep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keeping = true
}

// Taken returns what was kept, and how many have come; it keeps no more.
func (s *Sink) Taken() (kept []Message, came int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, came = s.messages, s.taken
	s.keeping, s.messages, s.taken = false, nil, 0
	return kept, came
}

// Stop closes the sink.
func (s *Sink) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if end := <-s.done; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}
