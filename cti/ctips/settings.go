package ctips

import (
	"crypto/tls"
	"net/netip"
	"slices"

	"strowger/cti/soap"
)

// settings are what a server works with at one moment. Immutable: [Apply] puts
// others in their place, and whoever began with the old ones ends with them.
type settings struct {
	Config
	allow, proxies []netip.Prefix
	users          *users
	secure         *tls.Config   // nil: TLS is off
	callbackTLS    *tls.Config   // nil: the system's authorities, and no certificate of ours
	replaced       chan struct{} // closed when others are in force
}

// settingsOf checks a configuration and reads what it names. Errors are
// fault.Invalid with the key, or the file, as subject.
func settingsOf(cfg Config) (*settings, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	out := &settings{Config: cfg, replaced: make(chan struct{})}
	var err error
	if out.allow, err = soap.NetworksOf(opConfig, "allow", cfg.AllowClients); err != nil {
		return nil, err
	}
	if out.proxies, err = soap.NetworksOf(opConfig, "trusted_proxies", cfg.TrustedProxies); err != nil {
		return nil, err
	}
	if out.secure, err = cfg.TLS.ServerTLS(); err != nil {
		return nil, err
	}
	if out.callbackTLS, err = cfg.CallbackTLS.ClientTLS(); err != nil {
		return nil, err
	}
	out.users, err = newUsers(cfg.Users, cfg.Directory)
	return out, err
}

// now returns the settings in force. What needs several reads them once.
func (s *Server) now() *settings { return s.set.Load() }

// Config is the configuration in force.
func (s *Server) Config() Config { return s.now().Config }

// Apply brings new configurations into force, one for each server, while
// sessions are open. A session that could not be opened with them ends: its user
// is gone, has another password or lost the right to monitor, its tenant is not
// there or not the user's any more, its address or its callback's is not allowed.
// The others go on; what they may do is judged anew with each request. What
// belongs to the listeners needs a restart: it stays as it is, and its keys are
// returned. On an error (fault.Invalid) all servers keep what they have.
func Apply(servers []*Server, cfgs []Config) (restart []string, err error) {
	next := make([]*settings, len(servers))
	for i, s := range servers {
		s.applying.Lock()
		defer s.applying.Unlock()
		restart = append(restart, cfgs[i].keep(&s.now().Config)...)
		if next[i], err = settingsOf(cfgs[i]); err != nil {
			return nil, err
		}
	}
	for i, s := range servers {
		s.apply(next[i])
	}
	slices.Sort(restart)
	return slices.Compact(restart), nil
}

// keep puts back what cannot change while the listener is open, and returns the
// keys of what was to change.
func (c *Config) keep(old *Config) (restart []string) {
	moved := c.Listen != old.Listen
	for _, k := range []struct {
		key     string
		changed bool
	}{
		{"listen", moved},
		{"path", c.Path != old.Path},
		{"tls_cert", !moved && (c.TLS.Cert == "") != (old.TLS.Cert == "")},
		{"max_body", c.MaxBody != old.MaxBody},
		{"max_in_flight", c.MaxInFlight != old.MaxInFlight},
	} {
		if k.changed {
			restart = append(restart, k.key)
		}
	}
	if moved || (c.TLS.Cert == "") != (old.TLS.Cert == "") {
		c.TLS = old.TLS // another listener's certificate, or none: this one stays as it is
	}
	c.Listen, c.Path, c.MaxBody, c.MaxInFlight = old.Listen, old.Path, old.MaxBody, old.MaxInFlight
	c.Trail = old.Trail
	return restart
}

// apply brings settings into force. The caller holds applying.
func (s *Server) apply(next *settings) {
	old := s.set.Swap(next)
	s.guard.Set(soap.Rules{Allow: next.allow})
	s.table.allow(next.MaxConnections)
	s.out.SetLimits(next.limits())
	s.desk.rule(&next.Config)
	close(old.replaced) // whoever waits for a time looks at the new ones
	for _, c := range s.table.all() {
		s.suit(c, next)
	}
}

// suit gives a session what settings say of it, or ends it where they would not
// have let it be opened. The caller holds applying.
func (s *Server) suit(c *session, to *settings) {
	with, why := s.footingOf(c, to)
	if why != "" {
		s.log.Info("ctips: a session does not fit the new settings", "session", c.short(), "number", c.number, "user", c.user, "why", why)
		s.dispose(c, EndSettings)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == SessionClosed {
		with.close()
		return
	}
	c.now().close()
	c.with.Store(with)
}

// footingOf is a session's footing under settings; why says what is against it.
func (s *Server) footingOf(c *session, to *settings) (with *footing, why string) {
	who := to.users.still(c.now().account)
	switch {
	case who == nil:
		return nil, "its user is not there any more, or is to show a password again"
	case !who.may(RightMonitor):
		return nil, "its user has lost the right to monitor"
	}
	tenant := to.tenant(c.tenant)
	switch {
	case tenant == nil || !who.serves(c.tenant):
		return nil, "its tenant is not there any more, or not this user's"
	case !s.guard.Allows(c.peer):
		return nil, "its address may not connect any more"
	}
	with, err := s.reach(c, to)
	if err != nil {
		return nil, "its callback may not be called any more: " + err.Error()
	}
	with.account, with.tenant = who, tenant
	return with, ""
}
