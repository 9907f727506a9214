package sim

import (
	"time"

	"strowger/switch/callmodel"
)

// The exchange's own records of ends, as a real one writes them to a file.
const (
	endsKept   = 2048
	endsBefore = 5 * time.Second // that are told from before the cut: their facts may have been on their way
)

type legEnd struct {
	channel callmodel.ChannelID
	at      time.Time
	cause   callmodel.Cause
}

func (e *Exchange) noteEnd(ch callmodel.ChannelID, cause callmodel.Cause) {
	if len(e.ends) >= endsKept {
		e.ends = append(e.ends[:0], e.ends[endsKept/2:]...)
	}
	e.ends = append(e.ends, legEnd{ch, e.clock.Now(), cause})
}

// evidence adds to the listing of a new connection what the records tell of
// the time without. Every other connection has none: a site may do without.
func (e *Exchange) evidence(r *callmodel.Resync) {
	r.Back = true
	if e.wire.downAt.IsZero() {
		return
	}
	at := func(t time.Time) callmodel.Instant { return max(1, e.feed.Now().Add(t.Sub(e.clock.Now()))) }
	r.Since = at(e.wire.downAt)
	if e.wire.conn%2 == 0 {
		return
	}
	for _, end := range e.ends {
		if end.at.After(e.wire.downAt.Add(-endsBefore)) {
			r.Ended = append(r.Ended, callmodel.LegEnd{Channel: end.channel, At: at(end.at), Cause: end.cause})
		}
	}
}
