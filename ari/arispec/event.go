package arispec

import (
	"encoding/json"
	"errors"
	"fmt"
)

// EventType is the discriminator of an event: "StasisStart".
type EventType string

// Event is one ARI event: a pointer to one of the generated event structs, or [*Unknown].
type Event interface {
	// Head returns what every event has.
	Head() *EventHeader
}

// EventHeader is what every event has. Fields that Asterisk left out are zero.
type EventHeader struct {
	Type        EventType `json:"type"`
	AsteriskID  string    `json:"asterisk_id,omitempty"`
	Application string    `json:"application,omitempty"`
	Timestamp   Date      `json:"timestamp,omitzero"`
}

// Head implements [Event].
func (h *EventHeader) Head() *EventHeader { return h }

// Unknown is an event of a type that this package does not know: Asterisk
// grows, and a consumer counts these and goes on. Raw is the whole frame.
type Unknown struct {
	EventHeader
	Raw json.RawMessage `json:"-"`
}

var errNoType = errors.New("ari: event has no type")

// DecodeEvent decodes one event frame. It tolerates missing and additional
// members. It fails for text that is not one JSON object, for an object
// without a type, and for a member of the wrong JSON type. The result shares no
// memory with b, except [Unknown].Raw, which is b.
func DecodeEvent(b []byte) (Event, error) {
	name, ok := TypeOf(b)
	if !ok {
		var head EventHeader
		if err := json.Unmarshal(b, &head); err != nil {
			return nil, fmt.Errorf("ari: event is not valid: %w", err)
		}
		name = string(head.Type)
	}
	if name == "" {
		return nil, errNoType
	}
	e := newEvent(name)
	if e == nil {
		u := &Unknown{Raw: b}
		if err := json.Unmarshal(b, &u.EventHeader); err != nil {
			return nil, fmt.Errorf("ari: event of unknown type %.40q is not valid: %w", name, err)
		}
		return u, nil
	}
	if err := json.Unmarshal(b, e); err != nil {
		return nil, fmt.Errorf("ari: event %s is not valid: %w", name, err)
	}
	if e.Head().Type != EventType(name) {
		return nil, fmt.Errorf("ari: event calls itself %s and %.40q", name, e.Head().Type)
	}
	return e, nil
}

// TypeOf finds the top-level member "type" of an event without decoding the
// rest. ok is false when the text is not plainly an object with such a member,
// an escape in the name or value included: then only a full decode can tell.
// It is not a validity check.
func TypeOf(b []byte) (name string, ok bool) {
	i := skipSpace(b, 0)
	if i >= len(b) || b[i] != '{' {
		return "", false
	}
	i++
	for {
		key, next, ok := plainString(b, skipSpace(b, i))
		if !ok {
			return "", false
		}
		i = skipSpace(b, next)
		if i >= len(b) || b[i] != ':' {
			return "", false
		}
		i = skipSpace(b, i+1)
		if string(key) == "type" {
			val, _, ok := plainString(b, i)
			return string(val), ok
		}
		if i = skipValue(b, i); i < 0 {
			return "", false
		}
		i = skipSpace(b, i)
		if i >= len(b) || b[i] != ',' {
			return "", false
		}
		i++
	}
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// plainString reads a string without escapes that starts at i.
func plainString(b []byte, i int) (s []byte, next int, ok bool) {
	if i >= len(b) || b[i] != '"' {
		return nil, 0, false
	}
	for j := i + 1; j < len(b); j++ {
		switch b[j] {
		case '"':
			return b[i+1 : j], j + 1, true
		case '\\':
			return nil, 0, false
		}
	}
	return nil, 0, false
}

// skipValue returns the position after the value that starts at i, or -1.
// Brackets are counted, not matched: the decoder checks the text anyway.
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = skipString(b, i); i < 0 {
				return -1
			}
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i // end of the surrounding object after a number or literal
			}
			if depth == 0 {
				return i + 1
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return -1
}

// skipString returns the position after the string that starts at i, or -1.
func skipString(b []byte, i int) int {
	for j := i + 1; j < len(b); j++ {
		switch b[j] {
		case '\\':
			j++
		case '"':
			return j + 1
		}
	}
	return -1
}
