package ctips

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// requests carries out what clients ask for: it turns a request into commands
// of the switch, and sees to it that exactly one event tells the outcome.
type requests struct {
	sw port.Switch
	b  *board
}

// order is one command of the switch on behalf of a request.
type order struct {
	ask *ask
	// first is done before cmd, which is not done where first is refused.
	first callmodel.Command
	cmd   callmodel.Command // nil: nothing is changed
	// wait is the event that tells the outcome; nil: seen does.
	wait *pending
	// seen runs with the board locked, when it shows what the command has led to.
	seen func()
}

// translate makes a request's orders. It runs with the board locked; its errors
// are a *refusal, which an event tells, or a *soap.Fault.
type translate func(r *requests, a *ask, args any) ([]order, error)

// typed adapts a function of the operation's own arguments.
func typed[A any](f func(r *requests, a *ask, args *A) ([]order, error)) translate {
	return func(r *requests, a *ask, args any) ([]order, error) {
		own, ok := args.(*A)
		if !ok {
			return nil, fault.Newf(fault.Internal, "ctips", a.op, "arguments of type %T", args)
		}
		return f(r, a, own)
	}
}

// translations is the table of operations.
var translations = map[string]translate{
	opSnapshot:    typed((*requests).snapshot),
	opLogin:       typed((*requests).login),
	opLogout:      typed((*requests).logout),
	opPanic:       typed((*requests).panicLogout),
	opState:       typed((*requests).setState),
	opGetState:    typed((*requests).getState),
	opDisposition: typed((*requests).setDisposition),
	opAccept:      typed((*requests).accept),
	opClear:       typed((*requests).clear),
	opConference:  typed((*requests).conference),
	opConsult:     typed((*requests).consult),
	opGetData:     typed((*requests).getData),
	opSetData:     typed((*requests).setData),
	opHold:        typed((*requests).hold),
	opRetrieve:    typed((*requests).retrieve),
	opMake:        typed((*requests).makeCall),
	opDigits:      typed((*requests).sendDigits),
	opTransfer:    typed((*requests).transfer),
	opRoute:       typed((*requests).routeSelect),
}

// serve carries out one request. A nil error means that it is understood, and
// that an event will tell its outcome.
func (r *requests) serve(ctx context.Context, who requester, call *Call) (int32, error) {
	f := translations[call.Op.Name]
	if f == nil || len(call.Args) != 1 {
		return 0, fault.New(fault.Internal, "ctips", call.Op.Name, "the operation is about sessions alone")
	}
	head, _, _ := HeadOf(call.Args[0])
	a := &ask{who: who, op: call.Op.Name, request: head.RequestID}
	orders, err := r.enter(f, a, call.Args[0])
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.b.requestTimeout())
	defer cancel() // a client that goes away does not stop what it has asked for
	for i := range orders {
		r.carryOut(ctx, &orders[i])
	}
	return 0, nil
}

// enter translates a request and enters what it waits for, before anything is
// done: the outcome may come at once. Refusals are told.
func (r *requests) enter(f translate, a *ask, args any) ([]order, error) {
	b := r.b
	b.mu.Lock()
	defer b.mu.Unlock()
	orders, err := f(r, a, args)
	var no *refusal
	if errors.As(err, &no) {
		b.failed(a, no)
		return nil, nil
	}
	if err == nil {
		err = b.spare(a, orders)
	}
	if err != nil {
		return nil, err
	}
	for i := range orders {
		o := &orders[i]
		if o.ask == nil {
			o.ask = a
		}
		if o.wait == nil {
			continue
		}
		o.wait.ask = *o.ask
		if o.wait.failure == FailureTypeInvalid {
			o.wait.failure = failureType(a.op)
		}
		b.open.add(o.wait)
	}
	return orders, nil
}

// spare refuses a request when too many wait. What logs agents out at once is
// taken all the same: it is for when other requests do not help, and adds one
// for each agent at the most.
func (b *board) spare(a *ask, orders []order) error {
	own, agents := 0, 0
	if slices.ContainsFunc(orders, func(o order) bool { return o.wait != nil }) {
		own, agents = b.open.count(a.who, a.agent)
	}
	if a.op == opPanic || own < maxPerClient && agents < maxPerAgent && len(b.later) < maxLater {
		return nil
	}
	return &soap.Fault{Code: soap.CodeServer, Text: fmt.Sprintf(
		"too many requests wait for their outcome: %d of this session, %d for this agent, %d for events of the switch; wait for some of them", own, agents, len(b.later))}
}

// carryOut gives one order to the switch.
func (r *requests) carryOut(ctx context.Context, o *order) {
	for _, cmd := range []callmodel.Command{o.first, o.cmd} {
		if cmd == nil {
			continue
		}
		if err := r.sw.Do(ctx, cmd); err != nil {
			r.refused(o, err)
			return
		}
	}
	if o.seen == nil {
		return
	}
	view, err := r.sw.View(ctx)
	if err != nil {
		r.b.after(0, o.seen) // as far as it is known
		return
	}
	r.b.after(view.Events, o.seen)
}

// refused tells that the switch has refused an order, if nothing else has
// brought about what it was for.
func (r *requests) refused(o *order, err error) {
	b := r.b
	b.mu.Lock()
	defer b.mu.Unlock()
	if o.wait != nil {
		if o.wait.over {
			return
		}
		b.open.remove(o.wait)
	}
	b.failed(o.ask, o.ask.failure(err))
}

// by is who a command comes from.
func (a *ask) by() callmodel.Cmd { return callmodel.Cmd{By: a.who.userName()} }

// due is when an outcome that should not take long is given up.
func (r *requests) due() time.Time { return r.b.now().Add(r.b.rules.RequestTimeout) }

// one is a list of one order.
func one(o order) ([]order, error) { return []order{o}, nil }

// agentOf finds the agent of a request. One that cannot be an agent's number is
// a fault, one that is none's a refusal.
func (r *requests) agentOf(a *ask, id int32) (*agent, *callmodel.AgentConfig, error) {
	if id < 1 {
		return nil, nil, malformed("%s needs a positive AgentId", a.op)
	}
	a.agentNo = id
	cfg := r.b.dir.agents[id]
	if cfg == nil || r.b.rules.Tenant("", cfg.ID) != a.who.tenantID() {
		return nil, nil, refuse(FailureTypeInvalidAgent, "there is no such agent")
	}
	st := r.b.agents[cfg.ID]
	if st == nil {
		return nil, nil, refuse(FailureTypeInvalidAgent, "there is no such agent")
	}
	a.agent = cfg.ID
	return st, cfg, nil
}

// loggedIn finds the agent of a request, who has to be logged in.
func (r *requests) loggedIn(a *ask, id int32) (*agent, *callmodel.AgentConfig, error) {
	st, cfg, err := r.agentOf(a, id)
	if err == nil && !st.in {
		return nil, nil, refuse(FailureTypeInvalidAgent, "the agent is not logged in")
	}
	return st, cfg, err
}

// part finds the call of a request and the agent's connection in it: the newest
// that has not ended, else the newest with after-call work.
func (r *requests) part(a *ask, h *CallHead) (*call, *callmodel.Connection, error) {
	if h.CallID < 1 {
		return nil, nil, malformed("%s needs a positive CallId", a.op)
	}
	a.callNo = h.CallID
	if _, _, err := r.loggedIn(a, h.AgentID); err != nil {
		return nil, nil, err
	}
	if i := r.b.byNo[h.CallID]; i != nil && i.tenant == a.who.tenantID() {
		if p := i.partOf(a.agent); p != nil {
			a.conn = p.ID
			return i, p, nil
		}
	}
	return nil, nil, noCallOf(a)
}

func noCallOf(*ask) *refusal {
	return refuse(FailureTypeInvalidCallID, "there is no such call, or the agent has no part in it")
}

// partOf is an agent's connection in a call, or nil.
func (i *call) partOf(who callmodel.AgentID) *callmodel.Connection {
	var wrapping *callmodel.Connection
	for k := len(i.live.Conns) - 1; k >= 0; k-- {
		p := &i.live.Conns[k]
		switch {
		case p.Role != callmodel.RoleAgent || p.Agent != who:
		case p.State != callmodel.Ended:
			return p
		case p.Processing == callmodel.WrapUp && wrapping == nil:
			wrapping = p
		}
	}
	return wrapping
}

// may checks the table of what can be done with a connection now.
func may(p *callmodel.Connection, op callmodel.Op) error {
	if callmodel.Capabilities(p).Has(op) {
		return nil
	}
	return refuse(FailureTypeInvalidStateForRequest, "not possible in this state of the call, or at this station")
}

// data checks UserData and makes the attached data of it.
func (r *requests) data(values []string) ([]callmodel.AttachedData, error) {
	if wrong := r.b.rules.checkData(values); wrong != "" {
		return nil, malformed("%s", wrong)
	}
	return entries(values), nil
}

// fits reports whether user data can be attached to a call beside what others
// have attached to it.
func (r *requests) fits(a *ask, i *call, data []callmodel.AttachedData) error {
	most := r.b.dir.cfg.AttachedMax
	size := 0
	for _, d := range append(data[:len(data):len(data)], i.live.Attached...) {
		if d.App != dataApp || len(data) > 0 && d == data[0] {
			size += len(d.App) + len(d.Data)
		}
	}
	if most == 0 || len(data) == 0 || size <= most {
		return nil
	}
	kind := FailureTypeRequestFailed
	if a.op == opSetData {
		kind = FailureTypeSetCallDataFailed
	}
	return refuse(kind, "the call would have more data than it may")
}

func (r *requests) snapshot(a *ask, args *SnapshotArgs) ([]order, error) {
	if len(args.EntityType) == 0 {
		return nil, malformed("EntityType is empty: name what the snapshot is to tell")
	}
	for _, k := range args.EntityType {
		if k == EntityTypeInvalid {
			return nil, malformed("EntityType holds INVALID")
		}
	}
	return one(order{seen: func() { r.b.snapshot(a.who, args.EntityType) }})
}
