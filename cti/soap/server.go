package soap

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"strowger/switch/fault"
)

// Time limits of one HTTP request. A command is answered within milliseconds;
// these only get rid of peers that stall. For a call that waits AnswerTimeout
// begins anew.
const (
	headerTimeout = 10 * time.Second
	bodyTimeout   = 30 * time.Second
	AnswerTimeout = 60 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 32 << 10
)

// ConnsPerRequest is how many connections an adapter lets in for each request
// that it may serve at once: peers keep idle ones.
const ConnsPerRequest = 8

// Conns holds the number of an HTTP server's connections down. Set Most before
// the server starts.
type Conns struct {
	Most    int64
	Refused atomic.Uint64 // closed at once, because there were too many

	open atomic.Int64
}

// Open is how many connections there are now.
func (c *Conns) Open() int64 { return c.open.Load() }

func (c *Conns) count(conn net.Conn, st http.ConnState) {
	switch st {
	case http.StateNew:
		if c.open.Add(1) > c.Most {
			c.Refused.Add(1)
			_ = conn.Close() // it gets nothing from us
		}
	case http.StateClosed, http.StateHijacked:
		c.open.Add(-1)
	case http.StateActive, http.StateIdle:
	}
}

// NewServer makes the HTTP server of an adapter. Its own messages are of the
// level debug.
func NewServer(h http.Handler, conns *Conns, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout, WriteTimeout: AnswerTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), ConnState: conns.count,
	}
}

// Door is what an adapter's configuration says of where it listens and whom it
// lets in.
type Door struct {
	Listen         string   // address:port
	Path           string   // of the URL
	Allow          []string // networks of the peers
	User, Password string
	TLS            Certificates
}

// Check returns the first setting that is wrong as fault.Invalid of op, with the
// key as subject. pathKey is the key of the path, suggested one that would do,
// peers says who connects.
func (d *Door) Check(op, pathKey, suggested, peers string) error {
	wrong := func(key, why string) error { return fault.New(fault.Invalid, op, key, why) }
	if _, _, err := net.SplitHostPort(d.Listen); err != nil {
		return wrong("listen", "must be address:port: "+err.Error())
	}
	if !strings.HasPrefix(d.Path, "/") || strings.ContainsAny(d.Path, "?# {}") {
		return wrong(pathKey, "must be a path that begins with / such as "+suggested)
	}
	if _, err := NetworksOf(op, "allowClients", d.Allow); err != nil {
		return err
	}
	switch {
	case len(d.Allow) == 0:
		return wrong("allowClients", "is empty, so nobody could connect; list the networks of "+peers)
	case (d.User == "") != (d.Password == ""):
		return wrong("password", "user and password are set together or not at all")
	case (d.TLS.Cert == "") != (d.TLS.Key == ""):
		return wrong("tlsKey", "tlsCert and tlsKey are set together or not at all")
	case d.TLS.CA != "" && d.TLS.Cert == "":
		return wrong("tlsClientCA", "needs tlsCert and tlsKey")
	}
	return nil
}

// NetworksOf is [Networks] for a setting: what is wrong is fault.Invalid of op
// with the key as subject.
func NetworksOf(op, key string, list []string) ([]netip.Prefix, error) {
	out, err := Networks(list)
	if err != nil {
		return nil, fault.New(fault.Invalid, op, key, fault.ReasonOf(err))
	}
	return out, nil
}
