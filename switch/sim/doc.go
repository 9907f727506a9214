// Package sim is a simulated exchange: phones, callers, channels and bridges
// that behave as an Asterisk with our ARI link in front of it does, in virtual
// or in real time. It serves the random simulation of the model, the
// conformance suite, the dialer's tests and the demo on machines where no
// Asterisk can be had.
//
// [Exchange] implements port.Effector and feeds facts through a port.Feed. Its
// state is guarded by one mutex (guard.mu, shared by joined exchanges); callbacks of the [Clock] take
// it, and nothing outside the package is called while it is held except
// Feed.NewID and Feed.Now, which do not block. Started, it owns one goroutine,
// the pump, which hands facts to Feed.Put in order. With [Virtual] time and
// without Start's pump everything runs on the caller's goroutine, so that a
// seed decides the whole run.
//
// Who answers has a voice ([PhonePolicy]), and a detector that is ordered to hear
// it (callmodel.Screen) judges without error: its own mistakes are tested where
// it hears audio. A [World] is what thousands of numbers do, and a trunk can be
// made to refuse ([Trunk.Refuse]).
//
// It carries no audio: "talking" means that two answered legs are in one
// bridge, and [Exchange.Hears] answers who hears whom, what music and what
// sound. It knows no queue, agent or call state: those are the model's.
//
// Several exchanges can be joined ([Join]), as servers under one controller are.
//
// Beside callers ([Exchange.Place]) and phones ([Exchange.Phone]) there is an
// outside world of trunks and numbers ([Exchange.Trunk], [Exchange.Outside]).
// What a transfer by phone gives is what the link to a real Asterisk makes of
// it: one fact, and the phone's legs end. Digits go through the same vault as
// there: those of a secret collection leave it as a number only.
package sim
