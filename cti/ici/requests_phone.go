package ici

import (
	"context"

	"strowger/switch/callmodel"
)

// calls lists the live items of a line, wrap-up included: what a CRM that has
// just come needs to catch up (9.6.1).
func (s *Server) calls(ctx context.Context, _ *Request, p *LineRef) (Reply, error) {
	view, err := s.sw.View(ctx)
	if err != nil {
		return nil, err
	}
	line := Number(p.LineNumber)
	out := &PhoneCalls{}
	for _, c := range view.Calls {
		for i := range c.Conns {
			conn := &c.Conns[i]
			if Number(conn.Device) != line {
				continue
			}
			if call, ok := s.board.present(c, conn); ok {
				out.Calls = append(out.Calls, call)
			}
		}
	}
	out.Calls = append(out.Calls, s.board.busyOn(line)...)
	out.Calls = append(out.Calls, s.board.createdOn(line)...)
	if len(out.Calls) == 0 && agentOn(view, line) == nil {
		return nil, unknownLine(line)
	}
	return out, nil
}

func unknownLine(number string) error {
	return Refuse(ServicePhoneLine, CodeLineNotAvailable, "no agent has the line %s", Number(number))
}

func (s *Server) dropCalls(ctx context.Context, req *Request, p *LineRef) (Reply, error) {
	view, err := s.sw.View(ctx)
	if err != nil {
		return nil, err
	}
	a := agentOn(view, p.LineNumber)
	if a == nil {
		return nil, unknownLine(p.LineNumber)
	}
	s.board.endCreated(Number(a.Line))
	return done(s.sw.Do(ctx, callmodel.DropLine{Cmd: by(req), Agent: a.ID}))
}

// on checks that an item is on the line that was named with it: 5/3 where
// there is no such line, else 4/2.
func (s *Server) on(ctx context.Context, p *CallRef) (*item, error) {
	i, err := s.find(ctx, p.CallHandle)
	if err != nil {
		return nil, err
	}
	if i.line() == Number(p.LineNumber) {
		return i, nil
	}
	if agentOn(i.view, p.LineNumber) == nil {
		return nil, unknownLine(p.LineNumber)
	}
	return nil, unknownItem(p.CallHandle, "it is not on line "+Number(p.LineNumber))
}

// onNow is on for operations that need a call.
func (s *Server) onNow(ctx context.Context, p *CallRef) (*item, error) {
	i, err := s.on(ctx, p)
	switch {
	case err != nil:
	case i.over():
		err = unknownItem(p.CallHandle, "the call has ended")
	case i.created != nil:
		err = notDialled(p.CallHandle)
	}
	return i, err
}

func (s *Server) callAttributes(ctx context.Context, _ *Request, p *CallRef) (Reply, error) {
	i, err := s.on(ctx, p)
	if err != nil {
		return nil, err
	}
	return &i.now, nil
}

func (s *Server) drop(ctx context.Context, req *Request, p *CallRef) (Reply, error) {
	i, err := s.on(ctx, p)
	if err != nil {
		return nil, err
	}
	if i.over() {
		s.answerFirst(ctx, s.board.agentOf(i.id))
		s.board.endBusy(i.id)
	}
	if i.created != nil && !i.created.used {
		s.board.dropCreated(i.id)
		return &Empty{}, nil
	}
	return s.finish(ctx, i, callmodel.Drop{Cmd: by(req), Conn: i.id})
}

func (s *Server) hold(ctx context.Context, req *Request, p *CallRef) (Reply, error) {
	i, err := s.onNow(ctx, p)
	if err != nil {
		return nil, err
	}
	return done(s.sw.Do(ctx, callmodel.HoldCall{Cmd: by(req), Conn: i.conn.ID}))
}

func (s *Server) unhold(ctx context.Context, req *Request, p *CallRef) (Reply, error) {
	i, err := s.onNow(ctx, p)
	if err != nil {
		return nil, err
	}
	return done(s.sw.Do(ctx, callmodel.Retrieve{Cmd: by(req), Conn: i.conn.ID}))
}
