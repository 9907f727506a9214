package ami

import (
	"context"
	"strings"
	"time"

	"strowger/switch/fault"
)

// Action sends an action and returns its response. Faults: Invalid (see
// [AppendAction]), Denied, Unsupported (unknown action), NotFound, Conflict
// (any other refusal), Busy, Unavailable (not sent), and Unknown when it was
// sent and no answer came.
func (c *Client) Action(ctx context.Context, name string, fields ...Field) (Message, error) {
	r, err := c.do(ctx, false, name, fields)
	return r.first, err
}

// List sends an action that is answered by a list of events, and returns them
// once the list is complete. A lost answer is Unavailable: lists change nothing.
func (c *Client) List(ctx context.Context, name string, fields ...Field) ([]Message, error) {
	r, err := c.do(ctx, true, name, fields)
	if fault.Is(err, fault.Unknown) {
		err = fault.Wrap(fault.Unavailable, "ami "+name, c.cfg.Addr, err)
	}
	return r.items, err
}

// Ping asks for a sign of life. A lost answer is Unavailable.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.do(ctx, false, "Ping", nil)
	if fault.Is(err, fault.Unknown) {
		err = fault.Wrap(fault.Unavailable, "ami Ping", c.cfg.Addr, err)
	}
	return err
}

// Events switches events: "on", "off" or classes such as "call,agent".
func (c *Client) Events(ctx context.Context, mask string) error {
	_, err := c.Action(ctx, "Events", Field{"EventMask", mask})
	return err
}

// Allowed returns the actions that this account may use, with the rights each
// asks for ("call,all"; empty for none), from ListCommands. Asterisk does not
// tell an account's rights in any other way.
func (c *Client) Allowed(ctx context.Context) (map[string]string, error) {
	m, err := c.Action(ctx, "ListCommands")
	if fault.Is(err, fault.Unknown) {
		return nil, fault.Wrap(fault.Unavailable, "ami ListCommands", c.cfg.Addr, err)
	}
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, f := range m {
		_, rights, ok := strings.Cut(f.Value, "(Priv: ")
		if !ok {
			continue
		}
		out[f.Name] = strings.TrimSuffix(strings.ReplaceAll(rights, "<none>", ""), ")")
	}
	return out, nil
}

// do sends and waits.
func (c *Client) do(ctx context.Context, list bool, name string, fields []Field) (result, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	id, p, err := c.add(list)
	if err != nil {
		return result{}, err
	}
	defer c.forget(id)
	own := append([]Field{{"ActionID", id}}, fields...)
	text, err := AppendAction(nil, name, own...)
	if err != nil {
		return result{}, err
	}
	if err := c.write(text); err != nil {
		return result{}, fault.Wrap(fault.Unknown, "ami "+name, c.cfg.Addr, err)
	}
	select {
	case r := <-p.done:
		if r.err == nil {
			r.err = refusal(name, c.cfg.Addr, r.first)
		}
		return r, r.err
	case <-ctx.Done():
		return result{}, &fault.Error{Kind: fault.Unknown, Op: "ami " + name, Subject: c.cfg.Addr, Reason: "no answer in time", Err: ctx.Err()}
	}
}

// write sends one action; a peer that does not read ends the connection.
func (c *Client) write(text []byte) error {
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	err := c.conn.SetWriteDeadline(time.Now().Add(c.cfg.Timeout))
	if err == nil {
		_, err = c.conn.Write(text)
	}
	if err != nil {
		c.end(fault.Wrap(fault.Unavailable, "ami write", c.cfg.Addr, err))
		return err
	}
	c.n.sent.Add(1)
	return nil
}

// refusals maps Asterisk's texts, its only way to give a reason, to kinds. The first match counts.
var refusals = [...]struct {
	text string
	kind fault.Kind
}{
	{"authentication failed", fault.Denied},
	{"permission denied", fault.Denied},
	{"privilege", fault.Denied},
	{"blacklisted", fault.Denied},
	{"invalid/unknown command", fault.Unsupported},
	{"no such", fault.NotFound},
	{"not found", fault.NotFound},
	{"not specified", fault.Invalid},
	{"missing", fault.Invalid},
}

// refusal is nil unless the response is an error.
func refusal(name, addr string, m Message) error {
	if !strings.EqualFold(m.Get("Response"), "Error") {
		return nil
	}
	text := m.Get("Message")
	for _, r := range refusals {
		if strings.Contains(strings.ToLower(text), r.text) {
			return fault.New(r.kind, "ami "+name, addr, text)
		}
	}
	return fault.New(fault.Conflict, "ami "+name, addr, text)
}

// read routes messages until the connection ends.
func (c *Client) read(r *Reader) {
	for {
		m, err := r.Read()
		if err != nil {
			c.end(fault.Wrap(fault.Unavailable, "ami read", c.cfg.Addr, err))
			return
		}
		c.n.received.Add(1)
		c.n.garbage.Add(m.garbage())
		if id := m.Get("ActionID"); id != "" && c.route(id, m) {
			continue
		}
		if m.Event() == "" {
			c.n.orphans.Add(1)
			continue
		}
		select {
		case c.events <- m:
			c.n.events.Add(1)
		default:
			c.end(fault.Newf(fault.Overrun, "ami", c.cfg.Addr, "%d events wait: they are handled too slowly", cap(c.events)))
			return
		}
	}
}

// route gives the message to the action that waits for it.
func (c *Client) route(id string, m Message) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.pending[id]
	if p == nil {
		return false
	}
	finish := func(r result) {
		delete(c.pending, id)
		p.done <- r
	}
	if m.Event() == "" {
		p.first = m
		if !p.list || !strings.EqualFold(m.Get("EventList"), "start") {
			finish(result{first: m})
		}
		return true
	}
	switch {
	case !p.list:
		return false // an event that only quotes the action, such as OriginateResponse
	case strings.EqualFold(m.Get("EventList"), "Complete"):
		finish(result{first: p.first, items: p.items})
	case len(p.items) == maxItems:
		finish(result{err: fault.Newf(fault.Unavailable, "ami", c.cfg.Addr, "a list has more than %d items", maxItems)})
	default:
		p.items = append(p.items, m)
	}
	return true
}

// keepAlive pings; two misses in a row end the connection.
func (c *Client) keepAlive() {
	tick := time.NewTicker(c.cfg.PingEach)
	defer tick.Stop()
	missed := 0
	for {
		select {
		case <-c.dead.Done():
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(c.dead, c.cfg.PingEach)
		err := c.Ping(ctx)
		cancel()
		if err == nil {
			missed = 0
			continue
		}
		c.n.pingsMissed.Add(1)
		if missed++; missed == 2 {
			c.end(fault.Wrap(fault.Unavailable, "ami", c.cfg.Addr, err))
			return
		}
	}
}
