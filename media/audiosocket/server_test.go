package audiosocket_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/media/audiosocket"
	"strowger/switch/fault"
)

const patience = 20 * time.Second

func start(t *testing.T, cfg audiosocket.Config) *audiosocket.Server {
	t.Helper()
	cfg.Listen = "127.0.0.1:0"
	s, err := audiosocket.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// ear counts what it hears and says so at its end.
type ear struct {
	frames int
	last   []int16
	ends   chan audiosocket.End
}

func (e *ear) until(frames int, limit time.Duration) audiosocket.Ear {
	e.ends = make(chan audiosocket.End, 2)
	return audiosocket.Ear{
		Limit: limit, Over: func(end audiosocket.End) { e.ends <- end },
		Hear: func(pcm []int16) bool {
			e.frames++
			e.last = append(e.last[:0], pcm...)
			return e.frames == frames
		},
	}
}

func (e *ear) end(t *testing.T) audiosocket.End {
	t.Helper()
	select {
	case end := <-e.ends:
		return end
	case <-time.After(patience):
		t.Fatal("the ear was not told its end")
		return 0
	}
}

func expect(t *testing.T, s *audiosocket.Server, e audiosocket.Ear) audiosocket.UUID {
	t.Helper()
	id, err := s.Expect(e)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func dial(t *testing.T, s *audiosocket.Server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

func message(kind byte, payload []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{kind}, uint16(len(payload)))
	return append(b, payload...)
}

func send(t *testing.T, c net.Conn, b ...[]byte) {
	t.Helper()
	if _, err := c.Write(bytes.Join(b, nil)); err != nil {
		t.Fatal(err)
	}
}

// rest reads what the server still says.
func rest(t *testing.T, c net.Conn) []byte {
	t.Helper()
	b, err := io.ReadAll(c)
	if err != nil && !strings.Contains(err.Error(), "reset") {
		t.Fatal(err)
	}
	return b
}

var pcm = message(0x10, bytes.Repeat([]byte{0x34, 0x12}, 160))

func TestHears(t *testing.T) {
	s := start(t, audiosocket.Config{})
	var e ear
	id := expect(t, s, e.until(3, patience))
	c := dial(t, s)
	send(t, c, message(1, id[:]), message(3, []byte("5")), pcm)
	// 20 ms in two messages, and a message of 40 ms less one sample that is not heard any more
	send(t, c, message(0x10, bytes.Repeat([]byte{1, 0}, 100)), message(0x10, bytes.Repeat([]byte{2, 0}, 60)), message(0x10, bytes.Repeat([]byte{0xff, 0xff}, 319)))
	if end := e.end(t); end != audiosocket.Enough || e.frames != 3 || e.last[0] != -1 || len(e.last) != 160 {
		t.Errorf("end %d after %d frames, last %v", end, e.frames, e.last)
	}
	send(t, c, pcm, pcm) // still on its way
	half, ok := c.(*net.TCPConn)
	if !ok {
		t.Fatal("no TCP")
	}
	_ = half.CloseWrite()
	if b := rest(t, c); !bytes.Equal(b, []byte{0, 0, 0}) {
		t.Errorf("the call was given back with % x", b)
	}
}

func TestWhoIsNotExpectedIsClosed(t *testing.T) {
	s := start(t, audiosocket.Config{})
	for name, b := range map[string][]byte{
		"an unknown id":        message(1, make([]byte, 16)),
		"a short id":           message(1, make([]byte, 15)),
		"sound before an id":   pcm,
		"not the protocol":     []byte("GET / HTTP/1.1\r\n\r\n"),
		"a message of 64 KiB":  message(1, make([]byte, 65535)),
		"an id and no more":    {1, 0, 16, 9},
		"nothing but an error": message(0xff, []byte{1}),
	} {
		c := dial(t, s)
		send(t, c, b)
		half, ok := c.(*net.TCPConn)
		if !ok {
			t.Fatal("no TCP")
		}
		_ = half.CloseWrite()
		if got := rest(t, c); len(got) != 0 {
			t.Errorf("%s was answered with % x", name, got)
		}
	}
	if n := s.Counts(); n.Heard != 0 || n.Unknown != 1 || n.Broken != 6 {
		t.Errorf("%+v", n)
	}
}

func TestAnIDIsGoodOnce(t *testing.T) {
	s := start(t, audiosocket.Config{})
	var e ear
	id := expect(t, s, e.until(1, patience))
	first, second := dial(t, s), dial(t, s)
	send(t, first, message(1, id[:]), pcm)
	if end := e.end(t); end != audiosocket.Enough {
		t.Errorf("end %d", end)
	}
	send(t, second, message(1, id[:]), pcm)
	if b := rest(t, second); len(b) != 0 {
		t.Errorf("the second was answered with % x", b)
	}
}

func TestEnds(t *testing.T) {
	for name, c := range map[string]struct {
		limit, idle, quiet time.Duration
		send               []byte
		close, stop        bool
		want               audiosocket.End
	}{
		"the call hangs up":                       {limit: patience, send: append(bytes.Clone(pcm), 0, 0, 0), want: audiosocket.Gone},
		"the connection is closed":                {limit: patience, send: pcm, close: true, want: audiosocket.Gone},
		"the other side has an error":             {limit: patience, send: message(0xff, []byte{2}), want: audiosocket.Broken},
		"not the protocol":                        {limit: patience, send: message(0x42, nil), want: audiosocket.Broken},
		"the limit, with sound":                   {limit: 150 * time.Millisecond, send: pcm, want: audiosocket.Late},
		"no sound for longer than may":            {limit: patience, idle: 100 * time.Millisecond, want: audiosocket.Late},
		"no sound for longer than this ear waits": {limit: patience, quiet: 100 * time.Millisecond, send: bytes.Repeat(message(3, []byte("1")), 3), want: audiosocket.Late},
		"the server stops":                        {limit: patience, send: pcm, stop: true, want: audiosocket.Closed},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, audiosocket.Config{Idle: c.idle})
			var e ear
			a := e.until(0, c.limit)
			a.Quiet = c.quiet
			id := expect(t, s, a)
			conn := dial(t, s)
			send(t, conn, message(1, id[:]), c.send)
			if c.close {
				_ = conn.Close()
			}
			if c.stop {
				s.Stop()
			}
			if end := e.end(t); end != c.want && (!c.stop || end != audiosocket.Closed) {
				t.Errorf("end %d, want %d", end, c.want)
			}
		})
	}
}

func TestNobodyComes(t *testing.T) {
	s := start(t, audiosocket.Config{})
	var e, forgotten, stopped ear
	expect(t, s, e.until(1, 20*time.Millisecond))
	s.Forget(expect(t, s, forgotten.until(1, 20*time.Millisecond)))
	expect(t, s, stopped.until(1, patience))
	if end := e.end(t); end != audiosocket.Never {
		t.Errorf("end %d", end)
	}
	s.Stop()
	s.Stop()
	if end := stopped.end(t); end != audiosocket.Closed {
		t.Errorf("end %d", end)
	}
	if len(forgotten.ends) != 0 {
		t.Error("an ear that was forgotten was told an end")
	}
	if _, err := s.Expect(e.until(1, time.Second)); !fault.Is(err, fault.Stopped) {
		t.Errorf("after Stop: %v", err)
	}
}

func TestRefuses(t *testing.T) {
	for _, cfg := range []audiosocket.Config{{Listen: "nowhere"}, {Listen: "127.0.0.1:0", MaxConns: -1}, {Listen: "127.0.0.1:0", MaxConns: 1 << 20}, {Listen: "127.0.0.1:0", Idle: -1}} {
		if _, err := audiosocket.New(cfg); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	s := start(t, audiosocket.Config{MaxConns: 1})
	var e ear
	for _, bad := range []audiosocket.Ear{{}, e.until(1, 0), e.until(1, time.Hour)} {
		if _, err := s.Expect(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v", err)
		}
	}
	id := expect(t, s, e.until(1, patience))
	if _, err := s.Expect(e.until(1, patience)); !fault.Is(err, fault.Busy) {
		t.Errorf("one too many is expected: %v", err)
	}
	first := dial(t, s)
	send(t, first, []byte{1})
	second := dial(t, s)
	if b := rest(t, second); len(b) != 0 {
		t.Errorf("one connection too many: % x", b)
	}
	send(t, first, message(1, id[:])[1:], pcm)
	if end := e.end(t); end != audiosocket.Enough {
		t.Errorf("the first: end %d", end)
	}
}

func TestManyAtOnce(t *testing.T) {
	const calls = audiosocket.DefaultConns
	s := start(t, audiosocket.Config{})
	var wg sync.WaitGroup
	ears := make([]ear, calls)
	for i := range ears {
		id := expect(t, s, ears[i].until(20, patience))
		c := dial(t, s)
		wg.Go(func() {
			_, _ = c.Write(message(1, id[:]))
			for range 20 {
				_, _ = c.Write(pcm)
			}
		})
	}
	wg.Wait()
	for i := range ears {
		if end := ears[i].end(t); end != audiosocket.Enough || ears[i].frames != 20 {
			t.Fatalf("call %d: end %d after %d frames", i, end, ears[i].frames)
		}
	}
	if n := s.Counts(); n.Heard != calls || n.Frames != 20*calls || n.Waiting != 0 {
		t.Errorf("%+v", n)
	}
}

func TestUUIDText(t *testing.T) {
	raw, _ := hex.DecodeString("40325ec25efd4bd3805f53576e581d13")
	if got := audiosocket.UUID(raw).String(); got != "40325ec2-5efd-4bd3-805f-53576e581d13" {
		t.Error(got)
	}
}

// FuzzConn sends anything: the server goes on, and who is heard is told one end.
func FuzzConn(f *testing.F) {
	f.Add([]byte{}, true)
	f.Add(append(bytes.Clone(pcm), 0, 0, 0), true)
	f.Add(message(0x10, []byte{1, 2, 3}), true)
	f.Add(message(1, make([]byte, 16)), false)
	s, err := audiosocket.New(audiosocket.Config{Listen: "127.0.0.1:0"})
	if err != nil {
		f.Fatal(err)
	}
	if err := s.Start(f.Context()); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.Stop)
	f.Fuzz(func(t *testing.T, b []byte, named bool) {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		var e ear
		if named {
			id := expect(t, s, e.until(5, patience))
			send(t, c, message(1, id[:]))
		}
		_, _ = c.Write(b)
		_ = c.Close()
		if named && e.end(t) == 0 {
			t.Error("no end")
		}
	})
}
