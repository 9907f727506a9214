package plain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"strowger/bench/report"
)

// Send posts a message and returns the answer; anything but 200 is an error.
func Send(ctx context.Context, c *http.Client, url, action string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("SOAPAction", action)
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxMessage))
	err = errors.Join(err, resp.Body.Close())
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d: %.300s", resp.StatusCode, answer)
	}
	return answer, err
}

// Post sends messages evenly to a sink over so many connections, without
// anything of ours around; it returns how long each took.
func Post(ctx context.Context, s *Sink, messages []Message, perSecond float64, conns int) ([]time.Duration, error) {
	transport := &http.Transport{DialContext: (&net.Dialer{}).DialContext, MaxIdleConnsPerHost: conns, MaxConnsPerHost: conns}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var times []time.Duration
	var failed error
	tick := time.NewTicker(time.Duration(float64(time.Second) / perSecond))
	defer tick.Stop()
	for _, m := range messages {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		wg.Go(func() {
			began := time.Now()
			_, err := Send(ctx, client, "http://"+s.addr+m.Path, m.Action, m.Body)
			mu.Lock()
			defer mu.Unlock()
			times, failed = append(times, time.Since(began)), errors.Join(failed, err)
		})
	}
	wg.Wait()
	return times, failed
}

// Side is an interface that is measured, with callers and agents beside it.
type Side struct {
	Exchange *Exchange
	Sink     *Sink
	Rate     int           // calls per second
	Length   time.Duration // of all of its turns together
	Posters  int           // connections of the plain client
	// Count says whether times are taken from now on, and returns those of events that
	// were answered since it was called last.
	Count    func(on bool) []time.Duration
	Progress func(format string, a ...any)
}

// turns are blocks of the interface (A) and of plain posts of what it has sent: a
// drift of the machine weighs on both alike.
const turns = "ABBAABBA"

// Turns measures the interface beside plain posts of the same bytes, and writes both down.
func (s Side) Turns(ctx context.Context, book *report.Book) error {
	var told, beside []time.Duration
	var messages []Message
	length := s.Length / time.Duration(len(turns)/2)
	calls, events, came := 0, 0, 0
	for i, turn := range turns {
		if turn == 'A' {
			s.Count(true)
			s.Sink.Keep()
			n, err := s.Exchange.Calls(ctx, s.Rate, length)
			if err != nil {
				return err
			}
			if err := settle(ctx); err != nil {
				return err
			}
			times := s.Count(false)
			if messages, came = s.Sink.Taken(); len(messages) == 0 || len(times) == 0 {
				return errors.New("no event arrived")
			}
			told, calls, events = append(told, times...), calls+n, events+came
			s.Progress("turn %d of %d: %d calls, %d events, p50 %.2f ms", i+1, len(turns), n, came, percentile(times, 0.50))
			continue
		}
		times, err := Post(ctx, s.Sink, messages, float64(len(messages))/length.Seconds(), s.Posters)
		if err != nil {
			return err
		}
		beside = append(beside, times...)
		s.Progress("turn %d of %d: the same bytes posted, p50 %.2f ms", i+1, len(turns), percentile(times, 0.50))
	}
	for _, p := range []struct {
		name string
		at   float64
	}{{"event_ms_p50", 0.50}, {"event_ms_p99", 0.99}} {
		ref := percentile(beside, p.at)
		book.Add(p.name, percentile(told, p.at), "ms", &ref)
	}
	seconds := length.Seconds() * float64(len(turns)/2)
	book.Add("events_per_second", float64(events)/seconds, "events/s", nil)
	book.Add("calls_per_second", float64(calls)/seconds, "calls/s", nil)
	book.Note("reference: a plain HTTP client posts the same bytes to the same sink at the same rate, in turns with ours")
	return nil
}

// settle waits until the calls of a turn are over, and told.
func settle(ctx context.Context) error {
	select {
	case <-time.After(talk + time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Counter takes times of events while it is on.
type Counter struct {
	mu    sync.Mutex
	on    bool
	times []time.Duration
}

// Add takes the time of an event.
func (c *Counter) Add(took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.on {
		c.times = append(c.times, took)
	}
}

// Count switches it on or off, and returns what it has taken.
func (c *Counter) Count(on bool) []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.times
	c.on, c.times = on, nil
	return old
}

// percentile returns the time, in milliseconds, below which a part of all lies.
func percentile(times []time.Duration, at float64) float64 {
	slices.Sort(times)
	return float64(times[min(len(times)-1, int(at*float64(len(times))))].Microseconds()) / 1000
}
