// Package invariants checks that nothing was lost, doubled or left behind over
// a fault: the rules N1 to N12, each a function of [Evidence] that returns
// findings.
//
// Evidence has two halves. Witnesses do not depend on the controller: Asterisk's
// channel events (package ari/cel), an AMI session of its own ([Tap]), what SIP
// phones were asked and heard, what a SOAP sink was sent, and the list of
// commands that were acknowledged. Answers are what the controller says of the
// same time: its journal ([Journal]), its rows and its metrics. A rule holds
// where the two agree.
//
//	N1  every call of the witness is one call of ours, with one end, in order
//	N2  every attempt has one outcome; lost and unknown only in a fault's time,
//	    and the dialer's books say the same
//	N3  no phone and no number is called more often than there are attempts
//	N4  work items and leads are conserved: nothing between imported and done gets lost
//	N5  an agent is in one state at a time, and no wrap-up is skipped
//	N6  waiters keep order and time, hear something, and have one offer at a time
//	N7  subscribers are told everything, in an order that is possible
//	N8  what was acknowledged is there, once
//	N9  recordings are there, playable, long enough, and clean where paused
//	N10 everything taken is given back
//	N11 established conversations go on
//	N12 refusals have reasons, and each recovery is recorded with its counts
//
// Asterisk spreads one linkedid over all channels that have ever shared a
// bridge, so calls are counted by the caller's own unique id, and legs that the
// controller made by their prefix.
//
// [Check] runs all of them and gives a [Report]. A rule that had nothing to
// look at says so. The package starts a goroutine only in [StartTap], which
// Stop ends.
package invariants
