package link_test

import (
	"sync/atomic"
	"testing"
	"time"

	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/ari/link"
	"strowger/switch/callmodel"
)

// TestDeadAir: of two legs that talk, the one from which no packet comes is
// told, again and again, with how long; who is on hold or alone is not looked at.
func TestDeadAir(t *testing.T) {
	r := newLink(t, func(o *link.Options) { o.AirEvery = 20 * time.Millisecond })
	var packets, looks atomic.Int64
	r.fake.On(arispec.OpChannelsRTPStatistics, func(q aritest.Request) aritest.Reply {
		looks.Add(1)
		n := int64(7)
		if q.Args["channelId"] == "17.1" {
			n = packets.Add(50)
		}
		return aritest.Reply{Body: map[string]any{"rxcount": n, "rxploss": n / 10, "txcount": 1, "txploss": 0, "local_ssrc": 1, "remote_ssrc": 2, "txoctetcount": 1, "rxoctetcount": 1, "channel_uniqueid": "x"}}
	})
	r.start()
	bridge := arispec.Bridge{ID: "sw-b-1"}
	caller, agent := channel("17.1", "Up", ""), channel("sw-17.2", "Up", "")
	r.send(&arispec.ChannelEnteredBridge{Bridge: bridge, Channel: &agent})
	want[callmodel.ChannelJoined](r)
	r.send(&arispec.ChannelEnteredBridge{Bridge: bridge, Channel: &caller})
	want[callmodel.ChannelJoined](r)
	var last time.Duration
	for range 3 {
		d := want[callmodel.DeadAir](r)
		if d.Channel != "sw-17.2" || d.Silent <= last {
			t.Fatalf("%+v after %v", d, last)
		}
		last = d.Silent
	}
	if s := r.link.Stats(); s.AudioPackets == 0 || s.AudioLost == 0 || s.AudioDead < 3 {
		t.Errorf("%+v", s)
	}
	r.send(&arispec.ChannelHold{Channel: agent})
	lively[callmodel.ChannelHeld](r)
	r.send(&arispec.ChannelUnhold{Channel: agent})
	lively[callmodel.ChannelUnheld](r)
	want[callmodel.DeadAir](r)
	r.send(&arispec.ChannelLeftBridge{Bridge: bridge, Channel: caller})
	lively[callmodel.ChannelLeft](r)
	n := looks.Load()
	beats := r.link.Stats().Beats
	r.until("some time has passed", func() bool { return r.link.Stats().Beats > beats+20 })
	if now := looks.Load(); now > n+2 { // a look at both may be under way
		t.Errorf("a leg that is alone was looked at %d times", now-n)
	}
}

// lively is want, past the news of silence that were under way.
func lively[T callmodel.Input](r *linkRig) T {
	r.t.Helper()
	for {
		switch in := <-r.feed.puts; in := in.(type) {
		case callmodel.DeadAir:
		case T:
			return in
		default:
			r.t.Fatalf("got %T %+v", in, in)
		}
	}
}
