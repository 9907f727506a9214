package demo

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
)

// ErrorTap is a log handler that also tells a listener of every error.
type ErrorTap struct {
	slog.Handler
	to *listener
}

type listener struct {
	mu   sync.Mutex
	tell func(text string)
}

// NewErrorTap hands all records to h.
func NewErrorTap(h slog.Handler) *ErrorTap { return &ErrorTap{h, &listener{}} }

// Tell makes f the listener; nil for none.
func (t *ErrorTap) Tell(f func(text string)) {
	t.to.mu.Lock()
	defer t.to.mu.Unlock()
	t.to.tell = f
}

// Handle implements slog.Handler.
func (t *ErrorTap) Handle(ctx context.Context, rec slog.Record) error {
	if rec.Level >= slog.LevelError {
		t.to.mu.Lock()
		tell := t.to.tell
		t.to.mu.Unlock()
		if tell != nil {
			tell(errorText(rec))
		}
	}
	return t.Handler.Handle(ctx, rec)
}

func errorText(rec slog.Record) string {
	var b strings.Builder
	b.WriteString(rec.Message)
	rec.Attrs(func(a slog.Attr) bool {
		_, _ = fmt.Fprintf(&b, " %s=%v", a.Key, a.Value) // a strings.Builder takes everything
		return true
	})
	return b.String()
}

// WithAttrs implements slog.Handler.
func (t *ErrorTap) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &ErrorTap{t.Handler.WithAttrs(attrs), t.to}
}

// WithGroup implements slog.Handler.
func (t *ErrorTap) WithGroup(name string) slog.Handler {
	return &ErrorTap{t.Handler.WithGroup(name), t.to}
}
