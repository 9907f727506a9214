package sim

import (
	"slices"

	"strowger/switch/callmodel"
)

// toBridge reports whether an order about a sound is about a bridge.
func toBridge(e callmodel.Effect) bool {
	switch o := e.(type) {
	case callmodel.Play:
		return o.Bridge != ""
	case callmodel.StopPlay:
		return o.Play != ""
	case callmodel.NotifyTalk: // at another server the phone is named, not the leg
		return o.Endpoint != ""
	}
	return false
}

// collects notes which legs have a secret collection open.
func (k *checker) collects(e callmodel.Effect) {
	switch o := e.(type) {
	case callmodel.Collect:
		delete(k.secretOpen, o.Channel)
		if o.Secret {
			k.secretOpen[o.Channel] = o.Collect
		}
	case callmodel.StopCollect:
		delete(k.secretOpen, o.Channel)
	}
}

// checkCallbacks checks that a callback has one live call at most, and knows it.
func checkCallbacks(v *callmodel.View) error {
	attempts := map[callmodel.CallbackID]callmodel.CallID{}
	for _, c := range v.Calls {
		if c.Callback.IsZero() || c.Kind != callmodel.KindCallback || c.Phase == callmodel.PhaseOver {
			continue
		}
		if other, two := attempts[c.Callback]; two {
			return bad("one live attempt per callback", "callback %s: calls %s and %s", c.Callback, other, c.ID)
		}
		attempts[c.Callback] = c.ID
	}
	for _, b := range v.Callbacks {
		attempt, has := attempts[b.ID]
		delete(attempts, b.ID)
		if c := callOf(v, attempt); has && b.State == callmodel.CallbackDone && (c.Phase != callmodel.PhaseWaiting || c.Conns[0].Leg != callmodel.LegNone) {
			continue // it was removed while somebody is busy with it, or has become a call like others
		}
		if has && b.Call != attempt {
			return bad("a callback knows its attempt", "callback %s (%s) has %s, the call is %s", b.ID, b.State, b.Call, attempt)
		}
		if !b.Call.IsZero() && callOf(v, b.Call) == nil {
			return bad("a callback knows its attempt", "callback %s (%s) has %s, which is gone", b.ID, b.State, b.Call)
		}
	}
	for id, call := range attempts {
		return bad("a callback knows its attempt", "call %s is of callback %s, which is gone", call, id)
	}
	return nil
}

// dataOf merges what a client stores into what is there, as SetData says.
func dataOf(have []callmodel.AttachedData, c callmodel.SetData) []callmodel.AttachedData {
	next := []callmodel.AttachedData{}
	if !c.Replace {
		next = slices.Clone(have)
	}
	for _, e := range c.Entries {
		next = slices.DeleteFunc(next, func(d callmodel.AttachedData) bool { return d.App == e.App })
		if e.Data != "" {
			next = append(next, e)
		}
	}
	return next
}

// joinData expects the data of a consultation in the call that it becomes part
// of; where both have an application's, that of the call stays.
func (k *checker) joinData(e *callmodel.Event) {
	if e.Other.IsZero() || e.Kind != callmodel.EvTransferred && e.Kind != callmodel.EvConferenced {
		return
	}
	for _, d := range k.data[e.Other] {
		if !slices.ContainsFunc(k.data[e.Call.ID], func(o callmodel.AttachedData) bool { return o.App == d.App }) {
			k.data[e.Call.ID] = append(k.data[e.Call.ID], d)
		}
	}
	delete(k.data, e.Other)
}

// storeData notes what a client has stored; a call shares it with the
// consultations about it.
func (k *checker) storeData(c callmodel.SetData, v *callmodel.View) {
	i := slices.IndexFunc(v.Calls, func(o *callmodel.Call) bool { return o.Conn(c.Conn) != nil })
	if i < 0 {
		return
	}
	of := v.Calls[i]
	for _, o := range v.Calls {
		if o.ID == of.ID || chain(o) == chain(of) && slices.Equal(o.Attached, of.Attached) && o.Phase != callmodel.PhaseOver {
			k.data[o.ID] = dataOf(k.data[o.ID], c)
		}
	}
}

// transferData notes data that came with a transfer: they replace what either
// call had, and are with the call that goes on.
func (k *checker) transferData(data []callmodel.AttachedData, out callmodel.Output) {
	for i := range out.Events {
		e := &out.Events[i]
		if e.Kind != callmodel.EvCleared && e.Kind != callmodel.EvTransferred {
			continue
		}
		for _, d := range data {
			k.data[e.Call.ID] = slices.DeleteFunc(k.data[e.Call.ID], func(o callmodel.AttachedData) bool { return o.App == d.App })
		}
	}
	for i := range out.Events {
		if e := &out.Events[i]; e.Kind == callmodel.EvTransferred {
			k.data[e.Call.ID] = dataOf(k.data[e.Call.ID], callmodel.SetData{Entries: data})
		}
	}
}

func chain(c *callmodel.Call) callmodel.CallID {
	if c.Root.IsZero() {
		return c.ID
	}
	return c.Root
}

// checkData checks that what clients have stored with a call is still there.
func (k *checker) checkData(in callmodel.Input, out callmodel.Output, v *callmodel.View) error {
	if out.Fault == nil {
		switch c := in.(type) {
		case callmodel.SetData:
			k.storeData(c, v)
		case callmodel.RouteSelect:
			k.data[c.Call] = dataOf(k.data[c.Call], callmodel.SetData{Entries: c.Data})
		case callmodel.BlindTransfer:
			if of := callWith(v, c.Conn); of != nil {
				k.data[of.ID] = dataOf(k.data[of.ID], callmodel.SetData{Entries: c.Data})
			}
		case callmodel.Transfer:
			k.transferData(c.Data, out)
		}
	}
	for _, c := range v.Calls {
		for _, want := range k.data[c.ID] {
			if !slices.Contains(c.Attached, want) {
				return bad("attached data survive", "call %d has lost %+v: %+v", c.Number, want, c.Attached)
			}
		}
	}
	return nil
}
