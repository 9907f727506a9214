package events

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"strowger/bench/report"
	"strowger/bench/rig"
	"strowger/bench/sipp"
)

// Options say what to measure.
type Options struct {
	rig.Host
	Rate        int // calls per second
	Subscribers int // CRMs, which share out the agents
	Length      time.Duration
	Warmup      time.Duration
}

// Goals of DESIGN.md 7, in ms.
const (
	goalP50 = 5
	goalP99 = 50
)

// Run measures and enters the figures into book. Everything that it started
// has ended when it returns.
func Run(ctx context.Context, o Options, book *report.Book) error {
	if o.Rate < 1 || o.Subscribers < 1 || o.Subscribers > rig.Agents {
		return fmt.Errorf("the rate must be 1 or more, subscribers 1 to %d", rig.Agents)
	}
	return rig.With(ctx, rig.Options{Host: o.Host, Name: "events"}, func(r *rig.Rig) (err error) {
		s, err := startSink(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.stop()) }()
		if err := subscribeAll(ctx, r, s, o.Subscribers); err != nil {
			return err
		}
		if o.Warmup > 0 {
			if _, err := load(ctx, r, o.Rate, o.Warmup); err != nil {
				return fmt.Errorf("warm-up: %w", err)
			}
		}
		began := time.Now()
		calls, err := load(ctx, r, o.Rate, o.Length)
		if err != nil {
			return err
		}
		return enter(book, o, r, s, calls, began)
	})
}

func subscribeAll(ctx context.Context, r *rig.Rig, s *sink, subscribers int) error {
	client := &http.Client{Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	for i := range rig.Agents {
		number := strconv.Itoa(rig.FirstAgent + i)
		if err := subscribe(ctx, client, r.Controller.ICI, s.url(i%subscribers), "agent"+number, number); err != nil {
			return err
		}
	}
	return nil
}

// load places calls and waits until all is quiet again.
func load(ctx context.Context, r *rig.Rig, rate int, length time.Duration) (*sipp.Result, error) {
	got, err := r.Tool.Call(ctx, sipp.Load{Target: r.Asterisk.SIPAddr(), Number: rig.OurNumber, Rate: rate, Calls: max(2, int(float64(rate)*length.Seconds()))})
	if err != nil {
		return nil, err
	}
	if _, err := r.Drain(ctx); err != nil {
		return nil, err
	}
	_, err = r.Controller.Mend(ctx)
	return got, err
}

func enter(book *report.Book, o Options, r *rig.Rig, s *sink, calls *sipp.Result, began time.Time) error {
	f, err := os.Open(r.Asterisk.CELPath())
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read from
	known, err := answers(f)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.wrong) > 0 {
		return fmt.Errorf("messages that cannot be read: %v", s.wrong)
	}
	measured := slices.DeleteFunc(slices.Clone(s.messages), func(m message) bool { return m.at.Before(began) })
	t := match(measured, known)
	o.Progress("%d calls at %.1f/s, %d failed, %d late; %d messages about calls in the measured time, %d timed, %d without a channel event; the slowest answer of a subscriber took %v",
		calls.Calls, calls.Rate, calls.Failed, calls.Late, len(measured), len(t.delays), t.unmatched, s.slowest.Round(time.Microsecond))
	want := calls.Calls
	if calls.Failed > 0 || t.early > 0 || len(t.delays) < want {
		return fmt.Errorf("THE RUN IS INVALID: %d calls failed, %d of %d messages were timed, %d came before their cause", calls.Failed, len(t.delays), want, t.early)
	}
	book.Add("calls_per_second", float64(o.Rate), "calls/s", nil)
	book.Add("subscribers", float64(o.Subscribers), "", nil)
	book.Add("messages_timed", float64(len(t.delays)), "messages", nil)
	book.AtMost("event_ms_p50", percentile(t.delays, 50), "ms", nil, goalP50)
	book.AtMost("event_ms_p99", percentile(t.delays, 99), "ms", nil, goalP99)
	book.Add("event_ms_max", percentile(t.delays, 100), "ms", nil)
	if calls.Busy > 0.8 {
		book.Note("SIPp used %.0f %% of a processor: calls came in bursts", 100*calls.Busy)
	}
	return nil
}
