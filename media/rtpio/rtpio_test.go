package rtpio

import (
	"bytes"
	"context"
	"net/netip"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"strowger/media/codec"
	"strowger/media/tone"
	"strowger/switch/fault"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// ear tells when hz was heard in n consecutive blocks.
type ear struct {
	d     *tone.Detector
	run   int
	need  int
	heard chan struct{}
}

func newEar(t *testing.T, hz float64) *ear {
	t.Helper()
	d, err := tone.NewDetector(hz)
	if err != nil {
		t.Fatal(err)
	}
	return &ear{d: d, need: 10, heard: make(chan struct{})}
}

func (e *ear) WriteFrame(_ time.Time, pcm []int16) {
	e.d.Feed(pcm, func(b tone.Block) {
		if !b.Present {
			e.run = 0
			return
		}
		if e.run++; e.run == e.need {
			close(e.heard)
			e.need = -1
		}
	})
}

func open(t *testing.T, p *Pacer, sink Sink, digits chan Digit) *Session {
	t.Helper()
	s, err := Open(Config{IP: loopback, Pacer: p, Sink: sink, OnDigit: func(d Digit) { digits <- d }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if s.LocalAddr().Port()%2 != 0 {
		t.Fatalf("odd port %v", s.LocalAddr())
	}
	return s
}

func configure(t *testing.T, s *Session, p Params) {
	t.Helper()
	if err := s.Configure(p); err != nil {
		t.Fatal(err)
	}
}

func gen(t *testing.T, hz float64) *tone.Generator {
	t.Helper()
	g, err := tone.NewGenerator(hz, tone.DefaultLevel)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func within[T any](t *testing.T, what string, ch <-chan T) (v T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	select {
	case v = <-ch:
	case <-ctx.Done():
		t.Fatalf("%s: not within 5 s", what)
	}
	return v
}

func TestTonesAndDigitsBothWays(t *testing.T) {
	p := NewPacer()
	defer p.Stop()
	earA, earB := newEar(t, 800), newEar(t, 400)
	digitsA, digitsB := make(chan Digit, 32), make(chan Digit, 32)
	a, b := open(t, p, earA, digitsA), open(t, p, earB, digitsB)
	a.SetSource(gen(t, 400))
	b.SetSource(gen(t, 800))
	if err := a.SendDigits("1"); !fault.Is(err, fault.Unsupported) {
		t.Errorf("digits before negotiation: %v", err)
	}
	configure(t, a, Params{Remote: b.LocalAddr(), Codec: codec.PCMU, EventType: 101, Send: true})
	configure(t, b, Params{Remote: a.LocalAddr(), Codec: codec.PCMA, EventType: 101, Send: true})
	within(t, "tone at a", earA.heard)
	within(t, "tone at b", earB.heard)

	const want = "1557*#D"
	if err := a.SendDigits(want); err != nil {
		t.Fatal(err)
	}
	got := ""
	for range want {
		d := within(t, "digit", digitsB)
		if d.Duration != 100*time.Millisecond {
			t.Errorf("digit %c lasted %v", d.Rune, d.Duration)
		}
		got += string(d.Rune)
	}
	if got != want || len(digitsB) != 0 || len(digitsA) != 0 {
		t.Errorf("digits %q, want %q; %d and %d left over", got, want, len(digitsB), len(digitsA))
	}
	st := b.Stats()
	if st.Received == 0 || st.Sent == 0 || st.Bad != 0 || st.LastReceived.IsZero() {
		t.Errorf("stats %+v", st)
	}
	for _, bad := range []string{"", "1x", string(bytes.Repeat([]byte("1"), MaxDigits+1))} {
		if err := a.SendDigits(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("digits %q: %v", bad, err)
		}
	}
	if err := a.SendDigits(string(bytes.Repeat([]byte("1"), MaxDigits))); err != nil {
		t.Fatal(err)
	}
	if err := a.SendDigits("1"); !fault.Is(err, fault.Busy) {
		t.Errorf("full digit queue: %v", err)
	}
}

// The receiver is fed datagrams directly: losses, repetitions, strangers and garbage are told apart.
func TestReceiverCounts(t *testing.T) {
	t.Parallel()
	peer := netip.MustParseAddrPort("192.0.2.1:4000")
	s := &Session{}
	s.cfg.OnDigit = func(Digit) {}
	configure(t, s, Params{Remote: peer, Codec: codec.PCMU, EventType: 101})
	r := &receiver{s: s}
	send := func(from netip.AddrPort, kind uint8, seq uint16, ssrc uint32) {
		raw, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: kind, SequenceNumber: seq, SSRC: ssrc}, Payload: make([]byte, 160)}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		r.datagram(time.Now(), from, raw)
	}
	for _, seq := range []uint16{65534, 65535, 0, 3, 2, 3, 4} { // 1 and 2 lost, 2 late, 3 twice
		send(peer, 0, seq, 7)
	}
	send(netip.MustParseAddrPort("192.0.2.1:4002"), 0, 5, 7)
	send(peer, 33, 5, 7)
	r.datagram(time.Now(), peer, []byte("garbage"))
	send(peer, 8, 40000, 7) // jump
	send(peer, 8, 40001, 9) // new SSRC
	want := Stats{Received: 7, Lost: 2, Late: 2, Foreign: 1, Bad: 2, Restarts: 2}
	got := s.Stats()
	got.LastReceived = time.Time{}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

type countTicks struct{ n atomic.Int64 }

func (c *countTicks) tick(n int) { c.n.Add(int64(n)) }

func TestPacerKeepsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer()
		c := &countTicks{}
		if err := p.add(c); err != nil {
			t.Fatal(err)
		}
		<-time.After(10*time.Second + FrameTime/2)
		if n := c.n.Load(); n != 500 {
			t.Errorf("%d frames in 10 s, want 500", n)
		}
		p.remove(c)
		<-time.After(time.Second)
		if n := c.n.Load(); n != 500 {
			t.Errorf("ticked after remove: %d", n)
		}
		p.Stop()
		p.Stop()
	})
}

func TestPacerLimit(t *testing.T) {
	t.Parallel()
	p := NewPacer()
	defer p.Stop()
	for range MaxSessions {
		p.sessions[&countTicks{}] = struct{}{}
	}
	if _, err := Open(Config{IP: loopback, Pacer: p}); !fault.Is(err, fault.Busy) {
		t.Errorf("pacer over its limit: %v", err)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	p := NewPacer()
	for range 20 {
		s, err := Open(Config{IP: loopback, Pacer: p})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		s.Close()
	}
	if st := p.Stats(); st.Sessions != 0 {
		t.Errorf("%d sessions left in the pacer", st.Sessions)
	}
	p.Stop()
	tick, limit := time.NewTicker(time.Millisecond), time.NewTimer(5*time.Second)
	defer tick.Stop()
	defer limit.Stop()
	for runtime.NumGoroutine() > before { // a goroutine that has said it is done still needs a moment to go
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}

func TestBadConfig(t *testing.T) {
	t.Parallel()
	if _, err := Open(Config{IP: loopback}); !fault.Is(err, fault.Invalid) {
		t.Errorf("no pacer: %v", err)
	}
	s := &Session{}
	for _, p := range []Params{{}, {Codec: 3, Remote: netip.MustParseAddrPort("127.0.0.1:4")}, {EventType: 128, Remote: netip.MustParseAddrPort("127.0.0.1:4")}} {
		if err := s.Configure(p); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func FuzzPacket(f *testing.F) {
	good, err := (&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: 1}, Payload: []byte{1, 2, 3, 4}}).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(append([]byte{0xBF, 0x80 | 101}, bytes.Repeat([]byte{0xFF}, 40)...))
	f.Add([]byte{0x90, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xBE, 0xDE, 0xFF, 0xFF})
	peer := netip.MustParseAddrPort("192.0.2.1:4000")
	f.Fuzz(func(_ *testing.T, raw []byte) {
		s := &Session{}
		s.cfg.OnDigit = func(Digit) {}
		s.params.Store(&Params{Remote: peer, EventType: 101})
		r := &receiver{s: s}
		for range 2 {
			r.datagram(time.Time{}, peer, raw)
		}
	})
}

func FuzzEvent(f *testing.F) {
	f.Add([]byte{11, 0x8A, 3, 32})
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := parseEvent(raw)
		if err != nil {
			return
		}
		again, err := parseEvent(e.appendTo(nil))
		if err != nil || again != e {
			t.Fatalf("%+v came back as %+v, %v", e, again, err)
		}
	})
}
