package ici

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"strowger/bench/report"
	"strowger/cti/ici"
	"strowger/cti/soap"
	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
	"strowger/switch/sim"
	"strowger/switch/store/journal"
)

// Options say how much is measured.
type Options struct {
	Agents, URLs, Rate int // subscribed agents, CRM addresses, calls per second
	Length             time.Duration
	Progress           func(format string, a ...any)
}

const (
	queueNumber = "600"
	talk        = time.Second
	calm        = talk + time.Second // until the calls of a block are over, and told
	posters     = 25                 // plain requests at once, as many as the interface has for one address
	ours        = 'A'
	turns       = "ABBAABBA" // blocks of ours and of plain posts: a drift of the machine weighs on both alike
)

// block is what one turn of ours has shown.
type block struct {
	times  []time.Duration
	bodies [][]byte
	calls  int
}

// Run measures the interface and plain posts of the same messages, in turns.
func Run(ctx context.Context, o Options, book *report.Book) (err error) {
	crm, err := startSink(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, crm.stop()) }()
	w := &world{o: o, crm: crm}
	defer func() { err = errors.Join(err, w.close(context.WithoutCancel(ctx))) }()
	if err := w.open(ctx); err != nil {
		return err
	}
	var told, plain []time.Duration
	var last block
	length := o.Length / time.Duration(len(turns)/2)
	calls, events := 0, 0
	for i, side := range turns {
		if side == ours {
			if last, err = w.block(ctx, length); err != nil {
				return err
			}
			if len(last.bodies) == 0 || len(last.times) == 0 {
				return errors.New("no event arrived")
			}
			told, calls, events = append(told, last.times...), calls+last.calls, events+len(last.bodies)
			o.Progress("turn %d of %d: %d calls, %d events, p50 %.2f ms", i+1, len(turns), last.calls, len(last.bodies), percentile(last.times, 0.50))
			continue
		}
		times, err := post(ctx, crm, last.bodies, float64(len(last.bodies))/length.Seconds())
		if err != nil {
			return err
		}
		plain = append(plain, times...)
		o.Progress("turn %d of %d: the same bytes posted, p50 %.2f ms", i+1, len(turns), percentile(times, 0.50))
	}
	for _, p := range []struct {
		name string
		at   float64
	}{{"event_ms_p50", 0.50}, {"event_ms_p99", 0.99}} {
		ref := percentile(plain, p.at)
		book.Add(p.name, percentile(told, p.at), "ms", &ref)
	}
	seconds := length.Seconds() * float64(len(turns)/2)
	book.Add("events_per_second", float64(events)/seconds, "events/s", nil)
	book.Add("agents", float64(o.Agents), "agents", nil)
	book.Add("calls_per_second", float64(calls)/seconds, "calls/s", nil)
	book.Note("reference: a plain HTTP client posts the same bytes to the same sink at the same rate, in turns with ours")
	return nil
}

func percentile(times []time.Duration, at float64) float64 {
	slices.Sort(times)
	return float64(times[min(len(times)-1, int(at*float64(len(times))))].Microseconds()) / 1000
}

func model(n int) *callmodel.Config {
	cfg := &callmodel.Config{Queues: []callmodel.QueueConfig{{
		ID: "bench", Number: 1, Name: "Bench", Address: queueNumber, Strategy: callmodel.LongestIdle, RingTimeout: 15 * time.Second, Answer: callmodel.AnswerAgent,
	}}}
	for i := range n {
		id := agentID(i)
		cfg.Agents = append(cfg.Agents, callmodel.AgentConfig{
			ID: callmodel.AgentID(id), Number: int64(i + 1), Name: id, Line: line(i), Queues: []callmodel.QueueID{"bench"},
			Station: callmodel.Station{Endpoint: id, Mode: callmodel.Handset},
		})
	}
	return cfg
}

func agentID(i int) string { return "agent" + strconv.Itoa(i) }
func line(i int) string    { return strconv.Itoa(10000 + i) }

// world is a switch on the simulated exchange, with the interface on it and
// agents who are subscribed.
type world struct {
	o      Options
	crm    *sink
	ex     *sim.Exchange
	closes []func(context.Context) error

	mu       sync.Mutex
	counting bool
	times    []time.Duration // from the switch to the sink's reply
}

// then notes what ends the world; the last comes first.
func (w *world) then(end func(context.Context) error) { w.closes = append(w.closes, end) }

func (w *world) close(ctx context.Context) error {
	var err error
	for _, end := range slices.Backward(w.closes) {
		err = errors.Join(err, end(ctx))
	}
	return err
}

func (w *world) open(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "bench-ici")
	if err != nil {
		return err
	}
	w.then(func(context.Context) error { return os.RemoveAll(dir) })
	log, _, err := journal.Open(dir, journal.Options{})
	if err != nil {
		return err
	}
	w.then(func(context.Context) error { return log.Close() })
	w.ex = sim.New(sim.Options{RingDelay: 10 * time.Millisecond, MaxChannels: 20000})
	eng := engine.New(engine.Config{Router: acd.Router{}, Journal: log, Effector: w.ex})
	if err := eng.Start(ctx, model(w.o.Agents)); err != nil {
		return err
	}
	w.then(eng.Stop)
	if err := w.ex.Start(ctx, eng); err != nil {
		return err
	}
	w.then(func(context.Context) error { w.ex.Stop(); return nil })
	cfg := ici.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	srv, err := ici.New(cfg, eng, nil, ici.Observer{Event: w.took})
	if err != nil {
		return err
	}
	if err := srv.Start(ctx); err != nil {
		return err
	}
	w.then(srv.Stop)
	base := "http://" + srv.Addr() + cfg.BasePath
	for i := range w.o.Agents {
		w.ex.Phone(agentID(i), sim.PhonePolicy{Mode: sim.Answers, AnswerAfter: sim.Exactly(100 * time.Millisecond)})
		if err := login(ctx, base, w.crm.url(i%w.o.URLs), i); err != nil {
			return fmt.Errorf("agent %d: %w", i, err)
		}
	}
	w.o.Progress("%d agents are subscribed", w.o.Agents)
	return nil
}

func (w *world) took(name string, took time.Duration, failed error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.counting && failed == nil && name == "phoneCallChanged" {
		w.times = append(w.times, took)
	}
}

func (w *world) count(on bool) []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	old := w.times
	w.counting, w.times = on, nil
	return old
}

// block runs calls for a while, and waits until they are over.
func (w *world) block(ctx context.Context, length time.Duration) (block, error) {
	w.count(true)
	w.crm.keep()
	tick := time.NewTicker(time.Second / time.Duration(w.o.Rate))
	defer tick.Stop()
	var b block
	for end := time.Now().Add(length); time.Now().Before(end); b.calls++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return b, ctx.Err()
		}
		if _, err := w.ex.Place(queueNumber, sim.Caller{Number: "4930123456", Talk: talk}); err != nil {
			return b, err
		}
	}
	select {
	case <-time.After(calm):
	case <-ctx.Done():
		return b, ctx.Err()
	}
	b.times, b.bodies = w.count(false), w.crm.taken()
	return b, nil
}

// login subscribes to an agent and their line, and makes them ready.
func login(ctx context.Context, base, appURL string, i int) error {
	for _, ask := range []struct {
		op ici.Op
		p  ici.Params
	}{
		{ici.OpUserSubscribe, &ici.UserSubscription{AppURL: appURL, AppID: agentID(i), UserID: agentID(i)}},
		{ici.OpContainerSubscribe, &ici.ContainerSubscription{AppURL: appURL, AppID: agentID(i), ChannelType: ici.ChannelPhone, ContainerID: line(i)}},
		{ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: agentID(i), Workmode: "2"}},
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
		if err := send(ctx, http.DefaultClient, base, body); err != nil {
			return fmt.Errorf("%s: %w", ask.op, err)
		}
	}
	return nil
}

func send(ctx context.Context, c *http.Client, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	err = errors.Join(err, resp.Body.Close())
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return err
}

// post sends messages evenly, without anything of ours around.
func post(ctx context.Context, crm *sink, bodies [][]byte, perSecond float64) ([]time.Duration, error) {
	transport := &http.Transport{DialContext: (&net.Dialer{}).DialContext, MaxIdleConnsPerHost: posters, MaxConnsPerHost: posters}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var times []time.Duration
	var failed error
	tick := time.NewTicker(time.Duration(float64(time.Second) / perSecond))
	defer tick.Stop()
	for i, body := range bodies {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		wg.Go(func() {
			began := time.Now()
			err := send(ctx, client, crm.url(i), body)
			mu.Lock()
			defer mu.Unlock()
			times, failed = append(times, time.Since(began)), errors.Join(failed, err)
		})
	}
	wg.Wait()
	return times, failed
}
