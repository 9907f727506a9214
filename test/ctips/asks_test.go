package ctips_test

import (
	"strconv"

	"strowger/cti/ctips"
	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

// random makes a request about an agent or one of their calls: three times of
// four what the picture allows, else anything.
func (a *asker) random() (any, error) {
	v, err := a.s.eng.View(a.t.Context())
	if err != nil {
		return nil, err
	}
	agent := v.Agents[a.dice.IntN(len(v.Agents))]
	for k := 0; k < 5 && len(agent.Items) == 0; k++ {
		agent = v.Agents[a.dice.IntN(len(v.Agents))]
	}
	parts := partsOf(v, agent)
	h := ctips.CallHead{CallID: int32(1 + a.dice.IntN(20))}           //nolint:gosec // small
	h.RequestHead, h.AgentID = a.request(a.next), int32(agent.Number) //nolint:gosec // small
	if a.dice.IntN(4) > 0 {
		if args := a.fitting(v, agent, h, parts); args != nil {
			return args, nil
		}
	}
	other := h.CallID
	if len(parts) > 0 && a.dice.IntN(12) > 0 {
		h.CallID, other = parts[0].number, parts[len(parts)-1].number
	}
	if a.dice.IntN(3) == 0 || len(parts) == 0 {
		return a.aboutAgent(v, agent, h)
	}
	return a.aboutCall(h, other), nil
}

// part is an agent's connection, and the number of its call.
type part struct {
	*callmodel.Connection
	number  int32
	partner int32 // of the line's other call; 0: none
}

// partsOf are an agent's connections, the oldest first.
func partsOf(v *callmodel.View, agent *callmodel.Agent) (out []part) {
	number := map[callmodel.ConnID]int32{}
	conns := map[callmodel.ConnID]*callmodel.Connection{}
	for _, c := range v.Calls {
		for i := range c.Conns {
			conns[c.Conns[i].ID], number[c.Conns[i].ID] = &c.Conns[i], int32(c.Number) //nolint:gosec // small
		}
	}
	for _, r := range agent.Items {
		if c := conns[r.Conn]; c != nil {
			out = append(out, part{c, number[r.Conn], number[c.Partner]})
		}
	}
	return out
}

// fitting makes a request that the picture allows, nil where the dice find none.
func (a *asker) fitting(v *callmodel.View, agent *callmodel.Agent, h ctips.CallHead, parts []part) any {
	if args := a.route(v, 2); args != nil {
		return args
	}
	if len(parts) == 0 || a.dice.IntN(5) == 0 {
		return a.fittingAgent(v, agent, h)
	}
	p := parts[a.dice.IntN(len(parts))]
	h.CallID = p.number
	kind, to := a.somebody(v, agent)
	data := []string{"a", "", strconv.Itoa(a.dice.IntN(100))}
	transfer := ctips.TransferCallArgs{CallHead: h, DestinationType: kind, DestinationAddress: to, ConsultationCallID: p.partner, UserData: data}
	blind, consulted := transfer, transfer
	blind.TransferType, consulted.TransferType = ctips.TransferTypeBlind, ctips.TransferTypeConsultation
	var all []any
	for _, o := range []struct {
		op   callmodel.Op
		less int // how often it is thought of, one time of so many
		args any
	}{
		{callmodel.OpAccept, 1, &ctips.AcceptCallArgs{CallHead: h, AcceptCall: true}},
		{callmodel.OpReject, 6, &ctips.AcceptCallArgs{CallHead: h, RejectReason: 2}},
		{callmodel.OpHold, 2, &ctips.HoldCallArgs{CallHead: h}},
		{callmodel.OpRetrieve, 2, &ctips.RetrieveCallArgs{CallHead: h}},
		{callmodel.OpConsult, 1, &ctips.ConsultationCallArgs{CallHead: h, DestinationType: kind, DestinationAddress: to, UserData: data}},
		{callmodel.OpTransfer, 2, &consulted},
		{callmodel.OpConference, 1, &ctips.ConferenceCallArgs{CallHead: h, ConsultationCallID: p.partner}},
		{callmodel.OpBlindTransfer, 4, &blind},
		{callmodel.OpSetData, 4, &ctips.SetCallDataArgs{CallHead: h, UserData: data}},
		{callmodel.OpGetData, 6, &ctips.GetCallDataArgs{CallHead: h}},
		{callmodel.OpSendDigits, 4, &ctips.SendDTMFDigitsArgs{CallHead: h, DTMFDigits: "12#"}},
		{callmodel.OpDispose, 4, &ctips.SetDispositionArgs{CallHead: h, DispositionID: 1, WrapNotRequired: a.dice.IntN(2) == 0}},
		{callmodel.OpRequireWrapUp, 8, &ctips.SetAgentStateArgs{AgentHead: h.AgentHead, NewState: ctips.AgentStateWrap}},
		{callmodel.OpEndWrapUp, 1, &ctips.SetAgentStateArgs{AgentHead: h.AgentHead, NewState: ctips.AgentStateIdle}},
		{callmodel.OpDrop, 6, &ctips.ClearCallArgs{CallHead: h}},
	} {
		if callmodel.Capabilities(p.Connection).Has(o.op) && a.dice.IntN(o.less) == 0 {
			all = append(all, o.args)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[a.dice.IntN(len(all))]
}

// fittingAgent makes a request about the agent that the picture allows.
func (a *asker) fittingAgent(v *callmodel.View, agent *callmodel.Agent, h ctips.CallHead) any {
	set := func(st ctips.AgentState) any { return &ctips.SetAgentStateArgs{AgentHead: h.AgentHead, NewState: st} }
	kind, to := a.somebody(v, agent)
	switch st, n := agent.State, a.dice.IntN(12); {
	case st == callmodel.LoggedOut:
		return &ctips.LoginAgentArgs{AgentLoginName: string(agent.ID), InitialState: ctips.AgentStateIdle, MultiLine: 1}
	case st == callmodel.NotReady && n < 8:
		return set(ctips.AgentStateIdle)
	case n == 0:
		return set(ctips.AgentStateNotReady)
	case n == 1:
		return set(ctips.AgentStateNotReadyPark)
	case n == 2:
		return &ctips.LogoutAgentArgs{AgentHead: h.AgentHead}
	case n < 8 && len(agent.Items) == 0 && len(v.Calls) < 12:
		h.CallID = -1
		return &ctips.MakeCallArgs{CallHead: h, DestinationType: kind, DestinationAddress: to, WrapState: n == 7}
	}
	return &ctips.GetAgentStateArgs{AgentHead: h.AgentHead}
}

// somebody is who can probably be reached.
func (a *asker) somebody(v *callmodel.View, but *callmodel.Agent) (ctips.DestinationType, string) {
	if a.dice.IntN(4) == 0 {
		return ctips.DestinationExternal, ctitest.Outside
	}
	for range 8 {
		if to := v.Agents[a.dice.IntN(len(v.Agents))]; to.ID != but.ID && to.State == callmodel.Ready && len(to.Items) == 0 {
			return ctips.DestinationAgent, string(to.ID)
		}
	}
	return a.destination()
}

// route decides on a call that asks where it shall go, one time of less.
func (a *asker) route(v *callmodel.View, less int) any {
	_, to := a.destination()
	for _, c := range v.Calls {
		if c.Phase == callmodel.PhaseRouting && a.dice.IntN(less) == 0 {
			return &ctips.RouteSelectArgs{
				CallID: int32(c.Number), RouteDestination: to, //nolint:gosec // small
				RouteActionType: []ctips.RouteType{ctips.RouteToAgent, ctips.RouteToService, ctips.RouteToExternal, ctips.RouteToDefault}[a.dice.IntN(4)],
			}
		}
	}
	return nil
}
