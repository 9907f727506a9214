// Package tone makes sine tones and finds them again: a generator, and a
// Goertzel detector that decides for every 20 ms block whether one frequency
// is present, alone or in a mix, and how loud it is. [Dial] and
// [DialDetector] do the same for the dual tones of a telephone's keys
// (ITU-T Q.23), for lines where digits travel in the audio.
//
// It is for tests, for the demo and for beeps. Digits as RFC 4733 events are
// in media/rtpio; answering machine detection is not here. It is pure: no
// clock, no goroutine; each value belongs to one goroutine.
package tone
