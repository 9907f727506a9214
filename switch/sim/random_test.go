package sim

import (
	"context"
	"flag"
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
	seedFlag    = flag.Uint64("sim.seed", 0, "run the random simulation with this seed only, and print its trace on failure")
	seedsFlag   = flag.Int("sim.seeds", 200, "number of seeds of the random simulation")
	callsFlag   = flag.Uint64("sim.calls", 0, "run as many seeds of the random simulation as it takes for this many calls, instead of sim.seeds")
	withoutFlag = flag.String("sim.without", "", "rules that are not checked, to look for others behind them")
	firstFlag   = flag.Uint64("sim.first", 1, "first seed of the random simulation")
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

// runSeed is one whole random run.
func runSeed(seed uint64) *harness { return runSeedWith(seed, false, false) }

// runTraced is runSeed with a trace.
func runTraced(seed uint64) *harness { return runSeedWith(seed, true, false) }

func runSeedWith(seed uint64, tracing, twins bool) *harness {
	p := profiles[seed%uint64(len(profiles))]
	h := newHarness(seed, p.opt)
	h.tracing = tracing
	if twins {
		h.join(p.opt)
	}
	h.note("profile %s", p.name)
	h.step(callmodel.WallClock{UnixMicro: h.start.UnixMicro()})
	h.step(callmodel.ConfigLoaded{Config: h.config()})
	h.world()
	for i := 1; i <= siteAgents+1; i++ {
		h.phones = append(h.phones, h.home(i).Phone("p"+strconv.Itoa(i), h.policy()))
	}
	h.attach()
	h.drain()
	for i := 1; i <= siteAgents; i++ {
		h.step(callmodel.Login{Agent: agentID(i), State: callmodel.Ready, Passcode: "123"})
	}
	h.later(p)
	h.minute()
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

// minute ties the time line to the calendar, as the engine does each minute.
func (h *harness) minute() {
	h.clock.AfterFunc(15*time.Second, func() {
		if h.calm || h.err != nil {
			return
		}
		h.step(callmodel.WallClock{UnixMicro: h.clock.Now().UnixMicro()})
		h.minute()
	})
}

func (h *harness) act(p profile) {
	h.keepFiles()
	switch n := h.rng.IntN(100); {
	case n < 20:
		h.placeCall()
	case n < 35:
		h.callerAct()
	case n < 50:
		h.phoneAct()
	case n < 58:
		h.campaignAct()
	case n < 90:
		h.command()
	case n < 92:
		h.step(callmodel.ConfigLoaded{Config: h.config()})
	case n < 94:
		h.keep()
	case n < 95:
		h.note("! bridges destroyed")
		h.one().DestroyBridges()
	case n == 95 && h.rng.IntN(2) == 0 && len(h.legs) > 0:
		leg := h.legs[h.rng.IntN(len(h.legs))]
		leg.ex.Bounce(leg)
	case n == 95 && h.rng.IntN(3) == 0:
		h.silence()
	case n == 95:
		h.steal()
	case n < 98 && p.outage:
		h.outage()
	case p.crash && n == 99:
		h.crash(time.Second + h.jitter(5*time.Second))
	}
}

// silence has no audio come from a leg, mostly for too long.
func (h *harness) silence() {
	ex := h.one()
	legs := ex.Inventory().Legs
	if len(legs) == 0 {
		return
	}
	id := legs[h.rng.IntN(len(legs))].Channel
	h.note("! no audio from %s", id)
	ex.Silence(id, 10*time.Second+h.jitter(time.Minute))
}

// steal takes a leg out of our hands, or puts another in its place.
func (h *harness) steal() {
	ex := h.one()
	legs := ex.Inventory().Legs
	if len(legs) == 0 {
		return
	}
	id := legs[h.rng.IntN(len(legs))].Channel
	if h.rng.IntN(2) == 0 {
		ex.TakeAway(id)
		return
	}
	_, _ = ex.Replace(id) // refused for a leg that rings: part of the noise
}

func (h *harness) outage() {
	d := h.jitter(5 * time.Second)
	ex := h.one()
	if h.rng.IntN(5) == 0 {
		if h.twin != nil {
			d *= 3 // long enough to be given up
		}
		h.note("! exchange %s restarts, %v", ex.Node(), d)
		ex.Restart(d)
		return
	}
	h.note("! link to %s cut for %v", ex.Node(), d)
	ex.CutLink(d)
}

// settle ends the faults, checks that the picture is true, lets everybody go
// and checks that nothing is left and that a replay gives the same.
func (h *harness) settle() {
	h.calm = true
	h.step(callmodel.StorageState{})
	for _, e := range h.all() {
		e.SetFaults(Faults{})
	}
	for _, p := range h.phones {
		p.SetPolicy(PhonePolicy{Mode: Manual})
	}
	h.run(12 * time.Second) // outages, late orders and restarts are over
	if h.twin != nil {
		h.run(8 * time.Second) // they last longer there
	}
	h.resync()
	h.run(3 * time.Second)
	h.lostHangUp()
	h.resync()
	h.still()
	if h.err == nil {
		h.err = checkTrue(h.st.View(), h.inventory())
	}
	h.everybodyHangsUp()
	h.run(20 * time.Second)
	h.endOfShift()
	h.endWrapUps()
	h.run(5 * time.Second)
	h.resync()
	h.run(time.Second)
	if h.err == nil {
		h.err = checkQuiet(h.st.View(), h.st.Timers(), h.inventory())
	}
	for _, whole := range []bool{true, false} {
		if h.err == nil {
			var st *callmodel.State
			if st, h.err = h.replay(whole); h.err == nil {
				h.err = h.sameState("replay", st)
			}
		}
	}
	for _, e := range h.all() {
		e.Stop()
	}
}

// lostHangUp lets people go whose leg was put in another's place while nobody
// could be told: they hear nothing, and no listing says who they were.
func (h *harness) lostHangUp() {
	v := h.st.View()
	for _, l := range h.inventory().Legs {
		standing := slices.ContainsFunc(v.Agents, func(a *callmodel.Agent) bool {
			return a.Standing != nil && a.Standing.Channel == l.Channel || a.Entering != nil && a.Entering.Channel == l.Channel
		})
		if strings.HasPrefix(string(l.Channel), "swap-") && !standing && callOfLeg(v, l.Channel) == nil {
			h.hangUp(l.Channel)
		}
	}
	h.drain()
}

// everybodyHangsUp lets callers, agents and people outside go, and removes the callbacks.
func (h *harness) everybodyHangsUp() {
	for _, leg := range h.legs {
		leg.Hangup()
	}
	h.drain()
	for _, b := range h.st.View().Callbacks {
		if b.State != callmodel.CallbackDone {
			h.step(callmodel.UpdateCallback{ID: b.ID, Result: callmodel.ResultHandled})
		}
	}
	for _, c := range h.st.View().Calls { // the dialer gives up what it has begun
		if c.Kind == callmodel.KindCampaign && (c.Dial.Stage == callmodel.StagePreview || c.Dial.Stage == callmodel.StageRinging) {
			h.step(callmodel.CancelDial{Call: c.ID, Now: true})
		}
	}
	for _, l := range h.inventory().Legs {
		h.hangUp(l.Channel)
	}
	h.drain()
}

// hangUp ends an answered leg from its person's side, or the call that a phone makes.
func (e *Exchange) hangUp(id callmodel.ChannelID) {
	e.mu.Lock()
	defer e.unlock()
	if ch := e.channels[id]; ch != nil && ch.inApp() {
		e.end(ch, callmodel.CauseNormal, 0)
	}
}

// endOfShift logs everybody out, which ends the legs of nailed stations.
func (h *harness) endOfShift() {
	for i := 1; i <= siteAgents; i++ {
		h.step(callmodel.PanicLogout{Agent: agentID(i)})
	}
	h.run(3 * time.Second)
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
	calls, secrets    uint64
	beside            uint64
	commands, refused map[string]int
	crashes, failures int
	kinds             map[callmodel.EventKind]int
	dials             map[callmodel.Outcome]int // how campaigns' calls have ended
}

const maxFailures = 200

// add takes a run in and reports whether to go on.
func (sum *total) add(t *testing.T, h *harness) bool {
	sum.Lock()
	defer sum.Unlock()
	sum.bitten += h.ex.Stats().FaultsBitten()
	sum.inputs += uint64(len(h.journal))
	sum.crashes += h.crashes
	sum.calls += h.check.callsSeen
	sum.secrets += uint64(len(h.check.secrets))
	sum.beside += h.check.beside
	for tag, n := range h.check.commands {
		sum.commands[tag] += n
	}
	for tag, n := range h.check.refused {
		sum.refused[tag] += n
	}
	for k, n := range h.check.seen {
		sum.kinds[k] += n
	}
	for o, n := range h.check.dialEnds {
		sum.dials[o] += n
	}
	if h.err != nil {
		t.Errorf("seed %d (%s) after %d inputs: %v\n  again with: go test ./switch/sim -run TestRandom -sim.seed=%d",
			h.seed, profiles[h.seed%uint64(len(profiles))].name, len(h.journal), h.err, h.seed)
		sum.failures++
	}
	return sum.failures < maxFailures && (*callsFlag == 0 || sum.calls < *callsFlag)
}

// TestRandom is the simulation: many seeds, or one with its trace.
func TestRandom(t *testing.T) {
	t.Parallel()
	if *seedFlag != 0 {
		h := runTraced(*seedFlag)
		if h.err != nil {
			t.Fatal(h.report())
		}
		t.Logf("seed %d: %d inputs, %+v", *seedFlag, len(h.journal), h.ex.Stats())
		return
	}
	sum := &total{kinds: map[callmodel.EventKind]int{}, commands: map[string]int{}, refused: map[string]int{}, dials: map[callmodel.Outcome]int{}}
	var next atomic.Uint64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for {
				i := next.Add(1) - 1
				if *callsFlag == 0 && i >= uint64(*seedsFlag) || !sum.add(t, runSeed(*firstFlag+i)) {
					return
				}
			}
		})
	}
	workers.Wait()
	sum.prove(t)
}

// fullRun is from how many calls on every command must have been accepted once:
// in a short run the state for the rarest may not come about.
const fullRun = 20_000

// prove demands that the run has met what it is to prove.
func (sum *total) prove(t *testing.T) {
	t.Logf("%d calls, %d inputs, %d facts, orders and links touched by faults, %d controller restarts, %d secret entries\n  events %v\n  commands %v\n  refused %v\n  dials %v",
		sum.calls, sum.inputs, sum.bitten, sum.crashes, sum.secrets, sum.kinds, sum.commands, sum.refused, sum.dials)
	if sum.bitten == 0 || sum.crashes == 0 || sum.secrets == 0 || sum.beside == 0 {
		t.Errorf("no fault has bitten, no secret was entered, or nobody took a call beside wrap-up (%d): the run proves nothing", sum.beside)
	}
	for k := callmodel.EvCallStarted; k <= callmodel.EvMessage; k++ {
		if sum.kinds[k] == 0 {
			t.Errorf("no %s in the whole run: the run proves less than it should", k)
		}
	}
	for tag, n := range sum.commands {
		if sum.refused[tag] == n && sum.calls >= fullRun {
			t.Errorf("%s was sent %d times and never accepted: the run proves less than it should", tag, n)
		}
	}
}
