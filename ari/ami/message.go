package ami

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"strowger/switch/fault"
)

const (
	// maxLineOut is Asterisk's limit for a line of an action, CR and LF included.
	maxLineOut = 1024
	// maxFieldsOut is Asterisk's limit for the headers of an action.
	maxFieldsOut = 128
	// maxLineIn bounds a line from Asterisk.
	maxLineIn = 64 << 10
	// maxFieldsIn and maxMessageIn bound a message from Asterisk.
	maxFieldsIn  = 8192
	maxMessageIn = 1 << 20
)

// Field is one "Name: value" line.
type Field struct {
	Name, Value string
}

// Message is a response or event: its lines in order. Names may repeat.
type Message []Field

// Get returns the first value of that name, without regard to case, or "".
func (m Message) Get(name string) string {
	for _, f := range m {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// garbage counts what does not belong into a message; one that is neither an
// event nor an answer is garbage as a whole.
func (m Message) garbage() uint64 {
	n := uint64(0)
	for _, f := range m {
		if f.Name == "" {
			n++
		}
	}
	if m.Event() == "" && m.Get("Response") == "" {
		n++
	}
	return n
}

// Event returns the event's name, or "" for a response.
func (m Message) Event() string { return m.Get("Event") }

var (
	errLine    = errors.New("ami: line is longer than 64 KiB")
	errMessage = errors.New("ami: message has more than 8,192 lines or 1 MiB")
)

// Reader reads messages.
type Reader struct{ r *bufio.Reader }

// NewReader makes a Reader over r.
func NewReader(r io.Reader) *Reader { return &Reader{bufio.NewReaderSize(r, maxLineIn)} }

// line reads one line without its end.
func (r *Reader) line() (string, error) {
	b, err := r.r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", errLine
	case err == io.EOF && len(b) > 0:
		return "", io.ErrUnexpectedEOF
	case err != nil:
		return "", err
	}
	return strings.TrimSuffix(string(b[:len(b)-1]), "\r"), nil
}

// Banner reads the greeting line and returns its text.
func (r *Reader) Banner() (string, error) {
	s, err := r.line()
	if err == nil && !strings.HasPrefix(s, "Asterisk Call Manager/") {
		err = fmt.Errorf("ami: greeting %.60q is not a manager interface's", s)
	}
	return s, err
}

// Read reads one message. Empty lines before it are skipped; a line without a
// colon is kept with an empty Name. The end of the input between messages is io.EOF.
func (r *Reader) Read() (Message, error) {
	var m Message
	size := 0
	for {
		s, err := r.line()
		if err != nil {
			if err == io.EOF && len(m) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		if s == "" {
			if len(m) == 0 {
				continue
			}
			return m, nil
		}
		if size += len(s); len(m) == maxFieldsIn || size > maxMessageIn {
			return nil, errMessage
		}
		name, value, ok := strings.Cut(s, ":")
		if !ok {
			name, value = "", s
		}
		m = append(m, Field{name, strings.TrimPrefix(value, " ")})
	}
}

// AppendAction appends an action to b. Faults are Invalid: a line end or NUL
// anywhere, a colon or nothing in a name, a line over 1,024 bytes, more than 128 lines.
func AppendAction(b []byte, action string, fields ...Field) ([]byte, error) {
	bad := func(format string, args ...any) ([]byte, error) {
		return nil, fault.Newf(fault.Invalid, "ami action", "", format, args...)
	}
	if len(fields)+1 > maxFieldsOut {
		return bad("%d headers, Asterisk takes %d", len(fields)+1, maxFieldsOut)
	}
	for i, f := range append([]Field{{"Action", action}}, fields...) {
		if f.Name == "" || strings.ContainsAny(f.Name, ": \r\n\x00") || (i == 0 && f.Value == "") {
			return bad("header name %.40q is not one word", f.Name)
		}
		if strings.ContainsAny(f.Value, "\r\n\x00") {
			return bad("%s has a line end or NUL: it would become another header or action", f.Name)
		}
		if n := len(f.Name) + len(f.Value) + 4; n > maxLineOut {
			return bad("%s makes a line of %d bytes, Asterisk takes %d", f.Name, n, maxLineOut)
		}
		b = append(b, f.Name...)
		b = append(b, ": "...)
		b = append(b, f.Value...)
		b = append(b, "\r\n"...)
	}
	return append(b, "\r\n"...), nil
}
