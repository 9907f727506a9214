package arispec

import (
	"encoding/json"
	"unicode/utf8"
)

// Opt is an optional query value with three states: absent (the zero Opt),
// zero, and set. Make one with [Some].
type Opt[T any] struct {
	v   T
	set bool
}

// Some returns a present value, also when v is T's zero value.
func Some[T any](v T) Opt[T] { return Opt[T]{v: v, set: true} }

// Get returns the value and whether it is present.
func (o Opt[T]) Get() (T, bool) { return o.v, o.set }

// Vars are variables by name as Asterisk reports them.
type Vars map[string]string

// UnmarshalJSON takes string values as they are and keeps the JSON text of
// any other value, so that one odd variable does not cost the event.
func (v *Vars) UnmarshalJSON(b []byte) error {
	if plain, ok := plainVars(b); ok {
		*v = plain
		return nil
	}
	var mixed map[string]json.RawMessage
	if err := json.Unmarshal(b, &mixed); err != nil {
		return err
	}
	out := make(Vars, len(mixed))
	for name, raw := range mixed {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			s = string(raw)
		}
		out[name] = s
	}
	*v = out
	return nil
}

// plainVars reads an object of strings without escapes, the usual case; it is
// in every event, so it is worth the lines. The caller has checked the syntax.
func plainVars(b []byte) (Vars, bool) {
	i := skipSpace(b, 0)
	if i >= len(b) || b[i] != '{' {
		return nil, false
	}
	out := Vars{}
	if i = skipSpace(b, i+1); i < len(b) && b[i] == '}' {
		return out, true
	}
	for {
		key, next, ok := plainString(b, skipSpace(b, i))
		if i = skipSpace(b, next); !ok || i >= len(b) || b[i] != ':' {
			return nil, false
		}
		val, next, ok := plainString(b, skipSpace(b, i+1))
		if i = skipSpace(b, next); !ok || i >= len(b) || !utf8.Valid(key) || !utf8.Valid(val) {
			return nil, false
		}
		out[string(key)] = string(val)
		switch b[i] {
		case '}':
			return out, true
		case ',':
			i++
		default:
			return nil, false
		}
	}
}

// SetVars are variables to set, by name.
type SetVars map[string]SetVar

// SetVar is a variable's value. ReportEvents asks for the variable in every
// later event of the channel or bridge (Asterisk 20.20, 22.10, 23.4 and later).
type SetVar struct {
	Value        string
	ReportEvents bool
}

// MarshalJSON writes a plain string where that is enough: versions before
// 22.10 understand nothing else.
func (v SetVar) MarshalJSON() ([]byte, error) {
	if !v.ReportEvents {
		return json.Marshal(v.Value)
	}
	return json.Marshal(struct {
		Value        string `json:"value"`
		ReportEvents bool   `json:"report_events"`
	}{v.Value, true})
}

// EventFilter is the body of applications.filter. A nil list is not sent and
// leaves that side of the filter unset. Prefer Disallowed: an Allowed list
// also suppresses the RESTResponse of REST over the websocket.
type EventFilter struct {
	Allowed    []EventTypeName `json:"allowed,omitempty"`
	Disallowed []EventTypeName `json:"disallowed,omitempty"`
}

// EventTypeName names an event type in an [EventFilter].
type EventTypeName struct {
	Type EventType `json:"type"`
}

// Disallow returns the filter that suppresses the given event types.
func Disallow(types ...EventType) *EventFilter {
	f := &EventFilter{Disallowed: make([]EventTypeName, 0, len(types))}
	for _, t := range types {
		f.Disallowed = append(f.Disallowed, EventTypeName{t})
	}
	return f
}
