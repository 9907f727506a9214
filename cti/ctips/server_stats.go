package ctips

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	delivery "strowger/cti/session"
	"strowger/cti/soap"
)

// End says why a session was closed.
type End string

// The ends of sessions.
const (
	EndClosed    End = "closed"    // by its client
	EndOperator  End = "operator"  // by a person
	EndHeartbeat End = "heartbeat" // its client did not answer
	EndSlow      End = "slow"      // its client is slower than the events
	EndIdle      End = "idle"      // it was not online and nothing was heard of it
	EndSettings  End = "settings"  // it does not fit new settings
	EndStop      End = "stop"      // with the server
)

// counters are the live figures of a [Server].
type counters struct {
	opened, foreign, beats, missed, dropped atomic.Uint64
	foreignLogged                           atomic.Int64

	mu       sync.Mutex // guards what follows; all keys are of fixed lists
	requests map[string]uint64
	faults   map[string]uint64
	ends     map[End]uint64
	refusals map[Status]uint64
}

func (c *counters) init() {
	c.requests, c.faults, c.ends, c.refusals = map[string]uint64{}, map[string]uint64{}, map[End]uint64{}, map[Status]uint64{}
}

func bump[K comparable](c *counters, of map[K]uint64, key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	of[key]++
}

func (c *counters) request(op string)  { bump(c, c.requests, op) }
func (c *counters) fault(op string)    { bump(c, c.faults, op) }
func (c *counters) ended(why End)      { bump(c, c.ends, why) }
func (c *counters) notOpened(s Status) { bump(c, c.refusals, s) }

// Stats is a reading of a [Server]'s figures; those that count start with the process.
type Stats struct {
	Requests map[string]uint64 // by operation; "" are those that could not be read as one
	Faults   map[string]uint64 // of these, answered with a fault
	Opened   uint64            // sessions
	Refused  map[Status]uint64 // sessions that were not opened
	Ended    map[End]uint64
	Foreign  uint64 // requests with a session's id from another address

	Sessions     int
	Sent         uint64 // events that clients have taken
	Lost         uint64 // events that they have not, or that were dropped with a session
	Waiting      int64  // events
	Heartbeats   uint64
	Missed       uint64 // heartbeats without an answer
	Dropped      uint64 // characters that XML cannot carry
	Wrong        uint64 // passwords
	Blocked      uint64 // logins from addresses with too many wrong ones
	NoDirectory  uint64 // logins for which the directory could not be asked
	ConnsRefused uint64
	Overruns     uint64 // times that we were too slow for the switch
	Deaf         bool   // the switch's events are not being read
	Pending      int    // requests whose outcome is awaited
	Late         uint64 // outcomes that have not come in time
	Trouble      Trouble
}

// Stats returns the figures of this moment. Handler, Guard, Delivery and
// Callbacks have more.
func (s *Server) Stats() Stats {
	c := &s.stats
	c.mu.Lock()
	requests, faults, ends, refusals := maps.Clone(c.requests), maps.Clone(c.faults), maps.Clone(c.ends), maps.Clone(c.refusals)
	c.mu.Unlock()
	pending, late := s.desk.figures()
	return Stats{
		Pending: pending, Late: late, Trouble: s.troubles.get(),
		Requests: requests, Faults: faults, Opened: c.opened.Load(), Refused: refusals, Ended: ends, Foreign: c.foreign.Load(),
		Sessions: len(s.table.all()), Sent: s.out.Stats.Sent.Load(), Waiting: s.out.Stats.Waiting.Load(),
		Lost:       s.out.Stats.Failed.Load() + s.out.Stats.Discarded.Load() + s.out.Stats.Refused.Load(),
		Heartbeats: c.beats.Load(), Missed: c.missed.Load(), Dropped: c.dropped.Load(),
		Wrong: s.auth.Stats.Wrong.Load(), Blocked: s.auth.Stats.Blocked.Load(), NoDirectory: s.auth.Stats.Failed.Load(),
		ConnsRefused: s.end.Conns.Refused.Load(), Overruns: s.follower.Stats.Overruns.Load(), Deaf: s.follower.Stats.Deaf.Load(),
	}
}

// Secure reports whether the listener speaks TLS.
func (s *Server) Secure() bool { return s.now().secure != nil }

// Handler returns the counters of the SOAP layer.
func (s *Server) Handler() *soap.HandlerStats { return &s.soap.Stats }

// Guard returns the source filter, with its counters.
func (s *Server) Guard() *soap.Guard { return s.guard }

// Delivery returns the counters of the events' queues.
func (s *Server) Delivery() *delivery.Stats { return &s.out.Stats }

// Callbacks returns the counters of the HTTP clients that call the clients back.
func (s *Server) Callbacks() *soap.ClientStats { return &s.calls }

// Filter is a filter of a session, for people.
type Filter struct {
	Field FieldType
	Value int32
}

// SessionInfo is a session as operators see it: without its id.
type SessionInfo struct {
	Number   int64
	User     string
	Tenant   int32
	Peer     string
	Callback string
	State    SessionState
	Since    time.Time
	Last     time.Time // request
	Beat     time.Time // heartbeat that was answered; zero: none
	Classes  []EventCategory
	Filters  []Filter
	Sent     uint64
	Lost     uint64
	Waiting  int64
	Missed   int64 // heartbeats in a row
	Trouble  Trouble
}

// Sessions lists the sessions by number.
func (s *Server) Sessions() []SessionInfo {
	all := s.table.all()
	out := make([]SessionInfo, 0, len(all))
	for _, c := range all {
		out = append(out, c.info())
	}
	return out
}

func (s *session) info() SessionInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	info := SessionInfo{
		Number: s.number, User: s.user, Tenant: s.tenant, Peer: s.peer.String(), Callback: s.url, State: s.state, Since: s.since,
		Last: s.last, Beat: s.lastBeat, Sent: s.sent.Load(), Lost: s.lost.Load(), Waiting: s.waiting.Load(), Missed: s.missed.Load(),
		Trouble: s.troubles.get(),
	}
	info.Classes, info.Filters = s.wishes.list()
	return info
}

// CloseSession ends a session for an operator; false: there is none of that number.
func (s *Server) CloseSession(number int64) bool {
	for _, c := range s.table.all() {
		if c.number == number {
			return s.dispose(c, EndOperator)
		}
	}
	return false
}
