package ua

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"strowger/switch/fault"
)

const (
	userAgent = "strowger-phone"
	// allowed is our Allow header.
	allowed = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO, NOTIFY, REFER, MESSAGE"
	// maxChallenges bounds digest rounds of one request: one, and one for a stale nonce.
	maxChallenges = 2
)

// newID is a Call-ID that nobody else makes.
func newID() string { return rand.Text() }

// contact is where in-dialog requests reach us.
func (u *UA) contact() *sip.ContactHeader {
	return &sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: u.cfg.User, Host: u.cfg.BindIP.String(), Port: u.laddr.Port}}
}

// finish completes a request as it leaves: Via, Content-Length, and our own
// socket as its origin (sipgo would open another one).
func (u *UA) finish(c *sipgo.Client, req *sip.Request) error {
	if req.Via() == nil {
		if err := sipgo.ClientRequestAddVia(c, req); err != nil {
			return err
		}
	}
	if req.Body() == nil {
		req.SetBody(nil)
	}
	req.SetTransport("UDP")
	u.laddr.Copy(&req.Laddr)
	return nil
}

// begin starts a client transaction. Whatever sends counts as entered, so that
// Abandon closes sipgo only when nobody is inside: after that sipgo would open
// new sockets.
func (u *UA) begin(ctx context.Context, req *sip.Request) (sip.ClientTransaction, error) {
	if !u.enter() {
		return nil, u.stopFault("ua: send " + string(req.Method))
	}
	defer u.wg.Done()
	tx, err := u.client.TransactionRequest(ctx, req, u.finish)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Unavailable, Op: "ua: send " + string(req.Method), Subject: u.cfg.User, Reason: "the request could not be sent", Err: err}
	}
	return tx, nil
}

// challenge answers 401 and 407: it returns a new transaction of a copy of req
// with credentials, because sipgo may still acknowledge the first one. ok is
// false when there is nothing to answer with.
func (u *UA) challenge(ctx context.Context, req *sip.Request, res *sip.Response) (*sip.Request, sip.ClientTransaction, bool, error) {
	asked := res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired
	if !asked || u.cfg.Password == "" {
		return nil, nil, false, nil
	}
	if !u.enter() {
		return nil, nil, true, u.stopFault("ua: digest")
	}
	defer u.wg.Done()
	next := req.Clone()
	tx, err := u.client.TransactionDigestAuth(ctx, next, res, sipgo.DigestAuth{Username: u.cfg.User, Password: u.cfg.Password})
	if err != nil {
		return nil, nil, true, &fault.Error{Kind: fault.Denied, Op: "ua: digest", Subject: u.cfg.User, Reason: "the challenge cannot be answered", Err: err}
	}
	return next, tx, true, nil
}

// roundTrip sends a request that is not an INVITE and returns the final
// response and the request as last sent (its CSeq grows with each challenge).
func (u *UA) roundTrip(ctx context.Context, req *sip.Request) (*sip.Response, *sip.Request, error) {
	tx, err := u.begin(ctx, req)
	if err != nil {
		return nil, nil, err
	}
	for tries := 0; ; tries++ {
		res, err := u.final(ctx, req, tx)
		if err != nil || tries == maxChallenges {
			return res, req, err
		}
		next, again, asked, err := u.challenge(ctx, req, res)
		if err != nil || !asked {
			return res, req, err
		}
		req, tx = next, again
	}
}

// final waits for a final response and ends the transaction.
func (u *UA) final(ctx context.Context, req *sip.Request, tx sip.ClientTransaction) (*sip.Response, error) {
	defer tx.Terminate()
	op := "ua: " + string(req.Method)
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			return nil, &fault.Error{Kind: fault.Unavailable, Op: op, Subject: u.cfg.User, Reason: "no answer from " + req.Destination(), Err: tx.Err()}
		case <-ctx.Done():
			return nil, &fault.Error{Kind: fault.KindOf(ctx.Err()), Op: op, Subject: u.cfg.User, Reason: "no answer yet from " + req.Destination(), Err: ctx.Err()}
		case <-u.ctx.Done():
			return nil, u.stopFault(op)
		}
	}
}

// statusFault turns a final response into an error by what it allows the caller to do; nil for 2xx.
func statusFault(op, subject string, res *sip.Response) error {
	if res.IsSuccess() {
		return nil
	}
	kind := fault.Conflict
	switch res.StatusCode {
	case sip.StatusUnauthorized, sip.StatusForbidden, sip.StatusProxyAuthRequired:
		kind = fault.Denied
	case sip.StatusNotFound, sip.StatusGone, sip.StatusCallTransactionDoesNotExists:
		kind = fault.NotFound
	case sip.StatusRequestTimeout, sip.StatusServiceUnavailable, sip.StatusGatewayTimeout:
		kind = fault.Unavailable
	case sip.StatusBusyHere, sip.StatusRequestPending:
		kind = fault.Busy
	case sip.StatusNotAcceptableHere, sip.StatusMethodNotAllowed, sip.StatusNotImplemented:
		kind = fault.Unsupported
	}
	return fault.New(kind, op, subject, fmt.Sprintf("answered %d %s", res.StatusCode, res.Reason))
}

// respond answers a request; a failure is only worth a trace, the peer repeats.
func (u *UA) respond(req *sip.Request, tx sip.ServerTransaction, code int, headers ...sip.Header) {
	res := sip.NewResponseFromRequest(req, code, reasonOf(code), nil)
	for _, h := range headers {
		res.AppendHeader(h)
	}
	if err := tx.Respond(res); err != nil && !errors.Is(err, sip.ErrTransactionCanceled) {
		u.log.Debug("response not sent", "code", code, "method", req.Method, "error", err)
	}
}

// reasonOf gives the phrase of RFC 3261 section 21 for what a phone answers.
func reasonOf(code int) string {
	switch code {
	case 180:
		return "Ringing"
	case 200:
		return "OK"
	case 400:
		return "Bad Request"
	case 404:
		return "Not Found"
	case 405:
		return "Method Not Allowed"
	case 408:
		return "Request Timeout"
	case 420:
		return "Bad Extension"
	case 480:
		return "Temporarily Unavailable"
	case 481:
		return "Call/Transaction Does Not Exist"
	case 486:
		return "Busy Here"
	case 487:
		return "Request Terminated"
	case 488:
		return "Not Acceptable Here"
	case 489:
		return "Bad Event"
	case 491:
		return "Request Pending"
	case 500:
		return "Server Internal Error"
	case 503:
		return "Service Unavailable"
	case 600:
		return "Busy Everywhere"
	case 603:
		return "Decline"
	}
	return "Status " + strconv.Itoa(code)
}
