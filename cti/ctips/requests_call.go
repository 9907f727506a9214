package ctips

import (
	"strings"

	"strowger/switch/callmodel"
)

// accept takes an offered call, or turns it down.
func (r *requests) accept(a *ask, args *AcceptCallArgs) ([]order, error) {
	_, p, err := r.part(a, &args.CallHead)
	if err != nil {
		return nil, err
	}
	if args.AcceptCall {
		if err := may(p, callmodel.OpAccept); err != nil {
			return nil, err
		}
		return one(order{cmd: callmodel.Accept{Cmd: a.by(), Conn: p.ID}, wait: &pending{want: EventTypeCallEstablished, conn: p.ID}})
	}
	if err := may(p, callmodel.OpReject); err != nil {
		return nil, err
	}
	reason, err := r.rejectReason(args.RejectReason)
	if err != nil {
		return nil, err
	}
	w := &pending{want: EventTypeAgentStateChange}
	return one(order{cmd: callmodel.Reject{Cmd: a.by(), Conn: p.ID, Reason: reason}, wait: w, seen: func() { r.b.done(w) }})
}

// rejectReason is the id of a reason for turning a call down.
func (r *requests) rejectReason(code int32) (string, error) {
	if !given(code) {
		return "", nil
	}
	for k := range r.b.dir.cfg.Reasons {
		if re := &r.b.dir.cfg.Reasons[k]; re.For == "reject" && re.Number == int64(code) {
			return re.ID, nil
		}
	}
	return "", refuse(FailureTypeRequestFailed, "there is no such reject reason")
}

// clear ends a call of two, or one leg of three.
func (r *requests) clear(a *ask, args *ClearCallArgs) ([]order, error) {
	i, p, err := r.part(a, &args.CallHead)
	leg := p
	if err != nil {
		if p, leg = r.consulted(a, args.CallID); p == nil {
			return nil, err
		}
	} else if p.Conference && p.Owner {
		leg = i.customer(p)
	}
	w := &pending{want: EventTypeCallCleared, conn: leg.ID, due: r.due()}
	switch ops := callmodel.Capabilities(p); {
	case leg != p && p.Owner && ops.Has(callmodel.OpDropParty):
		return one(order{cmd: callmodel.DropParty{Cmd: a.by(), Conn: p.ID, Party: leg.ID.Hex()}, wait: w})
	case p.State == callmodel.Ended:
		return nil, noCallOf(a)
	case ops.Has(callmodel.OpDrop):
		w.conn = p.ID
		return one(order{cmd: callmodel.Drop{Cmd: a.by(), Conn: p.ID}, wait: w})
	case ops.Has(callmodel.OpReject):
		w.conn = p.ID
		return one(order{cmd: callmodel.Reject{Cmd: a.by(), Conn: p.ID}, wait: w})
	}
	return nil, refuse(FailureTypeInvalidStateForRequest, "the call cannot be cleared in this state")
}

// consulted finds a conference by the consultation that has become part of it:
// the agent's connection, and the leg that has come from there.
func (r *requests) consulted(a *ask, number int32) (own, leg *callmodel.Connection) {
	for _, i := range byNumber(r.b.calls, func(i *call) int64 { return i.live.Number }) {
		p := i.partOf(a.agent)
		if p == nil || a.agent == "" || i.tenant != a.who.tenantID() || p.State == callmodel.Ended {
			continue
		}
		for k := range i.live.Conns {
			q := &i.live.Conns[k]
			if from := i.joined[q.ID]; from != nil && from.number == number && q.State != callmodel.Ended {
				return p, q
			}
		}
	}
	return nil, nil
}

// customer is the leg of a conference that is neither its owner's nor has come
// by a consultation; the owner's where there is none.
func (i *call) customer(owner *callmodel.Connection) *callmodel.Connection {
	for k := range i.live.Conns {
		if q := &i.live.Conns[k]; q.ID != owner.ID && q.State != callmodel.Ended && i.joined[q.ID] == nil {
			return q
		}
	}
	return owner
}

func (r *requests) hold(a *ask, args *HoldCallArgs) ([]order, error) {
	_, p, err := r.part(a, &args.CallHead)
	if err == nil {
		err = may(p, callmodel.OpHold)
	}
	if err != nil {
		return nil, err
	}
	return one(order{cmd: callmodel.HoldCall{Cmd: a.by(), Conn: p.ID}, wait: &pending{want: EventTypeCallHeld, conn: p.ID, due: r.due()}})
}

func (r *requests) retrieve(a *ask, args *RetrieveCallArgs) ([]order, error) {
	_, p, err := r.part(a, &args.CallHead)
	if err == nil {
		err = may(p, callmodel.OpRetrieve)
	}
	if err != nil {
		return nil, err
	}
	return one(order{cmd: callmodel.Retrieve{Cmd: a.by(), Conn: p.ID}, wait: &pending{want: EventTypeCallRetrieved, conn: p.ID, due: r.due()}})
}

func (r *requests) sendDigits(a *ask, args *SendDTMFDigitsArgs) ([]order, error) {
	i, p, err := r.part(a, &args.CallHead)
	if err == nil {
		err = may(p, callmodel.OpSendDigits)
	}
	if err != nil {
		return nil, err
	}
	digits := strings.TrimSpace(args.DTMFDigits)
	return one(order{cmd: callmodel.SendDigits{Cmd: a.by(), Conn: p.ID, Digits: digits}, seen: func() {
		r.b.out.publish(Stamp(&DigitsDialedEvent{
			CTIEvent: r.b.callHead(i, a.agent), CallRef: i.ref(r.b.rules.Site), DigitString: digits,
		}), addressee{who: a.who, request: a.request})
	}})
}

// getData tells a call's user data.
func (r *requests) getData(a *ask, args *GetCallDataArgs) ([]order, error) {
	i, _, err := r.part(a, &args.CallHead)
	if err != nil {
		return nil, err
	}
	return one(order{seen: func() {
		ev := r.b.dataUpdate(i, a.agent, CallDataUpdateGetCallDataReturned)
		if ev.CallData == nil {
			ev.UpdateType, ev.FailureReason = CallDataUpdateGetCallDataNotReturned, "the call has no user data"
		}
		r.b.answer(ev, a.who, a.request)
	}})
}

// setData replaces a call's user data.
func (r *requests) setData(a *ask, args *SetCallDataArgs) ([]order, error) {
	data, err := r.data(args.UserData)
	if err != nil {
		return nil, err
	}
	i, p, err := r.part(a, &args.CallHead)
	if err == nil {
		err = r.fits(a, i, data)
	}
	if err != nil {
		return nil, err
	}
	w := &pending{want: EventTypeCallDataUpdate, call: i.live.ID}
	return one(order{cmd: callmodel.SetData{Cmd: a.by(), Conn: p.ID, Entries: data}, wait: w, seen: func() {
		if !w.over { // it was so already, which the switch does not tell
			r.b.tell(r.b.dataUpdate(i, a.agent, CallDataUpdateSetCallDataSucceeded), subject{call: i.live.ID, agent: a.agent})
		}
	}})
}
