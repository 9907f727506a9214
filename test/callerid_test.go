package test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
	"unicode"

	"strowger/ari/sandbox"
	"strowger/cti/rest"
	"strowger/sip/ua"
)

// rawCall is an INVITE written by hand, for what a phone would not send.
type rawCall struct {
	t    *testing.T
	conn net.Conn
	id   string
	from string
}

// rawInvite sends an INVITE over the trunk with this From header.
func rawInvite(t *testing.T, in *sandbox.Instance, n int, from, number string) *rawCall {
	t.Helper()
	conn, err := net.Dial("udp", in.SIPAddr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // it may be closed already
	c := &rawCall{t: t, conn: conn, id: fmt.Sprintf("raw-%d-%d", n, time.Now().UnixNano()), from: from}
	sdp := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
	c.send("INVITE", number, "", "Content-Type: application/sdp\r\n", sdp)
	return c
}

func (c *rawCall) send(method, number, toTag, headers, body string) {
	c.t.Helper()
	local := c.conn.LocalAddr()
	_, err := fmt.Fprintf(c.conn, "%s sip:%s@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"+
		"From: %s;tag=1\r\nTo: <sip:%s@127.0.0.1>%s\r\nCall-ID: %s\r\nCSeq: 1 %s\r\nContact: <sip:raw@%s>\r\n%sContent-Length: %d\r\n\r\n%s",
		method, number, local, c.id, c.from, number, toTag, c.id, method, local, headers, len(body), body)
	if err != nil {
		c.t.Fatal(err)
	}
}

// status waits for a response of this status.
func (c *rawCall) status(want int) {
	c.t.Helper()
	buf := make([]byte, 64<<10)
	var last string
	for {
		if err := c.conn.SetReadDeadline(time.Now().Add(waitFor)); err != nil {
			c.t.Fatal(err)
		}
		n, err := c.conn.Read(buf)
		if err != nil {
			c.t.Fatalf("no response %d, the last was %q: %v", want, last, err)
		}
		last, _, _ = strings.Cut(string(buf[:n]), "\r\n")
		if strings.HasPrefix(last, fmt.Sprintf("SIP/2.0 %d ", want)) {
			return
		}
	}
}

// cancel ends a call that has not been answered.
func (c *rawCall) cancel(number string) {
	c.t.Helper()
	c.send("CANCEL", number, "", "", "")
	c.status(487)
	c.send("ACK", number, ";tag=any", "", "")
}

// TestHostileCallerID sends what a caller could put into the From header.
// What arrives is printable, short, without quotes, and means nothing.
func TestHostileCallerID(t *testing.T) {
	s := stage(t, strings.Replace(patientDesks, "wrap_up: 60s", "wrap_up: 0s, answer: agent", 1))
	desk := s.desk("101")
	for i, c := range []struct{ name, from, wantCaller, wantName string }{
		{"script", `"\"<script>alert(1)</script>" <sip:4917055501@127.0.0.1>`, "4917055501", "<script>alert(1)</script>"},
		{"function", `"${SHELL(id)}" <sip:4917055501@127.0.0.1>`, "4917055501", "${SHELL(id)}"},
		{"UTF-8", `"Jürgen Groß 東京 😀" <sip:4917055501@127.0.0.1>`, "4917055501", "Jürgen Groß 東京 😀"},
		{"bidirectional", "\"evil\u202egpj.exe\u2066\" <sip:4917055501@127.0.0.1>", "4917055501", "evilgpj.exe"},
		{"long", `"` + strings.Repeat("ab", 150) + `" <sip:4917055501@127.0.0.1>`, "4917055501", ""},
		{"bad UTF-8", "\"a\xff\xfeb\" <sip:4917055501@127.0.0.1>", "4917055501", ""},
		{"controls", "\"a\x1b[2J\x07\tb\" <sip:4917055501@127.0.0.1>", "4917055501", ""},
		{"no number", `"Anonymous" <sip:anonymous@anonymous.invalid>`, "", withheld},
		{"dial string", `<sip:300%26PJSIP%2fx@127.0.0.1>`, "", ""},
		{"variable as number", `<sip:%24%7bEXTEN%7d@127.0.0.1>`, "", ""},
		{"very long number", `<sip:` + strings.Repeat("9", 200) + `@127.0.0.1>`, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := s.in(t)
			call := rawInvite(t, s.asterisk, i, c.from, "600")
			call.status(180)
			got := s.waitPhase("waiting")
			checkCaller(t, got, c.wantCaller, c.wantName)
			s.agentState("anna", "ready")
			b := desk.Expect() // the phone sees it too
			if from := b.From(); !clean(from.Name) || strings.ContainsAny(from.User, "&${}") {
				t.Errorf("the phone shows %q <%s>", from.Name, from.User)
			}
			for _, h := range b.Headers() {
				if strings.EqualFold(h.Name, "X-Injected") {
					t.Errorf("header %s: %s", h.Name, h.Value)
				}
			}
			call.cancel("600")
			b.MustEndBy(ua.Remote, 487)
			s.waitAgent("anna", "ready")
			s.agentState("anna", "not-ready")
			eventually(t, "the call is over", func() bool { return len(s.calls()) == 0 })
		})
	}
	if n := s.metric("strowger_ari_numbers_refused_total"); n < 3 {
		t.Errorf("%g numbers were refused, want 3 or more", n)
	}
	s.noLeftovers()
}

// withheld is the name of callers who do not show their number: none.
const withheld = "(withheld)"

func checkCaller(t *testing.T, c rest.Call, number, name string) {
	t.Helper()
	if c.Withheld != (name == withheld) || c.Withheld && c.CallerName != "" {
		t.Errorf("withheld %t, name %q, want %q", c.Withheld, c.CallerName, name)
	}
	if name == withheld {
		name = ""
	}
	if c.Caller != number || !clean(c.CallerName) || name != "" && c.CallerName != name {
		t.Errorf("caller %q named %q, want %q named %q", c.Caller, c.CallerName, number, name)
	}
}

// clean reports whether a name can be shown anywhere as text.
func clean(name string) bool {
	n := 0
	for _, r := range name {
		if n++; n > 64 || !unicode.IsPrint(r) || r == '"' || r == '\\' || r == unicode.ReplacementChar || unicode.Is(unicode.Bidi_Control, r) {
			return false
		}
	}
	return true
}
