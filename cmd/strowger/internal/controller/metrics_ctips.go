package controller

import (
	"github.com/prometheus/client_golang/prometheus"

	"strowger/cti/ctips"
)

// registerCTIPS adds the figures of the interface for applications of CTI
// Portal Server, of all its listeners together.
func (m *metrics) registerCTIPS(servers []*ctips.Server) {
	sum := func(read func(*ctips.Server) uint64) func() uint64 {
		return func() (n uint64) {
			for _, s := range servers {
				n += read(s)
			}
			return n
		}
	}
	of := func(read func(ctips.Stats) uint64) func() uint64 {
		return sum(func(s *ctips.Server) uint64 { return read(s.Stats()) })
	}
	m.count("ctips_sessions_opened_total", "Sessions that were opened.", of(func(s ctips.Stats) uint64 { return s.Opened }))
	m.gauge("ctips_sessions", "Sessions now.", func() float64 {
		return float64(of(func(s ctips.Stats) uint64 { return uint64(s.Sessions) })()) //nolint:gosec // a length
	})
	m.gauge("ctips_pending", "Requests whose outcome is awaited.", func() float64 {
		return float64(of(func(s ctips.Stats) uint64 { return uint64(s.Pending) })()) //nolint:gosec // a count
	})
	m.count("ctips_outcomes_late_total", "Requests that were told to have failed, since no outcome came in time.", of(func(s ctips.Stats) uint64 { return s.Late }))
	m.count("ctips_foreign_session_total", "Requests that showed a session's id from another address than its client's.", of(func(s ctips.Stats) uint64 { return s.Foreign }))
	m.count("ctips_events_sent_total", "Events that clients have taken.", of(func(s ctips.Stats) uint64 { return s.Sent }))
	m.count("ctips_events_lost_total", "Events that clients have not taken, or that were dropped with a session.", of(func(s ctips.Stats) uint64 { return s.Lost }))
	m.gauge("ctips_events_waiting", "Events that wait to be sent.", func() float64 {
		n := int64(0)
		for _, s := range servers {
			n += s.Stats().Waiting
		}
		return float64(n)
	})
	m.count("ctips_events_held_too_long_total", "Events sent before the answer to the request that caused them.", sum(func(s *ctips.Server) uint64 { return s.Delivery().HeldTooLong.Load() }))
	m.count("ctips_heartbeats_total", "Heartbeats sent.", of(func(s ctips.Stats) uint64 { return s.Heartbeats }))
	m.count("ctips_heartbeats_missed_total", "Heartbeats without an answer.", of(func(s ctips.Stats) uint64 { return s.Missed }))
	m.count("ctips_characters_dropped_total", "Characters of events that XML cannot carry.", of(func(s ctips.Stats) uint64 { return s.Dropped }))
	m.count("ctips_wrong_passwords_total", "Sessions asked for with a wrong name or password.", of(func(s ctips.Stats) uint64 { return s.Wrong }))
	m.count("ctips_blocked_total", "Sessions asked for from an address with too many wrong passwords.", of(func(s ctips.Stats) uint64 { return s.Blocked }))
	m.count("ctips_directory_failures_total", "Logins for which the directory of users could not be asked.", of(func(s ctips.Stats) uint64 { return s.NoDirectory }))
	m.count("ctips_denied_total", "Requests from an address that is not allowed.", sum(func(s *ctips.Server) uint64 { return s.Guard().Denied.Load() }))
	m.count("ctips_callbacks_denied_total", "Callbacks that were not made, since their address is not allowed.", sum(func(s *ctips.Server) uint64 { return s.Callbacks().Denied.Load() }))
	m.count("ctips_malformed_total", "Messages that could not be read or break a limit.", sum(func(s *ctips.Server) uint64 { return s.Handler().Malformed.Load() + s.Handler().Refused.Load() }))
	m.count("ctips_busy_total", "Requests refused because too many were under way.", sum(func(s *ctips.Server) uint64 { return s.Handler().Busy.Load() }))
	m.count("ctips_panics_total", "Requests that met a defect of ours.", sum(func(s *ctips.Server) uint64 { return s.Handler().Panics.Load() }))
	m.count("ctips_connections_refused_total", "Connections beyond the limit.", of(func(s ctips.Stats) uint64 { return s.ConnsRefused }))
	m.gauge("ctips_deaf", "Listeners that the switch's events do not reach.", func() float64 {
		return float64(of(func(s ctips.Stats) uint64 {
			if s.Deaf {
				return 1
			}
			return 0
		})())
	})
	m.registry.MustRegister(ctipsCollector{servers})
}

// ctipsCollector gives the figures that have labels.
type ctipsCollector struct{ servers []*ctips.Server }

var (
	ctipsRequests = prometheus.NewDesc("strowger_ctips_requests_total", "Requests by operation.", []string{"operation"}, nil)
	ctipsFaults   = prometheus.NewDesc("strowger_ctips_faults_total", "Requests answered with a fault, by operation; empty: none could be made out.", []string{"operation"}, nil)
	ctipsRefused  = prometheus.NewDesc("strowger_ctips_sessions_refused_total", "Sessions that were not opened, by why.", []string{"reason"}, nil)
	ctipsEnded    = prometheus.NewDesc("strowger_ctips_sessions_ended_total", "Sessions that are over, by why.", []string{"reason"}, nil)
)

// Describe implements prometheus.Collector.
func (ctipsCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{ctipsRequests, ctipsFaults, ctipsRefused, ctipsEnded} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (c ctipsCollector) Collect(to chan<- prometheus.Metric) {
	sums := map[*prometheus.Desc]map[string]uint64{ctipsRequests: {}, ctipsFaults: {}, ctipsRefused: {}, ctipsEnded: {}}
	for _, s := range c.servers {
		st := s.Stats()
		for op, n := range st.Requests {
			sums[ctipsRequests][op] += n
		}
		for op, n := range st.Faults {
			sums[ctipsFaults][op] += n
		}
		for why, n := range st.Refused {
			sums[ctipsRefused][why.String()] += n
		}
		for why, n := range st.Ended {
			sums[ctipsEnded][string(why)] += n
		}
	}
	for d, by := range sums {
		for label, n := range by {
			to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), label)
		}
	}
}
