package soap

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"strowger/switch/fault"
)

// ClientConfig configures a [Client]. Zero values mean the defaults.
type ClientConfig struct {
	Allow          Destinations
	ConnectTimeout time.Duration // default 3 s, TLS handshake included separately with the same value
	MaxResponse    int64         // bytes read of an answer, default 64 KiB
	MaxConns       int           // connections per host, default 32
	IdleTimeout    time.Duration // default 10 s, below what common servers keep
	TLS            *tls.Config   // for https; nil means the system's roots
	UserAgent      string        // default "strowger"
	Proxy          *url.URL      // through which messages go, http alone; nil: directly
	NoProxy        []string      // hosts that are reached directly all the same; ".crm.example" is all below
	Stats          *ClientStats  // counts for several clients together; nil: its own
	User, Password string        // HTTP Basic login; empty: none
	// Jar keeps the cookies that the peer sets, for peers whose sessions are
	// made of them; nil: they are ignored.
	Jar http.CookieJar
}

// ClientStats counts what a [Client] met. All fields only grow.
type ClientStats struct {
	Posts       atomic.Uint64 // requests begun
	Delivered   atomic.Uint64 // answered 2xx without a fault
	Faults      atomic.Uint64 // answered with a SOAP fault, whatever the HTTP status
	HTTPErrors  atomic.Uint64 // answered with another HTTP status
	Unreachable atomic.Uint64 // failed before the request was written
	Unanswered  atomic.Uint64 // failed after the request was written
	Denied      atomic.Uint64 // connections refused by the destination rules
	Oversized   atomic.Uint64 // answers longer than MaxResponse
}

// Client posts SOAP messages to addresses that peers gave us. It follows no
// redirect, uses no proxy of the environment, and connects only where its
// [Destinations] allow. Through a proxy it reaches what they allow by name or
// number: which address a name has is the proxy's affair then.
type Client struct {
	Stats          *ClientStats
	allow          Destinations
	max            int64
	agent          string
	direct         *http.Client
	proxied        *http.Client // nil: there is no proxy
	noProxy        []string
	user, password string
}

// NewClient makes a Client.
func NewClient(cfg ClientConfig) *Client {
	if cfg.ConnectTimeout <= 0 {
		cfg.ConnectTimeout = 3 * time.Second
	}
	if cfg.MaxResponse <= 0 {
		cfg.MaxResponse = 64 << 10
	}
	if cfg.MaxConns <= 0 {
		cfg.MaxConns = 32
	}
	if cfg.IdleTimeout <= 0 {
		cfg.IdleTimeout = 10 * time.Second
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "strowger"
	}
	if cfg.Stats == nil {
		cfg.Stats = &ClientStats{}
	}
	c := &Client{Stats: cfg.Stats, allow: cfg.Allow, max: cfg.MaxResponse, agent: cfg.UserAgent, user: cfg.User, password: cfg.Password}
	c.noProxy = cfg.NoProxy
	dialer := &net.Dialer{Timeout: cfg.ConnectTimeout, Control: cfg.Allow.control(func() { c.Stats.Denied.Add(1) })}
	c.direct = cfg.over(dialer, nil)
	if cfg.Proxy != nil {
		c.proxied = cfg.over(&net.Dialer{Timeout: cfg.ConnectTimeout}, cfg.Proxy)
	}
	return c
}

// over makes a client that connects with a dialer.
func (cfg ClientConfig) over(dialer *net.Dialer, proxy *url.URL) *http.Client {
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        cfg.TLS,
		TLSHandshakeTimeout:    cfg.ConnectTimeout,
		MaxConnsPerHost:        cfg.MaxConns,
		MaxIdleConnsPerHost:    cfg.MaxConns,
		MaxIdleConns:           4 * cfg.MaxConns,
		IdleConnTimeout:        cfg.IdleTimeout,
		MaxResponseHeaderBytes: cfg.MaxResponse,
		DisableCompression:     true,
	}
	if proxy != nil {
		transport.Proxy = http.ProxyURL(proxy)
	}
	return &http.Client{
		Transport:     transport,
		Jar:           cfg.Jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// to is the client that reaches a host.
func (c *Client) to(host string) *http.Client {
	if c.proxied == nil || namedIn(c.noProxy, strings.ToLower(host)) {
		return c.direct
	}
	return c.proxied
}

// Check applies the client's destination rules to a URL; see [Destinations.Check].
func (c *Client) Check(raw string) error {
	_, err := c.allow.Check(raw)
	return err
}

// Close ends idle connections.
func (c *Client) Close() {
	c.direct.CloseIdleConnections()
	if c.proxied != nil {
		c.proxied.CloseIdleConnections()
	}
}

// Post sends a message and waits for the answer until ctx ends. sent, if not
// nil, is called once when the request has been written to the connection.
//
// A 2xx answer without a Fault is success, whatever else it holds. Errors:
// a *[Fault] when the answer is a SOAP fault with any HTTP status;
// fault.Unavailable when nothing was written, and for HTTP 408, 429, 502, 503
// and 504; fault.Unknown when the request was written and no answer came;
// fault.Denied when the destination rules forbid it; fault.Invalid for any
// other answer.
func (c *Client) Post(ctx context.Context, to, action string, body []byte, sent func()) error {
	_, err := c.Ask(ctx, to, action, body, sent)
	return err
}

// Ask is Post for who wants to read the answer.
func (c *Client) Ask(ctx context.Context, to, action string, body []byte, sent func()) (Answer, error) {
	const op = "soap: post"
	target, err := c.allow.Check(to)
	if err != nil {
		c.Stats.Denied.Add(1)
		return Answer{}, err
	}
	var wrote atomic.Bool
	trace := &httptrace.ClientTrace{WroteRequest: func(info httptrace.WroteRequestInfo) {
		if info.Err == nil && !wrote.Swap(true) && sent != nil {
			sent()
		}
	}}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost, target.String(), bytes.NewReader(body))
	if err != nil {
		return Answer{}, fault.Wrap(fault.Invalid, op, to, err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("SOAPAction", `"`+action+`"`)
	c.Stats.Posts.Add(1)
	answer, resp, err := c.do(req, to, &wrote)
	if err != nil {
		return Answer{}, err
	}
	return answer, c.judge(to, resp, answer.Body)
}

// do sends a request and reads the whole answer.
func (c *Client) do(req *http.Request, to string, wrote *atomic.Bool) (Answer, *http.Response, error) {
	req.Header.Set("User-Agent", c.agent)
	if c.user != "" {
		req.SetBasicAuth(c.user, c.password)
	}
	resp, err := c.to(req.URL.Hostname()).Do(req)
	if err != nil {
		return Answer{}, nil, c.failure(to, err, wrote.Load())
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, c.max+1))
	closeErr := resp.Body.Close()
	switch {
	case err != nil:
		return Answer{}, nil, c.failure(to, err, true)
	case int64(len(answer)) > c.max:
		c.Stats.Oversized.Add(1)
		return Answer{}, nil, fault.Newf(fault.Invalid, "soap: post", to, "the answer is longer than %d bytes", c.max)
	case closeErr != nil:
		return Answer{}, nil, c.failure(to, closeErr, true)
	}
	return Answer{Body: answer, Type: resp.Header.Get("Content-Type")}, resp, nil
}

// failure classifies an error of the connection.
func (c *Client) failure(to string, err error, wrote bool) error {
	var known *fault.Error
	switch {
	case errors.As(err, &known):
		return err
	case wrote:
		c.Stats.Unanswered.Add(1)
		return &fault.Error{Kind: fault.Unknown, Op: "soap: post", Subject: to, Reason: "the request was sent and no answer came", Err: err}
	}
	c.Stats.Unreachable.Add(1)
	return &fault.Error{Kind: fault.Unavailable, Op: "soap: post", Subject: to, Reason: "the peer cannot be reached", Err: err}
}

// judge classifies an answer: by its body first, since old peers send faults
// with status 200.
func (c *Client) judge(to string, resp *http.Response, answer []byte) error {
	if f := answeredFault(resp.Header.Get("Content-Type"), answer, c.max); f != nil {
		c.Stats.Faults.Add(1)
		return f
	}
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		c.Stats.Delivered.Add(1)
		return nil
	}
	c.Stats.HTTPErrors.Add(1)
	kind := fault.Invalid
	switch resp.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		kind = fault.Unavailable
	}
	return fault.New(kind, "soap: post", to, "the peer answered HTTP "+strconv.Itoa(resp.StatusCode))
}

// answeredFault returns the fault in an answer, or nil when there is none or
// the answer is no SOAP message.
func answeredFault(mediaType string, answer []byte, limit int64) *Fault {
	if !bytes.Contains(answer, []byte("Fault")) && !bytes.Contains(answer, []byte("F\x00a\x00u\x00l\x00t")) {
		return nil
	}
	_, params, err := mime.ParseMediaType(mediaType)
	if err != nil {
		params = nil
	}
	all := func(string, string) bool { return true }
	env, err := ReadEnvelope(answer, params["charset"], Limits{Bytes: limit}, all)
	if err != nil {
		return nil
	}
	return env.Fault()
}
