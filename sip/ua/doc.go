// Package ua is a SIP telephone without a person: it registers, places and
// answers calls, holds them, sends tones and digits and hears what comes back.
// `strowger demo` and the end-to-end tests are made of it.
//
// A [UA] is one address of record on one UDP socket; many live in one process,
// sharing one rtpio.Pacer. A [Call] is one dialog with its audio. sipgo gives
// the parser, the transports and the transactions; dialogs are kept here,
// because a phone under test has to know exactly what it did.
//
// Goroutines: sipgo reads the socket and runs one goroutine per request; the
// UA counts those that are in its handlers, plus one per outgoing INVITE, one
// per BYE, per remote-controlled hold and one for registration, and Stop waits for all of them. Everything
// a Call says of itself is read under its lock or waited for with a context.
//
// It transfers by REFER ([Call.Refer], [Call.ReferReplaces]), is taken over by
// INVITE with Replaces, and obeys NOTIFY talk and hold when Config.Talk says so.
// A REFER that comes in is declined with 603.
//
// It is not the switch's own SIP leg (that is sip/leg), not a proxy and not a
// registrar. UDP, G.711 and RFC 4733 only; no TLS, no SRTP, no forking.
package ua
