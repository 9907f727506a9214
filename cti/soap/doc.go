// Package soap reads and writes SOAP 1.1 over HTTP, by hand and for no vendor
// in particular.
//
//   - [ReadEnvelope] turns bytes into a bounded tree of [Element]s. Names are
//     kept as local name plus namespace, so that an adapter can decode by local
//     name alone: real clients disagree about the namespace of child elements.
//   - [Encoder] writes elements in the order it is told, escapes, and drops
//     characters that XML cannot carry.
//   - [Handler] is the HTTP side of a service, [Guard] its source filter and
//     password, [Client] the HTTP side of a caller.
//
// It is not an object mapper and has no schema knowledge: encoding/xml's
// marshaller puts children into the parent's namespace and decodes a body of
// an unknown namespace to nothing without an error, both wrong for SOAP.
//
// What is refused, because SOAP 1.1 and WS-I BP 1.1 forbid it or because it
// only serves attacks: DOCTYPE, processing instructions, data after the
// envelope, more than the [Limits], envelopes of another SOAP version, header
// entries that must be understood and are not.
//
// The package owns no goroutine. A Handler runs on net/http's, a Client on
// its caller's; Client.Close ends idle connections.
package soap
