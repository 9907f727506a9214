package callmodel

import (
	"strings"

	"strowger/switch/fault"
)

// DestKind says what a destination is.
type DestKind string

// The kinds of destination.
const (
	DestQueue    DestKind = "queue"    // a queue, by id
	DestAgent    DestKind = "agent"    // an agent, by login name
	DestIVR      DestKind = "ivr"      // a menu, by id
	DestNumber   DestKind = "number"   // whatever the number means: a queue's, an agent's, a parking place or the outside
	DestAnnounce DestKind = "announce" // play a sound, then end the call
	DestHangup   DestKind = "hangup"   // end the call, Value is the cause: busy, congestion, normal or empty
)

// Dest is where a call can go. Its text form is kind:value, as "queue:support".
type Dest struct {
	Kind  DestKind
	Value string
}

// IsZero reports whether no destination is given.
func (d Dest) IsZero() bool { return d.Kind == "" }

// String returns the text form.
func (d Dest) String() string {
	if d.IsZero() {
		return ""
	}
	return string(d.Kind) + ":" + d.Value
}

// MarshalText writes the text form.
func (d Dest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the text form, and nothing as the zero destination.
func (d *Dest) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Dest{}
		return nil
	}
	v, err := ParseDest(string(b))
	*d = v
	return err
}

// MaxDest is the longest text form of a destination, in bytes.
const MaxDest = 160

// ParseDest reads kind:value. A text without a kind is a number. It fails
// with kind Invalid.
func ParseDest(s string) (Dest, error) {
	bad := func(why string) (Dest, error) { return Dest{}, fault.New(fault.Invalid, "destination", s, why) }
	if s == "" || len(s) > MaxDest {
		return bad("a destination has 1 to 160 characters: a number, or kind:value as in queue:support")
	}
	kind, value, found := strings.Cut(s, ":")
	if !found {
		return Dest{Kind: DestNumber, Value: s}, nil
	}
	d := Dest{Kind: DestKind(kind), Value: value}
	switch d.Kind {
	case DestHangup:
		if _, ok := hangupCauses[value]; !ok {
			return bad("hangup takes busy, congestion, normal or nothing")
		}
	case DestQueue, DestAgent, DestIVR, DestNumber, DestAnnounce:
		if value == "" {
			return bad("the part after the colon is missing")
		}
	default:
		return bad("the kinds are queue, agent, ivr, number, announce and hangup")
	}
	if d.Kind == DestAgent {
		d.Value = strings.ToLower(value)
	}
	return d, nil
}

// hangupCauses are the words of DestHangup. Never changed.
var hangupCauses = map[string]Cause{"": CauseNormal, "normal": CauseNormal, "busy": CauseBusy, "congestion": CauseCongestion}
