package ctips

import (
	"errors"

	"strowger/switch/callmodel"
)

// routeSelect answers a RouteRequest.
func (r *requests) routeSelect(a *ask, args *RouteSelectArgs) ([]order, error) {
	if args.CallID < 1 {
		return nil, malformed("RouteSelect needs a positive CallId")
	}
	if args.RouteActionType == RouteTypeInvalid {
		return nil, malformed("RouteActionType is missing or INVALID")
	}
	data, err := r.data(args.UserData)
	if err != nil {
		return nil, err
	}
	a.callNo = args.CallID
	i := r.b.byNo[args.CallID]
	if i == nil || i.tenant != a.who.tenantID() || !i.routing() {
		return nil, r.notRouting(a)
	}
	wait := &pending{want: EventTypeRouteUsed, call: i.live.ID, due: r.due()}
	if args.RouteActionType == RouteToDefault {
		return one(order{cmd: callmodel.RouteReject{Cmd: a.by(), Call: i.live.ID}, wait: wait})
	}
	kind, ok := map[RouteType]DestinationType{
		RouteToAgent: DestinationAgent, RouteToService: DestinationService, RouteToExternal: DestinationExternal,
	}[args.RouteActionType]
	if !ok {
		return nil, reject(RejectReasonNoRouteToDestination, "calls are routed to agents, services, numbers outside or the default")
	}
	to, err := r.destination(a, kind, args.RouteDestination)
	if err != nil {
		return nil, routeRefusal(err)
	}
	if err := r.fits(a, i, data); err != nil {
		return nil, err
	}
	if kind == DestinationAgent {
		if st := r.b.agents[callmodel.AgentID(to.Value)]; st.told != AgentStateIdle {
			return nil, reject(RejectReasonDestinationBusy, "the agent is busy or not ready")
		}
	}
	return one(order{cmd: callmodel.RouteSelect{Cmd: a.by(), Call: i.live.ID, To: to, Data: data}, wait: wait})
}

// notRouting is why a call that does not wait for a route gets none.
func (r *requests) notRouting(a *ask) *refusal {
	end, asked := r.b.routed.ends[a.callNo]
	if !asked || end.tenant != a.who.tenantID() {
		return reject(RejectReasonUnknownReason, "no route was asked for this call")
	}
	if i := r.b.byNo[a.callNo]; i == nil || i.ended {
		return reject(RejectReasonCallCleared, "the call has ended")
	}
	switch end.how {
	case "used", "rejected":
		return reject(RejectReasonCallAlreadyRouted, "the call has been routed")
	case "timeout":
		return reject(RejectReasonRouteTimeout, "the default route was taken, since no answer came in time")
	case "abandoned":
		return reject(RejectReasonCallCleared, "the caller has gone")
	}
	return reject(RejectReasonUnknownReason, "no route was asked for this call")
}

// routeRefusal is a destination that does not exist, which leaves the request
// open, or one that exists and cannot be reached.
func routeRefusal(err error) error {
	var no *refusal
	if !errors.As(err, &no) {
		return err
	}
	switch no.kind {
	case FailureTypeDestinationInvalidServiceIdentifier, FailureTypeDestinationInvalidNumber, FailureTypeNoActiveService:
		return reject(RejectReasonNoRouteToDestination, no.reason)
	default:
		return no
	}
}
