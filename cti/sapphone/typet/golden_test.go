package typet

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/conversation.txt afresh; then let TestTshark see it")

// TestGolden: the bytes that other programs have judged (doc.go) are still the
// bytes that we send.
func TestGolden(t *testing.T) {
	t.Parallel()
	const file = "testdata/conversation.txt"
	got := converse(t).text()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	for i, line := range strings.Split(string(want), "\n") {
		if lines := strings.Split(got, "\n"); i >= len(lines) || lines[i] != line {
			t.Fatalf("line %d of %s differs:\n%s\nwas\n%s", i+1, file, lines[min(i, len(lines)-1)], line)
		}
	}
	t.Errorf("there is more than %s has", file)
}

// converse records a conversation of type T and one of a stand-alone client,
// with everything that a listener says.
func converse(t *testing.T) *tape {
	t.Helper()
	l := listen(t, Config{}, &handler{call: func(ctx context.Context, c *Call) (*Reply, error) {
		switch c.Function {
		case "SPS_FOO":
			return nil, &Exception{Name: "FU_NOT_FOUND", Text: "Function SPS_FOO not available"}
		case "SPS_HOLD":
			return nil, &Exception{Name: "SYSTEM_FAILURE", Text: "internal error", System: true}
		}
		return echo(ctx, c)
	}})
	tp := relay(t, l)
	c, err := Dial(t.Context(), tp.addr, ClientConfig{Logon: Logon{User: "MILLER", Client: "001", Language: "E", Program: "SAPLPHOA"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, in := range []Call{sample(t, LittleEndian), {Function: "RFC_PING"}} {
		if _, err := call(t, c, in); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{"SPS_FOO", "SPS_HOLD"} {
		if _, err := call(t, c, Call{Function: f}); err == nil {
			t.Fatal(f, "was answered")
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	d := dialAddr(t, tp.addr).direct()
	d.ask(callBytes(t, sample(t, LittleEndian)))
	_ = d.raw.conn.Close()
	tp.work.Wait()
	return tp
}

// tape is a relay before the listener that keeps what passes.
type tape struct {
	addr string
	work sync.WaitGroup
	mu   sync.Mutex
	all  []piece
	next int
}

type piece struct {
	conn   int
	client bool
	frame  []byte // with its length
}

func relay(t *testing.T, l *Listener) *tape {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tp := &tape{addr: ln.Addr().String()}
	tp.work.Go(func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				_ = in.Close()
				return
			}
			tp.mu.Lock()
			conn := tp.next
			tp.next++
			tp.mu.Unlock()
			tp.work.Go(func() { tp.pass(conn, true, in, out) })
			tp.work.Go(func() { tp.pass(conn, false, out, in) })
			if conn == 1 {
				_ = ln.Close()
			}
		}
	})
	t.Cleanup(func() { _ = ln.Close() })
	return tp
}

// pass passes whole frames on, so that each becomes a packet.
func (tp *tape) pass(conn int, client bool, from, to net.Conn) {
	for {
		var head [4]byte
		if _, err := io.ReadFull(from, head[:]); err != nil {
			break
		}
		frame := append(head[:], make([]byte, binary.BigEndian.Uint32(head[:]))...)
		if _, err := io.ReadFull(from, frame[4:]); err != nil {
			break
		}
		tp.mu.Lock()
		tp.all = append(tp.all, piece{conn, client, frame})
		tp.mu.Unlock()
		if _, err := to.Write(frame); err != nil {
			break
		}
	}
	_ = from.Close()
	_ = to.Close()
}

// text writes the tape, one connection after the other: connection, direction,
// the frame.
func (tp *tape) text() string {
	var b strings.Builder
	for conn := range tp.next {
		for _, p := range tp.all {
			if p.conn == conn {
				fmt.Fprintf(&b, "%d %s %s\n", p.conn, map[bool]string{true: ">", false: "<"}[p.client], hex.EncodeToString(p.frame))
			}
		}
	}
	return b.String()
}
