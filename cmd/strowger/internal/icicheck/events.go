package icicheck

import (
	"context"
	"io"
	"net/http"
	"time"

	"strowger/cmd/strowger/internal/peercheck"
	"strowger/cti/ici"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// events receives what the interface sends.
type events struct {
	*peercheck.Sink
	got chan ici.Event
}

// waitingEvents is how many events may wait for a step.
const waitingEvents = 64

func listen(ctx context.Context, addr string) (e *events, err error) {
	e = &events{got: make(chan ici.Event, waitingEvents)}
	e.Sink, err = peercheck.Listen(ctx, opCheck, addr, "/events", e)
	return e, err
}

// ServeHTTP takes one event.
func (e *events) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnswer))
	if err != nil {
		return
	}
	env, err := soap.ReadEnvelope(data, "", soap.Limits{}, nil)
	var event ici.Event
	if err == nil {
		event, err = ici.DecodeEvent(env)
	}
	if err != nil {
		e.Trouble(fault.New(fault.Invalid, opCheck, "", "an event cannot be read: "+err.Error()))
		http.Error(w, "no event", http.StatusBadRequest)
		return
	}
	select {
	case e.got <- event:
	default: // nobody reads: the check is at another step
	}
	if reply, err := ici.EncodeEventReply(event); err == nil {
		_, _ = w.Write(reply) // a sender that left is no news
	}
}

// wait waits for an event that fits, and says how long after began it came.
func (e *events) wait(ctx context.Context, limit time.Duration, began time.Time, fits func(ici.Event) bool) (time.Duration, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case event := <-e.got:
			if fits(event) {
				return time.Since(began), nil
			}
		case err := <-e.Bad:
			return 0, err
		case <-timer.C:
			return 0, fault.New(fault.Unavailable, opCheck, e.URL, "no event came: the interface must be able to reach "+e.URL+
				" (ici.callback_allow, firewall); give --callback an address that it can reach")
		case <-ctx.Done():
			return 0, fault.Wrap(fault.Unavailable, opCheck, "", ctx.Err())
		}
	}
}
