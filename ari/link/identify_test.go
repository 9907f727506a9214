package link_test

import (
	"strings"
	"testing"
	"time"

	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/ari/link"
	"strowger/switch/callmodel"
)

// TestIdentify: the Call-ID of a leg that is to be identified is asked for once
// and told; one that cannot be had costs nothing, and no order waits for it.
func TestIdentify(t *testing.T) {
	t.Parallel()
	r := newLink(t, func(o *link.Options) { o.Timeout = 3 * time.Second })
	asked := make(chan string, 10)
	r.fake.On(arispec.OpChannelsGetChannelVar, func(q aritest.Request) aritest.Reply {
		id := q.Arg("channelId")
		asked <- id + " " + q.Arg("variable")
		switch id {
		case "sw-hangs":
			return aritest.Reply{Hang: true}
		case "sw-gone":
			return aritest.Error(404, "Channel not found")
		case "sw-long":
			return aritest.Reply{Body: map[string]string{"value": strings.Repeat("x", callmodel.MaxSIPCallID+1)}}
		case "sw-bad":
			return aritest.Reply{Body: map[string]string{"value": "a\r\nb"}}
		}
		return aritest.Reply{Body: map[string]string{"value": "4711@192.0.2.1"}}
	})
	r.start()
	call := func(id callmodel.ChannelID, identify bool, via callmodel.NodeID) {
		t.Helper()
		o := callmodel.Originate{Channel: id, Endpoint: "101", Timeout: time.Second, Identify: identify, Via: via}
		if got := r.link.Apply(r.ctx(), o); got.Outcome != callmodel.Done && via == "" {
			t.Fatalf("%s: %+v", id, got)
		}
	}
	call("sw-other", false, "")
	for _, id := range []callmodel.ChannelID{"sw-hangs", "sw-gone", "sw-long", "sw-bad"} {
		call(id, true, "")
	}
	call("sw-there", true, "")
	for {
		select {
		case in := <-r.feed.puts:
			got, is := in.(callmodel.ChannelIdentified)
			if !is {
				continue
			}
			if got.Channel != "sw-there" || got.SIPCallID != "4711@192.0.2.1" {
				t.Fatalf("told %+v", got)
			}
		case <-r.ctx().Done():
			t.Fatal("no Call-ID is told")
		}
		break
	}
	var all []string
	for len(asked) > 0 { // the last was asked for before it was told
		all = append(all, <-asked)
	}
	want := "sw-hangs CHANNEL(pjsip,call-id)|sw-gone CHANNEL(pjsip,call-id)|sw-long CHANNEL(pjsip,call-id)|sw-bad CHANNEL(pjsip,call-id)|sw-there CHANNEL(pjsip,call-id)"
	if got := strings.Join(all, "|"); got != want {
		t.Errorf("asked for %s", got)
	}
	if s := r.link.Stats(); s.Identified != 1 || s.IdentifyFailed != 4 {
		t.Errorf("%d told, %d in vain", s.Identified, s.IdentifyFailed)
	}
}
