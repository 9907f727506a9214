package ici

import (
	"context"
	"runtime/debug"
	"strings"
	"time"
	"unicode"

	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// handler serves one operation.
type handler func(s *Server, ctx context.Context, req *Request) (Reply, error)

// typed adapts a function of the operation's own parameters.
func typed[P Params](f func(s *Server, ctx context.Context, req *Request, p P) (Reply, error)) handler {
	return func(s *Server, ctx context.Context, req *Request) (Reply, error) {
		p, ok := req.Params.(P)
		if !ok {
			return nil, fault.Newf(fault.Internal, "ici", req.Op.String(), "parameters of type %T", req.Params)
		}
		return f(s, ctx, req, p)
	}
}

// handlers is the table of operations; see the package documentation.
func handlers() []handler {
	out := make([]handler, len(contract))
	for op, h := range map[Op]handler{
		OpExchangeProductInformation: typed((*Server).productInformation),
		OpGetWorkcenterCapability:    typed((*Server).workcenterCapability),
		OpGetCallRecordings:          typed((*Server).callRecordings),
		OpCreateCallBack:             typed((*Server).createCallback),
		OpUpdateCallBack:             typed((*Server).updateCallback),
		OpGetCallBacks:               typed((*Server).callbacks),
		OpUserGetAttributes:          typed((*Server).userAttributes),
		OpSetCurrentWorkmode:         typed((*Server).setWorkmode),
		OpUserSubscribe:              typed((*Server).subscribeUser),
		OpUserUnsubscribe:            typed((*Server).unsubscribe),
		OpContainerSubscribe:         typed((*Server).subscribeContainer),
		OpContainerUnsubscribe:       typed((*Server).unsubscribe),
		OpAccept:                     typed((*Server).accept),
		OpReroute:                    typed((*Server).reroute),
		OpWrapUpRequired:             typed((*Server).requireWrapUp),
		OpWrapUpEnded:                typed((*Server).endWrapUp),
		OpGetAttachedData:            typed((*Server).attachedData),
		OpSetAttachedData:            typed((*Server).setAttachedData),
		OpDeleteAttachedData:         typed((*Server).deleteAttachedData),
		OpCreate:                     typed((*Server).create),
		OpForward:                    typed((*Server).forward),
		OpGetCalls:                   typed((*Server).calls),
		OpDropCalls:                  typed((*Server).dropCalls),
		OpCallGetAttributes:          typed((*Server).callAttributes),
		OpDrop:                       typed((*Server).drop),
		OpHold:                       typed((*Server).hold),
		OpUnhold:                     typed((*Server).unhold),
		OpDial:                       typed((*Server).dial),
		OpConsult:                    typed((*Server).consult),
		OpTransfer:                   typed((*Server).transfer),
		OpReconnect:                  typed((*Server).reconnect),
		OpAlternate:                  typed((*Server).alternate),
		OpConference:                 typed((*Server).conference),
		OpDropParty:                  typed((*Server).dropParty),
		OpSendDTMF:                   typed((*Server).sendDTMF),
		OpGetPresenceQueueInfo:       typed((*Server).presenceQueues),
		OpGetUserPresence:            typed((*Server).userPresence),
		OpSetCurrentChannels:         typed((*Server).setChannels),
		OpSetCurrentQueues:           typed((*Server).setQueues),
		OpSetAddresses:               typed((*Server).setAddresses),
		OpGetCatalog:                 typed((*Server).catalog),
		OpGetInstances:               typed((*Server).instances),
		OpMonitorSubscribe:           typed((*Server).subscribeForm),
		OpMonitorUnsubscribe:         typed((*Server).unsubscribe),
	} {
		out[op] = h
	}
	for _, op := range Ops() {
		if channelOf[op.Service()] != "" {
			out[op] = (*Server).onChannel
		}
	}
	return out
}

// front is the SOAP side of a Server.
type front struct{ s *Server }

var _ soap.Adapter = front{}

// Serve implements soap.Adapter.
func (f front) Serve(ctx context.Context, r *soap.Request, out *soap.Encoder) error {
	s := f.s
	req, err := DecodeRequest(Meta{Path: r.Path, Action: r.Action}, r.Envelope, s.now().Style())
	if err != nil {
		s.log.Info("ici: request refused", "path", short(r.Path), "action", short(r.Action), "peer", r.Remote, "error", err)
		return err
	}
	if req.Mismatch {
		s.stats.mismatch.Add(1)
		s.log.Warn("ici: SOAPAction and namespace name different interfaces; the namespace was believed",
			"operation", req.Op.String(), "action", short(r.Action), "peer", r.Remote)
	}
	s.stats.requests[req.Op].Add(1)
	began := time.Now()
	reply, err := s.do(withGate(ctx, r), req)
	s.observe.Request(req.Op.String(), time.Since(began), err)
	s.traced(r, req, reply, began, err)
	if err == nil {
		s.log.Debug("ici: request", "operation", req.Op.String(), "user", req.User, "peer", r.Remote)
		return EncodeResponse(out, req, reply, s.now().Style())
	}
	if fault.Is(err, fault.Internal) {
		s.log.Error("ici: request failed", "operation", req.Op.String(), "user", req.User, "peer", r.Remote, "error", err, "stack", string(debug.Stack()))
	} else {
		s.log.Info("ici: request refused", "operation", req.Op.String(), "user", req.User, "peer", r.Remote, "error", err)
	}
	return InService(req.Op.Service(), err)
}

// do serves a request that was understood.
func (s *Server) do(ctx context.Context, req *Request) (Reply, error) {
	if s.paused.Load() {
		return nil, Refuse(req.Op.Service(), NotConnected(req.Op.Service()), "the interface is paused by an operator; ask again later")
	}
	return s.ops[req.Op](s, ctx, req)
}

// Fault implements soap.Adapter.
func (f front) Fault(r *soap.Request, err error) *soap.Fault {
	hint := ServiceHint(r.Path, r.Action)
	if e, ok := InService(hint, err).(*Error); ok {
		f.s.stats.fault(e.Code)
	}
	return FaultOf(hint, err)
}

// WSDL implements soap.Adapter.
func (f front) WSDL(r *soap.Request) ([]byte, error) { return f.s.now().Describe(r.Base, r.Path) }

// by is who asked, for the audit trail.
func by(req *Request) callmodel.Cmd {
	who := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, req.User)
	return callmodel.Cmd{By: strings.TrimSpace("ici " + who)}
}

// done is the answer to every operation that only does something.
func done(err error) (Reply, error) {
	if err != nil {
		return nil, err
	}
	return &Empty{}, nil
}

// item is what a handle stands for: a live connection, one that was created
// and does not exist yet, or one that is over.
type item struct {
	id      callmodel.ConnID
	view    *callmodel.View
	call    *callmodel.Call       // nil when over or created
	conn    *callmodel.Connection // nil when over or created
	created *created              // nil when live or over
	now     PhoneCall             // as the CRM sees it; when over, as it was told last
}

func (i *item) over() bool { return i.conn == nil && i.created == nil }

// data are the applications' data of an item that has not ended.
func (i *item) data() []callmodel.AttachedData {
	if i.created != nil {
		return i.created.data
	}
	return i.call.Attached
}

func (i *item) line() string { return i.now.LineNumber }

// find looks a handle up. Its error is 4/2.
func (s *Server) find(ctx context.Context, handle string) (*item, error) {
	view, err := s.sw.View(ctx)
	if err != nil {
		return nil, err
	}
	id, err := callmodel.ParseID(handle)
	if err != nil || len(handle) != 2*len(id) {
		return nil, unknownItem(handle, "a handle has 32 hexadecimal digits")
	}
	conn := callmodel.ConnID{ID: id}
	for _, c := range view.Calls {
		p := c.Conn(conn)
		if p == nil {
			continue
		}
		if now, ok := s.board.present(c, p); ok {
			return &item{id: conn, view: view, call: c, conn: p, now: now}, nil
		}
		break
	}
	s.board.at.Await(ctx, view.Events) // the picture may be ahead of what the board has seen
	if it, now, ok := s.board.createdItem(conn); ok {
		return &item{id: conn, view: view, created: &it, now: now}, nil
	}
	if last, ok := s.board.lastOf(conn); ok {
		return &item{id: conn, view: view, now: last}, nil
	}
	return nil, unknownItem(handle, "no such item: it ended a while ago or never was")
}

func unknownItem(handle, why string) error {
	return Refuse(ServiceItem, CodeUnknownItem, "%s: %s", short(handle), why)
}

// there is find for operations that need the item not to have ended.
func (s *Server) there(ctx context.Context, handle string) (*item, error) {
	i, err := s.find(ctx, handle)
	if err == nil && i.over() {
		err = unknownItem(handle, "the item has ended")
	}
	return i, err
}

// live is there for operations that need a call.
func (s *Server) live(ctx context.Context, handle string) (*item, error) {
	i, err := s.there(ctx, handle)
	if err == nil && i.created != nil {
		err = notDialled(handle)
	}
	return i, err
}

func notDialled(handle string) error {
	return fault.New(fault.Conflict, "ici", handle, "the item has no call yet: it is dialled, used for a consultation, or dropped")
}

// finish applies a command that ends an item. Where the item has ended
// already, or does so in the same moment, there is nothing left to do.
func (s *Server) finish(ctx context.Context, i *item, cmd callmodel.Command) (Reply, error) {
	if i.over() {
		return &Empty{}, nil
	}
	if i.created != nil && !i.created.used {
		return nil, notDialled(i.id.Hex())
	}
	err := s.sw.Do(ctx, cmd)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		if again, lookErr := s.find(ctx, i.id.Hex()); lookErr == nil && again.over() {
			err = nil
		}
	}
	return done(err)
}
