package link

import (
	"sync/atomic"

	"strowger/ari/arispec"
)

type linkCounters struct {
	events, unknown, foreign, bad, numbers     atomic.Uint64
	resyncs, resyncsFailed, beats, beatsFailed atomic.Uint64
	evidence                                   atomic.Uint64
	resyncMicros                               atomic.Int64

	digits, digitsForgotten, digitsSecret, collects, collectsRefused atomic.Uint64
	transfers, replaced, tidied, tidyDropped, playsStopped           atomic.Uint64
	audioPackets, audioLost, audioDead, identified, identifyFailed   atomic.Uint64
	collectsOpen, plays, watched, phonesMissing                      atomic.Int64
}

// Stats is a reading of the link's figures; counters count from the start of the process.
type Stats struct {
	Events          uint64 // read and understood
	Unknown         uint64 // of a type that this version does not know
	Foreign         uint64 // entered our application with other arguments than ours
	Bad             uint64 // not readable
	Numbers         uint64 // numbers refused for what they contained
	Resyncs         uint64
	ResyncsFailed   uint64
	Evidence        uint64 // ends and calls that Asterisk's own records told of
	Beats           uint64
	BeatsFailed     uint64
	ResyncMicros    int64  // duration of the last resync
	Digits          uint64 // received, of all legs
	DigitsForgotten uint64 // of these: no collection was open
	DigitsSecret    uint64 // of these: of a secret collection
	Collects        uint64 // collections opened
	CollectsOpen    int64  // now
	CollectsRefused uint64 // because too many were open
	Plays           int64  // sounds under way now
	PlaysStopped    uint64 // because a leg had to join or leave a bridge
	Transfers       uint64 // made by people with their phone's key
	Replaced        uint64 // legs that another channel has taken the place of
	Tidied          uint64 // hang-ups of what transfers by phone leave behind
	TidyDropped     uint64 // of these: not tried, too many at once
	Identified      uint64 // Call-IDs of called legs that were told
	IdentifyFailed  uint64 // asked for in vain, or not at all because too many waited
	AudioPackets    uint64 // that came from talking legs, as far as they were looked at
	AudioLost       uint64 // that should have come besides
	AudioDead       uint64 // looks at a talking leg from which no packet had come
	PhonesWatched   int64  // subscribed to now
	PhonesMissing   int64  // named by the configuration and unknown to Asterisk
	Stream          StreamStats
	REST            RESTStats
}

// RESTStats are the figures of the request clients.
type RESTStats struct {
	HTTP, Socket arispec.Stats
}

// Stats returns the figures of this moment.
func (l *Link) Stats() Stats {
	n := &l.n
	return Stats{
		Events: n.events.Load(), Unknown: n.unknown.Load(), Foreign: n.foreign.Load(), Bad: n.bad.Load(), Numbers: n.numbers.Load(),
		Resyncs: n.resyncs.Load(), ResyncsFailed: n.resyncsFailed.Load(), Evidence: n.evidence.Load(), Beats: n.beats.Load(), BeatsFailed: n.beatsFailed.Load(),
		ResyncMicros: n.resyncMicros.Load(),
		Digits:       n.digits.Load(), DigitsForgotten: n.digitsForgotten.Load(), DigitsSecret: n.digitsSecret.Load(),
		Collects: n.collects.Load(), CollectsOpen: n.collectsOpen.Load(), CollectsRefused: n.collectsRefused.Load(),
		AudioPackets: n.audioPackets.Load(), AudioLost: n.audioLost.Load(), AudioDead: n.audioDead.Load(),
		Plays: n.plays.Load(), PlaysStopped: n.playsStopped.Load(), Transfers: n.transfers.Load(), Replaced: n.replaced.Load(),
		Tidied: n.tidied.Load(), TidyDropped: n.tidyDropped.Load(), PhonesWatched: n.watched.Load(), PhonesMissing: n.phonesMissing.Load(),
		Identified: n.identified.Load(), IdentifyFailed: n.identifyFailed.Load(),
		Stream: l.stream.Stats(),
		REST:   RESTStats{HTTP: l.http.Stats(), Socket: l.socket.Stats()},
	}
}
