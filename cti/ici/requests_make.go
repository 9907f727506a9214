package ici

import (
	"context"
	"errors"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// create makes an item that a call can be made from (9.4.1).
func (s *Server) create(ctx context.Context, _ *Request, p *Container) (Reply, error) {
	switch p.ChannelType {
	case ChannelPhone:
	case ChannelMessage, ChannelChat, ChannelAction:
		return nil, Refuse(ServiceItem, CodeChannelDisabled, "this switch has no channel of type %s", p.ChannelType)
	default:
		return nil, Refuse(ServiceItem, Malformed(ServiceItem), "%q is no channel type: 1 is the telephone", short(p.ChannelType))
	}
	view, err := s.sw.View(ctx)
	if err != nil {
		return nil, err
	}
	a := agentOn(view, p.ContainerID)
	if a == nil {
		return nil, Refuse(ServiceItem, CodeUnknownContainer, "no agent has the line %s", Number(p.ContainerID))
	}
	call, err := s.board.create(a.ID, Number(a.Line), callmodel.CallID{ID: s.sw.NewID()})
	if err != nil {
		return nil, err
	}
	return &Item{Status: call.CallStatus, ItemID: call.CallHandle, ProcessingStatus: call.ProcessingStatus, CapabilityList: call.CapabilityList}, nil
}

// fresh finds a created item that has not been dialled yet.
func (s *Server) fresh(ctx context.Context, line, handle string) (*item, error) {
	i, err := s.on(ctx, &CallRef{LineNumber: line, CallHandle: handle})
	switch {
	case err != nil:
		return nil, err
	case i.over():
		return nil, unknownItem(handle, "the item has ended")
	case i.created == nil || i.created.used:
		return nil, dialledAlready(handle)
	}
	return i, nil
}

func dialledAlready(handle string) error {
	return fault.New(fault.Conflict, "ici: dial", handle, "the item has been dialled already: create another")
}

// dial makes the call of a created item (9.7.2). Only its agent's own phone may
// ring yet when it is answered.
func (s *Server) dial(ctx context.Context, req *Request, p *Dialing) (Reply, error) {
	i, err := s.fresh(ctx, p.LineNumber, p.CallHandle)
	if err != nil {
		return nil, err
	}
	a := agentOn(i.view, p.LineNumber)
	if a == nil || a.State == callmodel.LoggedOut || a.PhoneOff {
		return nil, Refuse(ServicePhoneCall, CodeLineNotAvailable, "line %s is logged off, or its phone is not registered", i.line())
	}
	to := s.destination(p.DialNumber)
	err = s.board.use(i.id, nextUnknown, func() error {
		return s.sw.Do(ctx, callmodel.MakeCall{
			Cmd: by(req), Agent: i.created.agent, To: to, Call: i.created.call, Origin: originICI, Data: i.created.data,
		})
	})
	if err != nil {
		return nil, dialFault(err, CodeNotReachable, string(i.created.agent))
	}
	return &Text{Value: to.Value}, nil
}

// consult makes the call of a created item while another call waits on hold
// (9.7.3).
func (s *Server) consult(ctx context.Context, req *Request, p *Consultation) (Reply, error) {
	if p.NextStep < 0 || p.NextStep > nextReconnect {
		return nil, Refuse(ServicePhoneCall, Malformed(ServicePhoneCall), "nextStep is 1 to 4, not %d", p.NextStep)
	}
	i, err := s.fresh(ctx, p.LineNumber, p.CallHandle)
	if err != nil {
		return nil, err
	}
	waits, err := s.onNow(ctx, &CallRef{LineNumber: p.LineNumber, CallHandle: p.ConnCallHandle})
	if err != nil {
		return nil, err
	}
	err = s.board.use(i.id, p.NextStep, func() error {
		return s.sw.Do(ctx, callmodel.Consult{
			Cmd: by(req), Conn: waits.id, To: s.destination(p.DialNumber), Call: i.created.call, Origin: originICI, Data: i.created.data,
		})
	})
	if err != nil {
		err = dialFault(err, CodeNotReachable, waits.id.Hex())
	}
	return done(err)
}

// forward sends an item elsewhere without asking there: an alerting one to
// somebody else, a connected one as a blind transfer (9.4.6).
func (s *Server) forward(ctx context.Context, req *Request, p *Forwarding) (Reply, error) {
	i, err := s.placed(ctx, &ItemInContainer{ItemID: p.ItemID, ContainerID: p.ContainerID})
	if err != nil {
		return nil, err
	}
	var to callmodel.Dest
	switch p.DestType {
	case ChannelPhone:
		to = s.destination(p.Destination)
	case destQueue:
		q := queueNamed(i.view, p.Destination)
		if q == nil {
			return nil, Refuse(ServiceItem, CodeBadDestination, "there is no queue with the number, id or name %q", short(p.Destination))
		}
		to = callmodel.Dest{Kind: callmodel.DestQueue, Value: string(q.ID)}
	case ChannelMessage, ChannelChat, ChannelAction:
		return nil, Refuse(ServiceItem, CodeChannelDisabled, "a call can be sent to a phone line (1) or a queue (12), not to type %s", p.DestType)
	default:
		return nil, Refuse(ServiceItem, Malformed(ServiceItem), "destType %q: 1 is a phone line, 12 a queue", short(p.DestType))
	}
	var cmd callmodel.Command = callmodel.BlindTransfer{Cmd: by(req), Conn: i.id, To: to, End: s.now().ForwardAndEnd}
	if i.conn.State == callmodel.Alerting {
		cmd = callmodel.Deflect{Cmd: by(req), Conn: i.id, To: to}
	}
	if err := s.sw.Do(ctx, cmd); err != nil {
		return nil, dialFault(err, CodeBadDestination, i.id.Hex())
	}
	return &Empty{}, nil
}

// destination is a number that a CRM wants called.
func (s *Server) destination(number string) callmodel.Dest {
	return callmodel.Dest{Kind: callmodel.DestNumber, Value: number}
}

// dialFault gives a refusal the code bad where it is the destination that was
// refused. What is about subject, the agent or the call, keeps its own.
func dialFault(err error, bad Code, subject string) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Subject == subject {
		return err
	}
	switch f.Kind {
	case fault.Invalid, fault.NotFound, fault.Conflict, fault.Denied, fault.Unsupported:
	default:
		return err
	}
	if f.Kind == fault.Invalid && f.Subject == "" { // not of the destination: the data that the item was given
		bad = CodeBadAttachedData
	}
	return &Error{Code: bad, Text: f.Reason, Err: err}
}
