package list

import (
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"strowger/switch/fault"
)

// Character sets of a file.
const (
	UTF8        = "utf-8"
	UTF16LE     = "utf-16le"
	UTF16BE     = "utf-16be"
	Windows1252 = "windows-1252"
)

// sniffBytes is how much of a file is looked at to find out what it is.
const sniffBytes = 1 << 20

var (
	bomUTF8    = []byte{0xEF, 0xBB, 0xBF}
	bomUTF16LE = []byte{0xFF, 0xFE}
	bomUTF16BE = []byte{0xFE, 0xFF}
	zipMagic   = []byte("PK\x03\x04")
)

// sniff tells the character set of the beginning of a file. whole: it is all of it.
func sniff(head []byte, whole bool) (charset string, err error) {
	switch {
	case bytes.HasPrefix(head, bomUTF8):
		return UTF8, nil
	case bytes.HasPrefix(head, bomUTF16LE):
		return UTF16LE, nil
	case bytes.HasPrefix(head, bomUTF16BE):
		return UTF16BE, nil
	}
	if zeros := bytes.Count(head, []byte{0}); zeros > 0 {
		even, odd := zerosAt(head)
		switch {
		case odd > len(head)/4 && even <= len(head)/50: // the high halves of Latin letters
			return UTF16LE, nil
		case even > len(head)/4 && odd <= len(head)/50:
			return UTF16BE, nil
		}
		return "", fault.New(fault.Invalid, "import: read", "", "this is no text file: save the table as CSV or XLSX")
	}
	cut := head
	if !whole { // the last character may be cut
		for n := 0; n < utf8.UTFMax && len(cut) > 0 && !utf8.Valid(cut); n++ {
			cut = cut[:len(cut)-1]
		}
	}
	if utf8.Valid(cut) {
		return UTF8, nil
	}
	return Windows1252, nil
}

func zerosAt(b []byte) (even, odd int) {
	for i, c := range b {
		switch {
		case c != 0:
		case i%2 == 0:
			even++
		default:
			odd++
		}
	}
	return even, odd
}

// decoded returns the file as UTF-8, without the mark at its beginning. What is
// no UTF-8 in a file that says it is stays as it is, and is an error of its row.
func decoded(r io.Reader, charset string) (io.Reader, error) {
	var e encoding.Encoding
	switch charset {
	case UTF8:
		head := make([]byte, len(bomUTF8))
		n, err := io.ReadFull(r, head)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return nil, err
		}
		return io.MultiReader(bytes.NewReader(bytes.TrimPrefix(head[:n], bomUTF8)), r), nil
	case UTF16LE:
		e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case UTF16BE:
		e = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case Windows1252:
		e = charmap.Windows1252
	default:
		return nil, fault.Newf(fault.Invalid, "import: read", clip(charset, maxID), "the character set is %s, %s, %s or %s", UTF8, UTF16LE, UTF16BE, Windows1252)
	}
	return e.NewDecoder().Reader(r), nil
}
