package ua

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"strowger/media/rtpio"
	"strowger/switch/fault"
)

// stopGrace bounds how long Stop waits for answers to BYE and unregister.
const stopGrace = 3 * time.Second

// UA is one phone. Make it with [New], then Start; Stop ends everything it
// does. It is safe for concurrent use.
type UA struct {
	cfg      Config
	log      *slog.Logger
	agent    *sipgo.UserAgent
	client   *sipgo.Client
	socket   *readySocket
	served   chan struct{} // closed when sipgo has left the socket
	local    netip.AddrPort
	laddr    sip.Addr
	pacer    *rtpio.Pacer
	ownPacer bool
	incoming chan *Call
	count    counters
	reg      registration

	ctx      context.Context // ends everything the UA does
	cancel   context.CancelFunc
	wg       sync.WaitGroup
	stopOnce sync.Once
	stopped  chan struct{}

	life  sync.Mutex  // one of Start and Abandon at a time
	ready atomic.Bool // Start has succeeded

	mu        sync.Mutex // guards calls, referrals and what is in them, closing, started
	calls     map[string]*Call
	referrals map[string]*referral // by the key of their call
	closing   bool
	started   bool
}

type counters struct {
	badMessages, strays, refusedCalls, unmatched, panics atomic.Uint64
	placed, received                                     atomic.Uint64
	talkAnswers, talkOutside, talkHolds                  atomic.Uint64
}

// Stats are a phone's counters.
type Stats struct {
	Calls        int    // alive now
	Placed       uint64 // INVITEs sent, without those of re-INVITE and digest
	Received     uint64 // INVITEs that became calls
	Refused      uint64 // INVITEs refused before they became a call
	BadMessages  uint64 // datagrams that were not SIP, dropped
	Strays       uint64 // responses of no transaction
	Unmatched    uint64 // in-dialog requests of no call, answered 481
	Panics       uint64 // defects caught in a handler; any is a bug
	Registered   bool
	Registers    uint64 // REGISTERs that succeeded
	RegisterFail uint64
	TalkAnswers  uint64 // calls answered by NOTIFY talk, in or outside their dialog
	TalkOutside  uint64 // those of them that came outside any dialog
	TalkHolds    uint64 // holds and retrieves done at a NOTIFY's wish
}

// New checks the configuration. Error: fault.Invalid.
func New(cfg Config) (*UA, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	u := &UA{
		cfg: cfg, log: cfg.Logger, pacer: cfg.Pacer, incoming: make(chan *Call, incomingQueue),
		calls: make(map[string]*Call), referrals: make(map[string]*referral), stopped: make(chan struct{}),
	}
	u.reg.callID, u.reg.tag = newID(), sip.GenerateTagN(16)
	u.ctx, u.cancel = context.WithCancel(context.Background())
	return u, nil
}

// Start binds the socket and returns once the phone can be called. It may be
// called once. Errors: fault.Unavailable (no socket), fault.Conflict.
func (u *UA) Start(ctx context.Context) error {
	u.life.Lock()
	defer u.life.Unlock()
	u.mu.Lock()
	again := u.started || u.closing
	u.started = true
	u.mu.Unlock()
	if again {
		return fault.New(fault.Conflict, "ua: start", u.cfg.User, "was started or stopped before: make a new one")
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(u.cfg.BindIP, u.cfg.Port)))
	if err != nil {
		return &fault.Error{Kind: fault.Unavailable, Op: "ua: start", Subject: u.cfg.User, Reason: "UDP port " + strconv.Itoa(int(u.cfg.Port)) + " (0: any) of " + u.cfg.BindIP.String() + " cannot be bound", Err: err}
	}
	socket := &readySocket{PacketConn: conn, ready: make(chan struct{})}
	port := conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	u.local = netip.AddrPortFrom(u.cfg.BindIP, port)
	u.laddr = sip.Addr{IP: u.cfg.BindIP.AsSlice(), Port: int(port), Hostname: u.cfg.BindIP.String()}
	if err := u.buildAgent(); err != nil {
		_ = conn.Close() // nothing was served yet
		return fault.Wrap(fault.Internal, "ua: start", u.cfg.User, err)
	}
	if u.pacer == nil {
		u.pacer, u.ownPacer = rtpio.NewPacer(), true
	}
	u.socket, u.served = socket, make(chan struct{})
	go func() {
		defer close(u.served)
		if err := u.agent.TransportLayer().ServeUDP(socket); err != nil {
			u.log.Warn("SIP socket ended", "error", err)
		}
	}()
	select {
	case <-socket.ready:
		u.ready.Store(true)
		return nil
	case <-ctx.Done(): // Stop cleans up
		return fault.Wrap(fault.KindOf(ctx.Err()), "ua: start", u.cfg.User, ctx.Err())
	}
}

func (u *UA) buildAgent() error {
	quiet := slog.New(quietHandler{u.log.Handler()})
	f := &filter{parser: sip.NewParser(), bad: &u.count.badMessages}
	agent, err := sipgo.NewUA(
		sipgo.WithUserAgent("strowger"),
		sipgo.WithUserAgentHostname(u.cfg.Domain),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(quiet), sip.WithTransportLayerReadFilter(f.read)),
		sipgo.WithUserAgentTransactionLayerOptions(sip.WithTransactionLayerLogger(quiet),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) { u.count.strays.Add(1) })),
	)
	if err != nil {
		return err
	}
	u.agent = agent
	u.client, err = sipgo.NewClient(agent, sipgo.WithClientLogger(quiet), sipgo.WithClientAddr(u.local.String()), sipgo.WithClientNAT())
	if err != nil {
		return err
	}
	srv, err := sipgo.NewServer(agent, sipgo.WithServerLogger(quiet))
	if err != nil {
		return err
	}
	u.routes(srv)
	return nil
}

// LocalAddr is the phone's SIP address; valid after Start.
func (u *UA) LocalAddr() netip.AddrPort { return u.local }

// URI is how to call the phone directly, without a server; valid after Start.
func (u *UA) URI() string { return "sip:" + u.cfg.User + "@" + u.local.String() }

// User is the configured user name.
func (u *UA) User() string { return u.cfg.User }

// Incoming gives each call that the policy lets in, ringing or answered. An
// owner that does not read it makes call number 17 fail with 486.
func (u *UA) Incoming() <-chan *Call { return u.incoming }

// WaitIncoming returns the next call from Incoming.
func (u *UA) WaitIncoming(ctx context.Context) (*Call, error) {
	select {
	case c := <-u.incoming:
		return c, nil
	case <-u.ctx.Done():
		return nil, u.stopFault("ua: wait for a call")
	case <-ctx.Done():
		return nil, &fault.Error{Kind: fault.KindOf(ctx.Err()), Op: "ua: wait for a call", Subject: u.cfg.User, Reason: "nobody called", Err: ctx.Err()}
	}
}

// Calls returns the calls alive now, in no order.
func (u *UA) Calls() []*Call {
	u.mu.Lock()
	defer u.mu.Unlock()
	out := make([]*Call, 0, len(u.calls))
	for _, c := range u.calls {
		out = append(out, c)
	}
	return out
}

// Stats returns the counters now.
func (u *UA) Stats() Stats {
	u.mu.Lock()
	n := len(u.calls)
	u.mu.Unlock()
	c, r := &u.count, &u.reg
	return Stats{
		Calls: n, Placed: c.placed.Load(), Received: c.received.Load(), Refused: c.refusedCalls.Load(),
		BadMessages: c.badMessages.Load(), Strays: c.strays.Load(), Unmatched: c.unmatched.Load(), Panics: c.panics.Load(),
		Registered: r.active.Load(), Registers: r.ok.Load(), RegisterFail: r.failed.Load(),
		TalkAnswers: c.talkAnswers.Load(), TalkOutside: c.talkOutside.Load(), TalkHolds: c.talkHolds.Load(),
	}
}

// Stop hangs up every call, unregisters, closes the socket and waits for every
// goroutine. It waits for the peers' answers at most 3 s, or until ctx ends;
// the phone is gone in any case. It may be called twice.
func (u *UA) Stop(ctx context.Context) error {
	grace, cancel := context.WithTimeout(ctx, stopGrace)
	defer cancel()
	u.mu.Lock()
	first := !u.closing
	u.closing = true
	u.mu.Unlock()
	var err error
	if first && u.ready.Load() {
		err = u.farewell(grace)
	}
	u.Abandon()
	return err
}

func (u *UA) farewell(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, c := range u.Calls() {
		wg.Go(func() {
			if err := c.Hangup(ctx); err != nil {
				u.log.Debug("hangup at stop", "call", c.ID(), "error", err)
			}
		})
	}
	wg.Wait()
	return u.Unregister(ctx)
}

// Abandon ends the phone like a pulled plug: no BYE, no unregister, the socket
// just closes. It waits for every goroutine and may be called twice.
func (u *UA) Abandon() {
	u.stopOnce.Do(func() {
		u.life.Lock()
		defer u.life.Unlock()
		u.mu.Lock()
		u.closing = true
		u.cancel() // under the lock, so that no handler is counted after wg.Wait began
		u.mu.Unlock()
		for _, c := range u.Calls() {
			c.end(End{By: Local, Reason: "phone stopped"})
		}
		u.wg.Wait()
		if u.agent != nil {
			if err := u.agent.Close(); err != nil {
				u.log.Debug("closing sipgo", "error", err)
			}
		}
		if u.socket != nil {
			_ = u.socket.Close() // a UDP close has nothing to report
			<-u.served
		}
		if u.ownPacer {
			u.pacer.Stop()
		}
		close(u.stopped)
	})
	<-u.stopped
}

// track runs f in a goroutine that Stop waits for; false once stopping has
// gone so far that nothing may start.
func (u *UA) track(f func()) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ctx.Err() != nil {
		return false
	}
	u.wg.Go(f)
	return true
}

// enter counts a sipgo goroutine that runs one of our handlers.
func (u *UA) enter() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ctx.Err() != nil {
		return false
	}
	u.wg.Add(1)
	return true
}

// up refuses what needs a socket before there is one.
func (u *UA) up(op string) error {
	if !u.ready.Load() {
		return fault.New(fault.Conflict, op, u.cfg.User, "the phone is not started")
	}
	return nil
}

func (u *UA) stopFault(op string) error {
	return fault.New(fault.Stopped, op, u.cfg.User, "the phone is stopping")
}
