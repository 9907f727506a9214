// Package events measures how long it takes from an event in Asterisk until the
// message about it arrives at a CRM (DESIGN.md 7): calls through a queue at a
// fixed rate, subscribers over ICI that answer at once.
//
// One clock is Asterisk's own: the times of its channel events (CEL), which it
// writes with microseconds when a thing happens. The other is this process's,
// when the request of our push has been read; both are the machine's. One message of each
// call is timed: "connected", from the agent's answer. It is found by the agent's
// channel, whose id holds the handle that the CRM sees. The call's end cannot be timed
// in this way: Asterisk announces it before it writes the channel event.
//
// Goroutines: those of the HTTP server that plays the CRMs; all have ended when [Run] returns.
package events
