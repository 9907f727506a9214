// Package audiotest listens to a call for tests and for the demo: is a tone
// heard, alone or among others, was there a gap in it, is the line silent, did
// it beep, when did a sound begin, which keys were dialled in the audio.
//
// A [Monitor] is fed from outside (it is an rtpio.Sink) and waits on
// conditions, never on a guessed time. It owns no goroutine. It is not a
// recorder and not a measure of speech quality.
package audiotest
