package sapphone_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
	"strowger/cti/soap"
)

// sap is the SOAP-RFC service of a SAP system that plays along, or does not.
type sap struct {
	*httptest.Server
	told  chan heard
	lines string // rows of SPS_GET_LINES_PER_SERVER

	mu   sync.Mutex
	fail func(w http.ResponseWriter) bool
}

// heard is a call that the SAP system got.
type heard struct {
	function string
	values   map[string]string
	query    string
	user     string
	password string
}

func (h heard) String() string { return h.function + " " + h.values["EXT"] }

func newSAP(t *testing.T) *sap {
	t.Helper()
	s := &sap{told: make(chan heard, 1000)}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *sap) failing(f func(w http.ResponseWriter) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = f
}

func (s *sap) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	env, err := soap.ReadEnvelope(body, "", soap.Limits{}, nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h := heard{function: env.Body[0].Local, values: map[string]string{}, query: r.URL.RawQuery}
	h.user, h.password, _ = r.BasicAuth()
	for _, e := range env.Body[0].Children {
		h.values[e.Local] = e.Text
		for _, item := range e.Children {
			for _, c := range item.Children {
				h.values[e.Local] += c.Text
			}
		}
	}
	s.told <- h
	s.mu.Lock()
	fail := s.fail
	s.mu.Unlock()
	if fail != nil && fail(w) {
		return
	}
	lines := ""
	if h.function == "SPS_GET_LINES_PER_SERVER" {
		lines = "<LINES>" + s.lines + "</LINES>"
	}
	_, _ = fmt.Fprintf(w, `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><r:%s.Response xmlns:r="urn:sap-com:document:sap:rfc:functions"><RETURNCODE>000</RETURNCODE>%s</r:%s.Response></e:Body></e:Envelope>`,
		h.function, lines, h.function)
}

func (s *sap) next(t *testing.T) heard {
	t.Helper()
	select {
	case h := <-s.told:
		return h
	case <-time.After(patience):
		t.Fatal("the SAP system is told nothing")
	}
	return heard{}
}

// toward configures the client side for a SAP system.
func toward(s *sap) func(*sapphone.Config) {
	return func(c *sapphone.Config) {
		c.Clients = []string{"CLIENT=506 USER=bcm1 PASSWD=secret LANG=EN SOAPURL=" + s.URL}
		c.ServerName = "BCM1"
		c.Backoff = []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond}
	}
}

func TestCallsAreAnnounced(t *testing.T) {
	t.Parallel()
	crm := newSAP(t)
	r := newRig(t, toward(crm))
	if h := crm.next(t); h.function != "SPS_GET_LINES_PER_SERVER" || h.values["SERVER_NAME"] != "BCM1" ||
		h.query != "sap-client=506&sap-language=EN" || h.user != "bcm1" || h.password != "secret" {
		t.Errorf("first: %+v", h)
	}
	if v := r.must("XCHGPARAMS", "SERVER_NAME=BCM1").values["SET_END"]; v != "X" {
		t.Errorf("SET_END is %q", v)
	}
	r.ready(anna)
	r.ask("901", "SPS_REGISTER", "EXT=999")
	r.must("SPS_REGISTER", "EXT=+"+anna, "USER=ANNA", "POPUP=X")
	r.must("SPS_REGISTER", "EXT=+"+anna, "USER=ANNA", "POPUP=X")
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	h := crm.next(t)
	if h.String() != "SPS_NEW_CALL +"+anna || h.values["CALLING_NO"] != "+"+ctitest.Caller || h.values["QUEUE"] != "600" || h.values["REASON"] != "02" ||
		!strings.Contains(h.values["CALLDATA"], "ItemAttachedData") {
		t.Errorf("a new call is told as %+v", h)
	}
	r.sw.PickUp(call)
	r.sw.HangUp(call)
	end := crm.next(t)
	if end.String() != "SPS_CALL_ENDED +"+anna || end.values["HANDLE"] != h.values["HANDLE"] {
		t.Errorf("its end is told as %+v", end)
	}
	r.must("SPS_DEREGISTER", "EXT="+anna)
	r.ask("902", "SPS_DEREGISTER", "EXT="+anna)
}

// Who waits gets the call by that way alone.
func TestWhoWaitsIsNotToldTwice(t *testing.T) {
	t.Parallel()
	crm := newSAP(t)
	r := newRig(t, toward(crm))
	crm.next(t)
	r.ready(anna)
	r.ready(bernd)
	r.must("SPS_REGISTER", "EXT="+anna)
	r.must("SPS_REGISTER", "EXT="+bernd)
	waiting := r.parked(t.Context(), anna)
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	if rc := r.outcome(waiting).rc(); rc != "000" {
		t.Errorf("the parked call got %s", rc)
	}
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	if h := crm.next(t); h.String() != "SPS_NEW_CALL "+bernd {
		t.Errorf("the next that is told is %s", h)
	}
}

func TestListOfExtensionsIsRead(t *testing.T) {
	t.Parallel()
	crm := newSAP(t)
	crm.lines = "<item><EXT>" + anna + "</EXT><USER>ANNA</USER></item><item><EXT>4711</EXT></item>"
	file := filepath.Join(t.TempDir(), "state", "sapphone.json")
	adjust := func(c *sapphone.Config) {
		toward(crm)(c)
		c.ServerName, c.StateFile = "", file
	}
	r := newRig(t, adjust)
	r.must("XCHGPARAMS", "SERVER_NAME=BCM7")
	if h := crm.next(t); h.values["SERVER_NAME"] != "BCM7" {
		t.Errorf("asked as %+v", h)
	}
	r.until("the list", func() bool { return r.srv.Client().Registered.Load() == 2 })
	r.ready(anna)
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	if h := crm.next(t); h.String() != "SPS_NEW_CALL "+anna {
		t.Errorf("told %s", h)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "BCM7") {
		t.Errorf("kept: %s %v", text, err)
	}
	// The next run knows the name from the start.
	next := newRig(t, adjust)
	if h := crm.next(t); h.function != "SPS_GET_LINES_PER_SERVER" || h.values["SERVER_NAME"] != "BCM7" {
		t.Errorf("the next run asks as %+v", h)
	}
	next.until("the list", func() bool { return next.srv.Client().Rebuilt.Load() == 1 })
}

// A SAP system that fails does not hold calls up, and gets order and end all the same.
func TestSAPFails(t *testing.T) {
	t.Parallel()
	crm := newSAP(t)
	r := newRig(t, toward(crm))
	crm.next(t)
	r.ready(anna)
	r.must("SPS_REGISTER", "EXT="+anna)
	r.until("the list", func() bool { return r.srv.Client().Rebuilt.Load() == 1 })
	var tries atomic.Int32
	crm.failing(func(w http.ResponseWriter) bool {
		failed := tries.Add(1) <= 2
		if failed {
			http.Error(w, "busy", http.StatusServiceUnavailable)
		}
		return failed
	})
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	r.one(anna, "01")
	r.sw.HangUp(call)
	var got []string
	again := false // being back, the system is asked for its list too; where that falls is open
	for len(got) < 4 || !again {
		f := crm.next(t).function
		if f == "SPS_GET_LINES_PER_SERVER" {
			again = true
			continue
		}
		got = append(got, f)
	}
	if order := strings.Join(got, " "); order != "SPS_NEW_CALL SPS_NEW_CALL SPS_NEW_CALL SPS_CALL_ENDED" {
		t.Errorf("told %s", order)
	}
}

// A system that never answers is left alone after a while, and memory is bounded.
func TestSystemIsLeftAlone(t *testing.T) {
	t.Parallel()
	crm := newSAP(t)
	r := newRig(t, func(c *sapphone.Config) {
		toward(crm)(c)
		c.QueueLength = 3
	})
	crm.next(t)
	crm.failing(func(w http.ResponseWriter) bool {
		http.Error(w, "gone", http.StatusBadGateway)
		return true
	})
	r.ready(anna)
	r.must("SPS_REGISTER", "EXT="+anna)
	r.until("the system to be left alone", func() bool {
		r.sw.HangUp(r.sw.Arrive(ctitest.Queue, ctitest.Caller, ""))
		return r.srv.Client().Tripped.Load() > 0
	})
	r.until("the queues to be empty", func() bool { return r.srv.Delivery().Waiting.Load() == 0 })
	if n := r.srv.Delivery().Failed.Load() + r.srv.Delivery().Discarded.Load() + r.srv.Client().Lost.Load(); n == 0 {
		t.Error("nothing is counted as lost")
	}
	if open := r.srv.Client().Open.Load(); open != 1 {
		t.Errorf("%d systems are left alone", open)
	}
}

// A name that is not ours to call is not called, whatever it resolves to.
func TestClientSideIsFenced(t *testing.T) {
	t.Parallel()
	crm := newSAP(t)
	r := newRig(t, func(c *sapphone.Config) {
		toward(crm)(c)
		c.ClientNets = []string{"192.0.2.0/24"}
	})
	r.until("the refusal", func() bool { return r.srv.Callbacks()[0].Denied.Load() > 0 })
	select {
	case h := <-crm.told:
		t.Errorf("the system was told %s", h)
	default:
	}
}
