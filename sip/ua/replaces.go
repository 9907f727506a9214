package ua

import (
	"context"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// replaced finds the call that an INVITE with Replaces is to take the place of
// (RFC 3891 section 3): nil and 0 without the header, nil and a status when
// the INVITE must be refused.
func (u *UA) replaced(req *sip.Request) (*Call, int) {
	hs := req.GetHeaders("Replaces")
	if len(hs) == 0 {
		return nil, 0
	}
	id, toTag, fromTag, earlyOnly := parseReplaces(hs[0].Value())
	if len(hs) > 1 || id == "" || toTag == "" || fromTag == "" {
		return nil, sip.StatusBadRequest
	}
	u.mu.Lock()
	c := u.calls[callKey(id, toTag)]
	u.mu.Unlock()
	if c == nil {
		return nil, sip.StatusCallTransactionDoesNotExists
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.dialog.remoteTag != fromTag:
		return nil, sip.StatusCallTransactionDoesNotExists
	case c.snap.State == Over:
		return nil, sip.StatusGlobalDecline
	case c.snap.State < Answering && !c.outgoing: // an early dialog may only be replaced at its caller
		return nil, sip.StatusCallTransactionDoesNotExists
	case c.snap.State >= Answering && earlyOnly:
		return nil, sip.StatusBusyHere
	}
	return c, 0
}

func parseReplaces(value string) (id, toTag, fromTag string, earlyOnly bool) {
	id, params, _ := strings.Cut(value, ";")
	for p := range strings.SplitSeq(params, ";") {
		k, v, _ := strings.Cut(strings.TrimSpace(p), "=")
		switch strings.ToLower(k) {
		case "to-tag":
			toTag = v
		case "from-tag":
			fromTag = v
		case "early-only":
			earlyOnly = true
		}
	}
	return strings.TrimSpace(id), toTag, fromTag, earlyOnly
}

// Replaced is the call that this incoming one took the place of, nil for an ordinary call.
func (c *Call) Replaced() *Call { return c.replaces }

// Tags are the tags of the dialog, as a Replaces header names them that is sent
// to this phone: to-tag is ours. from is empty before there is a dialog.
func (c *Call) Tags() (to, from string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dialog.localTag, c.dialog.remoteTag
}

// takeOver ends the replaced call: the person at the phone goes on talking.
func (c *Call) takeOver() {
	old := c.replaces
	c.ua.track(func() {
		ctx, cancel := context.WithTimeout(c.ua.ctx, 64*c.ua.cfg.T1)
		defer cancel()
		if err := old.Hangup(ctx); err != nil {
			c.ua.log.Debug("replaced call", "call", old.id, "error", err)
		}
	})
}
