package ici

import (
	"context"
	"errors"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// placed is live for an item that is named together with its container, where
// one is given.
func (s *Server) placed(ctx context.Context, p *ItemInContainer) (*item, error) {
	i, err := s.live(ctx, p.ItemID)
	if err == nil && p.ContainerID != "" && Number(p.ContainerID) != i.line() {
		return nil, unknownItem(p.ItemID, "it is not on line "+Number(p.ContainerID))
	}
	return i, err
}

func (s *Server) accept(ctx context.Context, req *Request, p *ItemInContainer) (Reply, error) {
	i, err := s.placed(ctx, p)
	if err != nil {
		return nil, err
	}
	return done(s.sw.Do(ctx, callmodel.Accept{Cmd: by(req), Conn: i.conn.ID}))
}

func (s *Server) reroute(ctx context.Context, req *Request, p *ItemInContainer) (Reply, error) {
	i, err := s.placed(ctx, p)
	if err != nil {
		return nil, err
	}
	return done(s.sw.Do(ctx, callmodel.Reject{Cmd: by(req), Conn: i.conn.ID, Result: s.rejection(i)}))
}

func (s *Server) requireWrapUp(ctx context.Context, req *Request, p *ItemRef) (Reply, error) {
	i, err := s.live(ctx, p.ItemID)
	if err != nil {
		return nil, err
	}
	return done(s.sw.Do(ctx, callmodel.RequireWrapUp{Cmd: by(req), Conn: i.conn.ID}))
}

func (s *Server) endWrapUp(ctx context.Context, req *Request, p *ItemRef) (Reply, error) {
	i, err := s.find(ctx, p.ItemID)
	if err != nil {
		return nil, err
	}
	return s.finish(ctx, i, callmodel.EndWrapUp{Cmd: by(req), Conn: i.id})
}

func (s *Server) attachedData(ctx context.Context, _ *Request, p *ItemRef) (Reply, error) {
	i, err := s.there(ctx, p.ItemID)
	if err != nil {
		return nil, err
	}
	return &Text{Value: i.now.AttachedData}, nil
}

func (s *Server) setAttachedData(ctx context.Context, req *Request, p *AttachedDataChange) (Reply, error) {
	i, err := s.there(ctx, p.ItemID)
	if err != nil {
		return nil, err
	}
	entries, err := s.now().say.entriesOf(p.AttachedData, s.now().CadMaxBytes, i.data())
	if err != nil {
		return nil, err
	}
	if reply, err := s.replaceData(ctx, req, i, entries); err != nil {
		return reply, err
	}
	return s.rescheduled(ctx, req, i, entries)
}

func (s *Server) deleteAttachedData(ctx context.Context, req *Request, p *ItemRef) (Reply, error) {
	i, err := s.there(ctx, p.ItemID)
	if err != nil {
		return nil, err
	}
	return s.replaceData(ctx, req, i, nil)
}

func (s *Server) replaceData(ctx context.Context, req *Request, i *item, entries []callmodel.AttachedData) (Reply, error) {
	if i.created != nil && s.board.attach(i.id, entries) {
		return &Empty{}, nil
	}
	if !s.now().SetExtraData && i.conn != nil && s.board.keep(i, entries) {
		return &Empty{}, nil
	}
	err := s.sw.Do(ctx, callmodel.SetData{Cmd: by(req), Conn: i.id, Entries: entries, Replace: true})
	var refused *fault.Error
	if errors.As(err, &refused) && refused.Kind == fault.Invalid {
		err = &Error{Service: ServiceItem, Code: CodeBadAttachedData, Text: refused.Reason, Err: err}
	}
	return done(err)
}
