package sim

import (
	"strowger/switch/callmodel"
)

// done checks what an accepted command must have brought about at once.
func done(in callmodel.Input, v *callmodel.View) error {
	switch c := in.(type) {
	case callmodel.SetAgentState:
		return skipped(c, v)
	case callmodel.RouteSelect:
		return travels(in, c.Data, callOf(v, c.Call))
	case callmodel.BlindTransfer:
		return travels(in, c.Data, callWith(v, c.Conn))
	}
	return nil
}

// skipped checks that no wrap-up is left to an agent who logs out without any.
func skipped(c callmodel.SetAgentState, v *callmodel.View) error {
	if !c.SkipWrapUp {
		return nil
	}
	for _, call := range v.Calls {
		for i := range call.Conns {
			p := &call.Conns[i]
			if p.Agent == c.Agent && (p.Processing == callmodel.WrapUp || p.State != callmodel.Ended && p.Role == callmodel.RoleAgent && !offered(p) && !p.NoWrapUp) {
				return bad("a logout without wrap-up leaves none", "%s: %+v", c.Agent, p)
			}
		}
	}
	return nil
}

// travels checks that a call has the data that came with the order to send it on.
func travels(in callmodel.Input, data []callmodel.AttachedData, call *callmodel.Call) error {
	if call == nil {
		return nil // it has ended in the same step
	}
	for _, d := range data {
		found := d.Data == ""
		for _, have := range call.Attached {
			found = found || have == d
		}
		if !found {
			return bad("data travel with the call", "%s: call %d has %v", in.Tag(), call.Number, call.Attached)
		}
	}
	return nil
}

func callWith(v *callmodel.View, conn callmodel.ConnID) *callmodel.Call {
	for _, c := range v.Calls {
		if c.Conn(conn) != nil {
			return c
		}
	}
	return nil
}

// checkOneLine checks that no second call knocks at a line that has one place,
// and that who is logged out has none.
func checkOneLine(v *callmodel.View, a *callmodel.Agent) error {
	if !a.OneLine {
		return nil
	}
	if a.State == callmodel.LoggedOut {
		return bad("a line for a shift", "%s is logged out and has one line", a.ID)
	}
	for _, it := range a.Items {
		if p := callOf(v, it.Call).Conn(it.Conn); p.Knock {
			return bad("one line, one call", "%s has %s knocking", a.ID, p.ID)
		}
	}
	return nil
}

// checkRouted checks that a call whose route request was answered says where it led.
func checkRouted(e *callmodel.Event) error {
	if e.Kind == callmodel.EvRouteEnded && e.Call.RouteTo.IsZero() != (e.Reason == "abandoned") {
		return bad("a route leads somewhere", "call %d: %s to %q", e.Call.Number, e.Reason, e.Call.RouteTo)
	}
	return nil
}

// orderPlants break the rules about lines with one place and about routes.
func orderPlants() map[string]func(*scene) {
	return map[string]func(*scene){
		"one line, one call": func(s *scene) { s.agent(1).OneLine, s.conn(1, 1).Knock = true, true },
		"a line for a shift": func(s *scene) { s.agent(3).OneLine = true },
		"a route leads somewhere": func(s *scene) {
			s.event(callmodel.EvRouteEnded, 3, 0)
			s.out.Events[len(s.out.Events)-1].Reason = "timeout"
		},
	}
}
