package peercheck

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"strowger/switch/fault"
)

func ends(err error) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return "said", err }
}

// TestRun: a step that fails is no end, unless the others make no sense
// without it; what is skipped or warned of is no failure.
func TestRun(t *testing.T) {
	t.Parallel()
	probes := []Probe{
		Essential("works", ends(nil)),
		Essential("is skipped", ends(Skip("nothing to do"))),
		Part("warns", ends(Warn("look at it"))),
		Part("fails", ends(errors.New("broken"))),
		Essential("fails for good", ends(fault.New(fault.Invalid, "op", "it", "is wrong"))),
		Part("never runs", ends(nil)),
	}
	r := Run(t.Context(), "http://x", probes, func(s *Step) { s.Events = []string{s.Result} })
	var got []string
	for _, s := range r.Steps {
		got = append(got, s.Name+": "+s.Result+": "+s.Detail)
		if told, _ := s.Events.([]string); len(told) != 1 || told[0] != s.Result {
			t.Errorf("%s is handed over as %v", s.Name, s.Events)
		}
	}
	want := "works: ok: said; is skipped: skipped: nothing to do; warns: warning: look at it; fails: failed: broken; fails for good: failed: is wrong"
	if strings.Join(got, "; ") != want || r.OK || r.URL != "http://x" {
		t.Errorf("%v %s: %s", r.OK, r.URL, strings.Join(got, "; "))
	}
	if r := Run(t.Context(), "", probes[:3], nil); !r.OK {
		t.Errorf("skipped and warned of: %+v", r)
	}
}

// TestOptions: what is no address and no certificate is said, of the command.
func TestOptions(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "nowhere", "ftp://x", "http://", "http://a b"} {
		if _, err := Address("check", raw, "write it so"); !fault.Is(err, fault.Invalid) || fault.ReasonOf(err) != "write it so" {
			t.Errorf("%q: %v", raw, err)
		}
	}
	if u, err := Address("check", "https://x:1/p", ""); err != nil || u.Host != "x:1" {
		t.Errorf("%v, %v", u, err)
	}
	for _, ca := range []string{"/nowhere", "peercheck_test.go"} {
		if _, err := Client("check", ca, time.Second); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", ca, err)
		}
	}
	if _, err := Listen(t.Context(), "check", "nowhere.invalid:0", "/", nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
}

// TestSink: what is sent arrives; of troubles the first is kept.
func TestSink(t *testing.T) {
	t.Parallel()
	s, err := Listen(t.Context(), "check", "127.0.0.1:0", "/here", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) }))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := Client("check", "", 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	resp, err := c.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if body, err := io.ReadAll(resp.Body); string(body) != "/here" || err != nil {
		t.Errorf("%q, %v", body, err)
	}
	s.Trouble(errors.New("first"))
	s.Trouble(errors.New("second"))
	if err := <-s.Bad; err.Error() != "first" {
		t.Error(err)
	}
}
