package sim

import (
	"slices"

	"strowger/switch/callmodel"
)

// lingers reports whether a connection is in wrap-up with nothing of it left on
// the phone: its agent may get other calls meanwhile, where the site allows it.
func lingers(p *callmodel.Connection) bool {
	return p.Processing == callmodel.WrapUp && !live(p.Leg)
}

// checkLive checks that calls are offered to a line where nothing else lives,
// but for those that knock and those that the phone itself has made, and that
// wrap-up leaves an agent free exactly where the site wants that.
func checkLive(v *callmodel.View, a *callmodel.Agent) error {
	wraps, others, offer := 0, 0, callmodel.ConnID{}
	for _, it := range a.Items {
		p := callOf(v, it.Call).Conn(it.Conn)
		switch {
		case lingers(p):
			wraps++
		case offered(p) && !p.Knock:
			offer = p.ID
		case p.State != callmodel.Ended && p.Channel.Ours() && !p.Knock:
			others++
		}
	}
	multi := v.Config.CTI.MultiSession
	free := a.State == callmodel.Ready || a.State == callmodel.NotReady || a.State == callmodel.LoggedOut
	switch {
	case offer != callmodel.ConnID{} && others > 0:
		return bad("one live item", "%s is %s, is offered %s and has %d other calls", a.ID, a.State, offer, others)
	case free && len(a.Items) != wraps:
		return bad("who is free has nothing but wrap-up", "%s is %s with %v", a.ID, a.State, a.Items)
	case free && wraps > 0 && (!multi || a.State == callmodel.LoggedOut):
		return bad("wrap-up comes first", "%s is %s with wrap-up open", a.ID, a.State)
	case free && a.ActiveWrap != (wraps > 0):
		return bad("wrap-up is shown", "%s is %s with %d in wrap-up", a.ID, a.State, wraps)
	case multi && a.State == callmodel.InWrapUp && len(a.Items) > 0 && wraps == len(a.Items) && a.Pending != callmodel.LoggedOut && a.Supervises.IsZero():
		return bad("wrap-up does not occupy", "%s is %s, then %s", a.ID, a.State, a.Pending)
	}
	return nil
}

// besideWrapUp counts calls that an agent has answered or made while others
// were in wrap-up.
func (k *checker) besideWrapUp(e *callmodel.Event, v *callmodel.View) {
	if e.Kind != callmodel.EvEstablished || e.Call == nil || e.Call.Conn(e.Conn) == nil {
		return
	}
	i := slices.IndexFunc(v.Agents, func(a *callmodel.Agent) bool { return a.ID == e.Call.Conn(e.Conn).Agent })
	if i >= 0 && v.Agents[i].ActiveWrap && v.Agents[i].State == callmodel.OnCall {
		k.beside++
	}
}

// sessionPlants break the rules about agents with several calls.
func sessionPlants() map[string]func(*scene) {
	wraps := func(s *scene) { // call 1 is in wrap-up, its agent ready
		c, a := s.conn(1, 1), s.agent(1)
		s.v.Config = &callmodel.Config{Version: 1, CTI: callmodel.CTIConfig{MultiSession: true}, Agents: s.v.Config.Agents}
		c.State, c.Processing, c.Leg, c.InBridge, c.JoinAsked = callmodel.Ended, callmodel.WrapUp, callmodel.LegGone, false, false
		s.conn(1, 0).State = callmodel.Ended
		s.call(1).Phase = callmodel.PhaseOver
		a.State, a.Call, a.Conn, a.ActiveWrap = callmodel.Ready, callmodel.CallID{}, callmodel.ConnID{}, true
	}
	return map[string]func(*scene){
		"one live item": func(s *scene) {
			p := *s.conn(2, 1)
			p.ID, p.State, p.Channel, p.Leg, p.Maker = otherConn, callmodel.Initiated, "sw-other", callmodel.LegAsked, true
			s.call(2).Conns = append(s.call(2).Conns, p)
			a := s.agent(2)
			a.Items = append(slices.Clone(a.Items), callmodel.ItemRef{Call: s.call(2).ID, Conn: otherConn})
		},
		"who is free has nothing but wrap-up": func(s *scene) {
			wraps(s)
			s.conn(1, 1).Leg = callmodel.LegUp
		},
		"wrap-up comes first": func(s *scene) {
			wraps(s)
			s.v.Config.CTI.MultiSession = false
		},
		"wrap-up is shown": func(s *scene) {
			wraps(s)
			s.agent(1).ActiveWrap = false
		},
		"wrap-up does not occupy": func(s *scene) {
			wraps(s)
			a := s.agent(1)
			a.State, a.Call, a.Conn = callmodel.InWrapUp, s.call(1).ID, s.conn(1, 1).ID
		},
	}
}
