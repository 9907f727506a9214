package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"

	"strowger/cti/sapphone"
	"strowger/cti/sapphone/typet"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Gateway is the listeners for destinations of type T.
type Gateway struct {
	listeners []*typet.Listener
	addrs     []string // as configured
}

// New makes the listeners that cfg's connection strings ask for, which may be
// none. cfg must be valid.
func New(cfg *sapphone.Config, d sapphone.Dispatcher, log *slog.Logger) (*Gateway, error) {
	strings, err := cfg.Gateways()
	if err != nil {
		return nil, err
	}
	nets, err := soap.Networks(cfg.AllowClients)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	g := &Gateway{}
	for _, s := range strings {
		addr, err := s.Address()
		if err != nil {
			return nil, err
		}
		if _, there := counts[addr]; !there {
			g.addrs = append(g.addrs, addr)
		}
		counts[addr] += s.Conversations()
	}
	for _, addr := range g.addrs {
		l, err := typet.New(listenerConfig(addr, counts[addr], nets, cfg), handler{d}, log)
		if err != nil {
			return nil, err
		}
		g.listeners = append(g.listeners, l)
	}
	return g, nil
}

// listenerConfig: as many connections as the strings register, or as many as
// conversations may be open.
func listenerConfig(addr string, registered int, nets []netip.Prefix, cfg *sapphone.Config) typet.Config {
	if registered == 0 {
		registered = cfg.MaxConversations
	}
	return typet.Config{Listen: addr, Allow: nets, MaxConnections: min(registered, cfg.MaxConversations)}
}

// Apply brings into force which networks may connect now; ports and limits stay
// as they were at the start.
func (g *Gateway) Apply(cfg *sapphone.Config) error {
	nets, err := soap.Networks(cfg.AllowClients)
	if err != nil {
		return err
	}
	for _, l := range g.listeners {
		l.SetAllow(nets)
	}
	return nil
}

// Start opens all ports or none.
func (g *Gateway) Start(ctx context.Context) error {
	for i, l := range g.listeners {
		if err := l.Start(ctx); err != nil {
			for _, open := range g.listeners[:i] {
				_ = open.Stop(ctx) // nobody has used it yet
			}
			return err
		}
	}
	return nil
}

// Stop closes the ports, ends what waits, and waits until the answers are out
// or ctx ends.
func (g *Gateway) Stop(ctx context.Context) error {
	var all []error
	for _, l := range g.listeners {
		all = append(all, l.Stop(ctx))
	}
	return errors.Join(all...)
}

// Addresses are where the ports listen, as configured.
func (g *Gateway) Addresses() []string { return g.addrs }

// Listeners returns the listeners, for their figures.
func (g *Gateway) Listeners() []*typet.Listener { return g.listeners }

// handler opens the dispatcher's conversations.
type handler struct{ d sapphone.Dispatcher }

// Open implements typet.Handler.
func (h handler) Open(p typet.Peer) (typet.Session, error) {
	conv, err := h.d.Open(sapphone.Peer{
		Transport: sapphone.TransportTypeT, Remote: p.Remote.String(), User: p.Logon.User, System: p.Logon.Client,
	})
	switch {
	case err == nil:
		return &session{d: h.d, conv: conv}, nil
	case fault.Is(err, fault.Busy):
		return nil, systemFailure(sapphone.BusyException, fault.ReasonOf(err))
	case fault.Is(err, fault.Stopped):
		return nil, systemFailure(sapphone.StoppedException, fault.ReasonOf(err))
	}
	return nil, err
}

// session is a conversation.
type session struct {
	d    sapphone.Dispatcher
	conv *sapphone.Conversation
}

// Close implements typet.Session.
func (s *session) Close() { s.d.Close(s.conv) }

// Call implements typet.Session.
func (s *session) Call(ctx context.Context, c *typet.Call) (*typet.Reply, error) {
	call := sapphone.Call{Function: c.Function}
	fn, known := s.d.Describe(c.Function)
	if known {
		var err error
		if call, err = readCall(fn, c); err != nil {
			return nil, systemFailure(sapphone.SystemException, err.Error())
		}
	}
	reply, err := s.d.Dispatch(ctx, s.conv, call)
	if err != nil {
		return nil, exception(err)
	}
	if !known {
		return nil, systemFailure(sapphone.SystemException, "an unknown function has answered")
	}
	return writeReply(fn, c, &reply)
}

func exception(err error) error {
	var e *sapphone.Exception
	if !errors.As(err, &e) {
		return err
	}
	return &typet.Exception{Name: e.Name, Text: e.Text, System: e.Name != sapphone.NotFoundException}
}

func systemFailure(name, text string) error {
	return &typet.Exception{Name: name, Text: text, System: true}
}
