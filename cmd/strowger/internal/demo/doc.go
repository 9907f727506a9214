// Package demo is the traffic of `strowger run`: callers who dial the queues,
// agents at their phones, and a small CRM behind the ICI interface. Each is an
// actor that sees no more of the switch than its counterpart in the world: a
// caller has a phone line, a CRM has SOAP. The narrator alone reads the
// switch's events and tells them as lines for people or as JSON.
//
// It is no load generator and no test of its own: it reports what it saw and
// counts what should have worked and did not.
//
// [Demo] owns every goroutine here, through one wait group that Run waits for.
// Their number is bounded by the agents and by [maxLive] callers.
package demo
