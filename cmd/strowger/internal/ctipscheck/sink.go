package ctipscheck

import (
	"context"
	"io"
	"net/http"
	"time"

	"strowger/cmd/strowger/internal/peercheck"
	"strowger/cti/ctips"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// maxMessage bounds what is read of a message.
const maxMessage = 4 << 20

// waiting is how many events may wait for a step.
const waiting = 10_000

// started is what StartSession has told.
type started struct {
	user ctips.UserCredentials
	id   string
}

// sink is the callback of the application that is played.
type sink struct {
	*peercheck.Sink
	events  chan ctips.Event
	started chan started
	beats   chan time.Time
}

func listen(ctx context.Context, addr string) (s *sink, err error) {
	s = &sink{events: make(chan ctips.Event, waiting), started: make(chan started, 4), beats: make(chan time.Time, 100)}
	s.Sink, err = peercheck.Listen(ctx, op, addr, "/PublishEvents", s)
	return s, err
}

// ServeHTTP takes one message.
func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	if err != nil {
		return
	}
	env, err := soap.ReadEnvelope(data, "", soap.Limits{Bytes: maxMessage}, nil)
	var call *ctips.Call
	if err == nil {
		call, err = ctips.PublishEvents.DecodeCall(env, ctips.OrderStrict)
	}
	if err != nil {
		s.Trouble(failed("a message to the callback cannot be read: %s", err.Error()))
		http.Error(w, "no message", http.StatusBadRequest)
		return
	}
	answer, err := ctips.EncodeReply(call.Namespaces, call.Op, s.take(call))
	if err != nil {
		http.Error(w, "no answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write(answer) // a sender that left is no news
}

// take notes a message and returns what it is answered.
func (s *sink) take(call *ctips.Call) any {
	switch call.Op.Name {
	case "PublishCTIEvent":
		ev, ok := call.Args[0].(ctips.Event)
		if !ok {
			s.Trouble(failed("an event is nil"))
			return nil
		}
		select {
		case s.events <- ev:
		default: // nobody reads so many
		}
		return nil
	case "HeartbeatMessage":
		select {
		case s.beats <- time.Now():
		default:
		}
	case "StartSession":
		who, _ := call.Args[0].(*ctips.UserCredentials)
		id, _ := call.Args[1].(string)
		if who == nil {
			who = &ctips.UserCredentials{}
		}
		select {
		case s.started <- started{*who, id}:
		default:
		}
	}
	return int32(0)
}

// until reads events up to the first that is wanted.
func (s *sink) until(ctx context.Context, wait time.Duration, wanted func(ctips.Event) bool) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case ev := <-s.events:
			if wanted(ev) {
				return nil
			}
		case err := <-s.Bad:
			return err
		case <-timer.C:
			return failed("no such event came within %s; can the server reach %s, and does ctips.callback_allow let it?", wait, s.URL)
		case <-ctx.Done():
			return fault.Wrap(fault.Unavailable, op, "", ctx.Err())
		}
	}
}
