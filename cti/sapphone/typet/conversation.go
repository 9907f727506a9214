package typet

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"strowger/switch/fault"
)

// stage is how far a conversation is.
type stage uint8

const (
	fresh       stage = iota // nothing came yet
	greeted                  // the greeting is answered
	initialized              // a direct client has its id
	partnered                // and has named its partner
	allocated                // calls may come
)

// conversation is one connection. serve's goroutine owns it; another reads
// frames, and a third executes the call, if there is one.
type conversation struct {
	l      *Listener
	conn   net.Conn
	remote netip.AddrPort

	stage  stage
	direct bool
	id     [8]byte
	index  uint16 // of the connection, for direct clients
	pad    uint8
	logon  Logon
	asked  record // the record that the running call's answer answers
	parts  []byte // a message in several records, as far as it has come
	count  int    // records of it
	taken  int    // memory held by the running call or the parts

	session Session // the running call's goroutine owns it while there is one
	cancel  context.CancelCauseFunc
	frames  chan frame
	failed  chan error    // why the reader ended
	done    chan finished // the running call's outcome
	timer   *time.Timer
}

// finished is a call's outcome.
type finished struct {
	page  Page
	reply *Reply
	err   error
}

func newConversation(l *Listener, conn net.Conn, remote netip.AddrPort) *conversation {
	return &conversation{
		l: l, conn: conn, remote: remote, pad: 2,
		frames: make(chan frame), failed: make(chan error, 1), done: make(chan finished, 1),
	}
}

// errPeerLeft ends a conversation in order.
var errPeerLeft = errors.New("the peer ended the conversation")

// serve runs the conversation to its end.
func (c *conversation) serve(ctx context.Context) {
	inner, stop := context.WithCancel(ctx)
	var reader sync.WaitGroup
	reader.Go(func() { c.read(inner) })
	c.timer = time.NewTimer(c.l.cfg.Handshake)
	err := c.loop(ctx)
	c.timer.Stop()
	c.note(err)
	if c.cancel != nil {
		c.cancel(fault.Wrap(fault.Stopped, "typet: call", c.remote.String(), err))
		<-c.done
		c.l.Stats.Calls.Add(-1)
	}
	_ = c.conn.Close() // the reader notices
	stop()
	reader.Wait()
	c.l.mem.give(c.taken)
	if c.session != nil {
		c.session.Close()
	}
}

// read passes frames on until the connection ends.
func (c *conversation) read(ctx context.Context) {
	late := false
	var mu sync.Mutex
	watch := time.AfterFunc(time.Hour, func() {
		mu.Lock()
		late = true
		mu.Unlock()
		_ = c.conn.Close() // ends the read
	})
	watch.Stop()
	r := frameReader{in: bufio.NewReader(c.conn), limit: c.l.cfg.MaxFrame, mem: &c.l.mem, watch: watch, within: c.l.cfg.Frame}
	for {
		f, err := r.read()
		if err != nil {
			mu.Lock()
			if late {
				err = fault.New(fault.Overrun, "typet: read", "", "a frame did not arrive in time")
			}
			mu.Unlock()
			c.failed <- err
			return
		}
		select {
		case c.frames <- f:
		case <-ctx.Done():
			c.l.mem.give(f.taken)
			return
		}
	}
}

// loop does one thing at a time.
func (c *conversation) loop(ctx context.Context) error {
	for {
		var err error
		select {
		case f := <-c.frames:
			c.l.Stats.Frames.Add(1)
			err = c.frame(ctx, f)
		case err = <-c.failed:
		case f := <-c.done:
			err = c.answer(f)
		case <-c.timer.C:
			err = fault.New(fault.Stale, "typet", "", "nothing came for too long")
		case <-ctx.Done():
			return c.leave(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// leave lets the answer of a running call out.
func (c *conversation) leave(ctx context.Context) error {
	if c.cancel != nil {
		if err := c.answer(<-c.done); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// note counts and logs why the conversation ended.
func (c *conversation) note(err error) {
	reason, ours := Garbled, true
	switch {
	case errors.Is(err, errPeerLeft), errors.Is(err, io.EOF):
		ours = false
	case fault.Is(err, fault.Stale):
		reason = Silent
	case fault.Is(err, fault.Overrun):
		reason = Slow
	case fault.Is(err, fault.Busy):
		reason = Short
	case fault.Is(err, fault.Stopped):
		reason = Leaving
	case fault.Is(err, fault.Invalid), fault.Is(err, fault.Unsupported), fault.Is(err, fault.Conflict), fault.Is(err, fault.Denied):
	default:
		ours = false // the connection broke
	}
	if ours {
		c.l.Stats.Cut[reason].Add(1)
	}
	if ours && reason != Leaving {
		c.l.log.Warn("a SAPphone connection was cut off", "peer", c.remote.String(), "reason", reason.String(), "error", err.Error())
		return
	}
	c.l.log.Debug("a SAPphone connection ended", "peer", c.remote.String(), "reason", err.Error())
}

// write sends payloads, each as a frame.
func (c *conversation) write(payloads ...[]byte) error {
	var out []byte
	for _, p := range payloads {
		out = appendFrame(out, p)
	}
	if err := c.conn.SetWriteDeadline(time.Now().Add(c.l.cfg.Write)); err != nil {
		return fault.Wrap(fault.Unavailable, "typet: write", "", err)
	}
	_, err := c.conn.Write(out)
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fault.Wrap(fault.Overrun, "typet: write", "the peer does not read", err)
	}
	return fault.Wrap(fault.Unavailable, "typet: write", "", err)
}

// rest starts the time that may pass until the next call.
func (c *conversation) rest() { c.timer.Reset(c.l.cfg.Idle) }
