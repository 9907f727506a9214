package rtpio

import (
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"strowger/media/codec"
)

// Stats are a session's counters since it was opened.
type Stats struct {
	Sent, SendErrors uint64
	Received         uint64 // good packets of the negotiated peer
	Lost             uint64 // sequence numbers that never came (RFC 3550 A.3, without late ones)
	Late             uint64 // duplicates and packets overtaken by others, dropped
	Bad              uint64 // not RTP, or of a payload type that was not negotiated
	Foreign          uint64 // from somebody else, or before negotiation; dropped
	Restarts         uint64 // the peer changed its SSRC or jumped in sequence
	LastReceived     time.Time
}

type counters struct {
	sent, sendErrors, received, lost, late, bad, foreign, restarts atomic.Uint64
	lastReceived                                                   atomic.Pointer[time.Time]
}

// Stats returns the counters now.
func (s *Session) Stats() Stats {
	c := &s.count
	st := Stats{
		Sent: c.sent.Load(), SendErrors: c.sendErrors.Load(), Received: c.received.Load(), Lost: c.lost.Load(),
		Late: c.late.Load(), Bad: c.bad.Load(), Foreign: c.foreign.Load(), Restarts: c.restarts.Load(),
	}
	if t := c.lastReceived.Load(); t != nil {
		st.LastReceived = *t
	}
	return st
}

// receiver is the state of the incoming stream; it belongs to one goroutine.
type receiver struct {
	s       *Session
	pkt     rtp.Packet
	pcm     [maxPayload]int16
	started bool
	ssrc    uint32
	next    uint16 // expected sequence number
	// The digit in progress. RFC 4733 repeats an event with one timestamp, so
	// the timestamp tells repetitions from a new press of the same key.
	digit      Digit
	digitStamp uint32
	digitOpen  bool
	digitSeen  bool
}

// maxReadErrors ends a receiver whose socket only fails, instead of spinning.
const maxReadErrors = 100

// receive reads until the socket is closed. A single failed read (an ICMP
// error after the peer hung up) is counted and reading goes on.
func (s *Session) receive() {
	defer close(s.done)
	r := &receiver{s: s}
	var buf [maxPacket + 1]byte
	for failed := 0; failed < maxReadErrors; {
		n, from, err := s.conn.ReadFromUDPAddrPort(buf[:])
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			failed++
			s.count.bad.Add(1)
			continue
		}
		failed = 0
		r.datagram(time.Now(), from, buf[:n])
	}
}

func (r *receiver) datagram(now time.Time, from netip.AddrPort, raw []byte) {
	c, p := &r.s.count, r.s.params.Load()
	if p == nil || netip.AddrPortFrom(from.Addr().Unmap(), from.Port()) != p.Remote {
		c.foreign.Add(1)
		return
	}
	if err := parsePacket(raw, &r.pkt); err != nil {
		c.bad.Add(1)
		return
	}
	isEvent := p.EventType != 0 && r.pkt.PayloadType == p.EventType
	isAudio := codec.Codec(r.pkt.PayloadType).Valid()
	if !isEvent && !isAudio {
		c.bad.Add(1)
		return
	}
	if !r.inOrder() {
		c.late.Add(1)
		return
	}
	c.received.Add(1)
	c.lastReceived.Store(&now)
	switch {
	case isEvent:
		r.event(now)
	case r.s.cfg.Sink != nil:
		n := codec.Codec(r.pkt.PayloadType).Decode(r.pcm[:], r.pkt.Payload)
		r.s.cfg.Sink.WriteFrame(now, r.pcm[:n])
	}
}

// inOrder updates the loss counters and reports whether the packet is newer
// than all before it. A new SSRC or a jump of more than 3000 (RFC 3550
// MAX_DROPOUT) starts a new stream.
func (r *receiver) inOrder() bool {
	const maxDropout, maxMisorder = 3000, 100
	seq := r.pkt.SequenceNumber
	gap := seq - r.next // modulo 2^16
	switch {
	case !r.started, r.pkt.SSRC != r.ssrc, gap >= maxDropout && -gap > maxMisorder:
		if r.started {
			r.s.count.restarts.Add(1)
		}
		r.started, r.ssrc = true, r.pkt.SSRC
	case gap >= maxDropout:
		return false
	default:
		r.s.count.lost.Add(uint64(gap))
	}
	r.next = seq + 1
	return true
}

func (r *receiver) event(now time.Time) {
	e, err := parseEvent(r.pkt.Payload)
	if err != nil {
		r.s.count.bad.Add(1)
		return
	}
	if !r.digitSeen || r.pkt.Timestamp != r.digitStamp {
		r.finishDigit() // the end packets of the digit before were all lost
		r.digitSeen, r.digitOpen, r.digitStamp = true, true, r.pkt.Timestamp
		r.digit = Digit{Rune: rune(Digits[e.code]), At: now}
	}
	r.digit.Duration = time.Duration(e.duration) * time.Second / codec.SampleRate
	if e.end {
		r.finishDigit()
	}
}

func (r *receiver) finishDigit() {
	if !r.digitOpen {
		return
	}
	r.digitOpen = false
	if r.s.cfg.OnDigit != nil {
		r.s.cfg.OnDigit(r.digit)
	}
}
