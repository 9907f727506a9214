package typet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"strowger/switch/fault"
)

// sample is a call with one parameter of each kind and two tables.
func sample(t *testing.T, p Page) Call {
	t.Helper()
	row := Row{{Name: "CALLID", Kind: Char, Len: 5}, {Name: "TRIES", Kind: Int4}, {Name: "DAY", Kind: Date}, {Name: "AT", Kind: Time}, {Name: "RC", Kind: Numc, Len: 3}}
	c := Call{Function: "SPS_STATCAMPAIGN", Page: p, Kernel: "753", Wanted: []string{"RETURNCODE"}}
	for _, v := range []struct {
		col  Column
		text string
	}{
		{Column{"CAMPAIGN", Char, 40}, "Frühjahr"},
		{Column{"MAX", Int4, 0}, "-7"},
		{Column{"RC", Numc, 3}, "7"},
		{Column{"DATE_FROM", Date, 0}, "20260823"},
		{Column{"TIME_FROM", Time, 0}, "091500"},
		{Column{"NOTE", String, 0}, "größer"},
	} {
		b, err := v.col.Append(nil, p, v.text)
		if err != nil {
			t.Fatal(err)
		}
		c.Imports = append(c.Imports, Value{v.col.Name, b})
	}
	table := Table{Name: "RESULTS", Width: row.Width(p)}
	for i := range 3 {
		b, err := row.Append(nil, p, []string{fmt.Sprintf("C%d", i), fmt.Sprint(i * 1000), "20260823", "1530", "20"})
		if err != nil {
			t.Fatal(err)
		}
		table.Rows = append(table.Rows, b)
	}
	c.Tables = []Table{table, {Name: "EMPTY", Width: 60}}
	return c
}

func TestCallRoundTrip(t *testing.T) {
	t.Parallel()
	for _, p := range []Page{Latin, BigEndian, LittleEndian} {
		t.Run(fmt.Sprint(p), func(t *testing.T) {
			t.Parallel()
			in := sample(t, p)
			var got Call
			l := listen(t, Config{}, &handler{call: func(ctx context.Context, c *Call) (*Reply, error) {
				got = *c
				return echo(ctx, c)
			}})
			c := dial(t, l, ClientConfig{Page: p})
			out, err := call(t, c, in)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, in) {
				t.Errorf("the handler got\n%+v\nwant\n%+v", got, in)
			}
			if !reflect.DeepEqual(out, &Reply{Exports: in.Imports, Tables: in.Tables}) {
				t.Errorf("the caller got\n%+v\nwant\n%+v", out, in)
			}
		})
	}
}

// After each answer the conversation is over, and the next call asks for the
// program again on the same connection; the session stays.
func TestManyCallsOneConnection(t *testing.T) {
	t.Parallel()
	h := &handler{call: echo}
	l := listen(t, Config{}, h)
	c := dial(t, l, ClientConfig{})
	for range 20 {
		if _, err := call(t, c, Call{Function: "SPS_GETQUEUES"}); err != nil {
			t.Fatal(err)
		}
		if err := c.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if h.opened.Load() != 1 || l.Stats.Called.Load() != 20 || l.Stats.Pings.Load() != 20 {
		t.Errorf("%d sessions, %d calls, %d pings", h.opened.Load(), l.Stats.Called.Load(), l.Stats.Pings.Load())
	}
}

// A program that does not deallocate after each answer may call again at once.
func TestCallsWithoutANewConversation(t *testing.T) {
	t.Parallel()
	l := listen(t, Config{}, &handler{call: echo})
	r := dialRaw(t, l)
	r.allocated()
	for range 3 {
		r.send(sapSend(callBytes(t, Call{Function: "SPS_GETQUEUES"})))
		if got := r.receive(); got[1] != fnSAPSend || !bytes.Equal(got[4:6], []byte{0x63, 0xac}) {
			t.Fatalf("answer % x", got[:48])
		}
	}
}

func TestExceptions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		err  error
		want Exception
	}{
		{"declared", &Exception{Name: "FU_NOT_FOUND", Text: "Function SPS_FOO not available"}, Exception{Name: "FU_NOT_FOUND", Text: "Function SPS_FOO not available"}},
		{"system", &Exception{Name: "SYSTEM_FAILURE", Text: "no\nswitch", System: true}, Exception{Name: "SYSTEM_FAILURE", Text: "no switch", System: true}},
		{"ours", errors.New("secret detail"), Exception{Name: "SYSTEM_FAILURE", Text: "the call failed inside the switch: its log says why", System: true}},
		{"long", &Exception{Name: "X", Text: strings.Repeat("x", 1000)}, Exception{Name: "X", Text: strings.Repeat("x", plainMax)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			l := listen(t, Config{}, &handler{call: func(context.Context, *Call) (*Reply, error) { return nil, tc.err }})
			_, err := call(t, dial(t, l, ClientConfig{}), Call{Function: "SPS_FOO"})
			var e *Exception
			if !errors.As(err, &e) || *e != tc.want {
				t.Errorf("got %+v, want %+v", err, tc.want)
			}
			if l.Stats.Exceptions.Load() != 1 {
				t.Errorf("%d exceptions counted", l.Stats.Exceptions.Load())
			}
		})
	}
}

func TestAnswerThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	l := listen(t, Config{}, &handler{call: func(context.Context, *Call) (*Reply, error) {
		return &Reply{Tables: []Table{{Name: "T", Width: 4, Rows: [][]byte{{1}}}}}, nil
	}})
	_, err := call(t, dial(t, l, ClientConfig{}), Call{Function: "SPS_FOO"})
	var e *Exception
	if !errors.As(err, &e) || !e.System {
		t.Errorf("got %v", err)
	}
}

func TestRefusedSession(t *testing.T) {
	t.Parallel()
	l := listen(t, Config{}, &handler{call: echo, refuse: &Exception{Name: "RESOURCE_FAILURE", Text: "full", System: true}})
	c := dial(t, l, ClientConfig{})
	for range 2 {
		if _, err := call(t, c, Call{Function: "SPS_FOO"}); err == nil || !strings.Contains(err.Error(), "full") {
			t.Errorf("got %v", err)
		}
	}
}

// The forms that are not served are refused so that the ABAP side reads why,
// and the connection stays.
func TestRefusedForms(t *testing.T) {
	t.Parallel()
	l := listen(t, Config{}, &handler{call: echo})
	r := dialRaw(t, l)
	r.allocated()
	refused := 0
	for tag, word := range map[uint16]string{tagFast: "classic serializer", tagXML: "flat", tagLZ: "compress", tagDeltaHead: "delta manager"} {
		w := &writer{}
		w.add(tagCall, nil)
		w.add(tagFunction, LittleEndian.append(nil, "SPS_GETQUEUES", 0))
		w.add(tag, []byte("........"))
		r.send(sapSend(w.finish()))
		_, data, err := readRecord(r.receive())
		if err != nil {
			t.Fatal(err)
		}
		_, err = readReply(data, LittleEndian, testLimits())
		var e *Exception
		if !errors.As(err, &e) || !e.System || !strings.Contains(e.Text, word) {
			t.Errorf("tag 0x%04x: %v", tag, err)
		}
		refused++
	}
	if got := l.Stats.Refused.Load(); got != uint64(refused) {
		t.Errorf("%d refusals counted", got)
	}
}

// The logon of a system that calls with its trust: fields of its own, then the
// call, in one message; and a logon alone, as the test of a connection sends it.
func TestLogonAndCall(t *testing.T) {
	t.Parallel()
	h := &handler{call: echo}
	l := listen(t, Config{}, h)
	want := Logon{User: "MILLER", Client: "001", Language: "E", Program: "SAPLPHOA", Host: "sapapp1", Address: "192.0.2.10", Destination: "STROWGER", Release: "758"}
	c := dial(t, l, ClientConfig{Logon: want})
	if _, err := call(t, c, Call{Function: "SPS_GETQUEUES"}); err != nil {
		t.Fatal(err)
	}
	if h.last.Logon != want || !h.last.Remote.Addr().IsLoopback() {
		t.Errorf("the session was opened for %+v", h.last)
	}

	r := dialRaw(t, l)
	r.allocated()
	w := &writer{}
	appendLogon(w, want, LittleEndian)
	w.add(tagFast, []byte("what the logon keeps for itself"))
	r.send(sapSend(w.finish()))
	_, data, err := readRecord(r.receive())
	if err != nil {
		t.Fatal(err)
	}
	m, err := readMessage(data, testLimits())
	if err != nil || m.logon.Program != ourProgram || m.logon.Address != l.Addr().String() {
		t.Errorf("the logon was answered with %+v, %v", m, err)
	}
	for _, f := range []string{"RFCPING", "RFC_PING"} {
		if _, err := call(t, c, Call{Function: f}); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	if l.Stats.Called.Load() != 1 {
		t.Errorf("%d calls were passed on", l.Stats.Called.Load())
	}
}

// Trust contexts whose form we do not know may precede the call.
func TestCallAfterUnknownBytes(t *testing.T) {
	t.Parallel()
	b := append([]byte("whatever\x05\x02\x00\x00 precedes the call"), callBytes(t, Call{Function: "SPS_HOLD"})...)
	m, err := readMessage(b, testLimits())
	if err != nil || m.call == nil || m.call.Function != "SPS_HOLD" {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestAllowList(t *testing.T) {
	t.Parallel()
	for _, nets := range [][]netip.Prefix{{}, {netip.MustParsePrefix("192.0.2.0/24")}} {
		l := listen(t, Config{Allow: nets}, &handler{call: echo})
		dialRaw(t, l).ended()
		until(t, "the refusal", func() bool { return l.Stats.Denied.Load() == 1 })
	}
}

func TestConnectionLimits(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{{MaxConnections: 2}, {MaxConnections: 9, MaxPerPeer: 2}} {
		h := &handler{call: echo}
		l := listen(t, cfg, h)
		a, b := dial(t, l, ClientConfig{}), dial(t, l, ClientConfig{})
		dialRaw(t, l).ended()
		if l.Stats.Overloaded.Load() != 1 {
			t.Fatalf("%d connections were refused", l.Stats.Overloaded.Load())
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		until(t, "the place", func() bool { return l.Stats.Connections.Load() == 1 })
		dial(t, l, ClientConfig{})
		if err := b.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestStopLetsAnswersOut(t *testing.T) {
	t.Parallel()
	entered := make(chan string, 1)
	h := &handler{call: park(entered)}
	l := listen(t, Config{}, h)
	c := dial(t, l, ClientConfig{})
	answered := make(chan error, 1)
	go func() {
		_, err := c.Call(context.Background(), Call{Function: "SPS_WAITFORCALL"})
		answered <- err
	}()
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := l.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	var e *Exception
	if err := <-answered; !errors.As(err, &e) || !strings.Contains(e.Text, "the switch stops") {
		t.Errorf("the parked call got %v", err)
	}
	if _, err := Dial(t.Context(), l.Addr().String(), ClientConfig{}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a connection after Stop: %v", err)
	}
	if err := l.Stop(ctx); err != nil {
		t.Errorf("a second Stop: %v", err)
	}
}

// Two hundred agents wait, half of them get their call, some hang up, and one
// connection that only looks does not disturb them.
func TestParkedCalls(t *testing.T) {
	t.Parallel()
	const agents = 200
	entered := make(chan string, agents)
	give := make(chan struct{}, agents)
	l := listen(t, Config{}, &handler{call: func(ctx context.Context, c *Call) (*Reply, error) {
		entered <- c.Function
		select {
		case <-give:
			return &Reply{Exports: c.Imports}, nil
		case <-ctx.Done():
			return nil, &Exception{Name: "COMMUNICATION_FAILURE", Text: "gone", System: true}
		}
	}})
	outcome := make(chan error, agents)
	clients := make([]*Client, agents)
	for i := range clients {
		clients[i] = dial(t, l, ClientConfig{})
		go func() {
			_, err := clients[i].Call(context.Background(), Call{Function: "SPS_WAITFORCALL"})
			outcome <- err
		}()
	}
	for range agents {
		<-entered
	}
	if l.Stats.Calls.Load() != agents {
		t.Errorf("%d calls are parked", l.Stats.Calls.Load())
	}
	for range agents / 2 {
		give <- struct{}{}
		if err := <-outcome; err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range clients {
		_ = c.conn.Close()
	}
	until(t, "the end of the parked calls", func() bool { return l.Stats.Calls.Load() == 0 && l.Stats.Connections.Load() == 0 })
}

// BenchmarkCall is a call with two parameters, and the program asked for anew
// before each, as after every answer.
func BenchmarkCall(b *testing.B) {
	l := listen(b, Config{}, &handler{call: echo})
	c := dial(b, l, ClientConfig{})
	in := Call{Function: "SPS_MAKECALL", Imports: []Value{{"EXT", make([]byte, 20)}, {"DIAL_NO", make([]byte, 60)}}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Call(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}
