// Package pacing decides how many lines a campaign dials now, so that agents
// wait little and hardly anybody who answers is left without an agent.
//
// A [Pacer] is told what has ended ([Pacer.Learn]) and is asked at each tick
// ([Pacer.Decide]) with what can be seen: agents and how long they have been in
// their state, lines and how long they have been dialled, who waits. It answers
// with whole lines, the figures that have led there, and a sentence for people.
//
// It is pure: no clock, no goroutine, no random number, no order of a map. The
// same facts and scenes give the same decisions; what is compared is rounded to
// a billionth first, so that machines that round the last bit of a product
// otherwise agree. What was learned outlives a restart ([Pacer.Memory]).
//
// It knows no lead, trunk or rule: whoever runs a campaign gives it room and a
// target, and keeps the legal minimum of ringing. A Pacer belongs to one goroutine.
//
// # What is learned
//
// The answer rate is humans / ended attempts, both discounted: the memory is 300
// attempts, or those of the last ten minutes where that is more. Times to a
// human's answer, and to any other end, are histograms of half a second that
// are halved when they are full; talks and wrap-ups are the last 400 of each.
// Before anything is known weak assumptions stand in for it.
//
// # The rule
//
// Time ahead is cut into cells of two seconds. For the middle of each, X is the
// number of agents taken: those still busy a grace period later, given how long
// they have been; calls answered by then, given how long they have been
// dialled; people who wait already. X is a sum of independent chances, so its
// distribution is known: exactly for small teams, by a normal distribution with
// skewness for large ones. One more line is lost where it is answered in a
// cell in which all N agents are taken; and where it takes the last one, it may
// cost a line that is ringing already. Both together, given that a human
// answers it, are the risk of one more line. Lines are added while the risk is
// at most the threshold.
//
// The threshold is twice the target, times e to the power of the headroom: the
// drops that the answers so far allow, less those that have happened, less a
// small reserve, weighed by how many are still to be expected before the shift
// ends. Early it may stray; late it is held tight. Dialling close to where the
// gain is small is held back in proportion.
//
// A line that has rung for as long as the law wants is given up where who
// answers it now would find nobody with more than the allowed chance: it is
// worth no more than a line that is not dialled.
//
// With a target of zero it dials as many lines as agents are free.
package pacing
