// Package rule holds what a dialer may do: how many people may be left without
// an agent and over which time that counts ([Pack]), when somebody may be called
// ([Hours]), how often ([Caps]), what the end of an attempt means ([Classify])
// and what follows from it for the lead ([Plan]).
//
// It is pure: no clock, no I/O, no random number. Callers pass the instant. It
// imports switch/calendar, whose clock arithmetic is the only one, and
// switch/fault. An [Hours] may be used by several goroutines; the rest are values.
//
// # Packs
//
// A pack is a set of figures with the paragraph that each comes from. [US] and
// [UK] say of every figure whether its source was read; a figure that was not
// checked against the text of the law says so ([Source.Checked]). They are not
// legal advice. A custom pack names figures of its own, and [Pack.Laxer] lists
// those in which it is less strict than the stricter of the two.
//
// # Hours
//
// A lead has a set of zones: the places where its number may ring. It may be
// called while it is allowed time in every one of them. What is allowed is what
// all of these allow together: the pack's hours, those of the pack for the
// lead's region, and the campaign's calendar, or the one that it has for the
// region instead. A lead of whose zone nothing is known is not called.
//
// # Retries
//
// Each result has a list of delays: the first follows the first such result of
// a lead, the last one repeats. A result may go on to the lead's next number,
// close a number, or end the lead. Attempts that never reached the network
// are not counted: the lead comes back as if it had not been tried.
package rule
