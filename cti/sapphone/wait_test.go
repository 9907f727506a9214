package sapphone_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
	"strowger/switch/callmodel"
)

// parked calls SPS_WAITFORCALL and returns when it is known to wait.
func (r *rig) parked(ctx context.Context, ext string, params ...string) <-chan reply {
	r.Helper()
	before := r.srv.Stats().Waiting
	out := make(chan reply, 1)
	go func() {
		got, err := r.try(ctx, "SPS_WAITFORCALL", append([]string{"EXT=" + ext, "CALLDATA="}, params...)...)
		if err != nil {
			got = reply{values: map[string]string{"RETURNCODE": "gone"}}
		}
		out <- got
	}()
	r.until("the call to wait", func() bool { return r.srv.Stats().Waiting > before })
	return out
}

// until waits for something that must come.
func (r *rig) until(what string, there func() bool) {
	r.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for late := time.After(patience); !there(); {
		select {
		case <-tick.C:
		case <-late:
			r.Fatalf("waiting for %s", what)
		}
	}
}

func (r *rig) outcome(from <-chan reply) reply {
	r.Helper()
	select {
	case out := <-from:
		return out
	case <-time.After(patience):
		r.Fatal("the parked call does not come back")
	}
	return reply{}
}

func TestWaitForCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.ready(anna)
	r.ask("901", "SPS_WAITFORCALL", "EXT=999")
	waiting := r.parked(t.Context(), anna)
	r.ask("911", "SPS_WAITFORCALL", "EXT="+anna)
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	got := r.outcome(waiting)
	want := map[string]string{"RETURNCODE": "000", "CALLING_NO": "+" + ctitest.Caller, "QUEUE": "600", "REASON": "02", "REQ_TYPE": "PHONECALL"}
	for name, v := range want {
		if got.values[name] != v {
			t.Errorf("%s is %q, want %q", name, got.values[name], v)
		}
	}
	if got.values["HANDLE"] != r.one(anna, "01")["HANDLE"] || len(got.tables["CALLDATA"]) == 0 {
		t.Errorf("got %v", got)
	}
	if again := r.must("SPS_WAITFORCALL", "EXT="+anna); again.values["HANDLE"] != got.values["HANDLE"] {
		t.Errorf("a call that alerts already: %v", again.values)
	}
	if n := r.srv.Stats().Waiting; n != 0 {
		t.Errorf("%d still wait", n)
	}
}

func TestWaitEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.ready(anna)
	r.ask("914", "SPS_CANCELWAIT", "EXT="+anna)
	waiting := r.parked(t.Context(), anna)
	r.must("SPS_CANCELWAIT", "EXT="+anna)
	if rc := r.outcome(waiting).rc(); rc != "912" {
		t.Errorf("cancelled: %s", rc)
	}
	waiting = r.parked(t.Context(), anna, "TIMEOUT=1")
	if rc := r.outcome(waiting).rc(); rc != "913" {
		t.Errorf("timed out: %s", rc)
	}
	r.must("SPS_REGISTER", "EXT="+anna)
	waiting = r.parked(t.Context(), anna)
	r.must("SPS_DEREGISTER", "EXT="+anna)
	if rc := r.outcome(waiting).rc(); rc != "912" {
		t.Errorf("deregistered: %s", rc)
	}
	ctx, hangUp := context.WithCancel(t.Context())
	r.parked(ctx, anna)
	hangUp()
	r.until("the connection's end to be seen", func() bool { return r.srv.Stats().Waiting == 0 })
}

// A conversation that closes ends what waits in it: what every transport relies on.
func TestConversationEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *sapphone.Config) {
		c.Servers = []string{"-aSAPphoneBCM -g127.0.0.1 -xsapgw76 REG_COUNT=1"}
	})
	r.ready(anna)
	c, err := r.srv.Open(sapphone.Peer{Transport: sapphone.TransportTypeT, Remote: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.srv.Open(sapphone.Peer{Transport: sapphone.TransportTypeT}); err == nil {
		t.Error("a second conversation, and REG_COUNT is 1")
	}
	done := make(chan sapphone.Reply, 1)
	go func() {
		out, err := r.srv.Dispatch(context.Background(), c, sapphone.Call{Function: "sps_waitforcall", Imports: []sapphone.Field{{Name: "ext", Text: anna}}})
		if err != nil {
			t.Errorf("%v", err)
		}
		done <- out
	}()
	r.until("the call to wait", func() bool { return r.srv.Stats().Waiting == 1 })
	r.srv.Close(c)
	r.srv.Close(c)
	select {
	case out := <-done:
		if len(out.Exports) == 0 || out.Exports[0].Text != "912" {
			t.Errorf("got %v", out)
		}
	case <-time.After(patience):
		t.Fatal("the parked call does not end with its conversation")
	}
	if _, err := r.srv.Dispatch(t.Context(), c, sapphone.Call{Function: "XCHGVERSION"}); err == nil {
		t.Error("a call on a conversation that is over")
	}
	if _, err := r.srv.Open(sapphone.Peer{Transport: sapphone.TransportTypeT}); err != nil {
		t.Errorf("a place that is free again: %v", err)
	}
}

func TestWaitsAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *sapphone.Config) { c.MaxWaiting = 1 })
	r.ready(anna)
	r.ready(bernd)
	waiting := r.parked(t.Context(), anna)
	r.ask("910", "SPS_WAITFORCALL", "EXT="+bernd)
	if n := r.srv.Stats().WaitsRefused; n != 1 {
		t.Errorf("%d refusals are counted", n)
	}
	r.must("SPS_CANCELWAIT", "EXT="+anna)
	r.outcome(waiting)
}

// crowd is a configuration with many agents, each with a queue of their own.
func crowd(n int) *callmodel.Config {
	cfg := ctitest.Config()
	for i := range n {
		id := fmt.Sprintf("agent%04d", i)
		queue := cfg.Queues[0]
		queue.ID, queue.Number, queue.Name, queue.Address = callmodel.QueueID("q"+id), int64(100+i), id, fmt.Sprint(80000+i)
		queue.DNIS = []string{fmt.Sprint(90000 + i)}
		agent := cfg.Agents[0]
		agent.ID, agent.Number, agent.Name, agent.Line = callmodel.AgentID(id), int64(100+i), id, fmt.Sprint(20000+i)
		agent.Queues = []callmodel.QueueID{queue.ID}
		agent.Station.Endpoint = fmt.Sprint(20000 + i)
		cfg.Queues, cfg.Agents = append(cfg.Queues, queue), append(cfg.Agents, agent)
	}
	return cfg
}

// TestManyParked parks agents over SOAP-RFC as an interaction center does in
// wait mode: each gets their own call, and commands are served meanwhile.
func TestManyParked(t *testing.T) {
	const agents = 500
	sw := ctitest.NewFakeSwitch(crowd(agents))
	r := rigOn(t, sw, sw, func(c *sapphone.Config) { c.MaxInFlight = 16 })
	for i := range agents {
		sw.SetAgent(callmodel.AgentID(fmt.Sprintf("agent%04d", i)), callmodel.Ready, "")
	}
	var waiting sync.WaitGroup
	got := make([]string, agents)
	for i := range agents {
		waiting.Go(func() {
			out, err := r.try(t.Context(), "SPS_WAITFORCALL", fmt.Sprintf("EXT=%d", 20000+i))
			if err != nil || out.rc() != "000" {
				t.Errorf("agent %d: %v %v", i, out.values, err)
				return
			}
			got[i] = out.values["CALLED_NO"]
		})
	}
	r.until("all to wait", func() bool { return r.srv.Stats().Waiting == agents })
	if v := r.must("SPS_GETWORKMODE", "EXT=20007").values["WORKMODE"]; v != "02" {
		t.Errorf("while %d wait, an agent's work mode is %s", agents, v)
	}
	began := time.Now()
	for i := range agents {
		sw.Arrive(fmt.Sprint(90000+i), ctitest.Caller, "")
	}
	waiting.Wait()
	t.Logf("%d parked calls got their call within %v", agents, time.Since(began))
	for i, number := range got {
		if want := fmt.Sprintf("+%d", 90000+i); number != want {
			t.Errorf("agent %d got the call to %s, want %s", i, number, want)
		}
	}
	if n := r.srv.Stats().Waiting; n != 0 {
		t.Errorf("%d still wait", n)
	}
}

// Stop ends waits as cancelled: nobody is left without an answer.
func TestStopEndsWaits(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.ready(anna)
	waiting := r.parked(t.Context(), anna)
	if err := r.srv.Stop(t.Context()); err != nil {
		t.Errorf("stop: %v", err)
	}
	if rc := r.outcome(waiting).rc(); rc != "912" {
		t.Errorf("the parked call got %s", rc)
	}
}
