package controller

import (
	"context"
	"strings"
	"time"

	"strowger/cmd/strowger/internal/config"
	"strowger/cti/sapphone"
	"strowger/switch/callmodel"
	"strowger/switch/port"
	"strowger/switch/records"
	"strowger/switch/store"
)

// sapphoneConfig translates the section `sapphone`. What both of SAP's
// interfaces share is that of ICI (reference 001, chapter 2).
func sapphoneConfig(c *config.Config) sapphone.Config {
	from := c.SAPphone
	out := sapphone.DefaultConfig()
	out.Enabled, out.Listen, out.Path = from.Enabled, from.Listen, from.Path
	out.AllowClients, out.User, out.Password = from.Allow, from.User, from.Password.Reveal()
	out.TLSCert, out.TLSKey, out.TLSClientCA = from.TLSCert, from.TLSKey, from.TLSClientCA
	out.Servers, out.ClientNets, out.ClientCA, out.Timeout = from.Servers, from.ClientAllow, from.ClientCA, from.ClientTimeout
	for _, s := range from.Clients {
		text := s.Connection
		if !s.Password.Empty() {
			text += " PASSWD=" + s.Password.Reveal()
		}
		out.Clients = append(out.Clients, text)
	}
	for _, k := range from.Campaigns {
		out.Campaigns = append(out.Campaigns, sapphone.Campaign{ID: k.ID, Queue: k.Queue, Dialer: k.Campaign, Text: k.Text})
	}
	out.Popup, out.ServerName, out.StateFile, out.Metadata = from.Popup, from.ServerName, from.StateFile, from.Metadata
	out.InterfaceVersion, out.ReferenceOnly, out.ExtDigits = from.InterfaceVersion, from.ReferenceOnly, from.ExtDigits
	out.MaxWaiting, out.MaxWait, out.MaxConversations, out.MaxRegistered = from.MaxWaiting, from.MaxWait, from.MaxConversations, from.MaxRegistered
	shared := iciConfig(c)
	out.LensConfig = shared.Lens()
	return out
}

// makeSAPphone comes before the REST interface, which shows its figures from the
// first request on.
func (c *Controller) makeSAPphone(context.Context) (err error) {
	if !c.opt.Config.SAPphone.Enabled {
		return nil
	}
	cfg := sapphoneConfig(c.opt.Config)
	cfg.ProductVersion = c.opt.Version
	past := callHistory{c.store, c.engine}
	if c.sapphone, err = sapphone.New(cfg, sparing{c.engine, c.pressure}, past, c.log, sapphone.Observer{Event: c.metrics.pushed, Request: c.metrics.called}); err != nil {
		return err
	}
	if c.dialer != nil {
		c.sapphone.Dials(sapLists{c.lists, c.listDesk.campaigns})
	}
	c.metrics.registerSAPphone(c.sapphone)
	return c.makeGateway(&cfg)
}

// startSAPphone opens SAP's older interface, if it is configured.
func (c *Controller) startSAPphone(ctx context.Context) (err error) {
	if c.sapphone == nil {
		return nil
	}
	if err := c.sapphone.Start(ctx); err != nil {
		return err
	}
	c.onStop("sapphone", c.sapphone.Stop)
	return c.startGateway(ctx)
}

// reloadSAPphone brings the section `sapphone` into force, as far as it can
// change live, and what it shares with ICI.
func (c *Controller) reloadSAPphone(ctx context.Context, cfg *config.Config) error {
	if c.sapphone == nil {
		return nil
	}
	restart, err := c.sapphone.Apply(ctx, sapphoneConfig(cfg))
	if err != nil {
		return err
	}
	if len(restart) > 0 {
		c.log.Warn("sapphone: some settings come into force at the next start", "settings", restart)
	}
	now := c.sapphone.Config()
	return c.gateway.Apply(&now)
}

// callHistory hands ended calls over to SAP.
type callHistory struct {
	store *store.Store
	sw    port.Switch
}

// Contacts implements sapphone.History.
func (h callHistory) Contacts(ctx context.Context, from, to time.Time, most int) ([]sapphone.Contact, bool, error) {
	rows, next, err := h.store.CallsBetween(ctx, records.Filter{From: from, To: to, Limit: most})
	if err != nil {
		return nil, false, err
	}
	view, err := h.sw.View(ctx)
	if err != nil {
		return nil, false, err
	}
	numbers := map[string]string{}
	for _, q := range view.Queues {
		numbers[string(q.ID)] = or(q.Address, string(q.ID))
	}
	out := make([]sapphone.Contact, 0, len(rows))
	for _, r := range rows {
		steps, err := h.steps(ctx, r.ID)
		if err != nil {
			return nil, false, err
		}
		out = append(out, sapphone.Contact{
			ID: handleOf(r.ID), Kind: callmodel.CallKind(r.Kind), Caller: r.Caller, Dialled: r.Dialled, Queue: or(numbers[r.QueueID], r.QueueID),
			Agents: r.Agents, Started: r.Started, Ended: r.Ended, Segments: steps,
		})
	}
	return out, next != "", nil
}

// stepKinds says what a segment's state is for SAP; others are left out.
var stepKinds = map[records.State]string{
	records.Queued: "queue", records.Talking: "agent", records.Menu: "menu", records.Parked: "parked",
}

// mostSteps bounds the segments of one call that are looked at.
const mostSteps = 200

func (h callHistory) steps(ctx context.Context, call string) ([]sapphone.ContactStep, error) {
	segments, _, err := h.store.Segments(ctx, records.Filter{Call: call, Limit: mostSteps})
	if err != nil {
		return nil, err
	}
	var out []sapphone.ContactStep
	for i := range segments {
		s := &segments[i]
		kind, known := stepKinds[s.State]
		if !known || kind == "agent" && s.Agent == "" {
			continue
		}
		out = append(out, sapphone.ContactStep{Kind: kind, Agent: s.Agent, At: s.Started, Length: s.Length})
	}
	return out, nil
}

// handleOf is an id as SAP writes it.
func handleOf(id string) string {
	parsed, err := callmodel.ParseID(id)
	if err != nil {
		return strings.ToUpper(id)
	}
	return parsed.Hex()
}
