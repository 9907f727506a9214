package arispec

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"strowger/switch/fault"
)

// maxSocketFrame is the largest text frame that Asterisk reads from a
// websocket; a longer one closes it with 1009.
const maxSocketFrame = 65535

// SocketDo sends one RESTRequest on the event websocket and returns its
// RESTResponse. It fails as [Transport.Do] does. link.Stream has it.
type SocketDo func(ctx context.Context, req *RESTRequest) (*RESTResponse, error)

// SocketTransport carries requests over the event websocket. Asterisk runs
// them one by one, so that one slow request delays all behind it, and it cannot
// send binary answers: the rescue path, not the normal one. An event filter
// with an allowed list must name RESTResponse.
type SocketTransport struct {
	do  SocketDo
	ids atomic.Uint64
}

// NewSocket makes a transport over do.
func NewSocket(do SocketDo) (*SocketTransport, error) {
	if do == nil {
		return nil, fault.New(fault.Invalid, "ari socket", "", "the send function is missing")
	}
	return &SocketTransport{do: do}, nil
}

// Do implements [Transport].
func (t *SocketTransport) Do(ctx context.Context, req *Request) (*Response, error) {
	id := strconv.FormatUint(t.ids.Add(1), 10)
	uri := strings.TrimPrefix(req.Path, "/")
	if req.Query != "" {
		uri += "?" + req.Query
	}
	frame := &RESTRequest{Type: "RESTRequest", TransactionID: id, RequestID: id, Method: req.Method, URI: uri}
	if req.Body != nil {
		frame.ContentType, frame.MessageBody = "application/json", string(req.Body)
	}
	if n := len(uri) + len(frame.MessageBody); n > maxSocketFrame/2 {
		return nil, fault.New(fault.Invalid, "ari socket", "", fmt.Sprintf("%d bytes do not fit a websocket request", n))
	}
	resp, err := t.do(ctx, frame)
	if err != nil {
		return nil, err
	}
	return &Response{Status: resp.StatusCode, ContentType: resp.ContentType, Body: []byte(resp.MessageBody)}, nil
}
