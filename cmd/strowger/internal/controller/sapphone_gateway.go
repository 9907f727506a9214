package controller

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"strowger/cti/sapphone"
	"strowger/cti/sapphone/gateway"
	"strowger/cti/sapphone/typet"
)

// makeGateway makes the ports for destinations of type T, if there are any.
func (c *Controller) makeGateway(cfg *sapphone.Config) (err error) {
	if c.gateway, err = gateway.New(cfg, c.sapphone, c.log); err != nil {
		return err
	}
	c.metrics.registerGateway(c.gateway)
	return nil
}

func (c *Controller) startGateway(ctx context.Context) error {
	if err := c.gateway.Start(ctx); err != nil {
		return err
	}
	c.onStop("sapphone gateway", c.gateway.Stop)
	for _, l := range c.gateway.Listeners() {
		c.log.Info("sapphone: serving the classic RFC wire, which is experimental", "addr", l.Addr().String())
	}
	return nil
}

// registerGateway adds the figures of the classic RFC wire, of all ports together.
func (m *metrics) registerGateway(g *gateway.Gateway) {
	if len(g.Listeners()) == 0 {
		return
	}
	sum := func(read func(*typet.Stats) uint64) func() uint64 {
		return func() (n uint64) {
			for _, l := range g.Listeners() {
				n += read(&l.Stats)
			}
			return n
		}
	}
	level := func(read func(*typet.Stats) int64) func() float64 {
		return func() (n float64) {
			for _, l := range g.Listeners() {
				n += float64(read(&l.Stats))
			}
			return n
		}
	}
	m.gauge("sapphone_rfc_connections", "RFC connections open now.", level(func(s *typet.Stats) int64 { return s.Connections.Load() }))
	m.gauge("sapphone_rfc_calls", "RFC calls under way now, with those that wait for a call.", level(func(s *typet.Stats) int64 { return s.Calls.Load() }))
	m.count("sapphone_rfc_accepted_total", "RFC connections that were let in.", sum(func(s *typet.Stats) uint64 { return s.Accepted.Load() }))
	m.count("sapphone_rfc_denied_total", "RFC connections from an address that is not allowed.", sum(func(s *typet.Stats) uint64 { return s.Denied.Load() }))
	m.count("sapphone_rfc_overloaded_total", "RFC connections beyond the limit.", sum(func(s *typet.Stats) uint64 { return s.Overloaded.Load() }))
	m.count("sapphone_rfc_called_total", "RFC calls.", sum(func(s *typet.Stats) uint64 { return s.Called.Load() }))
	m.count("sapphone_rfc_exceptions_total", "RFC calls answered with an exception.", sum(func(s *typet.Stats) uint64 { return s.Exceptions.Load() }))
	m.count("sapphone_rfc_refused_total", "RFC calls in a form that is not served: the destination wants another serializer.", sum(func(s *typet.Stats) uint64 { return s.Refused.Load() }))
	m.registry.MustRegister(gatewayCuts{g})
}

// gatewayCuts are the connections that we ended, by reason.
type gatewayCuts struct{ g *gateway.Gateway }

var gatewayCut = prometheus.NewDesc("strowger_sapphone_rfc_cut_total", "RFC connections that the switch ended.", []string{"reason"}, nil)

// Describe implements prometheus.Collector.
func (gatewayCuts) Describe(to chan<- *prometheus.Desc) { to <- gatewayCut }

// Collect implements prometheus.Collector.
func (c gatewayCuts) Collect(to chan<- prometheus.Metric) {
	for _, r := range typet.Reasons() {
		n := uint64(0)
		for _, l := range c.g.Listeners() {
			n += l.Stats.Cut[r].Load()
		}
		to <- prometheus.MustNewConstMetric(gatewayCut, prometheus.CounterValue, float64(n), r.String())
	}
}
