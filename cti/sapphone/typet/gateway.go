package typet

import (
	"bytes"
	"slices"

	"strowger/switch/fault"
)

// The gateway's greeting, before everything else. Version 2 has 64 bytes,
// version 3 has 80 (an IPv6 address more).
const (
	helloSize2 = 64
	helloSize3 = 80

	helloClient   = 0x03 // a client of the gateway: the only request that is served
	helloRegister = 0x0b // a program that wants to register: we are no gateway for others

	helloAsked    = 29 // level of the protocol
	helloHeader   = 54 // version of the records that follow
	helloAccepts  = 55 // what the sender understands
	helloGranted  = 0x0f
	acceptsPage   = 0x10
	acceptsNIPing = 0x20
)

// Hello is what a client of the gateway says of itself first.
type Hello struct {
	Version uint8
	Service string // local program or service
	Page    string // code page of the names in the records
	LU, TP  string // logical unit and program, shortened to eight characters
	Accepts uint8
}

// readHello reads a greeting, and isHello tells it from a record.
func readHello(b []byte) (Hello, error) {
	const op = "typet: hello"
	switch {
	case len(b) < 2:
		return Hello{}, fault.New(fault.Invalid, op, "", "the greeting is too short")
	case b[1] == helloRegister:
		return Hello{}, fault.New(fault.Unsupported, op, "", "a program wants to register here: this port plays the gateway for one program only, point the destination's gateway at it instead")
	case b[1] != helloClient:
		return Hello{}, fault.Newf(fault.Unsupported, op, "", "request type %d of the gateway is not served", b[1])
	case !isHello(b):
		return Hello{}, fault.Newf(fault.Invalid, op, "", "version %d of the greeting with %d bytes is not known", b[0], len(b))
	case b[helloHeader] != appcVersion:
		return Hello{}, fault.Newf(fault.Unsupported, op, "", "version %d of the records is not known", b[helloHeader])
	}
	return Hello{
		Version: b[0],
		Service: label(b[10:20]),
		Page:    label(b[20:24]),
		LU:      label(b[30:38]),
		TP:      label(b[38:46]),
		Accepts: b[helloAccepts],
	}, nil
}

func isHello(b []byte) bool {
	return len(b) == helloSize2 && b[0] == 2 || len(b) == helloSize3 && b[0] == 3
}

// answerHello answers a greeting that readHello has accepted: the same bytes,
// the level raised and our abilities added. A client that understands code
// pages is told ours.
func answerHello(b []byte) []byte {
	out := slices.Clone(b)
	out[helloAsked] = helloGranted
	out[helloAccepts] |= acceptsPage | acceptsNIPing
	if b[helloAccepts]&acceptsPage != 0 {
		copy(out[20:24], "4103")
	}
	return out
}

// label reads a padded name of a header.
func label(b []byte) string {
	b = bytes.TrimRight(b, "\x00 ")
	out := make([]byte, len(b))
	for i, c := range b {
		if c < 0x20 || c > 0x7e {
			c = '?'
		}
		out[i] = c
	}
	return string(out)
}
