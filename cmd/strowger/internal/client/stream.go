package client

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"strowger/cti/rest"
	"strowger/switch/fault"
)

// maxMessage bounds one message of a stream; the largest is the snapshot.
const maxMessage = maxAnswer

// Stream follows what happens. Used by one goroutine.
type Stream struct {
	body io.ReadCloser
	scan *bufio.Scanner
	c    *Client
}

// Watch opens the event stream and returns the snapshot that it begins with.
// The stream ends with ctx.
func (c *Client) Watch(ctx context.Context) (*Stream, rest.Snapshot, error) {
	var snap rest.Snapshot
	resp, err := c.open(ctx, http.MethodGet, "/api/v1/events", nil)
	if err != nil {
		return nil, snap, err
	}
	s := &Stream{body: resp.Body, scan: bufio.NewScanner(resp.Body), c: c}
	s.scan.Buffer(make([]byte, 64<<10), maxMessage)
	name, data, err := s.message()
	if err == nil && name != "snapshot" {
		err = c.notUnderstood(io.ErrUnexpectedEOF)
	}
	if err == nil {
		err = json.Unmarshal(data, &snap)
	}
	if err != nil {
		s.Close()
		return nil, snap, err
	}
	return s, snap, nil
}

// Next waits for the next event. Its error is of kind Overrun or Stopped when
// the controller ended the stream and said why, Unavailable when the stream broke.
func (s *Stream) Next() (rest.Event, error) {
	for {
		name, data, err := s.message()
		if err != nil {
			return rest.Event{}, err
		}
		switch name {
		case "change":
			var e rest.Event
			if err := json.Unmarshal(data, &e); err != nil {
				return e, s.c.notUnderstood(err)
			}
			return e, nil
		case "end":
			var end rest.StreamEnd
			if err := json.Unmarshal(data, &end); err != nil {
				return rest.Event{}, s.c.notUnderstood(err)
			}
			kind := fault.Unavailable
			switch end.Reason {
			case "overrun":
				kind = fault.Overrun
			case "stopped":
				kind = fault.Stopped
			}
			return rest.Event{}, fault.New(kind, "client: watch", s.c.socket, end.Detail)
		}
	}
}

// Close ends the stream; it may be called twice.
func (s *Stream) Close() { _ = s.body.Close() } // nothing was written

// message reads one server-sent event. Unknown fields are skipped, as the
// format demands.
func (s *Stream) message() (name string, data []byte, err error) {
	for s.scan.Scan() {
		field, value, _ := strings.Cut(s.scan.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			name = value
		case "data":
			data = append(data, value...)
		case "":
			if name != "" {
				return name, data, nil
			}
		}
	}
	if err := s.scan.Err(); err != nil {
		return "", nil, s.c.unreachable(err)
	}
	return "", nil, fault.New(fault.Unavailable, "client: watch", s.c.socket, "the controller closed the stream without a reason: it was stopped or it crashed")
}
