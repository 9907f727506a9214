package ctips

import (
	"strings"

	"strowger/cti/behalf"
	"strowger/switch/callmodel"
)

// login logs an agent in by name.
func (r *requests) login(a *ask, args *LoginAgentArgs) ([]order, error) {
	a.name = args.AgentLoginName
	if strings.TrimSpace(args.AgentLoginName) == "" {
		return nil, malformed("LoginAgent needs an AgentLoginName")
	}
	if args.MultiLine != 0 && args.MultiLine != 1 {
		return nil, malformed("MultiLine is 0 or 1")
	}
	cfg, st := r.named(a, args.AgentLoginName)
	if cfg == nil {
		return nil, refuse(FailureTypeInvalidAgentName, "there is no such agent")
	}
	if st.in {
		return nil, refuse(FailureTypeAgentAlreadyLoggedIn, "the agent is logged in: log out first to change the station")
	}
	state, reason, err := r.initial(args.InitialState)
	if err != nil {
		return nil, err
	}
	cmd := callmodel.Login{Cmd: a.by(), Agent: cfg.ID, State: state, Reason: reason, OneLine: args.MultiLine == 0}
	if cmd.Station, err = r.station(cfg, args.StationID); err != nil {
		return nil, err
	}
	p := &pending{want: EventTypeAgentLoginStateChange, due: r.due()}
	if cmd.Passcode, err = behalf.Passcode(r.b.dir.cfg, cfg.ID, cmd.Station); err != nil {
		return nil, err
	}
	if cmd.Passcode != "" {
		p.due = r.b.now().Add(callmodel.PasscodeTime + passcodeGrace)
	}
	return one(order{cmd: cmd, wait: p, seen: func() { p.armed = true }})
}

// named finds an agent of the session's tenant by login name, else by number.
func (r *requests) named(a *ask, name string) (*callmodel.AgentConfig, *agent) {
	cfg := r.b.dir.agent(name)
	if cfg == nil || r.b.rules.Tenant("", cfg.ID) != a.who.tenantID() {
		return nil, nil
	}
	st := r.b.agents[cfg.ID]
	if st == nil {
		return nil, nil
	}
	a.agent = cfg.ID
	return cfg, st
}

// initial is the state in which an agent logs in.
func (r *requests) initial(s AgentState) (callmodel.AgentState, string, error) {
	switch s {
	case AgentStateInvalid, AgentStateNotReady:
		return callmodel.NotReady, "", nil
	case AgentStateNotReadyPark:
		reason := r.parkReason()
		if reason == "" {
			return 0, "", refuse(FailureTypeInvalidStateForRequest, "no reason for being away is configured")
		}
		return callmodel.NotReady, reason, nil
	case AgentStateIdle:
		return callmodel.Ready, "", nil
	case AgentStatePendingActive, AgentStateActive, AgentStateWrap, AgentStateWrapWarning, AgentStateReserved, AgentStateMultiLine, AgentStateActiveWrap:
	}
	return 0, "", refuse(FailureTypeInvalidStateForRequest, "an agent logs in as Idle, NotReady or NotReadyPark")
}

// parkReason is the reason that NotReadyPark stands for, empty where there is none.
func (r *requests) parkReason() string {
	for k := range r.b.dir.cfg.Reasons {
		re := &r.b.dir.cfg.Reasons[k]
		if re.Park && (r.b.rules.ParkReason == "" || r.b.rules.ParkReason == re.ID) {
			return re.ID
		}
	}
	return ""
}

// station finds the station that an agent names; their own has no object.
func (r *requests) station(cfg *callmodel.AgentConfig, name string) (callmodel.StationID, error) {
	name = strings.TrimSpace(name)
	if name == "" || name == cfg.Line || name == cfg.Station.Endpoint {
		if cfg.Station.Endpoint == "" {
			return "", refuse(FailureTypeStationNotAvailable, "the agent has no station of their own: name one")
		}
		return "", nil
	}
	st := r.b.dir.station(name)
	if st == nil {
		return "", refuse(FailureTypeStationNotAvailable, "there is no such station")
	}
	return st.ID, nil
}

// logout logs an agent out, after the call where there is one.
func (r *requests) logout(a *ask, args *LogoutAgentArgs) ([]order, error) {
	st, cfg, err := r.agentOf(a, args.AgentID)
	if err != nil {
		return nil, err
	}
	a.name = string(cfg.ID)
	if !st.in {
		return nil, refuse(FailureTypeInvalidStateForRequest, "the agent is not logged in")
	}
	return one(r.leaving(a, callmodel.SetAgentState{Cmd: a.by(), Agent: cfg.ID, State: callmodel.LoggedOut, Reason: r.logoutReason(args.ReasonCode)}))
}

// logoutReason is the id of a reason for logging out; a number that is none's
// is no reason.
func (r *requests) logoutReason(code int32) string {
	for k := range r.b.dir.cfg.Reasons {
		if re := &r.b.dir.cfg.Reasons[k]; re.For == "logout" && given(code) && re.Number == int64(code) {
			return re.ID
		}
	}
	return ""
}

// leaving logs an agent out and waits for that.
func (r *requests) leaving(a *ask, cmd callmodel.SetAgentState) order {
	p := &pending{want: EventTypeAgentLoginStateChange, state: callmodel.LoggedOut, sets: true}
	return order{ask: a, cmd: cmd, wait: p, seen: func() { r.b.arm(p) }}
}

// panicLogout logs agents out at once: those in a call when it is over, without
// after-call work. Each has an outcome of their own.
func (r *requests) panicLogout(a *ask, args *PanicLogoutArgs) ([]order, error) {
	names := args.AgentLoginNameList
	if args.LogoutAllAgents {
		names = nil
		for _, st := range byNumber(r.b.agents, func(st *agent) int64 { return st.live.Number }) {
			if st.in && r.b.rules.Tenant("", st.live.ID) == a.who.tenantID() {
				names = append(names, string(st.live.ID))
			}
		}
		if len(names) == 0 {
			return nil, refuse(FailureTypeInvalidAgent, "nobody is logged in")
		}
	}
	if len(names) == 0 {
		return nil, malformed("PanicLogout needs an AgentLoginNameList, or LogoutAllAgents")
	}
	if len(names) > maxPerClient && !args.LogoutAllAgents {
		return nil, malformed("AgentLoginNameList has more than %d names: send it in parts, or set LogoutAllAgents", maxPerClient)
	}
	var out []order
	named := map[callmodel.AgentID]bool{}
	for _, name := range names {
		own := &ask{who: a.who, op: a.op, request: a.request, name: name}
		cfg, st := r.named(own, name)
		switch {
		case cfg == nil:
			r.b.failed(own, refuse(FailureTypeInvalidAgentName, "there is no such agent"))
		case !st.in:
			r.b.failed(own, refuse(FailureTypeInvalidStateForRequest, "the agent is not logged in"))
		case !named[cfg.ID]: // by name or number, they are logged out once
			named[cfg.ID] = true
			out = append(out, r.leaving(own, callmodel.SetAgentState{Cmd: a.by(), Agent: cfg.ID, State: callmodel.LoggedOut, SkipWrapUp: true}))
		}
	}
	return out, nil
}

// setState changes an agent's state, now or after the call.
func (r *requests) setState(a *ask, args *SetAgentStateArgs) ([]order, error) {
	if args.NewState == AgentStateInvalid {
		return nil, malformed("NewState is missing or INVALID")
	}
	st, cfg, err := r.loggedIn(a, args.AgentID)
	if err != nil {
		return nil, err
	}
	p := &pending{want: EventTypeAgentStateChange, sets: true, is: only(args.NewState)}
	cmd := callmodel.SetAgentState{Cmd: a.by(), Agent: cfg.ID}
	switch args.NewState {
	case AgentStateIdle:
		if end := r.endWrapUp(a, st); end != nil {
			return one(*end)
		}
		cmd.State = callmodel.Ready
	case AgentStateNotReady, AgentStateNotReadyPark:
		if cmd.State, cmd.Reason, err = r.initial(args.NewState); err != nil {
			return nil, err
		}
	case AgentStateWrap:
		return r.requireWrapUp(a, st, p)
	case AgentStateInvalid, AgentStatePendingActive, AgentStateActive, AgentStateWrapWarning, AgentStateReserved, AgentStateMultiLine, AgentStateActiveWrap:
		return nil, refuse(FailureTypeInvalidStateForRequest, "this state follows from calls, and cannot be set")
	}
	p.state = cmd.State
	return one(order{cmd: cmd, wait: p, seen: func() { r.b.arm(p) }})
}

func only(want AgentState) func(AgentState) bool {
	return func(s AgentState) bool { return s == want }
}

// wrapUps are the states of after-call work.
func wrapUps(s AgentState) bool {
	return s == AgentStateWrap || s == AgentStateWrapWarning || s == AgentStateActiveWrap
}

func noWrapUp(s AgentState) bool { return !wrapUps(s) }

// endWrapUp ends the after-call work of an agent who is in it; nil: there is none.
func (r *requests) endWrapUp(a *ask, st *agent) *order {
	if st.live.State != callmodel.InWrapUp {
		return nil
	}
	for _, it := range st.live.Items {
		if p := r.b.connection(it.Call, it.Conn); p != nil && p.Processing == callmodel.WrapUp {
			w := &pending{want: EventTypeAgentStateChange, is: noWrapUp}
			return &order{
				ask: a, wait: w, seen: func() { r.b.done(w) },
				first: callmodel.SetAgentState{Cmd: a.by(), Agent: st.live.ID, State: callmodel.Ready, KeepWrapUp: true}, // or another state follows
				cmd:   callmodel.EndWrapUp{Cmd: a.by(), Conn: p.ID},
			}
		}
	}
	return nil
}

// requireWrapUp has after-call work follow the agent's call.
func (r *requests) requireWrapUp(a *ask, st *agent, p *pending) ([]order, error) {
	if wrapUps(st.told) {
		return one(order{seen: func() { r.b.present(&pending{ask: *a}) }})
	}
	for _, it := range st.live.Items {
		c := r.b.connection(it.Call, it.Conn)
		if c == nil || !callmodel.Capabilities(c).Has(callmodel.OpRequireWrapUp) {
			continue
		}
		p.conn, p.after, p.is = c.ID, true, wrapUps
		return one(order{cmd: callmodel.RequireWrapUp{Cmd: a.by(), Conn: c.ID}, wait: p, seen: func() { r.b.arm(p) }})
	}
	return nil, refuse(FailureTypeInvalidStateForRequest, "after-call work follows a call, and there is none")
}

// getState tells an agent's state.
func (r *requests) getState(a *ask, args *GetAgentStateArgs) ([]order, error) {
	if _, _, err := r.loggedIn(a, args.AgentID); err != nil {
		return nil, err
	}
	return one(order{seen: func() { r.b.present(&pending{ask: *a}) }})
}

// setDisposition gives a call its result, and so ends the after-call work.
func (r *requests) setDisposition(a *ask, args *SetDispositionArgs) ([]order, error) {
	_, p, err := r.part(a, &args.CallHead)
	if err != nil {
		return nil, err
	}
	code := ""
	for k := range r.b.dir.cfg.Dispositions {
		if d := &r.b.dir.cfg.Dispositions[k]; d.Number == int64(args.DispositionID) {
			code = d.ID
		}
	}
	if code == "" {
		return nil, refuse(FailureTypeRequestFailed, "there is no such disposition")
	}
	if err := may(p, callmodel.OpDispose); err != nil {
		return nil, err
	}
	cmd := callmodel.SetDisposition{Cmd: a.by(), Conn: p.ID, Codes: []string{code}, Success: &args.SummaryDispositionSuccessful, NoWrapUp: args.WrapNotRequired}
	if p.Processing != callmodel.WrapUp {
		return one(order{cmd: cmd, seen: func() { r.b.present(&pending{ask: *a}) }})
	}
	w := &pending{want: EventTypeAgentStateChange, is: noWrapUp}
	return one(order{cmd: cmd, wait: w, seen: func() { r.b.done(w) }})
}
