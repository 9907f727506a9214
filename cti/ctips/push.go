package ctips

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	delivery "strowger/cti/session"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// How events are delivered.
const (
	eventRetry  = 100 * time.Millisecond // before the second try of what was not received
	maxRetry    = 5 * time.Second        // between tries
	maxTrying   = 10 * time.Minute       // that one event is tried
	neverMind   = 1 << 30                // failures in a row: it is the heartbeats that end a session
	answerBytes = 64 << 10
	maxURL      = 2048
)

// audience says who hears an event, beyond those who want it.
type audience struct {
	// asker is the session whose request the event answers; it alone gets the
	// request's number, the others 0. Nil: nobody asked.
	asker   *session
	request int32
	// alone: nobody else hears it.
	alone bool
	// at is when the switch had the event; zero: now.
	at time.Time
}

// publish sends an event to the sessions that want it, in the order of the
// calls. It never waits. The event is the server's from here on.
func (s *Server) publish(ev Event, to audience) {
	head := Stamp(ev).base()
	if to.at.IsZero() {
		to.at = time.Now()
	}
	listeners := s.table.all()
	if to.alone {
		listeners = []*session{to.asker}
	}
	type form struct {
		ns      Namespaces
		request int32
	}
	bodies := map[form][]byte{} // most clients have the same namespaces
	for _, c := range listeners {
		mine := c == to.asker
		if !c.wants(ev, mine) {
			continue
		}
		key := form{ns: c.ns}
		if mine {
			key.request = to.request
		}
		body, there := bodies[key]
		if !there {
			head.RequestID = key.request
			var err error
			if body, err = s.encode(c.ns, publishEvent, ev); err != nil {
				s.log.Error("ctips: an event could not be written", "event", head.EventType.String(), "error", err)
				return
			}
			bodies[key] = body
		}
		s.enqueue(c, head.EventType, body, to.at)
	}
}

// The operations of the callback.
var (
	publishEvent = PublishEvents.Operation("PublishCTIEvent")
	heartbeat    = PublishEvents.Operation("HeartbeatMessage")
	startSession = PublishEvents.Operation("StartSession")
)

// encode writes a callback and counts the characters that XML cannot carry.
func (s *Server) encode(ns Namespaces, op *Operation, args ...any) ([]byte, error) {
	out := soap.NewEncoder(nil)
	if err := encodeCall(out, ns, op, args...); err != nil {
		return nil, err
	}
	s.stats.dropped.Add(uint64(out.Dropped())) //nolint:gosec // a count
	return out.Bytes()
}

// posting is what the deliverer gives back with a message.
type posting struct {
	to      *session
	at      time.Time
	waiting *atomic.Int64 // counts it
}

func (s *Server) enqueue(c *session, t EventType, body []byte, at time.Time) {
	lane := c.lane()
	c.mu.Lock() // whoever takes it offline or closes it empties the queue after that
	defer c.mu.Unlock()
	if c.state != SessionOnline {
		return
	}
	c.waiting.Add(1)
	err := s.out.Enqueue(delivery.Message{
		Session: lane, Destination: lane, URL: c.url, Name: t.String(), Body: body, Note: posting{c, at, c.waiting},
	})
	if err != nil { // the session ends, or has ended
		c.waiting.Add(-1)
		c.lost.Add(1)
	}
}

// lane is the session's name for the deliverer.
func (s *session) lane() string { return strconv.FormatInt(s.number, 10) }

// send is the deliverer's way to a client.
func (s *Server) send(ctx context.Context, m delivery.Message, sent func()) error {
	c := m.Note.(posting).to //nolint:forcetypeassert // enqueue has put it there
	err := c.now().events.Post(ctx, c.url, c.action(publishEvent), m.Body, sent)
	c.away.Store(fault.Is(err, fault.Unavailable))
	return err
}

// sent is told what became of a message.
func (s *Server) sent(m delivery.Message, _ time.Duration, err error) {
	p := m.Note.(posting) //nolint:forcetypeassert // enqueue has put it there
	p.waiting.Add(-1)
	if err != nil {
		p.to.lost.Add(1)
		if k := fault.KindOf(err); k != fault.Stopped && k != fault.Overrun && !errors.Is(err, context.Canceled) { // else the client has gone offline, or its session is over
			s.trouble(p.to, "an event was not taken", err)
		}
		s.log.Debug("ctips: an event was not taken", "event", m.Name, "session", p.to.short(), "error", err)
	} else {
		p.to.sent.Add(1)
	}
	s.observe.Event(m.Name, time.Since(p.at), err)
}

// retries are the pauses between the tries of an event that was not received.
// They take as long as heartbeats may be missed: a client that is away for less
// misses nothing, and the session of one that stays away is closed by then.
func (c *Config) retries() []time.Duration {
	var out []time.Duration
	left := min(c.HeartbeatInterval*time.Duration(c.MissedHeartbeats), maxTrying)
	for pause := eventRetry; left > 0; pause = min(2*pause, maxRetry) {
		out = append(out, pause)
		left -= pause
	}
	return out
}

// newDeliverer makes the queues: for each session one request in flight, never
// overtaken, and sent again only if it was not received.
func (s *Server) newDeliverer() (*delivery.Deliverer, error) {
	return delivery.New(delivery.Config{
		Send: s.send, Observe: s.sent,
		Ended:  func(lane, _ string, _ delivery.Reason) { s.slow(lane) },
		Limits: s.now().limits(), Workers: 1, DestLength: maxQueue, MaxLanes: 2 * maxSessions,
	})
}

// limits are those of the queues.
func (c *Config) limits() delivery.Limits {
	return delivery.Limits{
		Wait: c.CallbackTimeout + time.Second, ReplyTimeout: c.CallbackTimeout, LaneLength: c.QueueLength, MaxFailures: neverMind, MaxSilence: neverMind * time.Second, Backoff: c.retries(),
	}
}

// slow ends the session whose queue is full.
func (s *Server) slow(lane string) {
	for _, c := range s.table.all() {
		if c.lane() == lane {
			s.trouble(c, "a session was closed, since its client is slower than the events", nil)
			s.dispose(c, EndSlow)
		}
	}
	s.out.Forget(lane, lane)
}

// reach makes the clients that call a session's callback, as settings have it.
// Errors: fault.Invalid when its URL is none, fault.Denied when it may not be called.
func (s *Server) reach(c *session, set *settings) (*footing, error) {
	to := set.destinations(c.peer, c.url)
	if _, err := to.Check(c.url); err != nil {
		return nil, err
	}
	cfg := soap.ClientConfig{
		Allow: to, ConnectTimeout: min(set.CallbackTimeout, 3*time.Second), MaxResponse: answerBytes, MaxConns: 1, TLS: set.callbackTLS, Jar: c.jar, Stats: &s.calls,
	}
	return &footing{events: soap.NewClient(cfg), beats: soap.NewClient(cfg)}, nil
}

// destinations are the names and networks that the configuration allows; where
// it lists no names, its networks under whatever name, and where it lists
// nothing, the address from which the client has come.
func (c *Config) destinations(peer netip.Addr, raw string) soap.Destinations {
	hosts, nets := splitAllow(c.CallbackAllow)
	if len(hosts) > 0 {
		return soap.Destinations{Hosts: hosts, Nets: nets}
	}
	own := soap.Destinations{Nets: nets}
	if len(nets) == 0 {
		own.Nets = []netip.Prefix{netip.PrefixFrom(peer, peer.BitLen())}
	}
	if len(raw) > maxURL {
		return own // Check says so
	}
	u, err := url.Parse(raw)
	if err != nil {
		return own // Check says so
	}
	if name := strings.ToLower(u.Hostname()); name != "" {
		own.Hosts = []string{strings.TrimSuffix(name, ".")} // where it leads is looked at with every connection
	}
	return own
}

// actionsOf is how callbacks name their actions: as the client names its own,
// where that tells and callbacks have the same namespace, else as WCF derives
// them from the namespace.
func actionsOf(own string, ns Namespaces) func(*Operation) string {
	prefix, found := strings.CutSuffix(own, AgentCallService.Name+"/"+openConnection.Name)
	if !found || ns.Callback != ns.Service || len(own) > maxURL || strings.ContainsFunc(own, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' }) {
		return func(op *Operation) string { return op.Action(ns) }
	}
	return func(op *Operation) string { return prefix + PublishEvents.Name + "/" + op.Name }
}
