package test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/ari/sandbox"
	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/test/invariants"
)

// trialLength is set to long by make chaos.
const trialLength = "STROWGER_CHAOS"

func longTrials() bool { return os.Getenv(trialLength) == "long" }

// onlyLong leaves a fault to make chaos, and says so where nobody overlooks it.
func onlyLong(t *testing.T, fault string) {
	t.Helper()
	if !strings.HasPrefix(t.Name(), "TestChaos") {
		t.Fatal("make chaos runs the tests whose names begin with TestChaos: this one would never run")
	}
	if longTrials() {
		return
	}
	if file := os.Getenv(envLeft); file != "" {
		if err := appendLine(file, fault+"\n"); err != nil {
			t.Errorf("the fault that was left out could not be noted: %v", err)
		}
	}
	progress("LEFT OUT " + t.Name() + ": fault " + fault + ": only make chaos runs it")
	t.Skipf("fault %s is left to make chaos", fault)
}

// load is how many calls there are in which state when the fault strikes.
type load struct{ talking, ringing, waiting int }

// size is that of the short form, or of the long one.
func size(short, long load) load {
	if longTrials() {
		return long
	}
	return short
}

// trialSetup changes what a run begins with. Zero: the shared Asterisk, reached directly.
type trialSetup struct {
	own   bool   // an Asterisk of its own, that the fault may hurt
	ari   string // ARI's base URL as the controller has it, such as a proxy's; empty: Asterisk's own
	more  string // objects and settings beside those of trialSite
	ring  string // ring_timeout; 300s
	desks int    // agents beside those of the crowd
	tape  bool   // every call of the queue is recorded
}

// trialSite has one agent per phone from 101 on, with a wrap-up, an ICI that a
// CRM has subscribed to, and calls to the world behind the trunk.
func trialSite(agents, iciPort int, o trialSetup) string {
	ring := o.ring
	if ring == "" {
		ring = "300s"
	}
	recording := "off"
	if o.tape {
		recording = "always"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nici: {listen: \"127.0.0.1:%d\"}\n%squeues:\n  - {id: sales, number: \"600\", ring_timeout: %s, wrap_up: 1s, dial_rule: outside, music: default, recording: {mode: %s}}\nagents:\n", iciPort, outsideObjects, ring, recording)
	for n := 101; n < 101+agents; n++ {
		fmt.Fprintf(&b, "  - {id: agent%d, line: \"%d\", queues: [sales], station: {endpoint: \"%d\"}}\n", n, n, n)
	}
	return b.String() + o.more
}

// trial is a run under load: it brings the calls up, lets a fault strike, ends
// the calls, and holds what the witnesses have seen against what the
// controller says.
type trial struct {
	*crowd
	t      *testing.T
	fault  string
	setup  trialSetup
	began  time.Time
	lines  []string
	sink   *trialSink
	tap    *invariants.Tap
	stream *trialStream
	log    *os.File // acknowledged commands, synced
	e      invariants.Evidence
	marks  []gaps
	fds    int

	bitten          int
	detect, recover time.Duration

	mu      sync.Mutex
	invites []invariants.Invite
	ends    []trialEnd
}

// trialEnd is an agent's end of a call, for the time at which it ended.
type trialEnd struct {
	phone, from string
	leg         *siptest.Leg
}

// startTrial brings everything up, the load included.
func startTrial(t *testing.T, fault string, n load, o trialSetup) *trial {
	t.Helper()
	in := testAsteriskFor(t, o.own, n.talking+n.ringing+n.waiting+2+o.desks)
	siptest.CheckGoroutines(t)
	agents := n.talking + n.ringing + n.waiting + 2 + o.desks
	if o.ari == "" {
		o.ari = in.ARIURL()
	}
	s := newSiteAt(t, in, o.ari, "strowger", trialSite(agents, freePort(t), o))
	s.disturbed = true
	x := &trial{crowd: &crowd{s: s}, t: t, fault: fault, setup: o, began: time.Now()}
	s.seen = x.invited
	for i := range agents {
		x.lines = append(x.lines, strconv.Itoa(101+i))
	}
	var err error
	if x.log, err = os.Create(filepath.Join(s.dir, "acknowledged.log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.log.Close() }) // every line was synced
	x.tapOn()
	s.start()
	x.stream = s.follow()
	x.sink = startSink(t, s.iciURL())
	x.sink.subscribe(x.lines)
	x.fds = s.openFiles()
	x.gatherMore(n)
	return x
}

func testAsteriskFor(t *testing.T, own bool, phones int) *sandbox.Instance {
	t.Helper()
	if own || phones > sharedAgents {
		return ownAsterisk(t, func(o *sandbox.Options) { o.Agents = max(o.Agents, phones) })
	}
	return testAsterisk(t)
}

// gatherMore brings the calls up, and gives commands that must last.
func (x *trial) gatherMore(n load) {
	x.t.Helper()
	x.bring(n.talking, n.ringing, n.waiting)
	for _, p := range slices.Concat(x.talking, x.ringing) {
		x.noteEnd(p)
	}
	if len(x.talking) > 0 {
		x.ackTalk(x.talking[0])
	}
	x.ackCallback("+4930555" + fmt.Sprintf("%04d", len(x.e.Witness.Acked)))
	x.e.Witness.Before = x.waiters()
	x.marks = x.mark()
}

// ackTalk puts a call on hold and takes it back, and attaches data.
func (x *trial) ackTalk(p *pair) {
	x.t.Helper()
	conn := x.s.agent(p.agent).Connection
	path := "/api/v1/connections/" + conn
	call := x.s.callOf(p.number)
	x.s.must(http.MethodPost, path+"/hold", nil, nil)
	x.acked("a hold", "held:"+conn, false)
	x.s.waitConnOf(p.number, "hold")
	x.s.must(http.MethodPost, path+"/retrieve", nil, nil)
	x.acked("a retrieve", "retrieved:"+conn, false)
	x.s.waitConnOf(p.number, "connected")
	const data = "<order>17</order>"
	x.s.must(http.MethodPut, path+"/data", rest.DataRequest{Entries: []rest.AttachedEntry{{App: "CRM", Media: "text/xml", Data: data}}}, nil)
	x.acked("attached data", "data:"+call.ID+":CRM:"+data, true)
	siptest.Talk(p.a, p.b)
}

// ackCallback asks for a callback in an hour.
func (x *trial) ackCallback(number string) {
	x.t.Helper()
	later := time.Now().Add(time.Hour)
	var made rest.Accepted
	x.s.must(http.MethodPost, "/api/v1/callbacks", rest.CallbackRequest{Number: number, Queue: "sales", At: &later}, &made)
	x.acked("a callback", "item:callback-"+made.Callback, true)
}

// acked writes an acknowledged command down so that it outlives this process.
func (x *trial) acked(what, fact string, once bool) {
	x.t.Helper()
	a := invariants.Acked{At: time.Now(), What: what, Fact: fact, Once: once}
	b, err := json.Marshal(a)
	if err == nil {
		_, err = x.log.Write(append(b, '\n'))
	}
	if err == nil {
		err = x.log.Sync()
	}
	if err != nil {
		x.t.Fatal(err)
	}
	x.e.Witness.Acked = append(x.e.Witness.Acked, a)
}

// waiters are the callers in the queue, next first.
func (x *trial) waiters() []invariants.Waiter {
	x.t.Helper()
	since := map[string]time.Time{}
	for _, c := range x.s.calls() {
		for _, q := range c.Queues {
			if q.At != nil {
				since[c.ID] = *q.At
			}
		}
	}
	var out []invariants.Waiter
	for _, id := range x.s.queue("sales").WaitingCalls {
		out = append(out, invariants.Waiter{Call: id, Since: since[id]})
	}
	return out
}

// invited is told of every call at a phone, on the phone's own goroutine.
func (x *trial) invited(phone string, in ua.Invite) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.invites = append(x.invites, invariants.Invite{Phone: phone, From: in.From.User, At: time.Now()})
}

// noteEnd remembers an agent's end of a call, so that its time is known later.
func (x *trial) noteEnd(p *pair) {
	x.ends = append(x.ends, trialEnd{phone: p.desk.User(), from: p.number, leg: p.b})
}

func (x *trial) tapOn() {
	x.t.Helper()
	ctx, cancel := contextFor(x.t, waitFor)
	defer cancel()
	var err error
	if x.tap, err = invariants.StartTap(ctx, x.s.asterisk.AMIAddr(), tapUser, tapSecret); err != nil {
		x.t.Fatal(err)
	}
	tap := x.tap
	x.t.Cleanup(func() { tap.Stop() })
}

// strike runs a fault: do makes it bite and returns how much it has touched
// and when it was noticed; the time until heal returns is the recovery.
func (x *trial) strike(do func() (bitten int), heal func()) {
	x.t.Helper()
	began := time.Now()
	x.bitten += do()
	healing := time.Now()
	if heal != nil {
		heal()
	}
	x.recover = time.Since(healing)
	x.e.Windows = append(x.e.Windows, invariants.Window{From: began, To: time.Now()})
}

// resubscribe does what a CRM does whose switch was restarted.
func (x *trial) resubscribe() {
	x.t.Helper()
	x.sink.lost(x.lines)
	x.sink.subscribe(x.lines)
}

// afterwards looks at the calls once the fault is over: who talked goes on,
// who waited has kept place and hears music.
func (x *trial) afterwards() {
	x.t.Helper()
	x.e.Witness.After = x.waiters()
	for i, p := range x.talking {
		if x.e.Deadly {
			break
		}
		p.a.MustHear(1000)
		p.b.MustHear(400)
		for who, g := range map[string]interface {
			Blocks() uint64
			Stop() time.Duration
		}{p.number: x.marks[i].a, p.agent: x.marks[i].b} {
			x.e.Witness.Talks = append(x.e.Witness.Talks, invariants.Talk{Who: who, Seen: g.Blocks(), Gap: g.Stop()})
		}
	}
	for _, p := range x.waiting {
		began := time.Now()
		mustHearMusic(x.t, p.a, 1000)
		x.e.Witness.Silences = append(x.e.Witness.Silences, invariants.Silence{Who: p.number, Long: time.Since(began)})
	}
}

// goHome answers who rings, serves who waits and ends all calls.
func (x *trial) goHome() {
	x.t.Helper()
	for _, p := range x.ringing {
		p.b.MustAnswer()
		siptest.Talk(p.a, p.b)
	}
	x.serveWaiting(x.waiting)
	for _, p := range x.waiting {
		x.noteEnd(p)
	}
	x.hangUp(slices.Concat(x.talking, x.ringing, x.waiting))
}
