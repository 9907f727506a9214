package ctips

import (
	"strconv"
	"strings"

	"strowger/switch/callmodel"
)

// destination is where a call is to go.
func (r *requests) destination(a *ask, kind DestinationType, address string) (callmodel.Dest, error) {
	address = strings.TrimSpace(address)
	switch kind {
	case DestinationAgent:
		cfg := r.b.dir.agent(address)
		if cfg == nil || r.b.rules.Tenant("", cfg.ID) != a.who.tenantID() {
			return callmodel.Dest{}, refuse(FailureTypeDestinationAgentNotAvailable, "there is no such agent")
		}
		return r.toAgent(cfg)
	case DestinationService:
		q := r.b.dir.service(address)
		if q == nil || r.b.rules.Tenant(q.ID, "") != a.who.tenantID() {
			return callmodel.Dest{}, refuse(FailureTypeDestinationInvalidServiceIdentifier, "there is no such service")
		}
		return r.toService(q)
	case DestinationExternal:
		if address == "" || len(address) > maxAddress || strings.ContainsFunc(address, func(c rune) bool { return c < ' ' }) {
			return callmodel.Dest{}, refuse(FailureTypeDestinationInvalidNumber, "this is no number that can be dialled")
		}
		return callmodel.Dest{Kind: callmodel.DestNumber, Value: address}, r.inside(address)
	case DestinationNone:
		return callmodel.Dest{}, refuse(FailureTypeDestinationInvalidNumber, "a call needs a destination")
	case DestinationInvalid:
	}
	return callmodel.Dest{}, malformed("DestinationType is missing or INVALID")
}

// orService is the service's number where a service is to be dialled and the
// address is left empty.
func orService(address string, kind DestinationType, service int32) string {
	if kind == DestinationService && strings.TrimSpace(address) == "" && given(service) {
		return strconv.Itoa(int(service))
	}
	return address
}

// inside says why a number cannot be called that is an agent's or a service's.
func (r *requests) inside(number string) (err error) {
	to, _ := r.b.dir.cfg.Number(number)
	switch to.Kind {
	case callmodel.DestAgent:
		if cfg := r.b.dir.cfg.Agent(callmodel.AgentID(to.Value)); cfg != nil {
			_, err = r.toAgent(cfg)
		}
	case callmodel.DestQueue:
		if q := r.b.dir.cfg.Queue(callmodel.QueueID(to.Value)); q != nil {
			_, err = r.toService(q)
		}
	case callmodel.DestNumber, callmodel.DestIVR, callmodel.DestAnnounce, callmodel.DestHangup:
	}
	return err
}

// maxAddress is the longest number to be dialled.
const maxAddress = callmodel.MaxDest - 8

func (r *requests) toAgent(cfg *callmodel.AgentConfig) (callmodel.Dest, error) {
	if st := r.b.agents[cfg.ID]; st == nil || !st.in {
		return callmodel.Dest{}, refuse(FailureTypeDestinationAgentNotAvailable, "the agent is not logged in")
	}
	return callmodel.Dest{Kind: callmodel.DestAgent, Value: string(cfg.ID)}, nil
}

// toService is a service that somebody serves, or that has a rule for when
// nobody does.
func (r *requests) toService(q *callmodel.QueueConfig) (callmodel.Dest, error) {
	if r.b.stateOf(q.ID) == ServiceStateUnManned && len(q.Overflow) == 0 {
		return callmodel.Dest{}, refuse(FailureTypeNoActiveService, "nobody serves it now")
	}
	return callmodel.Dest{Kind: callmodel.DestQueue, Value: string(q.ID)}, nil
}

// makeCall dials for an agent.
func (r *requests) makeCall(a *ask, args *MakeCallArgs) ([]order, error) {
	st, cfg, err := r.loggedIn(a, args.AgentID)
	if err != nil {
		return nil, err
	}
	if given(args.CallID) {
		a.callNo = args.CallID
		if i := r.b.byNo[args.CallID]; i != nil && i.tenant == a.who.tenantID() && i.connected() {
			return nil, refuse(FailureTypeInvalidStateForRequest, "the call is there already: ConsultationCall dials from it")
		}
	}
	to, err := r.destination(a, args.DestinationType, orService(args.DestinationAddress, args.DestinationType, args.ServiceID))
	if err != nil {
		return nil, err
	}
	if st.live.PhoneOff {
		return nil, refuse(FailureTypeStationNotAvailable, "the agent's phone is not registered")
	}
	if err := r.room(); err != nil {
		return nil, err
	}
	cmd := callmodel.MakeCall{Cmd: a.by(), Agent: cfg.ID, To: to, Call: callmodel.CallID{ID: r.sw.NewID()}, InWrapUp: args.WrapState}
	if args.DestinationType != DestinationService {
		if cmd.Queue, err = r.onBehalf(a, args.ServiceID); err != nil {
			return nil, err
		}
	}
	return one(order{cmd: cmd, wait: &pending{want: EventTypeCallEstablished, call: cmd.Call, made: true}})
}

// room reports whether there may be one more call.
func (r *requests) room() error {
	if most := r.b.dir.cfg.MaxCalls; most > 0 && len(r.b.calls) >= most {
		return refuse(FailureTypeTrunkLicenseExceeded, "the limit of calls at once is reached")
	}
	return nil
}

// onBehalf is the service whose rules apply to a call that is made.
func (r *requests) onBehalf(a *ask, service int32) (callmodel.QueueID, error) {
	if !given(service) {
		return "", nil
	}
	q := r.b.dir.services[service]
	if q == nil || r.b.rules.Tenant(q.ID, "") != a.who.tenantID() {
		return "", refuse(FailureTypeDestinationInvalidServiceIdentifier, "there is no such service")
	}
	return q.ID, nil
}

// consult holds a call and dials from the same line.
func (r *requests) consult(a *ask, args *ConsultationCallArgs) ([]order, error) {
	data, err := r.data(args.UserData)
	if err != nil {
		return nil, err
	}
	i, p, err := r.part(a, &args.CallHead)
	if err != nil {
		return nil, err
	}
	to, err := r.destination(a, args.DestinationType, orService(args.DestinationAddress, args.DestinationType, args.ServiceID))
	if err == nil {
		err = may(p, callmodel.OpConsult)
	}
	if err == nil {
		err = r.fits(a, i, data)
	}
	if err == nil {
		err = r.room()
	}
	if err != nil {
		return nil, err
	}
	cmd := callmodel.Consult{Cmd: a.by(), Conn: p.ID, To: to, Call: callmodel.CallID{ID: r.sw.NewID()}, Data: data}
	if args.DestinationType != DestinationService {
		if cmd.Queue, err = r.onBehalf(a, args.ServiceID); err != nil {
			return nil, err
		}
	}
	return one(order{cmd: cmd, wait: &pending{want: EventTypeCallConsultation, call: cmd.Call, made: true}})
}

// pair finds the agent's two calls: that with the customer, and the consultation.
func (r *requests) pair(a *ask, h *CallHead, consultation int32, op callmodel.Op) (held, active *callmodel.Connection, err error) {
	if consultation < 1 {
		return nil, nil, malformed("%s needs a positive ConsultationCallId", a.op)
	}
	_, p, err := r.part(a, h)
	k := r.b.byNo[consultation]
	switch {
	case op == callmodel.OpTransfer && a.agent != "" && k.outlives(h.CallID, a.agent):
		return nil, nil, refuse(FailureTypeCustomerHungUpWaitingForTransfer, "the customer has hung up; the consultation goes on")
	case err != nil:
		return nil, nil, err
	case k == nil:
		return nil, nil, refuse(FailureTypeInvalidCallID, "there is no such consultation call")
	}
	q := k.partOf(a.agent)
	if q == nil || q.ID != p.Partner {
		return nil, nil, refuse(FailureTypeInvalidCallID, "the agent has no such pair of calls")
	}
	if err := may(p, op); err != nil {
		return nil, nil, err
	}
	return p, q, nil
}

// outlives reports whether a consultation goes on whose call is over.
func (i *call) outlives(number int32, who callmodel.AgentID) bool {
	if i == nil || i.ended || i.parent == nil || i.parent.number != number || !i.parent.ended {
		return false
	}
	p := i.partOf(who)
	return p != nil && p.State != callmodel.Ended
}

// conference joins a call and its consultation.
func (r *requests) conference(a *ask, args *ConferenceCallArgs) ([]order, error) {
	p, q, err := r.pair(a, &args.CallHead, args.ConsultationCallID, callmodel.OpConference)
	if err != nil {
		return nil, err
	}
	return one(order{
		cmd:  callmodel.Conference{Cmd: a.by(), Conn: p.ID},
		wait: &pending{want: EventTypeCallConferenced, conn: p.ID, other: q.ID, due: r.due()},
	})
}

// transfer passes a call on: elsewhere, or to whoever was consulted.
func (r *requests) transfer(a *ask, args *TransferCallArgs) ([]order, error) {
	data, err := r.data(args.UserData)
	if err != nil {
		return nil, err
	}
	switch args.TransferType {
	case TransferTypeConsultation:
		p, q, err := r.pair(a, &args.CallHead, args.ConsultationCallID, callmodel.OpTransfer)
		if err == nil {
			err = r.fits(a, r.b.byNo[args.CallID], data)
		}
		if err != nil {
			return nil, err
		}
		return one(order{
			cmd:  callmodel.Transfer{Cmd: a.by(), Conn: p.ID, Data: data},
			wait: &pending{want: EventTypeCallTransferred, conn: p.ID, other: q.ID, due: r.due()},
		})
	case TransferTypeBlind:
		i, p, err := r.part(a, &args.CallHead)
		if err != nil {
			return nil, err
		}
		to, err := r.destination(a, args.DestinationType, args.DestinationAddress)
		if err == nil {
			err = may(p, callmodel.OpBlindTransfer)
		}
		if err == nil {
			err = r.fits(a, i, data)
		}
		if err != nil {
			return nil, err
		}
		return one(order{
			cmd:  callmodel.BlindTransfer{Cmd: a.by(), Conn: p.ID, To: to, Data: data},
			wait: &pending{want: EventTypeCallTransferred, conn: p.ID, due: r.due()},
		})
	case TransferTypeInvalid:
	}
	return nil, malformed("TransferType is missing or INVALID")
}
