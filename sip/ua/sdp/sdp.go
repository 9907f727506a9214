package sdp

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"strowger/media/codec"
	"strowger/switch/fault"
)

// Bounds of a description from outside.
const (
	maxBytes = 16 << 10
	maxLines = 256
	maxMedia = 8
)

// DefaultEventType is the payload type we offer for telephone-event.
const DefaultEventType = 101

// Direction is what the describer does: bit 0 sends, bit 1 receives.
type Direction uint8

// The four directions of RFC 3264 section 5.1.
const (
	Inactive Direction = 0
	SendOnly Direction = 1
	RecvOnly Direction = 2
	SendRecv Direction = 3
)

var directionNames = [...]string{Inactive: "inactive", SendOnly: "sendonly", RecvOnly: "recvonly", SendRecv: "sendrecv"}

// String returns the attribute name.
func (d Direction) String() string { return directionNames[d&SendRecv] }

// Sends reports whether the describer sends.
func (d Direction) Sends() bool { return d&SendOnly != 0 }

// Receives reports whether the describer receives.
func (d Direction) Receives() bool { return d&RecvOnly != 0 }

// Reverse is the same stream seen from the other end.
func (d Direction) Reverse() Direction { return d>>1&1 | d<<1&2 }

// Description is one side's view of the audio stream.
type Description struct {
	ID, Version uint64         // o= line; Version grows with every change
	Audio       netip.AddrPort // where the describer wants audio; port 0 refuses the stream
	Codecs      []codec.Codec  // in order of preference
	EventType   uint8          // payload type of telephone-event, 0 for none
	Direction   Direction
	lines       []string // the m= lines in order, to answer each of them
	audio       int      // which of them is ours
}

// Parse reads a description. The stream used is the first RTP/AVP audio line
// with a port. Errors: fault.Invalid (not SDP, too large), fault.Unsupported
// (no audio line).
func Parse(raw []byte) (Description, error) {
	d := Description{Direction: SendRecv, audio: -1}
	if len(raw) == 0 || len(raw) > maxBytes {
		return d, fail(fault.Invalid, "empty or above 16 KiB")
	}
	lines := strings.Split(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n")
	if len(lines) > maxLines || !strings.HasPrefix(lines[0], "v=0") {
		return d, fail(fault.Invalid, "no v=0 line, or more than 256 lines")
	}
	p := parser{d: &d, level: SendRecv}
	for _, line := range lines {
		if len(line) < 2 || line[1] != '=' {
			continue
		}
		if err := p.line(line[0], line[2:]); err != nil {
			return d, err
		}
	}
	return d, p.finish()
}

// parser holds what is known while reading; media is true inside our audio line.
type parser struct {
	d       *Description
	session netip.Addr // c= before the first m=
	own     netip.Addr // c= of our line
	level   Direction  // direction given before the first m=
	port    uint16
	types   []string
	mapped  map[string]string // payload type -> encoding
}

func (p *parser) ours() bool { return p.d.audio >= 0 && p.d.audio == len(p.d.lines)-1 }

func (p *parser) line(kind byte, v string) error {
	switch kind {
	case 'o':
		f := strings.Fields(v)
		if len(f) >= 3 {
			p.d.ID, _ = strconv.ParseUint(f[1], 10, 64) // informative only: 0 when malformed
			p.d.Version, _ = strconv.ParseUint(f[2], 10, 64)
		}
	case 'c':
		return p.connection(v)
	case 'm':
		return p.mediaLine(v)
	case 'a':
		p.attribute(v)
	}
	return nil
}

func (p *parser) connection(v string) error {
	if len(p.d.lines) > 0 && !p.ours() {
		return nil
	}
	f := strings.Fields(v)
	if len(f) != 3 || f[0] != "IN" {
		return fail(fault.Invalid, "malformed c= line")
	}
	addr, err := netip.ParseAddr(f[2])
	if err != nil || addr.Zone() != "" {
		return fail(fault.Unsupported, "c= line holds no IP address")
	}
	if p.ours() {
		p.own = addr
	} else {
		p.session = addr
	}
	return nil
}

func (p *parser) mediaLine(v string) error {
	f := strings.Fields(v)
	if len(f) < 4 || len(p.d.lines) >= maxMedia {
		return fail(fault.Invalid, "malformed m= line, or more than 8 of them")
	}
	p.d.lines = append(p.d.lines, strings.Join(f, " "))
	port, err := strconv.ParseUint(f[1], 10, 16)
	if p.d.audio < 0 && err == nil && f[0] == "audio" && f[2] == "RTP/AVP" {
		p.d.audio = len(p.d.lines) - 1
		p.port, p.types, p.mapped = uint16(port), f[3:], make(map[string]string)
		p.d.Direction = p.level
	}
	return nil
}

func (p *parser) attribute(v string) {
	dir := SendRecv
	switch v {
	case "sendrecv":
	case "sendonly":
		dir = SendOnly
	case "recvonly":
		dir = RecvOnly
	case "inactive":
		dir = Inactive
	default:
		if rest, ok := strings.CutPrefix(v, "rtpmap:"); ok && p.ours() {
			if pt, enc, ok := strings.Cut(rest, " "); ok {
				p.mapped[pt] = strings.ToUpper(strings.TrimSpace(enc))
			}
		}
		return
	}
	if len(p.d.lines) == 0 {
		p.level = dir
	} else if p.ours() {
		p.d.Direction = dir
	}
}

func (p *parser) finish() error {
	if p.d.audio < 0 {
		return fail(fault.Unsupported, "no RTP/AVP audio line")
	}
	addr := p.own
	if !addr.IsValid() {
		addr = p.session
	}
	if !addr.IsValid() {
		return fail(fault.Invalid, "no c= line for the audio line")
	}
	if addr.IsUnspecified() { // the hold of RFC 2543
		p.d.Direction &^= RecvOnly
	}
	p.d.Audio = netip.AddrPortFrom(addr, p.port)
	for _, t := range p.types {
		pt, err := strconv.ParseUint(t, 10, 7)
		if err != nil {
			continue
		}
		c := codec.Codec(pt)
		switch enc := p.mapped[t]; {
		case strings.HasPrefix(enc, "TELEPHONE-EVENT/8000"):
			if p.d.EventType == 0 {
				p.d.EventType = uint8(pt)
			}
		case c.Valid() && (enc == "" || strings.HasPrefix(enc, c.String()+"/8000")) && len(p.d.Codecs) < 2:
			p.d.Codecs = append(p.d.Codecs, c)
		}
	}
	return nil
}

// Refused reports whether the describer refuses the stream.
func (d Description) Refused() bool { return d.Audio.Port() == 0 }

// Choose returns the first codec of d that is in allowed.
func (d Description) Choose(allowed []codec.Codec) (codec.Codec, bool) {
	for _, c := range d.Codecs {
		for _, a := range allowed {
			if c == a {
				return c, true
			}
		}
	}
	return 0, false
}

// Answer makes our answer to offer d: its first codec that we allow, its event
// type, and the most of want that its direction leaves (RFC 3264 section 6.1).
// local carries our ID, Version and Audio. Error: fault.Unsupported (no common
// codec, or the offer refuses the stream itself).
func (d Description) Answer(local Description, allowed []codec.Codec, want Direction) (Description, error) {
	c, ok := d.Choose(allowed)
	if !ok || d.Refused() {
		return Description{}, fail(fault.Unsupported, "no common codec")
	}
	local.Codecs, local.EventType = []codec.Codec{c}, d.EventType
	local.Direction = d.Direction.Reverse() & want
	local.lines, local.audio = d.lines, d.audio
	return local, nil
}

// Marshal writes the description. In an answer every media line of the offer
// that is not ours is refused.
func (d Description) Marshal() []byte {
	fam := "IP4"
	if d.Audio.Addr().Is6() && !d.Audio.Addr().Is4In6() {
		fam = "IP6"
	}
	addr := d.Audio.Addr().Unmap()
	b := fmt.Appendf(nil, "v=0\r\no=- %d %d IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n", d.ID, d.Version, fam, addr, fam, addr)
	if len(d.lines) == 0 {
		return d.appendAudio(b)
	}
	for i, line := range d.lines {
		if i == d.audio {
			b = d.appendAudio(b)
			continue
		}
		f := strings.Fields(line)
		b = fmt.Appendf(b, "m=%s 0 %s %s\r\n", f[0], f[2], f[3])
	}
	return b
}

func (d Description) appendAudio(b []byte) []byte {
	b = fmt.Appendf(b, "m=audio %d RTP/AVP", d.Audio.Port())
	for _, c := range d.Codecs {
		b = fmt.Appendf(b, " %d", uint8(c))
	}
	if d.EventType != 0 {
		b = fmt.Appendf(b, " %d", d.EventType)
	}
	b = append(b, "\r\n"...)
	for _, c := range d.Codecs {
		b = fmt.Appendf(b, "a=rtpmap:%d %s/8000\r\n", uint8(c), c)
	}
	if d.EventType != 0 {
		b = fmt.Appendf(b, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n", d.EventType, d.EventType)
	}
	return fmt.Appendf(b, "a=ptime:20\r\na=%s\r\n", d.Direction)
}

func fail(k fault.Kind, reason string) error { return fault.New(k, "sdp", "", reason) }
