package controller

import (
	"github.com/prometheus/client_golang/prometheus"

	"strowger/switch/store"
)

// registerStore adds the figures of the database and of the writer of rows.
func (m *metrics) registerStore(s *store.Store, w *store.Writer) {
	of := func(read func(store.WriterStats) uint64) func() uint64 {
		return func() uint64 { return read(w.Stats()) }
	}
	m.count("rows_written_total", "Rows of ended calls and what goes with them that the database has taken.", of(func(s store.WriterStats) uint64 { return s.Saved }))
	m.count("rows_refused_total", "Rows that the database can never take.", of(func(s store.WriterStats) uint64 { return s.Refused }))
	m.count("row_batches_total", "Transactions of rows.", of(func(s store.WriterStats) uint64 { return s.Batches }))
	m.count("row_retries_total", "Transactions of rows that failed and were tried again.", of(func(s store.WriterStats) uint64 { return s.Retries }))
	m.gauge("rows_waiting", "Rows that wait for the database.", func() float64 { return float64(w.Stats().Waiting) })
	m.gauge("database_away", "1 while the database does not take rows.", func() float64 { return flag(w.Stats().Failing) })
	for i, p := range s.Pools() {
		labels := prometheus.Labels{"pool": p.Name, "database": s.Database()}
		of := func(read func(store.Pool) float64) func() float64 {
			return func() float64 { return read(s.Pools()[i]) }
		}
		m.gaugeOf("database_connections", "Connections to the database.", labels, of(func(p store.Pool) float64 { return float64(p.Open) }))
		m.gaugeOf("database_connections_busy", "Connections to the database in use.", labels, of(func(p store.Pool) float64 { return float64(p.InUse) }))
		m.gaugeOf("database_connections_limit", "Connections to the database that may be open.", labels, of(func(p store.Pool) float64 { return float64(p.Limit) }))
		m.gaugeOf("database_waits", "Statements so far that waited for a connection.", labels, of(func(p store.Pool) float64 { return float64(p.Waits) }))
		m.gaugeOf("database_wait_seconds", "How long they have waited, all together.", labels, of(func(p store.Pool) float64 { return p.Wait.Seconds() }))
	}
}
