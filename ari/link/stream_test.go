package link_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/ari/link"
	"strowger/switch/fault"
)

// logs is a log target that tests can read.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) count(s string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), s)
}

// rig is a stream on a fake, with times short enough for a test.
type rig struct {
	t      *testing.T
	fake   *aritest.Server
	stream *link.Stream
	log    *logs
	rest   []link.Frame
}

func newRig(t *testing.T, change func(*link.Config)) *rig {
	t.Helper()
	r := &rig{t: t, fake: aritest.Start(t), log: &logs{}}
	cfg := link.Config{
		URL: r.fake.URL(), User: aritest.User, Password: aritest.Password, App: "app",
		Logger:     slog.New(slog.NewTextHandler(r.log, nil)),
		BackoffMin: time.Millisecond, BackoffMax: 20 * time.Millisecond, BackoffDenied: 40 * time.Millisecond,
	}
	if change != nil {
		change(&cfg)
	}
	var err error
	if r.stream, err = link.NewStream(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.stream.Stop)
	return r
}

func (r *rig) start() *rig {
	r.t.Helper()
	if err := r.stream.Start(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	return r
}

// next returns one frame, within 10 s.
func (r *rig) next() link.Frame {
	r.t.Helper()
	if len(r.rest) == 0 {
		ctx, cancel := context.WithTimeout(r.t.Context(), 10*time.Second)
		defer cancel()
		batch, err := r.stream.Next(ctx)
		if err != nil {
			r.t.Fatalf("no frame: %v", err)
		}
		r.rest = batch
	}
	f := r.rest[0]
	r.rest = r.rest[1:]
	return f
}

// want returns the next frame, which must be of the kind and epoch.
func (r *rig) want(kind link.FrameKind, epoch uint64) link.Frame {
	r.t.Helper()
	f := r.next()
	if f.Kind != kind || f.Epoch != epoch || f.At.IsZero() {
		r.t.Fatalf("frame kind %d epoch %d at %v cause %v data %.80s, want kind %d epoch %d", f.Kind, f.Epoch, f.At, f.Cause, f.Data, kind, epoch)
	}
	return f
}

// connected waits for connection n on both sides: the client may know of it before the fake has it on its list.
func (r *rig) connected(n uint64) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 10*time.Second)
	defer cancel()
	if err := r.fake.WaitConnects(ctx, int(n)); err != nil {
		r.t.Fatalf("connection %d: %v", n, err)
	}
	r.want(link.FrameConnected, n)
}

func (r *rig) send(texts ...string) {
	r.t.Helper()
	for _, text := range texts {
		if err := r.fake.SendRaw(r.t.Context(), []byte(text)); err != nil {
			r.t.Fatal(err)
		}
	}
}

func TestEventsArriveInOrder(t *testing.T) {
	r := newRig(t, nil).start()
	r.connected(1)
	const n = 3000
	go func() {
		for i := range n {
			if r.fake.SendRaw(t.Context(), fmt.Appendf(nil, `{"n":%d}`, i)) != nil {
				return
			}
		}
	}()
	last := time.Time{}
	for i := range n {
		f := r.want(link.FrameEvent, 1)
		if string(f.Data) != fmt.Sprintf(`{"n":%d}`, i) || f.At.Before(last) {
			t.Fatalf("frame %d is %s at %v, after %v", i, f.Data, f.At, last)
		}
		last = f.At
	}
	st := r.stream.Stats()
	if st.Frames != n || st.Bytes == 0 || st.QueueHigh == 0 || !st.Connected || st.Connects != 1 {
		t.Errorf("stats %+v", st)
	}
}

// TestLifecycleIsInBand: what was read before a loss comes before its Disconnected, what came after the next connect behind its Connected.
func TestLifecycleIsInBand(t *testing.T) {
	r := newRig(t, nil).start()
	for epoch := uint64(1); epoch <= 4; epoch++ {
		if err := r.fake.WaitConnects(t.Context(), int(epoch)); err != nil {
			t.Fatal(err)
		}
		r.send(fmt.Sprintf(`{"type":"A","epoch":%d}`, epoch))
		r.want(link.FrameConnected, epoch)
		if f := r.want(link.FrameEvent, epoch); string(f.Data) != fmt.Sprintf(`{"type":"A","epoch":%d}`, epoch) {
			t.Fatalf("epoch %d: %s", epoch, f.Data)
		}
		r.fake.Drop()
		if f := r.want(link.FrameDisconnected, epoch); !fault.Is(f.Cause, fault.Unavailable) {
			t.Errorf("cause %v", f.Cause)
		}
	}
	if st := r.stream.Stats(); st.Connects < 4 {
		t.Errorf("stats %+v", st)
	}
}

func TestSurvivesARestartOfAsterisk(t *testing.T) {
	r := newRig(t, nil).start()
	r.want(link.FrameConnected, 1)
	r.fake.Close()
	r.want(link.FrameDisconnected, 1)
	again, err := r.fake.Restart()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(again.Close)
	r.want(link.FrameConnected, 2)
}

func TestSilenceIsDeath(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *link.Config) { c.PingEvery, c.DeadAfter = 10*time.Millisecond, 500*time.Millisecond }).start()
	r.connected(1)
	r.fake.Stall(true)
	began := time.Now()
	f := r.want(link.FrameDisconnected, 1)
	if !fault.Is(f.Cause, fault.Unavailable) || !strings.Contains(f.Cause.Error(), "no sign of life") {
		t.Errorf("cause %v", f.Cause)
	}
	if took := time.Since(began); took < 300*time.Millisecond {
		t.Errorf("given up after %v", took)
	}
	r.fake.Stall(false)
	r.want(link.FrameConnected, 2)
	if st := r.stream.Stats(); st.Dead == 0 || st.PingsMissed == 0 {
		t.Errorf("stats %+v", st)
	}
}

// TestPongsKeepAnIdleStream: no event for many times DeadAfter, and yet one connection.
func TestPongsKeepAnIdleStream(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *link.Config) { c.PingEvery, c.DeadAfter = 20*time.Millisecond, 1500*time.Millisecond }).start()
	r.want(link.FrameConnected, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if batch, err := r.stream.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("frames %+v, error %v", batch, err)
	}
}

// TestOverrun: a full queue ends the connection, keeps what it holds, and the next connection waits for room.
func TestOverrun(t *testing.T) {
	r := newRig(t, func(c *link.Config) { c.QueueBytes = 4000 }).start()
	if err := r.fake.WaitConnects(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("x", 900)
	for range 10 {
		if r.fake.SendRaw(t.Context(), []byte(big)) != nil {
			break // cut off, as it must be
		}
	}
	if err := r.fake.WaitGone(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st := r.stream.Stats(); st.QueueHigh > int64(4000+2*200) || st.Overruns != 1 || st.Connects != 1 {
		t.Errorf("stats %+v", st)
	}
	r.want(link.FrameConnected, 1)
	for range 3 {
		r.want(link.FrameEvent, 1)
	}
	if f := r.want(link.FrameDisconnected, 1); !fault.Is(f.Cause, fault.Overrun) {
		t.Errorf("cause %v", f.Cause)
	}
	r.want(link.FrameConnected, 2)
	if st := r.stream.Stats(); st.QueueBytes != 0 {
		t.Errorf("stats %+v", st)
	}
}

func TestOversizedEventEndsTheConnection(t *testing.T) {
	r := newRig(t, func(c *link.Config) { c.FrameLimit = 1000 }).start()
	r.connected(1)
	r.send(strings.Repeat("x", 1000), strings.Repeat("y", 1001))
	r.want(link.FrameEvent, 1)
	if f := r.want(link.FrameDisconnected, 1); !strings.Contains(f.Cause.Error(), "FrameLimit") {
		t.Errorf("cause %v", f.Cause)
	}
	r.want(link.FrameConnected, 2)
}

// TestRefusedUserIsLoggedOnce: many tries, one error line, and in when the door opens.
func TestRefusedUserIsLoggedOnce(t *testing.T) {
	r := newRig(t, nil)
	r.fake.Refuse(403)
	r.start()
	if err := r.fake.WaitRefused(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	if why := r.stream.Refused(); !strings.Contains(why, "password") {
		t.Errorf("it is told %q", why)
	}
	r.fake.Refuse(0)
	r.want(link.FrameConnected, 1)
	if why := r.stream.Refused(); why != "" {
		t.Errorf("it is told %q when we are in", why)
	}
	if st := r.stream.Stats(); st.Denied < 4 || st.DialFailures != st.Denied {
		t.Errorf("stats %+v", st)
	}
	if n := r.log.count("level=ERROR"); n != 1 {
		t.Errorf("%d error lines", n)
	}
	if r.log.count(aritest.Password) != 0 {
		t.Error("the password is in the log")
	}
}

func TestReplacedApplicationIsDelivered(t *testing.T) {
	r := newRig(t, nil).start()
	r.connected(1)
	other, err := link.NewStream(link.Config{URL: r.fake.URL(), User: aritest.User, Password: aritest.Password, App: "app", Logger: slog.New(slog.NewTextHandler(r.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer other.Stop()
	f := r.want(link.FrameEvent, 1)
	if name, _ := arispec.TypeOf(f.Data); name != string(arispec.TypeApplicationReplaced) {
		t.Errorf("got %s", f.Data)
	}
}

func TestDo(t *testing.T) {
	r := newRig(t, nil).start()
	st, err := arispec.NewSocket(r.stream.Do)
	if err != nil {
		t.Fatal(err)
	}
	c, err := arispec.New(arispec.Config{Transport: st, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	r.connected(1)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			id := fmt.Sprintf("br/%d", i)
			b, err := c.BridgesCreateWithID(t.Context(), id, arispec.BridgesCreateWithIDParams{Name: arispec.Some("a b")})
			if err != nil || b.ID != id || b.Name != "a b" {
				t.Errorf("bridge %+v, error %v", b, err)
			}
		})
	}
	wg.Wait()
	if _, err := c.ChannelsGet(t.Context(), "x"); !fault.Is(err, fault.NotFound) {
		t.Errorf("404: %v", err)
	}
	for _, q := range r.fake.Requests() {
		if q.Via != "websocket" {
			t.Errorf("request %+v", q)
		}
	}
	r.send(`{"type":"StasisEnd"}`)
	if f := r.want(link.FrameEvent, 1); string(f.Data) != `{"type":"StasisEnd"}` {
		t.Errorf("answers reach the consumer: %s", f.Data)
	}
}

func TestDoWithoutAnswer(t *testing.T) {
	r := newRig(t, nil)
	req := func() *arispec.RESTRequest {
		return &arispec.RESTRequest{Type: "RESTRequest", Method: "POST", URI: "channels/c/answer"}
	}
	if _, err := r.stream.Do(t.Context(), req()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("before Start: %v", err)
	}
	r.start()
	r.want(link.FrameConnected, 1)
	r.fake.Once(arispec.OpChannelsAnswer, aritest.Reply{Hang: true}, aritest.Reply{Close: true})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := r.stream.Do(ctx, req()); !fault.Is(err, fault.Unknown) {
		t.Errorf("deadline: %v", err)
	}
	if _, err := r.stream.Do(ctx, req()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("deadline passed before: %v", err)
	}
	if _, err := r.stream.Do(t.Context(), req()); !fault.Is(err, fault.Unknown) {
		t.Errorf("connection lost: %v", err)
	}
	r.want(link.FrameDisconnected, 1)
	r.want(link.FrameConnected, 2)
	if resp, err := r.stream.Do(t.Context(), req()); err != nil || resp.StatusCode != 204 {
		t.Errorf("after the reconnect: %+v, %v", resp, err)
	}
}

// TestLateAnswerIsCounted: an answer after its deadline, while another request is open, is dropped and counted.
func TestLateAnswerIsCounted(t *testing.T) {
	r := newRig(t, nil).start()
	r.want(link.FrameConnected, 1)
	r.fake.Once(arispec.OpChannelsRing, aritest.Reply{Delay: 50 * time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := r.stream.Do(ctx, &arispec.RESTRequest{Type: "RESTRequest", Method: "POST", URI: "channels/c/ring"}); !fault.Is(err, fault.Unknown) {
		t.Fatalf("late: %v", err)
	}
	if _, err := r.stream.Do(t.Context(), &arispec.RESTRequest{Type: "RESTRequest", Method: "POST", URI: "channels/c/answer"}); err != nil {
		t.Fatal(err)
	}
	if st := r.stream.Stats(); st.LateResponses != 1 {
		t.Errorf("stats %+v", st)
	}
}

func TestStop(t *testing.T) {
	r := newRig(t, nil).start()
	r.want(link.FrameConnected, 1)
	if err := r.stream.Start(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Errorf("second Start: %v", err)
	}
	r.stream.Stop()
	r.stream.Stop()
	if f := r.want(link.FrameDisconnected, 1); !fault.Is(f.Cause, fault.Stopped) {
		t.Errorf("cause %v", f.Cause)
	}
	if _, err := r.stream.Next(t.Context()); !fault.Is(err, fault.Stopped) {
		t.Errorf("Next after Stop: %v", err)
	}
	if err := r.stream.Start(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Errorf("Start after Stop: %v", err)
	}
	fresh := newRig(t, nil)
	fresh.stream.Stop()
	if _, err := fresh.stream.Next(t.Context()); !fault.Is(err, fault.Stopped) {
		t.Errorf("Next of a stream that never started: %v", err)
	}
}

// TestContextStops: the context of Start ends the stream like Stop.
func TestContextStops(t *testing.T) {
	r := newRig(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	if err := r.stream.Start(ctx); err != nil {
		t.Fatal(err)
	}
	r.want(link.FrameConnected, 1)
	cancel()
	var e *fault.Error
	if f := r.want(link.FrameDisconnected, 1); !errors.As(f.Cause, &e) || e.Kind != fault.Stopped {
		t.Errorf("cause %v", f.Cause)
	}
	if _, err := r.stream.Next(t.Context()); !fault.Is(err, fault.Stopped) {
		t.Errorf("Next: %v", err)
	}
}

// TestNoGoroutineLeft stops streams in every phase and looks for what they left running.
func TestNoGoroutineLeft(t *testing.T) {
	for i := range 30 {
		r := newRig(t, nil)
		if i%3 == 1 {
			r.fake.Refuse(401)
		}
		r.start()
		if i%3 == 2 {
			r.want(link.FrameConnected, 1)
		}
		r.stream.Stop()
		r.fake.Close()
	}
	buf := make([]byte, 1<<20)
	for range 1000 {
		text := string(buf[:runtime.Stack(buf, true)])
		if !strings.Contains(text, "link.(*Stream)") && !strings.Contains(text, "aritest.(*Server)") {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("goroutines are left:\n%s", buf[:runtime.Stack(buf, true)])
}

func TestStreamConfigIsChecked(t *testing.T) {
	good := link.Config{URL: "http://127.0.0.1:8088/ari", User: "u", App: "app"}
	if _, err := link.NewStream(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*link.Config){
		"no URL": func(c *link.Config) { c.URL = "" }, "ws URL": func(c *link.Config) { c.URL = "ws://h/ari" },
		"secret in URL": func(c *link.Config) { c.URL = "http://u:p@h/ari" }, "no user": func(c *link.Config) { c.User = "" },
		"no app": func(c *link.Config) { c.App = "" }, "two apps": func(c *link.Config) { c.App = "a,b" },
		"negative": func(c *link.Config) { c.QueueBytes = -1 }, "dead before ping": func(c *link.Config) { c.DeadAfter = time.Millisecond },
		"backoff": func(c *link.Config) { c.BackoffMin = time.Hour }, "negative time": func(c *link.Config) { c.DialTimeout = -1 },
	} {
		cfg := good
		change(&cfg)
		if _, err := link.NewStream(cfg); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
