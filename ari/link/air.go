package link

import (
	"context"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// airLeg is what is known of the audio that comes from a leg in a conversation.
type airLeg struct {
	packets, lost int       // at the last look
	known         bool      // packets has been read
	deaf          bool      // a leg without RTP: nothing can be said of it
	since         time.Time // no packet has come since
}

// airWatch looks every AirEvery at how many audio packets have come from each
// leg that talks, and tells of those from which none comes. How long is too
// long is the switch's to say. A leg that has just joined is looked at from
// the second time on, so that short calls cost nothing.
func (l *Link) airWatch(ctx context.Context) {
	defer l.wg.Done()
	tick := time.NewTicker(l.opt.AirEvery)
	defer tick.Stop()
	legs := map[callmodel.ChannelID]airLeg{}
	for {
		select {
		case now := <-tick.C:
			if l.synced.Load() && !l.replaced.Load() {
				l.airLook(ctx, now, legs)
			}
		case <-ctx.Done():
			return
		}
	}
}

// airLook looks at every leg once, one request after the other.
func (l *Link) airLook(ctx context.Context, now time.Time, legs map[callmodel.ChannelID]airLeg) {
	talking := l.in.inside.talking()
	for id := range legs {
		if !talking[id] {
			delete(legs, id)
		}
	}
	for id := range talking {
		leg, old := legs[id]
		if !old {
			legs[id] = airLeg{since: now}
			continue
		}
		if leg.deaf {
			continue
		}
		s, err := l.rest().ChannelsRTPStatistics(ctx, string(id))
		if fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Busy) || fault.Is(err, fault.Stopped) {
			clear(legs) // what was not looked at cannot be called silent
			return
		}
		if err != nil {
			leg.deaf = true
			legs[id] = leg
			continue
		}
		legs[id] = l.airSeen(ctx, id, leg, s.Rxcount, s.Rxploss, now)
	}
}

func (l *Link) airSeen(ctx context.Context, id callmodel.ChannelID, leg airLeg, packets, lost int, now time.Time) airLeg {
	came := packets != leg.packets
	if leg.known {
		l.n.audioPackets.Add(uint64(max(0, packets-leg.packets)))
		l.n.audioLost.Add(uint64(max(0, lost-leg.lost)))
	}
	leg.packets, leg.lost, leg.known = packets, lost, true
	if came {
		leg.since = now
		return leg
	}
	l.n.audioDead.Add(1)
	l.put(ctx, callmodel.DeadAir{Channel: id, Silent: now.Sub(leg.since)})
	return leg
}
