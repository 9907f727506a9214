package soap

import (
	"context"
	"mime"
	"net/http"
	"sync/atomic"

	"strowger/switch/fault"
)

// Answer is what a peer has answered.
type Answer struct {
	Body []byte
	Type string // of the content
}

// Charset is the charset that the content type names, or empty.
func (a Answer) Charset() string {
	_, params, err := mime.ParseMediaType(a.Type)
	if err != nil {
		return ""
	}
	return params["charset"]
}

// Envelope reads the answer as a message.
func (a Answer) Envelope(l Limits) (*Envelope, error) {
	return ReadEnvelope(a.Body, a.Charset(), l, func(string, string) bool { return true })
}

// Get reads a document, as a description. Errors are those of Post; any status
// but 200 is one.
func (c *Client) Get(ctx context.Context, url string) (Answer, error) {
	target, err := c.allow.Check(url)
	if err != nil {
		c.Stats.Denied.Add(1)
		return Answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return Answer{}, fault.Wrap(fault.Invalid, "soap: get", url, err)
	}
	answer, resp, err := c.do(req, url, new(atomic.Bool))
	if err != nil {
		return Answer{}, err
	}
	if resp.StatusCode != http.StatusOK {
		c.Stats.HTTPErrors.Add(1)
		return Answer{}, fault.New(statusKind(resp.StatusCode), "soap: get", url, "the peer answered HTTP "+http.StatusText(resp.StatusCode))
	}
	return answer, nil
}

// statusKind classifies an HTTP status that is no success.
func statusKind(status int) fault.Kind {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return fault.Unavailable
	case http.StatusUnauthorized, http.StatusForbidden:
		return fault.Denied
	case http.StatusNotFound:
		return fault.NotFound
	}
	return fault.Invalid
}
