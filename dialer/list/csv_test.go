package list

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestSniff(t *testing.T) {
	for name, c := range map[string]struct {
		head    string
		whole   bool
		charset string
	}{
		"plain":                        {"a,b\n", true, UTF8},
		"mark":                         {"\xef\xbb\xbfa,b\n", true, UTF8},
		"cut in a character":           {"K\xc3", false, UTF8},
		"whole, so it is no UTF-8":     {"K\xc3", true, Windows1252},
		"western":                      {"K\xf6ln", true, Windows1252},
		"UTF-16 without its mark":      {"a\x00,\x00b\x00\n\x00", true, UTF16LE},
		"the other way round":          {"\x00a\x00,\x00b\x00\n", true, UTF16BE},
		"nothing that people can read": {"\x00\x01\x02\x00\x00\x09", true, ""},
	} {
		got, err := sniff([]byte(c.head), c.whole)
		if got != c.charset || (err != nil) != (c.charset == "") {
			t.Errorf("%s: got %q %v, want %q", name, got, err, c.charset)
		}
	}
}

func TestFindDelimiter(t *testing.T) {
	for text, want := range map[string]byte{
		"a,b\n1,2\n": ',', "a;b\n1,5;2,5\n": ';', "a\tb\n1\t2\n": '\t', "a|b\n1|2\n": '|', "phone\n030 12345\n": ',', "\"a;b\",c\n\"d;e\",f\n": ',',
	} {
		if got := findDelimiter(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestQuoteThatDoesNotEnd: the rows behind it are read all the same.
func TestQuoteThatDoesNotEnd(t *testing.T) {
	c := newCSV(strings.NewReader("a,\"b\nc,d\n\ne,f\n"), ',')
	var got []string
	for {
		r, err := c.read()
		if err != nil {
			break
		}
		got = append(got, strings.Join(r.cells, "|")+r.bad)
	}
	if want := "a quote that begins in this row does not end c|d e|f"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzRows: whatever the text, the reader ends, lines grow, and a row is read or
// has a reason.
func FuzzRows(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\"a\nb\",c\n", "\"", "a\"b,\"c\"d\n", strings.Repeat("x", maxLine+10) + "\ny\n", "\"\n\"\n\"\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c := newCSV(bytes.NewReader(text), ',')
		for last := int64(0); ; {
			r, err := c.read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.line <= last || r.line > int64(bytes.Count(text, []byte("\n")))+1 || (r.bad == "") != (len(r.cells) > 0) {
				t.Fatalf("line %d behind %d: %+v", r.line, last, r)
			}
			last = r.line
		}
	})
}
