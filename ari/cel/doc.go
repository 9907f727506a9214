// Package cel reads the file of channel events (CEL) that Asterisk writes when
// configs/asterisk/cel_strowger.conf and cel_custom_strowger.conf are in use:
// one CSV line per event, written at once, independent of the controller.
//
// It serves three readers: the link, as evidence of what happened while the
// controller was away; tests, as a witness; and whoever counts records again.
//
//	[Scan]   every event of a reader
//	[Since]  the events from a moment on, from the end of the file
//	[Fold]   events as one [Leg] per channel
//
// The file is written by somebody else and may be anything: lines are bounded
// by [MaxLine], a line that cannot be read is counted and left out, an event of
// a kind that is not known here is passed on, and a last line without its end
// is left for the next time. The package starts no goroutine.
package cel
