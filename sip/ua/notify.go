package ua

import (
	"context"
	"strings"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/ua/sdp"
)

// statusBadEvent is RFC 6665 section 7.3.1.
const statusBadEvent = 489

// onNotify takes the outcome of a transfer, the remote control of a phone that
// has it, and politely everything else, such as message waiting.
func (u *UA) onNotify(req *sip.Request, tx sip.ServerTransaction) {
	event, id := eventOf(req)
	if !hasTag(req) {
		u.onLooseNotify(req, tx, event)
		return
	}
	if event == "refer" && u.onReferNotify(req, tx, id) {
		return
	}
	c, ok := u.inDialog(req, tx)
	switch {
	case !ok:
	case event == "refer": // no transfer waits for it
		u.count.unmatched.Add(1)
		u.respond(req, tx, sip.StatusCallTransactionDoesNotExists)
	case event == "talk" || event == "hold":
		u.control(c, event, req, tx)
	default:
		c.note(func(s *Snapshot) { s.Notifies++ })
		u.respond(req, tx, sip.StatusOK)
	}
}

// onLooseNotify takes a NOTIFY outside any dialog. Like desk phones, ours then
// answers the only ringing call at talk; with none or several it cannot know which.
func (u *UA) onLooseNotify(req *sip.Request, tx sip.ServerTransaction, event string) {
	switch {
	case event != "talk" && event != "hold":
		u.respond(req, tx, sip.StatusOK)
	case !u.cfg.Talk || event == "hold":
		u.badEvent(req, tx)
	default:
		c := u.onlyRinging()
		if c == nil {
			u.count.unmatched.Add(1)
			u.respond(req, tx, sip.StatusCallTransactionDoesNotExists)
			return
		}
		u.count.talkOutside.Add(1)
		u.control(c, event, req, tx)
	}
}

func (u *UA) badEvent(req *sip.Request, tx sip.ServerTransaction) {
	u.respond(req, tx, statusBadEvent, sip.NewHeader("Allow-Events", "refer"))
}

// onlyRinging is the incoming call that rings, nil unless there is exactly one.
func (u *UA) onlyRinging() *Call {
	var found *Call
	for _, c := range u.Calls() {
		if c.outgoing || c.Snapshot().State != Ringing {
			continue
		}
		if found != nil {
			return nil
		}
		found = c
	}
	return found
}

// control obeys talk and hold, which no RFC defines, as desk phones do: talk
// answers a ringing call and retrieves a held one, hold puts the peer on hold.
// What has no effect in the call's state is answered 200 all the same.
func (u *UA) control(c *Call, event string, req *sip.Request, tx sip.ServerTransaction) {
	if !u.cfg.Talk {
		u.badEvent(req, tx)
		return
	}
	c.note(func(s *Snapshot) { s.Notifies++ })
	snap := c.Snapshot()
	switch {
	case event == "talk" && !c.outgoing && snap.State < Answering:
		u.respond(req, tx, sip.StatusOK)
		if c.choose(decided{code: sip.StatusOK}) {
			u.count.talkAnswers.Add(1)
		}
	case snap.State == Up && snap.LocalHold == (event == "talk"):
		u.controlHold(c, event, req, tx)
	default:
		u.respond(req, tx, sip.StatusOK)
	}
}

// controlHold runs one remote-controlled hold or retrieve on the side; a
// second one meanwhile has to wait.
func (u *UA) controlHold(c *Call, event string, req *sip.Request, tx sip.ServerTransaction) {
	if !c.controlled.CompareAndSwap(false, true) {
		u.respond(req, tx, sip.StatusRequestPending)
		return
	}
	u.respond(req, tx, sip.StatusOK)
	started := u.track(func() {
		defer c.controlled.Store(false)
		ctx, cancel := context.WithTimeout(u.ctx, 64*u.cfg.T1)
		defer cancel()
		var err error
		if event == "hold" {
			err = c.Hold(ctx, sdp.SendOnly)
		} else {
			err = c.Resume(ctx)
		}
		if err != nil {
			u.log.Debug("remote control", "event", event, "error", err)
			return
		}
		u.count.talkHolds.Add(1)
	})
	if !started {
		c.controlled.Store(false)
	}
}

// eventOf is the package and the id of an Event header, in lower case.
func eventOf(req *sip.Request) (event, id string) {
	h := req.GetHeader("Event")
	if h == nil {
		h = req.GetHeader("o")
	}
	if h == nil {
		return "", ""
	}
	event, params, _ := strings.Cut(h.Value(), ";")
	for p := range strings.SplitSeq(params, ";") {
		if k, v, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(k, "id") {
			id = v
		}
	}
	return strings.ToLower(strings.TrimSpace(event)), id
}
