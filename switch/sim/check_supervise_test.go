package sim

import (
	"slices"

	"strowger/switch/callmodel"
)

func supervision(v *callmodel.View, id callmodel.ConnID) *callmodel.Supervision {
	i := slices.IndexFunc(v.Supervisions, func(s *callmodel.Supervision) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return v.Supervisions[i]
}

// checkSupervisions checks each supervision in itself, and that its supervisor
// knows of it.
func checkSupervisions(v *callmodel.View) error {
	with := map[callmodel.AgentID]int{}
	for _, x := range v.Supervisions {
		a := agentOf(v, x.Supervisor)
		if a == nil && !x.Over || a != nil && a.Supervises != x.ID {
			return bad("a supervisor has one supervision", "%s and supervision %d", x.Supervisor, x.Number)
		}
		if x.Over {
			if !live(x.Leg) {
				return bad("a finished supervision is forgotten", "supervision %d", x.Number)
			}
			continue
		}
		if c := callOf(v, x.Call); c == nil || c.Conn(x.Conn) == nil || c.Conn(x.Conn).Agent != x.Agent || c.Conn(x.Conn).State == callmodel.Ended {
			return bad("a supervision has a conversation", "supervision %d of %s: %+v", x.Number, x.Agent, c)
		}
		if with[x.Agent]++; with[x.Agent] > callmodel.MaxSupervisors {
			return bad("few supervisors at an agent", "%s has %d", x.Agent, with[x.Agent])
		}
	}
	for _, a := range v.Agents {
		if !a.Supervises.IsZero() && supervision(v, a.Supervises) == nil {
			return bad("a supervisor has one supervision", "%s has none: %s", a.ID, a.Supervises)
		}
	}
	return nil
}

func agentOf(v *callmodel.View, id callmodel.AgentID) *callmodel.Agent {
	i := slices.IndexFunc(v.Agents, func(a *callmodel.Agent) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return v.Agents[i]
}

// supervising reports whether an agent is busy as a supervisor and with no call.
func supervising(a *callmodel.Agent) bool { return !a.Supervises.IsZero() && len(a.Items) == 0 }

// whispering is a supervision and the agent's leg that may hear it.
type whispering struct {
	id  callmodel.ConnID
	leg callmodel.ChannelID
}

// never checks what must hold at every moment, whatever is under way: who was
// never let into the conversation is not heard in it.
func (k *checker) never(v *callmodel.View, inv Inventory) error {
	for _, x := range v.Supervisions {
		if c := callOf(v, x.Call); x.Mode == callmodel.Whisper && c != nil {
			k.whispered[whispering{x.ID, c.Conn(x.Conn).Channel}] = true
		}
		if x.Mode == callmodel.Barge || x.Mode == callmodel.TakingOver {
			k.barged[x.ID] = true
		}
		if x.Channel == "" || k.barged[x.ID] {
			continue
		}
		for _, l := range inv.Legs {
			if l.Channel == x.Channel || l.TapOf != "" || !inv.Hears(l.Channel).Hears(x.Channel) {
				continue
			}
			if !k.whispered[whispering{x.ID, l.Channel}] {
				return bad("a supervisor is heard by nobody else", "supervision %d (%s): %s hears it", x.Number, x.Mode, l.Channel)
			}
		}
	}
	return nil
}

// checkSupervised checks at a quiet moment that each supervisor hears what the
// agent hears and says, and is heard as the mode says.
func checkSupervised(v *callmodel.View, inv Inventory) error {
	for _, x := range v.Supervisions {
		if l, there := inv.Leg(x.Channel); live(x.Leg) && (!there || l.State != x.Leg && x.Leg != callmodel.LegAsked) {
			return bad("true: legs", "supervision %d: leg %s, the exchange has %v %s", x.Number, x.Leg, there, l.State)
		}
		if x.Over || x.Leg != callmodel.LegUp || x.Mode == callmodel.TakingOver {
			continue
		}
		if err := superviseHears(v, inv, x); err != nil {
			return err
		}
	}
	return nil
}

func superviseHears(v *callmodel.View, inv Inventory, x *callmodel.Supervision) error {
	sup, _ := inv.Leg(x.Channel)
	agent, up := inv.Leg(callOf(v, x.Call).Conn(x.Conn).Channel)
	if !up || sup.OnHold || agent.OnHold || agent.Muted || len(agent.Playing) > 0 || len(sup.Playing) > 0 || agent.State != callmodel.LegUp {
		return nil
	}
	alone := x.Mode == callmodel.Barge && agent.Bridge == ""
	if h := inv.Hears(x.Channel); h.Hears(agent.Channel) == alone {
		return bad("true: a supervisor hears the agent", "supervision %d (%s) hears %v, the agent's leg is %s", x.Number, x.Mode, h.Legs, agent.Channel)
	}
	for _, l := range inv.Legs {
		heard := inv.Hears(l.Channel).Hears(x.Channel)
		if l.Channel == x.Channel || l.TapOf != "" || l.OnHold || len(l.Playing) > 0 || l.State != callmodel.LegUp || isSupervisor(v, l.Channel) {
			continue
		}
		want := x.Mode == callmodel.Whisper && l.Channel == agent.Channel || x.Mode == callmodel.Barge && !alone && l.Bridge == agent.Bridge
		if heard != want {
			return bad("true: a supervisor is heard as the mode says", "supervision %d (%s): %s hears it: %v", x.Number, x.Mode, l.Channel, heard)
		}
	}
	return nil
}

func isSupervisor(v *callmodel.View, ch callmodel.ChannelID) bool {
	return slices.ContainsFunc(v.Supervisions, func(x *callmodel.Supervision) bool { return x.Channel == ch })
}

// superviseCommand is about a supervision: of somebody who talks, mostly.
func (h *harness) superviseCommand(v *callmodel.View) callmodel.Input {
	who, mode := agentID(siteAgents-h.rng.IntN(2)), pick(h.rng, callmodel.Listen, callmodel.Whisper, callmodel.Barge)
	if len(v.Supervisions) > 0 && h.rng.IntN(3) > 0 {
		who = v.Supervisions[h.rng.IntN(len(v.Supervisions))].Supervisor
		switch h.rng.IntN(6) {
		case 0:
			return callmodel.EndSupervision{Cmd: callmodel.Cmd{By: "boss"}, Supervisor: who}
		case 1:
			return callmodel.TakeOver{Supervisor: who}
		}
		return callmodel.SetSupervision{Supervisor: who, Mode: mode}
	}
	conn := callmodel.ConnID{ID: h.NewID()}
	for _, c := range v.Calls {
		for i := range c.Conns {
			if p := &c.Conns[i]; p.Role == callmodel.RoleAgent && talks(p.State) && p.Agent != who && h.rng.IntN(3) > 0 {
				conn = p.ID
			}
		}
	}
	if h.rng.IntN(8) == 0 {
		return callmodel.TakeOver{Supervisor: who, Conn: conn}
	}
	return callmodel.Supervise{Cmd: callmodel.Cmd{By: "boss"}, Supervisor: who, Conn: conn, Mode: mode}
}

// somebodyTalks reports whether there is somebody to supervise.
func somebodyTalks(v *callmodel.View) bool {
	return slices.ContainsFunc(v.Calls, func(c *callmodel.Call) bool {
		return slices.ContainsFunc(c.Conns, func(p callmodel.Connection) bool { return p.Role == callmodel.RoleAgent && talks(p.State) })
	})
}
