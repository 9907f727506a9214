package icicheck

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"strowger/cmd/strowger/internal/peercheck"
	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// people lift phones outside, and call in once an agent is ready, until the test ends.
func people(t *testing.T, sw *ctitest.FakeSwitch, callIn, busy bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		came := callmodel.CallID{}
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			view, err := sw.View(ctx)
			if err != nil {
				return
			}
			for _, c := range view.Calls {
				for i := range c.Conns {
					p := &c.Conns[i]
					switch {
					case p.Role == callmodel.RoleAgent || p.State != callmodel.Alerting:
					case busy:
						sw.Clear(p.ID, callmodel.CauseBusy)
					default:
						sw.Lift(p.ID)
					}
				}
				if c.ID == came && c.Phase == callmodel.PhaseTalking {
					sw.HangUp(came)
				}
			}
			for _, a := range view.Agents {
				if callIn && a.ID == ctitest.Bernd && a.State == callmodel.Ready && came.IsZero() && len(view.Calls) == 0 {
					came = sw.Arrive(ctitest.Queue, ctitest.Caller, "")
				}
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
}

func step(t *testing.T, r peercheck.Report, name string) peercheck.Step {
	t.Helper()
	for _, s := range r.Steps {
		if strings.Contains(s.Name, name) {
			return s
		}
	}
	t.Fatalf("no step %q in %+v", name, r.Steps)
	return peercheck.Step{}
}

func told(s peercheck.Step) []Told {
	events, _ := s.Events.([]Told)
	return events
}

func states(s peercheck.Step) string {
	var out []string
	for _, e := range told(s) {
		if n := len(out); n == 0 || out[n-1] != e.state() {
			out = append(out, e.state())
		}
	}
	return strings.Join(out, " ")
}

// A call is made and one comes in; the agent is afterwards as before.
func TestCalls(t *testing.T) {
	t.Parallel()
	url, sw := serve(t, nil)
	people(t, sw, true, false)
	r, err := Run(t.Context(), Options{URL: url, User: "bernd", Act: true, Dial: ctitest.Outside, Call: true, CallWait: 10 * time.Second})
	if err != nil || !r.OK {
		t.Fatalf("%+v, %v", r, err)
	}
	made, came := step(t, r, "--dial"), step(t, r, "--call")
	if made.Result != peercheck.OK || states(made) != "103/2 104/2 101/2 4/3 4/1" || !strings.Contains(made.Detail, "101/2 after") {
		t.Errorf("made: %+v", made)
	}
	if came.Result != peercheck.OK || states(came) != "3/1 101/2 4/3 4/1" || told(came)[0].Remote[0] != "+"+ctitest.Caller {
		t.Errorf("came: %+v", came)
	}
	view, err := sw.View(t.Context())
	if err != nil || view.Agents[1].State != callmodel.LoggedOut || len(view.Calls) != 0 {
		t.Errorf("afterwards the agent is %v, %d calls, %v", view.Agents[1].State, len(view.Calls), err)
	}
}

// What is no failure of the interface is a warning: nobody answers, the line is
// busy, nobody calls.
func TestCallsInVain(t *testing.T) {
	t.Parallel()
	url, sw := serve(t, nil)
	people(t, sw, false, true)
	r, err := Run(t.Context(), Options{URL: url, User: "bernd", Act: true, Dial: ctitest.Outside, Call: true, CallWait: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if s := step(t, r, "--dial"); s.Result != peercheck.Warning || !strings.Contains(s.Detail, "nobody was connected") {
		t.Errorf("busy: %+v", s)
	}
	if s := step(t, r, "--call"); s.Result != peercheck.Failed || !strings.Contains(s.Detail, "no call was told") {
		t.Errorf("nobody calls: %+v", s)
	}
	quiet, _ := serve(t, nil) // where nobody answers
	r, err = Run(t.Context(), Options{URL: quiet, User: "bernd", Act: true, Dial: ctitest.Outside, CallWait: 300 * time.Millisecond})
	if s := step(t, r, "--dial"); err != nil || s.Result != peercheck.Warning || !strings.Contains(s.Detail, "the call is dropped") {
		t.Errorf("no answer: %+v, %v", s, err)
	}
	r, err = Run(t.Context(), Options{URL: quiet, User: "bernd", Act: true, Dial: "+4420123456"})
	if s := step(t, r, "--dial"); err != nil || s.Result != peercheck.Failed || r.OK || !strings.Contains(s.Detail, "number") {
		t.Errorf("barred: %+v, %v", s, err)
	}
	for _, opt := range []Options{{URL: url, Dial: "+1"}, {URL: url, User: "anna", Call: true}, {URL: url, User: "anna", Act: true, Dial: "bob"}} {
		if _, err := Run(t.Context(), opt); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", opt, err)
		}
	}
}

// broken stands in front of a sound interface and answers some requests itself,
// or spoils what goes through.
func broken(t *testing.T, behind string, spoil func(request, answer []byte) []byte) string {
	t.Helper()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		to := strings.Replace(behind, "/OII/OII.asmx", r.URL.RequestURI(), 1)
		if own := spoil(body, nil); own != nil {
			_, _ = w.Write(own)
			return
		}
		req, err := http.NewRequestWithContext(r.Context(), r.Method, to, bytes.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header = r.Header
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer func() { _ = resp.Body.Close() }() // it was read
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			return
		}
		if own := spoil(body, answer); own != nil {
			answer = own
		}
		w.WriteHeader(resp.StatusCode)
		_, _ = w.Write(answer)
	}))
	t.Cleanup(front.Close)
	return front.URL + "/OII/OII.asmx"
}

// A server that is broken where calls are concerned is found out, and by the step
// that is about it.
func TestBrokenCalls(t *testing.T) {
	t.Parallel()
	answerTo := func(op, answer string) []byte {
		return []byte(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><` + op + `Response xmlns="urn:x"><response>` + answer + `</response></` + op + `Response></e:Body></e:Envelope>`)
	}
	for _, c := range []struct {
		name, want string
		spoil      func(request, answer []byte) []byte
	}{
		{"events of the line are lost", "no event came", func(request, _ []byte) []byte {
			if bytes.Contains(request, []byte("subscribe")) && bytes.Contains(request, []byte("containerId")) {
				return answerTo("subscribe", "")
			}
			return nil
		}},
		{"dial does nothing", "no event came", func(request, _ []byte) []byte {
			if bytes.Contains(request, []byte("dial")) && bytes.Contains(request, []byte("dialNumber")) {
				return answerTo("dial", "+49301234567")
			}
			return nil
		}},
		{"dial answers without a number", "without the number", func(request, answer []byte) []byte {
			if answer != nil && bytes.Contains(request, []byte("dialNumber")) {
				return answerTo("dial", "sip:x@y")
			}
			return nil
		}},
		{"create answers without an item", "without an item", func(request, _ []byte) []byte {
			if bytes.Contains(request, []byte("create")) && bytes.Contains(request, []byte("IciItem")) {
				return answerTo("create", "")
			}
			return nil
		}},
	} {
		good, sw := serve(t, nil)
		people(t, sw, false, false)
		r, err := Run(t.Context(), Options{URL: broken(t, good, c.spoil), User: "bernd", Act: true, Dial: ctitest.Outside, Wait: time.Second, CallWait: time.Second})
		if err != nil || r.OK {
			t.Errorf("%s: %+v, %v", c.name, r, err)
			continue
		}
		if s := step(t, r, "--dial"); s.Result != peercheck.Failed || !strings.Contains(s.Detail, c.want) {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

// A sequence of events that cannot be is named.
func TestImpossibleSequence(t *testing.T) {
	t.Parallel()
	c := &check{line: "+102", events: &events{Sink: &peercheck.Sink{Bad: make(chan error, 1)}, got: make(chan ici.Event, waitingEvents)}}
	tell := func(status int) {
		c.events.got <- &ici.PhoneCallChanged{PhoneCall: ici.PhoneCall{LineNumber: "+102", CallHandle: "1", CallStatus: ici.CallStatus(status), ProcessingStatus: ici.ProcessingStatus(ici.Active)}}
	}
	for _, status := range []int{ici.CallDialing, ici.CallRinging, ici.CallRinging, ici.CallConnected} {
		tell(status)
		if _, err := c.next(t.Context(), "1", time.Second, time.Now()); err != nil {
			t.Fatalf("%d: %v", status, err)
		}
	}
	tell(ici.CallDialing)
	if _, err := c.next(t.Context(), "1", time.Second, time.Now()); err == nil || !strings.Contains(err.Error(), "cannot follow") {
		t.Errorf("back to dialing: %v", err)
	}
}
