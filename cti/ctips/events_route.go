package ctips

import (
	"time"

	"strowger/switch/callmodel"
)

// maxRouted is how many ended route requests are remembered, for late answers.
const maxRouted = 1000

// endedRoutes remembers how route requests have ended. Its zero value is ready.
type endedRoutes struct {
	ends  map[int32]routeEnd // by call number
	order []int32
}

type routeEnd struct {
	how    string // used, rejected, timeout or abandoned
	tenant int32
}

func (r *endedRoutes) add(call int32, end routeEnd) {
	if r.ends == nil {
		r.ends = map[int32]routeEnd{}
	}
	if _, again := r.ends[call]; !again {
		r.order = append(r.order, call)
	}
	r.ends[call] = end
	if len(r.order) > maxRouted {
		delete(r.ends, r.order[0])
		r.order = r.order[1:]
	}
}

// routeRequest asks clients where a call shall go.
func (b *board) routeRequest(i *call) {
	b.tell(&RouteRequestEvent{
		CTIEvent: b.callHead(i, ""), CallRef: i.ref(b.rules.Site), Trunk: b.trunk(i, i.live.CallerConn()),
		RouteTimeout: b.routeTimeout(i), MediaType: MediaTypeVoiceSip, CallInfo: b.info(i),
	}, subject{call: i.live.ID})
}

// routeTimeout is the time to answer a route request, in whole seconds.
func (b *board) routeTimeout(i *call) int32 {
	q := b.dir.cfg.Queue(i.live.Queue)
	if q == nil {
		return 0
	}
	return int32((q.Route.Timeout + time.Second - 1) / time.Second)
}

// routeEnded tells where a call goes now.
func (b *board) routeEnded(i *call, how string) {
	b.routed.add(i.number, routeEnd{how, i.tenant})
	if how == "abandoned" {
		return // CallCleared tells
	}
	to := b.dir.placeOf(i.live.RouteTo, i.live.RouteTo.Value)
	ev := &RouteUsedEvent{
		CTIEvent: b.callHead(i, ""), CallRef: i.ref(b.rules.Site),
		RouteStatus: RouteStatusDefaultUsed, RouteType: RouteToDefault, RouteDestination: to.name,
	}
	if how == "used" {
		ev.RouteStatus, ev.RouteType = RouteStatusSuccess, routeType(to.kind)
	}
	b.tell(ev, subject{call: i.live.ID})
}

func routeType(d DestinationType) RouteType {
	switch d {
	case DestinationAgent:
		return RouteToAgent
	case DestinationService:
		return RouteToService
	case DestinationExternal:
		return RouteToExternal
	case DestinationInvalid, DestinationNone:
	}
	return RouteTypeInvalid
}

// routing reports whether a call waits for a route.
func (i *call) routing() bool { return i.live.Phase == callmodel.PhaseRouting }
