package callmodel

import (
	"time"

	"strowger/switch/fault"
)

// maxCallbackAhead bounds how late a callback may be given up.
const maxCallbackAhead = 366 * 24 * time.Hour

// checkUntil wants the end of a callback's time behind its begin, and behind now.
func (s *State) checkUntil(op string, at, until time.Time) error {
	if until.IsZero() || s.wall.UnixMicro == 0 {
		return nil
	}
	now := s.wall.time(s.now)
	switch {
	case !until.After(now) || !until.After(at):
		return fault.New(fault.Invalid, op, "until", "the time to give up has passed, or lies before the time to begin")
	case until.Sub(now) > maxCallbackAhead:
		return fault.New(fault.Invalid, op, "until", "is more than a year from now")
	}
	return nil
}

// timeCallback sets when a callback is begun with, and when it is given up.
func (s *State) timeCallback(cb *Callback, at, until time.Time) {
	if s.wall.UnixMicro == 0 {
		return
	}
	life := s.config.Queue(cb.Queue).Callback.Expire
	if wait := at.Sub(s.wall.time(s.now)); !at.IsZero() && wait > 0 {
		cb.NextAt = s.now.Add(wait)
		cb.QueuedAt = cb.NextAt
		cb.ExpireAt = max(cb.ExpireAt, cb.NextAt.Add(life))
	}
	if !until.IsZero() {
		cb.ExpireAt = s.now.Add(until.Sub(s.wall.time(s.now)))
	}
}

// changeCallback makes another one of a callback that nobody has begun with. It
// keeps its place; an attempt that waits or is being offered begins anew.
func (s *State) changeCallback(in UpdateCallback) error {
	op, ch := in.Tag(), in.Change
	cb := s.callbacks[in.ID]
	switch {
	case in.Result != "":
		return fault.New(fault.Invalid, op, in.ID.String(), "a change has no result")
	case cb.State == CallbackDone || cb.State == CallbackActive:
		return fault.New(fault.Conflict, op, in.ID.String(), "the callback is "+string(cb.State))
	case s.config.Queue(cb.Queue) == nil:
		return noQueue(op, cb.Queue)
	case len(ch.Extra) > MaxCallbackText:
		return fault.Newf(fault.Invalid, op, ch.Number, "extra data have at most %d bytes", MaxCallbackText)
	}
	number, err := s.callbackNumber(ch.Number)
	if err == nil {
		err = s.checkUntil(op, ch.At, ch.Until)
	}
	if err == nil {
		err = s.mayCall(number, cb.Queue, cb.Gateway)
	}
	if err != nil {
		return err
	}
	if other := s.findCallback(number, cb.Queue); other != nil && other.ID != cb.ID {
		return fault.New(fault.Conflict, op, ch.Number, "this number is on the queue's callback list already")
	}
	live := cb.Call
	s.cancelTimer(TimerCallback, CallID{}, ConnID(in.ID))
	cb = s.editCallback(in.ID)
	cb.State, cb.Call, cb.NextAt = CallbackScheduled, CallID{}, 0
	cb.Number, cb.Priority, cb.Extra = number, ch.Priority, ch.Extra
	if in.Notes != nil {
		cb.Notes = *in.Notes
	}
	cb.ExpireAt = s.now.Add(s.config.Queue(cb.Queue).Callback.Expire)
	s.timeCallback(cb, ch.At, ch.Until)
	s.tellCallback(in.ID)
	s.endAttempt(live)
	s.startCallback(in.ID)
	return nil
}
