// Package ami is a small client of the Asterisk Manager Interface: enough to
// check that it can be reached and what the account may do, and to mirror what
// ARI lacks (existing app_queue queues). Losing it never stops calls.
//
//	Asterisk Call Manager/11.0.0\r\n      banner, once
//	Action: Ping\r\nActionID: sw-1\r\n\r\n
//	Response: Success\r\nActionID: sw-1\r\nPing: Pong\r\n\r\n
//	Event: QueueMemberStatus\r\n...\r\n\r\n
//
// A [Message] is a list of "Name: value" lines up to an empty line. The
// protocol has no escape: a value with a line end would start another header
// or another action, so [AppendAction] refuses it. Lines out are bounded by
// Asterisk's 1,024 bytes, lines in by 64 KiB.
//
// [Client] is one connection from Dial to Close. It does not reconnect, and
// knows nothing about calls. Goroutines: one reader and one pinger per Client,
// both ended when Close returns.
package ami
