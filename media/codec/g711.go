package codec

import "math/bits"

// SampleRate is the only rate Strowger uses, in samples per second.
const SampleRate = 8000

// FrameSamples is one 20 ms frame at [SampleRate], the packet time of G.711 in
// practice (RFC 3551 section 4.2 allows others; nobody sends them by default).
const FrameSamples = SampleRate / 50

// Codec is a G.711 variant. Its number is the static RTP payload type of
// RFC 3551 table 4, so no mapping table is needed.
type Codec uint8

const (
	// PCMU is G.711 mu-law, payload type 0.
	PCMU Codec = 0
	// PCMA is G.711 A-law, payload type 8.
	PCMA Codec = 8
)

// String returns the encoding name used in SDP (RFC 3551 section 6).
func (c Codec) String() string {
	switch c {
	case PCMU:
		return "PCMU"
	case PCMA:
		return "PCMA"
	default:
		return "unknown"
	}
}

// Valid reports whether c is a codec this package can encode and decode.
func (c Codec) Valid() bool { return c == PCMU || c == PCMA }

// Encode writes one byte per sample of pcm to dst and returns how many; it
// stops at the shorter of the two. An invalid codec encodes nothing.
func (c Codec) Encode(dst []byte, pcm []int16) int {
	n := min(len(dst), len(pcm))
	switch c {
	case PCMU:
		for i, s := range pcm[:n] {
			dst[i] = EncodeMuLaw(s)
		}
	case PCMA:
		for i, s := range pcm[:n] {
			dst[i] = EncodeALaw(s)
		}
	default:
		return 0
	}
	return n
}

// Decode writes one sample per byte of payload to dst and returns how many; it
// stops at the shorter of the two. An invalid codec decodes nothing.
func (c Codec) Decode(dst []int16, payload []byte) int {
	table := &muLawTable
	switch c {
	case PCMU:
	case PCMA:
		table = &aLawTable
	default:
		return 0
	}
	n := min(len(dst), len(payload))
	for i, b := range payload[:n] {
		dst[i] = table[b]
	}
	return n
}

// The mu-law curve of ITU-T G.711 is linear segments of doubling step. Adding
// the bias makes every segment start at a power of two, so the segment number
// is the position of the highest bit.
const (
	muLawBias = 0x84
	muLawClip = 32635
)

// EncodeMuLaw compresses one sample (ITU-T G.711 table 2, inverted on the line).
func EncodeMuLaw(s int16) byte {
	v, sign := int(s), byte(0)
	if v < 0 {
		v, sign = -v, 0x80
	}
	v = min(v, muLawClip) + muLawBias
	seg := bits.Len(uint(v)) - 8
	mantissa := byte(v>>(seg+3)) & 0x0F
	return ^(sign | byte(seg)<<4 | mantissa)
}

// DecodeMuLaw expands one byte to a sample.
func DecodeMuLaw(b byte) int16 { return muLawTable[b] }

// EncodeALaw compresses one sample (ITU-T G.711 table 1, even bits inverted).
func EncodeALaw(s int16) byte {
	v, mask := int(s), byte(0xD5)
	if v < 0 {
		v, mask = -v-1, 0x55
	}
	seg := max(bits.Len(uint(v))-8, 0)
	shift := max(seg+3, 4)
	return (byte(seg)<<4 | byte(v>>shift)&0x0F) ^ mask
}

// DecodeALaw expands one byte to a sample.
func DecodeALaw(b byte) int16 { return aLawTable[b] }

// The decode tables are computed once and never written again.
var (
	muLawTable = buildTable(expandMuLaw)
	aLawTable  = buildTable(expandALaw)
)

func buildTable(expand func(byte) int16) (t [256]int16) {
	for i := range t {
		t[i] = expand(byte(i))
	}
	return t
}

func expandMuLaw(b byte) int16 {
	b = ^b
	v := (int(b&0x0F)<<3 + muLawBias) << (b >> 4 & 7)
	v -= muLawBias
	if b&0x80 != 0 {
		v = -v
	}
	return int16(v) // at most 32124
}

func expandALaw(b byte) int16 {
	b ^= 0x55
	v := int(b&0x0F)<<4 + 8
	if seg := b >> 4 & 7; seg > 0 {
		v = (v + 0x100) << (seg - 1)
	}
	if b&0x80 == 0 {
		v = -v
	}
	return int16(v) // at most 32256
}
