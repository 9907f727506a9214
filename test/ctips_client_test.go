package test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ctipsKinds are the real clients of CTIPS: what WCF's tool generates, run by
// Mono, and the Python library zeep.
var ctipsKinds = []string{"mono", "zeep"}

// ctipsClient is a program that speaks CTIPS and serves the callback. It obeys
// commands and writes JSON lines (testdata/mono/Client.cs).
type ctipsClient struct {
	t       *testing.T
	in      io.Writer
	replies chan map[string]any
	calls   chan map[string]any // of the callback service
}

// ctipsWait is how long a reply or an event may take: Mono's host takes ten
// callbacks a second.
const ctipsWait = 30 * time.Second

// newCTIPSClient starts a client of the kind for the services below base. It
// is built from the descriptions that it finds there. env is more for its
// environment.
func newCTIPSClient(t *testing.T, kind, base string, env ...string) *ctipsClient {
	t.Helper()
	service, callback := base+"/AgentCallService", fmt.Sprintf("http://127.0.0.1:%d/www.aspect.com/PublishEvents", freePort(t))
	var cmd *exec.Cmd
	switch kind {
	case "mono":
		cmd = exec.Command("mono", buildWCF(t, base, env...), service, callback)
	case "zeep":
		if err := exec.CommandContext(t.Context(), python, "-c", "import zeep").Run(); err != nil {
			skipLayer(t, "zeep, a real SOAP client", python+" has no zeep: apt-get install python3-zeep")
		}
		cmd = exec.Command(python, filepath.Join("testdata", "zeep", "ctips.py"), service, callback)
	default:
		t.Fatalf("no client %s", kind)
	}
	var stderr bytes.Buffer
	cmd.Stderr, cmd.Env = &stderr, append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &ctipsClient{t: t, in: in, replies: make(chan map[string]any, 100), calls: make(chan map[string]any, 10_000)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		c.read(out)
	}()
	t.Cleanup(func() {
		_, _ = io.WriteString(in, "quit\n") // it may have gone already
		_ = in.Close()
		<-read
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v\n%s", kind, err, stderr.String())
		}
	})
	if first := c.wait(c.replies, "the client to be ready"); first["ready"] != true {
		t.Fatalf("the client began with %v", first)
	}
	return c
}

// buildWCF has svcutil read the descriptions below base, and compiles the
// client; it returns the program.
func buildWCF(t *testing.T, base string, env ...string) string {
	t.Helper()
	for _, tool := range []string{"svcutil", "mcs", "mono"} {
		if _, err := exec.LookPath(tool); err != nil {
			skipLayer(t, "Mono, a WCF client and host", "no "+tool+": apt-get install mono-devel mono-mcs mono-runtime libmono-system-servicemodel4.0a-cil")
		}
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "sh", filepath.Join("testdata", "mono", "build.sh"), base, dir)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("svcutil, mcs: %v\n%s", err, out)
	}
	return filepath.Join(dir, "client.exe")
}

// read sorts what the client writes.
func (c *ctipsClient) read(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.UseNumber()
		line := map[string]any{}
		if err := d.Decode(&line); err != nil {
			line = map[string]any{"unread": lines.Text()}
		}
		switch {
		case line["bye"] != nil, line["faulted"] != nil:
		case line["reply"] != nil, line["ready"] != nil:
			c.replies <- line
		default:
			c.calls <- line
		}
	}
	close(c.replies)
	close(c.calls)
}

func (c *ctipsClient) wait(from chan map[string]any, what string) map[string]any {
	c.t.Helper()
	late := time.NewTimer(ctipsWait)
	defer late.Stop()
	select {
	case line, ok := <-from:
		if !ok {
			c.t.Fatalf("the client has ended while the test waited for %s", what)
		}
		return line
	case <-late.C:
		c.t.Fatalf("waited %s for %s", ctipsWait, what)
	}
	return nil
}

// do has the client ask an operation with members as NAME=VALUE, and returns
// the line of the answer: its result, or its fault.
func (c *ctipsClient) do(op string, members ...string) map[string]any {
	c.t.Helper()
	for i, m := range members {
		name, value, _ := strings.Cut(m, "=")
		members[i] = name + "=" + strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
	}
	if _, err := fmt.Fprintln(c.in, strings.Join(append([]string{op}, members...), " ")); err != nil {
		c.t.Fatal(err)
	}
	line := c.wait(c.replies, "the answer to "+op)
	if line["op"] != op {
		c.t.Fatalf("the answer to %s is %v", op, line)
	}
	return line
}

// must is do where the answer has to be a success.
func (c *ctipsClient) must(op string, members ...string) any {
	c.t.Helper()
	line := c.do(op, members...)
	if line["fault"] != nil {
		c.t.Fatalf("%s %v: %v", op, members, line["fault"])
	}
	return line["result"]
}

// called waits for the next call of the callback service.
func (c *ctipsClient) called(what string) map[string]any {
	c.t.Helper()
	return c.wait(c.calls, what)
}

// asJSON is a struct of package ctips as the clients print it: members by the
// names of the wire, an empty string as null.
func asJSON(v reflect.Value) any {
	if s, ok := v.Interface().(fmt.Stringer); ok && v.Kind() == reflect.Int32 {
		return s.String()
	}
	switch kind := v.Kind(); {
	case kind == reflect.Pointer && v.IsNil(), kind == reflect.Slice && v.IsNil(), kind == reflect.String && v.Len() == 0:
		return nil
	case kind == reflect.Pointer:
		return asJSON(v.Elem())
	case kind == reflect.Slice:
		list := []any{}
		for i := range v.Len() {
			list = append(list, asJSON(v.Index(i)))
		}
		return list
	case kind == reflect.Struct:
		fields := map[string]any{}
		addFields(fields, v)
		return fields
	}
	return v.Interface()
}

func addFields(fields map[string]any, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			addFields(fields, v.Field(i))
			continue
		}
		fields[f.Tag.Get("wire")] = asJSON(v.Field(i))
	}
}

// canonical makes values comparable however they came to be.
func canonical(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
