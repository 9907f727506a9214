package ami_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/ari/ami"
	"strowger/ari/aritest"
	"strowger/switch/fault"
)

func dial(t *testing.T, change func(*ami.Config)) (*aritest.AMI, *ami.Client) {
	t.Helper()
	a := aritest.StartAMI(t)
	cfg := ami.Config{Addr: a.Addr(), User: aritest.User, Secret: aritest.Password}
	if change != nil {
		change(&cfg)
	}
	c, err := ami.Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return a, c
}

func TestLoginPingAndRights(t *testing.T) {
	_, c := dial(t, nil)
	if !strings.HasPrefix(c.Banner(), "Asterisk Call Manager/") {
		t.Errorf("banner %q", c.Banner())
	}
	if err := c.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	allowed, err := c.Allowed(t.Context())
	if want := map[string]string{"Ping": "", "Originate": "originate,all"}; err != nil || !reflect.DeepEqual(allowed, want) {
		t.Errorf("allowed %v, error %v", allowed, err)
	}
	if err := c.Events(t.Context(), "call"); err != nil {
		t.Error(err)
	}
}

func TestRefusedLogin(t *testing.T) {
	a := aritest.StartAMI(t)
	_, err := ami.Dial(t.Context(), ami.Config{Addr: a.Addr(), User: aritest.User, Secret: "wrong"})
	if !fault.Is(err, fault.Denied) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("got %v", err)
	}
	a.Close()
	if _, err := ami.Dial(t.Context(), ami.Config{Addr: a.Addr(), User: "u"}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("nobody there: %v", err)
	}
	if _, err := ami.Dial(t.Context(), ami.Config{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("empty configuration: %v", err)
	}
}

func TestSomethingElseOnThePort(t *testing.T) {
	s := aritest.Start(t) // an HTTP server says nothing until asked
	addr := strings.TrimSuffix(strings.TrimPrefix(s.URL(), "http://"), "/ari")
	_, err := ami.Dial(t.Context(), ami.Config{Addr: addr, User: "u", Timeout: 50 * time.Millisecond})
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
}

func TestRefusalsToKinds(t *testing.T) {
	a, c := dial(t, nil)
	for text, want := range map[string]fault.Kind{
		"Permission denied": fault.Denied, "No such channel": fault.NotFound, "Channel not specified": fault.Invalid,
		"Originate failed": fault.Conflict, "Invalid/unknown command: X.": fault.Unsupported,
	} {
		a.On("Try", func(ami.Message) []ami.Message { return []ami.Message{aritest.Refusal(text)} })
		if _, err := c.Action(t.Context(), "Try"); !fault.Is(err, want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestConcurrentActions: answers in reverse order still find their actions.
func TestConcurrentActions(t *testing.T) {
	a, c := dial(t, nil)
	a.On("Echo", func(m ami.Message) []ami.Message {
		return []ami.Message{{{Name: "Response", Value: "Success"}, {Name: "Echo", Value: m.Get("Value")}}}
	})
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			v := strings.Repeat("v", i+1)
			m, err := c.Action(t.Context(), "Echo", ami.Field{Name: "Value", Value: v})
			if err != nil || m.Get("echo") != v {
				t.Errorf("got %v, error %v", m, err)
			}
		})
	}
	wg.Wait()
}

func TestList(t *testing.T) {
	a, c := dial(t, nil)
	a.On("QueueStatus", func(ami.Message) []ami.Message {
		return []ami.Message{
			{{Name: "Response", Value: "Success"}, {Name: "EventList", Value: "start"}},
			{{Name: "Event", Value: "QueueParams"}, {Name: "Queue", Value: "sales"}},
			{{Name: "Event", Value: "QueueMember"}, {Name: "Queue", Value: "sales"}},
			{{Name: "Event", Value: "QueueStatusComplete"}, {Name: "EventList", Value: "Complete"}},
		}
	})
	items, err := c.List(t.Context(), "QueueStatus")
	if err != nil || len(items) != 2 || items[0].Event() != "QueueParams" || items[1].Event() != "QueueMember" {
		t.Errorf("items %v, error %v", items, err)
	}
	a.On("QueueStatus", func(ami.Message) []ami.Message { return []ami.Message{aritest.Refusal("Permission denied")} })
	if _, err := c.List(t.Context(), "QueueStatus"); !fault.Is(err, fault.Denied) {
		t.Errorf("refused list: %v", err)
	}
}

func TestEventsArriveInOrder(t *testing.T) {
	a, c := dial(t, func(c *ami.Config) { c.Events = "on" })
	for _, v := range []string{"1", "2", "3"} {
		if err := a.Send(ami.Message{{Name: "Event", Value: "Newchannel"}, {Name: "N", Value: v}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range []string{"1", "2", "3"} {
		m, err := c.Next(t.Context())
		if err != nil || m.Event() != "Newchannel" || m.Get("n") != v {
			t.Errorf("got %v, error %v", m, err)
		}
	}
}

// TestNoAnswer: an action is Unknown, a question is Unavailable.
func TestNoAnswer(t *testing.T) {
	a, c := dial(t, func(c *ami.Config) { c.Timeout = 30 * time.Millisecond })
	a.Silence(true)
	if _, err := c.Action(t.Context(), "Originate"); !fault.Is(err, fault.Unknown) {
		t.Errorf("action: %v", err)
	}
	if _, err := c.List(t.Context(), "QueueStatus"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("list: %v", err)
	}
	if err := c.Ping(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("ping: %v", err)
	}
	if _, err := c.Allowed(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("rights: %v", err)
	}
}

func TestConnectionLost(t *testing.T) {
	a, c := dial(t, nil)
	a.On("Originate", func(ami.Message) []ami.Message { a.Drop(); return nil })
	if _, err := c.Action(t.Context(), "Originate"); !fault.Is(err, fault.Unknown) {
		t.Errorf("action under way: %v", err)
	}
	<-c.Done()
	if !fault.Is(c.Err(), fault.Unavailable) {
		t.Errorf("cause %v", c.Err())
	}
	if _, err := c.Action(t.Context(), "Originate"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("action afterwards: %v", err)
	}
	if _, err := c.Next(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("Next afterwards: %v", err)
	}
}

func TestTwoMissedPingsEndIt(t *testing.T) {
	a, c := dial(t, func(c *ami.Config) { c.PingEach = 20 * time.Millisecond })
	a.Silence(true)
	<-c.Done()
	if st := c.Stats(); st.PingsMissed != 2 || !fault.Is(c.Err(), fault.Unavailable) {
		t.Errorf("stats %+v, cause %v", st, c.Err())
	}
}

func TestFullQueueEndsIt(t *testing.T) {
	a, c := dial(t, func(c *ami.Config) { c.Queue = 3 })
	for range 4 {
		if a.Send(ami.Message{{Name: "Event", Value: "E"}}) != nil {
			break
		}
	}
	<-c.Done()
	if !fault.Is(c.Err(), fault.Overrun) {
		t.Errorf("cause %v", c.Err())
	}
	for range 3 {
		if _, err := c.Next(t.Context()); err != nil {
			t.Errorf("queued event: %v", err)
		}
	}
	if _, err := c.Next(t.Context()); !fault.Is(err, fault.Overrun) {
		t.Errorf("after the queue: %v", err)
	}
}

func TestLongLineEndsIt(t *testing.T) {
	a, c := dial(t, nil)
	if err := a.SendRaw("Event: X\r\nA: " + strings.Repeat("x", 70<<10) + "\r\n\r\n"); err != nil {
		t.Log(err) // the client may close first
	}
	<-c.Done()
	if !strings.Contains(c.Err().Error(), "64 KiB") {
		t.Errorf("cause %v", c.Err())
	}
}

func TestCloseTwice(t *testing.T) {
	_, c := dial(t, nil)
	c.Close()
	c.Close()
	if !fault.Is(c.Err(), fault.Stopped) {
		t.Errorf("cause %v", c.Err())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Next(ctx); err == nil {
		t.Error("Next after Close")
	}
	for range 1000 {
		buf := make([]byte, 1<<20)
		if !strings.Contains(string(buf[:runtime.Stack(buf, true)]), "ami.(*Client)") {
			return
		}
		runtime.Gosched()
	}
	t.Error("goroutines are left")
}

func TestAppendAction(t *testing.T) {
	got, err := ami.AppendAction(nil, "Ping", ami.Field{Name: "ActionID", Value: "1"}, ami.Field{Name: "Empty"})
	if err != nil || string(got) != "Action: Ping\r\nActionID: 1\r\nEmpty: \r\n\r\n" {
		t.Errorf("%q, error %v", got, err)
	}
	many := make([]ami.Field, 128)
	for i := range many {
		many[i] = ami.Field{Name: "X"}
	}
	for name, f := range map[string][]ami.Field{
		"CRLF": {{Name: "X", Value: "a\r\nVariable: B=1"}}, "LF": {{Name: "X", Value: "a\nb"}}, "CR": {{Name: "X", Value: "\r"}},
		"NUL": {{Name: "X", Value: "\x00"}}, "name": {{Name: "X: Y", Value: "1"}}, "LF in name": {{Name: "X\n", Value: "1"}},
		"no name": {{Value: "1"}}, "long": {{Name: "X", Value: strings.Repeat("x", 1020)}}, "many": many,
	} {
		if b, err := ami.AppendAction(nil, "Ping", f...); !fault.Is(err, fault.Invalid) || b != nil {
			t.Errorf("%s: %q, error %v", name, b, err)
		}
	}
	if _, err := ami.AppendAction(nil, "Ping", ami.Field{Name: "X", Value: strings.Repeat("x", 1019)}); err != nil {
		t.Errorf("longest line: %v", err)
	}
	if _, err := ami.AppendAction(nil, ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("no action: %v", err)
	}
}

func TestReader(t *testing.T) {
	r := ami.NewReader(strings.NewReader("\r\n\r\nEvent: A\r\nOutput: x: y\r\nOutput:\r\nodd line\n\r\nResponse: B\r\n\r\nEvent: cut\r\n"))
	m, err := r.Read()
	want := ami.Message{{Name: "Event", Value: "A"}, {Name: "Output", Value: "x: y"}, {Name: "Output"}, {Value: "odd line"}}
	if err != nil || !reflect.DeepEqual(m, want) {
		t.Errorf("got %v, error %v", m, err)
	}
	if m, err = r.Read(); err != nil || m.Get("response") != "B" {
		t.Errorf("got %v, error %v", m, err)
	}
	if _, err = r.Read(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut message: %v", err)
	}
	if _, err = ami.NewReader(strings.NewReader(strings.Repeat("A: b\r\n", 9000) + "\r\n")).Read(); err == nil {
		t.Error("9,000 lines accepted")
	}
	if _, err = ami.NewReader(strings.NewReader(strings.Repeat("A: "+strings.Repeat("b", 60<<10)+"\r\n", 20) + "\r\n")).Read(); err == nil {
		t.Error("1.2 MB accepted")
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("Event: A\r\nX: y\r\n\r\nResponse: Success\r\n\r\n"))
	f.Add([]byte("\n:\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := ami.NewReader(bytes.NewReader(b))
		for {
			m, err := r.Read()
			if err != nil {
				return
			}
			if len(m) == 0 {
				t.Fatal("empty message")
			}
		}
	})
}

// FuzzAppendAction: what is written is read back as exactly one message with
// exactly these fields, whatever the values are.
func FuzzAppendAction(f *testing.F) {
	f.Add("Originate", "Channel", "PJSIP/100", "X", "a\r\nAction: Command")
	f.Fuzz(func(t *testing.T, action, n1, v1, n2, v2 string) {
		b, err := ami.AppendAction(nil, action, ami.Field{Name: n1, Value: v1}, ami.Field{Name: n2, Value: v2})
		if err != nil {
			return
		}
		r := ami.NewReader(bytes.NewReader(b))
		m, err := r.Read()
		want := ami.Message{{Name: "Action", Value: action}, {Name: n1, Value: v1}, {Name: n2, Value: v2}}
		if err != nil || !reflect.DeepEqual(m, want) {
			t.Fatalf("%q reads as %v, %v", b, m, err)
		}
		if m, err := r.Read(); err != io.EOF {
			t.Fatalf("a second message: %v, %v", m, err)
		}
	})
}
