package callmodel

import (
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"strconv"
	"strings"

	"strowger/switch/fault"
)

// ID is a 128-bit identifier in ULID layout: 48 bits of milliseconds, 80 bits
// that make it unique.
type ID [16]byte

// CallID names a Call from cradle to grave.
type CallID struct{ ID }

// CallbackID names a callback.
type CallbackID struct{ ID }

// ConnID names a Connection. Its hex form is ICI's callHandle.
type ConnID struct{ ID }

type (
	// AgentID is an agent's login name in lower case.
	AgentID string
	// QueueID is a queue's configured id.
	QueueID string
	// NodeID names one Asterisk (or SIP) server.
	NodeID string
	// ChannelID is the telephony backend's id of a leg; ours start with [OwnPrefix].
	ChannelID string
	// PlayID names a sound that is being played.
	PlayID string
	// BridgeID is the telephony backend's id of a mixing point.
	BridgeID string
)

// OwnPrefix starts every channel, bridge and playback id that the model chooses, so that
// a restarted controller can tell its own legs from the site's.
const OwnPrefix = "sw-"

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// IsZero reports whether the id is unset.
func (id ID) IsZero() bool { return id == ID{} }

// String returns the 26 characters of the ULID text form (Crockford base 32).
func (id ID) String() string {
	var dst [26]byte
	hi, lo := binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])
	for i := 25; i >= 0; i-- {
		dst[i] = crockford[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(dst[:])
}

// Hex returns 32 upper-case hexadecimal digits, the form of ICI's callHandle.
func (id ID) Hex() string { return strings.ToUpper(hex.EncodeToString(id[:])) }

// ParseID reads the 26-character or the 32-digit form, in either case.
func ParseID(s string) (ID, error) {
	var id ID
	switch len(s) {
	case 32:
		if _, err := hex.Decode(id[:], []byte(s)); err == nil {
			return id, nil
		}
	case 26:
		if hi, lo, ok := parseBase32(strings.ToUpper(s)); ok {
			binary.BigEndian.PutUint64(id[:8], hi)
			binary.BigEndian.PutUint64(id[8:], lo)
			return id, nil
		}
	}
	return ID{}, fault.New(fault.Invalid, "parse id", "", "an id has 26 base-32 or 32 hexadecimal characters")
}

func parseBase32(s string) (hi, lo uint64, ok bool) {
	if s[0] > '7' { // 26 * 5 = 130 bits: the first character carries three
		return 0, 0, false
	}
	for i := range len(s) {
		v := strings.IndexByte(crockford, s[i])
		if v < 0 {
			return 0, 0, false
		}
		hi = hi<<5 | lo>>59
		lo = lo<<5 | uint64(v)
	}
	return hi, lo, true
}

// MarshalText writes the 26-character form, or nothing for the zero id.
func (id ID) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return nil, nil
	}
	return []byte(id.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (id *ID) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = ID{}
		return nil
	}
	v, err := ParseID(string(b))
	*id = v
	return err
}

// derive mints the nth id that belongs to this one: same time prefix, the
// rest from a hash, so that replaying a journal gives the same ids.
func (id ID) derive(n uint32) ID {
	h := fnv.New128a()
	_, _ = h.Write(id[:]) // a hash never fails
	_, _ = h.Write(binary.BigEndian.AppendUint32(nil, n))
	sum := h.Sum(nil)
	out := id
	copy(out[6:], sum[:10])
	return out
}

// FirstConn returns the connection that a new call's maker gets: a client that
// mints the id of a call knows its own part in it before the call is made.
func FirstConn(c CallID) ConnID { return ConnID{c.derive(0)} }

func channelOf(c ConnID) ChannelID { return ChannelID(OwnPrefix + c.String()) }

// standingOf names the nth leg of a nailed station. An id is never used twice.
func standingOf(a AgentID, n int64) ChannelID {
	h := fnv.New64a()
	_, _ = h.Write([]byte(a)) // a hash never fails
	return ChannelID(OwnPrefix + "n-" + strconv.FormatUint(h.Sum64(), 36) + "-" + strconv.FormatInt(n, 10))
}

// bridgeOf names the nth bridge of a call: an id is never used twice, because
// late news of the first would be taken for the second (specs/asterisk.md P12).
func bridgeOf(c CallID, n uint32) BridgeID {
	return BridgeID(bridgePrefix + c.String() + "-" + strconv.FormatUint(uint64(n), 10))
}

const bridgePrefix = OwnPrefix + "b-"

// call returns the call that a bridge of ours was made for.
func (b BridgeID) call() (CallID, bool) {
	rest, ours := strings.CutPrefix(string(b), bridgePrefix)
	text, _, _ := strings.Cut(rest, "-")
	id, err := ParseID(text)
	return CallID{id}, ours && err == nil
}

// Ours reports whether the model chose this channel id.
func (c ChannelID) Ours() bool { return strings.HasPrefix(string(c), OwnPrefix) }

// Ours reports whether the model chose this bridge id.
func (b BridgeID) Ours() bool { return strings.HasPrefix(string(b), OwnPrefix) }
