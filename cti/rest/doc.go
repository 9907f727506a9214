// Package rest is the controller's own HTTP interface: JSON for the command
// line and for integrators, server-sent events for live views, the status
// page, health checks and metrics. It is a client of port.Switch like every
// other adapter and keeps no call state.
//
// Routes below /api/v1 are described by openapi.json, which is generated from
// the code and held equal to it by a test. Mapping to the model:
//
//	GET  /api/v1/status, /snapshot          View
//	GET  /api/v1/calls, /agents, /queues    View, filtered
//	GET  /api/v1/events                     Watch: a snapshot, then numbered events
//	POST /api/v1/agents/{id}/state          SetAgentState
//	POST /api/v1/connections/{id}/accept    Accept; likewise reject, drop, hold,
//	                                        retrieve and wrap-up-end (EndWrapUp)
//	GET  /healthz, /readyz, /metrics, /     for monitoring and for people
//
// Who may do what hangs on the listener. The unix socket (mode 0600, and only
// the controller's own user and root are let in) has [RoleAdmin]; the TCP
// listener has [RoleReader]: it shows everything and changes nothing. A route
// without a rule is refused. Errors are RFC 9457 problems made from
// fault.Kind by one table (faults.go).
//
// It is not a login system and not the agents' desktop, and it does not push
// to other systems.
//
// Goroutines: [Server.Start] starts one accept loop per listener, net/http one
// per connection; [Server.Stop] ends them all and waits. Streams, connections,
// headers and bodies are bounded, see [Options] and [Stats].
package rest
