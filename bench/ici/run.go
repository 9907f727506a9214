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
	posters     = 25 // plain requests at once, as many as the interface has for one address
)

// Run measures the interface and then plain posts of the same messages.
func Run(ctx context.Context, o Options, book *report.Book) (err error) {
	crm, err := startSink(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, crm.stop()) }()
	times, served, err := measure(ctx, o, crm)
	if err != nil {
		return err
	}
	bodies := crm.taken()
	if len(bodies) == 0 || len(times) == 0 {
		return errors.New("no event arrived")
	}
	perSecond := float64(len(bodies)) / o.Length.Seconds()
	o.Progress("%d calls, %d events (%.0f/s); now plain posts of the same bytes", served, len(bodies), perSecond)
	plain, err := post(ctx, crm, bodies, perSecond)
	if err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		at   float64
	}{{"event_ms_p50", 0.50}, {"event_ms_p99", 0.99}} {
		ref := percentile(plain, p.at)
		book.Add(p.name, percentile(times, p.at), "ms", &ref)
	}
	book.Add("events_per_second", perSecond, "events/s", nil)
	book.Add("agents", float64(o.Agents), "agents", nil)
	book.Add("calls_per_second", float64(served)/o.Length.Seconds(), "calls/s", nil)
	book.Note("reference: a plain HTTP client posts the same bytes to the same sink at the same rate")
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

// measure runs calls over the interface; it returns how long each event took
// from the switch to the sink's reply.
func measure(ctx context.Context, o Options, crm *sink) (times []time.Duration, calls int, err error) {
	dir, err := os.MkdirTemp("", "bench-ici")
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	log, _, err := journal.Open(dir, journal.Options{})
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	ex := sim.New(sim.Options{RingDelay: 10 * time.Millisecond, MaxChannels: 20000})
	eng := engine.New(engine.Config{Router: acd.Router{}, Journal: log, Effector: ex})
	if err := eng.Start(ctx, model(o.Agents)); err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, eng.Stop(context.WithoutCancel(ctx))) }()
	if err := ex.Start(ctx, eng); err != nil {
		return nil, 0, err
	}
	defer ex.Stop()
	var mu sync.Mutex
	counting := false
	cfg := ici.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	srv, err := ici.New(cfg, eng, nil, ici.Observer{Event: func(name string, took time.Duration, failed error) {
		mu.Lock()
		defer mu.Unlock()
		if counting && failed == nil && name == "phoneCallChanged" {
			times = append(times, took)
		}
	}})
	if err != nil {
		return nil, 0, err
	}
	if err := srv.Start(ctx); err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, srv.Stop(context.WithoutCancel(ctx))) }()
	base := "http://" + srv.Addr() + cfg.BasePath
	for i := range o.Agents {
		ex.Phone(agentID(i), sim.PhonePolicy{Mode: sim.Answers, AnswerAfter: sim.Exactly(100 * time.Millisecond)})
		if err := login(ctx, base, crm.url(i%o.URLs), i); err != nil {
			return nil, 0, fmt.Errorf("agent %d: %w", i, err)
		}
	}
	o.Progress("%d agents are subscribed", o.Agents)
	mu.Lock()
	counting = true
	mu.Unlock()
	crm.keep()
	tick := time.NewTicker(time.Second / time.Duration(o.Rate))
	defer tick.Stop()
	for end := time.Now().Add(o.Length); time.Now().Before(end); calls++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
		if _, err := ex.Place(queueNumber, sim.Caller{Number: "4930123456", Talk: talk}); err != nil {
			return nil, 0, err
		}
	}
	mu.Lock()
	defer mu.Unlock()
	counting = false
	return times, calls, nil
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
