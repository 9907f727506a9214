package soap

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"strowger/switch/fault"
)

// Endpoint is the life of an adapter's server: one listener that is opened once
// and closed once, what runs beside it, and the bound on its connections. Safe
// for concurrent use.
type Endpoint struct {
	Conns Conns

	name string
	log  *slog.Logger
	http *http.Server

	life sync.Mutex // held while it starts, so that Stop finds it started or not
	mu   sync.Mutex // guards what follows
	// began is when requests were first served, zero before.
	began    time.Time
	stopped  bool
	listener net.Listener
	ctx      context.Context // of the loops
	cancel   context.CancelFunc
	loops    sync.WaitGroup // counted under mu

	stop    sync.Once
	stopErr error
}

// NewEndpoint readies an adapter's server of that name, which stands in errors
// and in the log. requests is how many it serves at once.
func NewEndpoint(name string, h http.Handler, requests int, log *slog.Logger) *Endpoint {
	e := &Endpoint{name: name, log: log}
	e.Conns.Most = int64(requests) * ConnsPerRequest
	e.http = NewServer(h, &e.Conns, log)
	return e
}

// Start opens a listener, has ready bring in what stands behind it, and returns
// when requests are served. secure nil means without TLS. ctx bounds the start
// only; ready gets the one that lives until Finish. Errors: Conflict when it was
// started before or the address is in use, Denied when the system refuses the
// address, Stopped after Stop, and what ready says. On an error nothing is left
// open.
func (e *Endpoint) Start(ctx context.Context, addr string, secure *tls.Config, ready func(loops context.Context) error) error {
	e.life.Lock()
	defer e.life.Unlock()
	e.mu.Lock()
	began, stopped := e.began, e.stopped
	e.mu.Unlock()
	switch {
	case stopped:
		return fault.New(fault.Stopped, e.name+": start", "", "the server has been stopped")
	case !began.IsZero():
		return fault.New(fault.Conflict, e.name+": start", "", "the server has been started before")
	}
	l, err := Listen(ctx, e.name, addr)
	if err != nil {
		return err
	}
	e.mu.Lock()
	e.ctx, e.cancel = context.WithCancel(context.WithoutCancel(ctx))
	e.mu.Unlock()
	if err := ready(e.ctx); err != nil {
		e.Finish()
		_ = l.Close() // nobody has used it yet
		return err
	}
	e.mu.Lock()
	e.began, e.listener = time.Now(), l
	e.mu.Unlock()
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	e.Go(func(context.Context) {
		if err := e.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			e.log.Error(e.name+": the listener ended by itself", "addr", addr, "error", err)
		}
	})
	return nil
}

// Addr returns the listener's address, empty before Start.
func (e *Endpoint) Addr() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.listener == nil {
		return ""
	}
	return e.listener.Addr().String()
}

// Began is when requests were first served, zero before.
func (e *Endpoint) Began() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.began
}

// Open reports whether requests are served.
func (e *Endpoint) Open() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.began.IsZero() && !e.stopped
}

// Go runs f, for which Finish waits; its context ends with Finish. It reports
// false, and f does not run, when Start has not been called or Stop has.
func (e *Endpoint) Go(f func(ctx context.Context)) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped || e.ctx == nil {
		return false
	}
	ctx := e.ctx
	e.loops.Go(func() { f(ctx) })
	return true
}

// Stop has end close down what was started, once; a second call waits for the
// first and returns the same. Nothing happens, and Start is refused from now on,
// where it never was.
func (e *Endpoint) Stop(end func() error) error {
	e.stop.Do(func() {
		e.life.Lock()
		defer e.life.Unlock()
		e.mu.Lock()
		e.stopped = true
		began := e.began
		e.mu.Unlock()
		if !began.IsZero() {
			e.stopErr = end()
		}
	})
	return e.stopErr
}

// Drain closes the listener and waits for the requests under way, until ctx
// ends: then they are cut off, and the error is of kind Stale.
func (e *Endpoint) Drain(ctx context.Context) error {
	err := e.http.Shutdown(ctx)
	if err == nil {
		return nil
	}
	_ = e.http.Close() // the listener is closed already; connections have nothing to tell
	return fault.Wrap(fault.Stale, e.name+": stop", "", err)
}

// Finish ends the context of what Go runs, and waits for it.
func (e *Endpoint) Finish() {
	e.mu.Lock()
	cancel := e.cancel
	e.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	e.loops.Wait()
}

// ServeHTTP serves a request that did not come by the listener.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.http.Handler.ServeHTTP(w, r)
}
