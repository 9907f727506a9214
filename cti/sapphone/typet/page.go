package typet

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"

	"strowger/switch/fault"
)

// Page is the code page of a message: how its texts are written, and with it
// the order of a number's bytes.
type Page uint16

// The code pages.
const (
	Latin        Page = 1100 // one byte a character, ISO 8859-1
	BigEndian    Page = 4102 // UTF-16, high byte first
	LittleEndian Page = 4103 // UTF-16, low byte first: every Unicode system on today's processors
)

// pageOf tells the page from a name in a message: names are ASCII.
func pageOf(name []byte) Page {
	if len(name) >= 2 && len(name)%2 == 0 {
		switch {
		case name[1] == 0:
			return LittleEndian
		case name[0] == 0:
			return BigEndian
		}
	}
	return Latin
}

func (p Page) known() bool { return p == Latin || p == BigEndian || p == LittleEndian }

// unit is the size of a character in bytes.
func (p Page) unit() int {
	if p == Latin {
		return 1
	}
	return 2
}

func (p Page) order() binary.ByteOrder {
	if p == BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// text reads characters.
func (p Page) text(b []byte) (string, error) {
	if p == Latin {
		var s strings.Builder
		for _, c := range b {
			s.WriteRune(rune(c))
		}
		return s.String(), nil
	}
	if len(b)%2 != 0 {
		return "", fault.Newf(fault.Invalid, "typet: text", "", "%d bytes are no whole number of characters", len(b))
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = p.order().Uint16(b[2*i:])
	}
	return string(utf16.Decode(units)), nil
}

// append writes characters, at most limit of them (0 = all). What the page
// does not know becomes '#', as SAP writes it.
func (p Page) append(dst []byte, s string, limit int) []byte {
	n := 0
	for _, r := range s {
		units := 1
		if p != Latin && r > 0xffff {
			units = 2
		}
		if limit > 0 && n+units > limit {
			break
		}
		n += units
		switch {
		case p == Latin && r > 0xff:
			dst = append(dst, '#')
		case p == Latin:
			dst = append(dst, byte(r))
		case units == 2:
			hi, lo := utf16.EncodeRune(r)
			dst = p.unit16(p.unit16(dst, uint16(hi)), uint16(lo))
		default:
			dst = p.unit16(dst, uint16(r))
		}
	}
	return dst
}

func (p Page) unit16(dst []byte, u uint16) []byte {
	if p == BigEndian {
		return binary.BigEndian.AppendUint16(dst, u)
	}
	return binary.LittleEndian.AppendUint16(dst, u)
}

// name reads the name of a function, a parameter or a table.
func (p Page) name(b []byte) (string, error) {
	const op = "typet: name"
	if len(b) > maxName*p.unit() {
		return "", fault.Newf(fault.Invalid, op, "", "a name of %d bytes is too long", len(b))
	}
	s, err := p.text(b)
	if err != nil {
		return "", err
	}
	s = strings.TrimRight(s, " \x00")
	for _, r := range s {
		if r <= 0x20 || r > 0x7e {
			return "", fault.Newf(fault.Invalid, op, "", "%q is no name", s)
		}
	}
	if s == "" {
		return "", fault.New(fault.Invalid, op, "", "a name is empty")
	}
	return s, nil
}

// maxName is the length of the longest name: 30 for parameters, 40 for
// functions and namespaces.
const maxName = 40
