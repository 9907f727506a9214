package sapphone

import (
	"sync"
	"sync/atomic"

	"strowger/cti/session"
	"strowger/cti/soap"
)

// counters are the live figures of a [Server].
type counters struct {
	dataLeftOut, unlisted                            atomic.Uint64
	unknown, busy, panics, openRefused, waitsRefused atomic.Uint64
	parked, conversations, live                      atomic.Int64

	mu      sync.Mutex // guards results
	results map[Result]uint64
}

// Result is a function with the return code that it gave, both in the words of
// the default metadata.
type Result struct{ Function, Code string }

// OK reports whether the call was done.
func (r Result) OK() bool { return r.Code == codeOK }

func (c *counters) init() { c.results = map[Result]uint64{} }

// result counts a call. Functions and codes are fixed lists, so the map is bounded.
func (c *counters) result(function, code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.results[Result{function, code}]++
}

// Stats is a reading of a [Server]'s figures; those that count start with the process.
type Stats struct {
	Results       map[Result]uint64 // calls by function and return code
	Unknown       uint64            // calls of functions that do not exist
	Busy          uint64            // calls refused because too many were under way
	Panics        uint64            // calls that met a defect of ours
	OpenRefused   uint64            // conversations beyond the limit
	WaitsRefused  uint64            // waits beyond the limit
	ConnsRefused  uint64            // connections beyond the limit
	Events        uint64            // events of the switch that were read
	Overruns      uint64            // times that we were too slow for the switch
	Watches       uint64            // times that a new picture was taken after the first
	DataLeftOut   uint64            // applications' data left out for their size
	Unlisted      uint64            // ended calls dropped before they were listed
	Waiting       int64             // agents in SPS_WAITFORCALL now
	Conversations int64             // open now
	Live          int64             // calls at lines that can be acted on
	Connections   int64             // of SOAP-RFC, open now
	Deaf          bool              // the switch's events are not being read
}

// Stats returns the figures of this moment. Handler, Guard, Client, Delivery
// and Callbacks have more.
func (s *Server) Stats() Stats {
	c := &s.stats
	out := Stats{
		Results: map[Result]uint64{}, Unknown: c.unknown.Load(), Busy: c.busy.Load(), Panics: c.panics.Load(), OpenRefused: c.openRefused.Load(),
		WaitsRefused: c.waitsRefused.Load(), ConnsRefused: s.end.Conns.Refused.Load(), Events: s.follower.Stats.Events.Load(), Overruns: s.follower.Stats.Overruns.Load(),
		Watches: s.follower.Stats.Watches.Load(), DataLeftOut: c.dataLeftOut.Load(), Unlisted: c.unlisted.Load(), Waiting: c.parked.Load(),
		Conversations: c.conversations.Load(), Live: c.live.Load(), Connections: s.end.Conns.Open(), Deaf: s.follower.Stats.Deaf.Load(),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for r, n := range c.results {
		out.Results[r] = n
	}
	return out
}

// Handler returns the counters of the SOAP layer.
func (s *Server) Handler() *soap.HandlerStats { return &s.soap.Stats }

// Guard returns the source filter of SOAP-RFC, with its counters.
func (s *Server) Guard() *soap.Guard { return s.guard }

// Client returns the counters of the client side.
func (s *Server) Client() *PushStats { return &s.push.Stats }

// Delivery returns the counters of the announcements' queues.
func (s *Server) Delivery() *session.Stats { return &s.push.out.Stats }

// Callbacks returns the counters of the HTTP clients that call SAP systems.
func (s *Server) Callbacks() []*soap.ClientStats {
	var out []*soap.ClientStats
	for _, system := range s.push.all() {
		out = append(out, system.http)
	}
	return out
}
