package ua

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/media/codec"
	"strowger/sip/ua/sdp"
	"strowger/switch/fault"
)

// Our 200 is repeated until the ACK comes, with one tag.
func TestAnswerIsRepeatedUntilAck(t *testing.T) {
	t.Parallel()
	p := newRawPeer(t, newPhone(t, Config{T1: 20 * time.Millisecond, Policy: func(Invite) Decision { return Decision{Action: Answer} }}))
	rc := p.newCall()
	first := rc.do("INVITE", sdpType, offerBody(sdp.SendRecv), "SIP/2.0 200")
	rc.tag = first.toTag()
	for range 3 {
		if again := rc.expect("SIP/2.0 200"); again.toTag() != rc.tag {
			t.Fatalf("tag changed: %s", again.text)
		}
	}
	c, err := p.u.WaitIncoming(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s := c.Snapshot().State; s != Answering {
		t.Errorf("before the ACK: %v", s)
	}
	rc.ack("")
	if err := c.WaitAnswered(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A caller that never acknowledges is hung up after 64*T1 (RFC 3261 section 13.3.1.4).
func TestNoAckEndsTheCall(t *testing.T) {
	t.Parallel()
	p := newRawPeer(t, newPhone(t, Config{T1: 5 * time.Millisecond, Policy: func(Invite) Decision { return Decision{Action: Answer} }}))
	rc := p.newCall()
	rc.do("INVITE", sdpType, offerBody(sdp.SendRecv), "SIP/2.0 200")
	for {
		m := p.next()
		if strings.HasPrefix(m.first, "BYE ") {
			p.write("SIP/2.0 200 OK\r\nVia: " + m.header("Via") + "\r\nFrom: " + m.header("From") + "\r\nTo: " + m.header("To") +
				"\r\nCall-ID: " + m.header("Call-ID") + "\r\nCSeq: " + m.header("CSeq") + "\r\nContent-Length: 0\r\n\r\n")
			break
		}
	}
	c, err := p.u.WaitIncoming(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if e, err := c.WaitEnded(t.Context()); err != nil || e.By != Network {
		t.Errorf("%+v, %v", e, err)
	}
}

// The 487 after CANCEL carries the tag of the 180, and the CANCEL its own 200.
func TestCancelKeepsTheTag(t *testing.T) {
	t.Parallel()
	p := newRawPeer(t, newPhone(t, Config{}))
	rc := p.newCall()
	ringing := rc.do("INVITE", sdpType, offerBody(sdp.SendRecv), "SIP/2.0 180")
	rc.n-- // CANCEL has the branch of its INVITE
	rc.request("CANCEL", rc.seq, "", "")
	rc.expect("SIP/2.0 200")
	gone := rc.expect("SIP/2.0 487")
	if gone.toTag() != ringing.toTag() || gone.toTag() == "" {
		t.Errorf("180 has tag %q, 487 has %q", ringing.toTag(), gone.toTag())
	}
	rc.n++
	rc.request("CANCEL", rc.seq, "", "")
	rc.expect("SIP/2.0 481")
}

// What a peer may send inside a call, and the answer to each.
func TestRequestsInACall(t *testing.T) {
	t.Parallel()
	p := newRawPeer(t, newPhone(t, Config{}))
	rc, c := p.up("Session-Expires: 90\r\nSupported: timer\r\n")
	rc.do("OPTIONS", "", "", "SIP/2.0 200")
	rc.do("INFO", "", "", "SIP/2.0 200")
	rc.do("NOTIFY", "Event: message-summary\r\nSubscription-State: active\r\n", "", "SIP/2.0 200")
	rc.do("REFER", "Refer-To: <sip:x@127.0.0.1>\r\n", "", "SIP/2.0 603")
	if m := rc.do("UPDATE", "Session-Expires: 90;refresher=uac\r\n", "", "SIP/2.0 200"); m.header("Session-Expires") != "90;refresher=uac" || m.body() != "" {
		t.Errorf("session refresh: %s", m.text)
	}
	if m := rc.do("UPDATE", sdpType, offerBody(sdp.SendOnly), "SIP/2.0 200"); !strings.Contains(m.body(), "a=recvonly") {
		t.Errorf("hold by UPDATE: %s", m.text)
	}
	if s := c.Snapshot(); !s.RemoteHold || s.Refreshes != 1 || s.Notifies != 2 || s.Refers != 1 || s.Offers != 1 {
		t.Errorf("%+v", s)
	}
	m := rc.do("INVITE", "", "", "SIP/2.0 200") // no SDP: the offer is ours
	if !strings.Contains(m.body(), "a=sendrecv") {
		t.Errorf("re-INVITE without SDP: %s", m.text)
	}
	rc.ack(offerBody(sdp.SendRecv))
	if err := c.WaitRemoteHold(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	rc.do("INVITE", sdpType, "v=0\r\nm=audio 1 RTP/AVP 0\r\n", "SIP/2.0 488")
	rc.n-- // the ACK of a refusal has the branch of its INVITE
	rc.request("ACK", rc.seq, "", "")
	rc.do("INVITE", sdpType, offerBody(sdp.Inactive), "SIP/2.0 200")
	rc.ack("")
	rc.do("UPDATE", sdpType, "garbage", "SIP/2.0 488")
	rc.do("PUBLISH", "", "", "SIP/2.0 405")
	rc.request("INFO", 1, "", "") // a number of the past
	rc.expect("SIP/2.0 500")
	rc.do("BYE", "Reason: Q.850;cause=34\r\n", "", "SIP/2.0 200")
	if e, err := c.WaitEnded(t.Context()); err != nil || e.By != Remote || e.Cause != 34 {
		t.Errorf("%+v, %v", e, err)
	}
	rc.do("BYE", "", "", "SIP/2.0 481")
	rc.do("INVITE", sdpType, offerBody(sdp.SendRecv), "SIP/2.0 481")
}

// A second offer while the first waits for its ACK is told to wait (491).
func TestOfferDuringOffer(t *testing.T) {
	t.Parallel()
	p := newRawPeer(t, newPhone(t, Config{T1: 50 * time.Millisecond}))
	rc, _ := p.up("")
	rc.do("INVITE", sdpType, offerBody(sdp.SendRecv), "SIP/2.0 200")
	rc.seq++
	rc.request("UPDATE", rc.seq, sdpType, offerBody(sdp.SendOnly))
	for { // our 200 is repeated meanwhile
		if m := p.next(); strings.HasPrefix(m.first, "SIP/2.0 491") {
			break
		} else if !strings.HasPrefix(m.first, "SIP/2.0 200") {
			t.Fatalf("%s", m.text)
		}
	}
	rc.request("ACK", rc.seq-1, "", "")
}

func TestRequestsOutsideACall(t *testing.T) {
	t.Parallel()
	p := newRawPeer(t, newPhone(t, Config{}))
	for _, tc := range []struct{ method, extra, body, want string }{
		{"OPTIONS", "", "", "SIP/2.0 200"},
		{"NOTIFY", "Event: message-summary\r\n", "", "SIP/2.0 200"},
		{"MESSAGE", "", "hello", "SIP/2.0 200"},
		{"REFER", "", "", "SIP/2.0 603"},
		{"SUBSCRIBE", "", "", "SIP/2.0 405"},
		{"BYE", "", "", "SIP/2.0 481"},
		{"UPDATE", "", "", "SIP/2.0 481"},
		{"INVITE", sdpType + "Require: 100rel, timer\r\n", offerBody(sdp.SendRecv), "SIP/2.0 420"},
		{"INVITE", sdpType, "nonsense", "SIP/2.0 400"},
		{"INVITE", sdpType, strings.Replace(offerBody(sdp.SendRecv), "AVP 0 101", "AVP 9 101", 1), "SIP/2.0 488"},
	} {
		if m := p.newCall().do(tc.method, tc.extra, tc.body, tc.want); strings.HasPrefix(tc.want, "SIP/2.0 420") && m.header("Unsupported") != "100rel" {
			t.Errorf("420 says %q", m.header("Unsupported"))
		}
	}
	rc := p.newCall()
	rc.tag = "nobody"
	rc.do("INFO", "", "", "SIP/2.0 481")
	if n := len(p.u.Calls()); n != 0 {
		t.Errorf("%d calls left", n)
	}
}

// Garbage is counted and dropped, and the phone still answers.
func TestGarbage(t *testing.T) {
	t.Parallel()
	p := newRawPeer(t, newPhone(t, Config{}))
	for _, s := range []string{
		"x", "INVITE\r\n\r\n", "INVITE sip:bob@h SIP/2.0\r\n\r\n", strings.Repeat("A", maxMessage+1),
		"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n\r\n",
		"BYE sip:bob@h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n\r\n",
		"BYE sip:bob@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 ACK\r\n\r\n",
	} {
		p.write(s)
	}
	p.write("\r\n\r\n") // a keep-alive is no garbage
	p.newCall().do("OPTIONS", "", "", "SIP/2.0 200")
	if n := p.u.Stats().BadMessages; n != 7 {
		t.Errorf("%d counted, want 7", n)
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{
		"no user":      {},
		"bad user":     {User: "a b"},
		"crlf":         {User: "a\r\nX: y"},
		"bad server":   {User: "a", Server: "host"},
		"display name": {User: "a", DisplayName: "x\r\nVia: y"},
		"quote":        {User: "a", DisplayName: `x"y`},
		"expires":      {User: "a", Expires: time.Second},
		"codec":        {User: "a", Codecs: []codec.Codec{3}},
	} {
		if _, err := New(cfg); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTargetsAndHeadersAreChecked(t *testing.T) {
	t.Parallel()
	u := newPhone(t, Config{Server: "127.0.0.1:9"})
	for _, target := range []string{"", "1 2", "300&PJSIP/x", "${X}", "1\r\nX: y", "sip:", "sip:a@b>\r\n", strings.Repeat("1", maxNumber+1)} {
		if _, err := u.Call(t.Context(), target, CallOptions{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("target %q: %v", target, err)
		}
	}
	for _, h := range []Header{{"", "x"}, {"X", "a\r\nY: b"}, {"X:Y", "a"}, {"Via", "x"}, {"call-id", "x"}, {"X", strings.Repeat("x", 300)}} {
		if _, err := u.Call(t.Context(), "1", CallOptions{Headers: []Header{h}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("header %q: %v", h, err)
		}
	}
	if _, err := u.Call(t.Context(), "1", CallOptions{Headers: make([]Header, maxHeaders+1)}); !fault.Is(err, fault.Invalid) {
		t.Errorf("many headers: %v", err)
	}
	if _, err := u.Call(t.Context(), "1", CallOptions{FromUser: "a b"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("caller: %v", err)
	}
	if s := u.Stats(); s.Placed != 0 || s.Calls != 0 {
		t.Errorf("%+v", s)
	}
}

func TestStartOnce(t *testing.T) {
	t.Parallel()
	u := newPhone(t, Config{})
	if err := u.Start(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Errorf("second start: %v", err)
	}
	never, err := New(Config{User: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := never.Call(t.Context(), "1", CallOptions{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("call before start: %v", err)
	}
	if err := never.Register(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Errorf("register before start: %v", err)
	}
	for range 2 {
		if err := never.Stop(t.Context()); err != nil {
			t.Errorf("stop of a phone never started: %v", err)
		}
	}
	if err := never.Start(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Errorf("start after stop: %v", err)
	}
	if err := u.Register(t.Context()); !fault.Is(err, fault.Invalid) {
		t.Errorf("register without a server: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := u.WaitIncoming(ctx); !fault.Is(err, fault.Unavailable) {
		t.Errorf("nobody calls: %v", err)
	}
}

// Whatever passes the filter can be answered: the datagram path must not panic.
func FuzzFilter(f *testing.F) {
	f.Add([]byte("OPTIONS sip:bob@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n"))
	f.Add([]byte("INVITE sip:bob@h SIP/2.0\r\nv: SIP/2.0/UDP h;branch=z9hG4bKx;rport\r\nf: <sip:a@b>;tag=1\r\nt: \"x\" <sip:a@b>\r\ni: 1\r\nCSeq: 1 INVITE\r\nm: <sip:q@1.2.3.4>\r\nRecord-Route: <sip:p;lr>\r\nRequire: timer\r\nx: 90\r\n\r\nv=0"))
	f.Add([]byte("SIP/2.0 200\r\n\r\n"))
	var bad atomic.Uint64
	fl := &filter{parser: sip.NewParser(), bad: &bad}
	u, err := New(Config{User: "bob"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(_ *testing.T, raw []byte) {
		if out, err := fl.read(sip.TransportReadProps{}, raw); err != nil || len(out) == 0 {
			return
		}
		msg, err := sip.ParseMessage(raw)
		if err != nil {
			return
		}
		req, ok := msg.(*sip.Request)
		if !ok {
			return
		}
		_, _, _ = u.refusal(req), unsupported(req), q850(req)
		inviteOf(req)
		res := sip.NewResponseFromRequest(req, 200, "OK", nil)
		sessionTimer(req, res)
		_ = res.String()
		for _, r := range recordRoutes(req) {
			routeHost(r)
		}
	})
}
