package link

import (
	"strings"
	"time"

	"strowger/ari/cel"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

const (
	// celRead bounds how much of the file of channel events is read at once: some 4,000 calls.
	celRead = 16 << 20
	// celSlack reaches back before the last sign of life: a fact may have been
	// on its way. What is known already is left out by the switch.
	celSlack = 5 * time.Second
	// maxEvidence bounds the ends, and the calls, of one resync.
	maxEvidence = 10_000
)

// evidence adds to a listing what Asterisk's own records tell of the time
// since the last sign of life: how legs ended, and which calls came and went.
func (l *Link) evidence(in *callmodel.Resync) {
	in.Back = true
	since := l.lastHeard
	if since.IsZero() && l.opt.Left != nil {
		since = l.opt.Left()
	}
	now := time.Now()
	if since.IsZero() || since.After(now) {
		return
	}
	at := func(t time.Time) callmodel.Instant { return in.AsOf.Add(t.Sub(now)) }
	in.Since = max(1, at(since))
	if l.opt.CELFile == "" {
		return
	}
	events, stats, err := cel.Since(l.opt.CELFile, since.Add(-celSlack), celRead)
	if err != nil {
		l.log.Warn("how calls have ended meanwhile is not known: the file of channel events cannot be read", "file", l.opt.CELFile, "error", fault.ReasonOf(err))
		return
	}
	if stats.Cut {
		l.log.Warn("the file of channel events was not read back to the last sign of life: calls before are recorded as lost", "file", l.opt.CELFile, "read_from", stats.First)
	}
	legs := cel.Fold(events)
	for _, leg := range legs {
		l.takeEvidence(in, leg, at)
	}
	if len(in.Ended)+len(in.Missed) >= maxEvidence {
		l.log.Warn("more calls have ended meanwhile than one comparison takes: the others are recorded as lost, or not at all", "taken", maxEvidence)
	} else if !stats.Cut && whole(in, legs) {
		in.Covers = max(1, at(since.Add(-celSlack)))
	}
	l.n.evidence.Add(uint64(len(in.Ended) + len(in.Missed)))
}

// whole reports whether the events are proof of what was not: there are some, so
// that the file is being written, and every leg of ours in them has ended or
// lives. A server that was killed has written no ends.
func whole(in *callmodel.Resync, legs []*cel.Leg) bool {
	live := make(map[callmodel.ChannelID]bool, len(in.Channels))
	for i := range in.Channels {
		live[in.Channels[i].Channel] = true
	}
	for _, leg := range legs {
		if ch := callmodel.ChannelID(leg.Channel); ch.Ours() && leg.Ended.IsZero() && !live[ch] {
			return false
		}
	}
	return len(legs) > 0
}

func (l *Link) takeEvidence(in *callmodel.Resync, leg *cel.Leg, at func(time.Time) callmodel.Instant) {
	if leg.Ended.IsZero() || len(in.Ended)+len(in.Missed) >= maxEvidence {
		return
	}
	ch, cause := callmodel.ChannelID(leg.Channel), callmodel.Cause(min(max(leg.Cause, 0), 127))
	if cause == 0 {
		cause = callmodel.CauseNormal
	}
	in.Ended = append(in.Ended, callmodel.LegEnd{Channel: ch, At: max(1, at(leg.Ended)), Cause: cause})
	if ch.Ours() || leg.Torn || leg.Context != l.opt.Context || strings.HasPrefix(leg.Name, "Local/") {
		return
	}
	dialled, came := leg.Dialled, at(leg.Started)
	if dialled == "" || dialled == "s" || came <= 0 {
		return // nothing was dialled, or it was before the switch's own time
	}
	in.Missed = append(in.Missed, callmodel.MissedCall{
		Channel: ch, Call: callmodel.CallID{ID: l.in.mint()}, Dialled: l.in.number(dialled), Caller: l.in.number(leg.Caller),
		At: came, EndedAt: at(leg.Ended), Cause: cause, Fallback: leg.Ran("Queue"),
	})
}
