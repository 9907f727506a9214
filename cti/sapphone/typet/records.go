package typet

import (
	"context"
	"errors"

	"strowger/switch/fault"
)

const opFrame = "typet: frame"

// frame deals with a frame from the peer.
func (c *conversation) frame(ctx context.Context, f frame) error {
	c.taken += f.taken
	keep, err := c.dispatch(ctx, f)
	if !keep {
		c.taken -= f.taken
		c.l.mem.give(f.taken)
	}
	return err
}

// dispatch tells a frame's kind. It reports whether the frame is kept.
func (c *conversation) dispatch(ctx context.Context, f frame) (keep bool, err error) {
	switch {
	case string(f.data) == niPing:
		c.l.Stats.Pings.Add(1)
		return false, c.write([]byte(niPong))
	case len(f.data) <= len(niPong): // a pong, or something else that carries nothing
		return false, nil
	case c.stage == fresh:
		return false, c.hello(f.data)
	case isHello(f.data) && c.cancel == nil && c.parts == nil: // a pooled connection begins anew
		c.stage = fresh
		return false, c.hello(f.data)
	}
	r, data, err := readRecord(f.data)
	if err != nil {
		return false, err
	}
	return c.record(ctx, r, data)
}

func (c *conversation) hello(b []byte) error {
	if _, err := readHello(b); err != nil {
		return err
	}
	c.stage = greeted
	return c.write(answerHello(b))
}

// record deals with a record.
func (c *conversation) record(ctx context.Context, r record, data []byte) (keep bool, err error) {
	if r.function == fnDeallocate {
		return false, errPeerLeft
	}
	if c.cancel != nil {
		return false, fault.Newf(fault.Conflict, opFrame, "", "record 0x%02x during a call", r.function)
	}
	switch r.function {
	case fnSAPInit:
		return false, c.sapInit(r, data)
	case fnInitialize, fnPartner, fnAllocate:
		return false, c.setUp(r)
	case fnSAPSend:
		if c.parts != nil {
			return false, fault.New(fault.Conflict, opFrame, "", "a message begins within another one")
		}
		return true, c.message(ctx, r, data)
	case fnAsyncSend, fnSend:
		return true, c.part(r, data)
	case fnReceive:
		if c.parts == nil {
			return false, fault.New(fault.Conflict, opFrame, "", "a message ends that has not begun")
		}
		whole := append(c.parts, data...)
		c.parts, c.count = nil, 0
		return true, c.message(ctx, r, whole)
	}
	return false, fault.Newf(fault.Unsupported, opFrame, "", "record 0x%02x is not served", r.function)
}

// sapInit answers the request for a program: any name will do, this port has
// only one.
func (c *conversation) sapInit(r record, params []byte) error {
	if c.stage != greeted && c.stage != allocated {
		return fault.New(fault.Conflict, opFrame, "", "a program is asked for before the greeting")
	}
	c.id, c.direct, c.stage = c.l.nextID(), false, allocated
	if r.pad != 0 {
		c.pad = r.pad
	}
	return c.write(answerInit(r, params, c.id))
}

// setUp answers the three steps of a client that calls directly.
func (c *conversation) setUp(r record) error {
	switch {
	case r.function == fnInitialize && c.stage == greeted:
		c.id, c.direct, c.stage = c.l.nextID(), true, initialized
		c.index = uint16(c.l.ids.Load() & 0x7fff)
		out := record{function: fnInitialize, protocol: 2, uid: r.uid, info2: 1, info3: 0xc0, info4: 6, info: 5, id: c.id, op: r.op, conn: c.index}
		return c.write(out.append(nil, nil))
	case r.function == fnPartner && c.stage == initialized:
		c.stage = partnered
		return nil
	case r.function == fnAllocate && c.stage == partnered:
		c.stage = allocated
		out := record{function: fnAllocate, protocol: 2, uid: r.uid, id: c.id, conn: c.index}
		return c.write(out.append(nil, nil))
	}
	return fault.Newf(fault.Conflict, opFrame, "", "step 0x%02x of a connection in the wrong place", r.function)
}

// part takes a record of a message that is sent in several.
func (c *conversation) part(r record, data []byte) error {
	if c.stage != allocated {
		return fault.New(fault.Conflict, opFrame, "", "data before the conversation is set up")
	}
	c.count++
	if len(c.parts)+len(data) > c.l.cfg.MaxMessage || c.count > c.l.cfg.MaxFields {
		return fault.Newf(fault.Invalid, opFrame, "", "a message is larger than %d bytes", c.l.cfg.MaxMessage)
	}
	if !c.l.mem.take(len(data)) {
		return fault.New(fault.Busy, opFrame, "", "too many large messages at once")
	}
	c.taken += len(data)
	c.parts = append(c.parts, data...)
	if r.function != fnSend {
		return nil
	}
	// Now and then the sender waits until we have kept up.
	out := record{function: fnSend, protocol: 2, uid: 0xffff, info4: 2, info: 1, id: c.id, conn: c.index}
	return c.write(out.append(nil, nil))
}

// message deals with a whole message: a logon, a call, or both.
func (c *conversation) message(ctx context.Context, r record, data []byte) error {
	if c.stage != allocated {
		return fault.New(fault.Conflict, opFrame, "", "data before the conversation is set up")
	}
	c.asked = r
	m, err := readMessage(data, c.l.cfg.limits())
	page := LittleEndian
	if m.call != nil {
		page = m.call.Page
	}
	if !m.logon.zero() {
		c.logon = m.logon
	}
	switch {
	case fault.Is(err, fault.Unsupported):
		c.l.Stats.Refused.Add(1)
		c.l.log.Warn("a SAPphone call was refused", "peer", c.remote.String(), "error", err.Error())
		return c.reply(appendException(page, &Exception{Name: "CALL_FUNCTION_NOT_SUPPORTED", Text: fault.ReasonOf(err), System: true}))
	case err != nil:
		return err
	case m.call == nil || c.direct && !m.logon.zero() && isPing(m.call.Function):
		return c.reply(appendLogonReply(page, c.conn.LocalAddr().String(), c.direct))
	case isPing(m.call.Function):
		return c.send(page, &Reply{})
	}
	c.begin(ctx, m.call)
	return nil
}

// isPing: the test of a connection calls no function of ours.
func isPing(function string) bool { return function == "RFCPING" || function == "RFC_PING" }

// begin executes a call on a goroutine of its own, so that the peer's pings
// are answered and its leaving is noticed.
func (c *conversation) begin(ctx context.Context, call *Call) {
	c.timer.Stop()
	c.l.Stats.Called.Add(1)
	c.l.Stats.Calls.Add(1)
	ctx, c.cancel = context.WithCancelCause(ctx)
	peer := Peer{Remote: c.remote, Logon: c.logon}
	go func() {
		reply, err := c.call(ctx, peer, call)
		c.done <- finished{page: call.Page, reply: reply, err: err}
	}()
}

// call runs on the call's goroutine.
func (c *conversation) call(ctx context.Context, p Peer, call *Call) (*Reply, error) {
	if c.session == nil {
		s, err := c.l.handler.Open(p)
		if err != nil {
			return nil, err
		}
		c.session = s
	}
	return c.session.Call(ctx, call)
}

// answer sends a call's outcome.
func (c *conversation) answer(f finished) error {
	c.cancel(nil)
	c.cancel = nil
	c.l.Stats.Calls.Add(-1)
	if f.err == nil {
		return c.send(f.page, f.reply)
	}
	c.l.Stats.Exceptions.Add(1)
	var e *Exception
	if !errors.As(f.err, &e) {
		c.l.log.Error("a SAPphone call failed", "peer", c.remote.String(), "error", f.err.Error())
		e = &Exception{Name: systemFailure, Text: "the call failed inside the switch: its log says why", System: true}
	}
	return c.reply(appendException(f.page, e))
}

const systemFailure = "SYSTEM_FAILURE"

func (c *conversation) send(p Page, r *Reply) error {
	b, err := appendReply(p, r)
	if err != nil {
		c.l.log.Error("an answer to SAPphone cannot be written", "peer", c.remote.String(), "error", err.Error())
		b = appendException(p, &Exception{Name: systemFailure, Text: "the answer cannot be written: the switch's log says why", System: true})
	}
	return c.reply(b)
}

// reply sends a message in as many records as it takes, and waits for the next
// call from then on.
func (c *conversation) reply(b []byte) error {
	c.l.mem.give(c.taken)
	c.taken = 0
	c.rest()
	var out [][]byte
	for first := true; first || len(b) > 0; first = false {
		n := min(len(b), pieceSize)
		r := c.replyRecord(first, n == len(b))
		r.setReplyLength(max(n, c.buffer()), n)
		out = append(out, r.append(nil, b[:n]))
		b = b[n:]
	}
	return c.write(out...)
}

// buffer is the size of the receive buffer that a reply mentions.
func (c *conversation) buffer() int {
	if c.direct {
		return bufferSize
	}
	return 0
}

// replyRecord is the header of a reply's record.
func (c *conversation) replyRecord(first, last bool) record {
	r := record{function: fnReceive, id: c.id}
	if first {
		r.function = fnSAPSend
	}
	if c.direct {
		r.protocol, r.uid, r.info, r.conn = 2, 0xffff, 1, c.index
		switch {
		case last:
			r.vector = 0x0c
		case first:
			r.vector = 0x08
		}
		return r
	}
	r.protocol, r.uid, r.info3, r.info4, r.pad, r.info = 7, c.asked.uid, 1, 2, c.pad, 1
	r.comm, r.conn = typeTComm, typeTConn
	r.op[7] = 2
	copy(r.op[21:], "1100")
	if first {
		r.vector = 0x08
	}
	if last {
		r.rc = rcDeallocatedNormal
	}
	return r
}
