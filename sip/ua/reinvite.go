package ua

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/ua/sdp"
	"strowger/switch/fault"
)

// maxGlare is how often a re-INVITE that met the peer's own (491) is tried again.
const maxGlare = 3

// onReinvite answers the peer's INVITE inside a call. The turn ends before the
// ACK of a refusal, so that a peer that never sends it blocks nothing.
func (u *UA) onReinvite(req *sip.Request, tx sip.ServerTransaction) {
	c, ok := u.inDialog(req, tx)
	if !ok || !u.takeTurn(c, req, tx) {
		return
	}
	if !u.answerOffer(c, req, tx) {
		u.respond(req, tx, sip.StatusNotAcceptableHere)
		drainAck(tx, u.ctx)
	}
}

// answerOffer runs the exchange and gives the turn back; false: the offer cannot be answered.
func (u *UA) answerOffer(c *Call, req *sip.Request, tx sip.ServerTransaction) bool {
	defer func() { c.slot <- struct{}{} }()
	body, offered, err := c.describe(req)
	if err != nil {
		return false
	}
	c.retarget(req.Contact())
	c.learnParty(req)
	if u.confirm(c, req, tx, body, offered) {
		c.exchanged()
	}
	return true
}

// onUpdate answers UPDATE (RFC 3311): with SDP a new offer, without a session refresh.
func (u *UA) onUpdate(req *sip.Request, tx sip.ServerTransaction) {
	if !hasTag(req) {
		u.respond(req, tx, sip.StatusCallTransactionDoesNotExists)
		return
	}
	c, ok := u.inDialog(req, tx)
	if !ok {
		return
	}
	c.learnParty(req)
	if len(req.Body()) == 0 {
		c.retarget(req.Contact())
		c.note(func(s *Snapshot) { s.Refreshes++ })
		u.updateOK(req, tx, nil)
		return
	}
	if !u.takeTurn(c, req, tx) {
		return
	}
	defer func() { c.slot <- struct{}{} }()
	body, err := c.answerTo(req.Body())
	if err != nil {
		u.respond(req, tx, sip.StatusNotAcceptableHere)
		return
	}
	c.retarget(req.Contact())
	c.exchanged()
	u.updateOK(req, tx, body)
}

func (u *UA) updateOK(req *sip.Request, tx sip.ServerTransaction, body []byte) {
	res := sip.NewResponseFromRequest(req, sip.StatusOK, "OK", nil)
	res.AppendHeader(u.contact())
	sessionTimer(req, res)
	if body != nil {
		setSDP(res, body)
	}
	if err := tx.Respond(res); err != nil {
		u.log.Debug("UPDATE not answered", "error", err)
	}
}

// takeTurn waits one T1 for an exchange under way, because sipgo may hand us a
// re-INVITE before the ACK that came first; then it answers 491 (RFC 3261
// section 14.2).
func (u *UA) takeTurn(c *Call, req *sip.Request, tx sip.ServerTransaction) bool {
	t := time.NewTimer(u.cfg.T1)
	defer t.Stop()
	code := sip.StatusRequestPending
	select {
	case <-c.slot:
		return true
	case <-c.ended:
		code = sip.StatusCallTransactionDoesNotExists
	case <-t.C:
	}
	u.respond(req, tx, code)
	if req.IsInvite() {
		drainAck(tx, u.ctx)
	}
	return false
}

// exchanged counts an offer/answer exchange.
func (c *Call) exchanged() { c.note(func(s *Snapshot) { s.Offers++ }) }

// note changes the snapshot and wakes the waiters.
func (c *Call) note(change func(*Snapshot)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.snap)
	c.publish()
}

// Hold puts the peer on hold by re-INVITE. dir is what we still offer:
// sdp.SendOnly, as most phones do, or sdp.Inactive. Errors: fault.Conflict (not
// answered, or over), fault.Invalid (dir), what the peer answered, or
// fault.Unknown when ctx ends first; the exchange then goes on by itself.
func (c *Call) Hold(ctx context.Context, dir sdp.Direction) error {
	if dir.Receives() {
		return fault.Newf(fault.Invalid, "ua: hold", c.id, "%v is no hold", dir)
	}
	return c.renegotiate(ctx, "ua: hold", dir)
}

// Resume takes the peer off hold. Errors as for Hold.
func (c *Call) Resume(ctx context.Context) error {
	return c.renegotiate(ctx, "ua: resume", sdp.SendRecv)
}

// Refresh repeats our side by re-INVITE, hold included. Errors as for Hold.
func (c *Call) Refresh(ctx context.Context) error {
	c.mu.Lock()
	dir := c.hold
	c.mu.Unlock()
	return c.renegotiate(ctx, "ua: refresh", dir)
}

// renegotiate runs one re-INVITE on a goroutine of its own, so that a peer
// that answers late is still acknowledged after the caller's ctx ended.
func (c *Call) renegotiate(ctx context.Context, op string, dir sdp.Direction) error {
	if s := c.Snapshot(); s.State != Up {
		return fault.Newf(fault.Conflict, op, c.id, "the call is %v", s.State)
	}
	done := make(chan error, 1)
	if !c.ua.track(func() { done <- c.reinvite(ctx, op, dir) }) {
		return c.ua.stopFault(op)
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return &fault.Error{Kind: fault.Unknown, Op: op, Subject: c.id, Reason: "the peer has not answered the re-INVITE yet", Err: ctx.Err()}
	}
}

func (c *Call) reinvite(ctx context.Context, op string, dir sdp.Direction) error {
	for tries := 0; ; tries++ {
		select {
		case <-c.slot:
		case <-c.ended:
			return c.overFault(op, c.Snapshot().End)
		case <-ctx.Done():
			return fault.Wrap(fault.KindOf(ctx.Err()), op, c.id, ctx.Err())
		}
		res, err := c.offerAgain(op, dir)
		c.slot <- struct{}{}
		if err == nil || res == nil || res.StatusCode != sip.StatusRequestPending || tries == maxGlare {
			return err
		}
		if err := c.glarePause(ctx, op); err != nil {
			return err
		}
	}
}

// glarePause is RFC 3261 section 14.1: who made the Call-ID waits 2.1 to 4 s,
// the other 0 to 2 s.
func (c *Call) glarePause(ctx context.Context, op string) error {
	pause := time.Duration(rand.IntN(2000)) * time.Millisecond
	if c.outgoing {
		pause = 2100*time.Millisecond + pause*19/20
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-c.ended:
		return c.overFault(op, c.Snapshot().End)
	case <-ctx.Done():
		return fault.Wrap(fault.KindOf(ctx.Err()), op, c.id, ctx.Err())
	}
}

// offerAgain runs the exchange; the caller holds the slot. A refusal leaves
// things as they were, except that 408 and 481 end the call (section 14.1).
func (c *Call) offerAgain(op string, dir sdp.Direction) (*sip.Response, error) {
	c.mu.Lock()
	before := c.hold
	body := c.offer(dir).Marshal()
	c.mu.Unlock()
	req := c.request(sip.INVITE, 0)
	setSDP(req, body)
	inv, err := c.ua.invite(req, nil)
	if err != nil {
		return nil, err
	}
	res, err := inv.result(nil)
	c.mu.Lock()
	c.dialog.localSeq = max(c.dialog.localSeq, inv.req.CSeq().SeqNo)
	c.mu.Unlock()
	if err != nil {
		c.end(End{By: Network, Code: sip.StatusRequestTimeout, Reason: "re-INVITE: " + fault.ReasonOf(err)})
		return nil, err
	}
	if !res.IsSuccess() {
		if res.StatusCode == sip.StatusRequestTimeout || res.StatusCode == sip.StatusCallTransactionDoesNotExists {
			c.end(End{By: Network, Code: res.StatusCode, Reason: "re-INVITE: " + res.Reason})
		}
		return res, statusFault(op, c.id, res)
	}
	c.retarget(res.Contact())
	c.learnParty(res)
	inv.acknowledge(c.request(sip.ACK, inv.req.CSeq().SeqNo))
	c.mu.Lock()
	c.hold = dir
	c.mu.Unlock()
	if err := c.answeredBy(res.Body(), dir); err != nil {
		c.mu.Lock()
		c.hold = before
		c.mu.Unlock()
		return res, err
	}
	c.exchanged()
	return res, nil
}
