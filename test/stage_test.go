package test

import (
	"bufio"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"strowger/ari/sandbox"
	"strowger/cti/rest"
	"strowger/sip/siptest"
)

// The config of most scenarios: three desk phones in one queue. Times are as
// short as the file format allows, where a test waits for them.
const threeDesks = `
ici: {enabled: false}
queues:
  - {id: sales, number: "600", ring_timeout: 2s, wrap_up: 1s}
agents:
  - {id: anna, line: "101", queues: [sales], station: {endpoint: "101"}}
  - {id: ben, line: "102", queues: [sales], station: {endpoint: "102"}}
  - {id: cleo, line: "103", queues: [sales], station: {endpoint: "103"}}
`

// handsetSite is a queue with two desk phones.
const handsetSite = `
ici: {enabled: false}
queues:
  - {id: sales, number: "600", ring_timeout: 3s, wrap_up: 1s}
agents:
  - {id: anna, line: "101", queues: [sales], station: {endpoint: "101"}}
  - {id: ben, line: "102", queues: [sales], station: {endpoint: "102"}}
`

// patientDesks is threeDesks where nothing runs out by itself.
var patientDesks = strings.NewReplacer("ring_timeout: 2s", "ring_timeout: 60s", "wrap_up: 1s", "wrap_up: 60s").Replace(threeDesks)

// stage starts a controller on the shared Asterisk; what is left of the test
// at its end, here or in the controller, fails it.
func stage(t *testing.T, config string) *site {
	t.Helper()
	return stageOn(t, testAsterisk(t), config)
}

func stageOn(t *testing.T, in *sandbox.Instance, config string) *site {
	t.Helper()
	siptest.CheckGoroutines(t)
	s := newSite(t, in, "strowger", config)
	s.start()
	return s
}

// in is the same running site for a subtest, to which failures then belong.
func (s *site) in(t *testing.T) *site {
	sub := *s
	sub.t = t
	return &sub
}

// talking brings a call up between a caller and anna's desk phone 101.
func (s *site) talking() (a, b *siptest.Leg) {
	s.t.Helper()
	desk := s.desk("101")
	s.agentState("anna", "ready")
	a = s.caller("4917055501").Dial("600")
	b = desk.Expect()
	b.MustAnswer()
	a.MustBeAnswered()
	siptest.Talk(a, b)
	s.waitPhase("talking")
	return a, b
}

// agentConn returns the agent's connection of the only call.
func (s *site) agentConn() rest.Connection {
	s.t.Helper()
	c, err := s.lastConn("agent")
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *site) lastConn(role string) (rest.Connection, error) {
	l := s.calls()
	if len(l) != 1 {
		return rest.Connection{}, fmt.Errorf("%d calls, want one", len(l))
	}
	for _, c := range slices.Backward(l[0].Connections) {
		if c.Role == role {
			return c, nil
		}
	}
	return rest.Connection{}, fmt.Errorf("call without %s: %+v", role, l[0])
}

// waitConn waits until the agent's connection of the only call is in a state.
func (s *site) waitConn(state string) rest.Connection {
	s.t.Helper()
	var c rest.Connection
	eventually(s.t, "the agent's connection is "+state, func() bool {
		var err error
		c, err = s.lastConn("agent")
		return err == nil && c.State == state
	})
	return c
}

// command sends an operation on a connection.
func (s *site) command(c rest.Connection, operation string) {
	s.t.Helper()
	s.must(http.MethodPost, "/api/v1/connections/"+c.ID+"/"+operation, nil, nil)
}

// refused sends an operation that must be refused, with these words in the answer.
func (s *site) refused(c rest.Connection, operation, words string) {
	s.t.Helper()
	err := s.try(http.MethodPost, "/api/v1/connections/"+c.ID+"/"+operation, nil, nil)
	if err == nil || !strings.Contains(err.Error(), words) {
		s.t.Errorf("%s: got %v, want a refusal with %q", operation, err, words)
	}
}

func (s *site) queue(id string) rest.Queue {
	s.t.Helper()
	var q rest.Queue
	s.must(http.MethodGet, "/api/v1/queues/"+id, nil, &q)
	return q
}

// callOf returns the live call of a caller.
func (s *site) callOf(number string) rest.Call {
	s.t.Helper()
	var c rest.Call
	eventually(s.t, "the call of "+number+" is there", func() bool {
		l := s.calls()
		i := slices.IndexFunc(l, func(c rest.Call) bool { return c.Caller == number })
		if i >= 0 {
			c = l[i]
		}
		return i >= 0
	})
	return c
}

// wantEnded waits until a call record has this outcome.
func (s *site) wantEnded(id, outcome string) {
	s.t.Helper()
	var last string
	eventually(s.t, "call "+id+" is recorded as "+outcome, func() bool {
		var l rest.CallList
		s.must(http.MethodGet, "/api/v1/calls?ended=true", nil, &l)
		for _, c := range l.Calls {
			if c.ID == id {
				last = c.Outcome
			}
		}
		return last != ""
	})
	if last != outcome {
		s.t.Errorf("call %s ended as %q, want %q", id, last, outcome)
	}
}

// wantWaiting waits until these callers wait, in this order.
func (s *site) wantWaiting(queue string, numbers ...string) {
	s.t.Helper()
	var got []string
	eventually(s.t, fmt.Sprintf("%v wait in %s", numbers, queue), func() bool {
		got = got[:0]
		byID := map[string]string{}
		for _, c := range s.calls() {
			byID[c.ID] = c.Caller
		}
		for _, id := range s.queue(queue).WaitingCalls {
			got = append(got, byID[id])
		}
		return slices.Equal(got, numbers)
	})
}

// metric reads one figure of the controller; of a metric with labels, the sum.
func (s *site) metric(name string) float64 {
	s.t.Helper()
	v, err := s.tryMetric(name)
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

func (s *site) tryMetric(name string) (float64, error) {
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://strowger/metrics", nil)
	if err != nil {
		return 0, err
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }() // it has been read
	sum, found := 0.0, false
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		key, value, ok := strings.Cut(lines.Text(), " ")
		if bare, _, _ := strings.Cut(key, "{"); !ok || bare != name {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0, err
		}
		sum, found = sum+v, true
	}
	if !found {
		return 0, fmt.Errorf("no metric %s (status %s, %v)", name, resp.Status, lines.Err())
	}
	return sum, nil
}

// mustHearMusic checks that the leg hears something for half a second, and
// that the other party's tone is not in it.
func mustHearMusic(t *testing.T, l *siptest.Leg, without float64) {
	t.Helper()
	gap, err := l.Heard().MarkGap(without)
	if err != nil {
		t.Fatal(err)
	}
	defer gap.Stop()
	ctx, cancel := contextFor(t, waitFor)
	defer cancel()
	if err := l.Heard().WaitFrames(ctx, 25); err != nil {
		t.Fatalf("music: %v", err)
	}
	if n := gap.Blocks(); n > 0 {
		t.Errorf("the other party's %g Hz is heard in %d blocks of the music", without, n)
	}
	eventually(t, "music is heard", func() bool { return l.Heard().Level() > audible })
}

// audible is the level in dBFS above which a frame is not silence.
const audible = -50.0

// gaps measures the longest interruption of both directions of a call that
// siptest.Talk has started.
type gaps struct {
	t    *testing.T
	a, b interface {
		Stop() time.Duration
		Blocks() uint64
	}
}

func markGaps(t *testing.T, a, b *siptest.Leg) gaps {
	t.Helper()
	ga, err := a.Heard().MarkGap(1000)
	if err != nil {
		t.Fatal(err)
	}
	gb, err := b.Heard().MarkGap(400)
	if err != nil {
		t.Fatal(err)
	}
	return gaps{t: t, a: ga, b: gb}
}

// longest ends the measurement. A direction in which nothing was heard fails.
func (g gaps) longest() time.Duration {
	g.t.Helper()
	if g.a.Blocks() == 0 || g.b.Blocks() == 0 {
		g.t.Errorf("no audio was measured: %d blocks to the caller, %d to the agent", g.a.Blocks(), g.b.Blocks())
	}
	return max(g.a.Stop(), g.b.Stop())
}

// maxGap is what a talking call may be interrupted by a fault of the
// controller here, where other work takes the processor too; the audio does
// not pass through the controller.
const maxGap = time.Second
