package soap

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/switch/fault"
)

func loopback() Destinations {
	return Destinations{
		Hosts: []string{"localhost", ".crm.example"},
		Nets:  []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
	}
}

func TestDestinations(t *testing.T) {
	t.Parallel()
	private := Destinations{Hosts: []string{"crm.example", ".sub.example"}, Nets: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Ports: []uint16{80, 8000}}
	for url, want := range map[string]fault.Kind{
		"http://10.1.2.3:8000/IciEventService/IciEventConf?style=document": 0,
		"http://crm.example/x":                            0,
		"http://CRM.example./x":                           0,
		"http://a.sub.example:8000":                       0,
		"http://[::ffff:10.1.2.3]/":                       0,
		"https://crm.example/":                            fault.Denied, // port 443 is not listed
		"http://sub.example/":                             fault.Denied,
		"http://evilsub.example/":                         fault.Denied,
		"http://crm.example.evil/":                        fault.Denied,
		"http://127.0.0.1/":                               fault.Denied,
		"http://localhost/":                               fault.Denied,
		"http://[::1]/":                                   fault.Denied,
		"http://[::ffff:127.0.0.1]/":                      fault.Denied,
		"http://0.0.0.0/":                                 fault.Denied,
		"http://169.254.169.254/latest/":                  fault.Denied,
		"http://2130706433/":                              fault.Denied,
		"http://0x7f.1/":                                  fault.Denied,
		"http://[fe80::1%25eth0]/":                        fault.Denied,
		"http://10.1.2.3:8088/ari":                        fault.Denied,
		"http://user:pw@crm.example/":                     fault.Invalid,
		"http://crm.example/#x":                           fault.Invalid,
		"http://crm.example:0/":                           fault.Invalid,
		"http://crm.example:99999/":                       fault.Invalid,
		"file:///etc/passwd":                              fault.Invalid,
		"gopher://10.1.2.3/":                              fault.Invalid,
		"http:10.1.2.3":                                   fault.Invalid,
		"//10.1.2.3/":                                     fault.Invalid,
		"http:///x":                                       fault.Invalid,
		"http://10.1.2.3/\r\nX: y":                        fault.Invalid,
		"":                                                fault.Invalid,
		"http://crm.example/" + strings.Repeat("x", 2048): fault.Invalid,
	} {
		if _, err := private.Check(url); fault.KindOf(err) != want {
			t.Errorf("%q: %v, want %v", url, err, want)
		}
	}
}

func TestPost(t *testing.T) {
	t.Parallel()
	faultDoc, err := EncodeFault(&Fault{Code: CodeClient, Text: "bad number", Detail: func(e *Encoder) { e.Leaf("d", "1") }})
	if err != nil {
		t.Fatal(err)
	}
	var hits, redirected int
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits++
		if got, err := io.ReadAll(r.Body); err != nil || string(got) != "<m/>" {
			t.Errorf("the receiver got %q, %v", got, err)
		}
		if r.Header.Get("SOAPAction") != `"urn:act"` || r.Header.Get("Content-Type") != contentType {
			t.Errorf("headers: %v", r.Header)
		}
		w.Header().Set("Content-Type", "text/xml")
		switch r.URL.Path {
		case "/fault200":
			_, _ = w.Write(faultDoc)
		case "/fault500":
			w.WriteHeader(500)
			_, _ = w.Write(faultDoc)
		case "/redirect":
			http.Redirect(w, r, "/target", http.StatusFound)
		case "/target":
			redirected++
		case "/long":
			_, _ = io.WriteString(w, strings.Repeat("x", 65<<10))
		case "/odd":
			_, _ = io.WriteString(w, "Fault? no, not even XML")
		case "/empty":
			w.WriteHeader(202)
		case "/503":
			w.WriteHeader(503)
		case "/404":
			http.NotFound(w, r)
		default:
			_, _ = io.WriteString(w, message("<opResponse/>"))
		}
	}))
	defer srv.Close()
	c := NewClient(ClientConfig{Allow: loopback()})
	defer c.Close()
	for path, want := range map[string]fault.Kind{
		"/ok?a=b&c": 0, "/odd": 0, "/empty": 0, "/fault200": fault.Invalid, "/fault500": fault.Invalid, "/redirect": fault.Invalid,
		"/long": fault.Invalid, "/503": fault.Unavailable, "/404": fault.Invalid,
	} {
		sent := 0
		err := c.Post(t.Context(), srv.URL+path, "urn:act", []byte("<m/>"), func() { sent++ })
		if fault.KindOf(err) != want || sent != 1 {
			t.Errorf("%s: %v, want %v; sent %d times", path, err, want, sent)
		}
		var f *Fault
		if isFault := errors.As(err, &f); isFault != strings.HasPrefix(path, "/fault") {
			t.Errorf("%s: recognised as fault: %v", path, isFault)
		} else if isFault && (f.Text != "bad number" || f.DetailTree.Child("d").Value() != "1") {
			t.Errorf("%s: %+v", path, f)
		}
	}
	if hits != 9 || redirected != 0 {
		t.Errorf("%d requests, %d after a redirect", hits, redirected)
	}
	if s := c.Stats; s.Posts.Load() != 9 || s.Delivered.Load() != 3 || s.Faults.Load() != 2 || s.HTTPErrors.Load() != 3 || s.Oversized.Load() != 1 {
		t.Errorf("stats: %d %d %d %d %d", s.Posts.Load(), s.Delivered.Load(), s.Faults.Load(), s.HTTPErrors.Load(), s.Oversized.Load())
	}
}

// TestPostAfterResolution: a name that is allowed and resolves to an address
// that is not must not be connected to.
func TestPostAfterResolution(t *testing.T) {
	t.Parallel()
	reached := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer srv.Close()
	allow := loopback()
	allow.Nets = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	c := NewClient(ClientConfig{Allow: allow})
	defer c.Close()
	port := srv.URL[strings.LastIndexByte(srv.URL, ':'):]
	err := c.Post(t.Context(), "http://localhost"+port+"/", "", nil, func() { t.Error("something was sent") })
	if !fault.Is(err, fault.Denied) || reached || c.Stats.Denied.Load() == 0 {
		t.Errorf("%v, reached %v, denied %d", err, reached, c.Stats.Denied.Load())
	}
	if err := c.Post(t.Context(), "file:///etc/passwd", "", nil, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("file URL: %v", err)
	}
}

func TestPostWithoutAnswer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String() + "/"
	c := NewClient(ClientConfig{Allow: loopback()})
	defer c.Close()
	read := make(chan net.Conn, 2)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
				t.Errorf("the request cannot be read: %v", err)
			}
			read <- conn
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err = c.Post(ctx, url, "", []byte("x"), nil)
	if !fault.Is(err, fault.Unknown) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no reply in time: %v", err)
	}
	if err := (<-read).Close(); err != nil {
		t.Error(err)
	}
	broken := make(chan error)
	go func() { broken <- c.Post(t.Context(), url, "", []byte("x"), nil) }()
	if err := (<-read).Close(); err != nil {
		t.Error(err)
	}
	if err := <-broken; !fault.Is(err, fault.Unknown) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("broken connection: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := c.Post(t.Context(), url, "", nil, func() { t.Error("something was sent") }); !fault.Is(err, fault.Unavailable) {
		t.Errorf("nobody listens: %v", err)
	}
	if s := c.Stats; s.Unanswered.Load() != 2 || s.Unreachable.Load() != 1 {
		t.Errorf("unanswered %d, unreachable %d", s.Unanswered.Load(), s.Unreachable.Load())
	}
}

// TestCookies: with a jar a peer's cookie comes back to it alone, without one never.
func TestCookies(t *testing.T) {
	t.Parallel()
	var got []string
	serve := func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Cookie"))
		http.SetCookie(w, &http.Cookie{Name: "ASP.NET_SessionId", Value: "x1", Path: "/", HttpOnly: true})
	}
	srv := httptest.NewServer(http.HandlerFunc(serve))
	defer srv.Close()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range []http.CookieJar{jar, nil} {
		c := NewClient(ClientConfig{Allow: loopback(), Jar: j})
		for range 2 {
			if err := c.Post(t.Context(), srv.URL, "", []byte("<m/>"), nil); err != nil {
				t.Error(err)
			}
		}
		c.Close()
	}
	if want := []string{"", "ASP.NET_SessionId=x1", "", ""}; !slices.Equal(got, want) {
		t.Errorf("cookies %q, want %q", got, want)
	}
}

func TestProxyOfEnvironmentIsIgnored(t *testing.T) {
	t.Parallel()
	c := NewClient(ClientConfig{})
	defer c.Close()
	if c.direct.Transport.(*http.Transport).Proxy != nil {
		t.Error("the client would use a proxy")
	}
}
