package ua

import (
	"fmt"
	"runtime/debug"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// routes tells sipgo which handler takes which method. A handler that fails
// answers 500 and is counted; it never takes the process down.
func (u *UA) routes(srv *sipgo.Server) {
	wrap := func(h func(*sip.Request, sip.ServerTransaction)) sipgo.RequestHandler {
		return func(req *sip.Request, tx sip.ServerTransaction) {
			if !u.enter() {
				dropLate(tx)
				return
			}
			defer u.wg.Done()
			defer func() {
				if r := recover(); r != nil {
					u.count.panics.Add(1)
					u.log.Error("handler failed", "method", req.Method, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
					u.respond(req, tx, sip.StatusInternalServerError)
				}
			}()
			h(req, tx)
		}
	}
	srv.OnInvite(wrap(u.onInvite))
	srv.OnAck(wrap(u.onAck))
	srv.OnBye(wrap(u.onBye))
	srv.OnCancel(wrap(func(req *sip.Request, tx sip.ServerTransaction) {
		u.count.unmatched.Add(1) // sipgo handles those that match an INVITE
		u.respond(req, tx, sip.StatusCallTransactionDoesNotExists)
	}))
	srv.OnUpdate(wrap(u.onUpdate))
	srv.OnOptions(wrap(u.onOptions))
	srv.OnNotify(wrap(u.onNotify))
	srv.OnInfo(wrap(u.onInfo))
	srv.OnMessage(wrap(u.onNote))
	srv.OnRefer(wrap(u.onRefer))
	srv.OnNoRoute(wrap(func(req *sip.Request, tx sip.ServerTransaction) {
		u.respond(req, tx, sip.StatusMethodNotAllowed, sip.NewHeader("Allow", allowed))
	}))
}

// dropLate ends a request that was read before the socket was closed and came
// here after. sipgo has by then opened another socket for the response, with a
// reader of its own, which nobody would ever close.
func dropLate(tx sip.ServerTransaction) {
	tx.Terminate()
	s, ok := tx.(*sip.ServerTx)
	if !ok {
		return
	}
	if c, ok := s.Connection().(*sip.UDPConnection); ok && !c.Listener {
		_ = c.PacketConn.Close() // sipgo's reader then ends and cleans up
	}
}

// onOptions answers a qualify; inside a dialog only for a dialog that lives.
func (u *UA) onOptions(req *sip.Request, tx sip.ServerTransaction) {
	if c, ok := u.inDialog(req, tx); ok || c == nil && !hasTag(req) {
		u.respond(req, tx, sip.StatusOK, sip.NewHeader("Allow", allowed), sip.NewHeader("Accept", "application/sdp"))
	}
}

// onNote takes what a phone hears politely, such as text.
func (u *UA) onNote(req *sip.Request, tx sip.ServerTransaction) {
	c, ok := u.inDialog(req, tx)
	switch {
	case ok:
		c.note(func(s *Snapshot) { s.Notifies++ })
		fallthrough
	case c == nil && !hasTag(req):
		u.respond(req, tx, sip.StatusOK)
	}
}

// onRefer declines with 603: this phone lets nobody send it elsewhere. It is
// transferred by its exchange, with re-INVITE, UPDATE or INVITE with Replaces.
func (u *UA) onRefer(req *sip.Request, tx sip.ServerTransaction) {
	c, ok := u.inDialog(req, tx)
	switch {
	case ok:
		c.note(func(s *Snapshot) { s.Refers++ })
		fallthrough
	case c == nil && !hasTag(req):
		u.respond(req, tx, sip.StatusGlobalDecline)
	}
}

func hasTag(req *sip.Request) bool { return req.To().Params.Has("tag") }

// inDialog finds the call of a request that has a To tag and takes its CSeq.
// When it returns false for a request with a tag, it has answered it: 481 for
// no such call, 500 for a number of the past (RFC 3261 section 12.2.2).
func (u *UA) inDialog(req *sip.Request, tx sip.ServerTransaction) (*Call, bool) {
	if !hasTag(req) {
		return nil, false
	}
	c := u.find(req)
	if c == nil {
		u.count.unmatched.Add(1)
		u.respond(req, tx, sip.StatusCallTransactionDoesNotExists)
		return nil, false
	}
	if !c.newer(req) {
		u.respond(req, tx, sip.StatusInternalServerError)
		return c, false
	}
	return c, true
}

// onBye ends a call at the peer's wish.
func (u *UA) onBye(req *sip.Request, tx sip.ServerTransaction) {
	if !hasTag(req) {
		u.count.unmatched.Add(1)
		u.respond(req, tx, sip.StatusCallTransactionDoesNotExists)
		return
	}
	c, ok := u.inDialog(req, tx)
	if !ok {
		return
	}
	u.respond(req, tx, sip.StatusOK)
	c.end(End{By: Remote, Cause: q850(req), Reason: "the peer hung up"})
}

// onAck gives the ACK of a 200 to the handler that waits for it.
func (u *UA) onAck(req *sip.Request, _ sip.ServerTransaction) {
	c := u.find(req)
	if c == nil {
		return // the ACK of a call that ended meanwhile
	}
	c.mu.Lock()
	match := c.wantAck != 0 && c.wantAck == req.CSeq().SeqNo
	c.mu.Unlock()
	if !match {
		return
	}
	select {
	case c.acks <- req:
	default: // a repetition
	}
}
