package ctitest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// python is the interpreter that distributions install zeep for.
const python = "/usr/bin/python3"

// maxZeepLine bounds one line of the script's output.
const maxZeepLine = 4 << 20

// Zeep is a SOAP client program that is written with zeep: it obeys commands
// on stdin and writes JSON lines, replies and events. Used by one goroutine.
type Zeep struct {
	t      testing.TB
	stdin  io.WriteCloser
	events chan ZeepLine
	reply  chan ZeepLine
	next   int
}

// ZeepLine is one line of the script's output.
type ZeepLine struct {
	Ready bool   `json:"ready"`
	Line  string `json:"line"`
	User  string `json:"user"`

	Event        string   `json:"event"`
	Handle       string   `json:"handle"`
	Status       int      `json:"status"`
	Processing   int      `json:"processing"`
	Capabilities []int    `json:"capabilities"`
	Remote       []string `json:"remote"`
	Dialed       string   `json:"dialed"`
	Data         string   `json:"data"`
	Workmode     int      `json:"workmode"`
	Reason       int      `json:"reason"`

	Reply  int             `json:"reply"`
	Op     string          `json:"op"`
	Result json.RawMessage `json:"result"`
	Fault  *ZeepFault      `json:"fault"`

	Broken string `json:"broken"`
}

// ZeepFault is a refusal as the script read it.
type ZeepFault struct {
	Area  int    `json:"area"`
	Code  int    `json:"code"`
	Text  string `json:"text"`
	Retry bool   `json:"retry"`
}

// String reads "C 3/1 [1 2 3]" for a call, without its handle, "user 2",
// "line 1" and "ended 1" for the other events.
func (l ZeepLine) String() string {
	switch l.Event {
	case "phoneCallChanged":
		return fmt.Sprintf("C %d/%d %v", l.Status, l.Processing, l.Capabilities)
	case "userChanged":
		return fmt.Sprintf("user %d", l.Workmode)
	case "containerChanged":
		return fmt.Sprintf("line %d", l.Status)
	case "subscriptionEnded":
		return fmt.Sprintf("ended %d", l.Reason)
	}
	return l.Event
}

// NeedZeep skips the test, loudly, where zeep is not installed; with must set
// (on CI) it fails.
func NeedZeep(t testing.TB, must bool) {
	t.Helper()
	if err := exec.CommandContext(t.Context(), python, "-c", "import zeep").Run(); err != nil {
		const why = "SKIPPED LAYER: " + python + " has no zeep (package python3-zeep); nothing is tried with a real SOAP client"
		if must {
			t.Fatal(why)
		}
		t.Skip(why)
	}
}

// StartZeep runs a script with arguments and waits until it says that it is
// ready. The process ends with the test.
func StartZeep(t testing.TB, script string, args ...string) (*Zeep, ZeepLine) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, python, append([]string{script}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.WaitDelay = patience
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	z := &Zeep{t: t, stdin: stdin, events: make(chan ZeepLine, 10_000), reply: make(chan ZeepLine, 16)}
	var reading sync.WaitGroup
	reading.Go(func() { z.read(stdout) })
	t.Cleanup(func() {
		_ = stdin.Close() // the script ends at the end of its commands
		late := time.AfterFunc(patience, cancel)
		reading.Wait()
		err := cmd.Wait()
		late.Stop()
		cancel()
		if err != nil || stderr.Len() > 0 {
			t.Errorf("%s: %v\n%s", script, err, stderr.String())
		}
	})
	return z, z.wait(z.reply, 2*patience, "ready")
}

// read sorts the script's lines; it ends with the script.
func (z *Zeep) read(stdout io.Reader) {
	defer close(z.events)
	defer close(z.reply)
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, maxZeepLine)
	for lines.Scan() {
		var l ZeepLine
		switch err := json.Unmarshal(lines.Bytes(), &l); {
		case err != nil || l.Broken != "":
			z.t.Errorf("the script writes %s (%v)", lines.Bytes(), err)
		case l.Event != "":
			z.events <- l
		default:
			z.reply <- l
		}
	}
}

func (z *Zeep) wait(from chan ZeepLine, limit time.Duration, what string) ZeepLine {
	z.t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case l, ok := <-from:
		if !ok {
			z.t.Fatalf("the script ended while waiting for %s", what)
		}
		return l
	case <-timer.C:
		z.t.Fatalf("no answer while waiting for %s", what)
	}
	return ZeepLine{}
}

// Do sends a command and returns its answer. args are pairs of name and value.
func (z *Zeep) Do(op string, args ...string) ZeepLine {
	z.t.Helper()
	z.next++
	c := map[string]any{"id": z.next, "op": op}
	for i := 0; i+1 < len(args); i += 2 {
		c[args[i]] = args[i+1]
	}
	line, err := json.Marshal(c)
	if err != nil {
		z.t.Fatal(err)
	}
	if _, err := z.stdin.Write(append(line, '\n')); err != nil {
		z.t.Fatalf("%s: %v", op, err)
	}
	l := z.wait(z.reply, 2*patience, op)
	if l.Reply != z.next || l.Op != op {
		z.t.Fatalf("the answer to %s is %+v", op, l)
	}
	return l
}

// Must is Do for what has to succeed.
func (z *Zeep) Must(op string, args ...string) ZeepLine {
	z.t.Helper()
	l := z.Do(op, args...)
	if l.Fault != nil {
		z.t.Fatalf("%s %v: %+v", op, args, *l.Fault)
	}
	return l
}

// Next waits for the next event, up to limit.
func (z *Zeep) Next(limit time.Duration) ZeepLine {
	z.t.Helper()
	return z.wait(z.events, limit, "an event")
}

// Expect checks the next events, in the form of ZeepLine.String, and returns the last.
func (z *Zeep) Expect(limit time.Duration, want ...string) ZeepLine {
	z.t.Helper()
	var l ZeepLine
	for _, w := range want {
		if l = z.Next(limit); l.String() != w {
			z.t.Fatalf("zeep is told %q (%+v), want %q", l, l, w)
		}
	}
	return l
}
