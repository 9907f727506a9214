// Package tone makes sine tones and finds them again: a generator, and a
// Goertzel detector that decides for every 20 ms block whether one frequency
// is present and how loud it is.
//
// It is for tests, for the demo and for beeps. It is not a DTMF decoder (DTMF
// travels as RFC 4733 events, see media/rtpio) and not answering machine
// detection. It is pure: no clock, no goroutine; each value belongs to one
// goroutine.
package tone
