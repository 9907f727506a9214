package typet

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"reflect"
	"testing"
	"time"
)

func FuzzFrame(f *testing.F) {
	f.Add(appendFrame(nil, []byte(niPing)))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 1})
	f.Add(appendFrame(appendFrame(nil, make([]byte, 70_000)), hello(3, helloClient)))
	f.Fuzz(func(t *testing.T, b []byte) {
		mem := &memory{limit: 1 << 20}
		r := frameReader{in: bufio.NewReader(bytes.NewReader(b)), limit: 1 << 20, mem: mem}
		var again []byte
		for {
			got, err := r.read()
			if err != nil {
				break
			}
			again = appendFrame(again, got.data)
			mem.give(got.taken)
		}
		if !bytes.HasPrefix(b, again) {
			t.Error("what was read is not what came")
		}
		if mem.used.Load() != 0 {
			t.Errorf("%d bytes are still held", mem.used.Load())
		}
	})
}

func FuzzHeaders(f *testing.F) {
	f.Add(hello(2, helloClient))
	f.Add(hello(3, helloClient))
	f.Add(sapInit())
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := readHello(b); err == nil && len(answerHello(b)) != len(b) {
			t.Error("a greeting's answer has another length")
		}
		r, data, err := readRecord(b)
		if err != nil {
			return
		}
		if got := answerInit(r, data, r.id); len(got) != acceptSize {
			t.Errorf("an answer of %d bytes", len(got))
		}
		again, rest, err := readRecord(r.append(nil, data))
		if err != nil || again != r || !bytes.Equal(rest, data) {
			t.Errorf("%+v became %+v, %v", r, again, err)
		}
	})
}

// FuzzCall: what is understood can be written and means the same again.
func FuzzCall(f *testing.F) {
	t := &testing.T{}
	for _, p := range []Page{Latin, BigEndian, LittleEndian} {
		c := sample(t, p)
		b, err := appendCall(Logon{User: "MILLER", Program: "SAPLPHOA"}, &c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(append([]byte("before"), b...))
	}
	f.Add([]byte(signature + "\x01\x01\x00\x00\x01\x01\xff\xff\x00\x00"))
	lim := limits{fields: 5000, rows: 1000, width: 1000, total: 1 << 20}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := readMessage(b, lim)
		if err != nil || m.call == nil {
			return
		}
		rows := 0
		for _, table := range m.call.Tables {
			rows += len(table.Rows)
			for _, row := range table.Rows {
				if len(row) == 0 || len(row) > table.Width {
					t.Fatalf("a row of %d bytes in a table of %d", len(row), table.Width)
				}
			}
		}
		if rows > lim.rows {
			t.Fatalf("%d rows", rows)
		}
		again, err := appendCall(Logon{}, m.call)
		if err != nil {
			return // an uncompressed row may be shorter than the table is wide, which we do not write
		}
		m2, err := readMessage(again, lim)
		if err != nil {
			t.Fatal(err)
		}
		// The kernel is a remark for people and is cleaned.
		m.call.Kernel, m2.call.Kernel = "", ""
		if !sameCall(m.call, m2.call) {
			t.Errorf("%+v became %+v", m.call, m2.call)
		}
	})
}

// sameCall compares but for the page, which one or two letters of a name
// cannot tell.
func sameCall(a, b *Call) bool {
	x, y := *a, *b
	x.Page, y.Page = 0, 0
	return reflect.DeepEqual(x, y)
}

func FuzzReply(f *testing.F) {
	t := &testing.T{}
	c := sample(t, LittleEndian)
	b, err := appendReply(LittleEndian, &Reply{Exports: c.Imports, Tables: c.Tables})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(appendException(LittleEndian, &Exception{Name: "FU_NOT_FOUND", Text: "no"}))
	f.Add(appendLogonReply(LittleEndian, "127.0.0.1", true))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := readReply(b, LittleEndian, limits{fields: 5000, rows: 1000, width: 1000, total: 1 << 20}); err == nil && r == nil {
			t.Error("neither an answer nor an error")
		}
	})
}

func FuzzRow(f *testing.F) {
	f.Add([]byte("a\x00b\x00  12345678"), uint16(LittleEndian))
	f.Fuzz(func(t *testing.T, b []byte, page uint16) {
		p := Page(page)
		if !p.known() {
			return
		}
		row := Row{{"A", Char, 3}, {"N", Int4, 0}, {"R", Numc, 3}, {"D", Date, 0}, {"T", Time, 0}}
		got, err := row.Read(p, b)
		if err != nil {
			return
		}
		for i := range got {
			if again, err := row[i].Append(nil, p, got[i]); err == nil {
				if size, _ := row[i].size(p); len(again) != size {
					t.Errorf("%q became %d bytes", got[i], len(again))
				}
			}
		}
	})
}

// FuzzConversation sends whole conversations to a listener: whatever comes, the
// connection ends, nothing is left and other peers are served.
func FuzzConversation(f *testing.F) {
	start := appendFrame(appendFrame(nil, hello(2, helloClient)), sapInit())
	f.Add(start)
	f.Add(appendFrame(start, sapSend(callBytes(f, Call{Function: "SPS_HOLD"}))))
	f.Add(appendFrame(start, []byte(niPing)))
	l, err := New(Config{Listen: "127.0.0.1:0", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, &handler{call: echo}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		f.Fatal(err)
	}
	if err := l.Start(context.Background()); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = l.Stop(context.Background()) })
	f.Fuzz(func(t *testing.T, b []byte) {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.(*net.TCPConn).SetLinger(0) // else so many tries use up the machine's ports
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		_, _ = conn.Write(b) // it may have hung up already
		_ = conn.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, conn) // until it hangs up
		_ = conn.Close()
	})
}
