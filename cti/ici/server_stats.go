package ici

import (
	"sync"
	"sync/atomic"

	"strowger/cti/session"
	"strowger/cti/soap"
)

// counters are the live figures of a [Server].
type counters struct {
	requests                         []atomic.Uint64 // by Op
	dataLeftOut, forgotten, mismatch atomic.Uint64
	live, ended                      atomic.Int64
	monitorSent, monitorSame         atomic.Uint64

	mu     sync.Mutex // guards faults
	faults map[Code]uint64
}

func (c *counters) init() {
	c.requests = make([]atomic.Uint64, len(contract))
	c.faults = map[Code]uint64{}
}

// fault counts a refusal. The codes are a fixed registry, so the map is bounded.
func (c *counters) fault(code Code) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults[code]++
}

// Stats is a reading of a [Server]'s figures; those that count start with the process.
type Stats struct {
	Requests     map[string]uint64 // decoded requests by operation: IciItem.accept
	Faults       map[string]uint64 // refusals by area/number: 4/2
	Mismatches   uint64            // requests whose SOAPAction and namespace disagreed
	ConnsRefused uint64            // connections beyond the limit
	Events       uint64            // events of the switch that were read
	Overruns     uint64            // times that we were too slow for the switch
	Watches      uint64            // times that a new picture was taken after the first
	DataLeftOut  uint64            // applications' data left out of a message for its size
	Forgotten    uint64            // ended items forgotten early for want of room
	MonitorSent  uint64            // forms sent to those who watch them
	MonitorSame  uint64            // forms not sent, since nothing had changed
	Live         int64             // items that the CRM knows and that have not ended
	Ended        int64             // ended items that are remembered
	Connections  int64             // open now
	Deaf         bool              // the switch's events are not being read
}

// Stats returns the figures of this moment. Handler, Guard, Push and its
// Delivery and HTTP have more.
func (s *Server) Stats() Stats {
	c := &s.stats
	out := Stats{
		Requests: map[string]uint64{}, Faults: map[string]uint64{}, Mismatches: c.mismatch.Load(), ConnsRefused: s.end.Conns.Refused.Load(),
		Events: s.follower.Stats.Events.Load(), Overruns: s.follower.Stats.Overruns.Load(), Watches: s.follower.Stats.Watches.Load(),
		DataLeftOut: c.dataLeftOut.Load(), Forgotten: c.forgotten.Load(),
		MonitorSent: c.monitorSent.Load(), MonitorSame: c.monitorSame.Load(),
		Live: c.live.Load(), Ended: c.ended.Load(), Connections: s.end.Conns.Open(), Deaf: s.follower.Stats.Deaf.Load(),
	}
	for _, op := range Ops() {
		out.Requests[op.String()] = c.requests[op].Load()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for code, n := range c.faults {
		out.Faults[code.String()] += n
	}
	return out
}

// Handler returns the counters of the SOAP layer.
func (s *Server) Handler() *soap.HandlerStats { return &s.soap.Stats }

// Guard returns the source filter, with its counters.
func (s *Server) Guard() *soap.Guard { return s.guard }

// Subscriptions lists them in the order in which they were made.
func (s *Server) Subscriptions() []SubscriptionInfo { return s.push.List() }

// Push returns the counters of subscriptions and events.
func (s *Server) Push() *PushStats { return &s.push.Stats }

// Delivery returns the counters of the delivery queues.
func (s *Server) Delivery() *session.Stats { return s.push.Delivery() }

// Callbacks returns the counters of the HTTP client that calls the CRM.
func (s *Server) Callbacks() *soap.ClientStats { return s.push.HTTP() }

// ClientCertificates counts those of the folder that can be shown to CRM systems now.
func (s *Server) ClientCertificates() int { return s.push.ClientCertificates() }

// Trace returns the tracer of messages; it is off until somebody switches it on.
func (s *Server) Trace() *Tracer { return &s.trace }
