package soap

import "strowger/switch/fault"

// Code is a SOAP 1.1 fault code without prefix (section 4.4.1).
type Code string

// The fault codes of SOAP 1.1.
const (
	CodeClient          Code = "Client"
	CodeServer          Code = "Server"
	CodeVersionMismatch Code = "VersionMismatch"
	CodeMustUnderstand  Code = "MustUnderstand"
)

// Fault is a SOAP fault, received or to be sent, and an error.
type Fault struct {
	Code  Code
	Text  string // faultstring
	Actor string // faultactor, usually empty

	// Detail writes the children of the detail element when the fault is sent;
	// nil leaves detail out, as SOAP 1.1 demands for faults that are not about
	// the body.
	Detail func(*Encoder)
	// DetailTree is the detail element of a received fault, or nil.
	DetailTree *Element
	// Status is the HTTP status to send it with; 0 leaves it to the handler.
	Status int
}

// Error returns code and text.
func (f *Fault) Error() string { return "soap fault " + string(f.Code) + ": " + f.Text }

// Unwrap gives the fault its kind: Client, VersionMismatch and MustUnderstand
// are fault.Invalid, anything else is fault.Internal.
func (f *Fault) Unwrap() error {
	kind := fault.Invalid
	if f.Code == CodeServer {
		kind = fault.Internal
	}
	return fault.New(kind, "soap", string(f.Code), f.Text)
}

// EncodeFault returns a whole envelope that carries f.
func EncodeFault(f *Fault) ([]byte, error) {
	e := NewEncoder(nil)
	e.StartEnvelope()
	e.Start(prefix + ":Fault")
	e.Leaf("faultcode", prefix+":"+string(f.Code))
	e.Leaf("faultstring", f.Text)
	if f.Actor != "" {
		e.Leaf("faultactor", f.Actor)
	}
	if f.Detail != nil {
		e.Start("detail")
		f.Detail(e)
		e.End()
	}
	e.End()
	e.EndEnvelope()
	return e.Bytes()
}
