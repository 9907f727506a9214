package ua

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"strowger/sip/ua/sdp"
)

const testLimit = 10 * time.Second

// rawPeer speaks SIP by hand, so that a test decides about every byte.
type rawPeer struct {
	t    *testing.T
	conn *net.UDPConn
	u    *UA
	n    int // branches made
}

func newPhone(t *testing.T, cfg Config) *UA {
	t.Helper()
	if cfg.User == "" {
		cfg.User = "bob"
	}
	u, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_ = u.Stop(ctx) // raw peers answer no BYE
		if n := u.Stats().Panics; n != 0 {
			t.Errorf("%d handlers panicked", n)
		}
	})
	return u
}

func newRawPeer(t *testing.T, u *UA) *rawPeer {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &rawPeer{t: t, conn: conn, u: u}
}

func (p *rawPeer) addr() string { return p.conn.LocalAddr().String() }

func (p *rawPeer) write(msg string) {
	p.t.Helper()
	if _, err := p.conn.WriteToUDPAddrPort([]byte(msg), p.u.LocalAddr()); err != nil {
		p.t.Fatal(err)
	}
}

// message is what a raw peer got.
type message struct {
	text, first string
}

// header is the value of the first header of that name.
func (m message) header(name string) string {
	for line := range strings.SplitSeq(m.text, "\r\n") {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(k, name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func (m message) body() string {
	_, b, _ := strings.Cut(m.text, "\r\n\r\n")
	return b
}

func (m message) toTag() string {
	_, tag, _ := strings.Cut(m.header("To"), "tag=")
	return tag
}

// next returns the next message.
func (p *rawPeer) next() message {
	p.t.Helper()
	if err := p.conn.SetReadDeadline(time.Now().Add(testLimit)); err != nil {
		p.t.Fatal(err)
	}
	buf := make([]byte, 65536)
	n, err := p.conn.Read(buf)
	if err != nil {
		p.t.Fatalf("nothing came: %v", err)
	}
	text := string(buf[:n])
	first, _, _ := strings.Cut(text, "\r\n")
	return message{text: text, first: first}
}

// expect returns the next message whose first line has the prefix; 100 Trying is passed over.
func (p *rawPeer) expect(prefix string) message {
	p.t.Helper()
	for {
		m := p.next()
		if strings.HasPrefix(m.first, prefix) {
			return m
		}
		if !strings.HasPrefix(m.first, "SIP/2.0 100") {
			p.t.Fatalf("got %q, want %q\n%s", m.first, prefix, m.text)
		}
	}
}

// rawCall is a dialog as the raw peer sees it, the peer being the caller.
type rawCall struct {
	*rawPeer
	id, tag string
	seq     int
}

func (p *rawPeer) newCall() *rawCall { return &rawCall{rawPeer: p, id: newID()} }

// request sends a request; extra is whole header lines with CRLF.
func (c *rawCall) request(method string, seq int, extra, body string) {
	c.t.Helper()
	c.n++
	to := "<sip:bob@127.0.0.1>"
	if c.tag != "" {
		to += ";tag=" + c.tag
	}
	c.write(fmt.Sprintf("%s sip:bob@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK-%s-%d\r\nFrom: \"Al\" <sip:al@127.0.0.1>;tag=x\r\nTo: %s\r\n"+
		"Call-ID: %s\r\nCSeq: %d %s\r\nContact: <sip:al@%s>\r\nMax-Forwards: 70\r\n%sContent-Length: %d\r\n\r\n%s",
		method, c.u.LocalAddr(), c.addr(), c.id, c.n, to, c.id, seq, method, c.addr(), extra, len(body), body))
}

// do sends the next request of the dialog and expects an answer.
func (c *rawCall) do(method, extra, body, want string) message {
	c.t.Helper()
	c.seq++
	c.request(method, c.seq, extra, body)
	return c.expect(want)
}

func (c *rawCall) ack(body string) {
	c.t.Helper()
	extra := ""
	if body != "" {
		extra = sdpType
	}
	c.request("ACK", c.seq, extra, body)
}

const sdpType = "Content-Type: application/sdp\r\n"

func offerBody(dir sdp.Direction) string {
	return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=" + dir.String() + "\r\n"
}

// up answers a call from the raw peer.
func (p *rawPeer) up(extra string) (*rawCall, *Call) {
	p.t.Helper()
	rc := p.newCall()
	ringing := rc.do("INVITE", sdpType+extra, offerBody(sdp.SendRecv), "SIP/2.0 180")
	rc.tag = ringing.toTag()
	c, err := p.u.WaitIncoming(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- c.Answer(p.t.Context()) }()
	ok := rc.expect("SIP/2.0 200")
	if ok.toTag() != rc.tag || !strings.Contains(ok.body(), "m=audio") {
		p.t.Fatalf("200 of another dialog or without SDP:\n%s", ok.text)
	}
	rc.ack("")
	if err := <-done; err != nil {
		p.t.Fatal(err)
	}
	return rc, c
}
