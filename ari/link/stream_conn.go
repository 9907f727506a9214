package link

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"strowger/switch/fault"
)

// supervise connects, serves, backs off and connects again until ctx ends.
func (s *Stream) supervise(ctx context.Context) {
	defer close(s.done)
	defer s.queue.close()
	var epoch uint64
	wait := newBackoff(s.cfg)
	for ctx.Err() == nil {
		s.queue.waitRoom(ctx)
		conn, err := s.dial(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			s.dialFailed(err, wait)
			wait.sleep(ctx)
			continue
		}
		epoch++
		began := time.Now()
		s.n.connects.Add(1)
		s.cfg.Logger.Info("ari: event stream connected", "app", s.cfg.App, "epoch", epoch)
		cause := s.serve(ctx, conn, epoch)
		if !fault.Is(cause, fault.Stopped) {
			s.cfg.Logger.Warn("ari: event stream lost", "app", s.cfg.App, "epoch", epoch, "cause", cause)
		}
		if time.Since(began) >= s.cfg.BackoffMax {
			wait.reset() // a connection that held: the next trouble is a new one
		}
		wait.denied = false
		wait.sleep(ctx)
	}
}

// dial opens the websocket. Its HTTP client is made for this one connection:
// the upgrade takes the connection out of the pool for good.
func (s *Stream) dial(ctx context.Context) (*websocket.Conn, error) {
	dialer := &net.Dialer{KeepAlive: 15 * time.Second}
	pool := &http.Transport{
		Proxy: nil, DisableKeepAlives: true, TLSClientConfig: s.cfg.TLS,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := dialer.DialContext(ctx, network, addr)
			if tcp, ok := c.(*net.TCPConn); ok {
				// A smaller buffer than asked for works as well.
				_ = tcp.SetReadBuffer(s.cfg.ReceiveBuffer)
			}
			return c, err
		},
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.DialTimeout)
	defer cancel()
	conn, resp, err := websocket.Dial(ctx, s.target, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: pool, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		HTTPHeader: s.header.Clone(), CompressionMode: websocket.CompressionDisabled,
		OnPongReceived: func(context.Context, []byte) { s.heard() },
		OnPingReceived: func(context.Context, []byte) bool { s.heard(); return true },
	})
	if err == nil {
		conn.SetReadLimit(s.cfg.FrameLimit)
		return conn, nil
	}
	pool.CloseIdleConnections()
	kind := fault.Unavailable
	if resp != nil && (resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden) {
		kind = fault.Denied
	}
	return nil, fault.Wrap(kind, "ari stream connect", s.cfg.App, err)
}

const refusedUser = "Asterisk refuses our user or password: check ari.conf and asterisk.ari_password; trying on, at least every 30 s"

// dialFailed counts and logs a failed try: a refusal once and loudly, the rest each time, quietly.
func (s *Stream) dialFailed(err error, wait *backoff) {
	s.n.dialFailures.Add(1)
	if !fault.Is(err, fault.Denied) {
		wait.denied = false
		s.setRefused("")
		s.cfg.Logger.Info("ari: cannot connect the event stream", "app", s.cfg.App, "retry_within", wait.next, "cause", err)
		return
	}
	s.n.denied.Add(1)
	s.setRefused(refusedUser)
	if !wait.denied {
		s.cfg.Logger.Error("ari: "+refusedUser, "app", s.cfg.App, "user", s.cfg.User, "cause", err)
	}
	wait.denied = true
}

// serve runs one connection to its end and returns why it ended.
func (s *Stream) serve(ctx context.Context, conn *websocket.Conn, epoch uint64) error {
	ctx, cancel := context.WithCancelCause(ctx)
	s.heard()
	s.setConn(conn) // before Connected is delivered, so that its consumer can call Do at once
	s.queue.put(Frame{Kind: FrameConnected, At: time.Now(), Epoch: epoch})
	var pinger sync.WaitGroup
	pinger.Go(func() { s.ping(ctx, conn, cancel) })
	cause := s.read(ctx, conn, epoch) // the pinger's or Stop's reason, if the reader failed because of it
	cancel(cause)
	heard := s.base.Add(time.Duration(s.seen.Load()))
	if fault.Is(cause, fault.Overrun) {
		s.n.overruns.Add(1)
	}
	s.setConn(nil)
	// Errors of closing say nothing that the cause does not.
	_ = conn.CloseNow()
	pinger.Wait()
	s.calls.abandon()
	s.queue.put(Frame{Kind: FrameDisconnected, At: time.Now(), Epoch: epoch, Heard: heard, Cause: cause})
	return cause
}

// read only reads, stamps and appends, because Asterisk cuts a slow reader
// off after 100 ms. The one exception is an answer to a REST request, looked for while one is open.
func (s *Stream) read(ctx context.Context, conn *websocket.Conn, epoch uint64) error {
	var buf bytes.Buffer
	for {
		kind, r, err := conn.Reader(ctx)
		if err == nil {
			buf.Reset()
			_, err = buf.ReadFrom(heardReader{r, s})
		}
		if err != nil {
			return s.readFault(ctx, err)
		}
		now := time.Now()
		if kind != websocket.MessageText {
			return fault.New(fault.Unavailable, "ari stream", s.cfg.App, "binary frame: this is not Asterisk's event stream")
		}
		s.n.frames.Add(1)
		s.n.bytes.Add(uint64(buf.Len()))
		data := bytes.Clone(buf.Bytes())
		clear(buf.Bytes()) // a digit of a PIN would stay here until the next event
		if s.calls.open.Load() > 0 && s.answered(data) {
			continue
		}
		if !s.queue.put(Frame{Kind: FrameEvent, At: now, Epoch: epoch, Data: data}) {
			return fault.Newf(fault.Overrun, "ari stream", s.cfg.App, "the queue of %d bytes is full: events are handled too slowly", s.cfg.QueueBytes)
		}
		if buf.Cap() > 1<<20 {
			buf = bytes.Buffer{} // one huge event must not pin its memory
		}
	}
}

// readFault names the reason for a failed read.
func (s *Stream) readFault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		var cause *fault.Error
		if errors.As(context.Cause(ctx), &cause) {
			return cause
		}
		return fault.New(fault.Stopped, "ari stream", s.cfg.App, "stopped")
	}
	e := &fault.Error{Kind: fault.Unavailable, Op: "ari stream", Subject: s.cfg.App, Err: err}
	switch {
	case errors.Is(err, websocket.ErrMessageTooBig):
		e.Reason = "an event is larger than FrameLimit"
	case errors.Is(err, io.EOF):
		e.Reason = "closed by Asterisk without a word: stopped, killed, or we read too slowly for its websocket_write_timeout"
	default:
		e.Reason = "connection lost"
	}
	return e
}

// heardReader notes each piece of a frame as a sign of life.
type heardReader struct {
	r io.Reader
	s *Stream
}

func (h heardReader) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	if n > 0 {
		h.s.heard()
	}
	return n, err
}

// ping asks for a sign of life every period, and ends the connection after too
// long a silence, which it looks for four times as often.
func (s *Stream) ping(ctx context.Context, conn *websocket.Conn, dead context.CancelCauseFunc) {
	tick := time.NewTicker(max(s.cfg.PingEvery/4, time.Millisecond))
	defer tick.Stop()
	var pings sync.WaitGroup // each waits for its pong, at most DeadAfter
	defer pings.Wait()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		quiet := s.silence()
		if quiet >= s.cfg.DeadAfter {
			s.n.dead.Add(1)
			dead(fault.Newf(fault.Unavailable, "ari stream", s.cfg.App, "no sign of life for %v: Asterisk hangs or the network is cut", quiet.Round(time.Millisecond)))
			return
		}
		if n%4 != 0 {
			continue
		}
		if quiet >= 2*s.cfg.PingEvery {
			s.n.pingsMissed.Add(1)
		}
		pings.Go(func() {
			pctx, cancel := context.WithTimeout(ctx, s.cfg.DeadAfter)
			defer cancel()
			// Pongs are noted by OnPongReceived, and a failure shows as silence.
			_ = conn.Ping(pctx)
		})
	}
}

// backoff is the wait before the next try: doubled each time, with jitter, so
// that several controllers do not come back in step.
type backoff struct {
	min, max, deniedMax time.Duration
	next                time.Duration
	denied              bool
}

func newBackoff(c Config) *backoff {
	return &backoff{min: c.BackoffMin, max: c.BackoffMax, deniedMax: c.BackoffDenied, next: c.BackoffMin}
}

func (b *backoff) reset() { b.next = b.min }

// sleep waits between half and all of the current step, or until ctx ends.
func (b *backoff) sleep(ctx context.Context) {
	t := time.NewTimer(b.next/2 + rand.N(b.next/2+1))
	defer t.Stop()
	limit := b.max
	if b.denied {
		limit = max(limit, b.deniedMax)
	}
	b.next = min(b.next*2, limit)
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
