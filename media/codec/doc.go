// Package codec turns telephone audio into bytes and back: G.711 mu-law and
// A-law for the wire, and 8 kHz mono 16-bit WAV for files.
//
// It is pure: no clock, no goroutine, no socket. It is not a resampler and not
// a general audio library; everything in Strowger is 8 kHz, one channel,
// signed 16 bit, because that is what a telephone line carries.
package codec
