package ici_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

const patience = 10 * time.Second

// rig is a server on a switch, and a CRM that is connected to it.
type rig struct {
	*testing.T
	sw  *ctitest.FakeSwitch
	srv *ici.Server
	crm *crm
	url string
}

func newRig(t *testing.T, adjust func(*ici.Config)) *rig {
	t.Helper()
	sw := ctitest.NewFakeSwitch(ctitest.Config())
	return rigOn(t, sw, sw, adjust)
}

// rigOn serves a switch that may be a wrapper around the fake one.
func rigOn(t *testing.T, fake *ctitest.FakeSwitch, sw port.Switch, adjust func(*ici.Config)) *rig {
	t.Helper()
	cfg := ici.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	if adjust != nil {
		adjust(&cfg)
	}
	srv, err := ici.New(cfg, sw, nil, ici.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	crm := newCRM(t) // it ends after the server, which tells it so
	ctitest.Serve(t, fake, srv)
	return &rig{T: t, sw: fake, srv: srv, crm: crm, url: "http://" + srv.Addr() + cfg.BasePath}
}

// post sends a body to the server and returns status and answer.
func (r *rig) post(contentType, action, body string) (int, []byte) {
	r.Helper()
	resp, answer := ctitest.Post(r.T, http.DefaultClient, r.url, contentType, action, []byte(body))
	return resp.StatusCode, answer
}

// ask calls an operation. A fault becomes an error with the code's kind.
func (r *rig) ask(op ici.Op, p ici.Params) (ici.Reply, error) {
	r.Helper()
	out := soap.NewEncoder(nil)
	out.StartEnvelope()
	if err := ici.EncodeRequest(out, op, p, ici.Style{}); err != nil {
		r.Fatal(err)
	}
	out.EndEnvelope()
	body, err := out.Bytes()
	if err != nil {
		r.Fatal(err)
	}
	_, answer := r.post("text/xml; charset=utf-8", op.Service().Action(), string(body))
	env, err := soap.ReadEnvelope(answer, "", soap.Limits{}, nil)
	if err != nil {
		r.Fatalf("%v in %s", err, answer)
	}
	reply, err := ici.DecodeResponse(op, env)
	var f *soap.Fault
	if errors.As(err, &f) {
		return nil, refusal(f)
	}
	return reply, err
}

// refusal gives a fault the kind that its code stands for.
func refusal(f *soap.Fault) error {
	kinds := map[string]fault.Kind{
		"2/2": fault.NotFound, "4/2": fault.NotFound, "5/3": fault.NotFound, "3/2": fault.NotFound,
		"4/3": fault.Conflict, "5/4": fault.Conflict, "2/3": fault.Conflict,
	}
	code, text, ok := ici.CodeOf(f)
	if !ok {
		return fmt.Errorf("a fault without codes: %s", f.Text)
	}
	kind := kinds[code.String()]
	if kind == 0 {
		kind = fault.Invalid
	}
	return fault.New(kind, "ici", code.String(), text)
}

// must is ask for what has to succeed.
func (r *rig) must(op ici.Op, p ici.Params) ici.Reply {
	r.Helper()
	reply, err := r.ask(op, p)
	if err != nil {
		r.Fatalf("%s: %v", op, err)
	}
	return reply
}

// refused checks the code of a refusal, and that a person can understand it.
func (r *rig) refused(want string, op ici.Op, p ici.Params) {
	r.Helper()
	_, err := r.ask(op, p)
	var f *fault.Error
	if !errors.As(err, &f) || f.Subject != want || len(f.Reason) < 10 {
		r.Errorf("%s: got %v, want fault %s", op, err, want)
	}
}

// follow subscribes to an agent and their line; login also makes them ready.
func (r *rig) follow(agent callmodel.AgentID) {
	r.Helper()
	user, line := strings.ToUpper(string(agent)), lines[agent]
	r.must(ici.OpUserGetAttributes, &ici.UserQuery{UserID: user})
	r.must(ici.OpUserSubscribe, &ici.UserSubscription{AppURL: r.crm.URL, AppID: user, UserID: user})
	r.must(ici.OpContainerSubscribe, &ici.ContainerSubscription{AppURL: r.crm.URL, AppID: user, ChannelType: "1", ContainerID: line})
}

func (r *rig) login(agent callmodel.AgentID) {
	r.Helper()
	r.follow(agent)
	r.must(ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: string(agent), Workmode: "2"})
}

var lines = map[callmodel.AgentID]string{ctitest.Anna: "+101", ctitest.Bernd: "102", carol: "103"}

// carol is an agent of some tests, at a handset like Anna.
const carol callmodel.AgentID = "carol"

// crm receives events.
type crm struct {
	*httptest.Server
	events chan ici.Event

	mu   sync.Mutex
	gate chan struct{} // nil: answer at once; else wait for its end
	old  []ici.Event   // read while looking for others
}

func newCRM(t *testing.T) *crm {
	c := &crm{events: make(chan ici.Event, 1000)}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("crm: %v", err)
			return
		}
		env, err := soap.ReadEnvelope(data, "", soap.Limits{}, nil)
		if err != nil {
			t.Errorf("crm: %v", err)
			return
		}
		e, err := ici.DecodeEvent(env)
		if err != nil {
			t.Errorf("crm: %v in %s", err, data)
			return
		}
		c.events <- e
		c.mu.Lock()
		gate := c.gate
		c.mu.Unlock()
		if gate != nil {
			<-gate
		}
		reply, err := ici.EncodeEventReply(e)
		if err != nil {
			t.Errorf("crm: %v", err)
		}
		_, _ = io.Copy(w, bytes.NewReader(reply)) // a sender that left is no news
	}))
	t.Cleanup(c.Close)
	return c
}

// next waits for an event that fits, and keeps the others for later.
func (c *crm) next(ctx context.Context, fits func(ici.Event) bool) (ici.Event, error) {
	for i, e := range c.old {
		if fits(e) {
			c.old = append(c.old[:i:i], c.old[i+1:]...)
			return e, nil
		}
	}
	for {
		select {
		case e := <-c.events:
			if fits(e) {
				return e, nil
			}
			c.old = append(c.old, e)
		case <-ctx.Done():
			return nil, fmt.Errorf("no such event came; others: %v", c.old)
		}
	}
}

// about is the number that an event is about, or the user.
func about(e ici.Event) string {
	switch e := e.(type) {
	case *ici.PhoneCallChanged:
		return e.PhoneCall.LineNumber
	case *ici.ContainerChanged:
		return e.ContainerID
	case *ici.UserChanged:
		return e.User.Addresses[0].Address
	}
	return ""
}

// script turns the events of one line and its agent into short lines:
// "C1 3/1 2,3", "user ANNA 2", "line 2".
type script struct {
	r       *rig
	line    string
	handles []string
}

func (r *rig) script(agent callmodel.AgentID) *script {
	return &script{r: r, line: ici.Number(lines[agent])}
}

func (s *script) text(e ici.Event) string {
	switch e := e.(type) {
	case *ici.PhoneCallChanged:
		p := e.PhoneCall
		at := 0
		for at < len(s.handles) && s.handles[at] != p.CallHandle {
			at++
		}
		if at == len(s.handles) {
			s.handles = append(s.handles, p.CallHandle)
		}
		caps := strings.Trim(strings.ReplaceAll(fmt.Sprint(p.CapabilityList), " ", ","), "[]")
		return strings.TrimSpace(fmt.Sprintf("C%d %s/%s %s", at+1, p.CallStatus.ID, p.ProcessingStatus.ID, caps))
	case *ici.UserChanged:
		return "user " + e.User.UserID + " " + e.User.CurrentWorkmode.ID
	case *ici.ContainerChanged:
		return "line " + e.ContainerStatus.ID
	}
	return fmt.Sprintf("%T", e)
}

// raw waits for the next event of the line and its agent.
func (s *script) raw() ici.Event {
	s.r.Helper()
	ctx, cancel := context.WithTimeout(s.r.Context(), patience)
	defer cancel()
	e, err := s.r.crm.next(ctx, func(e ici.Event) bool { return about(e) == s.line })
	if err != nil {
		s.r.Fatal(err)
	}
	return e
}

// expect checks the next events, in order.
func (s *script) expect(want ...string) ici.PhoneCall {
	s.r.Helper()
	var last ici.PhoneCall
	for _, w := range want {
		e := s.raw()
		if got := s.text(e); got != w {
			s.r.Fatalf("event %q, want %q", got, w)
		}
		if p, ok := e.(*ici.PhoneCallChanged); ok {
			last = p.PhoneCall
		}
	}
	return last
}
