package link_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/ari/link"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// TestOutcomes: what each answer of Asterisk means for an order.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	patient, hasty := newLink(t, nil), newLink(t, func(o *link.Options) { o.Timeout = 300 * time.Millisecond })
	patient.start()
	hasty.start()
	answer, join := callmodel.Answer{Channel: "17.1"}, callmodel.Join{Bridge: "sw-b-1", Channels: []callmodel.ChannelID{"17.1", "sw-1"}}
	originate := callmodel.Originate{Channel: "sw-1", Endpoint: "101", Timeout: time.Second}
	bridge, destroy, hangup := callmodel.CreateBridge{Bridge: "sw-b-1"}, callmodel.DestroyBridge{Bridge: "sw-b-1"}, callmodel.Hangup{Channel: "sw-1", Cause: 17}
	play := func(id callmodel.PlayID) callmodel.Play {
		return callmodel.Play{Play: id, Channel: "17.1", Media: []string{"sound:beep"}}
	}
	const done, failed, unknown = callmodel.Done, callmodel.Failed, callmodel.Unknown
	for _, c := range []struct {
		name    string
		effect  callmodel.Effect
		op      arispec.Op
		reply   aritest.Reply
		outcome callmodel.Result
		gone    bool
		later   bool
		kind    fault.Kind
	}{
		{"done", answer, arispec.OpChannelsAnswer, aritest.Reply{}, done, false, false, 0},
		{"no such channel", answer, arispec.OpChannelsAnswer, aritest.Error(404, "Channel not found"), failed, true, false, fault.NotFound},
		{"not in our application", answer, arispec.OpChannelsAnswer, aritest.Error(409, "Channel not in Stasis"), failed, false, false, fault.Conflict},
		{"cannot be put into a bridge yet", join, arispec.OpBridgesAddChannel, aritest.Error(422, "Channel not in Stasis application"), failed, false, false, fault.Conflict},
		{"no such bridge", join, arispec.OpBridgesAddChannel, aritest.Error(404, "Bridge not found"), failed, true, false, fault.NotFound},
		{"server error", answer, arispec.OpChannelsAnswer, aritest.Error(500, "Internal"), failed, false, true, fault.Unavailable},
		{"overload", answer, arispec.OpChannelsAnswer, aritest.Error(503, "Busy"), failed, false, true, fault.Unavailable},
		{"no rights", answer, arispec.OpChannelsAnswer, aritest.Error(403, "Forbidden"), failed, false, false, fault.Denied},
		{"a post without an answer", answer, arispec.OpChannelsAnswer, aritest.Reply{Hang: true}, unknown, false, false, fault.Unknown},
		{"a post whose connection is closed", answer, arispec.OpChannelsAnswer, aritest.Reply{Close: true}, unknown, false, false, fault.Unknown},
		{"a delete without an answer", hangup, arispec.OpChannelsHangup, aritest.Reply{Hang: true}, failed, false, true, fault.Unavailable},
		{"hang up what is gone", hangup, arispec.OpChannelsHangup, aritest.Error(404, "Channel not found"), failed, true, false, fault.NotFound},
		{"bridge is there already", bridge, arispec.OpBridgesCreateWithID, aritest.Error(409, "Bridge with id already exists"), done, false, false, 0},
		{"bridge is gone already", destroy, arispec.OpBridgesDestroy, aritest.Error(404, "Bridge not found"), done, false, false, 0},
		{"originate", originate, arispec.OpChannelsOriginateWithID, aritest.Reply{Body: channel("sw-1", "Down", "")}, done, false, false, 0},
		{"originate twice", originate, arispec.OpChannelsOriginateWithID, aritest.Error(409, "Channel with given unique ID already exists"), done, false, false, 0},
		{"originate to a phone that is not there", originate, arispec.OpChannelsOriginateWithID, aritest.Error(500, "Allocation failed"), failed, false, false, fault.NotFound},
		{"originate without an answer", originate, arispec.OpChannelsOriginateWithID, aritest.Reply{Hang: true}, unknown, false, false, fault.Unknown},
		{"originate with an answer that is cut", originate, arispec.OpChannelsOriginateWithID, aritest.Reply{Cut: true, Body: channel("sw-1", "Down", "")}, unknown, false, false, fault.Unknown},
		{"play", play("sw-p-1"), arispec.OpChannelsPlayWithID, aritest.Reply{Status: 201, Body: map[string]string{"id": "sw-p-1", "state": "queued"}}, done, false, false, 0},
		{"play to nobody", play("sw-p-2"), arispec.OpChannelsPlayWithID, aritest.Error(404, "Channel not found"), failed, true, false, fault.NotFound},
		{"play without an answer", play("sw-p-3"), arispec.OpChannelsPlayWithID, aritest.Reply{Hang: true}, unknown, false, false, fault.Unknown},
		{"stop what plays and has just ended", callmodel.StopPlay{Play: "sw-p-1"}, arispec.OpPlaybacksStop, aritest.Error(404, "Playback not found"), done, false, false, 0},
		{"stop what nobody knows", callmodel.StopPlay{Play: "sw-p-2"}, arispec.OpPlaybacksStop, aritest.Error(404, "Playback not found"), failed, true, false, fault.NotFound},
		{"digits to nobody", callmodel.SendDTMF{Channel: "17.1", Digits: "1"}, arispec.OpChannelsSendDTMF, aritest.Error(404, "Channel not found"), failed, true, false, fault.NotFound},
		{"mute nobody", callmodel.MuteLeg{Channel: "17.1", On: true}, arispec.OpChannelsMute, aritest.Error(404, "Channel not found"), failed, true, false, fault.NotFound},
		{"originate refused", originate, arispec.OpChannelsOriginateWithID, aritest.Error(400, "Invalid"), failed, false, false, fault.Invalid},
	} {
		r := patient
		if c.reply.Hang {
			r = hasty
		}
		r.fake.Once(c.op, c.reply)
		got := r.link.Apply(r.ctx(), c.effect)
		if got.Outcome != c.outcome || got.Gone != c.gone || got.Later != c.later || fault.KindOf(got.Err) != c.kind {
			t.Errorf("%s: got outcome %v gone %v later %v error %v, want %v %v %v %v", c.name, got.Outcome, got.Gone, got.Later, got.Err, c.outcome, c.gone, c.later, c.kind)
		}
	}
}

// TestRequests: the request that each order becomes.
func TestRequests(t *testing.T) {
	t.Parallel()
	r := newLink(t, nil)
	r.start()
	for _, c := range []struct {
		effect callmodel.Effect
		op     arispec.Op
		args   map[string]string
	}{
		{callmodel.Ring{Channel: "17.1"}, arispec.OpChannelsRing, map[string]string{"channelId": "17.1"}},
		{callmodel.StopRing{Channel: "17.1"}, arispec.OpChannelsRingStop, map[string]string{"channelId": "17.1"}},
		{callmodel.StartMusic{Channel: "17.1", Class: "jazz"}, arispec.OpChannelsStartMoh, map[string]string{"channelId": "17.1", "mohClass": "jazz"}},
		{callmodel.StopMusic{Channel: "17.1"}, arispec.OpChannelsStopMoh, map[string]string{"channelId": "17.1"}},
		{callmodel.Leave{Channel: "17.1", Bridge: "sw-b-1"}, arispec.OpBridgesRemoveChannel, map[string]string{"bridgeId": "sw-b-1", "channel": "17.1"}},
		{
			callmodel.Join{Bridge: "sw-b-1", Channels: []callmodel.ChannelID{"17.1", "sw-1"}},
			arispec.OpBridgesAddChannel,
			map[string]string{"bridgeId": "sw-b-1", "channel": "17.1,sw-1", "inhibitConnectedLineUpdates": "true"},
		},
		{callmodel.CreateBridge{Bridge: "sw-b-1"}, arispec.OpBridgesCreateWithID, map[string]string{"bridgeId": "sw-b-1", "type": "mixing"}},
		{callmodel.Hangup{Channel: "17.1", Cause: 17}, arispec.OpChannelsHangup, map[string]string{"channelId": "17.1", "reason_code": "17"}},
		{
			callmodel.Originate{Channel: "sw-1", Endpoint: "101", CallerID: "4917055501", CallerName: "An\"na\r\nX: y", Timeout: 2500 * time.Millisecond},
			arispec.OpChannelsOriginateWithID,
			map[string]string{"channelId": "sw-1", "endpoint": "PJSIP/101", "app": "strowger", "appArgs": "out", "callerId": `"AnnaX: y" <4917055501>`, "timeout": "3"},
		},
		{
			callmodel.Originate{Channel: "sw-2", Endpoint: "101", Timeout: time.Second},
			arispec.OpChannelsOriginateWithID,
			map[string]string{"channelId": "sw-2", "callerId": "anonymous"},
		},
		{
			callmodel.Originate{Channel: "sw-3", Endpoint: "trunk", Dial: "+4917055502", CallerID: "4930600", Timeout: time.Second},
			arispec.OpChannelsOriginateWithID,
			map[string]string{"endpoint": "PJSIP/+4917055502@trunk", "callerId": "4930600"},
		},
		{
			callmodel.Originate{Channel: "sw-4", Endpoint: "trunk", Dial: "*43#", CallerName: "Firma", Timeout: time.Second},
			arispec.OpChannelsOriginateWithID,
			map[string]string{"endpoint": "PJSIP/*43#@trunk", "callerId": ""},
		},
		{
			callmodel.Play{Play: "sw-p-1", Channel: "17.1", Media: []string{"sound:hello", "tone:ring", "digits:12"}},
			arispec.OpChannelsPlayWithID,
			map[string]string{"channelId": "17.1", "playbackId": "sw-p-1", "media": "sound:hello,tone:ring,digits:12"},
		},
		{
			callmodel.Play{Play: "sw-p-2", Bridge: "sw-b-1", Media: []string{"number:5"}},
			arispec.OpBridgesPlayWithID,
			map[string]string{"bridgeId": "sw-b-1", "playbackId": "sw-p-2", "media": "number:5"},
		},
		{callmodel.StopPlay{Play: "sw-p-2"}, arispec.OpPlaybacksStop, map[string]string{"playbackId": "sw-p-2"}},
		{
			callmodel.SendDTMF{Channel: "17.1", Digits: "12ab*#"},
			arispec.OpChannelsSendDTMF,
			map[string]string{"channelId": "17.1", "dtmf": "12AB*#", "duration": "100", "between": "60"},
		},
		{callmodel.MuteLeg{Channel: "17.2", On: true}, arispec.OpChannelsMute, map[string]string{"channelId": "17.2", "direction": "in"}},
		{callmodel.MuteLeg{Channel: "17.2"}, arispec.OpChannelsUnmute, map[string]string{"channelId": "17.2", "direction": "in"}},
	} {
		r.fake.Ignore(arispec.OpAsteriskGetInfo, arispec.OpChannelsList, arispec.OpBridgesList, arispec.OpApplicationsFilter)
		if res := r.link.Apply(r.ctx(), c.effect); res.Outcome != callmodel.Done {
			t.Errorf("%s: %+v", c.effect.What(), res)
		}
		req, err := r.fake.Expect(r.ctx(), c.op)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range c.args {
			if got := req.Arg(name); got != want {
				t.Errorf("%s: %s is %q, want %q", c.effect.What(), name, got, want)
			}
		}
	}
}

// TestAutoAnswerHeaders: the headers go out with a version that can take them,
// and not with one that deadlocks.
func TestAutoAnswerHeaders(t *testing.T) {
	t.Parallel()
	order := callmodel.Originate{Channel: "sw-1", Endpoint: "101", AutoAnswer: true, Timeout: time.Second}
	for version, allowed := range map[string]bool{"22.10.1~dfsg": true, "22.10.0": true, "22.9.0": false, "20.16.0": false, "23.1.0": true} {
		r := newLink(t, nil)
		r.fake.On(arispec.OpAsteriskGetInfo, func(aritest.Request) aritest.Reply {
			return aritest.Reply{Body: map[string]any{
				"system": map[string]string{"version": version, "entity_id": "x"},
				"status": map[string]string{"startup_time": "2026-03-02T09:00:00.000+0000", "last_reload_time": "2026-03-02T09:00:00.000+0000"},
			}}
		})
		r.start()
		res := r.link.Apply(r.ctx(), order)
		if !allowed {
			if res.Outcome != callmodel.Failed || !fault.Is(res.Err, fault.Unsupported) {
				t.Errorf("%s: %+v", version, res)
			}
			continue
		}
		if res.Outcome != callmodel.Done {
			t.Errorf("%s: %+v", version, res)
			continue
		}
		orders := r.orders()
		var body struct{ Variables map[string]json.RawMessage }
		if err := json.Unmarshal(orders[len(orders)-1].Body, &body); err != nil {
			t.Fatal(err)
		}
		text := string(body.Variables["PJSIP_HEADER(add,Call-Info)"]) + string(body.Variables["PJSIP_HEADER(add,Alert-Info)"])
		if len(body.Variables) != 2 || !strings.Contains(text, "answer-after=0") || !strings.Contains(text, "alert-autoanswer") {
			t.Errorf("%s: %s", version, orders[len(orders)-1].Body)
		}
	}
}

// TestEndpointsAreNames: nothing but a name becomes part of a dial string.
func TestEndpointsAreNames(t *testing.T) {
	t.Parallel()
	r := newLink(t, nil)
	r.start()
	before := r.orders()
	for _, endpoint := range []string{"", "300&PJSIP/x", "x@evil.example", "${EXTEN}", "1/sip:x", "a b", "a\r\nb", strings.Repeat("a", 41), "ü"} {
		res := r.link.Apply(r.ctx(), callmodel.Originate{Channel: "sw-1", Endpoint: endpoint, Timeout: time.Second})
		if res.Outcome != callmodel.Failed || res.Later || !fault.Is(res.Err, fault.Invalid) {
			t.Errorf("endpoint %q: %+v", endpoint, res)
		}
	}
	for _, id := range []callmodel.ChannelID{"", "a\r\nb", "a\x00b", "a\xffb"} {
		if res := r.link.Apply(r.ctx(), callmodel.Answer{Channel: id}); res.Outcome != callmodel.Failed {
			t.Errorf("channel %q: %+v", id, res)
		}
	}
	if after := r.orders(); !reflect.DeepEqual(before, after) {
		t.Errorf("orders reached Asterisk: %+v", after[len(before):])
	}
}

// TestJoinDoubt: an order about a leg that does not exist means that an event
// was missed.
func TestJoinDoubt(t *testing.T) {
	t.Parallel()
	r := newLink(t, nil)
	r.start()
	r.fake.Once(arispec.OpBridgesAddChannel, aritest.Error(400, "Channel not found"))
	res := r.link.Apply(r.ctx(), callmodel.Join{Bridge: "sw-b-1", Channels: []callmodel.ChannelID{"17.1"}})
	if res.Outcome != callmodel.Failed || !fault.Is(res.Err, fault.Invalid) {
		t.Errorf("%+v", res)
	}
	want[callmodel.Resync](r)
}
