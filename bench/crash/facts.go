package crash

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"strowger/bench/rig"
	"strowger/cti/rest"
)

func snapshot(ctx context.Context, c *rig.Controller) (v rest.Snapshot, err error) {
	return v, c.Call(ctx, http.MethodGet, "/api/v1/snapshot", nil, &v)
}

// waitTalking waits until so many callers talk to agents, and returns how many do.
func waitTalking(ctx context.Context, c *rig.Controller, want int, limit time.Duration) (talking int, err error) {
	deadline := time.Now().Add(limit)
	for {
		var s rest.Status
		if err := c.Call(ctx, http.MethodGet, "/api/v1/status", nil, &s); err != nil {
			return 0, err
		}
		if s.Counts.Talking == want {
			return want, nil
		}
		if time.Now().After(deadline) {
			return s.Counts.Talking, fmt.Errorf("%d calls talk after %v, want %d", s.Counts.Talking, limit, want)
		}
		if err := rig.Pause(ctx, 20*time.Millisecond); err != nil {
			return s.Counts.Talking, err
		}
	}
}

// orderOne shows that orders are obeyed.
func orderOne(ctx context.Context, c *rig.Controller, before rest.Snapshot) error {
	conns := agentConns(before)
	return write(ctx, c, conns[0], "order", "1")
}

// agentConns are the agents' connections of all calls.
func agentConns(s rest.Snapshot) (out []string) {
	for _, c := range s.Calls {
		for _, p := range c.Connections {
			if p.Role == "agent" {
				out = append(out, p.ID)
			}
		}
	}
	return out
}

// fact is what is known of one subject.
type fact struct {
	text    string
	moments []time.Time
}

// sameMoment is how far a time may seem to move: the tie between the switch's
// own time line and the calendar is made anew at each start.
const sameMoment = 200 * time.Millisecond

func (f fact) equal(g fact) bool {
	if f.text != g.text || len(f.moments) != len(g.moments) {
		return false
	}
	for i, at := range f.moments {
		if at.Sub(g.moments[i]).Abs() > sameMoment {
			return false
		}
	}
	return true
}

// facts are what a snapshot says, by subject; ages are left out.
func facts(s rest.Snapshot) map[string]fact {
	out := map[string]fact{}
	moments := func(list ...*time.Time) (out []time.Time) {
		for _, t := range list {
			if t != nil {
				out = append(out, *t)
			}
		}
		return out
	}
	for _, c := range s.Calls {
		out["call "+c.ID] = fact{
			fmt.Sprint(c.Number, c.Phase, c.Outcome, c.Node, c.ConfigVersion, c.Dialled, c.Caller, c.Queue, c.Agent, len(c.Queues), c.Priority),
			moments(c.ArrivedAt, c.AnsweredAt, c.TalkingAt, c.OverAt),
		}
		for _, p := range c.Connections {
			out["connection "+p.ID] = fact{
				fmt.Sprint(c.ID, p.Number, p.Role, p.Device, p.Agent, p.State, p.Work, p.Leg), moments(p.AlertingAt, p.ConnectedAt, p.EndedAt),
			}
		}
	}
	for _, a := range s.Agents {
		out["agent "+a.ID] = fact{fmt.Sprint(a.State, a.Reason, a.Call, a.Connection, a.Handled, a.SignedOut), moments(a.Since)}
	}
	for _, q := range s.Queues {
		out["queue "+q.ID] = fact{text: fmt.Sprint(q.Arrived, q.Answered, q.Abandoned)}
	}
	return out
}

func (r *result) compare(before, after rest.Snapshot) {
	was, is := facts(before), facts(after)
	for subject, f := range was {
		r.fact(f.equal(is[subject]), "%s was %v, is %v", subject, f, is[subject])
	}
}

// fact counts one fact, and keeps a few of those that are lost as examples.
func (r *result) fact(kept bool, format string, a ...any) {
	r.facts++
	if kept {
		return
	}
	r.lost++
	if len(r.examples) < 3 {
		r.examples = append(r.examples, fmt.Sprintf(format, a...))
	}
}

// writers write attached data until they are stopped, or the controller is gone.
type writers struct {
	busy   chan struct{} // closed when every connection has been written once
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu    sync.Mutex
	acked map[string]int // last write that was answered OK, by connection
}

const writing = 8 // writers at once

func startWriters(ctx context.Context, c *rig.Controller, s rest.Snapshot) *writers {
	conns := agentConns(s)
	ctx, cancel := context.WithCancel(ctx)
	w := &writers{busy: make(chan struct{}), cancel: cancel, acked: map[string]int{}}
	for n := range writing {
		w.wg.Go(func() {
			for value := 1; ; value++ {
				for i := n; i < len(conns); i += writing {
					if err := write(ctx, c, conns[i], "bench", strconv.Itoa(value)); err != nil {
						return // killed, as planned; an early end shows in busy
					}
					w.wrote(conns[i], value, len(conns))
				}
			}
		})
	}
	return w
}

func (w *writers) wrote(conn string, value, all int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.acked[conn] == 0 && len(w.acked)+1 == all {
		close(w.busy)
	}
	w.acked[conn] = value
}

func (w *writers) stop() {
	w.cancel()
	w.wg.Wait()
}

// compare looks for each acknowledged write. One that was under way may have been taken or not.
func (w *writers) compare(ctx context.Context, c *rig.Controller, r *result) error {
	for conn, value := range w.acked {
		var got rest.DataAnswer
		if err := c.Call(ctx, http.MethodGet, "/api/v1/connections/"+conn+"/data", nil, &got); err != nil {
			r.fact(false, "data of %s: %v", conn, err)
			continue
		}
		is := 0
		for _, e := range got.Entries {
			if e.App == "bench" {
				is, _ = strconv.Atoi(e.Data) // ours are numbers
			}
		}
		r.fact(is == value || is == value+1, "data of %s was acknowledged as %d, is %d", conn, value, is)
	}
	return nil
}

func write(ctx context.Context, c *rig.Controller, conn, app, value string) error {
	body := rest.DataRequest{Entries: []rest.AttachedEntry{{App: app, Media: "text/plain", Data: value}}}
	return c.Call(ctx, http.MethodPatch, "/api/v1/connections/"+conn+"/data", body, nil)
}

// endedCalls returns the ids of the newest rows in the records.
func endedCalls(ctx context.Context, c *rig.Controller) (map[string]int, error) {
	var list rest.CallList
	if err := c.Call(ctx, http.MethodGet, "/api/v1/calls?ended=true&limit=1000", nil, &list); err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, row := range list.Calls {
		out[strings.ToUpper(row.ID)]++
	}
	return out, nil
}

// compareRows expects one new row for each call.
func compareRows(ctx context.Context, c *rig.Controller, known map[string]int, want int, r *result) error {
	deadline := time.Now().Add(10 * time.Second) // rows are written in the background
	for {
		rows, err := endedCalls(ctx, c)
		if err != nil {
			return err
		}
		fresh, doubled := 0, 0
		for id, n := range rows {
			if known[id] == 0 {
				fresh++
				doubled += n - 1
			}
		}
		if fresh == want && doubled == 0 || time.Now().After(deadline) {
			for i := range want {
				r.fact(i < fresh, "a call has no row in the records")
			}
			for range doubled + max(0, fresh-want) {
				r.fact(false, "a row in the records is one too many")
			}
			return nil
		}
		if err := rig.Pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}
