package arispec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"strowger/switch/fault"
)

// Request is one operation on its way to a [Transport].
type Request struct {
	Op     Op
	Method string
	Path   string // escaped, below the ARI root: "/channels/ab%2Fc/answer"
	Query  string // escaped, without the question mark
	Body   []byte // JSON; nil for none
}

// Response is an answer of Asterisk. BodyErr says why Body is not complete; Status holds all the same.
type Response struct {
	Status      int
	ContentType string
	Body        []byte
	BodyErr     error
}

// Transport carries requests. Do is called from many goroutines. Its error is
// a *fault.Error: Unknown if the request may have reached Asterisk, and any
// other kind (Unavailable, Busy, Stopped) if it certainly did not.
type Transport interface {
	Do(ctx context.Context, req *Request) (*Response, error)
}

// Config sets up a [Client].
type Config struct {
	Transport   Transport     // required
	MaxInFlight int           // requests at the same time; default 64; keep below http.conf's sessionlimit
	Timeout     time.Duration // for one request, the wait for a free slot included; default 3 s
}

// Client runs operations. It is safe for concurrent use and owns no goroutine.
type Client struct {
	transport Transport
	timeout   time.Duration
	slots     chan struct{}
	n         counters
}

type counters struct {
	requests, faults, unknown, busy, waited atomic.Uint64
	highWater                               atomic.Int64
}

// Stats are the counters of a [Client] since it was made.
type Stats struct {
	Requests  uint64 // handed to the transport
	Faults    uint64 // operations that returned an error, of any kind
	Unknown   uint64 // of these: nobody knows whether Asterisk acted
	Busy      uint64 // of these: no free slot within the deadline
	Waited    uint64 // requests that had to wait for a slot
	InFlight  int    // now
	HighWater int    // most at the same time
	Limit     int    // of requests in flight
}

// New makes a Client.
func New(cfg Config) (*Client, error) {
	if cfg.Transport == nil {
		return nil, fault.New(fault.Invalid, "ari client", "", "Config.Transport is missing")
	}
	if cfg.MaxInFlight < 0 || cfg.Timeout < 0 {
		return nil, fault.New(fault.Invalid, "ari client", "", "MaxInFlight and Timeout must not be negative")
	}
	if cfg.MaxInFlight == 0 {
		cfg.MaxInFlight = 64
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 3 * time.Second
	}
	return &Client{transport: cfg.Transport, timeout: cfg.Timeout, slots: make(chan struct{}, cfg.MaxInFlight)}, nil
}

// Stats returns the counters.
func (c *Client) Stats() Stats {
	return Stats{
		Requests: c.n.requests.Load(), Faults: c.n.faults.Load(), Unknown: c.n.unknown.Load(), Busy: c.n.busy.Load(),
		Waited: c.n.waited.Load(), InFlight: len(c.slots), HighWater: int(c.n.highWater.Load()), Limit: cap(c.slots),
	}
}

// void runs an operation without a result.
func (c *Client) void(ctx context.Context, r *call) error {
	_, err := c.run(ctx, r)
	return err
}

// binary runs an operation whose result is not JSON.
func (c *Client) binary(ctx context.Context, r *call) ([]byte, error) {
	resp, err := c.run(ctx, r)
	if err != nil {
		return nil, err
	}
	if resp.BodyErr != nil {
		return nil, c.count(cutBody(r, resp.Status, resp.BodyErr))
	}
	return resp.Body, nil
}

// one runs an operation whose result is one model.
func one[T any](ctx context.Context, c *Client, r *call) (*T, error) {
	v := new(T)
	if err := c.decode(ctx, r, v); err != nil {
		return nil, err
	}
	return v, nil
}

// list runs an operation whose result is a list of models.
func list[T any](ctx context.Context, c *Client, r *call) ([]T, error) {
	var v []T
	if err := c.decode(ctx, r, &v); err != nil {
		return nil, err
	}
	return v, nil
}

func (c *Client) decode(ctx context.Context, r *call, dst any) error {
	resp, err := c.run(ctx, r)
	if err != nil {
		return err
	}
	cause := resp.BodyErr
	if cause == nil {
		cause = json.Unmarshal(resp.Body, dst)
	}
	if cause != nil {
		return c.count(cutBody(r, resp.Status, cause))
	}
	return nil
}

// cutBody is the fault of a 2xx answer whose body is of no use. The status
// says that Asterisk accepted the request, the caller's result is lost.
func cutBody(r *call, status int, cause error) error {
	e := fault.Newf(fault.Unavailable, r.name(), r.subject, "answered %d, but its body cannot be read", status)
	if r.op.Method == "POST" {
		e.Kind = fault.Unknown
	}
	e.Err = cause
	return e
}

// run sends the request and judges the status, before anybody looks at the body.
func (c *Client) run(ctx context.Context, r *call) (*Response, error) {
	req, err := r.request()
	if err != nil {
		return nil, c.count(err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	if err := c.acquire(ctx, r); err != nil {
		return nil, c.count(err)
	}
	defer func() { <-c.slots }()
	c.n.requests.Add(1)
	resp, err := c.transport.Do(ctx, req)
	if err != nil {
		return nil, c.count(noAnswer(r, err))
	}
	if resp.Status < 200 || resp.Status > 299 {
		return nil, c.count(statusFault(r, resp))
	}
	return resp, nil
}

// acquire waits for a slot until the request's deadline.
func (c *Client) acquire(ctx context.Context, r *call) error {
	select {
	case c.slots <- struct{}{}:
	default:
		c.n.waited.Add(1)
		select {
		case c.slots <- struct{}{}:
		case <-ctx.Done():
			e := fault.Newf(fault.Busy, r.name(), r.subject, "no free slot among %d requests in flight: not sent", cap(c.slots))
			if ctx.Err() == context.Canceled {
				e.Kind, e.Reason = fault.Stopped, "cancelled before it was sent"
			}
			return e
		}
	}
	for now := int64(len(c.slots)); ; {
		old := c.n.highWater.Load()
		if now <= old || c.n.highWater.CompareAndSwap(old, now) {
			return nil
		}
	}
}

// count keeps the books on an error.
func (c *Client) count(err error) error {
	c.n.faults.Add(1)
	switch {
	case fault.Is(err, fault.Unknown):
		c.n.unknown.Add(1)
	case fault.Is(err, fault.Busy):
		c.n.busy.Add(1)
	}
	return err
}

// noAnswer gives a transport's error the operation's name. A repeated GET, PUT
// or DELETE does no harm, so for these "may have been sent" is only Unavailable.
func noAnswer(r *call, err error) error {
	k := fault.KindOf(err)
	reason := "no connection to Asterisk: not sent"
	switch {
	case k == fault.Unknown && r.op.Method == "POST":
		reason = "sent, but no answer came: find out by events or a list whether it happened"
	case k == fault.Unknown:
		k, reason = fault.Unavailable, "sent, but no answer came"
	}
	return &fault.Error{Kind: k, Op: r.name(), Subject: r.subject, Reason: reason, Err: err}
}

// statusFault maps an error status to a kind, and quotes Asterisk's message.
func statusFault(r *call, resp *Response) error {
	kind := fault.Internal
	switch s := resp.Status; {
	case s == 404:
		kind = fault.NotFound
	case s == 409 || s == 412 || s == 422:
		kind = fault.Conflict
	case s == 401 || s == 403:
		kind = fault.Denied
	case s == 405 || s == 501:
		kind = fault.Unsupported
	case s >= 500 && s <= 599:
		kind = fault.Unavailable
	case s >= 400 && s <= 499:
		kind = fault.Invalid
	}
	e := fault.Newf(kind, r.name(), r.subject, "status %d%s", resp.Status, message(resp))
	e.Err = httpStatus(resp.Status)
	return e
}

// httpStatus is the cause of a fault that Asterisk itself answered.
type httpStatus int

func (s httpStatus) Error() string { return "HTTP " + strconv.Itoa(int(s)) }

// Answered returns the HTTP status of a fault that is Asterisk's own answer,
// as against a request that got no answer.
func Answered(err error) (status int, ok bool) {
	var s httpStatus
	ok = errors.As(err, &s)
	return int(s), ok
}

// message returns ": text" from {"message": text}, {"error": text} or the start of any other body.
func message(resp *Response) string {
	var m struct{ Message, Error string }
	text := ""
	if json.Unmarshal(resp.Body, &m) == nil {
		text = m.Message
		if text == "" {
			text = m.Error
		}
	} else if len(resp.Body) > 0 {
		text = fmt.Sprintf("not ARI's JSON, is this Asterisk's port? %.120q", resp.Body)
	}
	if text == "" {
		return ""
	}
	if len(text) > 400 {
		text = text[:400]
	}
	return ": " + strings.Map(func(c rune) rune {
		if c < 0x20 || c == 0x7f {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(text, "?"))
}
