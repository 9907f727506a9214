package sim

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// picture is the model before or after a step.
type picture struct {
	view   *callmodel.View
	timers []callmodel.Timer
	bytes  []byte // nil: not taken
}

// opOf is the operation of the capability table that a command needs, and the
// connection that it is about.
func opOf(in callmodel.Input) (op callmodel.Op, conn callmodel.ConnID, ok bool) {
	switch c := in.(type) {
	case callmodel.Accept:
		return callmodel.OpAccept, c.Conn, true
	case callmodel.Reject:
		return callmodel.OpReject, c.Conn, true
	case callmodel.Deflect:
		return callmodel.OpDeflect, c.Conn, true
	case callmodel.Drop:
		return callmodel.OpDrop, c.Conn, true
	case callmodel.DropAll:
		return callmodel.OpDropAll, c.Conn, true
	case callmodel.HoldCall:
		return callmodel.OpHold, c.Conn, true
	case callmodel.Retrieve:
		return callmodel.OpRetrieve, c.Conn, true
	case callmodel.Alternate:
		return callmodel.OpAlternate, c.Conn, true
	case callmodel.Consult:
		return callmodel.OpConsult, c.Conn, true
	case callmodel.Transfer:
		return callmodel.OpTransfer, c.Conn, true
	case callmodel.Conference:
		return callmodel.OpConference, c.Conn, true
	case callmodel.Reconnect:
		return callmodel.OpReconnect, c.Conn, true
	case callmodel.BlindTransfer:
		return callmodel.OpBlindTransfer, c.Conn, true
	}
	return opOfMore(in)
}

func opOfMore(in callmodel.Input) (op callmodel.Op, conn callmodel.ConnID, ok bool) {
	switch c := in.(type) {
	case callmodel.DropParty:
		return callmodel.OpDropParty, c.Conn, true
	case callmodel.Mute:
		return callmodel.OpMute, c.Conn, true
	case callmodel.Park:
		return callmodel.OpPark, c.Conn, true
	case callmodel.PlayFile:
		return callmodel.OpPlay, c.Conn, true
	case callmodel.SendDigits:
		return callmodel.OpSendDigits, c.Conn, true
	case callmodel.RequireWrapUp:
		return callmodel.OpRequireWrapUp, c.Conn, true
	case callmodel.EndWrapUp:
		return callmodel.OpEndWrapUp, c.Conn, true
	case callmodel.SetDisposition:
		return callmodel.OpDispose, c.Conn, true
	}
	return 0, callmodel.ConnID{}, false
}

func connOf(v *callmodel.View, id callmodel.ConnID) *callmodel.Connection {
	for _, c := range v.Calls {
		if p := c.Conn(id); p != nil {
			return p
		}
	}
	return nil
}

// verdict checks that the capability table decides, that a refusal gives its
// reason, and that a refused command has left everything as it was.
func (k *checker) verdict(in callmodel.Input, out callmodel.Output, before, after picture) error {
	if _, ok := in.(callmodel.Command); !ok {
		if out.Fault != nil {
			return bad("only commands are refused", "%s: %v", in.Tag(), out.Fault)
		}
		return nil
	}
	k.commands[in.Tag()]++
	if out.Fault == nil {
		if op, conn, ok := opOf(in); ok {
			if p := connOf(before.view, conn); p == nil || !callmodel.Capabilities(p).Has(op) {
				return bad("the capability table decides", "%s was accepted; the connection: %+v", in.Tag(), p)
			}
		}
		return done(in, after.view)
	}
	k.refused[in.Tag()]++
	var why *fault.Error
	if !errors.As(out.Fault, &why) || why.Reason == "" || why.Kind == 0 {
		return bad("a refusal gives its reason", "%s: %v", in.Tag(), out.Fault)
	}
	if op, conn, ok := opOf(in); ok && why.Kind == fault.Conflict {
		if p := connOf(before.view, conn); p != nil && callmodel.Capabilities(p).Has(op) && strings.Contains(why.Reason, "not possible while the connection is") {
			return bad("the capability table decides", "%s is in the set %s and was refused as if it were not", in.Tag(), callmodel.Capabilities(p))
		}
	}
	return untouched(in, out, before, after)
}

func untouched(in callmodel.Input, out callmodel.Output, before, after picture) error {
	b, a := before.view, after.view
	same := len(out.Events) == 0 && len(out.Effects) == 0 && len(out.Timers) == 0 && b.Events == a.Events && b.Config == a.Config &&
		slices.Equal(b.Calls, a.Calls) && slices.Equal(b.Agents, a.Agents) && slices.Equal(b.Queues, a.Queues) && reflect.DeepEqual(b.Callbacks, a.Callbacks) &&
		slices.Equal(b.Nodes, a.Nodes) && slices.Equal(before.timers, after.timers)
	if !same || !bytes.Equal(before.bytes, after.bytes) {
		return bad("a refused command changes nothing", "%s (%v): events %v effects %d timers %d\nbefore %s\nafter  %s", in.Tag(), out.Fault,
			out.Events, len(out.Effects), len(out.Timers), before.bytes, after.bytes)
	}
	return nil
}

// input checks that no secret is in an input: neither a digit of a secret
// collection nor a whole entry.
func (k *checker) input(in callmodel.Input, body []byte) error {
	if d, ok := in.(callmodel.DigitReceived); ok && k.secretOpen[d.Channel] == d.Collect && d.Collect != 0 {
		return bad("secret digits stay in the link", "digit %s of collection %d", d.Digit, d.Collect)
	}
	return k.canary("an input", body)
}

// canary looks for secret entries in a text.
func (k *checker) canary(where string, text []byte) error {
	for _, pin := range k.secrets {
		if bytes.Contains(text, []byte(pin)) {
			return bad("secret digits stay in the link", "%s has a secret entry: %s", where, text)
		}
	}
	return nil
}
