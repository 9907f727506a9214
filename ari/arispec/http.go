package arispec

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"strowger/switch/fault"
)

// idleTimeout must stay below the 15 s after which Asterisk closes an idle
// HTTP connection (http.conf session_keep_alive): a POST written to a
// connection that Asterisk is just closing would end as Unknown.
const idleTimeout = 10 * time.Second

// HTTPConfig sets up an [HTTPTransport].
type HTTPConfig struct {
	URL       string // ARI root: "http://127.0.0.1:8088/ari"
	User      string // ari.conf user, sent as Basic authentication, never in the URL
	Password  string
	MaxConns  int   // connections to Asterisk, also kept idle; default 64; keep below http.conf's sessionlimit (100)
	BodyLimit int64 // largest answer in bytes; default 16 MiB, about 20,000 channels
}

// HTTPTransport carries requests over a pool of HTTP connections.
type HTTPTransport struct {
	base, host string
	header     http.Header
	pool       *http.Transport
	bodyLimit  int64
	dials      atomic.Uint64
}

// NewHTTP checks the configuration; it does not connect.
func NewHTTP(cfg HTTPConfig) (*HTTPTransport, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fault.New(fault.Invalid, "ari http", "", "URL must look like http://127.0.0.1:8088/ari, without user, query or fragment")
	}
	if cfg.User == "" || strings.Contains(cfg.User, ":") || badText(cfg.User+cfg.Password) != "" {
		return nil, fault.New(fault.Invalid, "ari http", "", "User must not be empty or have a colon, User and Password must be plain text")
	}
	if cfg.MaxConns < 0 || cfg.BodyLimit < 0 {
		return nil, fault.New(fault.Invalid, "ari http", "", "MaxConns and BodyLimit must not be negative")
	}
	if cfg.MaxConns == 0 {
		cfg.MaxConns = 64
	}
	if cfg.BodyLimit == 0 {
		cfg.BodyLimit = 16 << 20
	}
	t := &HTTPTransport{base: strings.TrimSuffix(cfg.URL, "/"), host: u.Host, bodyLimit: cfg.BodyLimit}
	t.header = http.Header{
		"Authorization": {BasicAuth(cfg.User, cfg.Password)},
		"User-Agent":    {"strowger"},
	}
	dialer := &net.Dialer{Timeout: 3 * time.Second, KeepAlive: 15 * time.Second}
	t.pool = &http.Transport{
		Proxy: nil, // a proxy from the environment must never see call control
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			t.dials.Add(1)
			return dialer.DialContext(ctx, network, addr)
		},
		MaxIdleConns: cfg.MaxConns, MaxIdleConnsPerHost: cfg.MaxConns, MaxConnsPerHost: cfg.MaxConns,
		IdleConnTimeout: idleTimeout, DisableCompression: true, TLSHandshakeTimeout: 3 * time.Second,
		MaxResponseHeaderBytes: 64 << 10, WriteBufferSize: 8 << 10, ReadBufferSize: 16 << 10,
	}
	return t, nil
}

// BasicAuth returns the value of an Authorization header (RFC 7617).
func BasicAuth(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// Close closes the idle connections. Requests under way go on.
func (t *HTTPTransport) Close() { t.pool.CloseIdleConnections() }

// Dials returns how many connections were opened: a rate near the rate of
// requests says that keep-alive does not work.
func (t *HTTPTransport) Dials() uint64 { return t.dials.Load() }

// Do implements [Transport].
func (t *HTTPTransport) Do(ctx context.Context, req *Request) (*Response, error) {
	// A retry inside net/http asks for a connection again, and happens only
	// when nothing was written or the method is safe: so the last try counts.
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { sent.Store(false) },
		WroteHeaders: func() { sent.Store(true) },
	})
	hr, err := t.httpRequest(ctx, req)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "ari http", "", err)
	}
	resp, err := t.pool.RoundTrip(hr)
	if err != nil {
		kind := fault.Unavailable
		switch {
		case sent.Load():
			kind = fault.Unknown
		case errors.Is(err, context.Canceled):
			kind = fault.Stopped
		}
		return nil, fault.Wrap(kind, "ari http", t.host, err)
	}
	out := &Response{Status: resp.StatusCode, ContentType: resp.Header.Get("Content-Type")}
	out.Body, out.BodyErr = readBody(resp, t.bodyLimit)
	return out, nil
}

func (t *HTTPTransport) httpRequest(ctx context.Context, req *Request) (*http.Request, error) {
	target := t.base + req.Path
	if req.Query != "" {
		target += "?" + req.Query
	}
	var body io.Reader
	if req.Body != nil {
		body = bytes.NewReader(req.Body)
	}
	hr, err := http.NewRequestWithContext(ctx, req.Method, target, body)
	if err != nil {
		return nil, err
	}
	hr.Header = t.header
	if req.Body != nil {
		hr.Header = t.header.Clone()
		hr.Header.Set("Content-Type", "application/json")
	}
	return hr, nil
}

// readBody reads the whole body, so that the connection can be used again.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	var b []byte
	var err error
	if n := resp.ContentLength; n >= 0 && n <= limit {
		b = make([]byte, n)
		_, err = io.ReadFull(resp.Body, b)
	} else if b, err = io.ReadAll(io.LimitReader(resp.Body, limit+1)); err == nil && int64(len(b)) > limit {
		b, err = nil, fmt.Errorf("body is larger than %d bytes", limit)
	}
	return b, errors.Join(err, resp.Body.Close())
}
