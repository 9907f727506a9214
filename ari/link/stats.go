package link

import (
	"sync/atomic"

	"strowger/ari/arispec"
)

type linkCounters struct {
	events, unknown, foreign, bad, numbers     atomic.Uint64
	resyncs, resyncsFailed, beats, beatsFailed atomic.Uint64
	resyncMicros                               atomic.Int64
}

// Stats is a reading of the link's figures; counters count from the start of the process.
type Stats struct {
	Events        uint64 // read and understood
	Unknown       uint64 // of a type that this version does not know
	Foreign       uint64 // entered our application with other arguments than ours
	Bad           uint64 // not readable
	Numbers       uint64 // numbers refused for what they contained
	Resyncs       uint64
	ResyncsFailed uint64
	Beats         uint64
	BeatsFailed   uint64
	ResyncMicros  int64 // duration of the last resync
	Stream        StreamStats
	REST          RESTStats
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
		Resyncs: n.resyncs.Load(), ResyncsFailed: n.resyncsFailed.Load(), Beats: n.beats.Load(), BeatsFailed: n.beatsFailed.Load(),
		ResyncMicros: n.resyncMicros.Load(), Stream: l.stream.Stats(),
		REST: RESTStats{HTTP: l.http.Stats(), Socket: l.socket.Stats()},
	}
}
