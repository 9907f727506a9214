package typet

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"strowger/switch/fault"
)

// Value is a parameter as it travelled.
type Value struct {
	Name string
	Data []byte
}

// Table is a table as it travelled.
type Table struct {
	Name  string
	Width int // of a row in bytes
	Rows  [][]byte
}

// Call is a call of a function module. Its bytes belong to it.
type Call struct {
	Function string
	Page     Page
	Kernel   string   // the caller's kernel release
	Wanted   []string // exporting parameters that were asked for
	Imports  []Value
	Tables   []Table
}

// Reply is what a function module returned.
type Reply struct {
	Exports []Value
	Tables  []Table
}

// Exception is an ABAP exception.
type Exception struct {
	Name string // as the function module declares it: FU_NOT_FOUND
	Text string
	// System makes it a system failure, which ABAP callers meet as
	// SYSTEM_FAILURE with the text, whatever they declare.
	System bool
}

// Error returns name and text.
func (e *Exception) Error() string { return "typet: " + e.Name + ": " + e.Text }

// Logon is what a caller says of itself. Passwords and tickets are not read.
type Logon struct {
	User, Client, Language string
	Program                string // the calling program
	Host, Address          string // where it runs, by its own account
	Destination            string // the destination that was called
	Release                string // of its kernel
}

func (l *Logon) zero() bool { return *l == Logon{} }

// limits bound what a message may make of itself.
type limits struct {
	fields, rows, width, total int
}

// maxWidth is the size of the widest row: no structure of a function module
// comes near.
const maxWidth = 64 << 10

// message is a caller's message: who it is, what it calls, or both.
type message struct {
	logon Logon
	call  *Call
}

// readMessage reads a caller's message. With an error it still returns what
// was read of the call, so that it can be refused in the caller's code page.
func readMessage(b []byte, lim limits) (message, error) {
	m, err := readFields(b, lim)
	if err == nil || fault.Is(err, fault.Unsupported) {
		return m, err
	}
	// What precedes the call is not ours and need not be made of fields: look
	// for the call itself, as the first field after itself says what it follows.
	if at := bytes.Index(b, []byte("\x05\x02\x00\x00\x05\x02")); at > 0 {
		if found, again := readFields(b[at:], lim); again == nil && found.call != nil {
			return found, nil
		}
	}
	return m, err
}

func readFields(b []byte, lim limits) (message, error) {
	p := parser{chain: newChain(b, lim.fields), lim: lim, page: LittleEndian}
	var m message
	for {
		tag, value, more, err := p.next()
		if err != nil {
			return m, err
		}
		if !more {
			return m, p.closed()
		}
		switch {
		case tag == tagFunction && m.call == nil:
			m.call = &p.call
			p.page = pageOf(value)
			p.call.Page = p.page
			p.call.Function, err = p.page.name(value)
		case tag == tagKernel:
			p.call.Kernel = plain(value)
		case m.logon.field(tag, value):
		case m.call == nil: // the logon's own affairs
		case tag == tagWanted:
			err = p.wanted(value)
		default:
			err = p.parameter(tag, value)
		}
		if err != nil {
			return m, err
		}
	}
}

// field takes a field of the logon.
func (l *Logon) field(tag uint16, value []byte) bool {
	var to *string
	switch tag {
	case tagUser:
		to = &l.User
	case tagClient:
		to = &l.Client
	case tagLanguage:
		to = &l.Language
	case tagProgram:
		to = &l.Program
	case tagHost:
		to = &l.Host
	case tagAddress:
		to = &l.Address
	case tagDestination:
		to = &l.Destination
	case tagRelease:
		to = &l.Release
	default:
		return false
	}
	*to = plain(value)
	return true
}

// plainMax is as much of a text for logs as is kept.
const plainMax = 128

// plain reads a text that may be in any page, for people and logs.
func plain(b []byte) string {
	s, err := pageOf(b).text(b[:min(len(b), 2*plainMax)])
	if err != nil {
		return ""
	}
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.TrimSpace(s)
	return strings.ToValidUTF8(s[:min(len(s), plainMax)], "")
}

// appendCall writes a call, and before it who calls.
func appendCall(l Logon, c *Call) ([]byte, error) {
	w := &writer{}
	if !l.zero() {
		appendLogon(w, l, c.Page)
	}
	w.add(tagCall, nil)
	w.add(tagKernel, c.Page.append(nil, c.Kernel, 0))
	w.add(tagFunction, c.Page.append(nil, c.Function, 0))
	w.add(tagContext, nil)
	for _, name := range c.Wanted {
		w.add(tagWanted, c.Page.append(nil, name, 0))
	}
	if err := appendParameters(w, c.Page, c.Imports, c.Tables); err != nil {
		return nil, err
	}
	return w.finish(), nil
}

func appendLogon(w *writer, l Logon, p Page) {
	w.add(tagStart, []byte{3, 1, 1, 1, 1, 1, 0, 0})
	w.add(tagProtocol, []byte{0, 0, 0x0e, 0x09})
	w.add(tagAbilities, []byte{4, 1, 0, 3, 0, 0x0a, 2, 0, 0, 0, 0x23})
	w.add(tagLogonMark, nil)
	for _, f := range []struct {
		tag  uint16
		text string
	}{
		{tagClient, l.Client},
		{tagUser, l.User},
		{tagLanguage, l.Language},
		{tagAddress, l.Address},
		{tagRelease, l.Release},
		{tagHost, l.Host},
		{tagDestination, l.Destination},
		{tagProgram, l.Program},
	} {
		if f.text != "" {
			w.add(f.tag, p.append(nil, f.text, plainMax))
		}
	}
}

// appendReply writes what a function returned.
func appendReply(p Page, r *Reply) ([]byte, error) {
	w := &writer{}
	w.add(tagReply, nil)
	w.add(tagReplyBegin, nil)
	w.add(tagSuccess, make([]byte, 4))
	w.add(tagContext, nil)
	for _, e := range r.Exports {
		w.add(tagWanted, p.append(nil, e.Name, 0))
	}
	if err := appendParameters(w, p, r.Exports, r.Tables); err != nil {
		return nil, err
	}
	w.add(tagProgram, p.append(nil, fmt.Sprintf("%-*s", maxName, ourProgram), 0))
	w.add(tagMetric, make([]byte, 8))
	return w.finish(), nil
}

const ourProgram = "STROWGER"

// appendException writes an exception instead of a reply.
func appendException(p Page, e *Exception) []byte {
	w := &writer{}
	w.add(tagReply, nil)
	w.add(tagReplyBegin, nil)
	name, text := clean(e.Name, maxName), clean(e.Text, maxText)
	if e.System {
		w.add(tagText, p.append(nil, text, maxText))
		w.add(tagRuntime, p.append(nil, name, 0))
	} else {
		w.add(tagException, p.append(nil, name, 0))
		if text != "" {
			w.add(tagText, p.append(nil, text, maxText))
		}
	}
	return w.finish()
}

// maxText is the length of a message's text in ABAP.
const maxText = 255

func clean(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	if r := []rune(s); len(r) > limit {
		s = string(r[:limit])
	}
	return strings.TrimSpace(s)
}

// appendLogonReply accepts a logon that called nothing. To a client of ours
// it also says that the logon succeeded.
func appendLogonReply(p Page, address string, direct bool) []byte {
	w := &writer{}
	w.add(tagStart, []byte{3, 1, 1, 5, 4, 1, 0, 3})
	if direct {
		w.b[4] = 1
	}
	w.add(tagProtocol, []byte{0, 0, 0x0e, 0x1b})
	w.add(tagAbilities, []byte{4, 1, 0, 3, 0, 0x0a, 2, 0, 0, 0, 0x23})
	if direct {
		w.add(tagLogonStatus, []byte{0})
		return w.finish()
	}
	w.add(tagAddress, p.append(nil, address, plainMax))
	w.add(tagConnType, p.append(nil, "E", 0))
	w.add(tagRelease, p.append(nil, ourRelease, 0))
	w.add(tagPatch, p.append(nil, ourRelease, 0))
	w.add(tagProgram, p.append(nil, ourProgram, 0))
	w.add(tagMetric, make([]byte, 8))
	return w.finish()
}

// ourRelease is the kernel release that we show.
const ourRelease = "754"

// readReply reads an answer: a reply, or an *Exception as error.
func readReply(b []byte, page Page, lim limits) (*Reply, error) {
	p := parser{chain: newChain(b, lim.fields), lim: lim, page: page}
	var e Exception
	succeeded := false
	for {
		tag, value, more, err := p.next()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		switch tag {
		case tagException:
			e.Name = plain(value)
		case tagRuntime:
			e.Name, e.System = plain(value), true
		case tagText:
			e.Text = plain(value)
		case tagSuccess:
			succeeded = slices.Equal(value, make([]byte, 4))
		case tagLogonStatus:
			succeeded = slices.Equal(value, []byte{0})
		case tagProgram, tagWanted:
		default:
			err = p.parameter(tag, value)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := p.closed(); err != nil {
		return nil, err
	}
	switch {
	case e.Name != "" || e.Text != "":
		return nil, &e
	case !succeeded:
		return nil, fault.New(fault.Invalid, "typet: reply", "", "the answer neither succeeds nor says why not")
	}
	return &Reply{Exports: p.call.Imports, Tables: p.call.Tables}, nil
}
