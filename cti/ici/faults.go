package ici

import (
	"errors"
	"fmt"
	"strconv"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Code is the pair that identifies an ICI error, with the hint whether the
// same request may succeed later (reference 1.2). A zero Area stands for the
// area of the interface that answers.
type Code struct {
	Area   int
	Number int
	Retry  bool
}

// String returns area/number: 5/2.
func (c Code) String() string { return strconv.Itoa(c.Area) + "/" + strconv.Itoa(c.Number) }

// Numbers that exist in every area.
const (
	numberInternal     = 1
	numberNotConnected = 90
	numberMalformed    = 91
	numberNotOffered   = 92
)

// The registry of error codes. Only 5/2 is known from the reference (1.2);
// the others are this product's, as no public list exists (sap.md 2.4).
var (
	CodeUnknownQueue       = Code{1, 2, false}
	CodeUnknownCallback    = Code{1, 3, false}
	CodeCallbackOver       = Code{1, 4, false}
	CodeUnknownUser        = Code{2, 2, false}
	CodeWorkmodeNotAllowed = Code{2, 3, false}
	CodeQueueNotAllowed    = Code{2, 4, false}
	CodeAddressNotAllowed  = Code{2, 5, false}
	CodeUnknownContainer   = Code{3, 2, false}
	CodeChannelDisabled    = Code{3, 3, false}
	CodeBadAppURL          = Code{3, 4, false}
	CodeAppURLNotAllowed   = Code{3, 5, false}
	CodeTooManyTargets     = Code{3, 6, true}
	CodeUnknownItem        = Code{4, 2, false}
	CodeNotCapable         = Code{4, 3, false}
	CodeBadDestination     = Code{4, 4, false}
	CodeBadAttachedData    = Code{4, 5, false}
	CodeIllegalNumber      = Code{5, 2, false}
	CodeLineNotAvailable   = Code{5, 3, false}
	CodeStateConflict      = Code{5, 4, false}
	CodeNotReachable       = Code{5, 5, false}
	CodeUnknownForm        = Code{9, 2, false}
	CodeUnknownInstance    = Code{9, 3, false}
	CodeNoSuchItem         = Code{0, 2, false} // in the area of a channel's interface
	CodeDisabled           = Code{0, 3, false} // in the area of a disabled channel's interface
)

// Internal is x/1: a defect or an outcome nobody knows.
func Internal(s Service) Code { return Code{s.Area(), numberInternal, true} }

// NotConnected is x/90: the switch cannot act now.
func NotConnected(s Service) Code { return Code{s.Area(), numberNotConnected, true} }

// Malformed is x/91: the request itself is wrong.
func Malformed(s Service) Code { return Code{s.Area(), numberMalformed, false} }

// NotOffered is x/92: the operation does not exist here.
func NotOffered(s Service) Code { return Code{s.Area(), numberNotOffered, false} }

// Error is a refusal with an ICI code. Service is the interface whose
// namespace the fault's detail carries.
type Error struct {
	Service Service
	Code    Code
	Text    string // what is wrong and what to do, for a person
	Err     error  // cause, or nil
}

// Error returns code and text.
func (e *Error) Error() string { return "ici " + e.Code.String() + ": " + e.Text }

// Unwrap gives the error a kind when it has no cause that carries one.
func (e *Error) Unwrap() error {
	if e.Err != nil {
		return e.Err
	}
	kind := fault.Invalid
	switch {
	case e.Code.Number == numberInternal:
		kind = fault.Internal
	case e.Code.Number == numberNotConnected:
		kind = fault.Unavailable
	case e.Code.Number == numberNotOffered:
		kind = fault.Unsupported
	case e.Code == CodeAppURLNotAllowed:
		kind = fault.Denied
	}
	return fault.New(kind, "ici", e.Code.String(), e.Text)
}

// Refuse makes an Error.
func Refuse(s Service, c Code, format string, args ...any) *Error {
	return &Error{Service: s, Code: c, Text: fmt.Sprintf(format, args...)}
}

// byKind maps what the core says to a code, where the interface does not
// matter. Area 0 is filled in.
var byKind = map[fault.Kind]Code{
	fault.Internal:    {0, numberInternal, true},
	fault.Invalid:     {0, numberMalformed, false},
	fault.NotFound:    {0, numberMalformed, false},
	fault.Conflict:    {0, numberMalformed, false},
	fault.Denied:      {0, numberMalformed, false},
	fault.Unsupported: {0, numberNotOffered, false},
	fault.Busy:        {0, numberNotConnected, true},
	fault.Unavailable: {0, numberNotConnected, true},
	fault.Unknown:     {0, numberInternal, false},
	fault.Overrun:     {0, numberNotConnected, true},
	fault.Stale:       {0, numberNotConnected, true},
	fault.Stopped:     {0, numberNotConnected, true},
}

// byService holds the codes that one interface has for a kind.
var byService = map[Service]map[fault.Kind]Code{
	ServiceSystem: {fault.NotFound: CodeUnknownUser},
	ServiceUser: {
		fault.NotFound: CodeUnknownUser, fault.Conflict: CodeWorkmodeNotAllowed, fault.Denied: CodeWorkmodeNotAllowed,
	},
	ServiceContainer: {
		fault.NotFound: CodeUnknownContainer, fault.Conflict: CodeChannelDisabled, fault.Denied: CodeAppURLNotAllowed,
		fault.Unsupported: CodeChannelDisabled,
	},
	ServiceItem: {
		fault.NotFound: CodeUnknownItem, fault.Conflict: CodeNotCapable, fault.Denied: CodeNotCapable, fault.Unsupported: CodeNotCapable,
	},
	ServicePhoneLine: {
		fault.NotFound: CodeLineNotAvailable, fault.Conflict: CodeStateConflict, fault.Denied: CodeLineNotAvailable,
	},
	ServicePhoneCall: {
		fault.NotFound: CodeUnknownItem, fault.Conflict: CodeStateConflict, fault.Denied: CodeLineNotAvailable, fault.Unsupported: CodeNotCapable,
	},
}

// CodeFor is the table fault.Kind + interface -> code.
func CodeFor(s Service, k fault.Kind) Code {
	c, ok := byService[s][k]
	if !ok {
		if c, ok = byKind[k]; !ok {
			c = byKind[fault.Internal]
		}
	}
	return c.in(s)
}

func (c Code) in(s Service) Code {
	if c.Area == 0 {
		c.Area = s.Area()
	}
	return c
}

// InService turns any error into an [Error] of the interface s: an Error
// keeps its code, others are mapped by [CodeFor]. The text of an internal
// error stays in the log. nil stays nil.
func InService(s Service, err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		e := *known
		e.Service = s
		e.Code = e.Code.in(s)
		return &e
	}
	var received *soap.Fault
	if errors.As(err, &received) && received.Code != soap.CodeServer {
		return &Error{Service: s, Code: Malformed(s), Text: received.Text, Err: err}
	}
	kind := fault.KindOf(err)
	text := fault.ReasonOf(err)
	if kind == fault.Internal {
		text = "internal error; the switch's log has the details"
	}
	return &Error{Service: s, Code: CodeFor(s, kind), Text: text, Err: err}
}

// FaultOf returns the SOAP fault for an error, with IciErrorCodes in the
// namespace of interface s, or of the [Error]'s own if it has one (reference
// 1.2: unqualified children, in order).
// VersionMismatch, MustUnderstand and HTTP statuses of the SOAP layer are kept.
func FaultOf(s Service, err error) *soap.Fault {
	out := &soap.Fault{Code: soap.CodeClient}
	var lower *soap.Fault
	if errors.As(err, &lower) {
		out.Code, out.Status = lower.Code, lower.Status
	}
	var own *Error
	if errors.As(err, &own) && own.Service != 0 {
		s = own.Service
	}
	e, ok := InService(s, err).(*Error)
	if !ok {
		e = Refuse(s, Internal(s), "internal error")
	}
	if lower == nil && (e.Code.Number == numberInternal || e.Code.Number == numberNotConnected) {
		out.Code = soap.CodeServer
	}
	out.Text = e.Text
	out.Detail = func(enc *soap.Encoder) {
		enc.Start("x:IciErrorCodes")
		enc.Attr("xmlns:x", s.Namespace())
		enc.LeafInt("areaCode", e.Code.Area)
		enc.LeafInt("errorCode", e.Code.Number)
		enc.Leaf("errorText", e.Text)
		enc.LeafBool("errorRetry", e.Code.Retry)
		enc.End()
	}
	return out
}

// CodeOf reads the IciErrorCodes out of a received fault. ok is false when
// the fault's detail holds none.
func CodeOf(f *soap.Fault) (c Code, text string, ok bool) {
	d := f.DetailTree.Child("IciErrorCodes")
	if d == nil {
		return Code{}, "", false
	}
	var err error
	r := reader{parent: d, err: &err}
	r.whole(field{name: "areaCode"}, &c.Area)
	r.whole(field{name: "errorCode"}, &c.Number)
	r.text(field{name: "errorText", max: 4096}, &text)
	r.truth(field{name: "errorRetry"}, &c.Retry)
	return c, text, err == nil
}
