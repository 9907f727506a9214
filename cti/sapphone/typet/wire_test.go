package typet

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"strowger/switch/fault"
)

func testLimits() limits {
	c, err := Config{Listen: ":0"}.filled()
	if err != nil {
		panic(err)
	}
	return c.limits()
}

func TestPingWithinACallAndInPieces(t *testing.T) {
	t.Parallel()
	entered := make(chan string, 1)
	l := listen(t, Config{}, &handler{call: park(entered)})
	r := dialRaw(t, l)
	r.allocated()
	r.send(sapSend(callBytes(t, Call{Function: "SPS_WAITFORCALL"})))
	<-entered
	ping := appendFrame(nil, []byte(niPing))
	for i := range ping {
		r.bytes(ping[i : i+1])
	}
	if got := r.receive(); string(got) != niPong {
		t.Fatalf("a ping within a call was answered with % x", got)
	}
	r.send([]byte(niPong)) // never answered
	r.send([]byte(niPing))
	if got := r.receive(); string(got) != niPong {
		t.Fatalf("a ping after a pong was answered with % x", got)
	}
	// The end of the conversation ends the call, whose answer nobody gets; the
	// connection stays for the next one.
	end := record{function: fnDeallocate, protocol: 7}
	r.send(end.append(nil, nil))
	until(t, "the end of the call", func() bool { return l.Stats.Calls.Load() == 0 })
	r.send(end.append(nil, nil))
	r.send(sapInit())
	if got := r.receive(); got[1] != fnSAPInit || l.talks.Load() != 1 {
		t.Errorf("after the end of a conversation: % x, %d conversations", got, l.talks.Load())
	}
}

// Several conversations share a connection, as those of a work process whose
// users wait: each call is answered in its own, in whatever order.
func TestConversationsShareAConnection(t *testing.T) {
	t.Parallel()
	const users = 20
	entered := make(chan string, users)
	give := map[string]chan struct{}{}
	for i := range users {
		give[fmt.Sprint("SPS_WAIT", i)] = make(chan struct{})
	}
	l := listen(t, Config{}, &handler{call: func(ctx context.Context, c *Call) (*Reply, error) {
		entered <- c.Function
		select {
		case <-give[c.Function]:
		case <-ctx.Done():
		}
		return &Reply{Exports: []Value{{"WHO", []byte(c.Function)}}}, nil
	}})
	r := dialRaw(t, l)
	r.send(hello(2, helloClient))
	r.receive()
	ids := map[string]string{} // of conversations, by function
	for i := range users {
		r.send(sapInit())
		id := [8]byte(r.receive()[40:48])
		f := fmt.Sprint("SPS_WAIT", i)
		ids[f] = string(id[:])
		q := record{function: fnSAPSend, protocol: 7, uid: uint16(i), id: id}
		r.send(q.append(nil, callBytes(t, Call{Function: f})))
		<-entered
	}
	for i := users - 1; i > 0; i-- {
		f := fmt.Sprint("SPS_WAIT", i)
		close(give[f])
		a, data, err := readRecord(r.receive())
		if err != nil {
			t.Fatal(err)
		}
		reply, err := readReply(data, LittleEndian, testLimits())
		if err != nil || string(a.id[:]) != ids[f] || int(a.uid) != i || string(reply.Exports[0].Data) != f {
			t.Fatalf("%s was answered with %+v %v %v", f, a, reply, err)
		}
	}
	// The next one makes those way that are over; the one that waits stays.
	r.send(sapInit())
	r.receive()
	if n := l.talks.Load(); n != 2 || l.Stats.Calls.Load() != 1 {
		t.Errorf("%d conversations, %d calls", n, l.Stats.Calls.Load())
	}
	// One user's end ends that user's call alone.
	end := record{function: fnDeallocate, protocol: 7, id: [8]byte([]byte(ids["SPS_WAIT0"]))}
	r.send(end.append(nil, nil))
	until(t, "the end of the call", func() bool { return l.Stats.Calls.Load() == 0 && l.talks.Load() == 1 })
}

func TestConversationLimit(t *testing.T) {
	t.Parallel()
	entered := make(chan string, 2)
	l := listen(t, Config{MaxConnections: 2}, &handler{call: park(entered)})
	r := dialRaw(t, l)
	r.allocated()
	for i := range 2 {
		q := record{function: fnSAPSend, protocol: 7, id: [8]byte(fmt.Appendf(nil, "%08d", i+1))}
		r.send(q.append(nil, callBytes(t, Call{Function: "SPS_WAITFORCALL"})))
		<-entered
		r.send(sapInit())
		a, _, err := readRecord(r.receive())
		if err != nil {
			t.Fatal(err)
		}
		if full := l.talks.Load() == 2 && l.Stats.Overloaded.Load() > 0; (a.rc == rcAllocateFailed && a.sapRC == rcNotThere) != full {
			t.Fatalf("%d conversations: %+v", l.talks.Load(), a)
		}
	}
	if l.Stats.Overloaded.Load() != 1 {
		t.Errorf("%d conversations were refused", l.Stats.Overloaded.Load())
	}
	r.send([]byte(niPing))
	if got := r.receive(); string(got) != niPong {
		t.Errorf("the connection did not survive: % x", got)
	}
}

// What a gateway says to the steps of sap.md's recorded conversation, byte by
// byte where the bytes are known.
func TestGreetingAndProgram(t *testing.T) {
	t.Parallel()
	l := listen(t, Config{}, &handler{call: echo})
	for _, version := range []byte{2, 3} {
		r := dialRaw(t, l)
		h := hello(version, helloClient)
		r.send(h)
		want := bytes.Clone(h)
		want[29], want[55] = 0x0f, 0xfb
		if got := r.receive(); !bytes.Equal(got, want) {
			t.Errorf("version %d: the greeting's answer\n% x, want\n% x", version, got, want)
		}
		r.send(sapInit())
		got := r.receive()
		if len(got) != 125 || !bytes.Equal(got[:6], []byte{6, 0xca, 7, 0, 0x63, 0xac}) || got[16] != 0x80 || got[21] != 2 || got[28] != 2 || got[30] != 1 {
			t.Errorf("the program's answer % x", got)
		}
		if id := got[40:48]; strings.Trim(string(id), "0123456789") != "" {
			t.Errorf("the conversation's id %q", id)
		}
		if p := got[88:121]; string(p) != "\x000123456789ABCDEFfedcba9876543210" {
			t.Errorf("the passport came back as %q", p)
		}
	}
}

func TestPassport(t *testing.T) {
	t.Parallel()
	want := "\x000123456789ABCDEF" + strings.Repeat("g", 16)
	for name, params := range map[string]string{
		"where the options have it": strings.Repeat(" ", 32) + "\x01\x01CPIC\x00\x00\x00" + want + "rest",
		"elsewhere":                 "dest\x00program" + want,
	} {
		if p, ok := readPassport([]byte(params)); !ok || string(p[:]) != want {
			t.Errorf("%s: %q, %t", name, p, ok)
		}
	}
	for _, params := range []string{"", "\x000123456789ABCDEF", strings.Repeat("\x00", 400)} {
		if p, ok := readPassport([]byte(params)); ok {
			t.Errorf("%q: found %q", params, p)
		}
	}
}

func TestGarbage(t *testing.T) {
	t.Parallel()
	record := func(fn byte) []byte { r := record{function: fn}; return r.append(nil, []byte("data")) }
	begun := func(b []byte) func(r *raw) { return func(r *raw) { r.allocated(); r.send(b) } }
	for name, send := range map[string]func(r *raw){
		"http":         func(r *raw) { r.bytes([]byte("GET / HTTP/1.1\r\n\r\n")) },
		"oversize":     func(r *raw) { r.bytes([]byte{0, 0x10, 0, 1}) },
		"registration": func(r *raw) { r.send(hello(2, helloRegister)) },
		"monitor":      func(r *raw) { r.send(hello(2, 9)) },
		"version":      func(r *raw) { r.send(hello(4, helloClient)) },
		"header":       func(r *raw) { h := hello(2, helloClient); h[helloHeader] = 5; r.send(h) },
		"record first": func(r *raw) { r.send(sapInit()) },
		"data first": func(r *raw) {
			r.send(hello(2, helloClient))
			r.receive()
			r.send(sapSend(callBytes(t, Call{Function: "X"})))
		},
		"short record":         begun(make([]byte, 20)),
		"record version":       begun(bytes.Repeat([]byte{5}, 100)),
		"record function":      begun(record(0x68)),
		"end without begin":    begun(record(fnReceive)),
		"no fields":            begun(sapSend([]byte("no fields at all"))),
		"half a call":          begun(sapSend(callBytes(t, Call{Function: "SPS_GETQUEUES"})[:40])),
		"wrong predecessor":    begun(sapSend([]byte("\x05\x02\x00\x00\x05\x03\x00\x0b\x00\x00"))),
		"negative length":      begun(sapSend([]byte("\x05\x02\x00\x00\x05\x02\x00\x0b\xff\xff\xff\xff\xff\xff"))),
		"value without a name": begun(sapSend(fields(t, tagValue, "x"))),
		"name without a value": begun(sapSend(fields(t, tagName, "A\x00"))),
		"row without a table":  begun(sapSend(fields(t, tagRow, "x"))),
		"head without a table": begun(sapSend(fields(t, tagTableHead, "\x00\x00\x00\x01\x00\x00\x00\x01"))),
		"many rows announced":  begun(sapSend(fields(t, tagTable, "T\x00", tagTableHead, "\x00\x00\x00\x01\xff\xff\xff\xff"))),
		"wide rows announced":  begun(sapSend(fields(t, tagTable, "T\x00", tagTableHead, "\xff\xff\xff\xff\x00\x00\x00\x01", tagShortRow, "x"))),
		"rows missing":         begun(sapSend(fields(t, tagTable, "T\x00", tagTableHead, "\x00\x00\x00\x01\x00\x00\x00\x02", tagRow, "x"))),
		"a name twice":         begun(sapSend(fields(t, tagName, "A\x00", tagValue, "", tagName, "A\x00", tagValue, ""))),
		"a name with spaces":   begun(sapSend(fields(t, tagName, "A\x00 \x00B\x00", tagValue, ""))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := listen(t, Config{}, &handler{call: echo})
			r := dialRaw(t, l)
			send(r)
			r.ended()
			until(t, "the count", func() bool { return l.Stats.Cut[Garbled].Load() == 1 })
		})
	}
}

// fields makes a call of tags and values.
func fields(t *testing.T, pairs ...any) []byte {
	t.Helper()
	w := &writer{}
	w.add(tagCall, nil)
	w.add(tagFunction, LittleEndian.append(nil, "SPS_X", 0))
	for i := 0; i < len(pairs); i += 2 {
		w.add(uint16(pairs[i].(int)), []byte(pairs[i+1].(string)))
	}
	return w.finish()
}

// A row of one byte must not become the width that its head declares without
// an end.
func TestShortRowsAreBounded(t *testing.T) {
	t.Parallel()
	pairs := []any{tagTable, "T\x00", tagTableHead, "\x00\x01\x00\x00\x00\x00\x03\xe8"}
	for range 1000 {
		pairs = append(pairs, tagShortRow, "x")
	}
	_, err := readMessage(fields(t, pairs...), testLimits())
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "more than") {
		t.Errorf("got %v", err)
	}
	m, err := readMessage(fields(t, tagTable, "T\x00", tagTableHead, "\x00\x00\x00\x04\x00\x00\x00\x02", tagTableNote, "..", tagShortRow, "ab", tagRow, "abc"), testLimits())
	if err != nil || string(m.call.Tables[0].Rows[0]) != "abbb" || string(m.call.Tables[0].Rows[1]) != "abc" {
		t.Errorf("got %+v, %v", m.call, err)
	}
}

func TestManyFields(t *testing.T) {
	t.Parallel()
	lim := testLimits()
	lim.fields = 5
	if _, err := readMessage(callBytes(t, Call{Function: "X", Wanted: []string{"A", "B", "C"}}), lim); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
}

// Nothing is allocated for a length that was only announced.
func TestAnnouncedLengthAllocatesNothing(t *testing.T) {
	t.Parallel()
	const frames = 64
	l := listen(t, Config{MaxFrame: 16 << 20, MaxMemory: 1 << 20}, &handler{call: echo})
	for range frames {
		r := dialRaw(t, l)
		r.bytes(binary.BigEndian.AppendUint32(nil, 16<<20))
		r.bytes(make([]byte, 100))
	}
	until(t, "the connections", func() bool { return l.Stats.Accepted.Load() == frames })
	if held := l.mem.used.Load(); held != 0 {
		t.Errorf("%d bytes are held for what has not come", held)
	}
}

func TestMemoryIsShared(t *testing.T) {
	t.Parallel()
	l := listen(t, Config{MaxFrame: 8 << 20, MaxMemory: 1 << 20}, &handler{call: echo})
	r := dialRaw(t, l)
	r.allocated()
	go func() { _, _ = r.conn.Write(appendFrame(nil, make([]byte, 4<<20))) }() // ends when the connection does
	r.ended()
	until(t, "the count", func() bool { return l.Stats.Cut[Short].Load() == 1 })
}

func TestSlowPeers(t *testing.T) {
	t.Parallel()
	t.Run("says nothing", func(t *testing.T) {
		t.Parallel()
		l := listen(t, Config{Handshake: 50 * time.Millisecond}, &handler{call: echo})
		dialRaw(t, l).ended()
		until(t, "the count", func() bool { return l.Stats.Cut[Silent].Load() == 1 })
	})
	t.Run("only pings", func(t *testing.T) {
		t.Parallel()
		l := listen(t, Config{Handshake: 100 * time.Millisecond}, &handler{call: echo})
		r := dialRaw(t, l)
		for {
			if _, err := r.conn.Write(appendFrame(nil, []byte(niPing))); err != nil {
				break
			}
			if _, err := r.in.read(); err != nil {
				break
			}
		}
		until(t, "the count", func() bool { return l.Stats.Cut[Silent].Load() == 1 })
	})
	t.Run("idles", func(t *testing.T) {
		t.Parallel()
		l := listen(t, Config{Idle: 50 * time.Millisecond}, &handler{call: echo})
		r := dialRaw(t, l)
		r.allocated()
		r.send(sapSend(callBytes(t, Call{Function: "SPS_X"})))
		r.receive()
		r.ended()
		until(t, "the count", func() bool { return l.Stats.Cut[Silent].Load() == 1 })
	})
	t.Run("half a frame", func(t *testing.T) {
		t.Parallel()
		l := listen(t, Config{Frame: 50 * time.Millisecond}, &handler{call: echo})
		r := dialRaw(t, l)
		r.bytes([]byte{0, 0})
		r.ended()
		until(t, "the count", func() bool { return l.Stats.Cut[Slow].Load() == 1 })
	})
	t.Run("never reads", func(t *testing.T) {
		t.Parallel()
		big := &Reply{Exports: []Value{{Name: "DATA", Data: make([]byte, 16<<20)}}}
		l := listen(t, Config{Write: 100 * time.Millisecond}, &handler{call: func(context.Context, *Call) (*Reply, error) { return big, nil }})
		r := dialRaw(t, l)
		r.allocated()
		r.send(sapSend(callBytes(t, Call{Function: "SPS_X"})))
		until(t, "the count", func() bool { return l.Stats.Cut[Slow].Load() == 1 })
	})
}

// A parked call outlasts the idle time.
func TestParkedCallIsNotIdle(t *testing.T) {
	t.Parallel()
	entered, give := make(chan string, 1), make(chan struct{})
	l := listen(t, Config{Handshake: time.Second, Idle: 50 * time.Millisecond}, &handler{call: func(_ context.Context, c *Call) (*Reply, error) {
		entered <- c.Function
		<-give
		return &Reply{}, nil
	}})
	idler := dialRaw(t, l)
	idler.allocated()
	r := dialRaw(t, l)
	r.allocated()
	r.send(sapSend(callBytes(t, Call{Function: "SPS_WAITFORCALL"})))
	<-entered
	idler.ended() // the handshake's time, twenty times the idle time, is over
	close(give)
	if got := r.receive(); got[1] != fnSAPSend {
		t.Errorf("the parked call got % x", got)
	}
}

func TestASecondCallDuringACall(t *testing.T) {
	t.Parallel()
	entered := make(chan string, 1)
	l := listen(t, Config{}, &handler{call: park(entered)})
	r := dialRaw(t, l)
	r.allocated()
	b := sapSend(callBytes(t, Call{Function: "SPS_WAITFORCALL"}))
	r.send(b)
	<-entered
	r.send(b)
	r.ended()
	until(t, "the count", func() bool { return l.Stats.Cut[Garbled].Load() == 1 })
}

// Messages larger than a record, both ways, with the pauses that they need.
func TestLargeMessages(t *testing.T) {
	t.Parallel()
	l := listen(t, Config{}, &handler{call: echo})
	c := dial(t, l, ClientConfig{})
	for _, size := range []int{27_000, 28_000, 29_000, 300_000, 1_500_000} {
		table := Table{Name: "CALLDATA", Width: 510}
		for i := range size / 510 {
			table.Rows = append(table.Rows, bytes.Repeat([]byte{byte(i)}, 510))
		}
		in := Call{Function: "SPS_SETCALLINFO", Imports: []Value{{"LONG", bytes.Repeat([]byte("x"), size%70_000)}}, Tables: []Table{table}}
		out, err := call(t, c, in)
		if err != nil {
			t.Fatalf("%d: %v", size, err)
		}
		if !reflect.DeepEqual(out, &Reply{Exports: in.Imports, Tables: in.Tables}) {
			t.Errorf("%d: the answer differs", size)
		}
	}
	_, err := call(t, c, Call{Function: "SPS_SETCALLINFO", Imports: []Value{{"LONG", make([]byte, 5<<20)}}})
	if err == nil {
		t.Error("a message beyond the limit was served")
	}
	until(t, "the count", func() bool { return l.Stats.Cut[Garbled].Load() == 1 })
}

func TestColumns(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		col      Column
		in, want string
		hex      string
	}{
		{Column{"A", Char, 4}, "ab", "ab", "6100620020002000"},
		{Column{"A", Char, 2}, "abc", "ab", "61006200"},
		{Column{"A", Char, 2}, "a😀", "a", "61002000"},
		{Column{"A", Char, 3}, "a😀", "a😀", "61003dd800de"},
		{Column{"A", Numc, 3}, "7", "007", "300030003700"},
		{Column{"A", Date, 0}, "", "00000000", "30003000300030003000300030003000"},
		{Column{"A", Time, 0}, "235959", "235959", "320033003500390035003900"},
		{Column{"A", Int4, 0}, "-2", "-2", "feffffff"},
		{Column{"A", Int4, 0}, "", "0", "00000000"},
		{Column{"A", String, 0}, "ä\x00b", "äb", "c3a46200"},
	} {
		b, err := tc.col.Append(nil, LittleEndian, tc.in)
		if err != nil || fmt.Sprintf("%x", b) != tc.hex {
			t.Errorf("%+v %q: %x, %v", tc.col, tc.in, b, err)
		}
		if got, err := tc.col.Read(LittleEndian, b); err != nil || got != tc.want {
			t.Errorf("%+v %q: read %q, %v", tc.col, tc.in, got, err)
		}
	}
	for _, tc := range []struct {
		col Column
		in  string
	}{
		{Column{"A", Int4, 0}, "2147483648"},
		{Column{"A", Int4, 0}, "x"},
		{Column{"A", Numc, 2}, "123"},
		{Column{"A", Numc, 2}, "1a"},
		{Column{"A", Date, 0}, "2026-08-23"},
		{Column{"A", Char, 0}, "a"},
		{Column{"A", Char, 1 << 20}, "a"},
		{Column{"A", 0, 1}, "a"},
	} {
		if b, err := tc.col.Append(nil, LittleEndian, tc.in); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v %q: %x, %v", tc.col, tc.in, b, err)
		}
	}
	if got, _ := (&Column{"A", Char, 3}).Append(nil, Latin, "ü€a"); string(got) != "\xfc#a" {
		t.Errorf("Latin: %q", got)
	}
}

// Numbers lie at a multiple of four; a row may be shorter or longer than known.
func TestRows(t *testing.T) {
	t.Parallel()
	row := Row{{"A", Char, 3}, {"N", Int4, 0}, {"B", Char, 1}}
	for p, want := range map[Page]string{
		LittleEndian: "780020002000" + "0000" + "01000000" + "7900",
		BigEndian:    "007800200020" + "0000" + "00000001" + "0079",
		Latin:        "782020" + "00" + "01000000" + "79",
	} {
		b, err := row.Append([]byte{0xee}, p, []string{"x", "1", "y"})
		if err != nil || fmt.Sprintf("%x", b[1:]) != want || row.Width(p) != len(b)-1 {
			t.Errorf("%d: %x (width %d), %v, want %s", p, b, row.Width(p), err, want)
		}
		got, err := row.Read(p, append(b[1:], "more"...))
		if err != nil || !reflect.DeepEqual(got, []string{"x", "1", "y"}) {
			t.Errorf("%d: %q, %v", p, got, err)
		}
		if got, err := row.Read(p, b[1:len(b)-1]); err != nil || !reflect.DeepEqual(got, []string{"x", "1", ""}) {
			t.Errorf("%d, short: %q, %v", p, got, err)
		}
	}
	if _, err := (Row{{"S", String, 0}}).Append(nil, LittleEndian, nil); !fault.Is(err, fault.Unsupported) {
		t.Errorf("got %v", err)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{
		"Listen": {}, "MaxFrame": {Listen: ":1", MaxFrame: -1}, "MaxRows": {Listen: ":1", MaxRows: 1 << 30},
		"MaxPerPeer": {Listen: ":1", MaxConnections: 2, MaxPerPeer: 3}, "Idle": {Listen: ":1", Idle: -1},
	} {
		if _, err := New(cfg, nil, nil); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
