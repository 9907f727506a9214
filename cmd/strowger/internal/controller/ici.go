package controller

import (
	"context"
	"path/filepath"

	"strowger/cmd/strowger/internal/config"
	"strowger/cti/ici"
	"strowger/cti/rest"
	"strowger/cti/session"
)

// subscriptionsFile holds the subscriptions of CRM systems, for the time after a crash.
const subscriptionsFile = "ici-subscriptions.json"

// iciConfig translates the section `ici`.
func iciConfig(c *config.Config) ici.Config {
	from := &c.ICI
	out := ici.DefaultConfig()
	out.Enabled, out.Listen, out.BasePath, out.PublicURL = from.Enabled, from.Listen, from.Path, from.PublicURL
	out.AllowClients, out.User, out.Password = from.Allow, from.User, from.Password.Reveal()
	out.TLSCert, out.TLSKey, out.TLSClientCA = from.TLSCert, from.TLSKey, from.TLSClientCA
	out.CmsHostID, out.CmsHostIDOutside = from.CMSHostID, from.CMSHostIDOutside
	set(&out.MaxInFlight, from.MaxInFlight)
	set(&out.FaultHTTPStatus, from.FaultHTTPStatus)
	set(&out.ChildNamespace, from.ChildNamespace)
	set(&out.ProductName, from.ProductName)
	set(&out.ICIVersion, from.ICIVersion)
	callSettings(&out.CallSettings, from)
	staffSettings(&out.StaffSettings, from)
	dataSettings(&out.DataSettings, from)
	deliverySettings(&out.DeliverySettings, from)
	monitorSettings(&out.MonitorSettings, from)
	if from.KeepSubscriptions && c.Store.JournalDir != "" {
		out.StateFile = filepath.Join(c.Store.JournalDir, subscriptionsFile)
	}
	return out
}

// set takes a value that the file has, and leaves the default where a section
// was made without it.
func set[T comparable](to *T, from T) {
	var none T
	if from != none {
		*to = from
	}
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
	c.ici.UseRecordings(recordingFinder{store: c.store, trail: c.trail, log: c.log})
	if err := c.ici.Start(ctx); err != nil {
		return err
	}
	c.onStop("ici", c.ici.Stop)
	c.onStop("log level", func(context.Context) error { c.level.stop(); return nil })
	return nil
}

// reloadICI brings the section `ici` into force, as far as it can change live.
func (c *Controller) reloadICI(cfg *config.Config) error {
	if c.ici == nil {
		return nil
	}
	restart, err := c.ici.Apply(iciConfig(cfg))
	if err == nil && len(restart) > 0 {
		c.log.Warn("ici: some settings come into force at the next start", "settings", restart)
	}
	return err
}

// Push describes the delivery of events to CRM systems.
func (h health) Push() *rest.Push {
	if h.c.ici == nil && len(h.c.ctips) == 0 {
		return nil
	}
	out := &rest.Push{}
	add := func(d *session.Stats) {
		out.Pending += int(d.Waiting.Load())
		out.Delivered += d.Sent.Load()
		out.Failed += d.Failed.Load() + d.Retried.Load()
		out.Dropped += d.Discarded.Load()
	}
	if h.c.ici != nil {
		p := h.c.ici.Push()
		add(h.c.ici.Delivery())
		out.Subscriptions += int(p.Subscriptions.Load())
		out.Dropped += p.Lost.Load()
	}
	for _, s := range h.c.ctips {
		add(s.Delivery())
		out.Subscriptions += s.Stats().Sessions
	}
	return out
}
