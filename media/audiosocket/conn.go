package audiosocket

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"strowger/media/codec"
)

// Kinds of messages.
const (
	kindHangup = 0x00
	kindUUID   = 0x01
	kindDigit  = 0x03
	kindPCM    = 0x10
	kindError  = 0xff
)

// maxPayload bounds a message: a fifth of a second of sound, ten times what comes.
const maxPayload = 3200

// message is one of the protocol; its payload is valid until the next.
type message struct {
	kind    byte
	payload []byte
}

// errProtocol: what came was no message of the protocol.
var errProtocol = errors.New("audiosocket: a message that is too long, or of an unknown kind")

// reader reads messages.
type reader struct {
	r   *bufio.Reader
	buf [maxPayload]byte
}

func (r *reader) next() (message, error) {
	var head [3]byte
	if _, err := io.ReadFull(r.r, head[:]); err != nil {
		return message{}, err
	}
	n := int(binary.BigEndian.Uint16(head[1:]))
	switch head[0] {
	case kindHangup, kindUUID, kindDigit, kindPCM, kindError:
	default:
		return message{}, errProtocol
	}
	if n > maxPayload {
		return message{}, errProtocol
	}
	if _, err := io.ReadFull(r.r, r.buf[:n]); err != nil {
		return message{}, err
	}
	return message{kind: head[0], payload: r.buf[:n]}, nil
}

// serve hears one call.
func (s *Server) serve(ctx context.Context, c net.Conn) {
	r := &reader{r: bufio.NewReader(c)}
	_ = c.SetReadDeadline(time.Now().Add(hello)) // a closed connection says so when it is read
	m, err := r.next()
	if err != nil || m.kind != kindUUID || len(m.payload) != len(UUID{}) {
		s.broken.Add(1)
		return
	}
	v := s.take(UUID(m.payload))
	if v == nil {
		s.unknown.Add(1)
		return
	}
	v.timer.Stop()
	s.heard.Add(1)
	end := s.hear(ctx, c, r, v)
	v.ear.Over(end)
	if end == Enough || end == Late || end == Closed {
		giveBack(c, r)
	}
}

// hear passes the sound on until it is over.
func (s *Server) hear(ctx context.Context, c net.Conn, r *reader, v *visit) End {
	var frame [codec.FrameSamples]int16
	have, quiet := 0, s.cfg.Idle
	if v.ear.Quiet > 0 {
		quiet = min(quiet, v.ear.Quiet)
	}
	sounded := time.Now()
	for {
		if ctx.Err() != nil {
			return Closed
		}
		deadline := sounded.Add(quiet)
		if v.until.Before(deadline) {
			deadline = v.until
		}
		_ = c.SetReadDeadline(deadline)
		m, err := r.next()
		switch {
		case err != nil && ctx.Err() != nil:
			return Closed
		case errors.Is(err, os.ErrDeadlineExceeded):
			return Late
		case errors.Is(err, io.EOF):
			return Gone
		case err != nil || m.kind == kindError:
			s.broken.Add(1)
			return Broken
		case m.kind == kindHangup:
			return Gone
		case m.kind != kindPCM:
			continue
		}
		for b := m.payload; len(b) >= 2; b = b[2:] {
			frame[have] = int16(binary.LittleEndian.Uint16(b)) // two's complement reinterpretation
			if have++; have < len(frame) {
				continue
			}
			have, sounded = 0, time.Now()
			s.frames.Add(1)
			if v.ear.Hear(frame[:]) {
				return Enough
			}
		}
		if !time.Now().Before(v.until) {
			return Late
		}
	}
}

// giveBack has the call go on, and reads what is still on its way: a
// connection that is closed with unread bytes is reset, and the message with it.
func giveBack(c net.Conn, r *reader) {
	_ = c.SetDeadline(time.Now().Add(slowWrite))
	if _, err := c.Write([]byte{kindHangup, 0, 0}); err != nil {
		return
	}
	_ = c.SetReadDeadline(time.Now().Add(farewell))
	for {
		if _, err := r.next(); err != nil {
			return
		}
	}
}
