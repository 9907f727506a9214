package aritest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"

	"strowger/ari/arispec"
	"strowger/switch/fault"
)

// socket is one event websocket.
type socket struct {
	app  string // one or more names, separated by commas
	conn *websocket.Conn
}

// upgrade serves an event websocket until it ends.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	refuse := s.refuse
	s.mu.Unlock()
	app := r.URL.Query().Get("app")
	if app == "" && refuse == 0 {
		refuse = http.StatusBadRequest
	}
	if refuse != 0 {
		s.mu.Lock()
		s.refused++
		s.notify()
		s.mu.Unlock()
		s.send(w, r, Error(refuse, "refused"))
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		CompressionMode: websocket.CompressionDisabled,
		OnPingReceived:  func(context.Context, []byte) bool { return !s.isStalled() },
	})
	if err != nil {
		return // Accept has answered
	}
	conn.SetReadLimit(65535) // as Asterisk: longer closes with 1009
	k := &socket{app: app, conn: conn}
	s.join(k)
	defer s.leave(k)
	s.serve(k)
}

// sharesApp tells whether two lists of applications have one in common.
func sharesApp(a, b string) bool {
	for name := range strings.SplitSeq(a, ",") {
		if slices.Contains(strings.Split(b, ","), name) {
			return true
		}
	}
	return false
}

// join adds the socket; an older one of the same application is told, as Asterisk does.
func (s *Server) join(k *socket) {
	s.mu.Lock()
	var replaced []*socket
	for _, old := range s.sockets {
		if sharesApp(old.app, k.app) {
			replaced = append(replaced, old)
		}
	}
	for _, old := range replaced {
		s.remove(old)
	}
	s.sockets = append(s.sockets, k)
	s.connects++
	s.notify()
	s.mu.Unlock()
	for _, old := range replaced {
		// The old one may be gone already.
		_ = s.write(s.ctx, old, &arispec.ApplicationReplaced{EventHeader: arispec.EventHeader{Application: k.app}})
	}
}

func (s *Server) leave(k *socket) {
	_ = k.conn.CloseNow() // it is over either way
	s.mu.Lock()
	s.remove(k)
	s.notify()
	s.mu.Unlock()
}

// remove takes the socket off the list of receivers; mu is held.
func (s *Server) remove(k *socket) {
	for i, other := range s.sockets {
		if other == k {
			s.sockets = append(s.sockets[:i:i], s.sockets[i+1:]...)
			return
		}
	}
}

// serve answers REST requests one by one, as Asterisk does.
func (s *Server) serve(k *socket) {
	for {
		_, text, err := k.conn.Read(s.ctx)
		if err != nil {
			return
		}
		var req arispec.RESTRequest
		if err := json.Unmarshal(text, &req); err != nil || req.Type != "RESTRequest" {
			if s.write(s.ctx, k, &arispec.RESTResponse{StatusCode: 400, ReasonPhrase: "Bad Request"}) != nil {
				return
			}
			continue
		}
		if !s.answer(k, req) {
			return
		}
	}
}

// answer runs one RESTRequest.
func (s *Server) answer(k *socket, req arispec.RESTRequest) bool {
	path, rawQuery, _ := strings.Cut(req.URI, "?")
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		query = url.Values{}
	}
	for _, q := range req.QueryStrings {
		query.Add(q.Name, q.Value)
	}
	r := parse(req.Method, "/"+strings.TrimPrefix(path, "/"), query, []byte(req.MessageBody))
	r.Via = "websocket"
	a := s.reply(r)
	if a.Close {
		return false
	}
	if a.Hang {
		return true
	}
	if a.Delay > 0 {
		t := time.NewTimer(a.Delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-s.ctx.Done():
			return false
		}
	}
	status, kind, body := a.encode()
	return s.write(s.ctx, k, &arispec.RESTResponse{
		TransactionID: req.TransactionID, RequestID: req.RequestID, StatusCode: status,
		ReasonPhrase: http.StatusText(status), URI: req.URI, ContentType: kind, MessageBody: string(body),
	}) == nil
}

// write sends an event, and fills in its type and time.
func (s *Server) write(ctx context.Context, k *socket, e arispec.Event) error {
	text, err := Encode(e)
	if err != nil {
		return err
	}
	return k.conn.Write(ctx, websocket.MessageText, text)
}

// Encode returns the frame of an event. A missing type is taken from the Go type, a missing timestamp is now.
func Encode(e arispec.Event) ([]byte, error) {
	h := e.Head()
	if h.Type == "" {
		h.Type = arispec.EventType(reflect.TypeOf(e).Elem().Name())
	}
	if h.Timestamp.IsZero() {
		h.Timestamp = arispec.Date{Time: time.Now()}
	}
	return json.Marshal(e)
}

// Send sends events, in order, to the websocket that connected last.
func (s *Server) Send(ctx context.Context, events ...arispec.Event) error {
	for _, e := range events {
		text, err := Encode(e)
		if err != nil {
			return err
		}
		if err := s.SendRaw(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// SendRaw sends a text frame as it is to the websocket that connected last.
func (s *Server) SendRaw(ctx context.Context, text []byte) error {
	s.mu.Lock()
	var k *socket
	if n := len(s.sockets); n > 0 {
		k = s.sockets[n-1]
	}
	s.mu.Unlock()
	if k == nil {
		return fault.New(fault.Unavailable, "aritest send", "", "no websocket is connected")
	}
	return k.conn.Write(ctx, websocket.MessageText, text)
}

// WaitConnects waits until n websockets have connected since the start.
func (s *Server) WaitConnects(ctx context.Context, n int) error {
	return s.wait(ctx, func() bool { return s.connects >= n })
}

// WaitRefused waits until n websocket upgrades have been refused since the start.
func (s *Server) WaitRefused(ctx context.Context, n int) error {
	return s.wait(ctx, func() bool { return s.refused >= n })
}

// WaitGone waits until no websocket is connected.
func (s *Server) WaitGone(ctx context.Context) error {
	return s.wait(ctx, func() bool { return len(s.sockets) == 0 })
}

// Drop closes every websocket without a close frame, as Asterisk does to a slow reader.
func (s *Server) Drop() {
	s.mu.Lock()
	all := append([]*socket(nil), s.sockets...)
	s.mu.Unlock()
	for _, k := range all {
		_ = k.conn.CloseNow() // its goroutine notices
	}
}

// Stall stops (or resumes) answering pings: a peer that hangs with its connection open.
func (s *Server) Stall(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stalled = on
}

func (s *Server) isStalled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stalled
}

// Refuse answers websocket upgrades with an error status; 0 accepts again.
func (s *Server) Refuse(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = status
}
