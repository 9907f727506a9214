package link_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"strowger/ari/ami"
	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/ari/link"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// TestOrdersThatAreRefused: what must not reach Asterisk does not.
func TestOrdersThatAreRefused(t *testing.T) {
	t.Parallel()
	r := newLink(t, nil)
	r.start()
	before := r.orders()
	beep := []string{"sound:beep"}
	for _, e := range []callmodel.Effect{
		callmodel.Originate{Channel: "sw-1", Endpoint: "trunk", Dial: "12@evil.example"},
		callmodel.Originate{Channel: "sw-1", Endpoint: "trunk", Dial: "12&PJSIP/101"},
		callmodel.Originate{Channel: "sw-1", Endpoint: "trunk", Dial: "1+2"},
		callmodel.Originate{Channel: "sw-1", Endpoint: "trunk", Dial: "+"},
		callmodel.Originate{Channel: "sw-1", Endpoint: "trunk", Dial: "1\r\n2"},
		callmodel.Originate{Channel: "sw-1", Endpoint: "trunk", Dial: strings.Repeat("1", 42)},
		callmodel.Originate{Channel: "sw-1", Endpoint: "trunk", Dial: "12", CallerID: `1" <sip:x`},
		callmodel.Play{Play: "sw-p-1", Media: beep},
		callmodel.Play{Play: "sw-p-1", Channel: "17.1", Bridge: "sw-b-1", Media: beep},
		callmodel.Play{Play: "p-1", Channel: "17.1", Media: beep},
		callmodel.Play{Play: "sw-p-1", Channel: "17.1"},
		callmodel.Play{Play: "sw-p-1", Channel: "17.1", Media: []string{"recording:x"}},
		callmodel.SendDTMF{Channel: "17.1"},
		callmodel.SendDTMF{Channel: "17.1", Digits: "1w2"},
		callmodel.SendDTMF{Channel: "17.1", Digits: strings.Repeat("1", callmodel.MaxSendDigits+1)},
		callmodel.Collect{Channel: "17.1", Max: 0},
		callmodel.NotifyTalk{Endpoint: "101"},
		callmodel.NotifyTalk{Channel: "sw-1", Endpoint: "a\r\nb"},
	} {
		res := r.link.Apply(r.ctx(), e)
		if res.Outcome != callmodel.Failed || res.Later || !fault.Is(res.Err, fault.Invalid) {
			t.Errorf("%+v: %+v", e, res)
		}
	}
	for _, e := range []callmodel.Effect{callmodel.Decide{}, callmodel.NotifyTalk{Channel: "sw-1", Endpoint: "101"}} {
		if res := r.link.Apply(r.ctx(), e); res.Outcome != callmodel.Failed || res.Later || !fault.Is(res.Err, fault.Unsupported) {
			t.Errorf("%s: %+v", e.What(), res)
		}
	}
	if after := r.orders(); !reflect.DeepEqual(before, after) {
		t.Errorf("orders reached Asterisk: %+v", after[len(before):])
	}
}

// must applies orders that must be done.
func (r *linkRig) must(es ...callmodel.Effect) {
	r.t.Helper()
	for _, e := range es {
		if res := r.link.Apply(r.ctx(), e); res.Outcome != callmodel.Done {
			r.t.Fatalf("%s: %+v", e.What(), res)
		}
	}
}

// ops are the operations of the orders since the first n.
func (r *linkRig) ops(n int) []arispec.Op {
	var out []arispec.Op
	for _, q := range r.orders()[n:] {
		out = append(out, q.Op)
	}
	return out
}

// TestJoinMovesQuietLegs: a sound that plays on a leg is stopped before the leg
// moves, and a leg that is in the bridge already is left alone.
func TestJoinMovesQuietLegs(t *testing.T) {
	t.Parallel()
	r := newLink(t, nil)
	r.start()
	bridge := arispec.Bridge{ID: "sw-b-1"}
	r.fake.On(arispec.OpBridgesGet, func(aritest.Request) aritest.Reply {
		return aritest.Reply{Body: arispec.Bridge{ID: "sw-b-1", Channels: []string{"17.1"}}}
	})
	join := func(b callmodel.BridgeID, cs ...callmodel.ChannelID) []arispec.Op {
		n := len(r.orders())
		r.must(callmodel.Join{Bridge: b, Channels: cs})
		return r.ops(n)
	}
	r.must(callmodel.Play{Play: "sw-p-1", Channel: "17.1", Media: []string{"tone:ring"}})
	if got := join("sw-b-1", "17.1"); !reflect.DeepEqual(got, []arispec.Op{arispec.OpPlaybacksStop, arispec.OpBridgesAddChannel}) {
		t.Errorf("with a sound: %v", got)
	}
	ch := channel("17.1", "Up", "")
	r.send(&arispec.PlaybackFinished{Playback: arispec.Playback{ID: "sw-p-1", State: "done"}}, &arispec.ChannelEnteredBridge{Bridge: bridge, Channel: &ch})
	if e := want[callmodel.PlayEnded](r); e.Failed || e.Channel != "17.1" || e.Play != "sw-p-1" {
		t.Errorf("%+v", e)
	}
	want[callmodel.ChannelJoined](r)
	if got := join("sw-b-1", "17.1"); len(got) != 0 {
		t.Errorf("in it already: %v", got)
	}
	if got := join("sw-b-1", "17.1", "sw-1"); !reflect.DeepEqual(got, []arispec.Op{arispec.OpBridgesAddChannel}) {
		t.Errorf("one of two is in it: %v", got)
	}
	orders := r.orders()
	if added := orders[len(orders)-1].Arg("channel"); added != "sw-1" {
		t.Errorf("added %q", added)
	}
	if got := join("sw-b-2", "17.1"); !reflect.DeepEqual(got, []arispec.Op{arispec.OpBridgesAddChannel}) {
		t.Errorf("into another bridge: %v", got)
	}
	r.send(&arispec.ChannelLeftBridge{Bridge: bridge, Channel: ch})
	want[callmodel.ChannelLeft](r)
	if got := join("sw-b-1", "17.1"); !reflect.DeepEqual(got, []arispec.Op{arispec.OpBridgesAddChannel}) {
		t.Errorf("after it left: %v", got)
	}
}

// TestPlaysEndOnce: by themselves, with their leg, with their bridge, and after
// a lost connection; an order that was refused has no end.
func TestPlaysEndOnce(t *testing.T) {
	t.Parallel()
	r := newLink(t, nil)
	r.start()
	play := func(id callmodel.PlayID) callmodel.Play {
		return callmodel.Play{Play: id, Channel: "17.1", Media: []string{"sound:beep"}}
	}
	ended := func(id callmodel.PlayID, failed bool) {
		t.Helper()
		if e := want[callmodel.PlayEnded](r); e.Play != id || e.Failed != failed {
			t.Errorf("%+v, want %s", e, id)
		}
	}
	r.must(play("sw-p-1"), play("sw-p-1"), play("sw-p-2"))
	if n := len(r.ops(0)); n != 2 {
		t.Errorf("%d orders: asked for twice is played once", n)
	}
	r.fake.Once(arispec.OpChannelsPlayWithID, aritest.Error(409, "Channel not in Stasis"))
	if res := r.link.Apply(r.ctx(), play("sw-p-3")); res.Outcome != callmodel.Failed {
		t.Errorf("%+v", res)
	}
	r.send(
		&arispec.PlaybackFinished{Playback: arispec.Playback{ID: "theirs", State: "done"}},
		&arispec.PlaybackFinished{Playback: arispec.Playback{ID: "sw-p-1", State: "failed"}},
	)
	ended("sw-p-1", true)
	r.send(&arispec.StasisEnd{Channel: channel("17.1", "Up", "")}) // the second was queued: Asterisk tells no end of it
	ended("sw-p-2", true)
	want[callmodel.ChannelLeftApp](r)
	r.must(callmodel.Play{Play: "sw-p-4", Bridge: "sw-b-1", Media: []string{"sound:beep"}})
	r.send(&arispec.BridgeDestroyed{Bridge: arispec.Bridge{ID: "sw-b-1"}})
	ended("sw-p-4", true)
	want[callmodel.BridgeGone](r)
	r.must(play("sw-p-5"))
	r.fake.Once(arispec.OpPlaybacksGet, aritest.Reply{Body: arispec.Playback{ID: "sw-p-5", State: "playing"}})
	r.fake.Drop()
	want[callmodel.NodeDown](r)
	want[callmodel.Resync](r)
	r.synced(2)
	r.fake.Drop()
	want[callmodel.NodeDown](r)
	want[callmodel.Resync](r)
	ended("sw-p-5", true) // not found the second time
	r.synced(3)
	r.send(&arispec.PlaybackFinished{Playback: arispec.Playback{ID: "sw-p-9", State: "done", TargetURI: "channel:17.9"}})
	if e := want[callmodel.PlayEnded](r); e.Play != "sw-p-9" || e.Channel != "17.9" {
		t.Errorf("a sound of the process before: %+v", e)
	}
	if n := r.link.Stats().Plays; n != 0 {
		t.Errorf("%d sounds are remembered", n)
	}
}

// TestPhonesAreWatched: in an application of their own, those that Asterisk
// has, again after each connect; changes become facts.
func TestPhonesAreWatched(t *testing.T) {
	t.Parallel()
	log := &logs{}
	wanted := []string{"nosuch", "bad name"}
	for i := range 70 {
		wanted = append(wanted, fmt.Sprint(101+i))
	}
	r := newLink(t, func(o *link.Options) {
		o.Endpoints = func() []string { return wanted }
		o.Logger = slog.New(slog.NewTextHandler(log, nil))
	})
	r.fake.On(arispec.OpEndpointsListByTech, func(aritest.Request) aritest.Reply {
		out := []arispec.Endpoint{{Technology: "PJSIP", Resource: "trunk", State: "online"}, {Technology: "PJSIP", Resource: "bad name", State: "online"}}
		for i := range 70 {
			state := "offline"
			if i < 2 {
				state = "online"
			}
			out = append(out, arispec.Endpoint{Technology: "PJSIP", Resource: fmt.Sprint(101 + i), State: state})
		}
		return aritest.Reply{Body: out}
	})
	if in := r.start(); !reflect.DeepEqual(in.Endpoints, []string{"101", "102"}) {
		t.Errorf("%v", in.Endpoints)
	}
	subscriptions := func() (sources []string) {
		for _, q := range r.fake.Requests() {
			if q.Op == arispec.OpApplicationsSubscribe {
				if q.Arg("applicationName") != "strowger-phones" {
					t.Errorf("subscribed in %s", q.Arg("applicationName"))
				}
				sources = append(sources, strings.Split(q.Arg("eventSource"), ",")...)
			}
		}
		return sources
	}
	if s := subscriptions(); len(s) != 70 || s[0] != "endpoint:PJSIP/101" {
		t.Errorf("%d subscriptions: %v", len(s), s)
	}
	endpoint := func(name, state string) arispec.Endpoint {
		return arispec.Endpoint{Technology: "PJSIP", Resource: name, State: state}
	}
	phones := arispec.EventHeader{Application: "strowger-phones"}
	r.send(
		&arispec.ChannelHold{EventHeader: phones, Channel: channel("17.2", "Up", "")}, // of the calls' application, too
		&arispec.PeerStatusChange{EventHeader: phones, Endpoint: endpoint("101", "online")},
		&arispec.PeerStatusChange{EventHeader: phones, Endpoint: endpoint("103", "offline")},
		&arispec.PeerStatusChange{EventHeader: phones, Endpoint: endpoint("103", "online")},
		&arispec.ContactStatusChange{EventHeader: phones, Endpoint: endpoint("103", "online")},
		&arispec.PeerStatusChange{EventHeader: phones, Endpoint: arispec.Endpoint{Technology: "IAX2", Resource: "104", State: "online"}},
		&arispec.PeerStatusChange{EventHeader: phones, Endpoint: endpoint("a b", "online")},
		&arispec.ContactStatusChange{EventHeader: phones, Endpoint: endpoint("101", "offline")},
	)
	for _, w := range []callmodel.EndpointState{{Node: "a1", Endpoint: "103", Online: true}, {Node: "a1", Endpoint: "101"}} {
		if e := want[callmodel.EndpointState](r); e != w {
			t.Errorf("%+v, want %+v", e, w)
		}
	}
	r.link.Doubt()
	want[callmodel.Resync](r)
	if n := len(subscriptions()); n != 70 {
		t.Errorf("%d subscriptions after a check: only new phones are subscribed to", n)
	}
	r.fake.Drop()
	want[callmodel.NodeDown](r)
	want[callmodel.Resync](r)
	if n := len(subscriptions()); n != 140 {
		t.Errorf("%d subscriptions after a reconnect: all are needed again", n)
	}
	if n := log.count("have no endpoint in Asterisk"); n != 1 {
		t.Errorf("said %d times what is missing", n)
	}
	if n := r.link.Stats(); n.PhonesWatched != 70 || n.PhonesMissing != 2 {
		t.Errorf("%+v", n)
	}
}

// TestTalkNotify: through an AMI session that is opened when first needed, and
// again after a loss.
func TestTalkNotify(t *testing.T) {
	t.Parallel()
	a := aritest.StartAMI(t)
	a.On("PJSIPNotify", func(m ami.Message) []ami.Message {
		if m.Get("Channel") != "sw-1" || m.Get("Variable") != "Event=talk" {
			return []ami.Message{aritest.Refusal("Channel not found")}
		}
		return []ami.Message{aritest.Success("NOTIFY sent")}
	})
	r := newLink(t, func(o *link.Options) {
		o.Notify = link.NotifyConfig{Addr: a.Addr(), User: aritest.User, Secret: aritest.Password}
	})
	r.start()
	if n := len(a.Seen()); n != 0 {
		t.Errorf("%d actions before one was needed", n)
	}
	r.must(callmodel.NotifyTalk{Channel: "sw-1", Endpoint: "101"})
	if res := r.link.Apply(r.ctx(), callmodel.NotifyTalk{Channel: "sw-2", Endpoint: "101"}); res.Outcome != callmodel.Failed || !res.Gone {
		t.Errorf("%+v", res)
	}
	a.Drop()
	r.until("the session is opened again", func() bool {
		return r.link.Apply(r.ctx(), callmodel.NotifyTalk{Channel: "sw-1", Endpoint: "101"}).Outcome == callmodel.Done
	})
	r.link.Stop()
	if res := r.link.Apply(r.ctx(), callmodel.NotifyTalk{Channel: "sw-1", Endpoint: "101"}); res.Outcome != callmodel.Failed {
		t.Errorf("after the stop: %+v", res)
	}
}

// TestSecretDigitsStayInside: a canary as the secret entry is in no fact, log
// line, figure or error, whatever else happens on the way.
func TestSecretDigitsStayInside(t *testing.T) {
	t.Parallel()
	// No part of it may come about by chance, as four digits of a time could.
	const canary, number = "73*51*82*", "739514826"
	log := &logs{}
	r := newLink(t, func(o *link.Options) {
		o.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	r.start()
	var seen bytes.Buffer
	press := func(digits string) {
		for _, d := range digits {
			r.send(&arispec.ChannelDtmfReceived{Digit: string(d), DurationMs: 160, Channel: channel("17.1", "Up", "strowger,in,600")})
		}
	}
	press(canary) // nobody asked
	r.send(&arispec.ChannelHold{Channel: channel("17.1", "Up", "")})
	fmt.Fprintf(&seen, "%+v\n", want[callmodel.ChannelHeld](r))
	r.must(callmodel.Collect{Channel: "17.1", Collect: 4, Max: 20, Terminators: "#", Secret: true})
	press(canary)
	for i := range len(canary) {
		d := want[callmodel.DigitSecret](r)
		if d.Count != i+1 || d.Done || d.Collect != 4 {
			t.Errorf("%+v", d)
		}
		fmt.Fprintf(&seen, "%+v\n", d)
	}
	for _, broken := range []string{
		`{"type":"ChannelDtmfReceived","digit":"` + canary + `","channel":{"id":"17.1"}}`, `{"type":"ChannelDtmfReceived","digit":` + number + `,"channel":{"id":"17.1"}}`,
		`{"type":"ChannelDtmfReceived","digit":"` + canary + `","channel":{"id":17}}`, `{"type":"ChannelDtmfReceived","digit":"` + canary, `{"type":"ChannelDtmfReceived","digit":["` + canary + `"]}`,
	} {
		if err := r.fake.SendRaw(r.ctx(), []byte(broken)); err != nil {
			t.Fatal(err)
		}
	}
	press("#" + canary)
	d := want[callmodel.DigitSecret](r)
	if !d.Done || d.Count != len(canary) {
		t.Errorf("%+v", d)
	}
	// What was pressed behind the end must be read before a new collection
	// opens, which would count it.
	r.send(&arispec.ChannelHold{Channel: channel("17.1", "Up", "")})
	fmt.Fprintf(&seen, "%+v\n", want[callmodel.ChannelHeld](r))
	r.fake.Once(arispec.OpChannelsSendDTMF, aritest.Error(500, "Internal"), aritest.Reply{Close: true})
	for range 2 {
		fmt.Fprintf(&seen, "%v\n", r.link.Apply(r.ctx(), callmodel.SendDTMF{Channel: "17.1", Digits: canary}).Err)
	}
	fmt.Fprintf(&seen, "%v\n", r.link.Apply(r.ctx(), callmodel.SendDTMF{Channel: "17.1", Digits: canary + "x"}).Err)
	r.must(callmodel.Collect{Channel: "17.1", Collect: 5, Max: 20, Secret: true})
	press(canary[:3])
	for range 3 {
		want[callmodel.DigitSecret](r)
	}
	r.fake.Drop()
	fmt.Fprintf(&seen, "%+v\n", want[callmodel.NodeDown](r))
	fmt.Fprintf(&seen, "%+v\n", want[callmodel.Resync](r))
	r.synced(2)
	press(canary[3:]) // the rest of an entry of which the start is lost
	r.send(&arispec.ChannelUnhold{Channel: channel("17.1", "Up", "")})
	want[callmodel.ChannelUnheld](r)
	n := r.link.Stats()
	if n.CollectsOpen != 0 || n.DigitsSecret == 0 || n.DigitsForgotten == 0 {
		t.Errorf("%+v", n)
	}
	fmt.Fprintf(&seen, "%+v %+v\n", n, r.link.Info())
	parts := []string{number[:7], number[2:]}
	for i := range len(canary) - 3 {
		parts = append(parts, canary[i:i+4])
	}
	for _, part := range parts {
		if strings.Contains(seen.String(), part) || log.count(part) != 0 {
			t.Errorf("%q got out:\n%s", part, seen.String())
		}
	}
}
