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

const ear = "40325ec2-5efd-4bd3-805f-53576e581d13"

// ears hear nothing; they count what is forgotten.
type ears struct {
	address   string
	id        string
	err       error
	forgotten int
}

func (e *ears) Hear(callmodel.Screen) (id, address string, forget func(), err error) {
	return e.id, e.address, func() { e.forgotten++ }, e.err
}

// screenLink is a link whose dialplan has the context of detectors, or not.
func screenLink(t *testing.T, e *ears, there string) *linkRig {
	t.Helper()
	r := newLink(t, func(o *link.Options) {
		o.Context = "strowger-in"
		if e != nil {
			o.Ears = e
		}
	})
	r.fake.On(arispec.OpChannelsGetChannelVar, func(req aritest.Request) aritest.Reply {
		if v := req.Arg("variable"); !strings.HasPrefix(v, "DIALPLAN_EXISTS(strowger-in-screen,") {
			t.Errorf("asked for %s", v)
		}
		return aritest.Reply{Body: map[string]string{"value": there}}
	})
	r.start()
	return r
}

// TestScreen: where a leg goes to be heard.
func TestScreen(t *testing.T) {
	t.Parallel()
	e := &ears{id: ear, address: "127.0.0.1:9092"}
	r := screenLink(t, e, "1")
	r.fake.Ignore(arispec.OpAsteriskGetInfo, arispec.OpChannelsList, arispec.OpBridgesList, arispec.OpApplicationsFilter, arispec.OpChannelsGetChannelVar)
	for _, c := range []struct {
		order callmodel.Screen
		exten string
	}{
		{callmodel.Screen{Channel: "sw-1", Detector: callmodel.DetectorAsterisk, Limit: 1200 * time.Millisecond}, "amd-1200"},
		{callmodel.Screen{Channel: "sw-1", Detector: callmodel.DetectorAsterisk, Limit: 25 * time.Second, Beep: true}, "beep-25"},
		{callmodel.Screen{Channel: "sw-1", Detector: callmodel.DetectorAudio, Limit: time.Second}, "ears-" + ear + "-127.0.0.1:9092"},
	} {
		if res := r.link.Apply(r.ctx(), c.order); res.Outcome != callmodel.Done {
			t.Fatalf("%s: %+v", c.exten, res)
		}
		req, err := r.fake.Expect(r.ctx(), arispec.OpChannelsContinueInDialplan)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"channelId": "sw-1", "context": "strowger-in-screen", "extension": c.exten, "priority": "1"} {
			if got := req.Arg(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		if len(c.exten) > 79 {
			t.Errorf("%s: Asterisk cuts extensions at 79 characters", c.exten)
		}
	}
	if e.forgotten != 0 {
		t.Error("an ear was forgotten that is needed")
	}
}

// TestScreenAfterAnotherStart: a server that has come back is asked again: its
// dialplan may be an older one.
func TestScreenAfterAnotherStart(t *testing.T) {
	t.Parallel()
	r := screenLink(t, &ears{id: ear, address: "a:1"}, "1")
	order := callmodel.Screen{Channel: "sw-1", Detector: callmodel.DetectorAudio, Limit: time.Second}
	r.must(order)
	r.fake.Drop()
	want[callmodel.NodeDown](r)
	want[callmodel.Resync](r)
	r.synced(2)
	r.fake.On(arispec.OpChannelsGetChannelVar, func(aritest.Request) aritest.Reply {
		return aritest.Reply{Body: map[string]string{"value": "0"}}
	})
	if res := r.link.Apply(r.ctx(), order); res.Outcome != callmodel.Failed || !fault.Is(res.Err, fault.Unsupported) {
		t.Errorf("sent to a context that is missing: %+v", res)
	}
}

// TestScreenFails: a leg that cannot be heard stays where it is, and nobody waits for it.
func TestScreenFails(t *testing.T) {
	t.Parallel()
	audio := callmodel.Screen{Channel: "sw-1", Detector: callmodel.DetectorAudio, Limit: time.Second}
	busy := fault.New(fault.Busy, "hear", "", "full")
	for name, c := range map[string]struct {
		order     callmodel.Screen
		ears      *ears
		there     string
		reply     aritest.Reply
		kind      fault.Kind
		gone      bool
		later     bool
		forgotten int
	}{
		"a dialplan of before":  {audio, &ears{id: ear, address: "a:1"}, "0", aritest.Reply{}, fault.Unsupported, false, false, 1},
		"a leg that is gone":    {audio, &ears{id: ear, address: "a:1"}, "1", aritest.Error(404, "Channel not found"), fault.NotFound, true, false, 1},
		"nobody hears here":     {audio, nil, "1", aritest.Reply{}, fault.Unsupported, false, false, 0},
		"too many are heard":    {audio, &ears{err: busy}, "1", aritest.Reply{}, fault.Busy, false, true, 0},
		"a bad address":         {audio, &ears{id: ear, address: "a,b:1"}, "1", aritest.Reply{}, fault.Invalid, false, false, 1},
		"a long address":        {audio, &ears{id: ear, address: strings.Repeat("a", 40) + ":1"}, "1", aritest.Reply{}, fault.Invalid, false, false, 1},
		"a bad id":              {audio, &ears{id: "1)", address: "a:1"}, "1", aritest.Reply{}, fault.Invalid, false, false, 1},
		"a leg of somebody":     {callmodel.Screen{Channel: "17.1", Detector: callmodel.DetectorAsterisk}, nil, "1", aritest.Reply{}, fault.Invalid, false, false, 0},
		"an unknown detector":   {callmodel.Screen{Channel: "sw-1", Detector: "magic"}, nil, "1", aritest.Reply{}, fault.Unsupported, false, false, 0},
		"Asterisk does not say": {callmodel.Screen{Channel: "sw-1", Detector: callmodel.DetectorAsterisk}, nil, "1", aritest.Error(409, "Channel not in Stasis"), fault.Conflict, false, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := screenLink(t, c.ears, c.there)
			r.fake.Once(arispec.OpChannelsContinueInDialplan, c.reply)
			res := r.link.Apply(r.ctx(), c.order)
			if res.Outcome != callmodel.Failed || fault.KindOf(res.Err) != c.kind || res.Gone != c.gone || res.Later != c.later {
				t.Errorf("%+v, want kind %v, gone %v, later %v", res, c.kind, c.gone, c.later)
			}
			if c.ears != nil && c.ears.forgotten != c.forgotten {
				t.Errorf("forgotten %d times, want %d", c.ears.forgotten, c.forgotten)
			}
		})
	}
}
