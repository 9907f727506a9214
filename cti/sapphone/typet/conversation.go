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
	initialized stage = iota + 1 // a direct client has its id
	partnered                    // and has named its partner
	allocated                    // calls may come
)

// conversation is one use of the program, until the peer deallocates it or
// asks for the program again after its last answer.
type conversation struct {
	stage  stage
	direct bool
	over   bool // our answer has said so; a peer may call again all the same
	id     [8]byte
	index  uint16 // for direct clients
	pad    uint8
	asked  record                  // the record that the running call's answer answers
	parts  []byte                  // a message in several records, as far as it has come
	count  int                     // records of it
	taken  int                     // memory held by the running call or the parts
	cancel context.CancelCauseFunc // of the running call; nil when there is none
	gone   bool                    // nobody waits for the running call's answer
}

// connection carries conversations: one, as a rule, or those of several users
// whom a work process of the peer serves in turn. serve's goroutine owns it;
// another reads frames, and each running call has one.
type connection struct {
	l      *Listener
	conn   net.Conn
	remote netip.AddrPort

	greeted bool
	logon   Logon
	talks   map[[8]byte]*conversation
	running int // calls
	session Session

	frames chan frame
	failed chan error    // why the reader ended
	done   chan finished // running calls' outcomes
	timer  *time.Timer
}

// finished is a call's outcome.
type finished struct {
	of    *conversation
	page  Page
	reply *Reply
	err   error
}

func newConnection(l *Listener, conn net.Conn, remote netip.AddrPort) *connection {
	return &connection{
		l: l, conn: conn, remote: remote, talks: map[[8]byte]*conversation{},
		frames: make(chan frame), failed: make(chan error, 1), done: make(chan finished),
	}
}

// errPeerLeft ends a call whose peer has deallocated the conversation.
var errPeerLeft = fault.New(fault.Stopped, "typet", "", "the peer ended the conversation")

// serve runs the connection to its end.
func (c *connection) serve(ctx context.Context) {
	inner, stop := context.WithCancel(ctx)
	var reader sync.WaitGroup
	reader.Go(func() { c.read(inner) })
	c.timer = time.NewTimer(c.l.cfg.Handshake)
	err := c.loop(ctx)
	c.timer.Stop()
	c.note(err)
	for _, t := range c.talks {
		c.drop(t, fault.Wrap(fault.Stopped, "typet: call", c.remote.String(), err))
	}
	for c.running > 0 {
		c.finish(<-c.done)
	}
	_ = c.conn.Close() // the reader notices
	stop()
	reader.Wait()
	if c.session != nil {
		c.session.Close()
	}
}

// drop ends a conversation. Its running call is told, and its answer discarded.
func (c *connection) drop(t *conversation, why error) {
	delete(c.talks, t.id)
	c.l.talks.Add(-1)
	if t.cancel != nil {
		t.gone = true
		t.cancel(why)
		return
	}
	c.release(t)
}

func (c *connection) release(t *conversation) {
	c.l.mem.give(t.taken)
	t.taken = 0
}

// finish takes note of a call's end, and reports whether somebody waits for
// its answer.
func (c *connection) finish(f finished) bool {
	f.of.cancel(nil)
	f.of.cancel = nil
	c.running--
	c.l.Stats.Calls.Add(-1)
	if f.of.gone {
		c.release(f.of)
	}
	if c.running == 0 {
		c.timer.Reset(c.l.cfg.Idle)
	}
	return !f.of.gone
}

// read passes frames on until the connection ends.
func (c *connection) read(ctx context.Context) {
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
func (c *connection) loop(ctx context.Context) error {
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

// leave lets the answers of running calls out.
func (c *connection) leave(ctx context.Context) error {
	for c.running > 0 {
		if err := c.answer(<-c.done); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// note counts and logs why the conversation ended.
func (c *connection) note(err error) {
	reason, ours := Garbled, true
	switch {
	case errors.Is(err, io.EOF):
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
func (c *connection) write(payloads ...[]byte) error {
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
