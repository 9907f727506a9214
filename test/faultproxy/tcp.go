package faultproxy

import (
	"bufio"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// pair is a client's connection and the one to the target made for it.
type pair struct {
	p              *Proxy
	client, server *net.TCPConn
	up, down       *way // to the server, to the client
	path           atomic.Value
	once           sync.Once
	gone           chan struct{}
	ended          atomic.Int32 // directions
}

const acceptAgain = 50 * time.Millisecond

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			if p.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			select {
			case <-time.After(acceptAgain): // no file descriptor is left, perhaps
			case <-p.ctx.Done():
			}
			continue
		}
		client, _ := conn.(*net.TCPConn) // a TCP listener makes no other
		if p.refused() || p.Counts().Open >= maxConns {
			reset(client)
			continue
		}
		p.wg.Go(func() { p.relay(client) })
	}
}

// refused says whether a fault refuses connections.
func (p *Proxy) refused() bool {
	for _, a := range p.faults() {
		if a.Mode == Refuse && (a.Count == 0 || a.taken.Add(1) <= int64(a.Count)) {
			a.conns.Add(1)
			return true
		}
	}
	return false
}

func (p *Proxy) relay(client *net.TCPConn) {
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(p.ctx, "tcp", p.cfg.Target)
	if err != nil {
		reset(client) // as the target would have done
		return
	}
	server, _ := conn.(*net.TCPConn) // as it was asked for
	p.n.conns.Add(1)
	c := &pair{p: p, client: client, server: server, gone: make(chan struct{})}
	c.path.Store("")
	c.up, c.down = newWay(p, ToServer, c.gone), newWay(p, ToClient, c.gone)
	c.up.write, c.up.fin, c.up.cut = write(server), c.half(server), c.end
	c.down.write, c.down.fin, c.down.cut = write(client), c.half(client), c.end
	p.mu.Lock()
	p.pairs[c] = struct{}{}
	p.mu.Unlock()
	if p.ctx.Err() != nil {
		c.end(false)
	}
	var wg sync.WaitGroup
	wg.Go(c.up.run)
	wg.Go(c.down.run)
	if p.cfg.HTTP {
		h := &httpPair{pair: c, pending: make(chan exchange, 1), answered: make(chan struct{}, 1)}
		wg.Go(h.requests)
		wg.Go(h.answers)
	} else {
		wg.Go(func() { chunks(client, c.up) })
		wg.Go(func() { chunks(server, c.down) })
	}
	wg.Wait()
	c.end(false)
	p.mu.Lock()
	delete(p.pairs, c)
	p.mu.Unlock()
}

func write(c net.Conn) func([]byte) error {
	return func(b []byte) error {
		_, err := c.Write(b)
		return err
	}
}

// half passes the end of one direction on, and ends the pair with the second.
func (c *pair) half(to *net.TCPConn) func() {
	return func() {
		_ = to.CloseWrite() // it may be closed already
		if c.ended.Add(1) == 2 {
			c.end(false)
		}
	}
}

// end ends both connections, with RST or FIN.
func (c *pair) end(rst bool) {
	c.once.Do(func() {
		close(c.gone)
		for _, conn := range []*net.TCPConn{c.client, c.server} {
			if rst {
				reset(conn)
			} else {
				_ = conn.Close() // its end is all that is wanted
			}
		}
	})
}

func reset(c *net.TCPConn) {
	_ = c.SetLinger(0) // without it the close below is a FIN
	_ = c.Close()      // its end is all that is wanted
}

// chunks reads a byte stream.
func chunks(from net.Conn, w *way) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if w.pass(unit{kind: chunk, data: append([]byte(nil), buf[:n]...)}) != nil {
				return
			}
		}
		if err != nil {
			over(w, err, "")
			return
		}
	}
}

// over passes the end of a reader on, as an end or as a reset.
func over(w *way, err error, path string) {
	select {
	case <-w.gone:
	default:
		w.finish(path, errors.Is(err, syscall.ECONNRESET))
	}
}

// frames reads a websocket from where its handshake ended.
func frames(r *bufio.Reader, w *way, path string) {
	for {
		data, kind, err := readFrame(r)
		if err != nil {
			over(w, err, path)
			return
		}
		if w.pass(unit{kind: kind, data: data, path: path}) != nil {
			return
		}
	}
}
