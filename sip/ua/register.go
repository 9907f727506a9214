package ua

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/switch/fault"
)

// Pauses between failed refreshes.
const (
	firstRetry = time.Second
	lastRetry  = 30 * time.Second
)

// registration is the binding of our contact at the registrar.
type registration struct {
	callID, tag string
	mu          sync.Mutex // one REGISTER at a time; guards cseq
	cseq        uint32
	stop        context.CancelFunc // ends the refresher, nil when none runs; guarded by UA.mu
	active      atomic.Bool
	ok, failed  atomic.Uint64
}

// Register binds the phone at the server and keeps the binding fresh until
// Unregister or Stop. Errors: fault.Denied (credentials), fault.Unavailable (no
// answer), fault.Invalid (no server configured), fault.Conflict (refused, or not started).
func (u *UA) Register(ctx context.Context) error {
	if err := u.up("ua: register"); err != nil {
		return err
	}
	u.reg.mu.Lock()
	defer u.reg.mu.Unlock()
	granted, err := u.sendRegister(ctx, u.cfg.Expires)
	if err != nil {
		return err
	}
	refresh, stop := context.WithCancel(u.ctx)
	if old := u.swapRefresher(stop); old != nil {
		old()
	}
	if !u.track(func() { u.refresh(refresh, granted) }) {
		stop()
		return u.stopFault("ua: register")
	}
	return nil
}

// swapRefresher puts stop in place and returns what was there.
func (u *UA) swapRefresher(stop context.CancelFunc) (old context.CancelFunc) {
	u.mu.Lock()
	defer u.mu.Unlock()
	old, u.reg.stop = u.reg.stop, stop
	return old
}

// Unregister removes the binding; without one it does nothing.
func (u *UA) Unregister(ctx context.Context) error {
	stop := u.swapRefresher(nil)
	if stop == nil {
		return nil
	}
	stop() // a refresh under way gives up and frees the lock
	u.reg.mu.Lock()
	defer u.reg.mu.Unlock()
	_, err := u.sendRegister(ctx, 0)
	return err
}

// refresh renews at 80 % of what was granted, and after failures ever more
// slowly; it ends with ctx.
func (u *UA) refresh(ctx context.Context, granted time.Duration) {
	retry := firstRetry
	next := granted * 4 / 5
	for {
		t := time.NewTimer(next)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
		u.reg.mu.Lock()
		if ctx.Err() != nil {
			u.reg.mu.Unlock()
			return
		}
		got, err := u.sendRegister(ctx, u.cfg.Expires)
		u.reg.mu.Unlock()
		if err == nil {
			next, retry = got*4/5, firstRetry
			continue
		}
		u.log.Warn("registration not refreshed", "error", err, "again", retry)
		next, retry = retry, min(2*retry, lastRetry)
	}
}

// sendRegister runs one REGISTER; the caller holds reg.mu. A registrar that
// wants a longer time (423) gets it once.
func (u *UA) sendRegister(ctx context.Context, expires time.Duration) (time.Duration, error) {
	const op = "ua: register"
	if u.cfg.Server == "" {
		return 0, fault.New(fault.Invalid, op, u.cfg.User, "no server is configured")
	}
	seconds := int(expires / time.Second)
	for range 2 {
		res, sent, err := u.roundTrip(ctx, u.registerRequest(seconds))
		if sent != nil {
			u.reg.cseq = sent.CSeq().SeqNo
		}
		if err == nil && res.StatusCode == sip.StatusIntervalToBrief {
			if want, ok := headerInt(res, "Min-Expires"); ok && want > seconds && want <= int((24*time.Hour)/time.Second) {
				seconds = want
				continue
			}
		}
		if err == nil {
			err = statusFault(op, u.cfg.User, res)
		}
		if err != nil {
			if !errors.Is(err, context.Canceled) { // Unregister interrupted a refresh
				u.reg.failed.Add(1)
				u.reg.active.Store(false)
			}
			return 0, err
		}
		u.reg.ok.Add(1)
		u.reg.active.Store(seconds > 0)
		return u.granted(res, seconds), nil
	}
	u.reg.failed.Add(1)
	return 0, fault.New(fault.Conflict, op, u.cfg.User, "the registrar finds every interval too brief")
}

func (u *UA) registerRequest(seconds int) *sip.Request {
	req := sip.NewRequest(sip.REGISTER, sip.Uri{Scheme: "sip", Host: u.cfg.Domain})
	aor := sip.Uri{Scheme: "sip", User: u.cfg.User, Host: u.cfg.Domain}
	from := &sip.FromHeader{DisplayName: u.cfg.DisplayName, Address: aor}
	from.Params.Add("tag", u.reg.tag)
	callID := sip.CallIDHeader(u.reg.callID)
	maxForwards := sip.MaxForwardsHeader(70)
	req.AppendHeader(from)
	req.AppendHeader(&sip.ToHeader{Address: aor})
	req.AppendHeader(&callID)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: u.reg.cseq + 1, MethodName: sip.REGISTER})
	req.AppendHeader(&maxForwards)
	req.AppendHeader(u.contact())
	req.AppendHeader(sip.NewHeader("Expires", strconv.Itoa(seconds)))
	req.AppendHeader(sip.NewHeader("User-Agent", userAgent))
	req.SetDestination(u.cfg.Server)
	return req
}

// granted is the time the registrar gave us: the expires of our contact, else
// the Expires header, else what we asked for.
func (u *UA) granted(res *sip.Response, asked int) time.Duration {
	n := asked
	if v, ok := headerInt(res, "Expires"); ok {
		n = v
	}
	for _, h := range res.GetHeaders("contact") {
		c, ok := h.(*sip.ContactHeader)
		if !ok || c.Address.Port != u.laddr.Port || c.Address.User != u.cfg.User {
			continue
		}
		if v, ok := c.Params.Get("expires"); ok {
			if e, err := strconv.Atoi(v); err == nil {
				n = e
			}
		}
	}
	return time.Duration(min(max(n, 1), 86400)) * time.Second
}

func headerInt(m sip.Message, name string) (int, bool) {
	hs := m.GetHeaders(name)
	if len(hs) == 0 {
		return 0, false
	}
	n, err := strconv.Atoi(hs[0].Value())
	return n, err == nil && n >= 0
}
