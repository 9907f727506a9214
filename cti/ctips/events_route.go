package ctips

import (
	"time"

	"strowger/switch/callmodel"
)

// maxRouted is how many ended route requests are remembered, for late answers.
const maxRouted = 1000

// endedRoutes remembers how route requests have ended. Its zero value is ready.
type endedRoutes struct {
	how   map[int32]string // by call number: used, rejected, timeout or abandoned
	order []int32
}

func (r *endedRoutes) add(call int32, how string) {
	if r.how == nil {
		r.how = map[int32]string{}
	}
	if _, again := r.how[call]; !again {
		r.order = append(r.order, call)
	}
	r.how[call] = how
	if len(r.order) > maxRouted {
		delete(r.how, r.order[0])
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
	b.routed.add(i.number, how)
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
