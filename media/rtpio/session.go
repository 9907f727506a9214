package rtpio

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"strowger/media/codec"
	"strowger/switch/fault"
)

// Source gives audio to send. ReadFrame fills pcm (20 ms) and returns true, or
// returns false to send nothing this time. It is called on the pacer's
// goroutine and must not block.
type Source interface {
	ReadFrame(pcm []int16) bool
}

// Sink takes audio that arrived. It is called on the session's receiver, must
// not block and must not keep pcm.
type Sink interface {
	WriteFrame(at time.Time, pcm []int16)
}

// Config says how to open a session.
type Config struct {
	IP      netip.Addr  // local address to bind; the port comes from the system
	Pacer   *Pacer      // drives the sending side; required
	Sink    Sink        // may be nil
	OnDigit func(Digit) // may be nil; same rules as Sink
}

// Params are what SDP negotiation decided; see [Session.Configure].
type Params struct {
	Remote    netip.AddrPort // where to send, and the only source listened to
	Codec     codec.Codec
	EventType uint8 // payload type of telephone-event, 0 when not negotiated
	Send      bool  // false while the direction forbids sending
}

// Session is one RTP stream in each direction on one socket. It is safe for
// concurrent use.
type Session struct {
	cfg    Config
	conn   *net.UDPConn
	local  netip.AddrPort
	params atomic.Pointer[Params]
	count  counters

	mu      sync.Mutex // guards the sender's state below
	source  Source
	insert  Source // instead of source until it ends
	ssrc    uint32
	seq     uint16
	stamp   uint32
	fresh   bool // next packet starts a talk spurt
	digits  []uint8
	step    int    // frames of the current digit sent
	pause   int    // frames to go until the next digit
	started uint32 // timestamp of the current digit
	pcm     [codec.FrameSamples]int16
	payload [codec.FrameSamples]byte
	wire    [maxPacket]byte

	once sync.Once
	done chan struct{}
}

// Open binds an even port, as RFC 3550 section 11 wants, starts the receiver
// and joins the pacer. Errors: fault.Invalid, fault.Busy (pacer full),
// fault.Unavailable (no port).
func Open(cfg Config) (*Session, error) {
	if !cfg.IP.IsValid() || cfg.Pacer == nil {
		return nil, fault.New(fault.Invalid, "rtpio: open", "", "a local IP address and a pacer are required")
	}
	conn, err := bindEven(cfg.IP)
	if err != nil {
		return nil, err
	}
	local := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	s := &Session{
		cfg: cfg, conn: conn, local: netip.AddrPortFrom(local.Addr().Unmap(), local.Port()),
		ssrc: rand.Uint32(), seq: uint16(rand.Uint32()), stamp: rand.Uint32(), fresh: true, done: make(chan struct{}),
	}
	if err := cfg.Pacer.add(s); err != nil {
		_ = conn.Close() // the pacer's refusal is the error that matters
		return nil, err
	}
	go s.receive()
	return s, nil
}

// bindEven retries until the system hands out an even port, so that the
// peer's RTCP (port + 1) can never reach another session's audio port.
func bindEven(ip netip.Addr) (*net.UDPConn, error) {
	var odd []*net.UDPConn
	defer func() {
		for _, c := range odd {
			_ = c.Close() // only held to make the system choose another port
		}
	}()
	for range 64 {
		c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip, 0)))
		if err != nil {
			return nil, &fault.Error{Kind: fault.Unavailable, Op: "rtpio: open", Subject: ip.String(), Reason: "no UDP port can be bound", Err: err}
		}
		if c.LocalAddr().(*net.UDPAddr).Port%2 == 0 {
			return c, nil
		}
		odd = append(odd, c)
	}
	return nil, fault.New(fault.Unavailable, "rtpio: open", ip.String(), "no even UDP port in 64 tries")
}

// LocalAddr is the address to announce in SDP.
func (s *Session) LocalAddr() netip.AddrPort { return s.local }

// Configure starts or changes the stream. It may be called at any time; until
// the first call nothing is sent and every packet is refused as foreign.
func (s *Session) Configure(p Params) error {
	if !p.Codec.Valid() || !p.Remote.IsValid() || p.EventType > 127 {
		return fault.New(fault.Invalid, "rtpio: configure", s.local.String(), "remote address, codec or payload type is out of range")
	}
	p.Remote = netip.AddrPortFrom(p.Remote.Addr().Unmap(), p.Remote.Port())
	s.params.Store(&p)
	return nil
}

// Params returns what is configured now, and whether anything is.
func (s *Session) Params() (Params, bool) {
	p := s.params.Load()
	if p == nil {
		return Params{}, false
	}
	return *p, true
}

// SetSource replaces the audio to send; nil sends silence.
func (s *Session) SetSource(src Source) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.source = src
}

// Source returns the audio that is sent now, nil for silence, without what was inserted.
func (s *Session) Source() Source {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source
}

// Insert sends src instead of the source until its ReadFrame returns false.
// Error: fault.Busy while another one is inserted.
func (s *Session) Insert(src Source) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.insert != nil {
		return fault.New(fault.Busy, "rtpio: insert", s.local.String(), "something else is inserted and has not ended")
	}
	s.insert = src
	return nil
}

// SendDigits queues telephone events; each takes about 220 ms. Errors:
// fault.Invalid (not a digit), fault.Unsupported (the peer did not accept
// telephone-event), fault.Busy (more than [MaxDigits] are waiting).
func (s *Session) SendDigits(digits string) error {
	codes, err := digitCodes(digits)
	if err != nil {
		return err
	}
	if p := s.params.Load(); p == nil || p.EventType == 0 {
		return fault.New(fault.Unsupported, "rtpio: send digits", s.local.String(), "the peer did not accept telephone-event")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.digits)+len(codes) > MaxDigits {
		return fault.Newf(fault.Busy, "rtpio: send digits", s.local.String(), "more than %d digits are waiting", MaxDigits)
	}
	s.digits = append(s.digits, codes...)
	return nil
}

// Close leaves the pacer, closes the socket and waits for the receiver. It
// must not be called from a Sink. It may be called twice.
func (s *Session) Close() {
	s.once.Do(func() {
		s.cfg.Pacer.remove(s)
		_ = s.conn.Close() // a UDP close has nothing to report
	})
	<-s.done
}

// tick sends n frames; the pacer calls it.
func (s *Session) tick(n int) {
	p := s.params.Load()
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		s.stamp += codec.FrameSamples
		if p == nil || !p.Send {
			s.fresh = true
			continue
		}
		if len(s.digits) > 0 && s.sendEvent(p) {
			continue
		}
		s.sendAudio(p)
	}
}

func (s *Session) sendAudio(p *Params) {
	if s.insert == nil || !s.insert.ReadFrame(s.pcm[:]) {
		s.insert = nil
		if s.source == nil {
			clear(s.pcm[:])
		} else if !s.source.ReadFrame(s.pcm[:]) {
			s.fresh = true
			return
		}
	}
	n := p.Codec.Encode(s.payload[:], s.pcm[:])
	s.send(p, uint8(p.Codec), s.stamp, s.fresh, s.payload[:n])
	s.fresh = false
}

// sendEvent sends the next step of the first waiting digit and reports
// whether this frame is taken; during the pause after a digit it is not.
func (s *Session) sendEvent(p *Params) bool {
	if s.pause > 0 {
		s.pause--
		return false
	}
	if s.step == 0 {
		s.started = s.stamp
	}
	first := s.step == 0
	s.step++
	e := event{code: s.digits[0], end: s.step == eventFrames, volume: eventVolume, duration: uint16(s.step * codec.FrameSamples)}
	repeat := 1
	if e.end {
		repeat = eventRepeat
		s.digits, s.step, s.pause = s.digits[1:], 0, eventPause
	}
	for range repeat {
		s.send(p, p.EventType, s.started, first, e.appendTo(s.payload[:0]))
	}
	return true
}

func (s *Session) send(p *Params, kind uint8, stamp uint32, marker bool, payload []byte) {
	s.seq++
	pkt := rtp.Packet{
		Header:  rtp.Header{Version: 2, Marker: marker, PayloadType: kind, SequenceNumber: s.seq, Timestamp: stamp, SSRC: s.ssrc},
		Payload: payload,
	}
	n, err := pkt.MarshalTo(s.wire[:])
	if err == nil {
		_, err = s.conn.WriteToUDPAddrPort(s.wire[:n], p.Remote)
	}
	if err != nil {
		s.count.sendErrors.Add(1)
		return
	}
	s.count.sent.Add(1)
}
