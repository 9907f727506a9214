package callmodel

import "strowger/switch/fault"

// customerWish checks what a disposition says of how the customer of a campaign
// wants to be called from now on, and returns the call that they want.
func (s *State) customerWish(in SetDisposition, c *Call) (*CallbackAt, error) {
	switch {
	case in.Callback == nil && !in.DoNotCall:
		return nil, nil
	case c.Kind != KindCampaign:
		return nil, fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "only a customer whom a campaign has called can be called again by it, or never: this is no call of a campaign")
	case in.DoNotCall && in.Callback != nil:
		return nil, fault.New(fault.Invalid, in.Tag(), in.Conn.Hex(), "a customer who wants no more calls gets none: leave one of the two out")
	}
	return s.agreedCall(in.Tag(), in.Callback)
}

// putOff checks when the customer of a preview is to be called who is not called now.
func (s *State) putOff(in Reject, c *Call) (*CallbackAt, error) {
	switch {
	case in.Callback == nil:
		return nil, nil
	case !c.preview():
		return nil, fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "only the customer of a preview can be put off to a time")
	case in.Result != ResultSkip:
		return nil, fault.New(fault.Invalid, in.Tag(), in.Conn.Hex(), "a customer who is called later has the result SKIP")
	}
	return s.agreedCall(in.Tag(), in.Callback)
}

// agreedCall checks a call that an agent has agreed, or none.
func (s *State) agreedCall(tag string, agreed *CallbackAt) (*CallbackAt, error) {
	if agreed == nil {
		return nil, nil
	}
	wish := *agreed
	if wish.Number != "" {
		number, err := s.callbackNumber(wish.Number)
		if err != nil {
			return nil, err
		}
		wish.Number = number
	}
	if s.wall.UnixMicro == 0 { // nobody has told what time it is yet
		return &wish, nil
	}
	now := s.wall.time(s.now)
	switch {
	case wish.At.IsZero():
		wish.At = now // again at once
	case wish.At.Sub(now) > maxCallbackAhead:
		return nil, fault.New(fault.Invalid, tag, "callback", "is more than a year from now")
	}
	wish.At = wish.At.UTC()
	return &wish, nil
}
