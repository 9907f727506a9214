package aritest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"strowger/ari/arispec"
)

// handle serves one HTTP request or websocket upgrade.
func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.served.Done()
	user, pass, ok := r.BasicAuth()
	if !ok || user != User || pass != Password {
		s.send(w, r, Error(http.StatusUnauthorized, "Authentication required"))
		return
	}
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), "/ari")
	if !ok {
		s.send(w, r, Reply{Status: http.StatusNotFound, Type: "text/html", Body: "<html>Not Found</html>"})
		return
	}
	if path == "/events" && r.Method == http.MethodGet {
		s.upgrade(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the client went away
	}
	req := parse(r.Method, path, r.URL.Query(), body)
	req.Via = "http"
	s.send(w, r, s.reply(req))
}

// enter books a handler for Close to wait for, unless Close has begun.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return false
	}
	s.served.Add(1)
	return true
}

// send carries out a reply over HTTP.
func (s *Server) send(w http.ResponseWriter, r *http.Request, a Reply) {
	status, kind, body := a.encode()
	if !s.pause(a, r) {
		panic(http.ErrAbortHandler) // net/http's way to close without an answer
	}
	w.Header().Set("Content-Type", kind)
	if !a.Cut {
		w.WriteHeader(status)
		// The client may have gone: its business.
		_, _ = w.Write(body)
		return
	}
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	head := &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(2*len(body) + 1), Header: http.Header{"Content-Type": {kind}},
		Body: io.NopCloser(strings.NewReader(string(body))),
	}
	// It complains that the body is shorter than announced, which is the point.
	_ = head.Write(buf)
	_ = buf.Flush()
	_ = conn.Close()
}

// pause waits as the reply says; false means that the connection is to be closed without an answer.
func (s *Server) pause(a Reply, r *http.Request) bool {
	if a.Hang {
		select {
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
		return false
	}
	if a.Delay > 0 {
		t := time.NewTimer(a.Delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
			return false
		case <-s.ctx.Done():
			return false
		}
	}
	return !a.Close
}

// encode fills in what the reply left out.
func (a Reply) encode() (status int, kind string, body []byte) {
	switch v := a.Body.(type) {
	case nil:
	case string:
		body = []byte(v)
	case []byte:
		body = v
	default:
		b, err := json.Marshal(v)
		if err != nil {
			b = []byte(err.Error())
		}
		body = b
	}
	status, kind = a.Status, a.Type
	if status == 0 {
		status = http.StatusOK
		if a.Body == nil {
			status = http.StatusNoContent
		}
	}
	if kind == "" {
		kind = "application/json"
	}
	return status, kind, body
}

// parse finds the operation of a method and an escaped path.
func parse(method, path string, query url.Values, body []byte) Request {
	r := Request{Query: query, Body: body, At: time.Now(), Path: path}
	if p, err := url.PathUnescape(path); err == nil {
		r.Path = p
	}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	best := -1
	for _, op := range arispec.Operations() {
		d, ok := arispec.Describe(op)
		if !ok || d.Method != method {
			continue
		}
		if args, literals, ok := match(d.Path, segments); ok && literals > best {
			best, r.Op, r.Args = literals, op, args
		}
	}
	return r
}

// match compares a path with a template; more literals are the better match (/channels/create is no channel).
func match(template string, segments []string) (args map[string]string, literals int, ok bool) {
	parts := strings.Split(strings.Trim(template, "/"), "/")
	if len(parts) != len(segments) {
		return nil, 0, false
	}
	args = map[string]string{}
	for i, p := range parts {
		if name, isArg := strings.CutPrefix(p, "{"); isArg {
			v, err := url.PathUnescape(segments[i])
			if err != nil || v == "" {
				return nil, 0, false
			}
			args[strings.TrimSuffix(name, "}")] = v
			continue
		}
		if p != segments[i] {
			return nil, 0, false
		}
		literals++
	}
	return args, literals, true
}
