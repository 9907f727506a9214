// Package sipp runs SIPp as callers and as agents' phones, on scenario files
// of our own, and reads what it measured.
//
// Connect time is taken from SIPp's message log, which stamps every message in
// microseconds: SIPp's own response times are cut to whole milliseconds, too
// coarse for a median of a few. No audio is sent: both sides of a comparison
// bridge silence.
//
// Goroutines: one per running phone process, which waits for its end; [Phones.Stop]
// returns after it has ended. [Call] returns when its process has ended.
package sipp
