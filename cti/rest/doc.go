// Package rest is the controller's own HTTP interface: JSON for the command
// line and for integrators, server-sent events for live views, the status
// page, health checks and metrics. It is a client of port.Switch like every
// other adapter and keeps no call state.
//
// Routes below /api/v1 are described by openapi.json, which is generated from
// the code and held equal to it by a test. Mapping to the model:
//
//	GET  /api/v1/status, /snapshot            View
//	GET  /api/v1/calls, /agents, /queues,
//	     /parking, /callbacks                 View, filtered
//	GET  /api/v1/calls/{id}/explain           Call.Decided in sentences
//	GET  /api/v1/events                       Watch: a snapshot, then numbered events
//	POST /api/v1/connections/{id}/NAME        the operation of that name, see [ConnectionOperations]:
//	                                          the names are those of the capabilities
//	GET, PUT, PATCH .../{id}/data             Attached, SetData
//	POST /api/v1/agents/{id}/login, state     Login, SetAgentState
//	POST /api/v1/agents/{id}/queues           SetAgentQueues
//	     .../force-state, panic-logout        ForceAgentState, PanicLogout
//	     .../call, pick-up, drop-line         MakeCall, PickUp, DropLine
//	POST /api/v1/calls/{id}/end, route,
//	     route-reject                         EndCall, RouteSelect, RouteReject
//	POST /api/v1/callbacks, PATCH .../{id}    CreateCallback, UpdateCallback
//	POST /api/v1/queues/{id}/pause, resume    PauseQueue
//	GET  /api/v1/campaigns, /{id} and
//	     budget, reasons, decisions below it  Campaigns, see [Dialer]
//	     /{id}/start, pause, stop, override   its orders, all of them written down
//	GET  /api/v1/samples, /lists, /imports,
//	     /leads, /leads/why, /dnc             Samples and Lists; files come and go as streams
//	POST /api/v1/objects, GET .../{kind}      objects.Service
//	GET  /api/v1/audit                        forced actions
//	GET  /healthz, /readyz, /metrics, /       for monitoring and for people
//
// Who may do what is one table (roles.go); what is not in it is refused. The
// unix socket (mode 0600, and only the controller's own user and root are let
// in) has [RoleAdmin]. The TCP listener has [RoleReader], which shows everything
// and changes nothing, and the role of a [Token] for requests that carry its
// secret; an agent's token acts on that agent's line only. Secrets are kept as
// hashes and compared in constant time; an address with too many wrong ones
// must wait. The TCP listener speaks plain HTTP: beyond the machine itself it
// belongs behind a proxy with TLS. Forced actions are written down (audit.go).
// Errors are RFC 9457 problems made from fault.Kind by one table (faults.go).
//
// It is not a login system and not the agents' desktop, and it does not push
// to other systems.
//
// Goroutines: [Server.Start] starts one that remembers the decisions of calls
// that end, and one accept loop per listener, net/http one
// per connection; [Server.Stop] ends them all and waits. Streams, connections,
// headers and bodies are bounded, see [Options] and [Stats].
package rest
