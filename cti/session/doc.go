// Package session delivers messages to peers that have to be called: one
// ordered, bounded queue (a lane) per agent session and destination.
//
// The rules are ICI's (SAP OII reference 4.2 and 12; sap.md 2.6) and hold for
// every dialect that pushes events:
//
//   - Inside a lane the next message waits for the reply to the one before, at
//     most Config.Wait after that was written to the connection; then it is
//     sent anyway. A reply is waited for at most Config.ReplyTimeout.
//   - A destination has Config.Workers requests open at once, shared fairly by
//     its lanes.
//   - A failure that says nothing was received is tried again after the delays
//     of Limits.Backoff, and the lane waits meanwhile, so the order holds. A
//     message that a later one has overtaken is never sent again: an old state
//     must not arrive after a newer one.
//   - A refusal that the peer calls temporary is tried again once, any other
//     not at all.
//   - Too many failures in a row, too long a silence or a full queue end the
//     lane: its messages are dropped and counted, and the owner is told.
//
// What a failure allows is read from its fault.Kind: Unavailable means
// nothing was received, Busy means refused but not for good, everything else is final.
//
// The producer is never blocked. The package knows no protocol: sending is a
// function given by the owner.
//
// # Goroutines
//
// A [Deliverer] owns one goroutine per lane that has messages, one per open
// request, and one per lane that was ended, while the owner is told. Stop
// waits for all of them.
package session
