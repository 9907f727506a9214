package test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"strowger/sip/siptest"
	"strowger/sip/ua"
)

// python is Debian's interpreter, for which python3-zeep is packaged; it need
// not be the first in PATH.
const python = "/usr/bin/python3"

// soapStack is a SOAP client that is not ours, and a CRM's session written with
// it. Each takes the same commands and tells the same events.
type soapStack struct {
	name  string
	agent []string // program and script
	have  []string // succeeds where the stack is installed
	debs  string
}

var (
	zeepStack = soapStack{
		"zeep", []string{python, "testdata/zeep/agent.py"}, []string{python, "-c", "import zeep"}, "python3-zeep",
	}
	phpStack = soapStack{
		"php", []string{"php", "testdata/php/agent.php"}, []string{"php", "-r", "exit(extension_loaded('soap') ? 0 : 1);"}, "php-cli php-soap",
	}
)

// crm is an agent's session of a CRM: a real SOAP client that was built from
// our own WSDL, in a process of its own.
type crm struct {
	t       *testing.T
	in      io.WriteCloser
	events  chan crmLine
	replies chan crmLine
	ready   crmLine
	next    int
}

// crmLine is one line that agent.py prints; its head comment describes them.
type crmLine struct {
	Ready        bool
	Event        string
	Reply        *int
	Broken       string
	User, Line   string
	Handle       string
	Status       int
	Processing   int
	Capabilities []int
	Remote       []string
	Queues       []string // of a user, signed in to
	Dialed       string
	Inbound      bool
	Workmode     int
	Reason       int
	Form         map[string]map[string]string
	Result       any
	Fault        *struct {
		Area, Code int
		Text       string
	}
}

func startCRM(t *testing.T, url, user string) *crm {
	t.Helper()
	return zeepStack.start(t, url, user)
}

func (s soapStack) start(t *testing.T, url, user string) *crm {
	t.Helper()
	if err := exec.CommandContext(t.Context(), s.have[0], s.have[1:]...).Run(); err != nil {
		skipLayer(t, s.name+", a real SOAP client", s.have[0]+" has no "+s.name+": apt-get install "+s.debs)
	}
	cmd := exec.Command(s.agent[0], append(s.agent[1:len(s.agent):len(s.agent)], url, user)...)
	cmd.Stderr = os.Stderr
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
	c := &crm{t: t, in: in, events: make(chan crmLine, 256), replies: make(chan crmLine, 16)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		c.read(out)
	}()
	t.Cleanup(func() {
		_ = in.Close() // it ends with its input
		<-read
		if err := cmd.Wait(); err != nil {
			t.Errorf("the SOAP client: %v", err)
		}
	})
	c.ready = c.take(c.replies, "the login")
	return c
}

func (c *crm) read(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l crmLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			l.Broken = fmt.Sprintf("%v in %s", err, lines.Bytes())
		}
		to := c.events
		if l.Reply != nil || l.Ready {
			to = c.replies
		}
		to <- l
	}
	close(c.events)
	close(c.replies)
}

func (c *crm) take(from chan crmLine, what string) crmLine {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 2*waitFor)
	defer cancel()
	select {
	case l, open := <-from:
		if !open || l.Broken != "" {
			c.t.Fatalf("SOAP client, waiting for %s: ended %v, broken %q", what, !open, l.Broken)
		}
		return l
	case <-ctx.Done():
		c.t.Fatalf("SOAP client: no %s", what)
	}
	return crmLine{}
}

// phone waits for the next event of the phone line and checks it.
func (c *crm) phone(status, processing int, capabilities ...int) crmLine {
	c.t.Helper()
	what := fmt.Sprintf("phoneCallChanged %d/%d", status, processing)
	for {
		l := c.take(c.events, what)
		if l.Event != "phoneCallChanged" {
			continue
		}
		if l.Status != status || l.Processing != processing || !slices.Equal(l.Capabilities, capabilities) {
			c.t.Fatalf("got %d/%d %v, want %s %v", l.Status, l.Processing, l.Capabilities, what, capabilities)
		}
		return l
	}
}

// user waits for the next event of the user that shows this work mode.
func (c *crm) workmode(want int) {
	c.t.Helper()
	for {
		if l := c.take(c.events, fmt.Sprintf("userChanged with work mode %d", want)); l.Event == "userChanged" && l.Workmode == want {
			return
		}
	}
}

// ended waits for the end of the subscription.
func (c *crm) ended(reason int) {
	c.t.Helper()
	for {
		if l := c.take(c.events, "subscriptionEnded"); l.Event == "subscriptionEnded" {
			if l.Reason != reason {
				c.t.Errorf("the subscription ended with reason %d, want %d", l.Reason, reason)
			}
			return
		}
	}
}

// do sends a command and returns the answer.
func (c *crm) do(op string, fields map[string]any) crmLine {
	c.t.Helper()
	c.next++
	msg := map[string]any{"id": c.next, "op": op}
	for k, v := range fields {
		msg[k] = v
	}
	b, err := json.Marshal(msg)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.in.Write(append(b, '\n')); err != nil {
		c.t.Fatal(err)
	}
	l := c.take(c.replies, "the answer to "+op)
	if l.Reply == nil || *l.Reply != c.next {
		c.t.Fatalf("answer to another command: %+v", l)
	}
	return l
}

func (c *crm) must(op string, fields map[string]any) any {
	c.t.Helper()
	l := c.do(op, fields)
	if l.Fault != nil {
		c.t.Fatalf("%s: fault %+v", op, *l.Fault)
	}
	return l.Result
}

func (c *crm) mustFault(op string, fields map[string]any, area, code int) {
	c.t.Helper()
	if l := c.do(op, fields); l.Fault == nil || l.Fault.Area != area || l.Fault.Code != code {
		c.t.Errorf("%s: got %+v, want fault %d/%d", op, l.Fault, area, code)
	}
}

// The capability lists of the reference for the states (specification of the
// interface, state machine of an inbound queue call).
var (
	capAlerting  = []int{1, 2, 3}
	capConnected = []int{3, 4, 6, 7, 8, 102, 104, 105, 107, 109, 110}
	capHold      = []int{4, 6, 7, 8, 102, 103, 104, 105, 108, 109, 110}
	capWrapUp    = []int{5, 6, 7, 8}
)

func crmSite(t *testing.T, mode string) string {
	return fmt.Sprintf(`
ici: {listen: "127.0.0.1:%d"}
queues:
  - {id: sales, number: "600", ring_timeout: 60s, wrap_up: 60s}
agents:
  - {id: mueller, line: "104", queues: [sales], station: {endpoint: "104", mode: %s}}
  - {id: schmidt, line: "105", queues: [sales], station: {endpoint: "105"}}
`, freePort(t), mode)
}

// TestCRMCallOnAccept is the whole road: a SIP caller, Asterisk, the queue, an
// agent who works with the CRM's buttons only.
func TestCRMCallOnAccept(t *testing.T) {
	for _, stack := range []soapStack{zeepStack, phpStack} {
		t.Run(stack.name, func(t *testing.T) { crmOnAccept(t, stack) })
	}
}

func crmOnAccept(t *testing.T, stack soapStack) {
	s := stage(t, crmSite(t, "call-on-accept"))
	desk := s.desk("104")
	c := stack.start(t, s.iciURL(), "MUELLER")
	if c.ready.Line != "104" && c.ready.Line != "+104" {
		t.Errorf("the line is %q", c.ready.Line)
	}
	c.workmode(2)
	a := s.caller("4917055501").Dial("600")
	call := c.phone(3, 1, capAlerting...)
	handle := map[string]any{"handle": call.Handle}
	if !call.Inbound || len(call.Remote) != 1 || strings.TrimPrefix(call.Remote[0], "+") != "4917055501" || strings.TrimPrefix(call.Dialed, "+") != "600" {
		t.Errorf("offered: %+v", call)
	}
	c.mustFault("hold", handle, 5, 4)
	c.must("setAttachedData", map[string]any{"handle": call.Handle, "data": "<ItemAttachedData><Application id=\"CRM\"><a>1</a></Application></ItemAttachedData>"})
	began := time.Now()
	c.must("accept", handle)
	b := desk.Expect()
	a.MustBeAnswered()
	siptest.Talk(a, b)
	for { // the attached data and the accept may have been told before
		l := c.take(c.events, "phoneCallChanged 101/2")
		if l.Event == "phoneCallChanged" && l.Status == 101 {
			if l.Processing != 2 || !slices.Equal(l.Capabilities, capConnected) {
				t.Errorf("connected: %+v", l)
			}
			break
		}
	}
	progress(stack.name + ": accept to tone both ways in " + time.Since(began).Round(time.Millisecond).String())
	if data, _ := c.must("getAttachedData", handle).(string); !strings.Contains(data, "<a>1</a>") {
		t.Errorf("attached data: %q", data)
	} else if id := "<SIP_CALL_ID>" + a.ID() + "</SIP_CALL_ID>"; a.ID() == "" || !strings.Contains(data, id) {
		t.Errorf("attached data without the caller's Call-ID %q: %q", a.ID(), data)
	}
	c.must("hold", handle)
	c.phone(106, 2, capHold...)
	mustHearMusic(t, a, 1000)
	b.MustBeSilent(300 * time.Millisecond)
	c.must("unhold", handle)
	c.phone(101, 2, capConnected...)
	siptest.Talk(a, b)
	c.must("drop", handle)
	a.MustEndBy(ua.Remote, 0)
	b.MustEndBy(ua.Remote, 0)
	c.phone(4, 3, capWrapUp...)
	s.waitAgent("mueller", "wrap-up")
	c.must("wrapUpEnded", handle)
	c.phone(4, 1)
	s.waitAgent("mueller", "ready")
	c.mustFault("hold", handle, 4, 2)
	c.must("setWorkmode", map[string]any{"workmode": 1})
	s.waitAgent("mueller", "logged-out")
	c.workmode(1)
	s.noLeftovers()
	s.stop()
	c.ended(1)
}

// TestCRMHandset is the same with a desk phone: it cannot be answered from the
// CRM, and what its owner and the caller do is told to the CRM.
func TestCRMHandset(t *testing.T) {
	for _, stack := range []soapStack{zeepStack, phpStack} {
		t.Run(stack.name, func(t *testing.T) { crmHandset(t, stack) })
	}
}

func crmHandset(t *testing.T, stack soapStack) {
	s := stage(t, crmSite(t, "call-on-accept"))
	desk := s.desk("105")
	c := stack.start(t, s.iciURL(), "SCHMIDT")
	c.workmode(2)
	a := s.caller("4917055501").Dial("600")
	b := desk.Expect()
	call := c.phone(3, 1, 2, 3) // no accept: nobody can lift this handset from afar
	handle := map[string]any{"handle": call.Handle}
	c.mustFault("accept", handle, 4, 3)
	b.MustAnswer()
	siptest.Talk(a, b)
	c.phone(101, 2, capConnected...)
	a.MustHangup()
	c.phone(4, 3, capWrapUp...)
	c.must("wrapUpEnded", handle)
	c.phone(4, 1)
	a = s.caller("4917055502").Dial("600")
	b = desk.Expect()
	next := c.phone(3, 1, 2, 3)
	if next.Handle == call.Handle {
		t.Errorf("two calls have the handle %s", next.Handle)
	}
	a.MustHangup() // abandons
	b.MustEndBy(ua.Remote, 487)
	c.phone(4, 1)
	s.noLeftovers()
	s.stop()
	c.ended(1)
}
