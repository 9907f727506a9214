package fault

import (
	"context"
	"errors"
	"fmt"
)

// Kind classifies a failure by what the caller can do about it. The numbers
// are stable: they are written to the journal.
type Kind uint8

const (
	// Internal is a defect of ours: log it, do not expect a retry to help.
	Internal Kind = 1
	// Invalid means the request itself is wrong: malformed, out of bounds, illegal characters.
	Invalid Kind = 2
	// NotFound means the named object does not exist (any more).
	NotFound Kind = 3
	// Conflict means the object exists, and its state forbids the operation.
	Conflict Kind = 4
	// Denied means policy or credentials forbid it.
	Denied Kind = 5
	// Unsupported means this station, channel or version can never do it.
	Unsupported Kind = 6
	// Busy means a bounded queue is full: the same request may succeed a little later.
	Busy Kind = 7
	// Unavailable means a peer (Asterisk, CRM, database) cannot be reached now.
	Unavailable Kind = 8
	// Unknown means the request was sent and nobody knows whether it took effect:
	// it must be resolved by evidence, never repeated blindly (DESIGN.md 1.4).
	Unknown Kind = 9
	// Overrun means a reader was too slow and was cut off; it must take a new snapshot.
	Overrun Kind = 10
	// Stale means the request's deadline or version has passed.
	Stale Kind = 11
	// Stopped means this component is shutting down.
	Stopped Kind = 12
)

var kindNames = [...]string{
	Internal: "internal", Invalid: "invalid", NotFound: "not found", Conflict: "conflict",
	Denied: "denied", Unsupported: "unsupported", Busy: "busy", Unavailable: "unavailable",
	Unknown: "unknown", Overrun: "overrun", Stale: "stale", Stopped: "stopped",
}

// String returns the kind in lower-case words, for logs and error texts.
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Error is a failure: Op is the operation ("ari: answer"), Subject the id it
// was about, Reason what a person needs to know (what, why, what to do), Err
// the cause or nil.
type Error struct {
	Kind    Kind
	Op      string
	Subject string
	Reason  string
	Err     error
}

// New makes an Error without a cause.
func New(k Kind, op, subject, reason string) *Error {
	return &Error{Kind: k, Op: op, Subject: subject, Reason: reason}
}

// Newf is [New] with a formatted reason.
func Newf(k Kind, op, subject, format string, args ...any) *Error {
	return &Error{Kind: k, Op: op, Subject: subject, Reason: fmt.Sprintf(format, args...)}
}

// Wrap makes an Error around a cause. It returns nil when err is nil.
func Wrap(k Kind, op, subject string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: k, Op: op, Subject: subject, Err: err}
}

// Error reads "op subject: kind: reason: cause", leaving out what is empty.
func (e *Error) Error() string {
	s := e.Op
	if e.Subject != "" {
		if s != "" {
			s += " "
		}
		s += e.Subject
	}
	if s != "" {
		s += ": "
	}
	s += e.Kind.String()
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the Kind of the first Error in err's chain. A cancelled or
// expired context is Stopped or Unavailable; anything else is Internal; nil is 0.
func KindOf(err error) Kind {
	if err == nil {
		return 0
	}
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Kind
	case errors.Is(err, context.Canceled):
		return Stopped
	case errors.Is(err, context.DeadlineExceeded):
		return Unavailable
	}
	return Internal
}

// Is reports whether err is of kind k.
func Is(err error, k Kind) bool { return KindOf(err) == k }

// Retryable reports whether sending the same request again later is safe and
// may help. Unknown is not retryable: the first try may have taken effect.
func Retryable(err error) bool {
	k := KindOf(err)
	return k == Busy || k == Unavailable
}

// ReasonOf returns the text for a person: the Reason of the first Error in
// the chain, or the whole text of a foreign error.
func ReasonOf(err error) string {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) && e.Reason != "" {
		return e.Reason
	}
	return err.Error()
}
