package ua

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/media/rtpio"
	"strowger/media/tone"
	"strowger/switch/fault"
)

// How digits go by INFO: as long as a key is pressed, and a pause.
const (
	infoPress = 160 * time.Millisecond
	infoPause = 60 * time.Millisecond
	// maxInfoDigits bounds what a call remembers of the peer's.
	maxInfoDigits = 64
)

// SendInfoDTMF sends digits as INFO requests with application/dtmf-relay, one
// after the other at the speed of a person, and returns when the last was
// answered. Errors: fault.Invalid (digits), fault.Conflict (not up), what the
// peer answered, or fault.Unavailable (ctx ended first).
func (c *Call) SendInfoDTMF(ctx context.Context, digits string) error {
	const op = "ua: send digits by INFO"
	if len(digits) == 0 || len(digits) > rtpio.MaxDigits || strings.Trim(digits, rtpio.Digits) != "" {
		return fault.Newf(fault.Invalid, op, c.id, "1 to %d of %s at once", rtpio.MaxDigits, rtpio.Digits)
	}
	for i := range len(digits) {
		if i > 0 {
			if err := c.pause(ctx, op, infoPress+infoPause); err != nil {
				return err
			}
		}
		if s := c.Snapshot().State; s != Up {
			return fault.Newf(fault.Conflict, op, c.id, "the call is %v", s)
		}
		req := c.request(sip.INFO, 0)
		req.AppendHeader(sip.NewHeader("Content-Type", "application/dtmf-relay"))
		req.SetBody(fmt.Appendf(nil, "Signal=%c\r\nDuration=%d\r\n", digits[i], infoPress.Milliseconds()))
		res, sent, err := c.ua.roundTrip(ctx, req)
		if err != nil {
			return err
		}
		c.sent(sent)
		if err := statusFault(op, c.id, res); err != nil {
			return err
		}
	}
	return nil
}

func (c *Call) pause(ctx context.Context, op string, d time.Duration) error {
	t := time.NewTimer(d)
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

// SendInbandDTMF sends digits as dual tones in the audio, 200 ms each, instead
// of what is sent otherwise, which goes on after them. It returns at once. While
// this side sends nothing (hold) they wait. Errors: fault.Invalid (digits),
// fault.Conflict (no audio yet, or the call is over), fault.Busy (the digits
// before are not done).
func (c *Call) SendInbandDTMF(digits string) error {
	d, err := tone.NewDial(digits)
	if err != nil {
		return err
	}
	if _, ok := c.media.Params(); !ok || c.Snapshot().State == Over {
		return fault.New(fault.Conflict, "ua: send digits in the audio", c.id, "the call has no audio")
	}
	return c.media.Insert(d)
}

// onInfo takes digits by INFO; anything else is heard politely.
func (u *UA) onInfo(req *sip.Request, tx sip.ServerTransaction) {
	digit, err := infoDigit(req)
	if err != nil && hasTag(req) && u.find(req) != nil {
		u.respond(req, tx, sip.StatusBadRequest)
		return
	}
	c, ok := u.inDialog(req, tx)
	switch {
	case ok:
		c.note(func(s *Snapshot) {
			s.Notifies++
			if digit != 0 && len(s.InfoDigits) < maxInfoDigits {
				s.InfoDigits += string(rune(digit))
			}
		})
		fallthrough
	case c == nil && !hasTag(req):
		u.respond(req, tx, sip.StatusOK)
	}
}

// infoDigit reads the digit of an application/dtmf-relay or application/dtmf
// body, 0 for an INFO about something else. Error: fault.Invalid.
func infoDigit(req *sip.Request) (byte, error) {
	ct := req.ContentType()
	if ct == nil {
		return 0, nil
	}
	kind, _, _ := strings.Cut(strings.ToLower(ct.Value()), ";")
	signal := ""
	switch strings.TrimSpace(kind) {
	case "application/dtmf":
		signal = strings.TrimSpace(string(req.Body()))
	case "application/dtmf-relay":
		for line := range strings.SplitSeq(string(req.Body()), "\n") {
			if k, v, _ := strings.Cut(line, "="); strings.EqualFold(strings.TrimSpace(k), "signal") {
				signal = strings.TrimSpace(v)
			}
		}
	default:
		return 0, nil
	}
	if len(signal) != 1 || !strings.Contains(rtpio.Digits, signal) {
		return 0, fault.New(fault.Invalid, "ua: INFO", "", "the body names no digit")
	}
	return signal[0], nil
}
