package ici_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/cti/soap"
	"strowger/switch/engine"
	"strowger/switch/sim"
	"strowger/test/simsite"
)

const patience = simsite.Patience

// site is a simulated exchange with a controller and its ICI server.
type site struct {
	ex  *sim.Exchange
	eng *engine.Engine
	srv *ici.Server
	url string
}

func newSite(t *testing.T, adjust func(*ici.Config)) *site {
	t.Helper()
	ex, eng := simsite.Start(t, ctitest.Config(), sim.Options{}, nil)
	cfg := ici.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	if adjust != nil {
		adjust(&cfg)
	}
	srv, err := ici.New(cfg, eng, nil, ici.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	simsite.Serve(t, eng, srv)
	return &site{ex: ex, eng: eng, srv: srv, url: "http://" + srv.Addr() + cfg.BasePath}
}

// crm receives events; the order of arrival is kept.
func crm(t *testing.T) (url string, events chan ici.Event) {
	t.Helper()
	events = make(chan ici.Event, 1000)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		env, err := soap.ReadEnvelope(data, "", soap.Limits{}, nil)
		if err != nil {
			t.Error(err)
			return
		}
		e, err := ici.DecodeEvent(env)
		if err != nil {
			t.Error(err)
			return
		}
		events <- e
		reply, err := ici.EncodeEventReply(e)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(reply) // a sender that left is no news
	}))
	t.Cleanup(srv.Close)
	return srv.URL, events
}

// ask calls an operation that has to succeed.
func (s *site) ask(t *testing.T, op ici.Op, p ici.Params) {
	t.Helper()
	out := soap.NewEncoder(nil)
	out.StartEnvelope()
	if err := ici.EncodeRequest(out, op, p, ici.Style{}); err != nil {
		t.Fatal(err)
	}
	out.EndEnvelope()
	body, err := out.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	client := soap.NewClient(soap.ClientConfig{Allow: soap.Destinations{Hosts: []string{"localhost"}, Nets: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
	defer client.Close()
	if err := client.Post(t.Context(), s.url, op.Service().Action(), body, func() {}); err != nil {
		t.Fatalf("%s: %v", op, err)
	}
}

// told checks the next event of the session.
func told(t *testing.T, events chan ici.Event, want string) (handle string) {
	t.Helper()
	select {
	case e := <-events:
		got := e.EventName()
		switch e := e.(type) {
		case *ici.PhoneCallChanged:
			handle = e.PhoneCall.CallHandle
			got = fmt.Sprintf("call %s/%s %v", e.PhoneCall.CallStatus.ID, e.PhoneCall.ProcessingStatus.ID, e.PhoneCall.CapabilityList)
		case *ici.UserChanged:
			got = "user " + e.User.CurrentWorkmode.ID
		case *ici.ContainerChanged:
			got = "line " + e.ContainerStatus.ID
		case *ici.SubscriptionEnded:
			got = "ended " + e.Reason.ID
		}
		if got != want {
			t.Fatalf("the CRM is told %q, want %q", got, want)
		}
	case <-time.After(patience):
		t.Fatalf("the CRM is not told %q", want)
	}
	return handle
}

func TestHandsetOnSim(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	phone := s.ex.Phone("101", sim.PhonePolicy{Mode: sim.Manual})
	url, events := crm(t)
	s.ask(t, ici.OpUserSubscribe, &ici.UserSubscription{AppURL: url, AppID: "1", UserID: "ANNA"})
	s.ask(t, ici.OpContainerSubscribe, &ici.ContainerSubscription{AppURL: url, AppID: "1", ChannelType: "1", ContainerID: "101"})
	s.ask(t, ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "Anna", Workmode: "2"})
	told(t, events, "user 2")
	leg, err := s.ex.Place(ctitest.Queue, sim.Caller{Number: ctitest.Caller})
	if err != nil {
		t.Fatal(err)
	}
	handle := told(t, events, "call 3/1 [2 3]")
	if err := phone.Answer(); err != nil {
		t.Fatal(err)
	}
	const talking = "call 101/2 [3 4 6 7 8 102 104 105 107 109 110]"
	told(t, events, talking)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := leg.WaitTalking(ctx); err != nil {
		t.Fatal(err)
	}
	ref := &ici.CallRef{LineNumber: "+101", CallHandle: handle}
	s.ask(t, ici.OpHold, ref)
	told(t, events, "call 106/2 [4 6 7 8 102 103 104 105 108 109 110]")
	s.ask(t, ici.OpUnhold, ref)
	told(t, events, talking)
	s.ex.CutLink(20 * time.Millisecond)
	told(t, events, "line 2")
	told(t, events, "line 1")
	leg.Hangup()
	told(t, events, "call 4/3 [5 6 7 8]")
	s.ask(t, ici.OpWrapUpEnded, &ici.ItemRef{ItemID: handle})
	told(t, events, "call 4/1 []")
	if err := s.ex.WaitEmpty(ctx); err != nil {
		t.Error(err)
	}
	if err := s.srv.Stop(ctx); err != nil {
		t.Error(err)
	}
	told(t, events, "ended 1")
}

func TestZeepOnSim(t *testing.T) {
	t.Parallel()
	ctitest.NeedZeep(t, os.Getenv("CI") == "true")
	s := newSite(t, nil)
	s.ex.Phone("102", sim.PhonePolicy{Mode: sim.Manual})
	z, _ := ctitest.StartZeep(t, filepath.Join("..", "testdata", "zeep", "agent.py"), s.url, "BERND")
	z.Expect(patience, "user 2")
	if _, err := s.ex.Place(ctitest.Queue, sim.Caller{Number: ctitest.Caller}); err != nil {
		t.Fatal(err)
	}
	h := z.Expect(patience, "C 3/1 [1 2 3]").Handle
	z.Must("accept", "handle", h)
	z.Expect(patience, "C 3/1 [2 102]", "C 101/2 [3 4 6 7 8 102 104 105 107 109 110]")
	z.Must("hold", "handle", h)
	z.Expect(patience, "C 106/2 [4 6 7 8 102 103 104 105 108 109 110]")
	z.Must("drop", "handle", h)
	z.Expect(patience, "C 4/3 [5 6 7 8]")
	z.Must("wrapUpEnded", "handle", h)
	z.Expect(patience, "C 4/1 []")
	z.Must("quit")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.ex.WaitEmpty(ctx); err != nil {
		t.Error(err)
	}
}
