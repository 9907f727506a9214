package events

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"strowger/cti/ici"
	"strowger/cti/soap"
)

// message is an event of a phone call as it arrived at a subscriber.
type message struct {
	handle string
	status string
	at     time.Time
}

// sink is all subscribers: it notes what comes and answers at once.
type sink struct {
	server http.Server
	addr   string
	done   chan error

	mu       sync.Mutex
	messages []message
	others   int           // events of other kinds
	wrong    []string      // what could not be read
	slowest  time.Duration // from arrival to our answer
}

const maxMessage = 1 << 20

func startSink(ctx context.Context) (*sink, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{addr: l.Addr().String(), done: make(chan error, 1)}
	s.server.Handler, s.server.ReadHeaderTimeout = http.HandlerFunc(s.take), 10*time.Second
	go func() { s.done <- s.server.Serve(l) }()
	return s, nil
}

// url is where a subscriber is told what happens.
func (s *sink) url(subscriber int) string { return fmt.Sprintf("http://%s/crm/%d", s.addr, subscriber) }

func (s *sink) take(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxMessage))
	at := time.Now()
	var event ici.Event
	if err == nil {
		event, err = decode(data)
	}
	var reply []byte
	if err == nil {
		reply, err = ici.EncodeEventReply(event)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	} else {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		_, err = w.Write(reply)
	}
	s.note(event, err, at)
}

func decode(data []byte) (ici.Event, error) {
	env, err := soap.ReadEnvelope(data, "", soap.Limits{}, nil)
	if err != nil {
		return nil, err
	}
	return ici.DecodeEvent(env)
}

func (s *sink) note(event ici.Event, err error, at time.Time) {
	took := time.Since(at)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slowest = max(s.slowest, took)
	call, ok := event.(*ici.PhoneCallChanged)
	switch {
	case err != nil:
		if len(s.wrong) < 10 {
			s.wrong = append(s.wrong, err.Error())
		}
	case ok:
		s.messages = append(s.messages, message{handle: strings.ToLower(call.PhoneCall.CallHandle), status: call.PhoneCall.CallStatus.ID, at: at})
	default:
		s.others++
	}
}

func (s *sink) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		return err
	}
	if err := <-s.done; err != http.ErrServerClosed {
		return err
	}
	return nil
}

// subscribe makes a CRM's two subscriptions to an agent and the agent's line.
func subscribe(ctx context.Context, c *http.Client, base, appURL, agent, line string) error {
	for _, ask := range []struct {
		op ici.Op
		p  ici.Params
	}{
		{ici.OpUserSubscribe, &ici.UserSubscription{AppURL: appURL, AppID: "bench", UserID: agent}},
		{ici.OpContainerSubscribe, &ici.ContainerSubscription{AppURL: appURL, AppID: "bench", ChannelType: ici.ChannelPhone, ContainerID: line}},
	} {
		out := soap.NewEncoder(nil)
		out.StartEnvelope()
		if err := ici.EncodeRequest(out, ask.op, ask.p, ici.Style{}); err != nil {
			return err
		}
		out.EndEnvelope()
		body, err := out.Bytes()
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, base, strings.NewReader(string(body)))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "text/xml; charset=utf-8")
		req.Header.Set("SOAPAction", `"`+ask.op.Service().Action()+`"`)
		resp, err := c.Do(req)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(io.LimitReader(resp.Body, maxMessage))
		_ = resp.Body.Close() // it has been read
		if err != nil || resp.StatusCode != http.StatusOK {
			return fmt.Errorf("subscribe %s: %s %.300s (%w)", agent, resp.Status, text, err)
		}
	}
	return nil
}
