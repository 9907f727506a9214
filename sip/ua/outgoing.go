package ua

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/ua/sdp"
	"strowger/switch/fault"
)

// CallOptions are what a caller may add to an INVITE.
type CallOptions struct {
	Headers     []Header // at most 16; headers of the dialog itself are refused
	DisplayName string   // instead of the configured one
	FromUser    string   // instead of the configured user, as a trunk shows many callers
}

// Call sends an INVITE to target and returns as soon as it is on its way; what
// becomes of it is told by the call's signals. target is a number (or user) at
// the server, or a whole sip: URI. ctx bounds the sending only: end the call
// with Hangup. Errors: fault.Invalid (target, headers), fault.Busy (MaxCalls),
// fault.Unavailable (cannot be sent), fault.Conflict (not started), fault.Stopped.
func (u *UA) Call(ctx context.Context, target string, opt CallOptions) (*Call, error) {
	if err := u.up("ua: call"); err != nil {
		return nil, err
	}
	uri, err := u.targetURI(target)
	if err != nil {
		return nil, err
	}
	if err := checkHeaders(opt.Headers); err != nil {
		return nil, err
	}
	if strings.ContainsAny(opt.DisplayName, "\"\\") || !printable(opt.DisplayName, maxHeaderBytes) || !plain(opt.FromUser, maxNumber) {
		return nil, fault.New(fault.Invalid, "ua: call", target, "the caller's name or number holds illegal characters")
	}
	c := u.newCall(newID(), sip.GenerateTagN(16), true)
	c.headers = append([]Header(nil), opt.Headers...)
	d := &c.dialog
	d.target = uri
	d.local = sip.FromHeader{DisplayName: u.cfg.DisplayName, Address: sip.Uri{Scheme: "sip", User: u.cfg.User, Host: u.cfg.Domain}}
	if opt.DisplayName != "" {
		d.local.DisplayName = opt.DisplayName
	}
	if opt.FromUser != "" {
		d.local.Address.User = opt.FromUser
	}
	d.remote = sip.FromHeader{Address: uri}
	c.from = Party{User: d.local.Address.User, Name: d.local.DisplayName, URI: d.local.Address.String()}
	c.to = Party{User: uri.User, URI: uri.String()}
	c.dialed, c.snap.RemoteParty = uri.User, c.to
	if err := ctx.Err(); err != nil {
		return nil, fault.Wrap(fault.KindOf(err), "ua: call", target, err)
	}
	if err := u.add(c); err != nil {
		return nil, err
	}
	if err := c.dial(); err != nil {
		c.end(End{By: Network, Reason: "the INVITE could not be sent"})
		return nil, err
	}
	u.count.placed.Add(1)
	return c, nil
}

func (u *UA) targetURI(target string) (sip.Uri, error) {
	if !strings.HasPrefix(target, "sip:") {
		if target == "" || !plain(target, maxNumber) {
			return sip.Uri{}, fault.Newf(fault.Invalid, "ua: call", target, "a number is 1 to %d letters, digits or *#+-._", maxNumber)
		}
		return sip.Uri{Scheme: "sip", User: target, Host: u.cfg.Domain}, nil
	}
	var uri sip.Uri
	if !printable(target, 2*maxNumber) || strings.ContainsAny(target, " <>\"") {
		return uri, fault.New(fault.Invalid, "ua: call", target, "illegal characters in the URI")
	}
	if err := sip.ParseUri(target, &uri); err != nil || uri.Host == "" {
		return uri, &fault.Error{Kind: fault.Invalid, Op: "ua: call", Subject: target, Reason: "not a sip: URI", Err: err}
	}
	return uri, nil
}

// dial sends the first INVITE and starts the goroutine that follows it.
func (c *Call) dial() error {
	u := c.ua
	<-c.slot // nobody else can know the call yet
	c.mu.Lock()
	body := c.offer(sdp.SendRecv).Marshal()
	c.mu.Unlock()
	req := c.request(sip.INVITE, 0)
	if u.cfg.Server != "" {
		req.SetDestination(u.cfg.Server)
	}
	for _, h := range c.headers {
		req.AppendHeader(sip.NewHeader(h.Name, h.Value))
	}
	setSDP(req, body)
	inv, err := u.invite(req, c.provisional)
	if err != nil {
		return err
	}
	if !u.track(func() { c.follow(inv) }) {
		inv.stop()
		return u.stopFault("ua: call")
	}
	return nil
}

func setSDP(m sip.Message, body []byte) {
	m.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	m.SetBody(body)
}

// inviting is an INVITE under way, the first or one within a call.
type inviting struct {
	u           *UA
	req         *sip.Request
	tx          sip.ClientTransaction
	provisional func(*sip.Response)
	seen        bool                        // a provisional response came: CANCEL is allowed
	ack         atomic.Pointer[sip.Request] // repeated when the peer repeats its 200
}

func (u *UA) invite(req *sip.Request, provisional func(*sip.Response)) (*inviting, error) {
	tx, err := u.begin(u.ctx, req)
	if err != nil {
		return nil, err
	}
	i := &inviting{u: u, req: req, provisional: provisional}
	i.use(req, tx)
	return i, nil
}

// use follows another transaction. It is not terminated after its final
// response, because sipgo then absorbs repetitions for us until its timers end.
func (i *inviting) use(req *sip.Request, tx sip.ClientTransaction) {
	i.req, i.tx = req, tx
	tx.OnRetransmission(func(*sip.Response) {
		if ack := i.ack.Load(); ack != nil {
			i.write(ack)
		}
	})
}

func (i *inviting) stop() { i.tx.Terminate() }

// result waits for the final response and answers challenges. cancel may be
// nil; once it is closed, CANCEL is sent as soon as RFC 3261 section 9.1
// allows, and a peer that never gives the final response is left after 64*T1.
func (i *inviting) result(cancel <-chan struct{}) (*sip.Response, error) {
	wanted, challenges := false, 0
	limit := time.NewTimer(time.Hour)
	defer limit.Stop()
	for {
		select {
		case res := <-i.tx.Responses():
			if res.IsProvisional() {
				i.early(res, wanted)
				continue
			}
			if challenges++; challenges <= maxChallenges && !wanted {
				next, tx, asked, err := i.u.challenge(i.u.ctx, i.req, res)
				if err != nil {
					return nil, err
				}
				if asked {
					i.seen = false
					i.use(next, tx)
					continue
				}
			}
			return res, nil
		case <-cancel:
			wanted, cancel = true, nil
			limit.Reset(64 * i.u.cfg.T1)
			if i.seen {
				i.sendCancel()
			}
		case <-limit.C:
			i.stop()
			return nil, fault.New(fault.Unavailable, "ua: INVITE", i.u.cfg.User, "no final response")
		case <-i.tx.Done():
			return nil, &fault.Error{Kind: fault.Unavailable, Op: "ua: INVITE", Subject: i.u.cfg.User, Reason: "no answer from " + i.req.Destination(), Err: i.tx.Err()}
		case <-i.u.ctx.Done():
			return nil, i.u.stopFault("ua: INVITE")
		}
	}
}

// early handles a provisional response.
func (i *inviting) early(res *sip.Response, cancelWanted bool) {
	first := !i.seen
	i.seen = true
	if i.provisional != nil {
		i.provisional(res)
	}
	if first && cancelWanted {
		i.sendCancel()
	}
}

// sendCancel runs the CANCEL transaction on the side; its answer changes nothing.
func (i *inviting) sendCancel() {
	req := sip.NewRequest(sip.CANCEL, *i.req.Recipient.Clone())
	req.AppendHeader(sip.HeaderClone(i.req.Via()))
	sip.CopyHeaders("Route", i.req, req)
	req.AppendHeader(sip.HeaderClone(i.req.From()))
	req.AppendHeader(sip.HeaderClone(i.req.To()))
	req.AppendHeader(sip.HeaderClone(i.req.CallID()))
	req.AppendHeader(&sip.CSeqHeader{SeqNo: i.req.CSeq().SeqNo, MethodName: sip.CANCEL})
	maxForwards := sip.MaxForwardsHeader(70)
	req.AppendHeader(&maxForwards)
	req.SetDestination(i.req.Destination())
	i.u.track(func() {
		if _, _, err := i.u.roundTrip(i.u.ctx, req); err != nil {
			i.u.log.Debug("CANCEL", "error", err)
		}
	})
}

// acknowledge sends ack for a 2xx and repeats it whenever the 2xx is repeated.
func (i *inviting) acknowledge(ack *sip.Request) {
	i.ack.Store(ack)
	i.write(ack)
}

func (i *inviting) write(ack *sip.Request) {
	if !i.u.enter() {
		return
	}
	defer i.u.wg.Done()
	if err := i.u.client.WriteRequest(ack.Clone(), i.u.finish); err != nil {
		i.u.log.Debug("ACK not sent", "error", err)
	}
}

// follow sees the first INVITE through to its end.
func (c *Call) follow(inv *inviting) {
	res, err := inv.result(c.cancel)
	c.mu.Lock()
	c.dialog.localSeq = max(c.dialog.localSeq, inv.req.CSeq().SeqNo)
	canceled := c.canceled
	c.mu.Unlock()
	switch {
	case err != nil && canceled:
		c.end(End{By: Local, Code: sip.StatusRequestTerminated, Reason: "cancelled, the peer gave no final response"})
	case err != nil:
		c.end(End{By: Network, Code: sip.StatusRequestTimeout, Reason: err.Error()})
	case !res.IsSuccess() && canceled: // 487, or whatever crossed our CANCEL
		c.end(End{By: Local, Code: sip.StatusRequestTerminated, Cause: q850(res), Reason: "cancelled"})
	case !res.IsSuccess():
		c.end(End{By: Remote, Code: res.StatusCode, Cause: q850(res), Reason: res.Reason})
	default:
		c.accepted(inv, res, canceled)
	}
}

// provisional takes 180, 183 and their early media.
func (c *Call) provisional(res *sip.Response) {
	if len(res.Body()) > 0 {
		if err := c.answeredBy(res.Body(), sdp.SendRecv); err == nil {
			c.mu.Lock()
			c.snap.EarlyMedia = true
			c.mu.Unlock()
		} else {
			c.ua.log.Debug("early media not usable", "error", err)
		}
	}
	if res.StatusCode > sip.StatusTrying {
		c.learnParty(res)
		if res.To() != nil && res.To().Params.Has("tag") {
			c.mu.Lock()
			c.dialog.learn(res)
			c.mu.Unlock()
		}
		c.raise(Ringing, res.StatusCode)
	}
}

// accepted takes the 200 of our first INVITE. A 200 that crossed our CANCEL,
// or whose SDP cannot be used, is acknowledged and hung up.
func (c *Call) accepted(inv *inviting, res *sip.Response, canceled bool) {
	c.mu.Lock()
	c.dialog.learn(res)
	c.mu.Unlock()
	c.learnParty(res)
	ack := c.request(sip.ACK, inv.req.CSeq().SeqNo)
	inv.acknowledge(ack)
	err := c.answeredBy(res.Body(), sdp.SendRecv)
	if len(res.Body()) == 0 && c.Snapshot().EarlyMedia {
		err = nil // RFC 3261 section 13.2.1: the answer was in the provisional response
	}
	c.slot <- struct{}{}
	c.raise(Up, res.StatusCode)
	switch {
	case canceled:
		c.sendBye(End{By: Local, Code: res.StatusCode, Reason: "answered while being cancelled"})
	case err != nil:
		c.sendBye(End{By: Local, Code: sip.StatusNotAcceptableHere, Reason: fault.ReasonOf(err)})
	}
}

// Hangup ends the call in whatever way its state asks for: CANCEL, 603 or BYE.
// It returns once the call is over; ending a call that is over is not an
// error. When ctx ends first the call goes on ending by itself, and the error
// is fault.Unknown.
func (c *Call) Hangup(ctx context.Context) error {
	c.mu.Lock()
	state := c.snap.State
	first := !c.canceled && state < Up
	c.canceled = c.canceled || c.outgoing && state < Up
	c.mu.Unlock()
	switch {
	case state == Over:
		return nil
	case c.outgoing && state < Up:
		if first {
			close(c.cancel)
		}
	case state < Answering:
		c.choose(decided{code: 603})
	default:
		if err := c.waitAck(ctx); err != nil {
			return err
		}
		c.sendBye(End{By: Local, Reason: "hung up"})
	}
	if _, err := c.WaitEnded(ctx); err != nil {
		return &fault.Error{Kind: fault.Unknown, Op: "ua: hangup", Subject: c.id, Reason: "the peer has not answered yet", Err: err}
	}
	return nil
}

// waitAck keeps RFC 3261 section 15: the called party sends no BYE before the ACK.
func (c *Call) waitAck(ctx context.Context) error {
	err := c.Wait(ctx, "acknowledged", func(s Snapshot) bool { return s.State >= Up })
	if err == nil || errors.Is(err, ctx.Err()) && ctx.Err() != nil {
		return err
	}
	return nil // it ended meanwhile
}

// sendBye stops our audio and sends BYE once, on the side; the call is over
// when the peer answered or did not. e is how it then ended.
func (c *Call) sendBye(e End) {
	c.mu.Lock()
	again := c.byeSent || c.snap.State == Over
	c.byeSent = true
	c.mu.Unlock()
	if again {
		return
	}
	c.media.Close()
	req := c.request(sip.BYE, 0)
	if !c.ua.track(func() {
		res, _, err := c.ua.roundTrip(c.ua.ctx, req)
		if err != nil || !res.IsSuccess() {
			c.ua.log.Debug("BYE", "call", c.id, "error", err)
		}
		c.end(e)
	}) {
		c.end(e)
	}
}
