// Package callmodel is the switch as a value: state in, facts and orders out.
//
// [State.Step] applies one [Input] (a fact from Asterisk or SIP, a command from
// a CTI client, a fired timer) at a given [Instant] and returns an [Output]:
// events (what happened, for everybody), effects (what must be done, by
// exactly one adapter), timers and, for a command, the verdict. Step is pure:
// no I/O, no clock, no goroutine, no randomness, and nothing in its output
// depends on map order, so a journal of inputs is a complete history.
//
// The vocabulary is CSTA's (ECMA-269): Call, Connection, Device; Alerting,
// Connected, Held, Queued. Asterisk words stop at ari/link, vendor words at
// their adapter.
//
// Ownership: a State belongs to the one goroutine that calls Step. Every
// [Call], [Agent], [Queue] and [Config] that leaves it is immutable from then
// on: Step changes a copy (see State.edit), so readers need no lock.
//
// It is not a router (switch/acd decides who gets a call, through [Router]),
// not a store and not a protocol. It imports the standard library,
// switch/fault and the two pure packages below it: switch/numbering (what a
// number means) and switch/calendar (when a queue is open).
package callmodel
