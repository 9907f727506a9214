package rest

import "sync/atomic"

// counters are read by Stats from any goroutine.
type counters struct {
	requests, refused, faults, commands           atomic.Uint64
	streamsOpen                                   atomic.Int64
	streamsRefused, streamsOverrun, streamsSlow   atomic.Uint64
	conns                                         atomic.Int64
	connsRefused, peersRefused                    atomic.Uint64
	authFailed, authBlocked, audited, auditFailed atomic.Uint64
}

// Stats are the server's counters since its start.
type Stats struct {
	Requests        uint64 // requests received
	Refused         uint64 // by the guard: no rule, wrong role, host or method
	Faults          uint64 // answered with a problem by a handler
	Commands        uint64 // given to the switch
	StreamsOpen     int64  // event streams now
	StreamsRefused  uint64 // over the limit
	StreamsOverrun  uint64 // cut off by the switch: too slow to read events
	StreamsSlow     uint64 // cut off by us: the connection took nothing any more
	Connections     int64  // open now
	ConnsRefused    uint64 // over the limit
	PeersRefused    uint64 // strangers at the unix socket
	AuthFailed      uint64 // wrong tokens
	AuthBlocked     uint64 // tokens not looked at: too many wrong ones from the address
	Audited         uint64 // forced actions written down
	AuditFailed     uint64 // that could not be
	StreamsPossible int    // limit of StreamsOpen
}

// Stats returns the counters. Safe for concurrent use.
func (s *Server) Stats() Stats {
	c := &s.stats
	return Stats{
		Requests: c.requests.Load(), Refused: c.refused.Load(), Faults: c.faults.Load(), Commands: c.commands.Load(),
		StreamsOpen: c.streamsOpen.Load(), StreamsRefused: c.streamsRefused.Load(), StreamsOverrun: c.streamsOverrun.Load(),
		StreamsSlow: c.streamsSlow.Load(), Connections: c.conns.Load(), ConnsRefused: c.connsRefused.Load(),
		PeersRefused: c.peersRefused.Load(), AuthFailed: c.authFailed.Load(), AuthBlocked: c.authBlocked.Load(),
		Audited: c.audited.Load(), AuditFailed: c.auditFailed.Load(), StreamsPossible: s.opts.MaxStreams,
	}
}
