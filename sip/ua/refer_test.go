package ua

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"strowger/sip/ua/sdp"
	"strowger/switch/fault"
)

// reply answers a request that the raw peer got.
func (p *rawPeer) reply(m message, status string) {
	p.t.Helper()
	p.write("SIP/2.0 " + status + "\r\nVia: " + m.header("Via") + "\r\nFrom: " + m.header("From") + "\r\nTo: " + m.header("To") +
		"\r\nCall-ID: " + m.header("Call-ID") + "\r\nCSeq: " + m.header("CSeq") + "\r\nContact: <sip:al@" + p.addr() + ">\r\nContent-Length: 0\r\n\r\n")
}

// notify sends a NOTIFY of a transfer and expects an answer.
func (c *rawCall) notify(event, state, frag, want string) {
	c.t.Helper()
	extra := "Event: " + event + "\r\nSubscription-State: " + state + "\r\n"
	if frag != "" {
		extra += "Content-Type: message/sipfrag;version=2.0\r\n"
	}
	c.do("NOTIFY", extra, frag, want)
}

type referEnd struct {
	res ReferResult
	err error
}

// refer starts a transfer and returns the REFER that came and where its outcome appears.
func (c *rawCall) refer(call func() (ReferResult, error)) (message, <-chan referEnd) {
	c.t.Helper()
	ch := make(chan referEnd, 1)
	go func() {
		res, err := call()
		if res.Accepted == 0 && err != nil {
			c.t.Logf("transfer: %v", err)
		}
		ch <- referEnd{res, err}
	}()
	return c.expect("REFER "), ch
}

func TestReferBlind(t *testing.T) {
	t.Parallel()
	p := newRawPeer(t, newPhone(t, Config{Server: "127.0.0.1:5070"}))
	rc, c := p.up("")
	m, done := rc.refer(func() (ReferResult, error) { return c.Refer(t.Context(), "8000") })
	if m.header("Refer-To") != "<sip:8000@127.0.0.1>" || m.header("Referred-By") != "<sip:bob@127.0.0.1>" || m.header("Contact") == "" {
		t.Errorf("%s", m.text)
	}
	rc.notify("refer", "active;expires=60", "SIP/2.0 100 Trying\r\n", "SIP/2.0 200") // overtakes the 202
	p.reply(m, "202 Accepted")
	if _, err := c.Refer(t.Context(), "1"); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second transfer meanwhile: %v", err)
	}
	id := strings.Fields(m.header("CSeq"))[0]
	rc.notify("refer;id="+id, "active", "garbage", "SIP/2.0 400")
	rc.notify("refer;id=0", "active", "SIP/2.0 200 OK\r\n", "SIP/2.0 481")
	rc.do("BYE", "", "", "SIP/2.0 200") // the peer lets go before it tells the outcome
	rc.notify("refer;id="+id, "active", "SIP/2.0 180 Ringing\r\n", "SIP/2.0 200")
	rc.notify("refer;id="+id, "terminated;reason=noresource", "SIP/2.0 200 OK\r\n", "SIP/2.0 200")
	want := ReferResult{Accepted: 202, Status: 200, Reason: "OK", Notifies: 3, Closed: true}
	if e := <-done; e.err != nil || e.res != want || !e.res.Done() {
		t.Errorf("%+v, %v", e.res, e.err)
	}
	rc.notify("refer", "active", "SIP/2.0 200 OK\r\n", "SIP/2.0 481") // the subscription is over
	if len(p.u.referrals) != 0 {
		t.Error("a transfer is left")
	}
	if _, err := c.Refer(t.Context(), "1"); !fault.Is(err, fault.Conflict) {
		t.Errorf("transfer of a call that is over: %v", err)
	}
}

// A target that does not answer leaves the call alone; a second transfer may then be tried.
func TestReferFails(t *testing.T) {
	t.Parallel()
	p := newRawPeer(t, newPhone(t, Config{}))
	rc, c := p.up("")
	m, done := rc.refer(func() (ReferResult, error) { return c.Refer(t.Context(), "sip:x@127.0.0.1:9") })
	p.reply(m, "202 Accepted")
	rc.notify("refer", "terminated", "SIP/2.0 486 Busy Here\r\n", "SIP/2.0 200")
	if e := <-done; e.err != nil || e.res.Status != 486 || e.res.Done() || c.Snapshot().State != Up {
		t.Errorf("%+v, %v", e.res, e.err)
	}
	m, done = rc.refer(func() (ReferResult, error) { return c.Refer(t.Context(), "sip:x@127.0.0.1:9") })
	p.reply(m, "603 Decline")
	if e := <-done; !fault.Is(e.err, fault.Conflict) || e.res.Accepted != 603 || e.res.Closed {
		t.Errorf("refused: %+v, %v", e.res, e.err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	m, done = rc.refer(func() (ReferResult, error) { return c.Refer(ctx, "sip:x@127.0.0.1:9") })
	p.reply(m, "202 Accepted")
	rc.notify("refer", "active", "SIP/2.0 180 Ringing\r\n", "SIP/2.0 200")
	cancel()
	if e := <-done; e.err == nil || e.res.Status != 180 || e.res.Closed {
		t.Errorf("given up: %+v, %v", e.res, e.err)
	}
	for _, target := range []string{"", "1>;x", "a b"} {
		if _, err := c.Refer(t.Context(), target); !fault.Is(err, fault.Invalid) {
			t.Errorf("target %q: %v", target, err)
		}
	}
	if _, err := c.ReferReplaces(t.Context(), c); !fault.Is(err, fault.Invalid) {
		t.Errorf("onto itself: %v", err)
	}
}

// The other dialog is named with the peer's tag as to-tag, while it rings too;
// after the good news we hang up.
func TestReferReplaces(t *testing.T) {
	t.Parallel()
	p := newRawPeer(t, newPhone(t, Config{}))
	rc, c := p.up("")
	target := newRawPeer(t, p.u)
	other, err := p.u.Call(t.Context(), "sip:carol@"+target.addr(), CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	inv := target.expect("INVITE ")
	if _, err := c.ReferReplaces(t.Context(), other); !fault.Is(err, fault.Conflict) {
		t.Errorf("without a dialog: %v", err)
	}
	target.write("SIP/2.0 180 Ringing\r\nVia: " + inv.header("Via") + "\r\nFrom: " + inv.header("From") + "\r\nTo: " + inv.header("To") + ";tag=early.1" +
		"\r\nCall-ID: " + inv.header("Call-ID") + "\r\nCSeq: " + inv.header("CSeq") + "\r\nContact: <sip:carol@" + target.addr() + ">\r\n" +
		"P-Asserted-Identity: \"Carol, Sales\" <sip:30@pbx>, <tel:30>\r\nContent-Length: 0\r\n\r\n")
	if err := other.WaitRinging(t.Context()); err != nil {
		t.Fatal(err)
	}
	if who := other.Snapshot().RemoteParty; who.Name != "Carol, Sales" || who.User != "30" {
		t.Errorf("remote party %+v", who)
	}
	m, done := rc.refer(func() (ReferResult, error) { return c.ReferReplaces(t.Context(), other) })
	_, fromTag, _ := strings.Cut(inv.header("From"), "tag=")
	want := "<sip:carol@" + target.addr() + "?Replaces=" + url.QueryEscape(other.ID()+";to-tag=early.1;from-tag="+fromTag) + ">"
	if got := m.header("Refer-To"); got != want {
		t.Errorf("Refer-To %s, want %s", got, want)
	}
	p.reply(m, "202 Accepted")
	rc.seq++ // our BYE and our answer to the NOTIFY come in either order
	rc.request("NOTIFY", rc.seq, "Event: refer\r\nSubscription-State: terminated\r\n", "SIP/2.0 200 OK\r\n")
	for bye, noted := false, false; !bye || !noted; {
		m := rc.next()
		switch {
		case strings.HasPrefix(m.first, "BYE "):
			bye = true
			p.reply(m, "200 OK")
		case strings.HasPrefix(m.first, "SIP/2.0 200"):
			noted = true
		default:
			t.Fatalf("%s", m.text)
		}
	}
	if e := <-done; e.err != nil || !e.res.Done() {
		t.Errorf("%+v, %v", e.res, e.err)
	}
	if e, err := c.WaitEnded(t.Context()); err != nil || e.By != Local {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestTalkNotify(t *testing.T) {
	t.Parallel()
	deaf := newRawPeer(t, newPhone(t, Config{}))
	rc, _ := deaf.up("")
	rc.notify("talk", "active", "", "SIP/2.0 489")
	deaf.newCall().do("NOTIFY", "Event: talk\r\n", "", "SIP/2.0 489")

	p := newRawPeer(t, newPhone(t, Config{Talk: true}))
	loose := func(want string) { p.newCall().do("NOTIFY", "Event: talk\r\n", "", want) }
	loose("SIP/2.0 481") // nothing rings
	one := p.newCall()
	one.tag = one.do("INVITE", sdpType, offerBody(sdp.SendRecv), "SIP/2.0 180").toTag()
	two := p.newCall()
	two.tag = two.do("INVITE", sdpType, offerBody(sdp.SendRecv), "SIP/2.0 180").toTag()
	loose("SIP/2.0 481") // which of them?
	one.seq++            // NOTIFY and the INVITE's answer come in either order
	one.request("NOTIFY", one.seq, "Event: talk\r\nSubscription-State: active\r\n", "")
	answered(one)
	c, err := p.u.WaitIncoming(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.WaitAnswered(t.Context()); err != nil {
		t.Fatal(err)
	}
	one.notify("talk", "active", "", "SIP/2.0 200") // of no effect
	other := p.newCall()
	other.request("NOTIFY", 1, "Event: talk\r\n", "") // two is the only one now
	answered(two)
	hold(t, one, c, "hold", "a=sendonly", true)
	hold(t, one, c, "talk", "a=sendrecv", false)
	if s := p.u.Stats(); s.TalkAnswers != 2 || s.TalkOutside != 1 || s.TalkHolds != 2 {
		t.Errorf("%+v", s)
	}
}

// answered takes the 200 of a NOTIFY and the 200 of the INVITE in any order, and acknowledges.
func answered(c *rawCall) {
	c.t.Helper()
	for noted, up := false, false; !noted || !up; {
		m := c.expect("SIP/2.0 200")
		if strings.HasSuffix(m.header("CSeq"), "INVITE") {
			up = true
			c.request("ACK", 1, "", "")
			continue
		}
		noted = true
	}
}

func hold(t *testing.T, rc *rawCall, c *Call, event, want string, held bool) {
	t.Helper()
	rc.seq++
	rc.request("NOTIFY", rc.seq, "Event: "+event+"\r\nSubscription-State: active\r\n", "")
	for noted, offered := false, false; !noted || !offered; {
		m := rc.next()
		switch {
		case strings.HasPrefix(m.first, "SIP/2.0 200"):
			noted = true
		case strings.HasPrefix(m.first, "INVITE ") && strings.Contains(m.body(), want):
			offered = true
			body := offerBody(sdp.SendRecv)
			rc.write("SIP/2.0 200 OK\r\nVia: " + m.header("Via") + "\r\nFrom: " + m.header("From") + "\r\nTo: " + m.header("To") + "\r\nCall-ID: " + m.header("Call-ID") +
				"\r\nCSeq: " + m.header("CSeq") + "\r\nContact: <sip:al@" + rc.addr() + ">\r\n" + sdpType + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
		case !strings.HasPrefix(m.first, "SIP/2.0 100"):
			t.Fatalf("%s", m.text)
		}
	}
	rc.expect("ACK ")
	if err := c.Wait(t.Context(), event, func(s Snapshot) bool { return s.LocalHold == held }); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(testLimit); c.controlled.Load(); {
		if time.Now().After(deadline) {
			t.Fatal("remote control did not end")
		}
		_ = c.pause(t.Context(), "test", time.Millisecond)
	}
}

// NOTIFYs that overtake each other on their way to the handler are both taken, and the later one counts.
func TestNotifyOvertaken(t *testing.T) {
	t.Parallel()
	p := newRawPeer(t, newPhone(t, Config{}))
	rc, c := p.up("")
	m, done := rc.refer(func() (ReferResult, error) { return c.Refer(t.Context(), "sip:x@127.0.0.1:9") })
	p.reply(m, "202 Accepted")
	rc.seq++ // 180 has the smaller number
	rc.notify("refer", "active", "SIP/2.0 487 Gone\r\n", "SIP/2.0 200")
	rc.seq -= 2
	rc.notify("refer", "active", "SIP/2.0 180 Ringing\r\n", "SIP/2.0 200")
	rc.request("NOTIFY", rc.seq, "Event: refer\r\nSubscription-State: active\r\n", "")
	rc.expect("SIP/2.0 500") // that number was used
	rc.seq++
	rc.notify("refer", "terminated", "", "SIP/2.0 200")
	if e := <-done; e.err != nil || e.res.Status != 487 || !e.res.Closed || e.res.Notifies != 3 {
		t.Errorf("%+v, %v", e.res, e.err)
	}
}

func TestSequence(t *testing.T) {
	t.Parallel()
	d := dialog{remoteSeq: 10, seen: ^uint64(0)}
	for i, tc := range []struct {
		seq uint32
		ok  bool
	}{{10, false}, {9, false}, {1, false}, {13, true}, {12, true}, {12, false}, {11, true}, {10, false}, {200, true}, {199, true}, {13, false}, {1 << 31, true}, {200, false}} {
		if d.take(tc.seq) != tc.ok {
			t.Errorf("step %d: %d must be %v", i, tc.seq, tc.ok)
		}
	}
}
