package ici

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// LogFigures count what the interface has written to the log.
type LogFigures struct {
	Errors, Warnings, Infos uint64
	LastError               string // the last warning or error; it names no caller
	LastAt                  time.Time
}

// logWitness counts lines of the log and remembers the last bad one.
type logWitness struct {
	mu sync.Mutex
	is LogFigures
}

func (w *logWitness) figures() LogFigures {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.is
}

func (w *logWitness) see(r *slog.Record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case r.Level >= slog.LevelError:
		w.is.Errors++
	case r.Level >= slog.LevelWarn:
		w.is.Warnings++
	case r.Level >= slog.LevelInfo:
		w.is.Infos++
		return
	default:
		return
	}
	w.is.LastError, w.is.LastAt = r.Message, r.Time
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "error" {
			w.is.LastError = short(r.Message + ": " + a.Value.String())
		}
		return true
	})
}

// watched is a logger whose lines a witness sees.
func watched(log *slog.Logger, w *logWitness) *slog.Logger {
	return slog.New(watchedHandler{log.Handler(), w})
}

type watchedHandler struct {
	slog.Handler
	by *logWitness
}

// Enabled lets warnings pass to the witness where the log does not want them.
func (h watchedHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelInfo || h.Handler.Enabled(ctx, l)
}

// Handle implements slog.Handler.
func (h watchedHandler) Handle(ctx context.Context, r slog.Record) error {
	h.by.see(&r)
	if !h.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h watchedHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return watchedHandler{h.Handler.WithAttrs(attrs), h.by}
}

// WithGroup implements slog.Handler.
func (h watchedHandler) WithGroup(name string) slog.Handler {
	return watchedHandler{h.Handler.WithGroup(name), h.by}
}
