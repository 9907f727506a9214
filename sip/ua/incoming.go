package ua

import (
	"context"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/ua/sdp"
	"strowger/switch/fault"
)

// onInvite takes every INVITE: with a To tag it belongs to a call, else it may become one.
func (u *UA) onInvite(req *sip.Request, tx sip.ServerTransaction) {
	if hasTag(req) {
		u.onReinvite(req, tx)
		return
	}
	if code := u.refusal(req); code != 0 {
		u.refuse(req, tx, code)
		return
	}
	if ext := unsupported(req); ext != "" {
		u.count.refusedCalls.Add(1)
		u.respond(req, tx, sip.StatusBadExtension, sip.NewHeader("Unsupported", ext))
		return
	}
	old, code := u.replaced(req)
	if code != 0 {
		u.refuse(req, tx, code)
		return
	}
	in := inviteOf(req)
	verdict := Decision{Action: Answer} // RFC 3891 section 3: who replaces an answered call does not ring
	if old == nil {
		verdict = u.cfg.Policy(in)
	}
	if verdict.Action == Reject {
		u.refuse(req, tx, clampReject(verdict.Code))
		return
	}
	c, code := u.receive(req, in, old)
	if code != 0 {
		u.refuse(req, tx, code)
		return
	}
	u.serve(c, req, tx, verdict)
}

func (u *UA) refuse(req *sip.Request, tx sip.ServerTransaction, code int) {
	u.count.refusedCalls.Add(1)
	u.respond(req, tx, code)
}

// refusal checks what cannot become a call: a wrong number, no contact, an SDP we cannot answer.
func (u *UA) refusal(req *sip.Request) int {
	switch {
	case req.Contact() == nil || req.Contact().Address.Host == "":
		return sip.StatusBadRequest
	case req.Recipient.User != u.cfg.User && !u.cfg.AnyUser:
		return sip.StatusNotFound
	case len(req.Body()) == 0:
		return 0 // the offer then is in our 200
	}
	d, err := sdp.Parse(req.Body())
	if fault.Is(err, fault.Invalid) {
		return sip.StatusBadRequest
	}
	if _, ok := d.Choose(u.cfg.Codecs); err != nil || !ok || d.Refused() {
		return sip.StatusNotAcceptableHere
	}
	return 0
}

// unsupported lists the extensions the peer requires and we lack.
func unsupported(m sip.Message) string {
	var out []string
	for _, h := range m.GetHeaders("require") {
		for ext := range strings.SplitSeq(h.Value(), ",") {
			if ext = strings.TrimSpace(ext); ext != "" && !strings.EqualFold(ext, "timer") && !strings.EqualFold(ext, "replaces") {
				out = append(out, ext)
			}
		}
	}
	return strings.Join(out, ", ")
}

func clampReject(code int) int {
	if code < 400 || code > 699 {
		return sip.StatusBusyHere
	}
	return code
}

func inviteOf(req *sip.Request) Invite {
	from, to := req.From(), req.To()
	in := Invite{
		From: Party{User: from.Address.User, Name: from.DisplayName, URI: from.Address.String()},
		To:   Party{User: to.Address.User, Name: to.DisplayName, URI: to.Address.String()},

		Dialed: req.Recipient.User,
	}
	for _, h := range req.Headers() {
		in.Headers = append(in.Headers, Header{Name: h.Name(), Value: h.Value()})
		in.AutoAnswer = in.AutoAnswer || asksAutoAnswer(h.Name(), strings.ToLower(h.Value()))
	}
	return in
}

// asksAutoAnswer knows the headers that desk phones obey: Alert-Info with
// info=alert-autoanswer, and the answer-after=0 of Call-Info or Alert-Info.
func asksAutoAnswer(name, value string) bool {
	switch strings.ToLower(name) {
	case "alert-info", "call-info":
		v := strings.ReplaceAll(value, " ", "")
		return strings.Contains(v, "info=alert-autoanswer") || strings.Contains(v, "answer-after=0")
	}
	return false
}

// receive makes the call of an INVITE. Our tag goes into the request itself,
// before sipgo can build a response from it, so that even the 487 that sipgo
// sends on CANCEL carries the tag of our 180.
func (u *UA) receive(req *sip.Request, in Invite, old *Call) (*Call, int) {
	c := u.newCall(req.CallID().Value(), sip.GenerateTagN(16), false)
	c.from, c.to, c.headers, c.auto, c.dialed, c.replaces = in.From, in.To, in.Headers, in.AutoAnswer, in.Dialed, old
	c.snap.RemoteParty = in.From
	if p, ok := assertedParty(req); ok {
		c.snap.RemoteParty = p
	}
	d := &c.dialog
	d.remoteTag, _ = req.From().Params.Get("tag")
	d.local = sip.FromHeader{DisplayName: req.To().DisplayName, Address: *req.To().Address.Clone()}
	d.remote = sip.FromHeader{DisplayName: req.From().DisplayName, Address: *req.From().Address.Clone()}
	d.target, d.routes = *req.Contact().Address.Clone(), recordRoutes(req)
	d.remoteSeq, d.seen = req.CSeq().SeqNo, ^uint64(0) // nothing came before the INVITE
	if err := u.add(c); err != nil {
		u.log.Debug("call refused", "error", err)
		switch {
		case fault.Is(err, fault.Busy):
			return nil, sip.StatusBusyHere
		case fault.Is(err, fault.Stopped):
			return nil, sip.StatusTemporarilyUnavailable
		default:
			return nil, sip.StatusInternalServerError
		}
	}
	if old != nil { // the person goes on talking
		c.media.SetSource(old.media.Source())
	}
	req.To().Params.Add("tag", d.localTag)
	return c, 0
}

// serve runs an incoming call until it is answered, refused, cancelled or
// left alone too long. It blocks, as sipgo wants, until the final response.
func (u *UA) serve(c *Call, req *sip.Request, tx sip.ServerTransaction, verdict Decision) {
	canceled := make(chan struct{})
	if !tx.OnCancel(func(*sip.Request) { close(canceled) }) {
		c.end(End{By: Remote, Code: sip.StatusRequestTerminated, Reason: "cancelled at once"})
		return
	}
	early, err := u.alert(c, req, tx, verdict)
	if err != nil {
		u.turnDown(c, req, tx, End{By: Local, Code: sip.StatusNotAcceptableHere, Reason: fault.ReasonOf(err)})
		return
	}
	select {
	case u.incoming <- c:
		u.count.received.Add(1)
	default:
		u.refuse(req, tx, sip.StatusBusyHere)
		c.end(End{By: Local, Code: sip.StatusBusyHere, Reason: "nobody takes calls from Incoming"})
		return
	}
	limit := time.NewTimer(u.cfg.RingLimit)
	defer limit.Stop()
	select {
	case d := <-c.decide:
		if d.code == sip.StatusOK {
			u.accept(c, req, tx, early)
			return
		}
		u.turnDown(c, req, tx, End{By: Local, Code: d.code, Reason: "rejected"})
	case <-limit.C:
		u.turnDown(c, req, tx, End{By: Local, Code: sip.StatusTemporarilyUnavailable, Reason: "not answered in time"})
	case <-canceled:
		c.end(End{By: Remote, Code: sip.StatusRequestTerminated, Cause: 0, Reason: "cancelled"})
		drainAck(tx, u.ctx)
	case <-c.ended: // a BYE in the early dialog, or the phone stops
		u.turnDown(c, req, tx, End{Code: sip.StatusRequestTerminated})
	case <-tx.Done():
		c.end(End{By: Network, Reason: "the INVITE transaction ended"})
	}
}

// alert does what a policy wants before the answer. early is the SDP of our
// 183, which the 200 then repeats (RFC 3261 section 13.2.1).
func (u *UA) alert(c *Call, req *sip.Request, tx sip.ServerTransaction, verdict Decision) (early []byte, err error) {
	switch {
	case verdict.Action == Answer:
		c.choose(decided{code: sip.StatusOK})
	case verdict.Action == Progress && len(req.Body()) > 0:
		if early, err = c.answerTo(req.Body()); err != nil {
			return nil, err
		}
		res := sip.NewResponseFromRequest(req, sip.StatusSessionInProgress, "Session Progress", nil)
		res.AppendHeader(u.contact())
		res.AppendHeader(sip.NewHeader("Allow", allowed))
		setSDP(res, early)
		if err := tx.Respond(res); err != nil {
			u.log.Debug("183 not sent", "error", err)
		}
		c.note(func(s *Snapshot) { s.EarlyMedia = true })
		c.raise(Ringing, sip.StatusSessionInProgress)
	default:
		u.respond(req, tx, sip.StatusRinging, u.contact(), sip.NewHeader("Allow", allowed))
		c.raise(Ringing, sip.StatusRinging)
	}
	return early, nil
}

// turnDown sends a final refusal, ends the call, and stays until the ACK.
func (u *UA) turnDown(c *Call, req *sip.Request, tx sip.ServerTransaction, e End) {
	u.respond(req, tx, e.Code)
	c.end(e)
	drainAck(tx, u.ctx)
}

// drainAck takes the ACK from sipgo, which else keeps a goroutine to hand it over.
func drainAck(tx sip.ServerTransaction, ctx context.Context) {
	select {
	case <-tx.Acks():
	case <-tx.Done():
	case <-ctx.Done():
	}
}

// choose puts a decision in place; the first one wins.
func (c *Call) choose(d decided) bool {
	select {
	case c.decide <- d:
		return true
	default:
		return false
	}
}

// Answer answers a ringing call and returns once the caller acknowledged. Errors:
// fault.Conflict (outgoing, or over), fault.Unavailable (ctx ended first).
func (c *Call) Answer(ctx context.Context) error {
	if c.outgoing {
		return fault.New(fault.Conflict, "ua: answer", c.id, "this phone placed the call")
	}
	if c.Snapshot().State < Answering {
		c.choose(decided{code: sip.StatusOK})
	}
	return c.WaitAnswered(ctx)
}

// Reject refuses a ringing call with a status of 400 to 699 and returns once it
// is over. Errors: fault.Invalid (code), fault.Conflict (not ringing any more).
func (c *Call) Reject(ctx context.Context, code int) error {
	if code != clampReject(code) {
		return fault.Newf(fault.Invalid, "ua: reject", c.id, "status %d: must be 400 to 699", code)
	}
	if c.outgoing || !c.choose(decided{code: code}) {
		return fault.New(fault.Conflict, "ua: reject", c.id, "the call does not wait for an answer")
	}
	_, err := c.WaitEnded(ctx)
	return err
}

// accept sends 200 and repeats it until the ACK (RFC 3261 section 13.3.1.4).
// body is the answer that our 183 gave already, nil when there was none.
func (u *UA) accept(c *Call, req *sip.Request, tx sip.ServerTransaction, body []byte) {
	<-c.slot
	defer func() { c.slot <- struct{}{} }()
	offered := false
	if body == nil {
		var err error
		if body, offered, err = c.describe(req); err != nil {
			u.turnDown(c, req, tx, End{By: Local, Code: sip.StatusNotAcceptableHere, Reason: fault.ReasonOf(err)})
			return
		}
	}
	c.raise(Answering, sip.StatusOK)
	if !u.confirm(c, req, tx, body, offered) {
		return
	}
	c.raise(Up, sip.StatusOK)
	if c.replaces != nil {
		c.takeOver()
	}
}

// describe makes the SDP of our 2xx: an answer, or an offer when the INVITE had none.
func (c *Call) describe(req *sip.Request) (body []byte, offered bool, err error) {
	if len(req.Body()) > 0 {
		body, err = c.answerTo(req.Body())
		return body, false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offer(c.hold).Marshal(), true, nil
}

// confirm sends the 200 of an INVITE until its ACK comes and reports whether
// it did; without one the call is ended. offered: the ACK has the peer's answer.
func (u *UA) confirm(c *Call, req *sip.Request, tx sip.ServerTransaction, body []byte, offered bool) bool {
	c.expectAck(req.CSeq().SeqNo)
	defer c.expectAck(0)
	res := sip.NewResponseFromRequest(req, sip.StatusOK, "OK", nil)
	res.AppendHeader(u.contact())
	res.AppendHeader(sip.NewHeader("Allow", allowed))
	res.AppendHeader(sip.NewHeader("Supported", "replaces"))
	sessionTimer(req, res)
	setSDP(res, body)
	if err := tx.Respond(res); err != nil {
		c.end(End{By: Remote, Code: sip.StatusRequestTerminated, Reason: "cancelled while answering"})
		return false
	}
	interval := u.cfg.T1
	again, limit := time.NewTimer(interval), time.NewTimer(64*u.cfg.T1)
	defer again.Stop()
	defer limit.Stop()
	for {
		select {
		case ack := <-c.acks:
			return c.acknowledged(ack, offered)
		case ack := <-tx.Acks(): // an ACK with the INVITE's branch
			return c.acknowledged(ack, offered)
		case <-again.C:
			interval = min(2*interval, sip.T2)
			again.Reset(interval)
			if err := tx.Respond(res.Clone()); err != nil {
				u.log.Debug("200 not repeated", "error", err)
			}
		case <-limit.C:
			c.raise(Up, sip.StatusOK)
			c.sendBye(End{By: Network, Reason: "no ACK for our 200"})
			return false
		case <-c.ended:
			return false
		case <-u.ctx.Done():
			return false
		}
	}
}

func (c *Call) expectAck(seq uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wantAck = seq
	select {
	case <-c.acks: // of an exchange before
	default:
	}
}

// acknowledged takes the ACK, and from it the answer to an offer in our 200.
func (c *Call) acknowledged(ack *sip.Request, offered bool) bool {
	if !offered {
		return true
	}
	if err := c.answeredBy(ack.Body(), sdp.SendRecv); err != nil {
		c.raise(Up, sip.StatusOK)
		c.sendBye(End{By: Local, Code: sip.StatusNotAcceptableHere, Reason: fault.ReasonOf(err)})
		return false
	}
	return true
}

// sessionTimer tolerates RFC 4028: when the peer wants a session timer, it may
// have one, as long as it does the refreshing itself.
func sessionTimer(req *sip.Request, res *sip.Response) {
	h := req.GetHeader("Session-Expires")
	if h == nil {
		h = req.GetHeader("x")
	}
	if h == nil {
		return
	}
	seconds, params, _ := strings.Cut(h.Value(), ";")
	if strings.Contains(strings.ToLower(params), "refresher=uas") || !printable(seconds, 10) {
		return
	}
	res.AppendHeader(sip.NewHeader("Require", "timer"))
	res.AppendHeader(sip.NewHeader("Session-Expires", strings.TrimSpace(seconds)+";refresher=uac"))
}
