// Package rtpio moves 20 ms audio frames and telephone events over RTP. It is
// the only package that imports pion/rtp.
//
// A [Session] is one UDP socket. It sends when its [Pacer] ticks and receives
// on one goroutine of its own, which it starts in Open and joins in Close. A
// Pacer is one goroutine that drives every session given to it, so 150 calls
// cost one timer and 150 blocked readers, not 300 timers. Audio comes from a
// [Source] and goes to a [Sink]; both are called on those goroutines and must
// not block.
//
// It is not a jitter buffer, not RTCP and not SRTP: packets are handed on as
// they come, late ones are counted and dropped. It never runs on the engine's
// loop.
package rtpio
