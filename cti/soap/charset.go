package soap

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// declarationWindow is how far into a document the XML declaration's encoding
// is looked for; a declaration is far shorter.
const declarationWindow = 256

// toUTF8 returns data as UTF-8 without byte order mark. The order of evidence
// is: byte order mark, bytes that can only be UTF-16, the charset of the HTTP
// Content-Type, the XML declaration, and UTF-8 (RFC 7303 section 3; WS-I BP
// 1.1 R1012 wants UTF-8 and UTF-16, real CRMs also send ISO-8859-1).
func toUTF8(data []byte, httpCharset string) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		return checkedUTF8(data[3:])
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		return fromUTF16(data[2:], binary.BigEndian)
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		return fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte{0, '<'}):
		return fromUTF16(data, binary.BigEndian)
	case bytes.HasPrefix(data, []byte{'<', 0}):
		return fromUTF16(data, binary.LittleEndian)
	}
	name := httpCharset
	if name == "" {
		name = declaredEncoding(data)
	}
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return checkedUTF8(data)
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1":
		return fromLatin1(data), nil
	case "utf-16", "utf-16le", "utf-16be":
		return nil, errorf("the text says it is %s and does not look like it", strings.ToLower(name))
	}
	return nil, errorf("character set %q is not accepted: send UTF-8, UTF-16 or ISO-8859-1", clip(name, 40))
}

func checkedUTF8(data []byte) ([]byte, error) {
	if !utf8.Valid(data) {
		return nil, errorf("the text is not valid UTF-8")
	}
	return data, nil
}

func fromUTF16(data []byte, order binary.ByteOrder) ([]byte, error) {
	if len(data)%2 != 0 {
		return nil, errorf("the text is cut inside a UTF-16 character")
	}
	out := make([]byte, 0, len(data)/2+len(data)/8)
	for i := 0; i < len(data); i += 2 {
		r := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(r) {
			if i+4 > len(data) {
				return nil, errorf("the text is cut inside a UTF-16 pair")
			}
			i += 2
			if r = utf16.DecodeRune(r, rune(order.Uint16(data[i:]))); r == utf8.RuneError {
				return nil, errorf("the text holds half of a UTF-16 pair")
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out, nil
}

func fromLatin1(data []byte) []byte {
	out := make([]byte, 0, len(data)+len(data)/16)
	for _, b := range data {
		out = utf8.AppendRune(out, rune(b))
	}
	return out
}

// declaredEncoding reads the encoding pseudo attribute of the XML declaration.
func declaredEncoding(data []byte) string {
	if !bytes.HasPrefix(data, []byte("<?xml")) {
		return ""
	}
	head := data[:min(len(data), declarationWindow)]
	if end := bytes.Index(head, []byte("?>")); end >= 0 {
		head = head[:end]
	}
	_, rest, found := bytes.Cut(head, []byte("encoding"))
	if !found {
		return ""
	}
	rest = bytes.TrimLeft(rest, " \t\r\n=")
	if len(rest) == 0 || (rest[0] != '"' && rest[0] != '\'') {
		return ""
	}
	name, _, found := bytes.Cut(rest[1:], rest[:1])
	if !found {
		return ""
	}
	return string(name)
}

// errorf makes the Client fault with which a message is refused.
func errorf(format string, args ...any) *Fault {
	return &Fault{Code: CodeClient, Text: fmt.Sprintf(format, args...)}
}

// clip bounds foreign text that goes into an error.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "..."
}
