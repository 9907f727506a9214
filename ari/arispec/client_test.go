package arispec_test

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/switch/fault"
)

func start(t *testing.T, cfg arispec.Config) (*aritest.Server, *arispec.Client, *arispec.HTTPTransport) {
	t.Helper()
	s := aritest.Start(t)
	h, err := arispec.NewHTTP(arispec.HTTPConfig{URL: s.URL(), User: aritest.User, Password: aritest.Password, BodyLimit: 1 << 16})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	cfg.Transport = h
	c, err := arispec.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s, c, h
}

func TestRequestOnTheWire(t *testing.T) {
	s, c, _ := start(t, arispec.Config{})
	ctx := t.Context()
	ch, err := c.ChannelsOriginateWithID(ctx, "a/b ü", arispec.ChannelsOriginateWithIDParams{
		Endpoint: "PJSIP/100&x", CallerID: arispec.Some(`"A + B" <1>`), App: arispec.Some(""), Timeout: arispec.Some(0),
		Variables: arispec.SetVars{"P": {Value: "plain"}, "R": {Value: "rep", ReportEvents: true}},
	})
	if err != nil || ch.ID != "a/b ü" {
		t.Fatalf("channel %+v, error %v", ch, err)
	}
	r, err := s.Expect(ctx, arispec.OpChannelsOriginateWithID)
	if err != nil {
		t.Fatal(err)
	}
	if r.Args["channelId"] != "a/b ü" || r.Query.Get("endpoint") != "PJSIP/100&x" || r.Query.Get("callerId") != `"A + B" <1>` {
		t.Errorf("request %+v", r)
	}
	for name, want := range map[string]bool{"app": true, "timeout": true, "priority": false, "context": false} {
		if r.Query.Has(name) != want {
			t.Errorf("query has %s: %v, want %v", name, r.Query.Has(name), want)
		}
	}
	if got, want := string(r.Body), `{"variables":{"P":"plain","R":{"value":"rep","report_events":true}}}`; got != want {
		t.Errorf("body %s, want %s", got, want)
	}
	if _, err := c.ApplicationsFilter(ctx, "app", arispec.ApplicationsFilterParams{Filter: arispec.Disallow(arispec.TypeDial)}); err != nil {
		t.Fatal(err)
	}
	r, err = s.Expect(ctx, arispec.OpApplicationsFilter)
	if err != nil || string(r.Body) != `{"disallowed":[{"type":"Dial"}]}` {
		t.Errorf("filter body %s, error %v", r.Body, err)
	}
	if err := c.BridgesAddChannel(ctx, "b", arispec.BridgesAddChannelParams{Channel: []string{"x", "y"}}); err != nil {
		t.Fatal(err)
	}
	if r, err = s.Expect(ctx, arispec.OpBridgesAddChannel); err != nil || r.Query.Get("channel") != "x,y" {
		t.Errorf("query %v, error %v", r.Query, err)
	}
}

func TestRefusedBeforeSending(t *testing.T) {
	s, c, _ := start(t, arispec.Config{})
	ctx := t.Context()
	set := func(v string) error {
		return c.ChannelsSetChannelVar(ctx, "c", arispec.ChannelsSetChannelVarParams{Variable: "X", Value: arispec.Some(v)})
	}
	originate := func(p arispec.ChannelsOriginateWithIDParams) error {
		_, err := c.ChannelsOriginateWithID(ctx, "c", p)
		return err
	}
	for name, err := range map[string]error{
		"CRLF in query":      set("a\r\nX: 1"),
		"NUL":                set("\x00"),
		"DEL":                set("\x7f"),
		"bad UTF-8":          set("\xff"),
		"too long":           set(strings.Repeat("x", 4000)),
		"empty path":         c.ChannelsAnswer(ctx, ""),
		"dot path":           c.ChannelsAnswer(ctx, ".."),
		"LF in path":         c.ChannelsAnswer(ctx, "a\nb"),
		"comma in list":      c.BridgesAddChannel(ctx, "b", arispec.BridgesAddChannelParams{Channel: []string{"a,b"}}),
		"CRLF in variable":   originate(arispec.ChannelsOriginateWithIDParams{Endpoint: "x", Variables: arispec.SetVars{"V": {Value: "a\r\nb"}}}),
		"CR in name":         originate(arispec.ChannelsOriginateWithIDParams{Endpoint: "x", Variables: arispec.SetVars{"V\r": {Value: "a"}}}),
		"body too large":     originate(arispec.ChannelsOriginateWithIDParams{Endpoint: "x", Variables: arispec.SetVars{"V": {Value: strings.Repeat("x", 41<<10)}}}),
		"LF in user event":   c.EventsUserEvent(ctx, "e", arispec.EventsUserEventParams{Application: "a", Variables: arispec.Vars{"k": "\n"}}),
		"LF in config tuple": second(c.AsteriskUpdateObject(ctx, "a", "b", "c", arispec.AsteriskUpdateObjectParams{Fields: []arispec.ConfigTuple{{Attribute: "a", Value: "\n"}}})),
	} {
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func second[T any](_ T, err error) error { return err }

func TestStatusToKind(t *testing.T) {
	s, c, _ := start(t, arispec.Config{})
	for status, want := range map[int]fault.Kind{
		400: fault.Invalid, 401: fault.Denied, 403: fault.Denied, 404: fault.NotFound, 405: fault.Unsupported, 409: fault.Conflict,
		412: fault.Conflict, 413: fault.Invalid, 422: fault.Conflict, 500: fault.Unavailable, 501: fault.Unsupported, 503: fault.Unavailable,
		302: fault.Internal,
	} {
		s.Once(arispec.OpChannelsAnswer, aritest.Error(status, "because\nof this"))
		err := c.ChannelsAnswer(t.Context(), "c")
		if !fault.Is(err, want) || !strings.Contains(fault.ReasonOf(err), "because of this") {
			t.Errorf("%d: %v, want %v", status, err, want)
		}
	}
	s.Once(arispec.OpChannelsAnswer, aritest.Reply{Status: 502, Type: "text/html", Body: "<html>proxy</html>"})
	if err := c.ChannelsAnswer(t.Context(), "c"); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "Asterisk's port") {
		t.Errorf("HTML: %v", err)
	}
}

// TestNoAnswer is about what is known when the answer is missing: for a POST nothing, for the rest "try again".
func TestNoAnswer(t *testing.T) {
	s, c, _ := start(t, arispec.Config{Timeout: 100 * time.Millisecond})
	ctx := t.Context()
	ops := []struct {
		name string
		op   arispec.Op
		do   func() error
		want fault.Kind
	}{
		{"POST", arispec.OpChannelsOriginateWithID, func() error {
			return second(c.ChannelsOriginateWithID(ctx, "c", arispec.ChannelsOriginateWithIDParams{Endpoint: "x"}))
		}, fault.Unknown},
		{"GET", arispec.OpBridgesGet, func() error { return second(c.BridgesGet(ctx, "b")) }, fault.Unavailable},
		{"DELETE", arispec.OpChannelsHangup, func() error { return c.ChannelsHangup(ctx, "c", arispec.ChannelsHangupParams{}) }, fault.Unavailable},
		{"PUT", arispec.OpApplicationsFilter, func() error {
			return second(c.ApplicationsFilter(ctx, "a", arispec.ApplicationsFilterParams{}))
		}, fault.Unavailable},
	}
	for _, o := range ops {
		for name, reply := range map[string]aritest.Reply{"hangs": {Hang: true}, "closes": {Close: true}, "is late": {Delay: time.Minute}} {
			s.Once(o.op, reply, reply) // net/http repeats a GET once by itself
			if err := o.do(); !fault.Is(err, o.want) {
				t.Errorf("%s when the server %s: %v, want %v", o.name, name, err, o.want)
			}
			drain(s, o.op, o.do)
		}
	}
	// A body cut short: the status is known, the result is not.
	cut := aritest.Reply{Body: arispec.Channel{ID: "c"}, Cut: true}
	s.Once(arispec.OpChannelsOriginateWithID, cut)
	if err := ops[0].do(); !fault.Is(err, fault.Unknown) || !strings.Contains(err.Error(), "answered 200") {
		t.Errorf("cut POST: %v", err)
	}
	s.Once(arispec.OpBridgesGet, cut)
	if err := ops[1].do(); !fault.Is(err, fault.Unavailable) {
		t.Errorf("cut GET: %v", err)
	}
	s.Once(arispec.OpChannelsAnswer, cut)
	if err := c.ChannelsAnswer(ctx, "c"); err != nil {
		t.Errorf("cut body that nobody needs: %v", err)
	}
	s.Once(arispec.OpChannelsList, aritest.Reply{Body: "<html>"}, aritest.Reply{Body: `["` + strings.Repeat("x", 1<<16) + `"]`})
	for _, name := range []string{"HTML with 200", "large body"} {
		if _, err := c.ChannelsList(ctx); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if st := c.Stats(); st.Unknown < 4 || st.Faults <= st.Unknown || st.InFlight != 0 {
		t.Errorf("stats %+v", st)
	}
}

// drain uses up replies that the client's own repetition left.
func drain(s *aritest.Server, op arispec.Op, do func() error) {
	for range 2 {
		n := len(s.Requests())
		if do() == nil || len(s.Requests()) == n {
			return
		}
	}
}

func TestNoConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	h, err := arispec.NewHTTP(arispec.HTTPConfig{URL: "http://" + addr + "/ari", User: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := arispec.New(arispec.Config{Transport: h})
	if err != nil {
		t.Fatal(err)
	}
	err = c.ChannelsAnswer(t.Context(), "c")
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "not sent") {
		t.Errorf("refused connection: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.ChannelsAnswer(ctx, "c"); !fault.Is(err, fault.Stopped) {
		t.Errorf("cancelled before: %v", err)
	}
}

func TestInFlightLimit(t *testing.T) {
	s, c, _ := start(t, arispec.Config{MaxInFlight: 2, Timeout: 5 * time.Second})
	arrived, release := make(chan struct{}, 2), make(chan struct{})
	s.On(arispec.OpChannelsAnswer, func(aritest.Request) aritest.Reply {
		arrived <- struct{}{}
		<-release
		return aritest.Reply{}
	})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if err := c.ChannelsAnswer(t.Context(), "c"); err != nil {
				t.Error(err)
			}
		})
		<-arrived
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := c.ChannelsRing(ctx, "c"); !fault.Is(err, fault.Busy) {
		t.Errorf("third request: %v, want busy", err)
	}
	close(release)
	wg.Wait()
	if err := c.ChannelsRing(t.Context(), "c"); err != nil {
		t.Errorf("after release: %v", err)
	}
	if st := c.Stats(); st.HighWater != 2 || st.Busy != 1 || st.Waited != 1 || st.InFlight != 0 || st.Limit != 2 || st.Requests != 3 {
		t.Errorf("stats %+v", st)
	}
}

func TestConnectionsAreKept(t *testing.T) {
	_, c, h := start(t, arispec.Config{})
	for range 20 {
		if err := c.ChannelsAnswer(t.Context(), "c"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.ChannelsGet(t.Context(), "c"); !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
	}
	if n := h.Dials(); n != 1 {
		t.Errorf("%d connections for requests one after the other", n)
	}
}

func TestWrongPassword(t *testing.T) {
	s := aritest.Start(t)
	h, err := arispec.NewHTTP(arispec.HTTPConfig{URL: s.URL(), User: aritest.User, Password: "wrong"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	c, err := arispec.New(arispec.Config{Transport: h})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.AsteriskPing(t.Context()); !fault.Is(err, fault.Denied) {
		t.Errorf("got %v", err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for _, cfg := range []arispec.HTTPConfig{
		{},
		{URL: "127.0.0.1:8088", User: "u"},
		{URL: "ftp://h/ari", User: "u"},
		{URL: "http://u:p@h/ari", User: "u"},
		{URL: "http://h/ari?api_key=u:p", User: "u"},
		{URL: "http://h/ari"},
		{URL: "http://h/ari", User: "a:b"},
		{URL: "http://h/ari", User: "u", Password: "p\r\nX: y"},
		{URL: "http://h/ari", User: "u", MaxConns: -1},
		{URL: "http://h/ari", User: "u", BodyLimit: -1},
	} {
		if _, err := arispec.NewHTTP(cfg); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	if _, err := arispec.New(arispec.Config{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("no transport: %v", err)
	}
	if _, err := arispec.NewSocket(nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("no socket: %v", err)
	}
}

func TestSupports(t *testing.T) {
	cases := []struct {
		op      arispec.Op
		version string
		has, ok bool
	}{
		{arispec.OpBridgesSetBridgeVar, "22.10.1~dfsg+~cs6.17-1", true, true},
		{arispec.OpBridgesSetBridgeVar, "22.9.9", false, true},
		{arispec.OpBridgesSetBridgeVar, "21.12.0", false, true},
		{arispec.OpBridgesSetBridgeVar, "24.0.0", true, true},
		{arispec.OpBridgesSetBridgeVar, "23.3.9", false, true},
		{arispec.OpEventsClaimChannel, "certified/20.17-cert1", true, true},
		{arispec.OpChannelsAnswer, "22.0.0", true, true},
		{arispec.OpChannelsAnswer, "11.25.0", false, true},
		{arispec.OpChannelsAnswer, "trunk", false, false},
		{"channels.levitate", "22.0.0", false, false},
	}
	for _, c := range cases {
		if has, ok := arispec.Supports(c.op, c.version); has != c.has || ok != c.ok {
			t.Errorf("Supports(%s, %s) = %v, %v, want %v, %v", c.op, c.version, has, ok, c.has, c.ok)
		}
	}
}

// TestSocketTransport checks the frames against a function that plays Asterisk.
func TestSocketTransport(t *testing.T) {
	var got []arispec.RESTRequest
	answer := arispec.RESTResponse{StatusCode: 200, MessageBody: `{"value":"v"}`}
	var fails error
	st, err := arispec.NewSocket(func(_ context.Context, r *arispec.RESTRequest) (*arispec.RESTResponse, error) {
		got = append(got, *r)
		return &answer, fails
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := arispec.New(arispec.Config{Transport: st})
	if err != nil {
		t.Fatal(err)
	}
	v, err := c.ChannelsGetChannelVar(t.Context(), "a/b", arispec.ChannelsGetChannelVarParams{Variable: "X Y"})
	if err != nil || v.Value != "v" || got[0].URI != "channels/a%2Fb/variable?variable=X%20Y" || got[0].Method != "GET" || got[0].Type != "RESTRequest" {
		t.Errorf("value %+v, error %v, request %+v", v, err, got)
	}
	answer = arispec.RESTResponse{StatusCode: 409, MessageBody: `{"message":"in use"}`}
	p := arispec.ChannelsOriginateWithIDParams{Endpoint: "x", Variables: arispec.SetVars{"a": {Value: "b"}}}
	if _, err := c.ChannelsOriginateWithID(t.Context(), "c", p); !fault.Is(err, fault.Conflict) {
		t.Errorf("409: %v", err)
	}
	if got[1].ContentType != "application/json" || !json.Valid([]byte(got[1].MessageBody)) || got[1].RequestID == got[0].RequestID {
		t.Errorf("request %+v", got[1])
	}
	fails = fault.New(fault.Unknown, "x", "", "")
	if err := c.ChannelsAnswer(t.Context(), "c"); !fault.Is(err, fault.Unknown) {
		t.Errorf("lost POST: %v", err)
	}
	if _, err := c.ChannelsGet(t.Context(), "c"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("lost GET: %v", err)
	}
	n := len(got)
	p.Variables = arispec.SetVars{"a": {Value: strings.Repeat("x", 35<<10)}}
	if _, err := c.ChannelsOriginateWithID(t.Context(), "c", p); !fault.Is(err, fault.Invalid) || len(got) != n {
		t.Errorf("large frame: %v", err)
	}
}

// TestOperationsReachTheFake makes sure that the table and the fake's router agree on every operation.
func TestOperationsReachTheFake(t *testing.T) {
	ops := arispec.Operations()
	if len(ops) < 100 {
		t.Fatalf("only %d operations", len(ops))
	}
	seen := map[string]arispec.Op{}
	for _, op := range ops {
		d, ok := arispec.Describe(op)
		if !ok || d.Op != op || len(d.Since()) == 0 {
			t.Errorf("%s: %+v", op, d)
		}
		if other, dup := seen[d.Method+d.Path]; dup {
			t.Errorf("%s and %s are the same request", op, other)
		}
		seen[d.Method+d.Path] = op
	}
}
