package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"strowger/switch/fault"
	"strowger/switch/port"
)

const (
	streamWrite     = 10 * time.Second // a reader that takes longer for one batch is cut off
	streamHeartbeat = 15 * time.Second
	streamRetry     = 2 * time.Second // how long a client should wait before it comes back
)

// getEvents opens a stream of server-sent events: `snapshot` once, `change`
// for each event, `alive` where nothing happens, and `end` with a reason before
// the server closes it. The `id` of a message is the number of the event; a
// client that comes back gets a new snapshot, so the number it last saw need
// not be sent.
func (s *Server) getEvents(ctx context.Context, _ *noInput) (*huma.StreamResponse, error) {
	if !s.enterStream() {
		s.stats.streamsRefused.Add(1)
		return nil, s.problem("events", fault.Newf(fault.Busy, "events", "",
			"%d streams are open, which is the limit (limits.watch_subscribers); close some or poll /api/v1/snapshot", s.opts.MaxStreams))
	}
	view, sub, err := s.opts.Switch.Watch(ctx, "rest "+callerOf(ctx).by)
	if err != nil {
		s.stats.streamsOpen.Add(-1)
		return nil, s.problem("events", err)
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer s.stats.streamsOpen.Add(-1)
		defer sub.Close()
		r, w := humago.Unwrap(hctx)
		st := &stream{w: w, rc: http.NewResponseController(w)}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(s.streams, cancel)()
		if st.open() && st.send("snapshot", view.Events, s.snapshot(ctx, view)) {
			s.copyEvents(ctx, st, sub)
		}
		if st.err != nil && ctx.Err() == nil {
			s.stats.streamsSlow.Add(1)
		}
	}}, nil
}

// enterStream counts a stream in, up to the limit.
func (s *Server) enterStream() bool {
	if s.stats.streamsOpen.Add(1) <= int64(s.opts.MaxStreams) {
		return true
	}
	s.stats.streamsOpen.Add(-1)
	return false
}

// copyEvents copies events until the reader, the switch or the server ends it.
func (s *Server) copyEvents(ctx context.Context, st *stream, sub port.Subscription) {
	for {
		wait, cancel := context.WithTimeout(ctx, streamHeartbeat)
		batch, err := sub.Next(wait)
		idle := wait.Err() != nil && ctx.Err() == nil
		cancel()
		switch {
		case err == nil:
			for i := range batch {
				st.add("change", batch[i].Seq, private(callerOf(ctx), &batch[i], eventOf(&batch[i])))
			}
		case s.streams.Err() != nil:
			st.end("stopped", "the controller is shutting down; come back in a moment")
			return
		case ctx.Err() != nil:
			return // the reader has gone
		case idle:
			st.add("alive", 0, struct{}{})
		default:
			st.endBy(err)
			if fault.Is(err, fault.Overrun) {
				s.stats.streamsOverrun.Add(1)
			}
			return
		}
		if !st.flush() {
			return
		}
	}
}

// stream writes server-sent events, a batch at a time.
type stream struct {
	w   http.ResponseWriter
	rc  *http.ResponseController
	buf bytes.Buffer
	err error
}

// open sends the head. The server's limit for reading ends with the request,
// its limit for writing is set anew for each batch.
func (st *stream) open() bool {
	h := st.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // for the proxies that would collect the stream
	st.buf.WriteString("retry: " + strconv.FormatInt(streamRetry.Milliseconds(), 10) + "\n\n")
	return st.flush()
}

// add appends one message to the batch. JSON has no line breaks, so one data line is enough.
func (st *stream) add(event string, id uint64, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		st.err = err
		return
	}
	st.buf.WriteString("event: " + event + "\n")
	if id != 0 {
		st.buf.WriteString("id: " + strconv.FormatUint(id, 10) + "\n")
	}
	st.buf.WriteString("data: ")
	st.buf.Write(data)
	st.buf.WriteString("\n\n")
}

func (st *stream) send(event string, id uint64, v any) bool {
	st.add(event, id, v)
	return st.flush()
}

func (st *stream) end(reason, detail string) {
	st.send("end", 0, StreamEnd{Reason: reason, Detail: detail})
}

func (st *stream) endBy(err error) {
	if fault.Is(err, fault.Overrun) {
		st.end("overrun", "this reader was too slow and was cut off; connect again for a new snapshot")
		return
	}
	if fault.Is(err, fault.Stopped) {
		st.end("stopped", "the controller is shutting down; come back in a moment")
		return
	}
	st.end("error", problemOf(err).Detail)
}

func (st *stream) flush() bool {
	if st.err != nil {
		return false
	}
	if st.err = st.rc.SetWriteDeadline(time.Now().Add(streamWrite)); st.err != nil {
		return false
	}
	if _, st.err = st.w.Write(st.buf.Bytes()); st.err != nil {
		return false
	}
	st.buf.Reset()
	st.err = st.rc.Flush()
	return st.err == nil
}
