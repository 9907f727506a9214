// Package link joins one Asterisk to the switch over ARI.
//
// [Stream] is the event websocket: it reads, stamps and queues events, and
// reports connects and disconnects in the same queue, in order. It decides
// nothing: what an event means, and what must be listed again after a
// reconnect, is the business of its one consumer.
//
// [Link] is that consumer: events become facts (ingest.go; transfers by phone
// refer.go, digits digits.go, phones endpoints.go), orders become requests
// (apply*.go), and after every connect all that lives there is listed
// (resync.go). It keeps no state of calls, and makes no decision about one.
//
// Not here: asking an HTTP server for a decision, which is no business of
// Asterisk's, and the dialplan, which is in package configs.
//
// Goroutines: a Stream owns one supervisor and, per connection, a reader
// (inside the supervisor), a pinger and the few pings under way; a Link one
// consumer, one heartbeat, one watcher of the audio (air.go), one tidier, a listing beside the events at times,
// and the AMI session for talk-notify once it is needed. All end before Stop
// returns.
package link
