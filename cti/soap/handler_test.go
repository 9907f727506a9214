package soap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"strowger/switch/fault"
)

// echo answers with the name of the body's element.
type echo struct {
	block chan struct{} // when set, Serve waits for it
	busy  chan struct{} // told when Serve waits
}

func (e *echo) Serve(ctx context.Context, r *Request, out *Encoder) error {
	switch name := r.Envelope.Body[0].Local; name {
	case "fail":
		out.Leaf("half", "written")
		return fault.New(fault.NotFound, "test", "", "no such thing")
	case "panic":
		panic("planted")
	case "unbalanced":
		out.Start("x")
		return nil
	case "cookie", "cookie-fail":
		r.SetCookie(&http.Cookie{Name: "sid", Value: r.Header.Get("X-Said"), Path: "/x", HttpOnly: true})
		if name == "cookie-fail" {
			return fault.New(fault.NotFound, "test", "", "no such thing")
		}
		out.Leaf("done", "")
		return nil
	case "wait":
		e.busy <- struct{}{}
		select {
		case <-e.block:
		case <-ctx.Done():
		}
		out.Leaf("done", "")
		return nil
	default:
		out.Leaf(name+"Response", r.Action)
		return nil
	}
}

func (e *echo) Fault(_ *Request, err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return &Fault{Code: CodeClient, Text: fault.ReasonOf(err)}
}

func (e *echo) WSDL(r *Request) ([]byte, error) {
	if r.Path != "/x" {
		return nil, errors.New("nothing here")
	}
	return []byte("<wsdl at='" + r.Base + "'/>"), nil
}

func do(t *testing.T, h http.Handler, method, target, body string, header ...string) (int, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestHandler(t *testing.T) {
	t.Parallel()
	h := NewHandler(HandlerConfig{Landing: "hello", Limits: Limits{Bytes: 4096}}, &echo{})
	ok := message("<op/>")
	for name, c := range map[string]struct {
		method, target, body string
		header               []string
		status               int
		want                 string
	}{
		"call":            {"POST", "/x", ok, []string{"Content-Type", "text/xml; charset=utf-8", "SOAPAction", `"urn:a"`}, 200, "<opResponse>urn:a</opResponse></SOAP-ENV:Body>"},
		"no content type": {"POST", "/x", ok, nil, 200, "<opResponse/>"},
		"fault":           {"POST", "/x", message("<fail/>"), nil, 500, "<faultstring>no such thing</faultstring></SOAP-ENV:Fault></SOAP-ENV:Body>"},
		"malformed":       {"POST", "/x", "<a", nil, 500, "SOAP-ENV:Client"},
		"soap 1.2":        {"POST", "/x", `<a:Envelope xmlns:a="http://www.w3.org/2003/05/soap-envelope"/>`, []string{"Content-Type", "application/soap+xml"}, 500, "SOAP-ENV:VersionMismatch"},
		"media type":      {"POST", "/x", ok, []string{"Content-Type", "application/json"}, 415, "application/json"},
		"bad media type":  {"POST", "/x", ok, []string{"Content-Type", ";;"}, 415, "text/xml"},
		"compressed":      {"POST", "/x", ok, []string{"Content-Encoding", "gzip"}, 415, "compressed"},
		"too long":        {"POST", "/x", message(strings.Repeat("x", 4096)), nil, 413, "larger than 4096"},
		"panic":           {"POST", "/x", message("<panic/>"), nil, 500, "SOAP-ENV:Server"},
		"unbalanced":      {"POST", "/x", message("<unbalanced/>"), nil, 500, "still open"},
		"method":          {"PUT", "/x", ok, nil, 405, "POST"},
		"landing":         {"GET", "/x", "", nil, 200, "hello"},
		"wsdl":            {"GET", "/x?WSDL", "", nil, 200, "<wsdl at='http://example.com'/>"},
		"wsdl lower case": {"GET", "/x?wsdl", "", nil, 200, "<wsdl"},
		"no wsdl":         {"GET", "/y?wsdl", "", nil, 404, "nothing here"},
	} {
		status, body := do(t, h, c.method, c.target, c.body, c.header...)
		if status != c.status || !strings.Contains(body, c.want) || strings.Contains(body, "half") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	s := &h.Stats
	if s.Requests.Load() != 5 || s.Faults.Load() != 2 || s.Malformed.Load() != 3 || s.Refused.Load() != 4 || s.Panics.Load() != 1 || s.WSDLs.Load() != 2 {
		t.Errorf("requests %d faults %d malformed %d refused %d panics %d wsdls %d", s.Requests.Load(), s.Faults.Load(),
			s.Malformed.Load(), s.Refused.Load(), s.Panics.Load(), s.WSDLs.Load())
	}
}

func TestHandlerFaultStatus(t *testing.T) {
	t.Parallel()
	h := NewHandler(HandlerConfig{FaultStatus: 200}, &echo{})
	if status, body := do(t, h, "POST", "/x", message("<fail/>")); status != 200 || !strings.Contains(body, "Fault") {
		t.Errorf("%d %s", status, body)
	}
}

// TestHandlerCookies: an answer carries the adapter's cookies, a fault none; the
// adapter sees the headers.
func TestHandlerCookies(t *testing.T) {
	t.Parallel()
	h := NewHandler(HandlerConfig{}, &echo{})
	for name, want := range map[string]string{"cookie": "sid=abc; Path=/x; HttpOnly", "cookie-fail": "", "op": ""} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/x", strings.NewReader(message("<"+name+"/>")))
		r.Header.Set("X-Said", "abc")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := strings.Join(w.Result().Header["Set-Cookie"], "|"); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestHandlerStrict: SOAP 1.2 is refused by its content type, as an HTTP error
// that carries a fault.
func TestHandlerStrict(t *testing.T) {
	t.Parallel()
	h := NewHandler(HandlerConfig{Strict11: true}, &echo{})
	status, body := do(t, h, "POST", "/x", message("<op/>"), "Content-Type", "application/soap+xml; charset=utf-8")
	if status != 415 || !strings.Contains(body, "SOAP-ENV:Client") || !strings.Contains(body, "SOAP 1.1") {
		t.Errorf("%d %s", status, body)
	}
	if status, body = do(t, h, "POST", "/x", message("<op/>"), "Content-Type", "text/xml"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

func TestHandlerRefusesTooManyAtOnce(t *testing.T) {
	t.Parallel()
	e := &echo{block: make(chan struct{}), busy: make(chan struct{}, 1)}
	h := NewHandler(HandlerConfig{MaxInFlight: 1}, e)
	first := make(chan int)
	go func() {
		r := httptest.NewRequestWithContext(context.Background(), "POST", "/x", strings.NewReader(message("<wait/>")))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		first <- w.Code
	}()
	<-e.busy
	if status, body := do(t, h, "POST", "/x", message("<op/>")); status != 503 || !strings.Contains(body, "Fault") {
		t.Errorf("%d %s", status, body)
	}
	close(e.block)
	if status := <-first; status != 200 || h.Stats.Busy.Load() != 1 {
		t.Errorf("the first request got %d; busy %d", status, h.Stats.Busy.Load())
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "in") })
	rules := Rules{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("::1/128")}}
	g := NewGuard(rules)
	try := func(remote, user, password string) int {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.RemoteAddr = remote
		if user != "" {
			r.SetBasicAuth(user, password)
		}
		w := httptest.NewRecorder()
		g.Wrap(next).ServeHTTP(w, r)
		return w.Code
	}
	for remote, want := range map[string]int{
		"10.1.2.3:5": 200, "[::ffff:10.1.2.3]:5": 200, "[::1]:5": 200, "10.2.0.1:5": 403, "[::1%eth0]:5": 403, "": 403, "@": 403,
	} {
		if got := try(remote, "", ""); got != want {
			t.Errorf("%q: %d, want %d", remote, got, want)
		}
	}
	rules.User, rules.Password = "crm", "secret"
	g.Set(rules)
	for _, c := range []struct {
		user, password string
		want           int
	}{{"crm", "secret", 200}, {"crm", "Secret", 401}, {"crm", "", 401}, {"", "", 401}, {"crmx", "secret", 401}} {
		if got := try("10.1.2.3:5", c.user, c.password); got != c.want {
			t.Errorf("%s/%s: %d, want %d", c.user, c.password, got, c.want)
		}
	}
	if g.Denied.Load() != 4 || g.Unauthorised.Load() != 4 {
		t.Errorf("denied %d, unauthorised %d", g.Denied.Load(), g.Unauthorised.Load())
	}
}

// Who has guessed too often is not listened to for a minute; others are, and
// the memory of guesses is bounded.
func TestGuessing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := NewGuard(Rules{Allow: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}, User: "crm", Password: "secret"})
		next := g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {}))
		try := func(remote, password string) int {
			r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
			r.RemoteAddr = remote
			if password != "" {
				r.SetBasicAuth("crm", password)
			}
			w := httptest.NewRecorder()
			next.ServeHTTP(w, r)
			return w.Code
		}
		for i := range 20 {
			try("10.0.0.1:5", "") // a client that was not asked yet
			if got, want := try("10.0.0.1:5", fmt.Sprint(i)), map[bool]int{true: 401, false: 429}[i < maxGuesses]; got != want {
				t.Errorf("guess %d: %d, want %d", i, got, want)
			}
		}
		if try("10.0.0.1:5", "secret") != 429 || try("10.0.0.2:5", "secret") != 200 {
			t.Error("the wrong address is blocked")
		}
		for i := range 20 {
			try(fmt.Sprintf("[2001:db8::%d]:1", i), "guess") // one network
		}
		if try("[2001:db8::ffff]:1", "secret") != 429 || try("[2001:db8:0:1::1]:1", "secret") != 200 {
			t.Error("the wrong network is blocked")
		}
		time.Sleep(guessPause)
		if try("10.0.0.1:5", "secret") != 200 {
			t.Error("still blocked after the pause")
		}
		for i := range 3 * maxGuessers {
			try(fmt.Sprintf("11.%d.%d.1:5", i/256, i%256), "guess")
		}
		if n := len(g.guesses.by); n > maxGuessers {
			t.Errorf("%d addresses are remembered", n)
		}
	})
}
