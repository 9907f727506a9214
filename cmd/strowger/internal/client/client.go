package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"strowger/cti/rest"
	"strowger/switch/fault"
	"strowger/switch/objects"
)

const (
	requestTimeout = 10 * time.Second
	maxAnswer      = 64 << 20 // a snapshot of 5000 calls has 8 MB
)

// Client asks one controller. Safe for concurrent use.
type Client struct {
	socket string
	http   *http.Client
}

// New returns a client for the controller that listens on a unix socket.
// Nothing is sent yet.
func New(socket string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}
	return &Client{socket: socket, http: &http.Client{Transport: &http.Transport{DialContext: dial, MaxIdleConns: 2}}}
}

// Close gives up idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Status returns the controller on one page.
func (c *Client) Status(ctx context.Context) (rest.Status, error) {
	return get[rest.Status](ctx, c, "/api/v1/status", nil)
}

// CallFilter chooses calls; empty fields match everything.
type CallFilter struct {
	Queue, Agent, Phase string
	Ended               bool
	Limit               int
}

// Calls lists calls.
func (c *Client) Calls(ctx context.Context, f CallFilter) (rest.CallList, error) {
	q := url.Values{}
	for k, v := range map[string]string{"queue": f.Queue, "agent": f.Agent, "phase": f.Phase} {
		if v != "" {
			q.Set(k, v)
		}
	}
	if f.Ended {
		q.Set("ended", "true")
	}
	if f.Limit != 0 {
		q.Set("limit", strconv.Itoa(f.Limit))
	}
	return get[rest.CallList](ctx, c, "/api/v1/calls", q)
}

// Call returns one call by ULID, hexadecimal id or number.
func (c *Client) Call(ctx context.Context, ref string) (rest.Call, error) {
	return get[rest.Call](ctx, c, "/api/v1/calls/"+url.PathEscape(ref), nil)
}

// Agents lists the agents.
func (c *Client) Agents(ctx context.Context) (rest.AgentList, error) {
	return get[rest.AgentList](ctx, c, "/api/v1/agents", nil)
}

// Agent returns one agent.
func (c *Client) Agent(ctx context.Context, id string) (rest.Agent, error) {
	return get[rest.Agent](ctx, c, "/api/v1/agents/"+url.PathEscape(id), nil)
}

// Queues lists the queues.
func (c *Client) Queues(ctx context.Context) (rest.QueueList, error) {
	return get[rest.QueueList](ctx, c, "/api/v1/queues", nil)
}

// Do asks for an operation on a connection, with its body or nil.
func (c *Client) Do(ctx context.Context, conn, operation string, body any) (rest.Accepted, error) {
	return send[rest.Accepted](ctx, c, "/api/v1/connections/"+url.PathEscape(conn)+"/"+operation, body)
}

// Order asks for an operation on something else: collection is calls, agents
// or queues.
func (c *Client) Order(ctx context.Context, collection, id, operation string, body any) (rest.Accepted, error) {
	return send[rest.Accepted](ctx, c, "/api/v1/"+collection+"/"+url.PathEscape(id)+"/"+operation, body)
}

// ChangeAgent asks for login, state, force-state or panic-logout and returns
// the agent as they are then.
func (c *Client) ChangeAgent(ctx context.Context, id, operation string, body any) (rest.Agent, error) {
	return send[rest.Agent](ctx, c, "/api/v1/agents/"+url.PathEscape(id)+"/"+operation, body)
}

// Explain says why a call went to whom it went.
func (c *Client) Explain(ctx context.Context, ref string) (rest.Explanation, error) {
	return get[rest.Explanation](ctx, c, "/api/v1/calls/"+url.PathEscape(ref)+"/explain", nil)
}

// Parking lists the parked calls.
func (c *Client) Parking(ctx context.Context) (rest.ParkingList, error) {
	return get[rest.ParkingList](ctx, c, "/api/v1/parking", nil)
}

// Callbacks lists callbacks; empty filters match everything.
func (c *Client) Callbacks(ctx context.Context, queue, state string) (rest.CallbackList, error) {
	q := url.Values{}
	for k, v := range map[string]string{"queue": queue, "state": state} {
		if v != "" {
			q.Set(k, v)
		}
	}
	return get[rest.CallbackList](ctx, c, "/api/v1/callbacks", q)
}

// CreateCallback asks for a call to a customer.
func (c *Client) CreateCallback(ctx context.Context, r rest.CallbackRequest) (rest.Accepted, error) {
	return send[rest.Accepted](ctx, c, "/api/v1/callbacks", r)
}

// UpdateCallback reports a result.
func (c *Client) UpdateCallback(ctx context.Context, id string, u rest.CallbackUpdate) (rest.Accepted, error) {
	return sendBy[rest.Accepted](ctx, c, http.MethodPatch, "/api/v1/callbacks/"+url.PathEscape(id), u)
}

// Audit lists forced actions, newest first; the query is that of GET /api/v1/audit.
func (c *Client) Audit(ctx context.Context, query url.Values) (rest.AuditList, error) {
	return get[rest.AuditList](ctx, c, "/api/v1/audit", query)
}

// Supervisions lists who is with which agent.
func (c *Client) Supervisions(ctx context.Context) (rest.SupervisionList, error) {
	return get[rest.SupervisionList](ctx, c, "/api/v1/supervisions", nil)
}

// Supervise calls a supervisor's phone.
func (c *Client) Supervise(ctx context.Context, r rest.SuperviseRequest) (rest.Accepted, error) {
	return send[rest.Accepted](ctx, c, "/api/v1/supervisions", r)
}

func get[T any](ctx context.Context, c *Client, path string, query url.Values) (T, error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return exchange[T](ctx, c, http.MethodGet, path, nil)
}

func send[T any](ctx context.Context, c *Client, path string, body any) (T, error) {
	return sendBy[T](ctx, c, http.MethodPost, path, body)
}

func sendBy[T any](ctx context.Context, c *Client, method, path string, body any) (T, error) {
	if body == nil {
		return exchange[T](ctx, c, method, path, nil)
	}
	b, err := json.Marshal(body)
	if err != nil {
		var none T
		return none, fault.Wrap(fault.Internal, "client", path, err)
	}
	return exchange[T](ctx, c, method, path, b)
}

func exchange[T any](ctx context.Context, c *Client, method, path string, body []byte) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	var out T
	resp, err := c.open(ctx, method, path, body)
	if err != nil {
		return out, err
	}
	defer func() { _ = resp.Body.Close() }() // everything of interest has been read
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&out); err != nil {
		return out, c.notUnderstood(err)
	}
	return out, nil
}

// open sends a request and returns an answer of status 2xx; any other is a fault.
func (c *Client) open(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://strowger"+path, bytes.NewReader(body))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "client", path, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return c.answer(req)
}

// answer sends a request; an answer that is not of status 2xx is a fault.
func (c *Client) answer(req *http.Request) (*http.Response, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(err)
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }() // everything of interest has been read
	var p rest.Problem
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&p); err != nil || p.Kind == "" {
		return nil, c.notUnderstood(errors.New("status " + resp.Status))
	}
	out := fault.New(kindOf(p.Kind), "client", p.Subject, p.Detail)
	if len(p.Problems) > 0 {
		out.Err = objects.Problems(p.Problems)
	}
	return nil, out
}

// kindOf reads the kind of a problem; one that a newer controller has made is Internal.
func kindOf(word string) fault.Kind {
	for k := fault.Internal; k <= fault.Stopped; k++ {
		if strings.ReplaceAll(k.String(), " ", "-") == word {
			return k
		}
	}
	return fault.Internal
}

func (c *Client) unreachable(err error) error {
	e := &fault.Error{Kind: fault.Unavailable, Op: "client", Subject: c.socket, Err: err}
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		e.Kind, e.Reason = fault.Stopped, "interrupted"
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		e.Reason = "no controller answers on this socket: start it with 'strowger serve', or name the socket of a running one with --socket"
	case errors.Is(err, os.ErrPermission):
		e.Kind, e.Reason = fault.Denied, "the socket is open to root and to the user who runs the controller only: run the command as that user"
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Reason = "the controller does not answer in time: it is overloaded or stuck; its log and 'strowger doctor' say more"
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		e.Reason = "the controller closed the connection: it is stopping, has too many connections, or runs as another user"
	default:
		e.Reason = "the controller cannot be reached: " + err.Error()
	}
	return e
}

func (c *Client) notUnderstood(err error) error {
	return &fault.Error{
		Kind: fault.Unavailable, Op: "client", Subject: c.socket, Err: err,
		Reason: "what answers here is not understood (" + err.Error() + "): is it a controller of another version?",
	}
}
