// Package dialer holds pacers against each other in a simulated outbound team.
//
// [World] is a discrete-event simulation of a shift: agents who log in, take
// breaks, talk and wrap up; lines that are answered by people and machines, are
// busy, fail or ring out; an answer rate that drifts. A [Pacer] sees of it what
// a dialer sees and says how many lines to dial. The same seed gives the same
// weather, the same people at the agents' desks and the same lot for the nth
// line, whatever the pacer does, so that two pacers can be compared in pairs.
//
// The pacers: preview, progressive, VICIdial's adaptive level with its default
// settings, an Erlang rule with feedback, and the product's own. The first four are
// written from descriptions of what those dialers do.
//
// It is part of the benchmarks and of no program.
package dialer
