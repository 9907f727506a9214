package decide_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/decide"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// feed collects decisions.
type feed struct {
	decisions chan callmodel.Decision
	err       error
}

func newFeed() *feed { return &feed{decisions: make(chan callmodel.Decision, 200)} }

func (f *feed) Put(_ context.Context, in callmodel.Input) error {
	if f.err == nil {
		f.decisions <- in.(callmodel.Decision)
	}
	return f.err
}
func (f *feed) NewID() callmodel.ID      { return callmodel.ID{} }
func (f *feed) Now() callmodel.Instant   { return 0 }
func (f *feed) more() int                { return len(f.decisions) }
func (f *feed) next() callmodel.Decision { return <-f.decisions }

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func order(url string, step int) callmodel.Decide {
	call, _ := callmodel.ParseID("01KJQ9A0000000000000000009") // a constant
	return callmodel.Decide{
		EffectHead: callmodel.EffectHead{ID: 7, Call: callmodel.CallID{ID: call}},
		Decision:   callmodel.DecisionConfig{ID: "tier", URL: url, Timeout: 2 * time.Second}, Step: step,
		Ask: callmodel.Ask{Call: call.String(), Caller: "+49301", Dialled: "600", Menu: "main", Values: []callmodel.Var{{Key: "k", Value: "v"}}},
	}
}

func started(t *testing.T, opt decide.Options) (*decide.Client, *feed) {
	t.Helper()
	c, f := decide.New(opt), newFeed()
	c.Start(f)
	t.Cleanup(func() {
		for range 2 {
			if err := c.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		}
		if s := c.Stats(); s.InFlight != 0 {
			t.Errorf("%d questions are left", s.InFlight)
		}
	})
	return c, f
}

func TestGoodAnswer(t *testing.T) {
	var got callmodel.Ask
	var header http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil || r.Method != http.MethodPost {
			t.Errorf("%s %v", r.Method, err)
		}
		if r.URL.Path == "/" { // a redirect that keeps the question is followed
			http.Redirect(w, r, "/there", http.StatusTemporaryRedirect)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.WriteString(w, `{"to":"queue:support","set":{"b":"2","a":"1 <ü>"}}`)
	}))
	defer srv.Close()
	c, f := started(t, decide.Options{})
	if r := c.Apply(t.Context(), order(srv.URL, 3)); r.Outcome != callmodel.Done || r.Err != nil {
		t.Fatalf("result %+v", r)
	}
	d := f.next()
	want := []callmodel.Var{{Key: "a", Value: "1 <ü>"}, {Key: "b", Value: "2"}}
	if d.Outcome != callmodel.Done || d.To != "queue:support" || d.Step != 3 || d.Call != order("", 0).Call || len(d.Set) != 2 || d.Set[0] != want[0] || d.Set[1] != want[1] || d.Reason != "" {
		t.Fatalf("decision %+v", d)
	}
	if got.Caller != "+49301" || got.Values[0].Value != "v" || header.Get("Strowger-Decision") != "tier" || header.Get("Strowger-Step") != "3" {
		t.Fatalf("question %+v %v", got, header)
	}
}

// TestWrongAnswers: whatever a server says, one Decision comes, with a reason and without the server's words.
func TestWrongAnswers(t *testing.T) {
	ok := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, body)
		}
	}
	redirect := func(to string, status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, status) }
	}
	tests := map[string]struct {
		handler http.HandlerFunc
		reason  string
	}{
		"status":         {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "SECRET", 500) }, "the status is 500"},
		"no content":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "the status is 204"},
		"html":           {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<p>SECRET") }, "content type"},
		"empty":          {ok(""), "not of the form"},
		"null":           {ok("null"), "to is missing"},
		"list":           {ok("[]"), "not of the form"},
		"no to":          {ok(`{"set":{"a":"1"}}`), "to is missing"},
		"unknown field":  {ok(`{"to":"x","SECRET":1}`), "not of the form"},
		"number":         {ok(`{"to":"x","set":{"a":1}}`), "not of the form"},
		"trailing":       {ok(`{"to":"x"}{"to":"y"}`), "something follows"},
		"kind":           {ok(`{"to":"gopher:SECRET"}`), "the kinds are"},
		"no value":       {ok(`{"to":"queue:"}`), "missing"},
		"long to":        {ok(`{"to":"queue:` + strings.Repeat("x", 200) + `"}`), "1 to 160"},
		"long node":      {ok(`{"to":"` + strings.Repeat("x", 65) + `"}`), "longer than a node"},
		"control":        {ok(`{"to":"queue:a\u0000b"}`), "control characters"},
		"not utf-8":      {ok("{\"to\":\"x\xff\"}"), "not UTF-8"},
		"key":            {ok(`{"to":"x","set":{"1":"1"}}`), "a key of set"},
		"value":          {ok(`{"to":"x","set":{"a":"` + strings.Repeat("x", 1025) + `"}}`), "the value of a"},
		"value controls": {ok(`{"to":"x","set":{"a":"\u001b[31m"}}`), "the value of a"},
		"many":           {ok(`{"to":"x","set":{` + many(33) + `}}`), "more than 32"},
		"huge":           {ok(`{"to":"` + strings.Repeat("x", 70000) + `"}`), "more than 65536 bytes"},
		"other host":     {redirect("http://198.51.100.1/", 307), "to another host"},
		"other scheme":   {redirect("https://127.0.0.1/", 308), "to another host"},
		"lost question":  {redirect("/x", 303), "loses the question"},
		"circle":         {redirect("/", 307), "too often"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(tc.handler)
			defer srv.Close()
			var log bytes.Buffer
			c, f := started(t, decide.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			u := strings.Replace(srv.URL, "http://", "http://user:PASSWORD@", 1)
			c.Apply(t.Context(), order(u, 1))
			d := f.next()
			if d.Outcome != callmodel.Failed || !strings.Contains(d.Reason, tc.reason) || d.To != "" || d.Set != nil {
				t.Fatalf("decision %+v, want a reason with %q", d, tc.reason)
			}
			if err := c.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"SECRET", "PASSWORD"} {
				if strings.Contains(d.Reason+log.String(), secret) {
					t.Errorf("%s is told: %s %s", secret, d.Reason, log.String())
				}
			}
			if f.more() != 0 {
				t.Error("a second decision came")
			}
		})
	}
}

func many(n int) string {
	var out []string
	for i := range n {
		out = append(out, `"k`+strings.Repeat("x", i)+`":"1"`)
	}
	return strings.Join(out, ",")
}

func TestUnreachableAndBadURL(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	gone := strings.Replace(srv.URL, "http://", "http://user:PASSWORD@", 1)
	srv.Close()
	c, f := started(t, decide.Options{})
	for _, u := range []string{gone, "", "ftp://x/", "http://", "http://\x00/", "file:///etc/passwd"} {
		c.Apply(t.Context(), order(u, 1))
		if d := f.next(); d.Outcome != callmodel.Failed || d.Reason == "" || strings.Contains(d.Reason, "PASSWORD") {
			t.Errorf("%q: %+v", u, d)
		}
	}
}

// trip is a server that does what the function says.
type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func sent(r *http.Request) { httptrace.ContextClientTrace(r.Context()).WroteHeaders() }

// TestDeadline: at the deadline the outcome is unknown where the question had
// been sent and failed where not; no deadline is longer than MaxTimeout.
func TestDeadline(t *testing.T) {
	for _, tc := range []struct {
		timeout, want time.Duration
		sent          bool
		outcome       callmodel.Result
	}{
		{3 * time.Second, 3 * time.Second, true, callmodel.Unknown},
		{time.Hour, decide.MaxTimeout, false, callmodel.Failed},
		{0, callmodel.DefaultDecisionTimeout, true, callmodel.Unknown},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, f := started(t, decide.Options{Transport: trip(func(r *http.Request) (*http.Response, error) {
				if tc.sent {
					sent(r)
				}
				<-r.Context().Done()
				return nil, r.Context().Err()
			})})
			o := order("http://crm.example/", 1)
			o.Decision.Timeout = tc.timeout
			began := time.Now()
			c.Apply(t.Context(), o)
			d := f.next()
			if took := time.Since(began); took != tc.want || d.Outcome != tc.outcome || !strings.Contains(d.Reason, "no answer came within") {
				t.Errorf("after %s: %+v", took, d)
			}
		})
	}
}

func TestBrokenConnectionIsUnknown(t *testing.T) {
	c, f := started(t, decide.Options{Transport: trip(func(r *http.Request) (*http.Response, error) {
		sent(r)
		return nil, io.ErrUnexpectedEOF
	})})
	c.Apply(t.Context(), order("http://crm.example/", 1))
	if d := f.next(); d.Outcome != callmodel.Unknown {
		t.Fatalf("decision %+v", d)
	}
}

// TestLimits: one Decision per order, whatever happens: too many at once,
// before the start, while stopping, after the end.
func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := trip(func(r *http.Request) (*http.Response, error) {
			sent(r)
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		c := decide.New(decide.Options{MaxInFlight: 3, Transport: hang})
		if r := c.Apply(t.Context(), order("http://crm.example/", 0)); r.Outcome != callmodel.Failed || !r.Later || !fault.Is(r.Err, fault.Stopped) {
			t.Fatalf("before the start: %+v", r)
		}
		f := newFeed()
		c.Start(f)
		for i := range 3 {
			if r := c.Apply(t.Context(), order("http://crm.example/", i)); r.Outcome != callmodel.Done {
				t.Fatalf("order %d: %+v", i, r)
			}
		}
		if r := c.Apply(t.Context(), order("http://crm.example/", 4)); r.Outcome != callmodel.Failed || !r.Later || !fault.Is(r.Err, fault.Busy) {
			t.Fatalf("one too many: %+v", r)
		}
		if d := f.next(); d.Step != 4 || d.Outcome != callmodel.Failed {
			t.Fatalf("decision of the one too many: %+v", d)
		}
		synctest.Wait()
		if err := c.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if d := f.next(); d.Outcome != callmodel.Unknown || d.Reason != "the controller is stopping" {
				t.Errorf("while stopping: %+v", d)
			}
		}
		c.Apply(t.Context(), order("http://crm.example/", 5))
		if d := f.next(); d.Step != 5 || d.Outcome != callmodel.Failed || f.more() != 0 {
			t.Errorf("after the end: %+v, %d more", d, f.more())
		}
		if s := c.Stats(); s.Refused != 3 || s.Unknown != 3 || s.InFlight != 0 || s.Lost != 1 {
			t.Errorf("stats %+v", s)
		}
	})
}

// TestCircuit: a server that fails is left alone for a while, then tried once.
func TestCircuit(t *testing.T) {
	good := false
	asked := 0
	server := trip(func(r *http.Request) (*http.Response, error) {
		asked++
		if !good {
			return nil, errors.New("refused")
		}
		return &http.Response{
			StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(`{"to":"next"}`)), Request: r,
		}, nil
	})
	now := &clock{now: time.Unix(1e9, 0)}
	c, f := started(t, decide.Options{Transport: server, Clock: now, MaxFailures: 3, Pause: 10 * time.Second})
	ask := func(id string) callmodel.Decision {
		o := order("http://crm.example/", 1)
		o.Decision.ID = id
		c.Apply(t.Context(), o)
		return f.next()
	}
	for range 5 {
		ask("tier")
	}
	if asked != 3 {
		t.Fatalf("asked %d times, want 3", asked)
	}
	if d := ask("tier"); d.Outcome != callmodel.Failed || !strings.Contains(d.Reason, "3 times in a row") {
		t.Fatalf("decision %+v", d)
	}
	if ask("other"); asked != 4 {
		t.Fatal("another decision is stopped too")
	}
	now.add(10 * time.Second)
	if ask("tier"); asked != 5 {
		t.Fatal("it is not tried again")
	}
	if ask("tier"); asked != 5 {
		t.Fatal("it is asked although the trial failed")
	}
	now.add(10 * time.Second)
	good = true
	if d := ask("tier"); d.Outcome != callmodel.Done || d.To != "next" {
		t.Fatalf("decision %+v", d)
	}
	if d := ask("tier"); d.Outcome != callmodel.Done || c.Stats().Skipped != 4 {
		t.Fatalf("decision %+v, stats %+v", d, c.Stats())
	}
}

type next struct{ got []string }

func (n *next) Apply(_ context.Context, e callmodel.Effect) port.EffectResult {
	n.got = append(n.got, e.What())
	return port.EffectResult{Outcome: callmodel.Done}
}

func TestSplit(t *testing.T) {
	c, f := started(t, decide.Options{})
	n := &next{}
	e := c.Split(n)
	e.Apply(t.Context(), callmodel.Answer{})
	e.Apply(t.Context(), order("", 1))
	if d := f.next(); d.Outcome != callmodel.Failed || len(n.got) != 1 || n.got[0] != "answer" {
		t.Fatalf("decision %+v, the others %v", d, n.got)
	}
}

func TestFeedThatRefuses(t *testing.T) {
	c, f := started(t, decide.Options{})
	f.err = fault.New(fault.Stopped, "feed", "", "stopped")
	c.Apply(t.Context(), order("", 1))
	if err := c.Stop(t.Context()); err != nil || c.Stats().Lost != 1 {
		t.Fatalf("%v, stats %+v", err, c.Stats())
	}
}

// FuzzAnswer: whatever comes, the one Decision is either good or empty.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{`{"to":"queue:support","set":{"a":"b"}}`, `{"to":"node"}`, `{}`, `null`, `{"to":"number:+49"}`, "{\"to\":\"\xff\"}", `{"to":"a","to":"b"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, fd := started(t, decide.Options{Transport: trip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(data)), Request: r}, nil
		})})
		c.Apply(t.Context(), order("http://crm.example/", 1))
		d := fd.next()
		switch {
		case d.Outcome == callmodel.Failed && d.To == "" && d.Set == nil && d.Reason != "":
		case d.Outcome == callmodel.Done && d.To != "" && len(d.To) <= callmodel.MaxDest && len(d.Set) <= decide.MaxSet && d.Reason == "":
		default:
			t.Fatalf("%q: %+v", data, d)
		}
	})
}
