package link_test

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/ari/link"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// feed collects facts.
type feed struct {
	mu   sync.Mutex
	seq  byte
	puts chan callmodel.Input
}

func (f *feed) Put(ctx context.Context, in callmodel.Input) error {
	select {
	case f.puts <- in:
		return nil
	case <-ctx.Done():
		return fault.New(fault.Stopped, "put", "", "the test is over")
	}
}

func (f *feed) NewID() callmodel.ID {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seq++
	return callmodel.ID{15: f.seq}
}

func (f *feed) Now() callmodel.Instant { return 1000 }

// linkRig is a link on a fake Asterisk.
type linkRig struct {
	t    *testing.T
	fake *aritest.Server
	link *link.Link
	feed *feed
}

func newLink(t *testing.T, change func(*link.Options)) *linkRig {
	t.Helper()
	r := &linkRig{t: t, fake: aritest.Start(t), feed: &feed{puts: make(chan callmodel.Input, 256)}}
	r.fake.Ignore(arispec.OpAsteriskPing, arispec.OpAsteriskSetGlobalVar, arispec.OpApplicationsGet)
	opt := link.Options{
		Stream: link.Config{
			URL: r.fake.URL(), User: aritest.User, Password: aritest.Password, App: "strowger",
			BackoffMin: time.Millisecond, BackoffMax: 20 * time.Millisecond, PingEvery: 50 * time.Millisecond,
			DeadAfter: time.Minute, // on a busy machine this process itself is silent for long
		},
		Node: "a1", Timeout: 20 * time.Second, BeatEvery: 20 * time.Millisecond,
	}
	if change != nil {
		change(&opt)
	}
	var err error
	if r.link, err = link.New(opt); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.link.Stop)
	return r
}

func (r *linkRig) ctx() context.Context {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
	r.t.Cleanup(cancel)
	return ctx
}

// start connects and returns the first resync.
func (r *linkRig) start() callmodel.Resync {
	r.t.Helper()
	if err := r.link.Start(r.t.Context(), r.feed); err != nil {
		r.t.Fatal(err)
	}
	in := want[callmodel.Resync](r)
	r.synced(1)
	return in
}

// synced waits until both sides know of connection n.
func (r *linkRig) synced(n int) {
	r.t.Helper()
	if err := r.fake.WaitConnects(r.ctx(), n); err != nil {
		r.t.Fatal(err)
	}
	r.until("the link is in step", func() bool { return r.link.Info().Synced })
}

// want returns the next fact, which must be of this kind.
func want[T callmodel.Input](r *linkRig) T {
	r.t.Helper()
	select {
	case in := <-r.feed.puts:
		v, ok := in.(T)
		if !ok {
			r.t.Fatalf("got %T %+v, want %T", in, in, v)
		}
		return v
	case <-r.ctx().Done():
		var v T
		r.t.Fatalf("no fact, want %T", v)
		return v
	}
}

// until polls a figure of the link, which nothing announces.
func (r *linkRig) until(what string, ok func() bool) {
	r.t.Helper()
	ctx := r.ctx()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.t.Fatalf("still not so: %s; %+v", what, r.link.Stats())
		}
	}
}

func (r *linkRig) send(events ...arispec.Event) {
	r.t.Helper()
	if err := r.fake.Send(r.ctx(), events...); err != nil {
		r.t.Fatal(err)
	}
}

func channel(id, state, data string) arispec.Channel {
	return arispec.Channel{
		ID: id, State: state, Caller: arispec.CallerID{Name: "Anna", Number: "4917055501"},
		Dialplan: arispec.DialplanCEP{Exten: "600", AppName: "Stasis", AppData: data},
	}
}

// TestResync: what lives in Asterisk is told as one fact, what is not ours is left out.
func TestResync(t *testing.T) {
	t.Parallel()
	r := newLink(t, nil)
	r.fake.On(arispec.OpChannelsList, func(aritest.Request) aritest.Reply {
		elsewhere := channel("17.9", "Up", "")
		elsewhere.Dialplan.AppName = "Queue"
		return aritest.Reply{Body: []arispec.Channel{
			channel("17.1", "Ring", "strowger,in,4930600"), channel("17.2", "Up", "strowger,in,300&PJSIP/x"), channel("17.3", "Up", "other,in,600"),
			channel("17.4", "Up", "strowger,other"), channel("sw-1", "Ringing", ""), channel("sw-2", "Up", "strowger,out"), channel("sw-3", "Up", ""), elsewhere,
		}}
	})
	r.fake.On(arispec.OpBridgesList, func(aritest.Request) aritest.Reply {
		return aritest.Reply{Body: []arispec.Bridge{{ID: "sw-b-1", Channels: []string{"17.2", "sw-2"}}, {ID: "theirs", Channels: []string{"17.9"}}}}
	})
	got := r.start()
	if got.Epoch == "" || !got.Fresh || got.AsOf != 1000 || got.Node != "a1" {
		t.Errorf("head: %+v", got)
	}
	wantChannels := []callmodel.ChannelFact{
		{Channel: "17.1", Leg: callmodel.LegDown, Inbound: true, Call: callmodel.CallID{ID: callmodel.ID{15: 1}}, Dialled: "4930600", Caller: "4917055501", CallerName: "Anna"},
		{Channel: "17.2", Leg: callmodel.LegUp, Inbound: true, Call: callmodel.CallID{ID: callmodel.ID{15: 2}}, Caller: "4917055501", CallerName: "Anna"},
		{Channel: "sw-1", Leg: callmodel.LegRinging},
		{Channel: "sw-2", Leg: callmodel.LegUp},
		{Channel: "sw-3", Leg: callmodel.LegDown}, // up, but not yet where we can put it into a bridge
	}
	if !reflect.DeepEqual(got.Channels, wantChannels) {
		t.Errorf("channels:\ngot  %+v\nwant %+v", got.Channels, wantChannels)
	}
	if wantBridges := []callmodel.BridgeFact{{Bridge: "sw-b-1", Channels: []callmodel.ChannelID{"17.2", "sw-2"}}}; !reflect.DeepEqual(got.Bridges, wantBridges) {
		t.Errorf("bridges: %+v", got.Bridges)
	}
	r.send(&arispec.ChannelHold{Channel: channel("17.2", "Up", "")})
	if h := want[callmodel.ChannelHeld](r); h.Channel != "17.2" {
		t.Errorf("%+v", h)
	}
}

// TestReconnect: a lost connection is told, then everything is listed again;
// a listing that fails is tried again.
func TestReconnect(t *testing.T) {
	t.Parallel()
	r := newLink(t, nil)
	r.start()
	r.fake.Once(arispec.OpChannelsList, aritest.Error(500, "no"), aritest.Reply{Body: "<html>", Type: "text/html"})
	r.fake.Drop()
	if d := want[callmodel.NodeDown](r); d.Node != "a1" || d.Cause == "" {
		t.Errorf("%+v", d)
	}
	again := want[callmodel.Resync](r)
	if again.Fresh {
		t.Error("orders may be under way: the second listing of a process is not fresh")
	}
	r.synced(2)
	if n := r.link.Stats(); n.ResyncsFailed != 2 || n.Resyncs != 2 || n.Stream.Connects != 2 {
		t.Errorf("%+v", n)
	}
	r.link.Doubt()
	want[callmodel.Resync](r)
}

// TestHalfOpen: a peer that answers nothing with its connection open is given
// up within the deadline.
func TestHalfOpen(t *testing.T) {
	t.Parallel()
	r := newLink(t, func(o *link.Options) { o.Stream.DeadAfter = 2 * time.Second })
	r.start()
	began := time.Now()
	r.fake.Stall(true)
	down := want[callmodel.NodeDown](r)
	if d := time.Since(began); d < time.Second || d > 8*time.Second || !strings.Contains(down.Cause, "no sign of life") {
		t.Errorf("noticed after %v as %q, the limit is set to 2 s", d, down.Cause)
	}
	r.fake.Stall(false)
	want[callmodel.Resync](r)
}

// TestHeartbeat: the readiness variable follows Asterisk's clock, and stops
// when the switch does.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	var dead atomic.Bool
	var asked atomic.Uint64 // while dead
	r := newLink(t, func(o *link.Options) {
		o.Alive = func() bool {
			if dead.Load() {
				asked.Add(1)
			}
			return !dead.Load()
		}
	})
	values := make(chan string, 256)
	r.fake.On(arispec.OpAsteriskPing, func(aritest.Request) aritest.Reply {
		return aritest.Reply{Body: map[string]string{"asterisk_id": "x", "ping": "pong", "timestamp": "2026-03-02T09:00:01.500+0000"}}
	})
	r.fake.On(arispec.OpAsteriskSetGlobalVar, func(q aritest.Request) aritest.Reply {
		select {
		case values <- q.Arg("variable") + "=" + q.Arg("value"):
		default:
		}
		return aritest.Reply{}
	})
	r.start()
	select {
	case v := <-values:
		if v != "SW_HB=1772442001" {
			t.Errorf("heartbeat %s", v)
		}
	case <-r.ctx().Done():
		t.Fatal("no heartbeat")
	}
	// The beat of the connect is of another goroutine: it is over when that one reads on.
	r.send(&arispec.ChannelHold{Channel: channel("17.1", "Up", "")})
	want[callmodel.ChannelHeld](r)
	dead.Store(true)
	r.until("the link asks twice", func() bool { return asked.Load() >= 2 }) // the beat under way is over
	before := r.link.Stats().Beats
	r.until("the link asks more often", func() bool { return asked.Load() >= 6 })
	if n := r.link.Stats().Beats; n != before {
		t.Errorf("%d heartbeats of a dead switch", n-before)
	}
}

// TestRescue: with HTTP shut (idle connections can use up Asterisk's limit)
// orders and listings go over the websocket.
func TestRescue(t *testing.T) {
	t.Parallel()
	r := newLink(t, nil)
	r.start()
	overHTTP := func(r aritest.Request) aritest.Reply { return aritest.Reply{Close: r.Via == "http"} }
	for _, op := range arispec.Operations() {
		switch op {
		case arispec.OpAsteriskPing, arispec.OpAsteriskGetInfo, arispec.OpChannelsList, arispec.OpBridgesList, arispec.OpApplicationsGet, arispec.OpApplicationsFilter:
			// they need an answer with content over the websocket
		default:
			r.fake.On(op, overHTTP)
		}
	}
	r.fake.On(arispec.OpAsteriskPing, func(r aritest.Request) aritest.Reply {
		return aritest.Reply{Close: r.Via == "http", Body: map[string]string{"asterisk_id": "x", "ping": "pong", "timestamp": "2026-03-02T09:00:01.500+0000"}}
	})
	beats := r.link.Stats().Beats
	r.until("heartbeats go over the websocket", func() bool {
		n := r.link.Stats()
		return n.REST.Socket.Requests > 1 && n.Beats > beats+2
	})
	if res := r.link.Apply(r.ctx(), callmodel.Answer{Channel: "17.1"}); res.Outcome != callmodel.Done {
		t.Errorf("answer: %+v", res)
	}
	seen := r.fake.Requests()
	for i := len(seen) - 1; ; i-- {
		if seen[i].Op == arispec.OpChannelsAnswer {
			if seen[i].Via != "websocket" {
				t.Errorf("the order went over %s", seen[i].Via)
			}
			break
		}
	}
}

// TestReplaced: who loses the application name gives no more orders, for good.
func TestReplaced(t *testing.T) {
	t.Parallel()
	r := newLink(t, nil)
	r.start()
	r.send(&arispec.ApplicationReplaced{})
	if d := want[callmodel.NodeDown](r); !strings.Contains(d.Cause, "another program") {
		t.Errorf("%+v", d)
	}
	select {
	case <-r.link.Fatal():
	case <-r.ctx().Done():
		t.Fatal("not fatal")
	}
	before := len(r.orders())
	for _, e := range []callmodel.Effect{callmodel.Answer{Channel: "17.1"}, callmodel.Originate{Channel: "sw-1", Endpoint: "101"}, callmodel.Hangup{Channel: "17.1"}} {
		if res := r.link.Apply(r.ctx(), e); res.Outcome != callmodel.Failed || !res.Later || !fault.Is(res.Err, fault.Denied) {
			t.Errorf("%s: %+v", e.What(), res)
		}
	}
	r.fake.Drop() // it may be connected again: it still has nothing to say
	want[callmodel.NodeDown](r)
	if err := r.fake.WaitConnects(r.ctx(), 2); err != nil {
		t.Fatal(err)
	}
	r.link.Doubt()
	if n := len(r.orders()); n != before {
		t.Errorf("%d requests after the loss", n-before)
	}
	if i := r.link.Info(); !i.Replaced || i.Synced {
		t.Errorf("%+v", i)
	}
}

// orders are the requests that change something.
func (r *linkRig) orders() []aritest.Request {
	var out []aritest.Request
	for _, q := range r.fake.Requests() {
		if d, ok := arispec.Describe(q.Op); ok && d.Method != http.MethodGet && q.Op != arispec.OpAsteriskSetGlobalVar && q.Op != arispec.OpApplicationsFilter {
			out = append(out, q)
		}
	}
	return out
}

// TestStrangeEvents: what no Asterisk should send is counted and left out; the
// stream goes on.
func TestStrangeEvents(t *testing.T) {
	t.Parallel()
	r := newLink(t, nil)
	r.start()
	big := strings.Repeat("x", 1<<20)
	strange := []string{
		`{`, `[]`, `null`, `"text"`, `{"type":7}`, `{}`, `{"type":"StasisStart"}`, `{"type":"StasisStart","args":"in","channel":{"id":"17.1"}}`,
		`{"type":"ChannelDestroyed","channel":{"id":17}}`, `{"type":"ChannelDestroyed","cause":"x","channel":{"id":"17.1"}}`, `{"type":"ChannelHold","channel":[]}`,
		`{"type":"ChannelTeleported","channel":{"id":"17.1"}}`, `{"type":"ChannelUserevent","eventname":"` + big + `","userevent":{}}`,
		"{\"type\":\"Chan\xff\xfe\"}", "\xff\xfe\xfd", strings.Repeat("[", 100_000), `{"type":"ChannelHold","channel":{"id":"` + big + `"}}`,
	}
	for _, text := range strange {
		if err := r.fake.SendRaw(r.ctx(), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	r.send(&arispec.ChannelUnhold{Channel: channel("17.5", "Up", "")})
	for {
		in := <-r.feed.puts
		if u, ok := in.(callmodel.ChannelUnheld); ok && u.Channel == "17.5" {
			break
		}
		switch in := in.(type) {
		case callmodel.NodeDown: // invalid UTF-8 is no websocket text: the connection may be closed for it
			want[callmodel.Resync](r)
			r.synced(2)
			r.send(&arispec.ChannelUnhold{Channel: channel("17.5", "Up", "")})
		case callmodel.ChannelHeld:
		default:
			t.Errorf("a strange event became %#v", in)
		}
	}
	n := r.link.Stats()
	if n.Bad+n.Unknown < 8 {
		t.Errorf("%d bad and %d unknown were counted of %d", n.Bad, n.Unknown, len(strange))
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	good := link.Config{URL: "http://127.0.0.1:1/ari", User: "u", Password: "p", App: "strowger"}
	bad := good
	bad.App = "x/../y"
	for name, o := range map[string]link.Options{"app": {Stream: bad, Node: "a1"}, "node": {Stream: good}, "url": {Stream: link.Config{URL: "ftp://x", User: "u", App: "a"}, Node: "a1"}} {
		if _, err := link.New(o); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	r := newLink(t, nil)
	r.link.Stop() // before the start
	r.start()
	if err := r.link.Start(r.ctx(), r.feed); !fault.Is(err, fault.Conflict) {
		t.Errorf("second start: %v", err)
	}
	r.link.Stop()
	r.link.Stop()
}
