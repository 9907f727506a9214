package controller

import (
	"github.com/prometheus/client_golang/prometheus"

	"strowger/cti/ici"
	"strowger/cti/rest"
	"strowger/cti/sapphone"
)

// registerREST adds the figures of the REST interface.
func (m *metrics) registerREST(s *rest.Server) {
	m.count("rest_requests_total", "Requests to the status page and the command line's socket.", func() uint64 { return s.Stats().Requests })
	m.count("rest_refused_total", "Requests refused before they were looked at: role, host or method.", func() uint64 { return s.Stats().Refused })
	m.count("rest_faults_total", "Requests answered with a problem.", func() uint64 { return s.Stats().Faults })
	m.count("rest_connections_refused_total", "Connections beyond the limit, and strangers at the socket.", func() uint64 {
		st := s.Stats()
		return st.ConnsRefused + st.PeersRefused
	})
	m.count("rest_tokens_refused_total", "Wrong tokens, and tokens of addresses that had too many.", func() uint64 {
		st := s.Stats()
		return st.AuthFailed + st.AuthBlocked
	})
	m.count("rest_audited_total", "Forced actions written down.", func() uint64 { return s.Stats().Audited })
	m.count("rest_audit_failed_total", "Forced actions, or their outcomes, that could not be written down.", func() uint64 { return s.Stats().AuditFailed })
	m.gauge("rest_streams", "Readers of the event stream over HTTP.", func() float64 { return float64(s.Stats().StreamsOpen) })
}

// registerICI adds the figures of the ICI interface.
func (m *metrics) registerICI(s *ici.Server) {
	h, g, p, d := s.Handler(), s.Guard(), s.Push(), s.Delivery()
	m.count("ici_requests_total", "SOAP messages that could be read.", h.Requests.Load)
	m.count("ici_faults_total", "SOAP messages answered with a fault.", h.Faults.Load)
	m.count("ici_malformed_total", "Messages that are no SOAP or break a limit.", h.Malformed.Load)
	m.count("ici_refused_total", "Requests of the wrong method or content type.", h.Refused.Load)
	m.count("ici_busy_total", "Requests refused because too many were under way.", h.Busy.Load)
	m.count("ici_panics_total", "Requests that met a defect of ours.", h.Panics.Load)
	m.count("ici_denied_total", "Requests from an address that is not allowed.", g.Denied.Load)
	m.count("ici_unauthorised_total", "Requests without the right password.", g.Unauthorised.Load)
	m.count("ici_blocked_total", "Requests from an address with too many wrong passwords.", g.Blocked.Load)
	m.count("ici_events_held_total", "Events that waited for the answer to the request that caused them.", d.Held.Load)
	m.count("ici_events_held_too_long_total", "Of these, sent before that answer.", d.HeldTooLong.Load)
	m.count("ici_urls_mapped_total", "Addresses of CRM systems that were replaced by another.", p.Mapped.Load)
	m.count("ici_lookups_total", "Names looked up for addresses of CRM systems.", p.Lookups.Load)
	m.gauge("ici_client_certificates", "Certificates of callback_cert_dir that can be shown to CRM systems now.", func() float64 { return float64(s.ClientCertificates()) })
	m.gauge("ici_paused", "1 while an operator has stopped the interface.", func() float64 {
		if s.Paused() {
			return 1
		}
		return 0
	})
	m.count("ici_connections_refused_total", "Connections beyond the limit.", func() uint64 { return s.Stats().ConnsRefused })
	m.count("ici_subscriptions_refused_total", "Subscriptions refused.", p.Refused.Load)
	m.gauge("ici_subscriptions", "Subscriptions now.", func() float64 { return float64(p.Subscriptions.Load()) })
	m.count("ici_subscriptions_restored_total", "Subscriptions that were there before a crash.", p.Restored.Load)
	m.count("ici_subscriptions_not_restored_total", "Of those, refused by the rules of today.", p.NotRestored.Load)
	m.count("ici_subscriptions_unkept_total", "Times that subscriptions could not be written to their file.", p.KeepFailures.Load)
	m.gauge("ici_monitor_subscriptions", "Of these, subscriptions to figures of queues and agents.", func() float64 { return float64(p.Forms.Load()) })
	m.count("ici_monitor_sent_total", "Messages with figures of queues and agents.", func() uint64 { return s.Stats().MonitorSent })
	m.count("ici_monitor_unchanged_total", "Figures that were not sent, since nothing had changed.", func() uint64 { return s.Stats().MonitorSame })
	m.count("ici_events_sent_total", "Events that a CRM has taken.", d.Sent.Load)
	m.count("ici_events_retried_total", "Second and later tries to send an event.", d.Retried.Load)
	m.count("ici_events_lost_total", "Events that were given up.", func() uint64 { return d.Failed.Load() + d.Discarded.Load() + p.Lost.Load() })
	m.gauge("ici_events_waiting", "Events that wait to be sent.", func() float64 { return float64(d.Waiting.Load()) })
}

// registerSAPphone adds the figures of the SAPphone interface.
func (m *metrics) registerSAPphone(s *sapphone.Server) {
	h, g, p, d := s.Handler(), s.Guard(), s.Client(), s.Delivery()
	m.gauge("sapphone_waiting", "Agents who wait for a call in SPS_WAITFORCALL.", func() float64 { return float64(s.Stats().Waiting) })
	m.count("sapphone_waits_refused_total", "Waits refused because too many agents were waiting.", func() uint64 { return s.Stats().WaitsRefused })
	m.gauge("sapphone_conversations", "RFC connections and requests now.", func() float64 { return float64(s.Stats().Conversations) })
	m.count("sapphone_conversations_refused_total", "Connections refused because too many were open.", func() uint64 { return s.Stats().OpenRefused + s.Stats().ConnsRefused })
	m.count("sapphone_unknown_functions_total", "Calls of functions that do not exist.", func() uint64 { return s.Stats().Unknown })
	m.count("sapphone_busy_total", "Calls refused because too many were under way.", func() uint64 { return s.Stats().Busy + h.Busy.Load() })
	m.count("sapphone_panics_total", "Calls that met a defect of ours.", func() uint64 { return s.Stats().Panics + h.Panics.Load() })
	m.count("sapphone_malformed_total", "SOAP-RFC messages that could not be read or break a limit.", func() uint64 { return h.Malformed.Load() + h.Refused.Load() })
	m.count("sapphone_denied_total", "SOAP-RFC requests from an address that is not allowed.", g.Denied.Load)
	m.count("sapphone_unauthorised_total", "SOAP-RFC requests without the right password.", g.Unauthorised.Load)
	m.count("sapphone_blocked_total", "SOAP-RFC requests from an address with too many wrong passwords.", g.Blocked.Load)
	m.gauge("sapphone_registered", "Extensions registered for SPS_NEW_CALL.", func() float64 { return float64(p.Registered.Load()) })
	m.count("sapphone_announced_total", "Calls and ends of calls that a SAP system has taken.", d.Sent.Load)
	m.count("sapphone_announcements_retried_total", "Second and later tries to tell a SAP system.", d.Retried.Load)
	m.count("sapphone_announcements_lost_total", "Announcements that were given up.", func() uint64 { return d.Failed.Load() + d.Discarded.Load() + p.Lost.Load() })
	m.gauge("sapphone_announcements_waiting", "Announcements that wait to be sent.", func() float64 { return float64(d.Waiting.Load()) })
	m.gauge("sapphone_systems_left_alone", "SAP systems that have failed too often and are not called for a while.", func() float64 { return float64(p.Open.Load()) })
	m.registry.MustRegister(sapphoneResults{s})
}

// sapphoneResults are the calls of SAP systems by function and return code.
type sapphoneResults struct{ s *sapphone.Server }

var sapphoneCalls = prometheus.NewDesc("strowger_sapphone_calls_total", "Calls of SAP systems by function and outcome.", []string{"function", "code"}, nil)

// Describe implements prometheus.Collector.
func (sapphoneResults) Describe(to chan<- *prometheus.Desc) { to <- sapphoneCalls }

// Collect implements prometheus.Collector.
func (r sapphoneResults) Collect(to chan<- prometheus.Metric) {
	for k, n := range r.s.Stats().Results {
		to <- prometheus.MustNewConstMetric(sapphoneCalls, prometheus.CounterValue, float64(n), k.Function, k.Code)
	}
}
