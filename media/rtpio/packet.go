package rtpio

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/pion/rtp"

	"strowger/switch/fault"
)

// Bounds of an incoming packet. 1500 is an Ethernet frame; 1024 bytes of G.711
// are 128 ms, more than any phone packs.
const (
	maxPacket  = 1500
	maxPayload = 1024
)

// parsePacket decodes one datagram into p, whose payload then points into raw.
// Errors are fault.Invalid; it never panics, whatever the bytes.
func parsePacket(raw []byte, p *rtp.Packet) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = badPacket(fmt.Sprintf("decoder failed: %v", r), nil)
		}
	}()
	if len(raw) < 12 || len(raw) > maxPacket {
		return badPacket("length outside 12 to 1500 bytes", nil)
	}
	*p = rtp.Packet{}
	if err := p.Unmarshal(raw); err != nil {
		return badPacket("not an RTP packet", err)
	}
	if p.Version != 2 {
		return badPacket("RTP version is not 2", nil)
	}
	if len(p.Payload) > maxPayload {
		return badPacket("payload above 1024 bytes", nil)
	}
	return nil
}

func badPacket(reason string, err error) error {
	return &fault.Error{Kind: fault.Invalid, Op: "rtpio: parse", Reason: reason, Err: err}
}

// Digits are the telephone events of RFC 4733 section 3.2 in the order of
// their codes: DTMF 0 to 9, star, hash and A to D.
const Digits = "0123456789*#ABCD"

// MaxDigits bounds one SendDigits and the queue behind it.
const MaxDigits = 64

// How a digit is sent: 5 packets (100 ms), the last state repeated 3 times as
// RFC 4733 section 2.5.1.4 asks, then a pause of 3 frames.
const (
	eventFrames = 5
	eventRepeat = 3
	eventPause  = 3
	eventVolume = 10
	eventLen    = 4
)

// Digit is one telephone event that arrived.
type Digit struct {
	Rune     rune          // one of Digits
	At       time.Time     // when its first packet came
	Duration time.Duration // as the sender measured it
}

// event is the RFC 4733 payload:
//
//	 0                   1                   2                   3
//	+---------------+-+-+-----------+-------------------------------+
//	|     event     |E|R|  volume   |    duration (samples)         |
//	+---------------+-+-+-----------+-------------------------------+
type event struct {
	code     uint8
	end      bool
	volume   uint8
	duration uint16
}

func (e event) appendTo(b []byte) []byte {
	flags := e.volume & 0x3F
	if e.end {
		flags |= 0x80
	}
	return binary.BigEndian.AppendUint16(append(b, e.code, flags), e.duration)
}

func parseEvent(b []byte) (event, error) {
	if len(b) < eventLen {
		return event{}, badPacket("telephone event shorter than 4 bytes", nil)
	}
	e := event{code: b[0], end: b[1]&0x80 != 0, volume: b[1] & 0x3F, duration: binary.BigEndian.Uint16(b[2:])}
	if int(e.code) >= len(Digits) {
		return event{}, badPacket("telephone event is not a DTMF digit", nil)
	}
	return e, nil
}

// digitCodes checks and translates digits.
func digitCodes(digits string) ([]uint8, error) {
	if len(digits) == 0 || len(digits) > MaxDigits {
		return nil, fault.Newf(fault.Invalid, "rtpio: send digits", "", "1 to %d digits at once", MaxDigits)
	}
	codes := make([]uint8, len(digits))
	for i := range len(digits) {
		n := strings.IndexByte(Digits, digits[i])
		if n < 0 {
			return nil, fault.Newf(fault.Invalid, "rtpio: send digits", "", "%q is none of %s", digits[i], Digits)
		}
		codes[i] = uint8(n)
	}
	return codes, nil
}
