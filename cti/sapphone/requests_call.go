package sapphone

import (
	"context"

	"strowger/cti/ici"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// callState lists what is on a line; see [board.calls].
func (s *Server) callState(ctx context.Context, q *query) error {
	a, err := q.extension()
	if err != nil {
		return err
	}
	view, err := s.sw.View(ctx)
	if err != nil {
		return err
	}
	s.board.at.Await(ctx, view.Events)
	handle := q.args.text("handle")
	rows := s.board.calls(plainNumber(a.Line), handle)
	if handle != "" && len(rows) == 0 {
		return refuse(codeHandle, "no such call at %s", short(q.args.text("ext")))
	}
	q.out.table("calls")
	for _, row := range rows {
		q.out.row("calls", row)
	}
	return nil
}

func (s *Server) answer(ctx context.Context, q *query) error {
	i, err := q.item(ctx, "handle", codeHandle)
	if err != nil {
		return err
	}
	q.out.set("ans_handle", i.id.Hex())
	return s.sw.Do(ctx, callmodel.Accept{Cmd: q.by(), Conn: i.id})
}

// number is where a call shall go.
func (q *query) number(sem string) (callmodel.Dest, error) {
	n := q.args.text(sem)
	if err := ici.CheckNumber(dialable(n)); err != nil {
		return callmodel.Dest{}, refuse(codeNumber, "%q is no telephone number", short(n))
	}
	return callmodel.Dest{Kind: callmodel.DestNumber, Value: dialable(n)}, nil
}

// dialable is a number without the signs that people write between digits.
func dialable(n string) string {
	plain := plainNumber(n)
	if len(n) > 0 && n[0] == '+' {
		return "+" + plain
	}
	return plain
}

// deflect sends an alerting call elsewhere; without a number it goes back to
// where it came from.
func (s *Server) deflect(ctx context.Context, q *query) error {
	i, err := q.item(ctx, "handle", codeHandle)
	if err != nil {
		return err
	}
	if q.args.text("dest_no") == "" {
		return s.reject(ctx, q, i)
	}
	to, err := q.number("dest_no")
	if err != nil {
		return err
	}
	return s.sw.Do(ctx, callmodel.Deflect{Cmd: q.by(), Conn: i.id, To: to})
}

// reject gives an alerting call back to where it came from.
func (s *Server) reject(ctx context.Context, q *query, i *item) error {
	err := s.sw.Do(ctx, callmodel.Reject{Cmd: q.by(), Conn: i.id, Result: s.board.rejection(i)})
	if fault.Is(err, fault.Invalid) { // the queue wants a reason, and there is no parameter for one
		return refuse(codeState, "%s", fault.ReasonOf(err))
	}
	return err
}

// makeCall calls from an agent's line; how it goes on is seen by its state.
func (s *Server) makeCall(ctx context.Context, q *query) error {
	_, a, err := q.agentOn(ctx)
	if err != nil {
		return err
	}
	to, err := q.number("dial_no")
	if err != nil {
		return err
	}
	id := callmodel.CallID{ID: s.sw.NewID()}
	s.board.mine(id, true)
	if err := s.sw.Do(ctx, callmodel.MakeCall{Cmd: q.by(), Agent: a.ID, To: to, Call: id}); err != nil {
		s.board.mine(id, false)
		return err
	}
	conn, err := s.makerOf(ctx, id)
	if err != nil {
		return err
	}
	q.out.set("handle", conn)
	q.out.set("dialled_no", to.Value)
	return nil
}

// makerOf is the handle of who made a call.
func (s *Server) makerOf(ctx context.Context, id callmodel.CallID) (string, error) {
	view, err := s.sw.View(ctx)
	if err != nil {
		return "", err
	}
	for _, c := range view.Calls {
		if c.ID == id {
			return c.CallerConn().ID.Hex(), nil
		}
	}
	return "", refuse(codeRejected, "the call has ended at once")
}

func (s *Server) consult(ctx context.Context, q *query) error {
	i, err := q.item(ctx, "handle", codeHandle)
	if err != nil {
		return err
	}
	to, err := q.number("dial_no")
	if err != nil {
		return err
	}
	id := callmodel.CallID{ID: s.sw.NewID()}
	if err := s.sw.Do(ctx, callmodel.Consult{Cmd: q.by(), Conn: i.id, To: to, Call: id}); err != nil {
		return err
	}
	conn, err := s.makerOf(ctx, id)
	if err != nil {
		return err
	}
	q.out.set("cons_handle", conn)
	q.out.set("held_handle", i.id.Hex())
	return nil
}

func (s *Server) blindTransfer(ctx context.Context, q *query) error {
	i, err := q.item(ctx, "handle", codeHandle)
	if err != nil {
		return err
	}
	to, err := q.number("dest_no")
	if err != nil {
		return err
	}
	return s.sw.Do(ctx, callmodel.BlindTransfer{Cmd: q.by(), Conn: i.id, To: to})
}

func (s *Server) dropParty(ctx context.Context, q *query) error {
	i, err := q.item(ctx, "handle", codeHandle)
	if err != nil {
		return err
	}
	to, err := q.number("party_no")
	if err != nil {
		return err
	}
	return s.sw.Do(ctx, callmodel.DropParty{Cmd: q.by(), Conn: i.id, Party: partyOf(i, to.Value)})
}

// partyOf spells a party's number as the switch does.
func partyOf(i *item, number string) string {
	for n := range i.call.Conns {
		p := &i.call.Conns[n]
		if p.ID != i.id && p.State != callmodel.Ended && ici.Number(p.Device) == ici.Number(number) {
			return p.Device
		}
	}
	return number
}

// dropCall hangs up, and ends the wrap-up of a call that is over. A call that
// alerts is rejected; one that is gone needs nothing.
func (s *Server) dropCall(ctx context.Context, q *query) error {
	k, err := q.lookUp(ctx, "handle")
	switch {
	case err != nil:
		return err
	case k.past:
		return nil
	case k.item == nil || !q.onLine(k.item):
		return refuse(codeHandle, "no such call at this extension")
	}
	if p := k.item.conn(); p.State == callmodel.Alerting && !p.Accepted {
		return s.reject(ctx, q, k.item)
	}
	err = s.sw.Do(ctx, callmodel.Drop{Cmd: q.by(), Conn: k.item.id})
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		if again, lookErr := q.lookUp(ctx, "handle"); lookErr == nil && again.past {
			return nil
		}
	}
	return err
}

func (s *Server) dropAll(ctx context.Context, q *query) error {
	_, a, err := q.agentOn(ctx)
	if err != nil {
		return err
	}
	return s.sw.Do(ctx, callmodel.DropLine{Cmd: q.by(), Agent: a.ID})
}
