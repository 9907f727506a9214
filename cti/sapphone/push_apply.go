package sapphone

import (
	"context"
	"slices"

	"strowger/cti/session"
	"strowger/cti/soap"
)

// limits are those of delivery.
func (c *Config) limits() session.Limits {
	return session.Limits{Wait: c.Timeout, ReplyTimeout: c.Timeout, LaneLength: c.QueueLength, Backoff: c.Backoff}
}

// all are the SAP systems that are told of calls.
func (p *push) all() []*sapSystem { return *p.systems.Load() }

// like is the system in force that another one is the same as, or nil.
func (p *push) like(s *sapSystem) *sapSystem {
	if p.systems.Load() == nil {
		return nil // the first ones are being made
	}
	for _, have := range p.all() {
		if have.url == s.url && have.client == s.client {
			return have
		}
	}
	return nil
}

// systemsOf makes the systems of a configuration, with clients that have what
// is in its files now.
func (p *push) systemsOf(cfg *Config) ([]*sapSystem, error) {
	clients, err := cfg.clients()
	if err != nil {
		return nil, err
	}
	nets, err := networks("clientNets", cfg.ClientNets)
	if err != nil {
		return nil, err
	}
	secure, err := soap.Certificates{CA: cfg.ClientCA}.ClientTLS()
	if err != nil {
		return nil, err
	}
	out := make([]*sapSystem, 0, len(clients))
	for _, c := range clients {
		url, err := c.URL()
		if err != nil {
			return nil, err
		}
		s := &sapSystem{url: url, client: c.Client, pool: c.Pool(), stats: &p.Stats, http: &soap.ClientStats{}, rebuild: make(chan struct{}, 1)}
		if have := p.like(s); have != nil {
			s.http = have.http
		}
		s.soap.Store(soap.NewClient(soap.ClientConfig{
			Allow: soap.Destinations{Hosts: hostsOf(clients), Nets: nets}, ConnectTimeout: cfg.ConnectTimeout, MaxResponse: DefaultMaxBody,
			MaxConns: c.Pool(), TLS: secure, User: c.User, Password: c.Password, Stats: s.http,
		}))
		out = append(out, s)
	}
	return out, nil
}

// apply takes the systems of another configuration. One that stays keeps what
// is known of it and gets new connections; one that is gone is told nothing
// more. How many messages may be on their way at once stays as it was.
func (p *push) apply(cfg *Config) error {
	next, err := p.systemsOf(cfg)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	gone := slices.Clone(p.all())
	for n, s := range next {
		if stays := p.like(s); stays != nil {
			stays.renew(s.soap.Load())
			next[n] = stays
			gone = slices.DeleteFunc(gone, func(s *sapSystem) bool { return s == stays })
		}
	}
	p.systems.Store(&next)
	p.out.SetLimits(cfg.limits())
	for _, s := range gone {
		s.leave()
		s.renew(s.soap.Load()) // idle connections are closed; it is left alone no more
	}
	if p.running {
		for _, s := range next {
			p.follow(s)
		}
	}
	return nil
}

// follow begins to keep a system's list of extensions, or asks for it anew; the
// caller holds mu.
func (p *push) follow(s *sapSystem) {
	if s.cancel == nil {
		var ctx context.Context
		ctx, s.cancel = context.WithCancel(p.ctx)
		p.work.Go(func() { p.keepList(ctx, s) })
	}
	s.refresh()
}

// leave ends what follows a system.
func (s *sapSystem) leave() {
	if s.cancel != nil {
		s.cancel()
	}
}

// renew has the system called with another client from now on, and gives it a
// new chance: a password may have been wrong until now.
func (s *sapSystem) renew(next *soap.Client) {
	s.soap.Swap(next).Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures >= tripAfter {
		s.stats.Open.Add(-1)
	}
	s.failures = 0
}

// System is a SAP system that is told of calls.
type System struct {
	URL    string
	Client string
	State  string // works, failing, left alone
}

// Systems are the SAP systems that are told of calls, as their last answers were.
func (s *Server) Systems() []System {
	all := s.push.all()
	out := make([]System, 0, len(all))
	for _, system := range all {
		out = append(out, System{URL: system.url, Client: system.client, State: system.condition()})
	}
	return out
}

// ServerName is what SAP calls us, empty until it has said so.
func (s *Server) ServerName() string { return s.push.name() }

func (s *sapSystem) condition() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.failures >= tripAfter:
		return "left alone"
	case s.away:
		return "failing"
	}
	return "works"
}
