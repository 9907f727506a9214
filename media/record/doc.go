// Package record makes one file of the tracks of a recording.
//
// A track is what a telephony server has recorded of one leg: a WAV file of 8
// kHz, 16 bit, mono, whose header may say nothing, because the server was killed
// before it wrote it ([Open] goes by the length of the file then). [Compose]
// puts the parts of a recording behind each other, two tracks of a part side by
// side in two channels, in line by the time at which each began; stretches that
// are to be silent are blanked. It streams: a recording of hours needs no memory.
//
// It knows nothing of calls, and of times only what it is told.
package record
