package ici

import (
	"time"

	"strowger/cti/soap"
)

// settings are what a server works with at one moment. Immutable: [Server.Apply]
// puts new ones in their place, and whoever began with the old ones ends with them.
type settings struct {
	Config
	say translator
}

func settingsOf(cfg Config, stats *counters) *settings {
	return &settings{Config: cfg, say: translator{
		strict: cfg.Strict(), host: cfg.CmsHostID, cadMax: cfg.CadMaxBytes, leftOut: &stats.dataLeftOut,
		ignoreDirect: cfg.IgnoreOperDirect, ignoreMade: cfg.IgnoreCdtOutbound, digits: cfg.digits(),
		data:      cfg.DataSettings,
		requested: cfg.RequestedWrapUp, presenceProfiles: cfg.ShowPresenceProfiles,
	}}
}

// now returns the settings in force. A request that needs several reads them once.
func (s *Server) now() *settings { return s.set.Load() }

// Apply brings a new configuration into force while calls are up, and tells the
// CRM what shows differently. What belongs to the listener needs a restart: it
// stays as it is, and its keys are returned. On an error (fault.Invalid) the old
// configuration stays in force.
func (s *Server) Apply(cfg Config) (restart []string, err error) {
	s.applying.Lock()
	defer s.applying.Unlock()
	restart = cfg.keep(&s.now().Config)
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	nets, err := cfg.Clients()
	if err != nil {
		return nil, err
	}
	secure, err := cfg.ServerTLS()
	if err != nil {
		return nil, err
	}
	if err := s.push.apply(cfg); err != nil {
		return nil, err
	}
	s.secure.now.Store(secure)
	s.guard.Set(soap.Rules{Allow: nets, User: cfg.User, Password: cfg.Password})
	next := settingsOf(cfg, &s.stats)
	s.set.Store(next)
	s.board.restate(next.say, cfg.busyFor())
	return restart, nil
}

// keep puts back what cannot change while the listener is open, and returns the
// keys of what was to change.
func (c *Config) keep(old *Config) (restart []string) {
	if c.CmsHostID == "" {
		c.CmsHostID = old.CmsHostID
	}
	if c.ProductVersion == "" {
		c.ProductVersion = old.ProductVersion
	}
	for _, s := range []struct {
		key     string
		changed bool
	}{
		{"enabled", c.Enabled != old.Enabled},
		{"listen", c.Listen != old.Listen},
		{"basePath", c.BasePath != old.BasePath},
		{"tlsCert", (c.TLSCert == "") != (old.TLSCert == "")},
		{"maxBody", c.MaxBody != old.MaxBody},
		{"maxInFlight", c.MaxInFlight != old.MaxInFlight},
		{"faultHttpStatus", c.FaultHTTPStatus != old.FaultHTTPStatus},
		{"cmsHostId", c.CmsHostID != old.CmsHostID},
		{"stateFile", c.StateFile != old.StateFile},
	} {
		if s.changed {
			restart = append(restart, s.key)
		}
	}
	c.Enabled, c.Listen, c.BasePath = old.Enabled, old.Listen, old.BasePath
	if (c.TLSCert == "") != (old.TLSCert == "") {
		c.TLSCert, c.TLSKey, c.TLSClientCA = old.TLSCert, old.TLSKey, old.TLSClientCA
	}
	c.MaxBody, c.MaxInFlight, c.FaultHTTPStatus, c.CmsHostID = old.MaxBody, old.MaxInFlight, old.FaultHTTPStatus, old.CmsHostID
	c.StateFile = old.StateFile
	return restart
}

// restate takes new settings and tells what they show differently.
func (b *board) restate(say translator, busy time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.say, b.busy = say, busy
	if b.paused {
		return
	}
	for _, a := range b.inOrder() {
		b.agent(a)
	}
	for _, i := range b.items() {
		b.show(i.call, i.id)
	}
}
