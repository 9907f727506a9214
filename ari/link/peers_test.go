package link_test

import (
	"strings"
	"testing"
	"time"

	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/ari/link"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// twoServers is a link to the server a1 of two, which calls itself name.
func twoServers(t *testing.T, name string) *linkRig {
	t.Helper()
	r := newLink(t, func(o *link.Options) { o.Peers = link.Peers{"a2": "way-2"} })
	r.fake.Ignore(arispec.OpAsteriskGetInfo, arispec.OpChannelsList, arispec.OpBridgesList, arispec.OpApplicationsFilter)
	now := arispec.Date{Time: time.Now().UTC()}
	r.fake.On(arispec.OpAsteriskGetInfo, func(aritest.Request) aritest.Reply {
		return aritest.Reply{Body: arispec.AsteriskInfo{
			System: &arispec.SystemInfo{Version: aritest.Version}, Status: &arispec.StatusInfo{StartupTime: now}, Config: &arispec.ConfigInfo{Name: name},
		}}
	})
	return r
}

// TestPeers: what is dialled between two servers, and what is refused.
func TestPeers(t *testing.T) {
	t.Parallel()
	r := twoServers(t, "a1")
	r.start()
	for want, e := range map[string]callmodel.Originate{
		"PJSIP/p102@way-2":             {Endpoint: "102", Via: "a2"},
		"PJSIP/a102@way-2":             {Endpoint: "102", Via: "a2", AutoAnswer: true},
		"PJSIP/tgw.+49301@way-2":       {Endpoint: "gw", Via: "a2", Dial: "+49301", CallerID: "4930600"},
		"PJSIP/wgw-2.0301*#@way-2":     {Endpoint: "gw-2", Via: "a2", Dial: "0301*#"},
		"PJSIP/102":                    {Endpoint: "102"},
		"fault unknown server":         {Endpoint: "102", Via: "a3"},
		"fault a dot in the endpoint":  {Endpoint: "1.2", Via: "a2"},
		"fault another way in a digit": {Endpoint: "gw", Via: "a2", Dial: "1@x"},
	} {
		e.Channel, e.Timeout = "sw-1", time.Second
		before := len(r.orders())
		res := r.link.Apply(r.ctx(), e)
		if strings.HasPrefix(want, "fault") {
			if res.Outcome != callmodel.Failed || len(r.orders()) != before {
				t.Errorf("%s: got %+v", want, res)
			}
			continue
		}
		req, err := r.fake.Expect(r.ctx(), arispec.OpChannelsOriginateWithID)
		if err != nil {
			t.Fatal(err)
		}
		if got := req.Arg("endpoint"); res.Outcome != callmodel.Done || got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestServerWithoutItsName: two servers would give their channels the same ids.
func TestServerWithoutItsName(t *testing.T) {
	t.Parallel()
	r := twoServers(t, "")
	if err := r.link.Start(r.t.Context(), r.feed); err != nil {
		t.Fatal(err)
	}
	r.until("the reason is told", func() bool { return r.link.Stats().ResyncsFailed > 0 })
	if r.link.Info().Synced {
		t.Error("a server without its name was taken into service")
	}
	if _, err := link.New(link.Options{Stream: link.Config{URL: "http://127.0.0.1:1", User: "u", App: "a"}, Node: "a1", Peers: link.Peers{"a2": "x/y"}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a peer that is no endpoint: got %v", err)
	}
}

// TestClearPeer: the legs that come from a dead server are hung up, younger ones
// and all others are left alone.
func TestClearPeer(t *testing.T) {
	t.Parallel()
	r := twoServers(t, "a1")
	r.start()
	now := time.Now().UTC()
	channel := func(id, name, state string, age time.Duration) arispec.Channel {
		return arispec.Channel{ID: id, Name: name, State: state, Creationtime: arispec.Date{Time: now.Add(-age)}}
	}
	r.fake.On(arispec.OpChannelsList, func(aritest.Request) aritest.Reply {
		return aritest.Reply{Body: []arispec.Channel{
			channel("a1-1.1", "PJSIP/way-2-00000001", "Up", time.Minute), channel("a1-1.2", "PJSIP/102-00000002", "Ringing", time.Minute),
			channel("a1-1.3", "PJSIP/way-2-00000003", "Up", 0), channel("sw-1", "PJSIP/way-2-00000004", "Up", time.Minute),
		}}
	})
	if res := r.link.Apply(r.ctx(), callmodel.ClearPeer{Peer: "a2"}); res.Outcome != callmodel.Done {
		t.Fatalf("%+v", res)
	}
	req, err := r.fake.Expect(r.ctx(), arispec.OpChannelsHangup)
	if err != nil || req.Arg("channelId") != "a1-1.1" {
		t.Fatalf("%+v, %v", req, err)
	}
	if res := r.link.Apply(r.ctx(), callmodel.ClearPeer{Peer: "a3"}); !fault.Is(res.Err, fault.NotFound) {
		t.Errorf("%+v", res)
	}
	r.until("one leg is hung up, and no other", func() bool { return r.link.Stats().Tidied == 1 })
}
