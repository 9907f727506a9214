// Package arispec speaks Asterisk's REST interface (ARI): every operation,
// model and event as Go types, and the small runtime under them.
//
// The *_gen.go files come from the API description of an installed Asterisk
// (see ari/internal/arigen); the rest is written by hand:
//
//   - [Client] runs operations over a [Transport] with a deadline and a limit
//     on requests in flight. [HTTPTransport] is the normal way,
//     [SocketTransport] (REST requests over the event websocket, Asterisk
//     20.14, 21.9, 22.4 and later) the rescue path when no HTTP session can be had.
//   - [DecodeEvent] turns a websocket frame into a typed [Event]; a type this
//     package does not know becomes [Unknown].
//   - [Supports] says whether a version of Asterisk has an operation.
//
// Names are resource and nickname of the description: channels.originateWithId
// is [Client.ChannelsOriginateWithID]. Path parameters are arguments; query and
// body values are fields of the operation's Params struct, where an [Opt] is
// absent unless set with [Some], so that a zero is sent when it is meant.
//
// Errors are *fault.Error. An answer with an error status: 404 NotFound;
// 409, 412, 422 Conflict; 401, 403 Denied; 5xx Unavailable; other 4xx Invalid.
// Without an answer: a POST that may have left is Unknown and must be resolved
// by evidence; anything else is Unavailable. A full client is Busy.
// Text with control characters or broken UTF-8 never leaves: Invalid.
//
// The package knows nothing about calls, retries or reconnects, keeps no state
// of Asterisk, and starts no goroutine of its own (net/http keeps two per
// pooled connection; [HTTPTransport.Close] ends the idle ones).
package arispec
