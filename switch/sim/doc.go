// Package sim is a simulated exchange: phones, callers, channels and bridges
// that behave as an Asterisk with our ARI link in front of it does, in virtual
// or in real time. It serves the random simulation of the model, the
// conformance suite, the dialer's tests and the demo on machines where no
// Asterisk can be had.
//
// [Exchange] implements port.Effector and feeds facts through a port.Feed. Its
// state is guarded by one mutex (Exchange.mu); callbacks of the [Clock] take
// it, and nothing outside the package is called while it is held except
// Feed.NewID and Feed.Now, which do not block. Started, it owns one goroutine,
// the pump, which hands facts to Feed.Put in order. With [Virtual] time and
// without Start's pump everything runs on the caller's goroutine, so that a
// seed decides the whole run.
//
// It carries no audio: "talking" means that two answered legs are in one
// bridge. It knows no queue, agent or call state: those are the model's.
package sim
