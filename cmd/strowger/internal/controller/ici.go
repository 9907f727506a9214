package controller

import (
	"context"
	"net/netip"

	"strowger/cmd/strowger/internal/config"
	"strowger/cti/ici"
	"strowger/cti/rest"
)

// iciConfig translates the section `ici`.
func iciConfig(c *config.Config) ici.Config {
	from := c.ICI
	out := ici.DefaultConfig()
	out.Enabled, out.Listen, out.BasePath = from.Enabled, from.Listen, from.Path
	out.AllowClients, out.User, out.Password = from.Allow, from.User, from.Password.Reveal()
	out.TLSCert, out.TLSKey, out.TLSClientCA = from.TLSCert, from.TLSKey, from.TLSClientCA
	out.CallbackHosts, out.CallbackNets = splitAllow(from.CallbackAllow)
	out.SoapTimeout, out.SoapWait, out.CadMaxBytes = from.SOAPTimeout, from.SOAPWait, from.CADMaxBytes
	out.CapabilityProfile, out.ReplayOnSubscribe = from.CapabilityProfile, from.ReplayOnSubscribe
	out.CmsHostIDOutside, out.MaxSubscriptions = from.CMSHostIDOutside, from.MaxSubscriptions
	out.IgnoreOperDirect, out.IgnoreCdtOutbound = from.IgnoreDirect, from.IgnoreOutbound
	out.ShowBusyStatus, out.BusyStatusDuration = from.ShowBusy, from.BusyDuration
	for _, s := range []struct {
		to   *string
		from string
	}{{&out.ChildNamespace, from.ChildNamespace}, {&out.EventStyle, from.EventStyle}, {&out.EventSoapAction, from.EventSOAPAction}} {
		if s.from != "" {
			*s.to = s.from
		}
	}
	return out
}

// splitAllow tells names from networks; an address is a network of one.
func splitAllow(list []string) (hosts, nets []string) {
	for _, a := range list {
		if _, err := netip.ParsePrefix(a); err == nil {
			nets = append(nets, a)
		} else if addr, err := netip.ParseAddr(a); err == nil {
			nets = append(nets, netip.PrefixFrom(addr, addr.BitLen()).String())
		} else {
			hosts = append(hosts, a)
		}
	}
	return hosts, nets
}

// makeICI comes before the REST interface, which shows its figures from the
// first request on.
func (c *Controller) makeICI(context.Context) (err error) {
	if !c.opt.Config.ICI.Enabled {
		return nil
	}
	cfg := iciConfig(c.opt.Config)
	cfg.ProductVersion = c.opt.Version
	if err := cfg.Validate(); err != nil {
		return err
	}
	if c.ici, err = ici.New(cfg, sparing{c.engine, c.pressure}, c.log, ici.Observer{Event: c.metrics.pushed, Request: c.metrics.served}); err != nil {
		return err
	}
	c.metrics.registerICI(c.ici)
	return nil
}

func (c *Controller) startICI(ctx context.Context) error {
	if c.ici == nil {
		return nil
	}
	if err := c.ici.Start(ctx); err != nil {
		return err
	}
	c.onStop("ici", c.ici.Stop)
	return nil
}

// Push describes the delivery of events to CRM systems.
func (h health) Push() *rest.Push {
	if h.c.ici == nil {
		return nil
	}
	d := h.c.ici.Delivery()
	return &rest.Push{
		Subscriptions: int(h.c.ici.Push().Subscriptions.Load()), Pending: int(d.Waiting.Load()),
		Delivered: d.Sent.Load(), Failed: d.Failed.Load() + d.Retried.Load(), Dropped: d.Discarded.Load() + h.c.ici.Push().Lost.Load(),
	}
}
