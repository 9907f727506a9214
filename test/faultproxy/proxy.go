package faultproxy

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxConns    = 4096
	maxUnit     = 16 << 20 // bytes of a frame, a request or an answer
	maxWaiting  = 64 << 20 // bytes that wait in one direction of one connection
	dialTimeout = 5 * time.Second
)

// Config sets up a [Proxy].
type Config struct {
	Network string // "tcp" or "udp"
	Listen  string // default 127.0.0.1:0
	Target  string
	HTTP    bool   // TCP that carries HTTP/1.1 and websockets: units are requests, answers and frames
	Seed    uint64 // of Share, Dup, Reorder
}

// Proxy relays between who connects and one target.
type Proxy struct {
	cfg      Config
	listener net.Listener // tcp
	packets  *net.UDPConn // udp
	target   *net.UDPAddr
	ctx      context.Context
	cancel   context.CancelFunc
	wg       sync.WaitGroup
	n        counters

	mu     sync.Mutex // guards the fields below
	rng    *rand.Rand
	ids    uint64
	active []*Active
	pairs  map[*pair]struct{}
	peers  map[string]*peer // udp
}

type counters struct {
	conns, toServer, toClient, toServerBytes, toClientBytes atomic.Uint64
}

// Counts is what went through, touched or not.
type Counts struct {
	Conns, ToServer, ToClient    uint64 // connections (UDP: clients), units
	ToServerBytes, ToClientBytes uint64
	Open                         int // connections now
}

func (c Counts) String() string {
	return fmt.Sprintf("%d connections (%d open), %d units and %d bytes to the server, %d and %d to the client",
		c.Conns, c.Open, c.ToServer, c.ToServerBytes, c.ToClient, c.ToClientBytes)
}

// Start listens. The proxy ends with Stop or ctx.
func Start(ctx context.Context, cfg Config) (*Proxy, error) {
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	p := &Proxy{cfg: cfg, pairs: map[*pair]struct{}{}, peers: map[string]*peer{}, rng: rand.New(rand.NewPCG(cfg.Seed, 0))}
	p.ctx, p.cancel = context.WithCancel(ctx)
	var err error
	switch {
	case cfg.Network == "tcp":
		p.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Listen)
	case cfg.Network == "udp" && cfg.HTTP:
		err = errors.New("HTTP runs over tcp")
	case cfg.Network == "udp":
		err = p.listenUDP()
	default:
		err = fmt.Errorf("unknown network %q: tcp or udp", cfg.Network)
	}
	if err != nil {
		p.cancel()
		return nil, fmt.Errorf("fault proxy: %w", err)
	}
	if p.listener != nil {
		p.wg.Go(p.accept)
	} else {
		p.wg.Go(p.receive)
	}
	p.wg.Go(func() {
		<-p.ctx.Done()
		p.shut()
	})
	return p, nil
}

// Addr is where it listens, as host:port.
func (p *Proxy) Addr() string {
	if p.listener != nil {
		return p.listener.Addr().String()
	}
	return p.packets.LocalAddr().String()
}

// Stop ends every connection and waits for every goroutine. It may be called twice.
func (p *Proxy) Stop() {
	p.cancel()
	p.wg.Wait()
}

// shut closes what goroutines wait in.
func (p *Proxy) shut() {
	if p.listener != nil {
		_ = p.listener.Close() // nothing is lost with it
	} else {
		_ = p.packets.Close() // as above
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		c.end(false)
	}
	for _, c := range p.peers {
		c.end()
	}
}

// Inject begins a fault. Faults work on a unit in the order in which they began.
func (p *Proxy) Inject(f Fault) (*Active, error) {
	if err := f.check(p.cfg.Network, p.cfg.HTTP); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ids++
	a := &Active{Fault: f, id: p.ids, p: p, lifted: make(chan struct{})}
	p.active = append(slices.Clone(p.active), a) // readers hold the old one
	return a, nil
}

// Lift ends all faults.
func (p *Proxy) Lift() {
	for _, a := range p.faults() {
		a.Lift()
	}
}

// Cut resets the connections that are there now, of websockets and HTTP only
// those whose last request had this path (empty: all), and returns how many.
func (p *Proxy) Cut(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for c := range p.pairs {
		if at, _ := c.path.Load().(string); strings.HasPrefix(at, path) {
			c.end(true)
			n++
		}
	}
	return n
}

// Counts returns what went through.
func (p *Proxy) Counts() Counts {
	p.mu.Lock()
	open := len(p.pairs) + len(p.peers)
	p.mu.Unlock()
	return Counts{
		Conns: p.n.conns.Load(), ToServer: p.n.toServer.Load(), ToClient: p.n.toClient.Load(),
		ToServerBytes: p.n.toServerBytes.Load(), ToClientBytes: p.n.toClientBytes.Load(), Open: open,
	}
}

func (p *Proxy) faults() []*Active {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.active
}

func (p *Proxy) forget(a *Active) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active = slices.DeleteFunc(slices.Clone(p.active), func(b *Active) bool { return a == b })
}

// chance returns a number from 0 to below 1.
func (p *Proxy) chance() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rng.Float64()
}
