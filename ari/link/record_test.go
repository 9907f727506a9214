package link_test

import (
	"slices"
	"sync/atomic"
	"testing"

	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/switch/callmodel"
)

// TestPartWaitsForTheOneBefore: a part of a recording listens only when nothing
// of the part before does, be it that that cannot be hung up any more.
func TestPartWaitsForTheOneBefore(t *testing.T) {
	t.Parallel()
	const id = "01M7Z2W7J7KEEDMEF4YM1QJDAP"
	r := newLink(t, nil)
	r.start()
	var looks atomic.Int32
	r.fake.On(arispec.OpChannelsHangup, func(aritest.Request) aritest.Reply { return aritest.Error(404, "Channel not found") })
	r.fake.On(arispec.OpChannelsGet, func(q aritest.Request) aritest.Reply {
		if looks.Add(1) < 3 {
			return aritest.Reply{Body: arispec.Channel{ID: q.Arg("channelId")}}
		}
		return aritest.Error(404, "Channel not found")
	})
	r.fake.On(arispec.OpChannelsSnoopChannelWithID, func(aritest.Request) aritest.Reply {
		looks.Store(-looks.Load()) // what is looked at later comes too late
		return aritest.Error(404, "Channel not found")
	})
	order := func(name string, want int32, ops ...arispec.Op) {
		t.Helper()
		n := len(r.orders())
		looks.Store(0)
		r.link.Apply(r.ctx(), callmodel.RecordStart{Record: callmodel.RecordName(callmodel.RecordPrefix + id + name), Channel: "17.1", Spy: callmodel.SpyBoth})
		if got := r.ops(n); !slices.Equal(got, ops) || looks.Load() != -want {
			t.Errorf("%s: %v after %d looks, want %v after %d", name, got, -looks.Load(), ops, want)
		}
	}
	hang, snoop := arispec.OpChannelsHangup, arispec.OpChannelsSnoopChannelWithID
	order("-1-both", 0, snoop)
	order("-2-both", 3, hang, snoop)
	order("-2-in", 4, hang, hang, snoop) // the first of two goes at the third look
}

// TestTapWhispersWhenAsked: who listens only has no way to be heard.
func TestTapWhispersWhenAsked(t *testing.T) {
	t.Parallel()
	r := newLink(t, nil)
	r.start()
	for whisper, want := range map[bool]string{false: "none", true: "out"} {
		r.must(callmodel.Tap{Of: "17.1", Channel: "sw-t-1", Whisper: whisper})
		if o := r.orders(); o[len(o)-1].Arg("whisper") != want || o[len(o)-1].Arg("spy") != "both" {
			t.Errorf("whisper %t: %+v", whisper, o[len(o)-1])
		}
	}
}
