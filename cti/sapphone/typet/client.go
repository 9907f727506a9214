package typet

import (
	"bufio"
	"context"
	"encoding/binary"
	"net"
	"sync"
	"time"

	"strowger/switch/fault"
)

// ClientConfig configures a [Client]. Zero values mean the defaults.
type ClientConfig struct {
	Program string // name of the program that is called (default STROWGER)
	Logon   Logon  // sent before every call, if there is any
	Page    Page   // default LittleEndian
	// MaxFrame and MaxMessage bound what is read (default 1 MiB and 4 MiB).
	MaxFrame, MaxMessage int
}

// Client calls functions as an ABAP system calls the program of a destination
// of type T. It serves tests and the check of a running listener. One call at
// a time.
type Client struct {
	cfg ClientConfig
	lim limits

	mu    sync.Mutex // owns everything below: one call at a time
	conn  net.Conn
	in    frameReader
	id    [8]byte
	ready bool // a program was given to us, and has not gone
	// broken says why no further call is possible.
	broken error
}

const (
	opClient   = "typet: client"
	clientUID  = 0x6001
	syncAfter  = 21 // pieces of a message after which the receiver is waited for
	acceptSize = 125
)

// Dial connects and greets.
func Dial(ctx context.Context, addr string, cfg ClientConfig) (*Client, error) {
	filled, err := Config{Listen: addr, MaxFrame: cfg.MaxFrame, MaxMessage: cfg.MaxMessage}.filled()
	if err != nil {
		return nil, err
	}
	if cfg.Program == "" {
		cfg.Program = ourProgram
	}
	if cfg.Page == 0 {
		cfg.Page = LittleEndian
	}
	if !cfg.Page.known() {
		return nil, fault.Newf(fault.Invalid, opClient, addr, "code page %d is not known", cfg.Page)
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Unavailable, Op: opClient, Subject: addr, Reason: "cannot connect: " + err.Error(), Err: err}
	}
	c := &Client{cfg: cfg, lim: filled.limits(), conn: conn}
	c.in = frameReader{in: bufio.NewReader(conn), limit: filled.MaxFrame, mem: &memory{limit: int64(filled.MaxFrame + filled.MaxMessage)}}
	release := c.bound(ctx)
	defer release()
	if err := c.greet(); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return c, nil
}

// bound makes the connection's reads and writes end with ctx.
func (c *Client) bound(ctx context.Context) (release func()) {
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) })
	return func() {
		if stop() {
			_ = c.conn.SetDeadline(time.Time{})
		}
	}
}

func (c *Client) greet() error {
	b := make([]byte, helloSize2)
	b[0], b[1] = 2, helloClient
	copy(b[2:], []byte{127, 0, 0, 1})
	copy(b[10:], "sapgw00")
	copy(b[20:], "1100")
	b[helloAsked] = 0x0e
	copy(b[30:46], "                ")
	copy(b[30:38], "localhos")
	copy(b[38:46], c.cfg.Program)
	copy(b[46:54], "        ")
	b[helloHeader], b[helloAccepts] = appcVersion, 0xcb
	b[56], b[57] = 0xff, 0xff
	got, err := c.ask(b)
	if err != nil {
		return err
	}
	if !isHello(got) || got[helloAsked] != helloGranted {
		return fault.New(fault.Invalid, opClient, "", "the greeting was not answered as a gateway answers it")
	}
	return nil
}

// ask sends a payload and returns the next that is no ping.
func (c *Client) ask(b []byte) ([]byte, error) {
	if err := c.send(b); err != nil {
		return nil, err
	}
	return c.receive()
}

func (c *Client) send(b []byte) error {
	_, err := c.conn.Write(appendFrame(nil, b))
	return fault.Wrap(fault.Unavailable, opClient, "", err)
}

func (c *Client) receive() ([]byte, error) {
	for {
		f, err := c.in.read()
		c.in.mem.give(f.taken)
		switch {
		case err != nil && fault.KindOf(err) != fault.Internal:
			return nil, err
		case err != nil:
			return nil, &fault.Error{Kind: fault.Unavailable, Op: opClient, Reason: "the other side ended the connection", Err: err}
		case string(f.data) == niPing:
			if err := c.send([]byte(niPong)); err != nil {
				return nil, err
			}
		default:
			return f.data, nil
		}
	}
}

// Ping checks that the peer answers.
func (c *Client) Ping(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.bound(ctx)()
	if c.broken != nil {
		return c.broken
	}
	got, err := c.ask([]byte(niPing))
	if err == nil && string(got) != niPong {
		err = fault.New(fault.Invalid, opClient, "", "a ping was answered with something else")
	}
	c.broken = err
	return err
}

// Call calls a function. An ABAP exception is an *Exception; after any other
// error the client is of no use but to be closed.
func (c *Client) Call(ctx context.Context, call Call) (*Reply, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return nil, c.broken
	}
	if call.Page == 0 {
		call.Page = c.cfg.Page
	}
	if call.Kernel == "" {
		call.Kernel = ourRelease
	}
	b, err := appendCall(c.cfg.Logon, &call)
	if err != nil {
		return nil, err
	}
	defer c.bound(ctx)()
	b, err = c.exchange(b)
	if err != nil {
		c.broken = err
		return nil, err
	}
	return readReply(b, call.Page, c.lim)
}

func (c *Client) exchange(b []byte) ([]byte, error) {
	if !c.ready {
		if err := c.allocate(); err != nil {
			return nil, err
		}
	}
	if err := c.sendMessage(b); err != nil {
		return nil, err
	}
	return c.receiveMessage()
}

// allocate asks for the program.
func (c *Client) allocate() error {
	params := make([]byte, 0, 373)
	params = append(params, c.program(programField)...)
	params = append(params, 1, 1)
	params = append(params, optionsName+"\x00\x00\x00\x00"...)
	params = append(params, "5354524F57474552"...) // the passport's root
	params = append(params, make([]byte, 16)...)
	params = params[:cap(params)]
	r := record{function: fnSAPInit, protocol: 7, uid: clientUID, pad: 2, info2: 1, info3: 0xc0, info4: 4, info: 5, paramsLen: uint16(len(params)), conn: 0xffff}
	copy(r.op[:], "%%RFCSER")
	copy(r.op[16:], c.program(8))
	got, err := c.ask(r.append(nil, params))
	if err != nil {
		return err
	}
	answer, data, err := readRecord(got)
	switch {
	case err != nil:
		return err
	case answer.rc != 0 || answer.sapRC != 0:
		return fault.Newf(fault.Denied, opClient, "", "the program is refused with codes %d and %d", answer.rc, answer.sapRC)
	case len(got) != acceptSize || !sameRoot(data, params):
		return fault.New(fault.Invalid, opClient, "", "the program is given in a form that is not known")
	}
	c.id, c.ready = answer.id, true
	return nil
}

// sameRoot reports whether an accept's data gives the passport back.
func sameRoot(data, params []byte) bool {
	return string(data[8:25]) == string(params[optionsBefore:optionsBefore+17])
}

// program is the program's name, padded with blanks.
func (c *Client) program(n int) []byte {
	b := Latin.append(nil, c.cfg.Program, n)
	for len(b) < n {
		b = append(b, ' ')
	}
	return b
}

// sendMessage sends a message, in pieces if it is long.
func (c *Client) sendMessage(b []byte) error {
	base := record{protocol: 7, uid: clientUID, pad: 2, id: c.id, comm: typeTComm, conn: typeTConn}
	if len(b) <= pieceSize {
		r := base
		r.function, r.info, r.vector, r.paramsLen = fnSAPSend, 5, 0x0c, 8
		// The sizes of this message and of the largest one, behind it.
		tail := binary.BigEndian.AppendUint16([]byte{0, 0}, uint16(len(b)))
		tail = binary.BigEndian.AppendUint32(tail, bufferSize)
		return c.send(r.append(nil, append(b, tail...)))
	}
	for i := 0; len(b) > 0; i++ {
		n := min(len(b), pieceSize)
		r := base
		r.function = fnAsyncSend
		wait := i > 0 && i%syncAfter == 0
		if wait {
			r.function, r.info = fnSend, 1
		}
		r.setSendLength(n)
		if err := c.send(r.append(nil, b[:n])); err != nil {
			return err
		}
		if wait {
			if _, err := c.receive(); err != nil {
				return err
			}
		}
		b = b[n:]
	}
	r := base
	r.function, r.info = fnReceive, 1
	r.setSendLength(pieceSize)
	return c.send(r.append(nil, nil))
}

// receiveMessage collects an answer.
func (c *Client) receiveMessage() ([]byte, error) {
	var whole []byte
	for {
		b, err := c.receive()
		if err != nil {
			return nil, err
		}
		r, data, err := readRecord(b)
		switch {
		case err != nil:
			return nil, err
		case r.function != fnSAPSend && r.function != fnReceive || r.id != c.id:
			return nil, fault.Newf(fault.Invalid, opClient, "", "record 0x%02x of conversation %s is no answer to ours", r.function, label(r.id[:]))
		case r.replyLength() != len(data):
			return nil, fault.Newf(fault.Invalid, opClient, "", "a record says that it carries %d bytes, and carries %d", r.replyLength(), len(data))
		case len(whole)+len(data) > c.lim.total:
			return nil, fault.Newf(fault.Invalid, opClient, "", "the answer is larger than %d bytes", c.lim.total)
		}
		whole = append(whole, data...)
		switch {
		case r.rc == rcDeallocatedNormal && r.sapRC == 0:
			c.ready = false
			return whole, nil
		case r.rc != 0 || r.sapRC != 0:
			return nil, fault.Newf(fault.Unavailable, opClient, "", "the conversation ended with codes %d and %d", r.rc, r.sapRC)
		}
	}
}

// Close ends the conversation and the connection.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken == nil && c.ready {
		r := record{function: fnDeallocate, protocol: 7, uid: clientUID, id: c.id}
		_ = c.conn.SetWriteDeadline(time.Now().Add(time.Second))
		_ = c.send(r.append(nil, nil)) // only a courtesy
	}
	c.broken = fault.New(fault.Stopped, opClient, "", "the client is closed")
	return c.conn.Close()
}
