package ici

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"strowger/cti/session"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// maxAppIDs bounds the ids of one subscriptionEnded message.
const maxAppIDs = 200

// farewell is the lane of messages that belong to no agent.
const farewell = ""

// PushStats counts what [Push] did beside delivery itself. All fields but
// Subscriptions only grow.
type PushStats struct {
	Subscribed    atomic.Uint64
	Unsubscribed  atomic.Uint64
	Refused       atomic.Uint64 // subscriptions refused
	Ended         atomic.Uint64 // keys ended by us because delivery failed
	Events        atomic.Uint64 // messages handed to delivery
	Lost          atomic.Uint64 // messages that delivery refused or that could not be encoded
	PeerFaults    atomic.Uint64 // faults with which receivers answered
	Mapped        atomic.Uint64 // appUrls that were replaced by another
	Lookups       atomic.Uint64 // of names of addresses
	Restored      atomic.Uint64 // pairs of key and target that were there before a crash
	NotRestored   atomic.Uint64 // those that are not allowed any more
	KeepFailures  atomic.Uint64 // times that the file of subscriptions could not be written
	Subscriptions atomic.Int64  // pairs of key and target
	Forms         atomic.Int64  // of these, subscriptions to forms
}

// Push holds the subscriptions and sends events to their appUrls, in order
// per agent session. Its methods may be called from any goroutine and never
// wait for a peer, except Stop.
type Push struct {
	Stats PushStats

	cfg    atomic.Pointer[Config]
	log    *slog.Logger
	out    *session.Deliverer
	took   timing
	trace  *Tracer          // of the server; nil: none
	http   soap.ClientStats // of all clients together
	reach  atomic.Pointer[reach]
	keeper *keeper
	// lookup finds the names of an address.
	lookup func(ctx context.Context, addr string) ([]string, error)

	mu     sync.Mutex // guards what follows
	table  *table
	paused bool // nothing is sent
}

// reach is where events may go, and how.
type reach struct {
	client *soap.Client
	certs  *soap.ClientCertificates // nil: there is no folder of them
}

// NewPush makes a Push. observe is told the time from Publish to the reply of
// every message and its error; it may be nil. Errors are fault.Invalid from
// the configuration.
func NewPush(cfg Config, log *slog.Logger, observe func(name string, took time.Duration, err error)) (*Push, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p := &Push{log: log, lookup: net.DefaultResolver.LookupAddr, table: newTable(cfg.MaxSubscriptions, cfg.MaxSubscriptionsPerURL, cfg.MonitorSubscriptions)}
	p.keeper = newKeeper(cfg.StateFile, log, &p.Stats, p.subscriptions)
	to, err := p.newReach(&cfg)
	if err != nil {
		return nil, err
	}
	p.reach.Store(to)
	p.cfg.Store(&cfg)
	deliver := session.Config{Send: p.send, Ended: p.ended, Workers: cfg.CallbackWorkers, Limits: cfg.limits()}
	deliver.Observe = func(m session.Message, took time.Duration, err error) {
		note(m, err)
		if err == nil {
			p.took.add(took)
		}
		if observe != nil {
			observe(m.Name, took, err)
		}
	}
	if p.out, err = session.New(deliver); err != nil {
		return nil, err
	}
	return p, nil
}

// limits are the settings of delivery that can change while it works.
func (c *DeliverySettings) limits() session.Limits {
	return session.Limits{
		Wait: c.SoapWait, ReplyTimeout: c.SoapTimeout, LaneLength: c.QueueLength, MaxFailures: c.MaxFailures, MaxSilence: c.MaxSilence,
	}
}

// newReach makes the client that settings ask for.
func (p *Push) newReach(cfg *Config) (*reach, error) {
	nets, err := prefixes("callbackNets", cfg.CallbackNets)
	if err != nil {
		return nil, err
	}
	tlsConfig, certs, err := cfg.callbackTLS(p.log)
	if err != nil {
		return nil, err
	}
	proxy, err := cfg.proxy()
	if err != nil {
		return nil, err
	}
	return &reach{certs: certs, client: soap.NewClient(soap.ClientConfig{
		Allow:          soap.Destinations{Hosts: cfg.CallbackHosts, Nets: nets, Ports: cfg.CallbackPorts},
		ConnectTimeout: cfg.ConnectTimeout, MaxConns: cfg.CallbackWorkers, TLS: tlsConfig, Proxy: proxy, NoProxy: cfg.NoProxy, Stats: &p.http,
	})}, nil
}

// apply takes new limits, forms and destinations. What is on its way arrives as
// it began.
func (p *Push) apply(cfg Config) error {
	to, err := p.newReach(&cfg)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.cfg.Store(&cfg)
	p.table.max, p.table.maxPerURL, p.table.maxForms = cfg.MaxSubscriptions, cfg.MaxSubscriptionsPerURL, cfg.MonitorSubscriptions
	p.mu.Unlock()
	p.out.SetLimits(cfg.limits())
	p.reach.Swap(to).client.Close()
	return nil
}

// Delivery returns the counters of the delivery queues.
func (p *Push) Delivery() *session.Stats { return &p.out.Stats }

// ClientCertificates counts those of the folder that can be shown now.
func (p *Push) ClientCertificates() int {
	if certs := p.reach.Load().certs; certs != nil {
		return certs.Usable(time.Now())
	}
	return 0
}

// HTTP returns the counters of the HTTP client.
func (p *Push) HTTP() *soap.ClientStats { return &p.http }

// Start opens delivery.
func (p *Push) Start(ctx context.Context) error { return p.out.Start(ctx) }

// Stop sends subscriptionEnded with reason 1 to every subscriber, forgets them,
// waits until all messages are delivered or ctx ends, and closes connections.
func (p *Push) Stop(ctx context.Context) error {
	p.EndAll(EndedShutdown)
	p.keeper.stop()
	err := p.out.Stop(ctx)
	p.reach.Load().client.Close()
	return err
}

// Subscribe adds a target to a key. Repeating a subscription changes nothing;
// another target extends it. Errors are [Error]s of the target's interface:
// 3/4 for an appUrl that is no usable URL, 3/5 for one that is not allowed,
// 3/6 when there are too many subscriptions.
func (p *Push) Subscribe(ctx context.Context, k Key, target Target) error {
	to, err := p.Route(ctx, k.AppURL, target.Service)
	if err != nil {
		return err
	}
	return p.Join(k, target, to, "")
}

// Route says where events for an appUrl will be sent. It may ask the network;
// its errors are those of Subscribe.
func (p *Push) Route(ctx context.Context, appURL string, s Service) (string, error) {
	to, err := p.route(ctx, p.cfg.Load(), appURL)
	if err != nil {
		p.Stats.Refused.Add(1)
		return "", badURL(s, err)
	}
	return to, nil
}

// Join is the rest of Subscribe, without asking the network. spelled is a user's
// id as the CRM writes it.
func (p *Push) Join(k Key, target Target, to, spelled string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.table.add(k, target, to); err != nil {
		p.Stats.Refused.Add(1)
		return &Error{Service: target.Service, Code: CodeTooManyTargets, Text: fault.ReasonOf(err), Err: err}
	}
	p.table.subs[k].spell(target, spelled)
	p.Stats.Subscribed.Add(1)
	p.count()
	return nil
}

// Unsubscribe ends what a key subscribed to in interface s. It reports
// whether there was anything.
func (p *Push) Unsubscribe(s Service, k Key) bool {
	return p.remove(func() (int, []lane) { return p.table.removeService(k, s) }) > 0
}

// UnsubscribeUser ends the subscriptions to a user and, for keys that follow
// no other user, their containers: what a new login replaces. It returns how
// many targets were ended; no message is sent.
func (p *Push) UnsubscribeUser(userID string) int {
	return p.remove(func() (int, []lane) { return p.table.removeUser(UserTarget(userID)) })
}

// count shows how many there are, and has them kept. The caller holds mu.
func (p *Push) count() {
	p.keeper.changed()
	p.Stats.Subscriptions.Store(int64(p.table.pairs))
	p.Stats.Forms.Store(int64(p.table.forms))
}

func (p *Push) remove(f func() (int, []lane)) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n, idle := f()
	p.Stats.Unsubscribed.Add(uint64(n))
	p.count()
	for _, l := range idle {
		p.out.Forget(l.agent, l.url)
	}
	return n
}

// Hold keeps back the events of an agent until release is called; see
// [session.Deliverer.Hold].
func (p *Push) Hold(agent string) (release func()) { return p.out.Hold(agent) }

// Subscribed reports whether anybody wants events about target, so that a
// caller can save the work of building them.
func (p *Push) Subscribed(target Target) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.paused && len(p.table.index[target]) > 0
}

// targetsOf lists what anybody has subscribed to in an interface.
func (p *Push) targetsOf(s Service) []Target {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Target
	for t := range p.table.index {
		if t.Service == s {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(x, y Target) int { return cmp.Compare(x.ID, y.ID) })
	return out
}

// Publish sends an event to the subscribers of target: one message per
// appUrl, with all its application ids. Events of one agent (any stable key
// of the agent, or of the line if nobody sits there) arrive in the order of
// Publish. The event's AppIDs are filled in; userChanged and monitorDataChanged
// replace an older one that still waits. It returns the number of messages.
func (p *Push) Publish(agent string, target Target, e Event) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.paused {
		return 0
	}
	n := 0
	for _, g := range p.table.groups(agent, target) {
		m := session.Message{Session: agent, Destination: g.url, URL: g.to, Note: g.subs}
		switch e.(type) {
		case *UserChanged, *MonitorDataChanged: // whole states
			m.Coalesce = e.EventName() + "/" + target.ID
		}
		if p.hand(m, e.withAppIDs(g.appIDs)) {
			n++
		}
	}
	return n
}

// hand encodes a message and gives it to delivery. The caller holds mu, which
// keeps the order of Publish.
func (p *Push) hand(m session.Message, e Event) bool {
	body, err := EncodeEvent(e, p.cfg.Load().qualifiedEvents(m.Destination))
	if err == nil {
		m.Name, m.Body = e.EventName(), body
		err = p.out.Enqueue(m)
	}
	if err != nil {
		p.Stats.Lost.Add(1)
		p.log.Warn("ici: event not queued", "event", e.EventName(), "agent", m.Session, "url", m.Destination, "error", err)
		return false
	}
	p.Stats.Events.Add(1)
	return true
}

// EndAll ends all subscriptions with subscriptionEnded, except for reason 2
// (paused), where they stay.
func (p *Push) EndAll(reason int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	byURL := map[string][]string{}
	for k := range p.table.subs {
		byURL[k.AppURL] = append(byURL[k.AppURL], k.AppID)
	}
	for url, ids := range byURL {
		p.farewell(url, p.table.routes[url], ids, reason)
	}
	if reason != EndedPaused {
		p.table = newTable(p.table.max, p.table.maxPerURL, p.table.maxForms)
		p.count()
	}
}

// farewell sends subscriptionEnded, once. The caller holds mu.
func (p *Push) farewell(url, to string, ids []string, reason int) {
	sort.Strings(ids)
	for len(ids) > 0 {
		n := min(len(ids), maxAppIDs)
		p.hand(session.Message{Session: farewell, Destination: url, URL: to, Once: true}, &SubscriptionEnded{AppIDs: ids[:n], Reason: EndReason(reason)})
		ids = ids[n:]
	}
}

// ended is told by delivery that an agent session was given up. All keys that
// received that session's events are ended, since they have missed some.
func (p *Push) ended(agent, url string, why session.Reason) {
	p.mu.Lock()
	defer p.mu.Unlock()
	keys, to := p.table.users(lane{agent, url}), p.table.routes[url]
	ids := make([]string, 0, len(keys))
	for _, k := range keys {
		ids = append(ids, k.AppID)
		_, idle := p.table.removeKey(k)
		for _, l := range idle {
			p.out.Forget(l.agent, l.url)
		}
	}
	p.out.Forget(agent, url)
	p.Stats.Ended.Add(uint64(len(keys)))
	p.count()
	p.log.Warn("ici: subscriptions ended", "agent", agent, "url", url, "reason", why.String(), "appIds", ids)
	if len(ids) > 0 {
		p.farewell(url, to, ids, EndedTimeout)
	}
}

// send is the Sender of the delivery queues.
func (p *Push) send(ctx context.Context, m session.Message, sent func()) error {
	began := time.Now()
	err := p.reach.Load().client.Post(ctx, m.URL, p.cfg.Load().EventSoapAction, m.Body, sent)
	if p.trace != nil {
		outcome := "ok"
		if err != nil {
			outcome = short(fault.ReasonOf(err))
		}
		p.trace.keep(Traced{At: began, Out: true, Name: m.Name, Peer: m.URL, Took: time.Since(began), Outcome: outcome, Request: string(m.Body)})
	}
	var refused *soap.Fault
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		p.Stats.PeerFaults.Add(1)
		code, text, known := CodeOf(refused)
		p.log.Warn("ici: the receiver answered with a fault", "event", m.Name, "agent", m.Session, "url", m.Destination,
			"code", code.String(), "retry", code.Retry, "text", short(text), "faultstring", short(refused.Text))
		kind := fault.Invalid
		if known && code.Retry {
			kind = fault.Busy
		}
		return &fault.Error{Kind: kind, Op: "ici: " + m.Name, Subject: m.Session, Reason: short(refused.Text), Err: err}
	case fault.Is(err, fault.Unknown) && !errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		// The connection broke before the reply. Events tell whole states, so
		// a second copy does no harm while no later one has been sent, and
		// delivery takes care of that.
		err = fault.Wrap(fault.Unavailable, "ici: "+m.Name, m.Session, err)
	}
	p.log.Info("ici: event not delivered", "event", m.Name, "agent", m.Session, "url", m.Destination, "error", err)
	return err
}
