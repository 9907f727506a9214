package demo

import "context"

// Lines is the telephone network as people see it: callers' lines and the
// agents' phones, over SIP or in the simulated exchange.
type Lines interface {
	// Start makes the phones ready to be called.
	Start(ctx context.Context) error
	// Call dials a number; it returns when the call is on its way.
	Call(ctx context.Context, from Caller, dialled string) (Leg, error)
	// Next waits for the next call at an agent's phone.
	Next(ctx context.Context, agent Agent) (Ring, error)
	// Hear checks that the caller and the agent hear each other and says what
	// is heard. Its error says what is on the line instead.
	Hear(ctx context.Context, caller Leg, agent Agent) (string, error)
	// Sound reports whether there is any.
	Sound() bool
	// Stop hangs everything up. It may be called twice.
	Stop(ctx context.Context) error
}

// Caller is who calls.
type Caller struct {
	Number string // as a carrier shows it: +4917055501xx
	Name   string
	Tone   float64 // Hz, what they say
}

// Leg is one call as a phone sees it.
type Leg interface {
	Hangup(ctx context.Context) error
	// Done is closed when the call is over; Why then says how.
	Done() <-chan struct{}
	Why() string
}

// Ring is a call to a phone.
type Ring interface {
	Leg
	// Answered reports whether the call is up: by ourselves, or by the phone itself.
	Answered() bool
	Answer(ctx context.Context) error
	Reject(ctx context.Context) error
}

// Agent is one agent of the demo.
type Agent struct {
	ID       string // login name
	Line     string // number of the line, and name of the phone's endpoint
	OnAccept bool   // offers are accepted in the CRM, and the phone answers by itself
	Password string // of the phone
	Tone     float64
}

// Queue is one queue that callers dial.
type Queue struct{ ID, Name, Number string }
