package rest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/rest"
	"strowger/switch/callmodel"
)

// testConfig has a queue "support" (600) with a handset and a call-on-accept
// agent, and an empty queue "sales" (700).
func testConfig() *callmodel.Config {
	return &callmodel.Config{
		Version: 7,
		Queues: []callmodel.QueueConfig{
			{
				ID: "support", Number: 1, Name: "Support", Address: "600", DNIS: []string{"49301000600"}, Strategy: callmodel.LongestIdle,
				RingTimeout: 15 * time.Second, WrapUp: 10 * time.Second, Music: "default", Answer: callmodel.AnswerTreatment, MaxWaiting: 3,
			},
			{ID: "sales", Number: 2, Name: "Sales", Address: "700", RingTimeout: 15 * time.Second, Answer: callmodel.AnswerAgent, MaxWaiting: 3},
		},
		Agents: []callmodel.AgentConfig{
			{
				ID: "anna", Number: 1, Name: "Anna", Line: "101", Queues: []callmodel.QueueID{"support"},
				Station: callmodel.Station{Endpoint: "101", Mode: callmodel.Handset},
			},
			{
				ID: "bernd", Number: 2, Name: "Bernd", Line: "102", Queues: []callmodel.QueueID{"support", "sales"},
				Station: callmodel.Station{Endpoint: "102", Mode: callmodel.CallOnAccept, AcceptTimeout: 5 * time.Second},
			},
		},
	}
}

type fixture struct {
	sw  *ctitest.FakeSwitch
	srv *rest.Server
}

func newFixture(t *testing.T, edit func(*rest.Options)) fixture {
	t.Helper()
	sw := ctitest.NewFakeSwitch(testConfig())
	opts := rest.Options{Switch: sw, Version: "1.2.3", Mode: rest.ModeReal, Clock: sw, Logger: slog.New(slog.DiscardHandler), Records: newShelf()}
	if edit != nil {
		edit(&opts)
	}
	srv, err := rest.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return fixture{sw: sw, srv: srv}
}

// recorder is a Switch that takes every command without carrying it out, or
// refuses it with fail.
type recorder struct {
	*ctitest.FakeSwitch
	mu   sync.Mutex
	cmds []callmodel.Command
	fail error
}

func (r *recorder) Do(_ context.Context, cmd callmodel.Command) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cmds = append(r.cmds, cmd)
	return r.fail
}

func (r *recorder) took() []callmodel.Command {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.cmds
	r.cmds = nil
	return out
}

// recording is newFixture with a recorder before the switch.
func recording(t *testing.T, edit func(*rest.Options)) (fixture, *recorder) {
	t.Helper()
	rec := &recorder{}
	f := newFixture(t, func(o *rest.Options) {
		rec.FakeSwitch = o.Switch.(*ctitest.FakeSwitch)
		o.Switch = rec
		if edit != nil {
			edit(o)
		}
	})
	return f, rec
}

// offered is the agent's connection of the first call.
func (f fixture) offered(t *testing.T) callmodel.ConnID {
	t.Helper()
	v, err := f.sw.View(t.Context())
	if err != nil || len(v.Calls) == 0 || v.Calls[0].AgentConn() == nil {
		t.Fatalf("no call is offered: %v", err)
	}
	return v.Calls[0].AgentConn().ID
}

// running starts the server on a socket and on TCP.
func running(t *testing.T, edit func(*rest.Options)) (fixture, string) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s.sock")
	f := newFixture(t, func(o *rest.Options) {
		o.Socket, o.Listen = socket, "127.0.0.1:0"
		if edit != nil {
			edit(o)
		}
	})
	if err := f.srv.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-f.sw.Watched() // the server's own subscription
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := f.srv.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return f, socket
}

func (f fixture) do(role rest.Role, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost:8080"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	f.srv.Handler(role, "test").ServeHTTP(w, r)
	return w
}

// get decodes a 200 answer.
func get[T any](t *testing.T, f fixture, path string) T {
	t.Helper()
	w := f.do(rest.RoleReader, http.MethodGet, path, "")
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: status %d: %s", path, w.Code, w.Body)
	}
	return decode[T](t, w.Body)
}

func decode[T any](t *testing.T, r io.Reader) T {
	t.Helper()
	var v T
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// problem checks that an answer is a problem of a kind.
func problem(t *testing.T, w *httptest.ResponseRecorder, status int, kind string) rest.Problem {
	t.Helper()
	if ct := w.Header().Get("Content-Type"); w.Code != status || ct != "application/problem+json" {
		t.Fatalf("status %d, content type %q, want %d and a problem: %s", w.Code, ct, status, w.Body)
	}
	p := decode[rest.Problem](t, w.Body)
	if p.Kind != kind || p.Status != status || p.Detail == "" || p.Type != "urn:strowger:fault:"+kind || p.Title == "" {
		t.Fatalf("problem %+v, want kind %s", p, kind)
	}
	return p
}

type message struct{ event, id, data string }

// messages reads server-sent events until the stream ends.
func messages(r io.Reader) func() (message, bool) {
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 4<<20)
	return func() (message, bool) {
		var m message
		for sc.Scan() {
			switch k, v, _ := strings.Cut(sc.Text(), ": "); k {
			case "event":
				m.event = v
			case "id":
				m.id = v
			case "data":
				m.data = v
			case "":
				if m.event != "" {
					return m, true
				}
			}
		}
		return m, false
	}
}

func jsonBody(s string) io.Reader { return strings.NewReader(s) }
