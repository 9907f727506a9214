package sim

import (
	"context"
	"flag"
	"fmt"
	"path"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strowger/switch/callmodel"
)

var (
	seedFlag  = flag.Uint64("sim.seed", 0, "run the random simulation with this seed only, and print its trace on failure")
	seedsFlag = flag.Int("sim.seeds", 1000, "number of seeds of the random simulation")
	firstFlag = flag.Uint64("sim.first", 1, "first seed of the random simulation")
)

// where names the functions of the model on the stack of a panic.
func where() string {
	var at []string
	for _, line := range strings.Split(string(debug.Stack()), "\n") {
		if file := strings.TrimSpace(line); strings.Contains(file, "/callmodel/") && strings.Contains(file, ".go:") {
			at = append(at, path.Base(strings.Fields(file)[0]))
		}
	}
	return strings.Join(at, " < ")
}

// Put makes the harness a port.Feed; attach never calls it.
func (f feed) Put(context.Context, callmodel.Input) error { return nil }

// profile is how rough a run is.
type profile struct {
	name   string
	opt    Options
	crash  bool
	outage bool // cuts and restarts
}

var profiles = []profile{
	{name: "smooth", opt: Options{EffectDelay: Range{0, 20 * time.Millisecond}, EventDelay: Range{0, 20 * time.Millisecond}, ListDelay: Range{0, 10 * time.Millisecond}}},
	{name: "slow", opt: Options{
		EffectDelay: Range{0, 400 * time.Millisecond}, EventDelay: Range{0, 300 * time.Millisecond}, ListDelay: Range{0, 200 * time.Millisecond},
		ResyncEvery: 7 * time.Second, Faults: Faults{RefuseEffect: 0.05},
	}},
	{name: "outages", crash: true, outage: true, opt: Options{
		EffectDelay: Range{0, 50 * time.Millisecond}, EventDelay: Range{0, 50 * time.Millisecond}, ListDelay: Range{0, 200 * time.Millisecond},
		ResyncEvery: 10 * time.Second,
	}},
	{name: "rough", crash: true, outage: true, opt: Options{
		EffectDelay: Range{0, 200 * time.Millisecond}, EventDelay: Range{0, 100 * time.Millisecond}, ListDelay: Range{0, 300 * time.Millisecond},
		ResyncEvery: 5 * time.Second, Faults: Faults{
			LoseEvent: 0.02, DuplicateEvent: 0.05, RefuseEffect: 0.02,
			UnknownDone: 0.03, UnknownLost: 0.02, UnknownLate: 0.03, LateBy: Range{0, 4 * time.Second},
		},
	}},
}

// config draws a configuration version: the same numbers and agents, and now
// and then one queue or agent less.
func (h *harness) config() *callmodel.Config {
	h.version++
	cfg := &callmodel.Config{Version: h.version}
	policies := []callmodel.AnswerPolicy{callmodel.AnswerAgent, callmodel.AnswerTreatment, callmodel.AnswerAtOnce}
	queues, agents := 3, 5
	if h.version > 1 && h.rng.IntN(3) == 0 {
		queues = 2
	}
	if h.version > 1 && h.rng.IntN(3) == 0 {
		agents = 4
	}
	for i := 1; i <= queues; i++ {
		n := strconv.Itoa(i)
		cfg.Queues = append(cfg.Queues, callmodel.QueueConfig{
			ID: callmodel.QueueID("q" + n), Number: int64(i), Name: "Queue " + n, Address: "80" + n, DNIS: []string{"+49" + n},
			Strategy: callmodel.LongestIdle, RingTimeout: time.Duration(3+h.rng.IntN(8)) * time.Second,
			WrapUp: time.Duration(h.rng.IntN(3)) * 2 * time.Second, Music: "default", Answer: policies[h.rng.IntN(3)],
			MaxWaiting: h.rng.IntN(2) * 4, Priority: h.rng.IntN(3),
		})
	}
	for i := 1; i <= agents; i++ {
		n := strconv.Itoa(i)
		a := callmodel.AgentConfig{
			ID: callmodel.AgentID("a" + n), Number: int64(i), Name: "Agent " + n, Line: "10" + n,
			Station: callmodel.Station{Endpoint: "p" + n, Mode: callmodel.Handset},
		}
		if h.rng.IntN(2) == 0 {
			a.Station.Mode, a.Station.AcceptTimeout = callmodel.CallOnAccept, 3*time.Second
		}
		for q := 1; q <= queues; q++ {
			if h.rng.IntN(3) > 0 {
				a.Queues = append(a.Queues, callmodel.QueueID("q"+strconv.Itoa(q)))
			}
		}
		cfg.Agents = append(cfg.Agents, a)
	}
	return cfg
}

func (h *harness) policy() PhonePolicy {
	modes := []PhoneMode{Answers, Answers, Answers, Answers, Answers, Answers, Manual, Rejects, Busy, Silent, Unregistered}
	if h.seed%3 == 0 { // a run where most calls come through
		modes = modes[:6]
	}
	return PhonePolicy{
		Mode: modes[h.rng.IntN(len(modes))], AnswerAfter: Range{0, 4 * time.Second},
		Talk: Range{0, time.Duration(h.rng.IntN(3)) * 4 * time.Second}, NoAutoAnswer: h.rng.IntN(5) == 0,
	}
}

// runSeed is one whole random run.
func runSeed(seed uint64) *harness {
	p := profiles[seed%uint64(len(profiles))]
	h := newHarness(seed, p.opt)
	h.note("profile %s", p.name)
	h.step(callmodel.WallClock{UnixMicro: h.start.UnixMicro()})
	h.step(callmodel.ConfigLoaded{Config: h.config()})
	for i := 1; i <= 5; i++ {
		h.phones = append(h.phones, h.ex.Phone("p"+strconv.Itoa(i), h.policy()))
	}
	h.err = firstErr(h.err, h.ex.attach(feed{h}, func() {}))
	h.drain()
	for i := 1; i <= 5; i++ {
		h.step(callmodel.SetAgentState{Agent: callmodel.AgentID("a" + strconv.Itoa(i)), State: callmodel.Ready})
	}
	h.later(p)
	h.run(40 * time.Second)
	h.settle()
	return h
}

func firstErr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// later schedules the next random act.
func (h *harness) later(p profile) {
	h.clock.AfterFunc(h.jitter(500*time.Millisecond), func() {
		if h.calm || h.err != nil {
			return
		}
		h.act(p)
		h.drain()
		h.later(p)
	})
}

func (h *harness) act(p profile) {
	switch n := h.rng.IntN(100); {
	case n < 20:
		h.placeCall()
	case n < 25:
		h.callerAct()
	case n < 40:
		h.phoneAct()
	case n < 90:
		h.command()
	case n < 92:
		h.step(callmodel.ConfigLoaded{Config: h.config()})
	case n < 94:
		h.keep()
	case n < 95:
		h.note("! bridges destroyed")
		h.ex.DestroyBridges()
	case n == 95 && h.rng.IntN(2) == 0 && len(h.legs) > 0:
		h.ex.Bounce(h.legs[h.rng.IntN(len(h.legs))])
	case n == 95:
		if legs := h.ex.Inventory().Legs; len(legs) > 0 {
			h.ex.TakeAway(legs[h.rng.IntN(len(legs))].Channel)
		}
	case n < 98 && p.outage:
		h.outage()
	case p.crash && n == 99:
		h.crash(time.Second + h.jitter(5*time.Second))
	}
}

func (h *harness) outage() {
	d := h.jitter(5 * time.Second)
	if h.rng.IntN(5) == 0 {
		h.note("! exchange restarts, %v", d)
		h.ex.Restart(d)
		return
	}
	h.note("! link cut for %v", d)
	h.ex.CutLink(d)
}

func (h *harness) placeCall() {
	numbers := []string{"801", "802", "803", "491", "+492", "493", "999"}
	c := Caller{Number: strconv.Itoa(5000 + h.rng.IntN(1000)), Name: "Somebody"}
	if h.rng.IntN(2) == 0 {
		c.Patience = time.Second + h.jitter(20*time.Second)
	}
	if h.rng.IntN(2) == 0 {
		c.Talk = 100*time.Millisecond + h.jitter(10*time.Second)
	}
	if leg, err := h.ex.Place(numbers[h.rng.IntN(len(numbers))], c); err == nil {
		h.legs = append(h.legs, leg)
	}
}

func (h *harness) callerAct() {
	if len(h.legs) == 0 {
		return
	}
	leg := h.legs[h.rng.IntN(len(h.legs))]
	switch h.rng.IntN(3) {
	case 0:
		leg.Hangup()
	case 1:
		_ = leg.Hold() // refused when it is not answered: part of the noise
	case 2:
		_ = leg.Resume() // likewise
	}
}

func (h *harness) phoneAct() {
	p := h.phones[h.rng.IntN(len(h.phones))]
	acts := []func() error{p.Answer, p.Answer, p.Answer, p.Reject, p.Hangup, p.Hold, p.Resume, p.Hold, p.Resume, func() error { p.SetPolicy(h.policy()); return nil }}
	_ = acts[h.rng.IntN(len(acts))]() // refused in the wrong state: part of the noise
}

// command sends a random command, mostly a possible one about something that lives.
func (h *harness) command() {
	v := h.st.View()
	agent := callmodel.AgentID("a" + strconv.Itoa(1+h.rng.IntN(5)))
	if h.rng.IntN(3) == 0 || len(v.Calls) == 0 {
		states := []callmodel.AgentState{callmodel.Ready, callmodel.Ready, callmodel.Ready, callmodel.NotReady, callmodel.LoggedOut}
		h.step(callmodel.SetAgentState{Agent: agent, State: states[h.rng.IntN(len(states))], Reason: []string{"", "lunch"}[h.rng.IntN(2)]})
		return
	}
	c := v.Calls[h.rng.IntN(len(v.Calls))]
	p := &c.Conns[h.rng.IntN(len(c.Conns))]
	if a := c.AgentConn(); a != nil && h.rng.IntN(4) > 0 {
		p = a
	}
	if h.rng.IntN(20) == 0 {
		h.step(callmodel.DropLine{Agent: agent})
		return
	}
	ops := []string{"accept", "reject", "drop", "hold", "retrieve", "require-wrap-up", "end-wrap-up", "set-data"}
	if can := callmodel.Capabilities(p).Names(); len(can) > 0 && h.rng.IntN(4) > 0 {
		ops = slices.DeleteFunc(can, func(op string) bool { return op == "get-data" })
		if slices.Contains(ops, "drop") && h.rng.IntN(3) > 0 { // or no talk would last
			ops = slices.DeleteFunc(ops, func(op string) bool { return op == "drop" || op == "reject" })
		}
	}
	if len(ops) > 0 {
		h.step(h.operate(ops[h.rng.IntN(len(ops))], p.ID))
	}
}

func (h *harness) operate(op string, conn callmodel.ConnID) callmodel.Input {
	switch op {
	case "accept":
		return callmodel.Accept{Conn: conn}
	case "reject":
		return callmodel.Reject{Conn: conn}
	case "drop":
		return callmodel.Drop{Conn: conn}
	case "hold":
		return callmodel.HoldCall{Conn: conn}
	case "retrieve":
		return callmodel.Retrieve{Conn: conn}
	case "require-wrap-up":
		return callmodel.RequireWrapUp{Conn: conn}
	case "end-wrap-up":
		return callmodel.EndWrapUp{Conn: conn}
	}
	data := callmodel.AttachedData{App: "crm", Media: "text/xml", Data: fmt.Sprintf("<n>%d</n>", h.rng.IntN(9))}
	return callmodel.SetData{Conn: conn, Entries: []callmodel.AttachedData{data}, Replace: h.rng.IntN(2) == 0}
}

// settle ends the faults, checks that the picture is true, lets everybody go
// and checks that nothing is left and that a replay gives the same.
func (h *harness) settle() {
	h.calm = true
	h.ex.SetFaults(Faults{})
	for _, p := range h.phones {
		p.SetPolicy(PhonePolicy{Mode: Manual})
	}
	h.run(12 * time.Second) // outages, late orders and restarts are over
	h.ex.Resync()
	h.drain()
	h.run(3 * time.Second)
	h.ex.Resync()
	h.drain()
	h.still()
	if h.err == nil {
		h.err = checkTrue(h.st.View(), h.ex.Inventory())
	}
	for _, leg := range h.legs {
		leg.Hangup()
	}
	h.drain()
	h.run(20 * time.Second)
	h.endWrapUps()
	h.run(5 * time.Second)
	h.ex.Resync()
	h.drain()
	h.run(time.Second)
	if h.err == nil {
		h.err = checkQuiet(h.st.View(), h.st.Timers(), h.ex.Inventory())
	}
	for _, whole := range []bool{true, false} {
		if h.err == nil {
			var st *callmodel.State
			if st, h.err = h.replay(whole); h.err == nil {
				h.err = h.sameState("replay", st)
			}
		}
	}
	h.ex.Stop()
}

// endWrapUps does what the agents' clients do where the queue has no timer.
func (h *harness) endWrapUps() {
	for _, c := range h.st.View().Calls {
		for i := range c.Conns {
			if c.Conns[i].Processing == callmodel.WrapUp {
				h.step(callmodel.EndWrapUp{Conn: c.Conns[i].ID})
			}
		}
	}
}

// total sums up the runs.
type total struct {
	sync.Mutex
	bitten, inputs    uint64
	crashes, failures int
	kinds             map[callmodel.EventKind]int
}

const maxFailures = 20

// add takes a run in and reports whether to go on.
func (sum *total) add(t *testing.T, h *harness) bool {
	sum.Lock()
	defer sum.Unlock()
	sum.bitten += h.ex.Stats().FaultsBitten()
	sum.inputs += uint64(len(h.journal))
	sum.crashes += h.crashes
	for k, n := range h.check.seen {
		sum.kinds[k] += n
	}
	if h.err != nil {
		t.Errorf("seed %d (%s) after %d inputs: %v\n  again with: go test ./switch/sim -run TestRandom -sim.seed=%d",
			h.seed, profiles[h.seed%uint64(len(profiles))].name, len(h.journal), h.err, h.seed)
		sum.failures++
	}
	return sum.failures < maxFailures
}

// TestRandom is the simulation: many seeds, or one with its trace.
func TestRandom(t *testing.T) {
	t.Parallel()
	if *seedFlag != 0 {
		h := runSeed(*seedFlag)
		if h.err != nil {
			t.Fatal(h.report())
		}
		t.Logf("seed %d: %d inputs, %+v", *seedFlag, len(h.journal), h.ex.Stats())
		return
	}
	sum := &total{kinds: map[callmodel.EventKind]int{}}
	var next atomic.Uint64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= uint64(*seedsFlag) || !sum.add(t, runSeed(*firstFlag+i)) {
					return
				}
			}
		})
	}
	workers.Wait()
	t.Logf("%d seeds, %d inputs, %d facts, orders and links touched by faults, %d controller restarts, events %v",
		min(next.Load(), uint64(*seedsFlag)), sum.inputs, sum.bitten, sum.crashes, sum.kinds)
	if sum.bitten == 0 || sum.crashes == 0 {
		t.Error("no fault has bitten: the run proves nothing")
	}
	for k := callmodel.EvCallStarted; k <= callmodel.EvIncident; k++ {
		if sum.kinds[k] == 0 {
			t.Errorf("no %s in the whole run: the run proves less than it should", k)
		}
	}
}
