// Package calendar says whether a queue is open: weekly hours, holidays with
// hours of their own, and a time zone, as a pure function of a configured
// [Calendar] and an instant.
//
// # Rules
//
// A span opens at From and closes at To, on each of its days. To 24:00 is
// midnight; a To before From is on the next day. Spans may overlap. On a
// holiday only the holiday's own hours open: the week's spans of that date do
// not, and a span that runs in from the day before ends at midnight. A date with
// a year wins over a yearly one.
//
// Every written time happens exactly once on each date: at the first instant at
// which the clock on the wall shows it or a later one. So a time inside a
// skipped hour is the moment of the change (a span wholly inside it does not
// open), a time inside a doubled hour is its first passing, and nothing flaps
// when clocks go back.
//
// # Time zones
//
// The zone database belongs to the binary: zoneinfo.zip beside this file is the
// IANA database 2025c (public domain) as the Go distribution ships it in
// lib/time, and it is the only one that is read. The standard library's own
// look-up prefers files of the machine, even when time/tzdata is linked in, so a
// replay on another machine could differ. Compile reads the zone once and keeps
// it; [Compiled.At] then depends on instant and configuration only. To update,
// copy a newer lib/time/zoneinfo.zip here: journaled opening times stay as they
// were, new ones follow the new rules.
//
// It is not a scheduler and knows no clock: callers pass the instant and set a
// timer for [State.Until]. It imports only the standard library and
// switch/fault, keeps no goroutine, and a [Compiled] is immutable.
package calendar
