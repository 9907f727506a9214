// Package audiosocket takes the sound of calls over TCP, in the protocol of
// Asterisk's application of that name: after a connection's first message, which
// names who is heard by a UUID, 16-bit PCM of 8 kHz comes in messages.
//
//	+------+----------------+---------+
//	| kind | length, 16 bit | payload |   big endian
//	+------+----------------+---------+
//	0x00 hang up   0x01 UUID   0x03 a digit   0x10 PCM   0xff an error
//
// Nothing is sent but "hang up", which gives the call back. Who is heard must be
// expected: a connection with a UUID that nobody has asked for is closed. Each
// ear has a limit of its own by the clock, because a line may send nothing.
//
// Goroutines: one that accepts, one per connection; all end before Stop returns.
package audiosocket
