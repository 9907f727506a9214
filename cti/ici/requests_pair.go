package ici

import (
	"context"
	"strings"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// pair finds the two calls of a line that belong together: one was made while
// the other waits.
func (s *Server) pair(ctx context.Context, p *CallPair) (conn, held *item, err error) {
	if conn, err = s.onNow(ctx, &CallRef{LineNumber: p.LineNumber, CallHandle: p.ConnCallHandle}); err != nil {
		return nil, nil, err
	}
	if held, err = s.onNow(ctx, &CallRef{LineNumber: p.LineNumber, CallHandle: p.HeldCallHandle}); err != nil {
		return nil, nil, err
	}
	if conn.conn.Partner != held.id {
		return nil, nil, fault.New(fault.Conflict, "ici: pair", p.ConnCallHandle, "the two are not a call and its consultation")
	}
	return conn, held, nil
}

// inOrder is pair where it matters which of the two is on hold.
func (s *Server) inOrder(ctx context.Context, p *CallPair) (conn *item, err error) {
	conn, held, err := s.pair(ctx, p)
	if err != nil {
		return nil, err
	}
	if held.conn.State != callmodel.Hold || conn.conn.State == callmodel.Hold {
		return nil, fault.New(fault.Conflict, "ici: pair", p.HeldCallHandle, "heldCallHandle must name the call that is on hold, connCallHandle the other")
	}
	return conn, nil
}

// transfer connects the other parties of the two calls (9.7.4); who is asked
// may still be ringing.
func (s *Server) transfer(ctx context.Context, req *Request, p *CallPair) (Reply, error) {
	conn, _, err := s.pair(ctx, p)
	if err != nil {
		return nil, err
	}
	return done(s.sw.Do(ctx, callmodel.Transfer{Cmd: by(req), Conn: conn.id, End: s.now().TransferAndEnd}))
}

// reconnect ends one call and goes back to the other (9.7.5).
func (s *Server) reconnect(ctx context.Context, req *Request, p *CallPair) (Reply, error) {
	conn, err := s.inOrder(ctx, p)
	if err != nil {
		return nil, err
	}
	return done(s.sw.Do(ctx, callmodel.Reconnect{Cmd: by(req), Conn: conn.id, Ends: conn.id}))
}

// alternate swaps the two calls (9.7.9).
func (s *Server) alternate(ctx context.Context, req *Request, p *CallPair) (Reply, error) {
	conn, err := s.inOrder(ctx, p)
	if err != nil {
		return nil, err
	}
	return done(s.sw.Do(ctx, callmodel.Alternate{Cmd: by(req), Conn: conn.id}))
}

// conference makes one call of the two (9.7.10). The one that the line had
// first stays.
func (s *Server) conference(ctx context.Context, req *Request, p *CallPair) (Reply, error) {
	conn, _, err := s.pair(ctx, p)
	if err != nil {
		return nil, err
	}
	return done(s.sw.Do(ctx, callmodel.Conference{Cmd: by(req), Conn: conn.id}))
}

// dropParty takes another party out of the agent's own conference (9.7.11).
func (s *Server) dropParty(ctx context.Context, req *Request, p *PartyRef) (Reply, error) {
	i, err := s.onNow(ctx, &CallRef{LineNumber: p.LineNumber, CallHandle: p.CallHandle})
	if err != nil {
		return nil, err
	}
	if !conference(i.call) || !i.conn.Owner {
		return nil, Refuse(ServicePhoneCall, CodeNotCapable, "the call is no conference of this line's own")
	}
	number := Number(p.RemoteNumber)
	for k := range i.call.Conns {
		if q := &i.call.Conns[k]; q.ID != i.id && talks(q) && (s.board.numberOf(i.call, q) == number || Number(q.Device) == number) {
			return done(s.sw.Do(ctx, callmodel.DropParty{Cmd: by(req), Conn: i.id, Party: q.ID.Hex()}))
		}
	}
	return nil, Refuse(ServicePhoneCall, CodeNotReachable, "nobody in the conference has the number %s", number)
}

// sendDTMF sends digits to the other parties. It is offered only where a
// capability is configured for it: the reference names none.
func (s *Server) sendDTMF(ctx context.Context, req *Request, p *Tones) (Reply, error) {
	if s.now().digits() == 0 {
		return nil, Refuse(ServicePhoneCall, NotOffered(ServicePhoneCall), "digits are not sent: the configuration gives the operation no capability (send_dtmf_capability)")
	}
	i, err := s.onNow(ctx, &CallRef{LineNumber: p.LineNumber, CallHandle: p.CallHandle})
	if err != nil {
		return nil, err
	}
	return done(s.sw.Do(ctx, callmodel.SendDigits{Cmd: by(req), Conn: i.id, Digits: strings.ToUpper(p.Digits)}))
}
