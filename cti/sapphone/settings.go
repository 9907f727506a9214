package sapphone

import (
	"context"
	"crypto/tls"
	"slices"
	"sync/atomic"

	"strowger/cti/soap"
)

// settings are what the parts of a server work with at one moment.
// [Server.Apply] puts others in their place; whoever began with the old ones
// ends with them.
type settings = atomic.Pointer[Config]

// now returns the settings in force.
func (s *Server) now() *Config { return s.set.Load() }

// Config is the configuration in force.
func (s *Server) Config() Config { return *s.now() }

// Apply brings a new configuration into force while calls are up: who may
// connect and with which password and certificate, the SAP systems that are
// told of calls, with theirs, and what is shown. What belongs to the listeners
// and to the metadata needs a restart: it stays as it is, and its keys are
// returned. On an error the old configuration stays in force: fault.Invalid, or
// what the switch says when it cannot be looked at.
func (s *Server) Apply(ctx context.Context, cfg Config) (restart []string, err error) {
	s.applying.Lock()
	defer s.applying.Unlock()
	restart = cfg.keep(s.now())
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	nets, err := networks("allowClients", cfg.AllowClients)
	if err != nil {
		return nil, err
	}
	secure, err := cfg.serverTLS()
	if err != nil {
		return nil, err
	}
	view, err := s.sw.View(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.push.apply(&cfg); err != nil {
		return nil, err
	}
	s.secure.Store(secure)
	s.guard.Set(soap.Rules{Allow: nets, User: cfg.User, Password: cfg.Password})
	s.set.Store(&cfg)
	s.board.configured(view) // extensions and calls by the settings in force
	return restart, nil
}

func (c *Config) serverTLS() (*tls.Config, error) { return c.certificates().ServerTLS() }

func (c *Config) certificates() soap.Certificates {
	return soap.Certificates{Cert: c.TLSCert, Key: c.TLSKey, CA: c.TLSClientCA}
}

// keep puts back what cannot change while the listeners are open, and returns
// the keys of what was to change.
func (c *Config) keep(old *Config) (restart []string) {
	if c.ProductVersion == "" {
		c.ProductVersion = old.ProductVersion
	}
	for _, k := range []struct {
		key     string
		changed bool
	}{
		{"enabled", c.Enabled != old.Enabled},
		{"listen", c.Listen != old.Listen},
		{"path", c.Path != old.Path},
		{"tlsCert", (c.TLSCert == "") != (old.TLSCert == "")},
		{"servers", !slices.Equal(c.Servers, old.Servers)},
		{"metadata", c.Metadata != old.Metadata},
		{"stateFile", c.StateFile != old.StateFile},
		{"serverName", c.ServerName != old.ServerName},
		{"maxWaiting", c.MaxWaiting != old.MaxWaiting},
		{"maxConversations", c.MaxConversations != old.MaxConversations},
		{"maxRegistered", c.MaxRegistered != old.MaxRegistered},
	} {
		if k.changed {
			restart = append(restart, k.key)
		}
	}
	c.Enabled, c.Listen, c.Path, c.Servers = old.Enabled, old.Listen, old.Path, old.Servers
	if (c.TLSCert == "") != (old.TLSCert == "") {
		c.TLSCert, c.TLSKey, c.TLSClientCA = old.TLSCert, old.TLSKey, old.TLSClientCA
	}
	c.Metadata, c.StateFile, c.ServerName = old.Metadata, old.StateFile, old.ServerName
	c.MaxBody, c.MaxInFlight, c.QueueLength, c.Backoff = old.MaxBody, old.MaxInFlight, old.QueueLength, old.Backoff
	c.MaxWaiting, c.MaxConversations, c.MaxRegistered = old.MaxWaiting, old.MaxConversations, old.MaxRegistered
	return restart
}
