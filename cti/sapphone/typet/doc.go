// Package typet speaks the classic RFC wire, as far as a destination of type T
// (TCP/IP, "Registered Server Program") needs it: a [Listener] plays the
// gateway and the program behind it, and a [Client] calls as an ABAP system
// does. It knows neither function modules nor the switch: a [Handler] gets
// calls with their parameters as they travelled, and [Column] and [Row] turn
// those into texts.
//
// This is experimental. Nobody publishes the protocol; what is known comes
// from others' recordings, and "What is proven" below says how far.
//
// # The conversation
//
// The destination's gateway host and service name this listener (port 3300 to
// 3399 = sapgw00 to sapgw99). Nothing registers anywhere. Every payload is an NI frame:
// four bytes of length before it.
//
//	greeting, 64 or 80 bytes    -> the same, level 0x0f, our abilities added
//	0xca: which program         -> accepted: an id, and the caller's passport back
//	NI_PING                     -> NI_PONG, at any time, within a call too
//	0xcb: logon, call, or both  -> 0xcb: reply, exception, or logon accepted
//	0x08 and 0x07, then 0x09    the same for what is larger than 28,000 bytes
//	0x0b                        ends a conversation and its running call
//
// A reply says that the conversation is over (code 18), as the recorded ones
// do; the next call on the connection asks for the program again, or just
// comes: both are served. A conversation carries one call at a time, so every
// parked SPS_WAITFORCALL holds one. As a rule it has a connection of its own;
// several may share one, as the users of one work process might.
//
// Clients that ask for an application server (0x01, 0x0f, 0x05) are served
// too, as stand-alone RFC clients do: their logon is accepted without a look at
// the password. SAP's calls to a switch do not come that way.
//
// # A message
//
// A chain of fields: tag, length, value, each field but the first preceded by
// its predecessor's tag. 0x0102 names the function and tells the code page:
// 4103 (UTF-16, low byte first), 4102 or 1100. Parameters are 0x0201/0x0203,
// tables 0x0301/0x0302 and a field for each row, full (0x0303) or without the
// repetition at its end (0x0304). Passwords (0x0117) and logon tickets
// (0x0670) are not read and never kept.
//
// Refused, with a system failure whose text tells the admin what to change in
// the destination, are: the fast serializer (0x5001), XML parameters (0x3c02),
// LZ-compressed tables (0x0305) and the delta manager's tables (0x0333). What
// is needed of the destination: classic serializer, delta manager off.
//
// # Security
//
// The classic wire has no encryption, and TLS cannot be put under it: SAP
// offers SNC, which we do not speak. Nor does it prove who calls: the names in
// a [Logon] are the peer's own account. So the networks in Config.Allow are
// the only lock; put a tunnel between sites. Everything that comes is bounded:
// connections in all and of one address, conversations, the frame, the message, its fields,
// rows and their width, the memory of all large messages together, and the
// time to the first call, between calls, for a frame, and for a peer that does
// not read. Nothing is allocated for a length that was only announced.
//
// # What is proven
//
// By others, before us: that an SM59 destination of type T (SAP_BASIS 758,
// kernel 793, classic serializer) calls functions with CHAR and INT4
// parameters through a listener that answers as described above (the public
// project open-rfc-go). We follow its published findings; no SAP system was at
// hand here.
//
// By others' programs against this package:
//
//   - open-rfc 0.2.3, a public RFC client in TypeScript that has called real SAP
//     systems, as a stand-alone client: greeting, set-up, logon, RFC_PING, calls with
//     CHAR, NUMC, INT4, DATS, TIMS and STRING, tables of two and of 9,000 rows
//     in both directions, so also messages in many records, declared exceptions
//     and system failures; behind package gateway also SAPphone's functions, with
//     a parked SPS_WAITFORCALL.
//   - its codecs, put together to the conversation of type T: greeting, the
//     program's answer as a record, calls, tables of 3,000 rows, answers in one
//     and in eleven records that end with code 18, exceptions.
//   - Wireshark 4.4.18 and 4.6.9 (tshark): framing, greetings and every header of every
//     record of both kinds of conversation, compared value by value
//     (TestTshark). It does not take messages apart on this path.
//
// Unproven:
//
//   - with a SAP system: everything of type T beyond the two recorded calls, that
//     is what 0xca and the replies' headers may hold otherwise, answers in several
//     records, calls that wait for minutes, several conversations on a connection
//   - so too tables of type T, and whether rows that end in text after a number
//     are padded
//   - how kernels 7.0x to 7.5x, which SAP CRM runs on, differ; their tables may
//     come LZ-compressed
//   - code pages 1100 and 4102, IPv6 greetings (version 3)
//   - what exactly ABAP makes of our exceptions
//
// # Files
//
// ni.go frames, gateway.go the greeting, appc.go records, field.go and tags.go
// the chain, call.go and parameter.go messages, page.go and column.go values;
// listener.go, conversation.go (connections and conversations) and records.go
// serve, client.go calls.
//
// # Goroutines
//
// Between Start and Stop a Listener owns one that accepts, for each connection
// one that decides and one that reads, and for each running call one that
// executes it. A Client owns none.
package typet
