package ua

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"strowger/switch/fault"
)

// maxReferrals bounds the transfers of one phone that are under way.
const maxReferrals = 16

// ReferResult is what became of a transfer by REFER (RFC 3515).
type ReferResult struct {
	Accepted int    // status of the answer to the REFER, 202 as a rule; 0 when none came
	Status   int    // of the last sipfrag: how the call to the target stands; 0 when none came
	Reason   string // its phrase
	Notifies int    // NOTIFYs that came
	Closed   bool   // the peer ended the subscription
}

// Done reports whether the target answered.
func (r ReferResult) Done() bool { return r.Status >= 200 && r.Status < 300 }

// referral is one REFER and its implicit subscription. It may outlive the
// call, because the peer may hang up before it tells the outcome (RFC 5057).
type referral struct {
	call    *Call
	seq     uint32 // CSeq of the REFER; a smaller Event id is of an earlier one
	res     ReferResult
	last    uint32        // CSeq of the NOTIFY that res.Status is from
	changed chan struct{} // guarded, as res and last are, by UA.mu
}

// Refer transfers the peer to target, a number at the server or a whole sip:
// URI (blind transfer), and returns when the peer ended the subscription. Once
// the target has answered the phone hangs up, as RFC 5589 section 6.1 has it,
// unless the peer did already. A transfer that failed is no error: Status says
// so, and the call goes on. Errors: fault.Invalid (target), fault.Conflict (the
// call is not up, or another transfer is under way), fault.Busy (too many of
// them), what the peer answered to the REFER, or fault.Unavailable when ctx
// ended first. The result is filled as far as it is known.
func (c *Call) Refer(ctx context.Context, target string) (ReferResult, error) {
	uri, err := c.ua.targetURI(target)
	if err != nil {
		return ReferResult{}, err
	}
	return c.refer(ctx, uri.String())
}

// ReferReplaces connects the peer of c with the peer of other, a call of the
// same phone (attended transfer, RFC 5589 section 7). other may still ring: the
// tags of its early dialog are then used. Result and errors as for
// [Call.Refer]; fault.Conflict also when other has no dialog yet or any more.
func (c *Call) ReferReplaces(ctx context.Context, other *Call) (ReferResult, error) {
	if other == nil || other == c || other.ua != c.ua {
		return ReferResult{}, fault.New(fault.Invalid, "ua: refer", c.id, "the other call must be another call of the same phone")
	}
	to, err := other.replacesURI()
	if err != nil {
		return ReferResult{}, err
	}
	return c.refer(ctx, to)
}

// replacesURI is the peer's address with a Replaces header that names our
// dialog as the peer sees it: its own tag is the to-tag (RFC 3891 section 3).
func (c *Call) replacesURI() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := &c.dialog
	if c.snap.State == Over || d.remoteTag == "" {
		return "", fault.Newf(fault.Conflict, "ua: refer", c.id, "the other call is %v and has no dialog", c.snap.State)
	}
	uri := d.remote.Address
	if c.ua.cfg.Server == "" {
		uri = d.target
	}
	to := sip.Uri{Scheme: "sip", User: uri.User, Host: uri.Host, Port: uri.Port}
	value := c.id + ";to-tag=" + d.remoteTag + ";from-tag=" + d.localTag
	return to.String() + "?Replaces=" + url.QueryEscape(value), nil
}

func (c *Call) refer(ctx context.Context, referTo string) (ReferResult, error) {
	const op = "ua: refer"
	if s := c.Snapshot().State; s != Up {
		return ReferResult{}, fault.Newf(fault.Conflict, op, c.id, "the call is %v", s)
	}
	req := c.request(sip.REFER, 0)
	req.AppendHeader(sip.NewHeader("Refer-To", "<"+referTo+">"))
	me := sip.Uri{Scheme: "sip", User: c.ua.cfg.User, Host: c.ua.cfg.Domain}
	req.AppendHeader(sip.NewHeader("Referred-By", "<"+me.String()+">"))
	r := &referral{call: c, seq: req.CSeq().SeqNo, changed: make(chan struct{})}
	if err := c.ua.subscribe(r); err != nil {
		return ReferResult{}, err
	}
	defer c.ua.unsubscribe(r)
	res, sent, err := c.ua.roundTrip(ctx, req)
	if sent != nil {
		c.sent(sent)
	}
	if err != nil {
		return c.ua.referred(r, 0), err
	}
	state := c.ua.referred(r, res.StatusCode)
	if !res.IsSuccess() {
		return state, statusFault(op, c.id, res)
	}
	return c.followReferral(ctx, r)
}

// followReferral waits for the end of the subscription; at the good news
// before it, the phone hangs up.
func (c *Call) followReferral(ctx context.Context, r *referral) (ReferResult, error) {
	for {
		c.ua.mu.Lock()
		res, changed := r.res, r.changed
		c.ua.mu.Unlock()
		if res.Done() {
			c.sendBye(End{By: Local, Reason: "transferred"})
		}
		if res.Closed {
			return res, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return res, &fault.Error{
				Kind: fault.KindOf(ctx.Err()), Op: "ua: refer", Subject: c.id,
				Reason: "the peer has not ended the subscription, the target stands at " + strconv.Itoa(res.Status), Err: ctx.Err(),
			}
		case <-c.ua.ctx.Done():
			return res, c.ua.stopFault("ua: refer")
		}
	}
}

// sent keeps our CSeq ahead of what a digest challenge made of it.
func (c *Call) sent(req *sip.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dialog.localSeq = max(c.dialog.localSeq, req.CSeq().SeqNo)
}

// subscribe makes a referral known before its REFER is sent, because the first
// NOTIFY may overtake the 202.
func (u *UA) subscribe(r *referral) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.closing:
		return u.stopFault("ua: refer")
	case u.referrals[r.call.key] != nil:
		return fault.New(fault.Conflict, "ua: refer", r.call.id, "another transfer of this call is under way")
	case len(u.referrals) >= maxReferrals:
		return fault.Newf(fault.Busy, "ua: refer", r.call.id, "%d transfers of this phone are under way", maxReferrals)
	}
	u.referrals[r.call.key] = r
	return nil
}

func (u *UA) unsubscribe(r *referral) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.referrals, r.call.key)
}

// referred notes the answer to the REFER and returns the state.
func (u *UA) referred(r *referral, code int) ReferResult {
	u.mu.Lock()
	defer u.mu.Unlock()
	r.res.Accepted = code
	return r.res
}

// onReferNotify takes the news of a transfer. It returns false when no transfer waits for it.
func (u *UA) onReferNotify(req *sip.Request, tx sip.ServerTransaction, id string) bool {
	tag, _ := req.To().Params.Get("tag")
	u.mu.Lock()
	r := u.referrals[callKey(req.CallID().Value(), tag)]
	u.mu.Unlock()
	if r == nil || id != "" && !r.named(id) {
		return false
	}
	if !r.call.newer(req) {
		u.respond(req, tx, sip.StatusInternalServerError)
		return true
	}
	code, reason, err := parseFrag(req)
	if err != nil {
		u.log.Debug("NOTIFY refused", "error", err)
		u.respond(req, tx, sip.StatusBadRequest)
		return true
	}
	r.call.note(func(s *Snapshot) { s.Notifies++ })
	u.told(r, req, code, reason)
	u.respond(req, tx, sip.StatusOK)
	return true
}

// told notes what a NOTIFY said.
func (u *UA) told(r *referral, req *sip.Request, code int, reason string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	r.res.Notifies++
	if n := req.CSeq().SeqNo; code != 0 && n > r.last {
		r.last = n
		r.res.Status, r.res.Reason = code, reason
	}
	r.res.Closed = r.res.Closed || subscriptionOver(req)
	close(r.changed)
	r.changed = make(chan struct{})
}

// named reports whether an Event id (RFC 3515 section 2.4.6) means this REFER.
func (r *referral) named(id string) bool {
	n, err := strconv.ParseUint(id, 10, 32)
	return err == nil && uint32(n) >= r.seq
}

// parseFrag reads the status line of a message/sipfrag body (RFC 3420). The
// last NOTIFY may have no body: then code is 0.
func parseFrag(req *sip.Request) (code int, reason string, err error) {
	if req.GetHeader("Subscription-State") == nil {
		return 0, "", fault.New(fault.Invalid, "ua: NOTIFY", "", "Subscription-State is missing")
	}
	body := string(req.Body())
	if body == "" {
		return 0, "", nil
	}
	line, _, _ := strings.Cut(body, "\n")
	version, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	status, reason, _ := strings.Cut(rest, " ")
	code, convErr := strconv.Atoi(status)
	if version != "SIP/2.0" || convErr != nil || code < 100 || code > 699 || !printable(reason, maxHeaderBytes) {
		return 0, "", fault.New(fault.Invalid, "ua: NOTIFY", "", "the body does not begin with a SIP status line")
	}
	return code, reason, nil
}

// subscriptionOver reads Subscription-State (RFC 6665 section 4.1.3).
func subscriptionOver(req *sip.Request) bool {
	state, _, _ := strings.Cut(req.GetHeader("Subscription-State").Value(), ";")
	return strings.EqualFold(strings.TrimSpace(state), "terminated")
}
