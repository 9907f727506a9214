package icicheck

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"strowger/cti/ici"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// events receives what the interface sends.
type events struct {
	url  string
	http *http.Server
	got  chan ici.Event
	bad  chan error
	done chan struct{}
}

// waitingEvents is how many events may wait for a step.
const waitingEvents = 64

func listen(ctx context.Context, addr string) (*events, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fault.New(fault.Invalid, "ici check", addr, "cannot listen for events: "+err.Error()+"; give another --callback")
	}
	e := &events{url: "http://" + l.Addr().String() + "/events", got: make(chan ici.Event, waitingEvents), bad: make(chan error, 1), done: make(chan struct{})}
	e.http = &http.Server{Handler: e, ReadTimeout: 10 * time.Second}
	go func() {
		defer close(e.done)
		if err := e.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			e.trouble(err)
		}
	}()
	return e, nil
}

func (e *events) close() {
	_ = e.http.Close() // nobody waits for an answer any more
	<-e.done
}

func (e *events) trouble(err error) {
	select {
	case e.bad <- err:
	default:
	}
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
		e.trouble(fault.New(fault.Invalid, "ici check", "", "an event cannot be read: "+err.Error()))
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
		case err := <-e.bad:
			return 0, err
		case <-timer.C:
			return 0, fault.New(fault.Unavailable, "ici check", e.url, "no event came: the interface must be able to reach "+e.url+
				" (ici.callback_allow, firewall); give --callback an address that it can reach")
		case <-ctx.Done():
			return 0, fault.Wrap(fault.Unavailable, "ici check", "", ctx.Err())
		}
	}
}
