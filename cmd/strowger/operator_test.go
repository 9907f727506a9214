package main

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"strowger/cmd/strowger/internal/client"
	"strowger/cti/ctitest"
	"strowger/cti/rest"
	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

func operatorConfig() *callmodel.Config {
	return &callmodel.Config{
		Version: 3,
		Stations: []callmodel.StationConfig{{
			ID: "desk-9", Number: 1, Station: callmodel.Station{Endpoint: "209", Mode: callmodel.Handset, Passcode: true},
		}},
		Queues: []callmodel.QueueConfig{{
			ID: "support", Number: 1, Name: "Support", Address: "600", RingTimeout: 15 * time.Second, WrapUp: 10 * time.Second,
			Answer: callmodel.AnswerTreatment, MaxWaiting: 9,
		}},
		Agents: []callmodel.AgentConfig{
			{ID: "agent101", Number: 1, Name: "Agent 101", Line: "101", Queues: []callmodel.QueueID{"support"}, Station: callmodel.Station{Endpoint: "101", Mode: callmodel.Handset}},
			{
				ID: "agent102", Number: 2, Name: "Agent 102", Line: "102", Queues: []callmodel.QueueID{"support"},
				Station: callmodel.Station{Endpoint: "102", Mode: callmodel.CallOnAccept, AcceptTimeout: 5 * time.Second},
			},
			{
				ID: "boss", Number: 3, Name: "Boss", Line: "103", Station: callmodel.Station{Endpoint: "103", Mode: callmodel.Handset},
				Capabilities: []callmodel.Capability{callmodel.CapabilityDirector},
			},
		},
	}
}

// serveFake starts a controller's interface on a socket, behind it a FakeSwitch.
func serveFake(t testing.TB, socket string, edit ...func(*rest.Options)) (*ctitest.FakeSwitch, *rest.Server) {
	t.Helper()
	sw := ctitest.NewFakeSwitch(operatorConfig())
	opts := rest.Options{
		Switch: sw, Version: "1.2.3", Mode: rest.ModeReal, Socket: socket, Clock: sw,
		Explain: func(v *callmodel.View, c *callmodel.Call) []string {
			return acd.Explain(c.Decided, acd.Facts{Call: c, Queue: v.Config.Queue(c.Queue), Clock: v.WallTime})
		},
	}
	for _, f := range edit {
		f(&opts)
	}
	srv, err := rest.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-sw.Watched() // the server's own subscription
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := srv.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return sw, srv
}

// TestOperatorScripts runs the command lines in testdata/operator against a
// controller that answers on var/strowger.sock. The command `switch` makes
// things happen there.
func TestOperatorScripts(t *testing.T) {
	const key = "switch"
	runScripts(t, testscript.Params{
		Dir: "testdata/operator",
		Setup: func(e *testscript.Env) error {
			writeJournal(e.T().(testing.TB), filepath.Join(e.WorkDir, "var", "journal"), 0)
			sw, _ := serveFake(e.T().(testing.TB), filepath.Join(e.WorkDir, "var", "strowger.sock"))
			e.Values[key] = sw
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			key: func(ts *testscript.TestScript, _ bool, args []string) {
				act(ts, ts.Value(key).(*ctitest.FakeSwitch), args)
			},
		},
	})
}

// act runs: switch arrive CALLER NAME | pickup N | hangup N | advance DURATION | down.
func act(ts *testscript.TestScript, sw *ctitest.FakeSwitch, args []string) {
	call := func() callmodel.CallID {
		v, err := sw.View(context.Background())
		ts.Check(err)
		for _, c := range v.Calls {
			if args[1] == string('0'+rune(c.Number)) {
				return c.ID
			}
		}
		ts.Fatalf("no call %s", args[1])
		return callmodel.CallID{}
	}
	switch args[0] {
	case "arrive":
		sw.Arrive("600", args[1], args[2])
	case "pickup":
		sw.PickUp(call())
	case "hangup":
		sw.HangUp(call())
	case "advance":
		d, err := time.ParseDuration(args[1])
		ts.Check(err)
		sw.Advance(d)
	case "down":
		sw.Put(callmodel.NodeDown{Node: ctitest.Node, Cause: "test"})
	default:
		ts.Fatalf("switch: unknown %q", args[0])
	}
}

// lines is a writer that tells when a line with some text has arrived.
type lines struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	more chan struct{}
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf.Write(p)
	select {
	case l.more <- struct{}{}:
	default: // somebody is awake already
	}
	return len(p), nil
}

func (l *lines) wait(t *testing.T, text string) {
	t.Helper()
	for {
		l.mu.Lock()
		found := strings.Contains(l.buf.String(), text)
		l.mu.Unlock()
		if found {
			return
		}
		select {
		case <-l.more:
		case <-t.Context().Done():
			t.Fatalf("%q has not come", text)
		}
	}
}

// TestWatchAppendsLines: a table first, then a line per event, over an outage, until the end of ctx.
func TestWatchAppendsLines(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s.sock")
	sw, srv := serveFake(t, socket)
	sw.Arrive("600", "0301", "first")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, errs := &lines{more: make(chan struct{}, 1)}, &lines{more: make(chan struct{}, 1)}
	code := make(chan int, 1)
	go func() { code <- run(ctx, []string{"calls", "--watch", "--socket", socket}, out, errs) }()
	out.wait(t, "WAITED")
	<-sw.Watched()
	sw.Arrive("600", "0302", "\x1b[31mred\nforged")
	out.wait(t, "CallStarted call=2 caller=0302 queue=support phase=waiting")
	if err := srv.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	errs.wait(t, "the controller is shutting down; come back in a moment; trying again")
	cancel()
	if got := <-code; got != exitOK {
		t.Fatalf("exit code %d", got)
	}
	if strings.Contains(out.buf.String(), "\x1b") {
		t.Fatal("control characters reach the terminal")
	}
}

// TestRedraw paints on what counts as a terminal.
func TestRedraw(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s.sock")
	sw, _ := serveFake(t, socket)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &lines{more: make(chan struct{}, 1)}
	o := &operator{app: &app{stdout: out, stderr: &bytes.Buffer{}}, output: outputText, socket: socket}
	c := o.connect(ctx)
	defer c.Close()
	frame := func(ctx context.Context, w io.Writer) error {
		l, err := c.Calls(ctx, client.CallFilter{})
		if err != nil {
			return err
		}
		return printCalls(w, l)
	}
	ended := make(chan error, 1)
	go func() { ended <- o.redraw(ctx, c, frame) }()
	out.wait(t, clearScreen+"No calls.")
	sw.Arrive("600", "0301", "")
	out.wait(t, "0301")
	sw.Fail(fault.New(fault.Busy, "view", "", "too much to do"))
	out.wait(t, "too much to do; trying again every second")
	sw.Fail(nil)
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestClientSocketsErrors(t *testing.T) {
	for _, args := range [][]string{{"status"}, {"calls"}, {"agents", "ready", "x"}, {"queues", "--watch"}} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append(args, "--socket", filepath.Join(t.TempDir(), "none.sock")), &stdout, &stderr)
		if code != exitFailure || stdout.Len() > 0 || !strings.Contains(stderr.String(), "no controller answers on this socket: start it with 'strowger serve'") {
			t.Errorf("%v: exit code %d, stdout %q, stderr %q", args, code, &stdout, &stderr)
		}
	}
}
