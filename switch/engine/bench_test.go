package engine_test

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
	"strowger/switch/port"
)

// nullJournal takes records and keeps none.
type nullJournal struct{ last uint64 }

func (j *nullJournal) Append(seq uint64, _ []byte) error                  { j.last = seq; return nil }
func (*nullJournal) Flush() error                                         { return nil }
func (j *nullJournal) LastSeq() uint64                                    { return j.last }
func (*nullJournal) WaitSynced(context.Context, uint64) error             { return nil }
func (*nullJournal) Replay(uint64, func(uint64, []byte) error) error      { return nil }
func (*nullJournal) SaveSnapshot(uint64, []byte) error                    { return nil }
func (*nullJournal) LatestSnapshot() (seq uint64, data []byte, err error) { return 0, nil, nil }

// willing is a server that does at once what it is asked: phones are
// answered, legs end. What it reports goes back to the engine as facts.
type willing struct {
	feed *engine.Engine
	seen sync.Map // callmodel.CallID to chan string: orders that callers wait for
}

func (w *willing) Apply(ctx context.Context, e callmodel.Effect) port.EffectResult {
	switch e := e.(type) {
	case callmodel.Originate:
		w.put(ctx, callmodel.ChannelRinging{Node: "a1", Channel: e.Channel})
		w.put(ctx, callmodel.ChannelUp{Node: "a1", Channel: e.Channel})
	case callmodel.Answer:
		w.put(ctx, callmodel.ChannelUp{Node: "a1", Channel: e.Channel})
		w.tell(e)
	case callmodel.Join:
		for _, ch := range e.Channels {
			w.put(ctx, callmodel.ChannelJoined{Channel: ch, Bridge: e.Bridge})
		}
		w.tell(e)
	case callmodel.Hangup:
		w.put(ctx, callmodel.ChannelGone{Channel: e.Channel, Cause: 16})
	case callmodel.DestroyBridge:
		w.put(ctx, callmodel.BridgeGone{Bridge: e.Bridge})
		w.tell(e)
	}
	return port.EffectResult{Outcome: callmodel.Done}
}

func (w *willing) put(ctx context.Context, in callmodel.Input) {
	if err := w.feed.Put(ctx, in); err != nil {
		panic(fmt.Sprintf("%s: %v", in.Tag(), err)) // the benchmark's own mistake
	}
}

func (w *willing) tell(e callmodel.Effect) {
	if c, ok := w.seen.Load(e.Head().Call); ok {
		c.(chan string) <- e.What() // has room for all orders of a call
	}
}

// callers makes calls on a running engine with 200 ready agents.
type callers struct {
	e      *engine.Engine
	server *willing
	number atomic.Int64
}

func newCallers(b *testing.B, j port.Journal) *callers {
	cfg := &callmodel.Config{Queues: []callmodel.QueueConfig{{
		ID: "sales", Number: 1, Address: "600", Strategy: callmodel.LongestIdle, RingTimeout: 15 * time.Second, Answer: callmodel.AnswerTreatment,
	}}}
	for i := range 200 {
		line := strconv.Itoa(101 + i)
		cfg.Agents = append(cfg.Agents, callmodel.AgentConfig{
			ID: callmodel.AgentID("agent" + line), Number: int64(i + 1), Line: line, Queues: []callmodel.QueueID{"sales"},
			Station: callmodel.Station{Endpoint: line, Mode: callmodel.Handset},
		})
	}
	c := &callers{server: &willing{}}
	c.e = engine.New(engine.Config{Router: acd.Router{}, Journal: j, Effector: c.server})
	c.server.feed = c.e
	if err := c.e.Start(b.Context(), cfg); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := c.e.Stop(context.Background()); err != nil {
			b.Error(err)
		}
	})
	c.server.put(b.Context(), callmodel.Resync{Node: "a1", Epoch: "e1", AsOf: c.e.Now(), Fresh: true})
	for _, a := range cfg.Agents {
		if err := c.e.Do(b.Context(), callmodel.SetAgentState{Agent: a.ID, State: callmodel.Ready}); err != nil {
			b.Fatal(err)
		}
	}
	return c
}

// call places one call, waits for its answer and its conversation, hangs up and
// waits for the clean-up. It returns the time from arrival to the answer's order.
func (c *callers) call(ctx context.Context) time.Duration {
	id := callmodel.CallID{ID: c.e.NewID()}
	ch := callmodel.ChannelID("c" + strconv.FormatInt(c.number.Add(1), 10))
	orders := make(chan string, 8)
	c.server.seen.Store(id, orders)
	defer c.server.seen.Delete(id)
	began := time.Now()
	c.server.put(ctx, callmodel.ChannelArrived{Node: "a1", Channel: ch, Call: id, Dialled: "600", Caller: "+4917055501"})
	wait(orders, "answer")
	took := time.Since(began)
	wait(orders, "join")
	c.server.put(ctx, callmodel.ChannelGone{Channel: ch, Cause: 16})
	wait(orders, "destroy-bridge")
	return took
}

func wait(orders <-chan string, want string) {
	for got := range orders {
		if got == want {
			return
		}
	}
}

func (c *callers) measure(b *testing.B) {
	var answer time.Duration
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		answer += c.call(b.Context())
		n++
	}
	b.ReportMetric(float64(answer)/float64(n), "answer-ns")
}

// BenchmarkCall is one call at a time through the engine, from arrival to
// clean-up, with a server and a journal that take no time. answer-ns is the
// part until the caller is ordered to be answered.
func BenchmarkCall(b *testing.B) {
	c := newCallers(b, &nullJournal{})
	c.measure(b)
}

// BenchmarkCalls is as many calls as 100 callers can make at the same time.
func BenchmarkCalls(b *testing.B) {
	c := newCallers(b, &nullJournal{})
	b.ReportAllocs()
	b.SetParallelism(max(1, 100/runtime.GOMAXPROCS(0)))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c.call(b.Context())
		}
	})
}

// fsyncs is a journal whose disk takes 10 ms for each fsync.
type fsyncs struct{ nullJournal }

func (*fsyncs) WaitSynced(ctx context.Context, _ uint64) error {
	select {
	case <-time.After(10 * time.Millisecond):
	case <-ctx.Done():
	}
	return ctx.Err()
}

// BenchmarkCallBesideIntents is BenchmarkCall while a dialer makes 50 calls a
// second that wait for the disk: the two must agree.
func BenchmarkCallBesideIntents(b *testing.B) {
	c := newCallers(b, &fsyncs{})
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		every := time.NewTicker(time.Second / 50)
		defer every.Stop()
		for n := 0; ; n++ {
			select {
			case <-every.C:
				engine.Order(c.e, dialOrder(c.e, "d"+strconv.Itoa(n)))
			case <-stop:
				return
			}
		}
	}()
	c.measure(b)
	close(stop)
	<-stopped
}
