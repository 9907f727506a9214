package link

import (
	"context"
	"encoding/json"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/coder/websocket"

	"strowger/ari/arispec"
	"strowger/switch/fault"
)

// maxCalls bounds the REST requests open on the websocket. Asterisk runs them one by one, so more would only queue there.
const maxCalls = 64

// calls are the REST requests that wait for an answer.
type calls struct {
	open atomic.Int64 // len(waiting), for the reader's quick look

	mu      sync.Mutex // guards the fields below
	seq     uint64
	waiting map[string]chan *arispec.RESTResponse // closed without a value: connection lost
}

func newCalls() *calls {
	return &calls{waiting: map[string]chan *arispec.RESTResponse{}}
}

// add books a request under a new id; ok is false when there are too many.
func (c *calls) add() (id string, answer chan *arispec.RESTResponse, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) >= maxCalls {
		return "", nil, false
	}
	c.seq++
	id = "sw-" + strconv.FormatUint(c.seq, 10)
	answer = make(chan *arispec.RESTResponse, 1)
	c.waiting[id] = answer
	c.open.Store(int64(len(c.waiting)))
	return id, answer, true
}

// take removes a request; nil if nobody waits for it.
func (c *calls) take(id string) chan *arispec.RESTResponse {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := c.waiting[id]
	delete(c.waiting, id)
	c.open.Store(int64(len(c.waiting)))
	return answer
}

// abandon ends all waits: the connection that would bring the answers is gone.
func (c *calls) abandon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, answer := range c.waiting {
		close(answer)
		delete(c.waiting, id)
	}
	c.open.Store(0)
}

// Do sends a REST request on the event websocket and waits for its answer; it
// is an [arispec.SocketDo]. It replaces req's RequestID. Faults: Unavailable
// when not connected, Busy when 64 requests are open, and Unknown once the
// request may have left and no answer came before ctx ended or the connection broke.
func (s *Stream) Do(ctx context.Context, req *arispec.RESTRequest) (*arispec.RESTResponse, error) {
	s.mu.Lock()
	conn := s.conn
	s.mu.Unlock()
	if conn == nil {
		return nil, fault.New(fault.Unavailable, "ari stream", s.cfg.App, "not connected: not sent")
	}
	if err := ctx.Err(); err != nil {
		return nil, fault.Wrap(fault.KindOf(err), "ari stream", s.cfg.App, err)
	}
	id, answer, ok := s.calls.add()
	if !ok {
		return nil, fault.Newf(fault.Busy, "ari stream", s.cfg.App, "%d REST requests are open on the websocket", maxCalls)
	}
	defer s.calls.take(id)
	own := *req
	own.RequestID = id
	text, err := json.Marshal(&own)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "ari stream", s.cfg.App, err)
	}
	unknown := func(reason string, cause error) error {
		return &fault.Error{Kind: fault.Unknown, Op: "ari stream", Subject: s.cfg.App, Reason: reason, Err: cause}
	}
	// A write that is broken off breaks the connection, and with it the events:
	// the caller's deadline must not do that, a dead peer may.
	wctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.DeadAfter)
	defer cancel()
	if err := conn.Write(wctx, websocket.MessageText, text); err != nil {
		return nil, unknown("the request was cut while it was sent", err)
	}
	select {
	case resp, ok := <-answer:
		if !ok {
			return nil, unknown("the connection broke before the answer came", nil)
		}
		return resp, nil
	case <-ctx.Done():
		return nil, unknown("no answer in time", ctx.Err())
	}
}

// answered hands a RESTResponse to the request that waits for it, and reports
// whether the frame was one of ours. A late answer is counted and dropped.
func (s *Stream) answered(data []byte) bool {
	if name, ok := arispec.TypeOf(data); !ok || name != string(arispec.TypeRESTResponse) {
		return false
	}
	resp := new(arispec.RESTResponse)
	if json.Unmarshal(data, resp) != nil {
		return false // the consumer counts it among the frames it cannot read
	}
	if answer := s.calls.take(resp.RequestID); answer != nil {
		answer <- resp
	} else {
		s.n.lateResponses.Add(1)
	}
	return true
}
