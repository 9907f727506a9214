package controller

import (
	"context"
	"slices"
	"strconv"

	"strowger/cmd/strowger/internal/config"
	"strowger/cti/ctips"
	"strowger/cti/ctips/directory"
	"strowger/cti/soap"
	"strowger/switch/callmodel"
)

// ctipsConfigs translates the section `ctips` into one configuration for each
// listener.
func ctipsConfigs(c *config.Config) ([]ctips.Config, error) {
	from := c.CTIPS
	out := ctips.DefaultConfig()
	out.Path, out.PublicURL, out.AllowClients, out.TrustedProxies = from.Path, from.PublicURL, from.Allow, from.TrustedProxies
	out.Site = int32(from.Site) //nolint:gosec // the schema bounds it
	out.MaxConnections, out.HeartbeatInterval, out.MissedHeartbeats = from.MaxConnections, from.HeartbeatInterval, from.MissedHeartbeats
	out.CallbackAllow, out.CallbackTimeout, out.QueueLength = from.CallbackAllow, from.CallbackTimeout, from.QueueLength
	out.CallbackTLS = soap.Certificates{Cert: from.CallbackCert, Key: from.CallbackKey, CA: from.CallbackCA}
	out.RequestTimeout, out.IdleTimeout, out.BindAddress = from.RequestTimeout, from.IdleTimeout, from.BindAddress
	out.MaxBody, out.MaxInFlight = int64(from.MaxBody), from.MaxInFlight
	out.Namespaces = ctips.Namespaces(from.Namespaces)
	out.UserDataNames, out.UserDataLength, out.ParkReason = from.UserDataNames, from.UserDataLength, from.ParkReason
	if from.MemberOrder == "any" {
		out.Order = ctips.OrderAny
	}
	for _, t := range from.Tenants {
		tenant := ctips.Tenant{ID: int32(t.ID)} //nolint:gosec // the schema bounds it
		for _, q := range t.Queues {
			tenant.Queues = append(tenant.Queues, callmodel.QueueID(q))
		}
		for _, a := range t.Agents {
			tenant.Agents = append(tenant.Agents, callmodel.AgentID(a))
		}
		out.Tenants = append(out.Tenants, tenant)
	}
	for _, u := range from.Users {
		user := ctips.User{Name: u.Name, Hash: u.PasswordHash.Reveal(), Rights: config.RightsOf(u.Rights)}
		for _, text := range u.Tenants {
			id, err := strconv.ParseInt(text, 10, 32)
			if err != nil {
				return nil, err // the schema and the checks bound it
			}
			user.Tenants = append(user.Tenants, int32(id))
		}
		out.Users = append(out.Users, user)
	}
	if from.LDAP.URL != "" {
		d, err := directory.New(from.LDAP.Directory())
		if err != nil {
			return nil, err
		}
		out.Directory = d
	}
	var all []ctips.Config
	for _, l := range from.All() {
		one := out
		one.Listen, one.TLS = l.Listen, soap.Certificates{Cert: l.TLSCert, Key: l.TLSKey, CA: l.TLSClientCA}
		all = append(all, one)
	}
	return all, nil
}

// makeCTIPS comes before the REST interface, which shows its figures from the
// first request on.
func (c *Controller) makeCTIPS(context.Context) error {
	if !c.opt.Config.CTIPS.Enabled {
		return nil
	}
	all, err := ctipsConfigs(c.opt.Config)
	if err != nil {
		return err
	}
	for i := range all {
		all[i].Trail = forcedTrail{c.trail}
		s, err := ctips.New(all[i], sparing{c.engine, c.pressure}, c.log, ctips.Observer{Event: c.metrics.published})
		if err != nil {
			return err
		}
		c.ctips = append(c.ctips, s)
	}
	c.metrics.registerCTIPS(c.ctips)
	return nil
}

// startCTIPS opens the interface for applications of CTI Portal Server, if it
// is configured.
func (c *Controller) startCTIPS(ctx context.Context) error {
	for i, s := range c.ctips {
		if err := s.Start(ctx); err != nil {
			return err
		}
		c.onStop("ctips "+strconv.Itoa(i+1), s.Stop)
	}
	return nil
}

// reloadCTIPS brings the section `ctips` into force, as far as it can change live.
func (c *Controller) reloadCTIPS(cfg *config.Config) error {
	var restart []string
	if cfg.CTIPS.Enabled != c.opt.Config.CTIPS.Enabled {
		restart = append(restart, "enabled")
	}
	if len(c.ctips) > 0 {
		all, err := ctipsConfigs(cfg)
		if err != nil {
			return err
		}
		if len(all) != len(c.ctips) {
			restart = append(restart, "listeners")
		}
		keys, err := ctips.Apply(c.ctips, matched(c.ctips, all))
		if err != nil {
			return err
		}
		restart = append(restart, keys...)
	}
	c.ctipsRestart.Store(&restart)
	if len(restart) > 0 {
		c.log.Warn("ctips: some settings come into force at the next start", "settings", restart)
	}
	return nil
}

// matched finds the configuration of each running listener: that of its address,
// else one that no other has, else the first.
func matched(servers []*ctips.Server, all []ctips.Config) []ctips.Config {
	out := make([]ctips.Config, len(servers))
	left := slices.Clone(all)
	found := make([]bool, len(servers))
	for i, s := range servers {
		own := s.Config().Listen
		if k := slices.IndexFunc(left, func(c ctips.Config) bool { return c.Listen == own }); k >= 0 {
			out[i], found[i] = left[k], true
			left = slices.Delete(left, k, k+1)
		}
	}
	for i := range servers {
		switch {
		case found[i]:
		case len(left) > 0:
			out[i], left = left[0], left[1:]
		default: // it goes with the next start
			own := servers[i].Config()
			out[i] = all[0]
			out[i].Listen, out[i].TLS = own.Listen, own.TLS
		}
	}
	return out
}

// CTIPSAddrs are the addresses on which applications of CTI Portal Server are
// served.
func (c *Controller) CTIPSAddrs() []string {
	out := make([]string, 0, len(c.ctips))
	for _, s := range c.ctips {
		out = append(out, s.Addr())
	}
	return out
}
