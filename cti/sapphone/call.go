package sapphone

import (
	"context"
	"strings"
)

// Type is an ABAP data type, as far as function modules with flat parameters
// use them.
type Type string

// The types. Every value travels as text: [Char] and [String] without trailing
// blanks, [Numc] with all its digits, [Int4] in decimal, [Dats] as yyyymmdd,
// [Tims] as hhmmss; the empty text is the type's initial value.
const (
	Char      Type = "CHAR"
	Numc      Type = "NUMC"
	Int4      Type = "INT4"
	Dats      Type = "DATS"
	Tims      Type = "TIMS"
	String    Type = "STRING"
	Structure Type = "STRUCT" // flat: its fields are none of this type
)

// Direction says who fills a parameter, seen from who serves the function.
type Direction string

// The directions of ABAP function modules.
const (
	Import   Direction = "I"
	Export   Direction = "E"
	Changing Direction = "C"
	Tables   Direction = "T"
)

// Column is a field of a structure or of a table's line.
type Column struct {
	Name string
	Type Type // never Structure
	Len  int  // characters; 4 bytes for Int4; 0 for String
}

// Param is a parameter of a function module.
type Param struct {
	Name     string
	Dir      Direction
	Type     Type // Structure for a structure and for every table
	Len      int  // characters; 4 bytes for Int4; 0 for String and Structure
	Optional bool
	Columns  []Column // of a structure or of a table's line, in order
}

// Function is the interface of a function module, as the metadata has it.
type Function struct {
	Name   string
	Params []Param // in order
}

// Param returns a parameter by its name without regard to case, or nil.
func (f *Function) Param(name string) *Param {
	for i := range f.Params {
		if strings.EqualFold(f.Params[i].Name, name) {
			return &f.Params[i]
		}
	}
	return nil
}

// Field is a named value. A structure has Fields instead of Text.
type Field struct {
	Name   string
	Text   string
	Fields []Field
}

// Table is a table parameter with its lines. A table without lines is one that
// was passed and is empty.
type Table struct {
	Name string
	Rows [][]Field // none of them a structure
}

// Call is a call of a function module. Names are compared without regard to case.
type Call struct {
	Function string
	Imports  []Field // importing and changing parameters that were passed
	Tables   []Table // table parameters that were passed
	// Wanted lists the exporting parameters that the caller asked for; nil
	// asks for all of them. Tables come back whether or not they are listed.
	Wanted []string
	// Unknown lists parameters that were passed and that the metadata do not
	// have. They are ignored, and named in the log once.
	Unknown []string
}

// Reply is what a function module returned. Its fields are in the order of the
// metadata, and in their declared length or shorter.
type Reply struct {
	Exports []Field
	Tables  []Table
}

// Exception is an ABAP exception: the call itself could not be made. What the
// switch refuses is no exception, but a return code in the [Reply].
type Exception struct {
	Name string // as ABAP catches it: FU_NOT_FOUND
	Text string
	Err  error // cause, or nil
}

// Error returns name and text.
func (e *Exception) Error() string { return "sapphone: " + e.Name + ": " + e.Text }

// Unwrap returns the cause.
func (e *Exception) Unwrap() error { return e.Err }

// Names of the exceptions that a dispatcher raises.
const (
	NotFoundException = "FU_NOT_FOUND"          // no such function
	SystemException   = "SYSTEM_FAILURE"        // a defect of ours, or a value that cannot be read
	BusyException     = "RESOURCE_FAILURE"      // too many calls at once
	StoppedException  = "COMMUNICATION_FAILURE" // the switch stops, or the conversation is over
)

// Peer is who opened a conversation.
type Peer struct {
	Transport string // "soap-rfc", "type-t"
	Remote    string // address and port
	User      string // who logged on, if anybody
	System    string // names the calling SAP system where the transport tells it: registrations are kept for each
}

// Conversation is one RFC connection. It may carry any number of calls, one at
// a time or several at once.
type Conversation struct {
	ID   uint64 // of this run, from 1 on
	Peer Peer

	done   context.Context // ends with the conversation
	cancel context.CancelCauseFunc
}

// Dispatcher executes calls of function modules. It is safe for concurrent
// use. A transport opens a conversation for each connection, dispatches what
// comes on it, and closes it as soon as the peer is gone: what then still
// waits in a call, as SPS_WAITFORCALL does, ends.
type Dispatcher interface {
	// Describe returns the interface of a function that SAP may call, under its
	// name or an alias. The caller must not change it.
	Describe(function string) (*Function, bool)
	// Open begins a conversation. Its errors are faults: Busy when there are too
	// many, Stopped.
	Open(p Peer) (*Conversation, error)
	// Close ends a conversation. It may be called twice.
	Close(c *Conversation)
	// Dispatch executes a call and returns when it is done, which for
	// SPS_WAITFORCALL can take as long as its timeout. An error is always an
	// *Exception.
	Dispatch(ctx context.Context, c *Conversation, call Call) (Reply, error)
}
