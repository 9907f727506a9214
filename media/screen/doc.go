// Package screen listens to who has answered a call: a person, a machine, a
// fax, or the network's own tones. [Screen] gets the audio of the called party
// in frames of 20 ms from the answer on and comes to a verdict within its
// limit; [Beep] listens on to a machine for the end of its greeting.
//
// What tells a machine from a person in the time that the law leaves is how
// long it speaks before it pauses: people say a word or two and wait. All else
// is there so that this is not misjudged: what is speech and what is noise
// (speech.go), and which tones are no speech at all (tones.go). Whoever cannot
// be told apart by the limit is unsure, and treated as a person.
//
// It is pure: no clock (frames are its time), no goroutine, no allocation per
// frame; each value belongs to one goroutine. Where the audio comes from is the
// business of others (media/audiosocket). docs/amd.md says how good it is, and on what.
package screen
