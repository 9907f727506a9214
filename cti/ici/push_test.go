package ici

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// sink is a CRM that receives events.
type sink struct {
	*httptest.Server
	events chan received
	answer func(w http.ResponseWriter, e Event)
}

type received struct {
	path  string
	event Event
}

func newSink(t *testing.T, answer func(w http.ResponseWriter, e Event)) *sink {
	s := &sink{events: make(chan received, 1000), answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		env, err := soap.ReadEnvelope(data, "", soap.Limits{}, nil)
		if err != nil {
			t.Error(err)
			return
		}
		e, err := DecodeEvent(env)
		if err != nil {
			t.Error(err)
			return
		}
		if got := r.Header.Get("SOAPAction"); got != `"`+DefaultEventSoapAction+`"` {
			t.Errorf("SOAPAction %s", got)
		}
		s.events <- received{r.URL.RequestURI(), e}
		if s.answer != nil {
			s.answer(w, e)
			return
		}
		reply, err := EncodeEventReply(e)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(reply)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *sink) next(t *testing.T) received {
	t.Helper()
	select {
	case r := <-s.events:
		return r
	case <-time.After(10 * time.Second):
		t.Fatal("no event came")
		return received{}
	}
}

func startPush(t *testing.T, adjust func(*Config)) *Push {
	t.Helper()
	cfg := DefaultConfig()
	if adjust != nil {
		adjust(&cfg)
	}
	p, err := NewPush(cfg, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

func subscribe(t *testing.T, p *Push, url, id string, targets ...Target) {
	t.Helper()
	for _, target := range targets {
		if err := p.Subscribe(t.Context(), Key{url, id}, target); err != nil {
			t.Fatal(err)
		}
	}
}

func callEvent(n int) *PhoneCallChanged {
	call := sampleCall()
	call.CallHandle = fmt.Sprint(n)
	return &PhoneCallChanged{PhoneCall: call}
}

func TestPushGroupsOrdersAndSaysGoodbye(t *testing.T) {
	t.Parallel()
	crm := newSink(t, nil)
	p := startPush(t, nil)
	user, line := UserTarget("Mueller"), LineTarget("49301000129")
	subscribe(t, p, crm.URL+"/e?style=document", "a1", user, line)
	subscribe(t, p, crm.URL+"/e?style=document", "a2", line, line)
	subscribe(t, p, crm.URL+"/other", "a3", line)
	if !p.Subscribed(UserTarget("MUELLER")) || p.Subscribed(UserTarget("smith")) || p.Stats.Subscriptions.Load() != 4 {
		t.Errorf("subscribed wrongly; %d pairs", p.Stats.Subscriptions.Load())
	}
	if n := p.Publish("agent-1", user, &UserChanged{User: sampleUser()}); n != 1 {
		t.Errorf("userChanged made %d messages", n)
	}
	const calls = 20
	for i := range calls {
		if n := p.Publish("agent-1", LineTarget("+49301000129"), callEvent(i)); n != 2 {
			t.Fatalf("phoneCallChanged made %d messages, want one per appUrl", n)
		}
	}
	if n := p.Publish("agent-2", UserTarget("smith"), &UserChanged{}); n != 0 {
		t.Errorf("an event nobody wants made %d messages", n)
	}
	byPath := map[string][]Event{}
	for range 1 + 2*calls {
		r := crm.next(t)
		byPath[r.path] = append(byPath[r.path], r.event)
	}
	first := byPath["/e?style=document"]
	if u, ok := first[0].(*UserChanged); !ok || !reflect.DeepEqual(u.AppIDs, []string{"a1"}) {
		t.Errorf("first event %+v", first[0])
	}
	for path, events := range map[string][]Event{"/e?style=document": first[1:], "/other": byPath["/other"]} {
		want := []string{"a1", "a2"}
		if path == "/other" {
			want = []string{"a3"}
		}
		for i, e := range events {
			c, ok := e.(*PhoneCallChanged)
			if !ok || c.PhoneCall.CallHandle != fmt.Sprint(i) || !reflect.DeepEqual(c.AppIDs, want) {
				t.Fatalf("%s event %d: %+v", path, i, e)
			}
		}
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	ended := map[string]bool{}
	for range 2 {
		e, ok := crm.next(t).event.(*SubscriptionEnded)
		if !ok || e.Reason.ID != "1" {
			t.Fatalf("goodbye %+v", e)
		}
		ended[strings.Join(e.AppIDs, ",")] = true
	}
	if !ended["a1,a2"] || !ended["a3"] {
		t.Errorf("subscriptionEnded for %v", ended)
	}
	if p.Stats.Lost.Load() != 0 || p.Stats.Subscriptions.Load() != 0 || p.Delivery().Sent.Load() != 1+2*calls+2 || p.HTTP().Delivered.Load() != 1+2*calls+2 {
		t.Errorf("lost %d, left %d, sent %d", p.Stats.Lost.Load(), p.Stats.Subscriptions.Load(), p.Delivery().Sent.Load())
	}
}

func TestPushUnsubscribe(t *testing.T) {
	t.Parallel()
	p := startPush(t, nil)
	defer func() {
		if err := p.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	const url = "http://localhost:9/"
	u1, u2, line := UserTarget("u1"), UserTarget("u2"), LineTarget("+1")
	subscribe(t, p, url, "own", u1, line)
	subscribe(t, p, url, "shared", u1, u2, line)
	if p.Unsubscribe(ServiceUser, Key{url, "nobody"}) {
		t.Error("an unknown key was unsubscribed")
	}
	if n := p.UnsubscribeUser("U1"); n != 3 {
		t.Errorf("login of u1 ended %d targets, want u1 and line of own, u1 of shared", n)
	}
	if p.Subscribed(u1) || !p.Subscribed(u2) || !p.Subscribed(line) {
		t.Error("the wrong targets are left")
	}
	if !p.Unsubscribe(ServiceContainer, Key{url, "shared"}) || p.Subscribed(line) || !p.Subscribed(u2) {
		t.Error("IciContainer.unsubscribe must end containers and nothing else")
	}
	if !p.Unsubscribe(ServiceUser, Key{url, "shared"}) || p.Stats.Subscriptions.Load() != 0 || len(p.table.subs)+len(p.table.index)+len(p.table.perURL)+len(p.table.lanes) != 0 {
		t.Errorf("something is left: %+v", p.table)
	}
}

func TestPushRefusesAppURLs(t *testing.T) {
	t.Parallel()
	p := startPush(t, func(c *Config) {
		c.MaxSubscriptions, c.MaxSubscriptionsPerURL, c.CallbackPorts = 3, 2, []uint16{80, 81}
	})
	defer func() { _ = p.Stop(t.Context()) }()
	for url, want := range map[string]Code{
		"ftp://localhost/": CodeBadAppURL, "nonsense": CodeBadAppURL, "http://10.0.0.1/": CodeAppURLNotAllowed,
		"http://localhost:8088/ari": CodeAppURLNotAllowed, "http://crm.example/": CodeAppURLNotAllowed,
	} {
		err := p.Subscribe(t.Context(), Key{url, "a"}, LineTarget("+1"))
		var e *Error
		if !errors.As(err, &e) || e.Code != want || e.Service != ServiceContainer {
			t.Errorf("%s: %v, want %v", url, err, want)
		}
	}
	subscribe(t, p, "http://localhost/", "a", LineTarget("+1"), LineTarget("+2"))
	var e *Error
	if err := p.Subscribe(t.Context(), Key{"http://localhost/", "b"}, LineTarget("+1")); !errors.As(err, &e) || e.Code != CodeTooManyTargets {
		t.Errorf("too many for one appUrl: %v", err)
	}
	subscribe(t, p, "http://localhost:81/", "a", LineTarget("+1"))
	if err := p.Subscribe(t.Context(), Key{"http://127.0.0.1/", "b"}, UserTarget("u")); !errors.As(err, &e) || e.Code != CodeTooManyTargets || e.Service != ServiceUser {
		t.Errorf("too many at all: %v", err)
	}
	subscribe(t, p, "http://localhost/", "a", LineTarget("+1")) // repeating is free
	if p.Stats.Refused.Load() != 7 {
		t.Errorf("refused %d", p.Stats.Refused.Load())
	}
}

// TestPushEndsDeadSubscriptions: a receiver that refuses everything loses its
// subscriptions, is told so, and others go on.
func TestPushEndsDeadSubscriptions(t *testing.T) {
	t.Parallel()
	refusal, err := soap.EncodeFault(FaultOf(ServiceEvent, CheckNumber("x")))
	if err != nil {
		t.Fatal(err)
	}
	bad := newSink(t, func(w http.ResponseWriter, _ Event) { _, _ = w.Write(refusal) })
	good := newSink(t, nil)
	p := startPush(t, func(c *Config) { c.MaxFailures = 3 })
	defer func() { _ = p.Stop(t.Context()) }()
	user, line := UserTarget("u"), LineTarget("+1")
	subscribe(t, p, bad.URL, "a1", user, line)
	subscribe(t, p, bad.URL, "a2", line)
	subscribe(t, p, bad.URL, "elsewhere", UserTarget("other"))
	subscribe(t, p, good.URL, "g", line)
	for i := range 3 {
		p.Publish("agent", line, callEvent(i))
	}
	for range 3 {
		if _, ok := bad.next(t).event.(*PhoneCallChanged); !ok {
			t.Fatal("not a call event")
		}
		good.next(t)
	}
	e, ok := bad.next(t).event.(*SubscriptionEnded)
	if !ok || e.Reason.ID != "3" || !reflect.DeepEqual(e.AppIDs, []string{"a1", "a2"}) {
		t.Fatalf("goodbye: %+v", e)
	}
	if p.Subscribed(user) || !p.Subscribed(UserTarget("other")) || !p.Subscribed(line) {
		t.Error("the wrong subscriptions were ended")
	}
	if n := p.Publish("agent", line, callEvent(9)); n != 1 {
		t.Errorf("%d messages, want the good receiver's", n)
	}
	good.next(t)
	subscribe(t, p, bad.URL, "a1", user) // it may come back
	if n := p.Publish("agent", user, &UserChanged{User: sampleUser()}); n != 1 {
		t.Errorf("%d messages after subscribing again", n)
	}
	bad.next(t)
	if p.Stats.Ended.Load() != 2 || p.Stats.PeerFaults.Load() < 3 {
		t.Errorf("ended %d, faults %d", p.Stats.Ended.Load(), p.Stats.PeerFaults.Load())
	}
}

// TestPushRepeatsWhatTheReceiverCallsTemporary also covers a connection that
// breaks before the reply.
func TestPushRepeatsWhatTheReceiverCallsTemporary(t *testing.T) {
	t.Parallel()
	temporary, err := soap.EncodeFault(FaultOf(ServiceEvent, fault.New(fault.Busy, "", "", "later")))
	if err != nil {
		t.Fatal(err)
	}
	tries := 0
	crm := newSink(t, func(w http.ResponseWriter, _ Event) {
		tries++
		switch tries {
		case 1:
			w.WriteHeader(500)
			_, _ = w.Write(temporary)
		case 3:
			panic(http.ErrAbortHandler)
		}
	})
	p := startPush(t, nil)
	subscribe(t, p, crm.URL, "a", LineTarget("+1"))
	p.Publish("agent", LineTarget("+1"), callEvent(1))
	p.Publish("agent", LineTarget("+1"), callEvent(2))
	var got []string
	for range 4 {
		c, ok := crm.next(t).event.(*PhoneCallChanged)
		if !ok {
			t.Fatal("not a call event")
		}
		got = append(got, c.PhoneCall.CallHandle)
	}
	if want := []string{"1", "1", "2", "2"}; !reflect.DeepEqual(got, want) {
		t.Errorf("the receiver got %v, want %v", got, want)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := p.Stop(ctx); err != nil {
		t.Error(err)
	}
	if p.Delivery().Sent.Load() != 3 || p.Delivery().Retried.Load() != 2 {
		t.Errorf("sent %d, retried %d", p.Delivery().Sent.Load(), p.Delivery().Retried.Load())
	}
}

func TestPushCallbackTLS(t *testing.T) {
	t.Parallel()
	cfg := DefaultConfig()
	cfg.CallbackCA = "testdata/zeep_client.py" // no certificate in it
	if _, err := NewPush(cfg, nil, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("a file without certificate: %v", err)
	}
	cfg.CallbackCA, cfg.CallbackCert, cfg.CallbackKey = "", "none.pem", "none.pem"
	if _, err := NewPush(cfg, nil, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("a certificate that is not there: %v", err)
	}
}

// A CRM that is slower than its figures gets the newest: at most one waits.
func TestPushKeepsTheNewestForm(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	crm := newSink(t, func(w http.ResponseWriter, _ Event) { <-gate })
	p := startPush(t, func(c *Config) { c.SoapWait, c.QueueLength = 30*time.Second, 16 })
	w := formWatch{form: formNamed("queues"), every: 5 * time.Second}
	subscribe(t, p, crm.URL, "a1", w.target())
	const rounds = 100
	publish := func(n int) {
		p.Publish(w.form.session(), w.target(), &MonitorDataChanged{DataForm: fmt.Sprint(n)})
	}
	publish(0)
	first := crm.next(t).event.(*MonitorDataChanged) // and it is not answered
	for n := range rounds {
		publish(n + 1)
		if waiting := p.Delivery().Waiting.Load(); waiting > 1 {
			t.Fatalf("%d messages wait", waiting)
		}
	}
	close(gate)
	last := crm.next(t).event.(*MonitorDataChanged)
	if first.DataForm != "0" || last.DataForm != fmt.Sprint(rounds) || p.Delivery().Coalesced.Load() != rounds-1 || p.Stats.Ended.Load() != 0 {
		t.Errorf("first %s, last %s, %d replaced", first.DataForm, last.DataForm, p.Delivery().Coalesced.Load())
	}
}
