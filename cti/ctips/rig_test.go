package ctips

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

const patience = 20 * time.Second

var eventually = ctitest.Eventually

// deskForTests answers every request with 0 and with an event, as the switch
// would, and remembers what it is told.
type deskForTests struct {
	s        *Server
	notReady atomic.Pointer[error]
	before   func() // a request is answered
	fails    error  // with which requests end
	mu       sync.Mutex
	gone     []int64
}

func (d *deskForTests) ready() error {
	if err := d.notReady.Load(); err != nil {
		return *err
	}
	return nil
}

func (d *deskForTests) serve(_ context.Context, from *session, call *Call) (int32, error) {
	head, _, _ := HeadOf(call.Args[0])
	base := CTIEvent{TenantID: head.TenantID, SiteID: 1, SwitchID: 1}
	switch a := call.Args[0].(type) {
	case *HoldCallArgs:
		base.AgentID, base.ServiceID = a.AgentID, 1
		d.s.publish(&CallHeldEvent{CTIEvent: base, CallRef: CallRef{CallID: a.CallID}}, audience{asker: from, request: head.RequestID})
	case *GetAgentStateArgs:
		base.AgentID = a.AgentID
		d.s.publish(&AgentStateChangeEvent{CTIEvent: base, AgentState: AgentStateIdle}, audience{asker: from, request: head.RequestID, alone: true})
	}
	if d.before != nil {
		d.before()
	}
	return 0, d.fails
}

func (d *deskForTests) ended(c *session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = append(d.gone, c.number)
}

func (d *deskForTests) ends() []int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.gone)
}

func (d *deskForTests) rule(*Config)               {}
func (d *deskForTests) run(context.Context)        {}
func (d *deskForTests) figures() (int, uint64)     { return 0, 0 }
func (d *deskForTests) sync(*callmodel.View)       {}
func (d *deskForTests) configured(*callmodel.View) {}
func (d *deskForTests) apply(*port.Stamped)        {}
func (d *deskForTests) interrupted(error)          {}

// rig is a server with a desk, to which clients come.
type rig struct {
	*testing.T
	srv  *Server
	desk *deskForTests
	url  string
	log  *ctitest.Log
	http *http.Client
}

func newRig(t *testing.T, adjust func(*Config)) *rig {
	t.Helper()
	d := &deskForTests{}
	r := serving(t, ctitest.NewFakeSwitch(ctitest.Config()), adjust, func(cfg Config, sw port.Switch, log *slog.Logger) (*Server, error) {
		return newServer(cfg, sw, func(s *Server) desk { d.s = s; return d }, log, Observer{})
	})
	r.desk = d
	return r
}

// wholeRig is a whole server on a switch.
func wholeRig(t *testing.T, sw *ctitest.FakeSwitch) *rig {
	t.Helper()
	return serving(t, sw, nil, func(cfg Config, sw port.Switch, log *slog.Logger) (*Server, error) {
		return New(cfg, sw, log, Observer{})
	})
}

func serving(t *testing.T, sw *ctitest.FakeSwitch, adjust func(*Config), open func(Config, port.Switch, *slog.Logger) (*Server, error)) *rig {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	if adjust != nil {
		adjust(&cfg)
	}
	r := &rig{T: t, log: &ctitest.Log{}, http: &http.Client{Transport: &http.Transport{}}}
	srv, err := open(cfg, sw, slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.srv, r.url = srv, "http://"+srv.Addr()+cfg.Path
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
		defer cancel()
		_ = srv.Stop(ctx) // clients that the test has broken get no more events
		sw.Stop()
		r.http.CloseIdleConnections()
	})
	return r
}

// post sends a body to the server and returns status and answer.
func (r *rig) post(contentType, action string, body []byte) (*http.Response, []byte) {
	r.Helper()
	return ctitest.Post(r.T, r.http, r.url, contentType, action, body)
}

// ask calls an operation; a fault is an error.
func (r *rig) ask(ns Namespaces, name string, args any) (any, error) {
	r.Helper()
	op := AgentCallService.Operation(name)
	body, err := EncodeCall(ns, op, args)
	if err != nil {
		r.Fatal(err)
	}
	_, answer := r.post("text/xml; charset=utf-8", op.Action(ns), body)
	env, err := soap.ReadEnvelope(answer, "", soap.Limits{}, nil)
	if err != nil {
		r.Fatalf("%v in %s", err, answer)
	}
	return DecodeReply(op, env)
}

// must is ask for what is answered with 0.
func (r *rig) must(name string, args any) {
	r.Helper()
	if result, err := r.ask(Namespaces{}, name, args); err != nil || result != int32(0) {
		r.Fatalf("%s: %v, %v", name, result, err)
	}
}

// refused is ask for what is answered with a fault of the client's whose text
// holds want.
func (r *rig) refused(want, name string, args any) {
	r.Helper()
	_, err := r.ask(Namespaces{}, name, args)
	var f *soap.Fault
	if !errors.As(err, &f) || f.Code != soap.CodeClient || !bytes.Contains([]byte(f.Text), []byte(want)) {
		r.Errorf("%s: %v, want a fault with %q", name, err, want)
	}
}

// sink is a client's callback service.
type sink struct {
	*httptest.Server
	ns      Namespaces
	events  chan Event
	started chan *StartedSession
	beats   chan struct{}

	mu       sync.Mutex
	actions  []string
	cookies  []string
	inFlight atomic.Int64
	most     atomic.Int64 // events at once
	conns    atomic.Int64 // connections of the switch
	onEvent  func(Event, http.ResponseWriter) bool
	onBeat   func(http.ResponseWriter) bool
	onStart  func(http.ResponseWriter) bool
}

// StartedSession is what StartSession has told.
type StartedSession struct {
	User UserCredentials
	ID   string
}

func newSink(t *testing.T) *sink {
	t.Helper()
	s := unstarted()
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// newSinkAt is a client that comes back under an address.
func newSinkAt(t *testing.T, addr string) *sink {
	t.Helper()
	s := unstarted()
	l, err := net.Listen("tcp", addr) //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Listener.Close() // that of any port
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func unstarted() *sink {
	s := &sink{events: make(chan Event, 20_000), started: make(chan *StartedSession, 2000), beats: make(chan struct{}, 2000)}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ConnState = func(_ net.Conn, st http.ConnState) {
		switch st {
		case http.StateNew:
			s.conns.Add(1)
		case http.StateClosed, http.StateHijacked:
			s.conns.Add(-1)
		case http.StateActive, http.StateIdle:
		}
	}
	return s
}

// left waits until no connection of the switch is left, which is before it is
// closed for being idle.
func (s *sink) left(t *testing.T) {
	t.Helper()
	began := time.Now()
	eventually(t, "the connections to the client are closed", func() bool { return s.conns.Load() == 0 })
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("connections to the client were there for %v", took)
	}
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	env, err := soap.ReadEnvelope(body, "", soap.Limits{}, nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	call, err := PublishEvents.DecodeCall(env, OrderStrict)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.ns = call.Namespaces
	s.actions = append(s.actions, r.Header.Get("SOAPAction"))
	s.cookies = append(s.cookies, call.Op.Name+" "+r.Header.Get("Cookie"))
	s.mu.Unlock()
	if s.took(w, call) {
		return
	}
	var result any = int32(0)
	if call.Op.Result == nil {
		result = nil
	}
	answer, err := EncodeReply(call.Namespaces, call.Op, result)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write(answer) // a server that left is no news
}

// took notes a callback; true: it is answered already.
func (s *sink) took(w http.ResponseWriter, call *Call) bool {
	switch call.Op {
	case publishEvent:
		n := s.inFlight.Add(1)
		defer s.inFlight.Add(-1)
		for m := s.most.Load(); n > m && !s.most.CompareAndSwap(m, n); m = s.most.Load() {
		}
		ev := call.Args[0].(Event)
		if s.onEvent != nil && s.onEvent(ev, w) {
			return true
		}
		s.events <- ev
	case heartbeat:
		if s.onBeat != nil && s.onBeat(w) {
			return true
		}
		select {
		case s.beats <- struct{}{}:
		default: // nobody counts so far
		}
	case startSession:
		if s.onStart != nil && s.onStart(w) {
			return true
		}
		s.started <- &StartedSession{*call.Args[0].(*UserCredentials), call.Args[1].(string)}
	}
	return false
}

// next waits for the next event.
func (s *sink) next(t *testing.T) Event {
	t.Helper()
	select {
	case ev := <-s.events:
		return ev
	case <-time.After(patience):
		t.Fatal("no event")
		return nil
	}
}

// beat waits for a heartbeat.
func (s *sink) beat(t *testing.T) {
	t.Helper()
	select {
	case <-s.beats:
	case <-time.After(patience):
		t.Fatal("no heartbeat")
	}
}

// client is a client with an open session.
type client struct {
	*rig
	*sink
	id     string
	tenant int32
}

func openArgs(url string) *OpenConnectionArgs {
	return &OpenConnectionArgs{ClientCallbackURL: url, TenantIDs: []int32{1}, UserCredentials: &UserCredentials{UserName: "Test01", Password: "Secret-01"}}
}

// opens opens a session.
func (r *rig) opens(args *OpenConnectionArgs) *SessionObject {
	r.Helper()
	answer, err := r.ask(Namespaces{}, "OpenConnection", args)
	if err != nil {
		r.Fatal(err)
	}
	return answer.(*SessionObject)
}

// connect opens a session for a new client, and puts it online with all classes.
func (r *rig) connect() *client {
	r.Helper()
	c := r.opened(newSink(r.T))
	c.all()
	c.must("OnLine", &OnLineArgs{SessionHead: c.head()})
	return c
}

func (r *rig) opened(s *sink) *client {
	r.Helper()
	answer := r.opens(openArgs(s.URL + "/www.aspect.com/PublishEvents"))
	if answer.Status != 0 || answer.SessionID == "" {
		r.Fatalf("not opened: %+v", answer)
	}
	return &client{r, s, answer.SessionID, 1}
}

func (c *client) head() SessionHead { return SessionHead{SessionID: c.id, TenantID: c.tenant} }

func (c *client) agent(agent, request int32) AgentHead {
	return AgentHead{RequestHead: RequestHead{SessionID: c.id, TenantID: c.tenant, RequestID: request}, AgentID: agent}
}

func (c *client) all() {
	c.Helper()
	for m := MessageClassAgent; m <= MessageClassSystem; m++ {
		c.must("AddMessageClass", &AddMessageClassArgs{SessionHead: c.head(), MessageClass: m})
	}
}

// hold has the desk publish CallHeld.
func (c *client) hold(agent, call, request int32) {
	c.Helper()
	c.must("HoldCall", &HoldCallArgs{CallHead{AgentHead: c.agent(agent, request), CallID: call}})
}

// from is an HTTP client that comes from another address of this machine.
func from(addr string) *http.Client {
	d := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(addr)}}
	return &http.Client{Transport: &http.Transport{DialContext: d.DialContext, DisableKeepAlives: true}}
}
