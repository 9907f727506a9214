// Package crash measures what kill -9 of the controller costs with many live
// calls on a real Asterisk (DESIGN.md 7): how long until it is back in control,
// how many calls are dropped, and how many facts are lost.
//
// A fact is something that the controller has told or acknowledged before the
// kill: who talks to whom, in which state, since when and by which name; the
// state of every agent; every write of attached data that was answered OK, with
// writers at work until the very moment of the kill; and afterwards one row per
// call in the records. Calls are counted by witnesses of their own: SIPp, to
// which a call that ends other than planned has failed, and Asterisk's own list of channels.
//
// Goroutines: one for the callers and some writers per kill; all have ended when [Run] returns.
package crash
