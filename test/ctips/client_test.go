package ctips_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"strowger/cti/ctips"
	"strowger/cti/soap"
)

// client is a CTIPS client: a session, and the service that is called back.
type client struct {
	t       *testing.T
	url     string
	session string
	post    *soap.Client

	mu     sync.Mutex
	events []ctips.Event
	came   chan struct{} // has room for one: something has come
}

// connect opens a session, registers it for everything and puts it online.
func (s *site) connect(t *testing.T) *client {
	t.Helper()
	c := &client{t: t, url: s.url, came: make(chan struct{}, 1)}
	c.post = soap.NewClient(soap.ClientConfig{Allow: soap.Destinations{Nets: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
	t.Cleanup(c.post.Close)
	srv := httptest.NewServer(c)
	t.Cleanup(srv.Close)
	answer, err := c.ask("OpenConnection", &ctips.OpenConnectionArgs{
		ClientCallbackURL: srv.URL + "/PublishEvents", TenantIDs: []int32{1}, UserCredentials: &ctips.UserCredentials{UserName: "u", Password: "p"},
	})
	so, ok := answer.(*ctips.SessionObject)
	if err != nil || !ok || so.Status != 0 {
		t.Fatalf("not opened: %+v, %v", answer, err)
	}
	c.session = so.SessionID
	for _, m := range []ctips.MessageClass{ctips.MessageClassAgent, ctips.MessageClassCall, ctips.MessageClassRoute, ctips.MessageClassSystem} {
		c.must("AddMessageClass", &ctips.AddMessageClassArgs{SessionHead: c.head(), MessageClass: m})
	}
	c.must("OnLine", &ctips.OnLineArgs{SessionHead: c.head()})
	return c
}

func (c *client) head() ctips.SessionHead {
	return ctips.SessionHead{SessionID: c.session, TenantID: 1}
}

// ask calls an operation; a fault is an error.
func (c *client) ask(name string, args any) (any, error) {
	op := ctips.AgentCallService.Operation(name)
	body, err := ctips.EncodeCall(ctips.Namespaces{}, op, args)
	if err != nil {
		return nil, err
	}
	answer, err := c.post.Ask(c.t.Context(), c.url, op.Action(ctips.Namespaces{}), body, nil)
	if err != nil {
		return nil, err
	}
	env, err := answer.Envelope(soap.Limits{})
	if err != nil {
		return nil, err
	}
	return ctips.DecodeReply(op, env)
}

func (c *client) must(name string, args any) {
	c.t.Helper()
	if answer, err := c.ask(name, args); err != nil || answer != int32(0) {
		c.t.Fatalf("%s: %v, %v", name, answer, err)
	}
}

// ServeHTTP is the callback service.
func (c *client) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return // the server has left
	}
	env, err := soap.ReadEnvelope(raw, "", soap.Limits{}, nil)
	if err != nil {
		c.t.Errorf("callback: %v", err)
		return
	}
	call, err := ctips.PublishEvents.DecodeCall(env, ctips.OrderStrict)
	if err != nil {
		c.t.Errorf("callback: %v in %s", err, raw)
		return
	}
	c.mu.Lock()
	if len(call.Args) == 1 {
		if ev, ok := call.Args[0].(ctips.Event); ok {
			c.events = append(c.events, ev)
		}
	}
	c.mu.Unlock()
	select {
	case c.came <- struct{}{}:
	default: // who waits looks at everything
	}
	var result any
	if call.Op.Result != nil {
		result = int32(0)
	}
	reply, err := ctips.EncodeReply(call.Namespaces, call.Op, result)
	if err != nil {
		c.t.Errorf("callback: %v", err)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write(reply) // a server that left is no news
}

// soFar returns the events that have come.
func (c *client) soFar() []ctips.Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.events[:len(c.events):len(c.events)]
}

// until waits until the events that have come are enough. why may tell what lacks.
func (c *client) until(what string, enough func([]ctips.Event) bool, why func() string) {
	c.t.Helper()
	end := time.After(patience)
	for {
		if enough(c.soFar()) {
			return
		}
		select {
		case <-c.came:
		case <-end:
			if why != nil {
				what += ": " + why()
			}
			c.t.Errorf("in vain: %s", what)
			return
		}
	}
}
