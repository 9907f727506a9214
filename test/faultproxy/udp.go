package faultproxy

import (
	"net"
	"net/netip"
	"sync"
)

// peer is a UDP client: the target sees each as an address of its own.
type peer struct {
	addr     netip.AddrPort
	server   *net.UDPConn
	up, down *way
	once     sync.Once
	gone     chan struct{}
}

// udpBuffer holds what comes while others have the processor: what is lost is
// to be the faults' doing.
const udpBuffer = 1 << 20

func (p *Proxy) listenUDP() error {
	at, err := net.ResolveUDPAddr("udp", p.cfg.Listen)
	if err != nil {
		return err
	}
	if p.target, err = net.ResolveUDPAddr("udp", p.cfg.Target); err != nil {
		return err
	}
	if p.packets, err = net.ListenUDP("udp", at); err != nil {
		return err
	}
	return p.packets.SetReadBuffer(udpBuffer)
}

// receive reads what clients send.
func (p *Proxy) receive() {
	buf := make([]byte, 64<<10)
	for {
		n, from, err := p.packets.ReadFromUDPAddrPort(buf)
		if p.ctx.Err() != nil {
			return
		}
		if err != nil {
			continue // an ICMP message for something sent earlier
		}
		c := p.peer(from)
		if c == nil {
			continue
		}
		_ = c.up.pass(unit{kind: datagram, data: append([]byte(nil), buf[:n]...)}) // lost is lost
	}
}

// peer returns the client with this address, new or known; nil when there are
// too many.
func (p *Proxy) peer(from netip.AddrPort) *peer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.peers[from.String()]; c != nil || len(p.peers) >= maxConns {
		return c
	}
	server, err := net.DialUDP("udp", nil, p.target)
	if err != nil {
		return nil
	}
	_ = server.SetReadBuffer(udpBuffer) // a smaller one does in most cases
	p.n.conns.Add(1)
	c := &peer{addr: from, server: server, gone: make(chan struct{})}
	c.up, c.down = newWay(p, ToServer, c.gone), newWay(p, ToClient, c.gone)
	c.up.write = write(server)
	c.down.write = func(b []byte) error {
		_, err := p.packets.WriteToUDPAddrPort(b, from)
		return err
	}
	p.peers[from.String()] = c
	if p.ctx.Err() != nil {
		c.end()
	}
	p.wg.Go(c.up.run)
	p.wg.Go(c.down.run)
	p.wg.Go(c.listen)
	return c
}

func (c *peer) listen() {
	buf := make([]byte, 64<<10)
	for {
		n, err := c.server.Read(buf)
		if err != nil {
			select {
			case <-c.gone:
				return
			default:
				continue // an ICMP message: nobody listens there just now
			}
		}
		_ = c.down.pass(unit{kind: datagram, data: append([]byte(nil), buf[:n]...)}) // lost is lost
	}
}

func (c *peer) end() {
	c.once.Do(func() {
		close(c.gone)
		_ = c.server.Close() // its end is all that is wanted
	})
}
