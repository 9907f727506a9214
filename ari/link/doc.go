// Package link joins one Asterisk to the switch over ARI.
//
// [Stream] is the event websocket: it reads, stamps and queues events, and
// reports connects and disconnects in the same queue, in order. It decides
// nothing: what an event means, and what must be listed again after a
// reconnect, is the business of its one consumer.
//
// Goroutines: a Stream owns one supervisor and, per connection, a reader
// (inside the supervisor), a pinger and the few pings under way; all end before
// Stop returns.
package link
