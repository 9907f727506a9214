package ua

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"

	"github.com/emiago/sipgo/sip"

	"strowger/switch/fault"
)

// maxMessage bounds a SIP datagram; larger ones are dropped and counted.
const maxMessage = 16 << 10

// readySocket tells when sipgo reads from the socket: only then may requests
// be sent, because sipgo finds the socket by its address from there on.
type readySocket struct {
	net.PacketConn
	once  sync.Once
	ready chan struct{}
}

func (s *readySocket) ReadFrom(b []byte) (int, net.Addr, error) {
	s.once.Do(func() { close(s.ready) })
	return s.PacketConn.ReadFrom(b)
}

// filter stands between the socket and sipgo: it drops what is too large, what
// does not parse, and what lacks a header that sipgo relies on, so that no
// datagram can bring the process down.
type filter struct {
	parser *sip.Parser
	bad    *atomic.Uint64
}

func (f *filter) read(_ sip.TransportReadProps, data []byte) ([]byte, error) {
	if keepAlive(data) {
		return nil, nil
	}
	if err := f.check(data); err != nil {
		f.bad.Add(1)
		return nil, nil
	}
	return data, nil
}

// keepAlive is the CRLF ping of RFC 5626 section 3.5.1.
func keepAlive(data []byte) bool {
	for _, b := range data {
		if b != '\r' && b != '\n' && b != 0 {
			return false
		}
	}
	return true
}

func (f *filter) check(data []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = badMessage(fmt.Sprintf("parser failed: %v", r))
		}
	}()
	if len(data) > maxMessage {
		return badMessage("above 16 KiB")
	}
	msg, err := f.parser.ParseSIP(data)
	if err != nil {
		return fault.Wrap(fault.Invalid, "ua: parse", "", err)
	}
	via, from, to, cseq := msg.Via(), msg.From(), msg.To(), msg.CSeq()
	if via == nil || from == nil || to == nil || cseq == nil || msg.CallID() == nil || msg.CallID().Value() == "" {
		return badMessage("a mandatory header is missing")
	}
	if branch, _ := via.Params.Get("branch"); branch == "" {
		return badMessage("Via without branch")
	}
	if tag, _ := from.Params.Get("tag"); tag == "" {
		return badMessage("From without tag")
	}
	if req, ok := msg.(*sip.Request); ok && req.Method != cseq.MethodName {
		return badMessage("CSeq names another method")
	}
	return nil
}

func badMessage(reason string) error { return fault.New(fault.Invalid, "ua: parse", "", reason) }

// quietHandler keeps sipgo's informative lines at debug level: a retransmission
// is no news to the owner of a phone.
type quietHandler struct{ slog.Handler }

func (h quietHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.Handler.Enabled(ctx, quieter(l))
}

func (h quietHandler) Handle(ctx context.Context, r slog.Record) error {
	r.Level = quieter(r.Level)
	return h.Handler.Handle(ctx, r)
}

func (h quietHandler) WithAttrs(a []slog.Attr) slog.Handler {
	return quietHandler{h.Handler.WithAttrs(a)}
}

func (h quietHandler) WithGroup(name string) slog.Handler {
	return quietHandler{h.Handler.WithGroup(name)}
}

// quieter lowers everything by one level.
func quieter(l slog.Level) slog.Level { return l - (slog.LevelWarn - slog.LevelInfo) }
