package typet

import (
	"context"
	"errors"

	"strowger/switch/fault"
)

const opFrame = "typet: frame"

// frame deals with a frame from the peer.
func (c *connection) frame(ctx context.Context, f frame) error {
	keeper, err := c.dispatch(ctx, f)
	if keeper == nil {
		c.l.mem.give(f.taken)
	}
	return err
}

// dispatch tells a frame's kind. It returns the conversation that keeps the
// frame's memory, if one does.
func (c *connection) dispatch(ctx context.Context, f frame) (*conversation, error) {
	switch {
	case string(f.data) == niPing:
		c.l.Stats.Pings.Add(1)
		return nil, c.write([]byte(niPong))
	case len(f.data) <= len(niPong): // a pong, or something else that carries nothing
		return nil, nil
	case !c.greeted || isHello(f.data): // a pooled connection may begin anew
		return nil, c.hello(f.data)
	}
	r, data, err := readRecord(f.data)
	if err != nil {
		return nil, err
	}
	switch r.function {
	case fnSAPInit:
		return nil, c.sapInit(r, data)
	case fnInitialize:
		return nil, c.initialize(r)
	}
	t := c.talks[r.id]
	if t == nil {
		t = c.only() // ids are ours to give, and a peer with one conversation may keep its own
	}
	switch {
	case t == nil && r.function == fnDeallocate: // it has made way already
		return nil, nil
	case t == nil:
		return nil, fault.Newf(fault.Conflict, opFrame, "", "record 0x%02x belongs to no conversation", r.function)
	}
	return c.record(ctx, t, r, data, f.taken)
}

// only returns the connection's only conversation, or nil.
func (c *connection) only() *conversation {
	if len(c.talks) == 1 {
		for _, t := range c.talks {
			return t
		}
	}
	return nil
}

func (c *connection) hello(b []byte) error {
	if _, err := readHello(b); err != nil {
		return err
	}
	c.greeted = true
	return c.write(answerHello(b))
}

// record deals with a record of a conversation.
func (c *connection) record(ctx context.Context, t *conversation, r record, data []byte, taken int) (*conversation, error) {
	switch {
	case r.function == fnDeallocate:
		c.drop(t, errPeerLeft)
		return nil, nil
	case t.cancel != nil:
		return nil, fault.Newf(fault.Conflict, opFrame, "", "record 0x%02x during a call", r.function)
	case r.function == fnPartner || r.function == fnAllocate:
		return nil, c.setUp(t, r)
	case t.stage != allocated:
		return nil, fault.New(fault.Conflict, opFrame, "", "data before the conversation is set up")
	}
	switch r.function {
	case fnSAPSend:
		if t.parts != nil {
			return nil, fault.New(fault.Conflict, opFrame, "", "a message begins within another one")
		}
		t.taken += taken
		return t, c.message(ctx, t, r, data)
	case fnAsyncSend, fnSend:
		t.taken += taken
		return t, c.part(t, r, data)
	case fnReceive:
		if t.parts == nil {
			return nil, fault.New(fault.Conflict, opFrame, "", "a message ends that has not begun")
		}
		t.taken += taken
		whole := append(t.parts, data...)
		t.parts, t.count = nil, 0
		return t, c.message(ctx, t, r, whole)
	}
	return nil, fault.Newf(fault.Unsupported, opFrame, "", "record 0x%02x is not served", r.function)
}

// begins makes a conversation, or nil where there are too many. Those whose
// last answer is out make way: the peer has begun a new one.
func (c *connection) begins(direct bool) *conversation {
	for _, t := range c.talks {
		if t.over && t.cancel == nil {
			c.drop(t, errPeerLeft)
		}
	}
	if c.l.talks.Add(1) > int64(c.l.cfg.MaxConnections) {
		c.l.talks.Add(-1)
		c.l.Stats.Overloaded.Add(1)
		return nil
	}
	n, id := c.l.nextID()
	t := &conversation{direct: direct, id: id, index: uint16(n & 0x7fff), pad: 2, stage: allocated}
	c.talks[id] = t
	return t
}

// sapInit answers the request for a program: any name will do, this port has
// only one.
func (c *connection) sapInit(r record, params []byte) error {
	t := c.begins(false)
	if t == nil {
		return c.write(refuseInit(r))
	}
	if r.pad != 0 {
		t.pad = r.pad
	}
	return c.write(answerInit(r, params, t.id))
}

// initialize, then setUp, are the three steps of a client that calls directly.
func (c *connection) initialize(r record) error {
	t := c.begins(true)
	if t == nil {
		return c.write(refuseInit(r))
	}
	t.stage = initialized
	out := record{function: fnInitialize, protocol: 2, uid: r.uid, info2: 1, info3: 0xc0, info4: 6, info: 5, id: t.id, op: r.op, conn: t.index}
	return c.write(out.append(nil, nil))
}

func (c *connection) setUp(t *conversation, r record) error {
	switch {
	case r.function == fnPartner && t.stage == initialized:
		t.stage = partnered
		return nil
	case r.function == fnAllocate && t.stage == partnered:
		t.stage = allocated
		out := record{function: fnAllocate, protocol: 2, uid: r.uid, id: t.id, conn: t.index}
		return c.write(out.append(nil, nil))
	}
	return fault.Newf(fault.Conflict, opFrame, "", "step 0x%02x of a connection in the wrong place", r.function)
}

// part takes a record of a message that is sent in several.
func (c *connection) part(t *conversation, r record, data []byte) error {
	t.count++
	if len(t.parts)+len(data) > c.l.cfg.MaxMessage || t.count > c.l.cfg.MaxFields {
		return fault.Newf(fault.Invalid, opFrame, "", "a message is larger than %d bytes", c.l.cfg.MaxMessage)
	}
	if !c.l.mem.take(len(data)) {
		return fault.New(fault.Busy, opFrame, "", "too many large messages at once")
	}
	t.taken += len(data)
	t.parts = append(t.parts, data...)
	if r.function != fnSend {
		return nil
	}
	// Now and then the sender waits until we have kept up.
	out := record{function: fnSend, protocol: 2, uid: 0xffff, info4: 2, info: 1, id: t.id, conn: t.index}
	return c.write(out.append(nil, nil))
}

// message deals with a whole message: a logon, a call, or both.
func (c *connection) message(ctx context.Context, t *conversation, r record, data []byte) error {
	t.asked = r
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
		return c.reply(t, appendException(page, &Exception{Name: "CALL_FUNCTION_NOT_SUPPORTED", Text: fault.ReasonOf(err), System: true}))
	case err != nil:
		return err
	case m.call == nil || t.direct && !m.logon.zero() && isPing(m.call.Function):
		return c.reply(t, appendLogonReply(page, c.conn.LocalAddr().String(), t.direct))
	case isPing(m.call.Function):
		return c.send(t, page, &Reply{})
	}
	return c.begin(ctx, t, m.call)
}

// isPing: the test of a connection calls no function of ours.
func isPing(function string) bool { return function == "RFCPING" || function == "RFC_PING" }

// begin executes a call on a goroutine of its own, so that the peer's pings
// are answered and its leaving is noticed.
func (c *connection) begin(ctx context.Context, t *conversation, call *Call) error {
	c.l.Stats.Called.Add(1)
	if c.session == nil {
		s, err := c.l.handler.Open(Peer{Remote: c.remote, Logon: c.logon})
		if err != nil {
			return c.except(t, call.Page, err)
		}
		c.session = s
	}
	c.timer.Stop()
	c.running++
	c.l.Stats.Calls.Add(1)
	ctx, t.cancel = context.WithCancelCause(ctx)
	go func() {
		reply, err := c.session.Call(ctx, call)
		c.done <- finished{of: t, page: call.Page, reply: reply, err: err}
	}()
	return nil
}

// answer sends a call's outcome.
func (c *connection) answer(f finished) error {
	if !c.finish(f) {
		return nil
	}
	if f.err != nil {
		return c.except(f.of, f.page, f.err)
	}
	return c.send(f.of, f.page, f.reply)
}

// except sends an exception.
func (c *connection) except(t *conversation, p Page, err error) error {
	c.l.Stats.Exceptions.Add(1)
	var e *Exception
	if !errors.As(err, &e) {
		c.l.log.Error("a SAPphone call failed", "peer", c.remote.String(), "error", err.Error())
		e = &Exception{Name: systemFailure, Text: "the call failed inside the switch: its log says why", System: true}
	}
	return c.reply(t, appendException(p, e))
}

const systemFailure = "SYSTEM_FAILURE"

func (c *connection) send(t *conversation, p Page, r *Reply) error {
	b, err := appendReply(p, r)
	if err != nil {
		c.l.log.Error("an answer to SAPphone cannot be written", "peer", c.remote.String(), "error", err.Error())
		b = appendException(p, &Exception{Name: systemFailure, Text: "the answer cannot be written: the switch's log says why", System: true})
	}
	return c.reply(t, b)
}

// reply sends a message in as many records as it takes.
func (c *connection) reply(t *conversation, b []byte) error {
	c.release(t)
	t.over = !t.direct
	if c.running == 0 {
		c.timer.Reset(c.l.cfg.Idle)
	}
	var out [][]byte
	for first := true; first || len(b) > 0; first = false {
		n := min(len(b), pieceSize)
		r := t.replyRecord(first, n == len(b))
		buffer := n
		if t.direct {
			buffer = bufferSize
		}
		r.setReplyLength(buffer, n)
		out = append(out, r.append(nil, b[:n]))
		b = b[n:]
	}
	return c.write(out...)
}

// replyRecord is the header of a reply's record.
func (t *conversation) replyRecord(first, last bool) record {
	r := record{function: fnReceive, id: t.id}
	if first {
		r.function = fnSAPSend
	}
	if t.direct {
		r.protocol, r.uid, r.info, r.conn = 2, 0xffff, 1, t.index
		switch {
		case last:
			r.vector = 0x0c
		case first:
			r.vector = 0x08
		}
		return r
	}
	r.protocol, r.uid, r.info3, r.info4, r.pad, r.info = 7, t.asked.uid, 1, 2, t.pad, 1
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
