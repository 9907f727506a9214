// Package numbering says what numbers mean and where they may go: caller ids
// and dialled numbers to E.164 ([Plan]), outbound routes, trunks and dial rules
// ([Table]), and the destination that a caller dialled ([Book]).
//
// # Notation
//
// Prefixes and patterns of a configuration compare with a number's key. The key
// of a number of the public network is its E.164 form without plus ("4930123").
// The key of a short number, internal or emergency, is "=" and the digits as
// dialled ("=1001", "=112"). So "" is every public number, "=" every internal
// one, and no prefix for public numbers can catch a short one by accident. An
// emergency number is caught only by its whole key: a route must name it.
//
// # Policy
//
// Dial rules deny by default: a number that no rule allows is refused, and so
// is a query without rules. They are checked on the E.164 form, after every way
// of writing the number has become one; the digits sent are read back by the
// plan where a format could change their meaning. Emergency numbers pass every
// rule, are never rewritten, and are sent even when a trunk's own limit is
// reached: the carrier decides then.
//
// # Sources
//
// IDD, country and trunk prefix as in reference 001 (OII.IDD, OII.Country); the
// caller-name pattern as in reference 004 (DNIS RegEx). Diversion: RFC 5806
// puts the newest on top, so the last value is the number that was called
// first. History-Info: RFC 7044 numbers its entries, index 1 is the first
// target. Both are searched from the first called number to the newest, because
// that is the number the caller knows.
//
// It is not a dial plan for phones, not a lookup of people, and it changes no
// state: everything here is a pure function of configuration and question. It
// imports only the standard library and switch/fault, keeps no goroutine, and
// its prepared values ([Table], [Book]) are immutable and may be shared.
package numbering
