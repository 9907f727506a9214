package test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/test/faultproxy"
)

// TestChaosLink runs the faults of the connection to Asterisk, one after the
// other, under the same live calls.
func TestChaosLink(t *testing.T) {
	c := beginChaos(t, "link to Asterisk")
	for _, f := range []chaosFault{
		{number: 12, name: "the application hangs", run: (*chaos).applicationHangs},
		{number: 13, name: "websocket reset", run: (*chaos).websocketReset},
		{number: 14, name: "websocket half-open", run: (*chaos).websocketHalfOpen},
		{number: 15, name: "reader stalled", run: (*chaos).readerStalled},
		{number: 16, name: "cut after every frame", run: (*chaos).cutAfterFrames},
		{number: 17, name: "events doubled and reordered", run: (*chaos).doubledAndReordered},
		{number: 18, name: "strange events", run: (*chaos).strangeEvents},
		{number: 19, name: "bad answers", run: (*chaos).badAnswers},
		{number: 20, name: "slow requests", run: (*chaos).slowRequests},
		{number: 21, name: "no HTTP session left", run: (*chaos).noSessionLeft},
		{number: 23, name: "password changed", run: (*chaos).passwordChanged},
		{number: 43, name: "no file descriptor left", run: (*chaos).noFilesLeft},
		{number: 47, name: "bad settings", run: (*chaos).badSettings},
	} {
		if !c.run(t, f) {
			return // the next fault would find other calls
		}
	}
	c.end()
}

func (c *chaos) inject(f faultproxy.Fault) *faultproxy.Active {
	c.t.Helper()
	a, err := c.proxy.Inject(f)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

// wrong is what the controller says of itself: the reasons of not being ready,
// and of being weak.
func (c *chaos) wrong() (notReady bool, text string) {
	c.t.Helper()
	var status rest.Status
	c.s.must(http.MethodGet, "/api/v1/status", nil, &status)
	return len(status.NotReady) > 0, strings.Join(append(status.NotReady, status.Degraded...), "; ")
}

// mustSay waits until the controller says what is wrong.
func (c *chaos) mustSay(ready bool, words string) {
	c.t.Helper()
	var text string
	eventually(c.t, fmt.Sprintf("the controller (ready: %v) says %q", ready, words), func() bool {
		var notReady bool
		notReady, text = c.wrong()
		return notReady == !ready && strings.Contains(text, words)
	}, &text)
}

// mustFallBack checks that new callers are served by the dialplan.
func (c *chaos) mustFallBack() {
	c.t.Helper()
	c.made++
	number := fmt.Sprintf("49180555%04d", c.made)
	var heard string
	eventually(c.t, "a new caller reaches the fallback", func() bool {
		global := c.readyVariable()
		heard = fmt.Sprintf("readiness variable of %v ago", global)
		return global > 4*time.Second
	}, &heard)
	a := c.s.caller(number).Dial("600")
	a.MustBeAnswered() // by the announcement
	eventually(c.t, "the announcement is heard", func() bool { return a.Heard().Level() > audible })
	a.MustHangup()
	for _, call := range c.s.calls() {
		if call.Caller == number {
			c.t.Errorf("the caller got to the controller: %+v", call)
		}
	}
}

// readyVariable is the age of the dialplan's readiness variable in Asterisk's clock.
func (c *chaos) readyVariable() time.Duration {
	c.t.Helper()
	read := func(name string) int {
		_, body := ariDo(c.t, c.s.asterisk, http.MethodGet, "/asterisk/variable?variable="+name)
		n := 0
		_, _ = fmt.Sscanf(body, `{"value":"%d"}`, &n)
		return n
	}
	return time.Duration(read("EPOCH")-read("SW_HB")) * time.Second
}

func (c *chaos) applicationHangs(r *chaosReport) {
	began := time.Now()
	a := c.inject(faultproxy.Fault{Mode: faultproxy.Stall, Path: "/ari/applications", Ways: faultproxy.ToServer})
	c.mustSay(false, "AST#2170")
	r.detected(began)
	c.mustFallBack()
	r.bites(a)
	a.Lift()
	lifted := time.Now()
	c.mustSay(true, "")
	r.recovered(lifted)
	c.call()
}

func (c *chaos) websocketReset(r *chaosReport) {
	connects := c.s.metric("strowger_ari_reconnects_total")
	began := time.Now()
	r.bitten("connections", uint64(c.proxy.Cut("/ari/events")))
	eventually(c.t, "the websocket is connected again", func() bool { return c.s.metric("strowger_ari_reconnects_total") > connects })
	r.detected(began)
	c.mustSay(true, "")
	r.recovered(began)
	c.call()
}

func (c *chaos) websocketHalfOpen(r *chaosReport) {
	connects := c.s.metric("strowger_ari_reconnects_total")
	began := time.Now()
	a := c.inject(faultproxy.Fault{Mode: faultproxy.Drop, Path: "/ari/events"})
	c.mustSay(false, "no sign of life")
	r.detected(began)
	c.mustFallBack()
	r.bites(a)
	a.Lift()
	lifted := time.Now()
	eventually(c.t, "the websocket is connected again", func() bool { return c.s.metric("strowger_ari_reconnects_total") > connects })
	c.mustSay(true, "")
	r.recovered(lifted)
	c.call()
}

// readerStalled stops the controller for two seconds while Asterisk has 1,000
// events to tell.
func (c *chaos) readerStalled(r *chaosReport) {
	const many, size = 1000, 1500
	connects, events := c.s.metric("strowger_ari_reconnects_total"), c.s.metric("strowger_ari_events_total")
	pid := c.s.cmd.Process.Pid
	began := time.Now()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		c.t.Fatal(err)
	}
	told := make(chan int, 1)
	go func() { told <- c.userEvents(many, size) }()
	n := <-told
	timer := time.NewTimer(time.Until(began.Add(2 * time.Second)))
	<-timer.C
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		c.t.Fatal(err)
	}
	woken := time.Now()
	eventually(c.t, "all events are read", func() bool { return c.s.metric("strowger_ari_events_total") >= events+many })
	r.recovered(woken)
	r.bitten("events", uint64(n))
	if now := c.s.metric("strowger_ari_reconnects_total"); now != connects {
		c.t.Errorf("the stream was lost %g times", now-connects)
	}
	c.call()
}

// userEvents has Asterisk send events to our application and returns how many it took.
func (c *chaos) userEvents(many, size int) int {
	body := fmt.Sprintf(`{"variables":{"filling":%q}}`, strings.Repeat("x", size))
	v := c.s.asterisk.Values()
	n := 0
	for range many {
		req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.s.asterisk.ARIURL()+"/events/user/chaos?application=strowger", strings.NewReader(body))
		if err != nil {
			c.t.Error(err)
			break
		}
		req.SetBasicAuth(v.ARIUser, v.ARIPassword)
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			c.t.Error(err)
			break
		}
		_ = resp.Body.Close() // it says nothing
		if resp.StatusCode == http.StatusNoContent {
			n++
		}
	}
	return n
}

// cutAfterFrames cuts the websocket after the k-th event, for many k, while
// a call is made, answered and ended.
func (c *chaos) cutAfterFrames(r *chaosReport) {
	cuts := []int{1, 5, 14}
	if longTrials() {
		cuts = cuts[:0]
		for k := range 200 {
			cuts = append(cuts, k+1)
		}
	}
	for i, k := range cuts {
		mode := []faultproxy.Mode{faultproxy.Close, faultproxy.Reset}[i%2]
		connects := c.s.metric("strowger_ari_reconnects_total")
		a := c.inject(faultproxy.Fault{Mode: mode, Path: "/ari/events", Frames: true, Ways: faultproxy.ToClient, After: k, Count: 1})
		for again := true; again; again = !a.Bitten().Any() { // one call has some twenty
			c.call()
		}
		a.Lift()
		r.bites(a)
		eventually(c.t, "the websocket is connected again", func() bool { return c.s.metric("strowger_ari_reconnects_total") > connects })
		c.settle()
	}
}

func (c *chaos) doubledAndReordered(r *chaosReport) {
	rounds := 3
	if longTrials() {
		rounds = 100
	}
	const window = 200 * time.Millisecond
	faults := []*faultproxy.Active{
		c.inject(faultproxy.Fault{Mode: faultproxy.Dup, Frames: true, Ways: faultproxy.ToClient, Share: 0.5, Delay: window}),
		c.inject(faultproxy.Fault{Mode: faultproxy.Reorder, Frames: true, Ways: faultproxy.ToClient, Share: 0.7, Delay: window}),
	}
	for range rounds {
		c.call()
	}
	for _, a := range faults {
		a.Lift()
		r.bites(a)
	}
}

// strangeEvents puts between Asterisk's events what no Asterisk sends.
func (c *chaos) strangeEvents(r *chaosReport) {
	connects := c.s.metric("strowger_ari_reconnects_total")
	unknown, bad := c.s.metric("strowger_ari_events_unknown_total"), c.s.metric("strowger_ari_events_bad_total")
	huge := []byte(`{"type":"ChannelUserevent","eventname":"` + strings.Repeat("x", 1<<20) + `"}`)
	strange := [][]byte{
		[]byte(`{"type":"SomethingNew","application":"strowger","timestamp":"2026-01-01T00:00:00.000+0000","a":{"b":[1,2]}}`),
		[]byte(`{"type":"StasisStart"}`),
		[]byte(`{"type":"StasisStart","application":"strowger","args":["in"],"channel":{}}`),
		[]byte(`{"type":"ChannelDestroyed","channel":{"id":""}}`),
		[]byte(`{"type":"ChannelLeftBridge","bridge":{"id":"sw-b-nonsense"}}`),
		[]byte(`{"type":17}`),
		[]byte(`{"no":"type"}`),
		[]byte(`not JSON`),
		[]byte(`{"type":"PlaybackFinished","playback":`),
		bytes.Repeat([]byte("["), 100_000),
		{},
		huge,
	}
	a := c.inject(faultproxy.Fault{Mode: faultproxy.Insert, Frames: true, Ways: faultproxy.ToClient, Count: 3, Payload: strange})
	c.call()
	eventually(c.t, "unknown and unreadable events are counted", func() bool {
		return c.s.metric("strowger_ari_events_unknown_total") > unknown && c.s.metric("strowger_ari_events_bad_total") > bad
	})
	if n := c.s.metric("strowger_ari_reconnects_total"); n != connects {
		c.t.Errorf("the stream was lost %g times", n-connects)
	}
	a.Lift()
	r.bites(a)
	// Text that is no UTF-8 ends a websocket by RFC 6455, or is left out: both are well.
	a = c.inject(faultproxy.Fault{Mode: faultproxy.Corrupt, Frames: true, Ways: faultproxy.ToClient, Count: 1})
	c.call()
	a.Lift()
	r.bites(a)
	if n := c.s.metric("strowger_poisonous_inputs_total"); n != 0 {
		c.t.Errorf("%g inputs broke the model", n)
	}
	c.s.unreadable = c.s.metric("strowger_ari_events_bad_total")
}
