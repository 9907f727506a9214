package sim

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// harness runs a model against a simulated exchange on one goroutine: it is
// the engine's loop, lanes and timers in their simplest form.
type harness struct {
	seed    uint64
	rng     *rand.Rand
	clock   *Virtual
	start   time.Time
	ex      *Exchange
	twin    *Exchange // a second one, joined with the first; nil: there is none
	st      *callmodel.State
	check   *checker
	journal []record
	snap    []byte // a snapshot that includes snapAt records
	snapAt  int
	lanes   map[laneKey][]callmodel.Effect
	timers  map[callmodel.TimerKey]Timer
	life    int // counts controller starts; what an old one waits for is dropped
	ids     uint64
	version uint64
	scratch []byte
	tracing bool     // the same seed gives the same run: a trace is taken when it is asked for
	trace   []string // last inputs and outputs, for the report
	calm    bool
	err     error
	phones  []*Phone
	legs    []*CallerLeg
	alive   bool // the controller runs
	crashes int
	placed  uint64
	through uint64          // legs ordered through another server
	lost    uint64          // servers given up
	view    *callmodel.View // after the last step
	foreign *foreign        // another program's queue; nil: none
}

// laneKey is the call whose orders keep their order, or the object of an order without a call.
type laneKey struct {
	call   callmodel.CallID
	object string
}

func keyOf(e callmodel.Effect) laneKey {
	if h := e.Head(); !h.Lane.IsZero() {
		return laneKey{call: h.Lane}
	} else if !h.Call.IsZero() {
		return laneKey{call: h.Call}
	}
	if d, ok := e.(callmodel.DestroyBridge); ok {
		return laneKey{object: string(d.Bridge)}
	}
	return laneKey{object: string(channelOf(e))}
}

type record struct {
	tag  string
	body []byte
	now  callmodel.Instant
	hash uint64
}

const traceLen = 4000

func newHarness(seed uint64, opt Options) *harness {
	h := &harness{
		seed: seed, rng: rand.New(rand.NewPCG(seed, 7)), start: time.Unix(1_700_000_000, 0), check: newChecker(),
		lanes: map[laneKey][]callmodel.Effect{}, timers: map[callmodel.TimerKey]Timer{},
	}
	h.clock = NewVirtual(h.start)
	opt.Clock, opt.Seed = h.clock, seed
	h.ex = New(opt)
	h.st = callmodel.New(acd.Router{})
	h.alive = true
	return h
}

// Put implements port.Feed; the harness takes facts itself.
func (h *harness) put(in callmodel.Input) { h.step(in) }

// NewID implements port.Feed.
func (h *harness) NewID() callmodel.ID {
	h.ids++
	var id callmodel.ID
	binary.BigEndian.PutUint64(id[:8], h.seed+1)
	binary.BigEndian.PutUint64(id[8:], h.ids)
	return id
}

// Now implements port.Feed.
func (h *harness) Now() callmodel.Instant {
	return callmodel.Instant(h.clock.Now().Sub(h.start)/time.Microsecond) + 1
}

func (h *harness) note(format string, args ...any) {
	if !h.tracing {
		return
	}
	if len(h.trace) >= traceLen {
		h.trace = h.trace[traceLen/2:]
	}
	h.trace = append(h.trace, fmt.Sprintf("%8.3fs ", h.clock.Now().Sub(h.start).Seconds())+fmt.Sprintf(format, args...))
}

// step journals an input, applies it and checks what came of it.
func (h *harness) step(in callmodel.Input) {
	if h.err != nil || !h.alive {
		return
	}
	body, err := callmodel.EncodeInput(in)
	if err != nil {
		h.err = err
		return
	}
	h.note("> %s %s", in.Tag(), body)
	if h.err = h.check.input(in, body); h.err != nil {
		return
	}
	_, whole := in.(callmodel.Command)
	whole = whole && len(h.journal)%16 == 0
	now, before := h.Now(), h.picture(whole)
	out := h.apply(now, in)
	if h.err != nil {
		return
	}
	var hash uint64
	hash, h.scratch = out.Hash(h.scratch)
	h.journal = append(h.journal, record{tag: in.Tag(), body: body, now: now, hash: hash})
	h.noteOutput(out)
	h.noteServers(out)
	after := h.picture(whole)
	h.view = after.view
	if h.err = firstErr(h.check.canary("the output of "+in.Tag(), h.scratch), firstErr(h.check.verdict(in, out, before, after), h.check.step(in, out, after.view, after.timers))); h.err != nil {
		return
	}
	if h.err = checkServers(in, out); h.err != nil {
		return
	}
	if h.err = h.silentNow(); h.err != nil {
		return
	}
	if len(after.view.Supervisions) > 0 {
		if h.err = h.check.never(after.view, h.inventory()); h.err != nil {
			return
		}
	}
	h.arm(out.Timers)
	for _, e := range out.Effects {
		h.enqueue(e)
	}
}

func (h *harness) noteOutput(out callmodel.Output) {
	if !h.tracing {
		return
	}
	for i := range out.Events {
		h.note("    %s", out.Events[i].String())
	}
	for _, e := range out.Effects {
		h.note("    %d %s", e.Head().ID, callmodel.AppendEffect(nil, e))
	}
	if out.Fault != nil {
		h.note("    refused: %v", out.Fault)
	}
}

// picture is the model as it is; whole with its bytes.
func (h *harness) picture(whole bool) picture {
	p := picture{view: h.st.View(), timers: h.st.Timers()}
	if whole {
		snap := h.st.Freeze()
		snap.Now = 0
		if b, err := snap.Encode(); err == nil {
			p.bytes = b
		}
	}
	return p
}

// apply is Step; a panic is a finding like any other.
func (h *harness) apply(now callmodel.Instant, in callmodel.Input) (out callmodel.Output) {
	defer func() {
		if r := recover(); r != nil {
			h.err = fmt.Errorf("Step panicked: %v, at %s", r, where())
		}
	}()
	return h.st.Step(now, in)
}

// arm follows the timers that a step has set. A cancelled one sometimes fires
// all the same, as one that was on its way would.
func (h *harness) arm(ops []callmodel.TimerOp) {
	for _, op := range ops {
		if t := h.timers[op.Key]; t != nil && h.rng.IntN(4) > 0 {
			t.Stop()
		}
		delete(h.timers, op.Key)
		if !op.Cancel {
			h.armOne(op.Timer)
		}
	}
}

func (h *harness) armOne(t callmodel.Timer) {
	life := h.life
	d := t.Due.Sub(h.Now()) + h.jitter(5*time.Millisecond)
	h.timers[t.Key] = h.clock.AfterFunc(d, func() {
		if h.life == life {
			h.step(callmodel.TimerFired{Key: t.Key, Gen: t.Gen})
		}
	})
}

func (h *harness) jitter(most time.Duration) time.Duration {
	return time.Duration(h.rng.Int64N(int64(most)))
}

// enqueue gives an effect to its call's lane: one at a time, in order.
func (h *harness) enqueue(e callmodel.Effect) {
	id := keyOf(e)
	lane, busy := h.lanes[id]
	h.lanes[id] = append(lane, e)
	if !busy {
		h.runLane(id)
	}
}

// runLane carries out the first effect of a lane.
func (h *harness) runLane(id laneKey) {
	lane := h.lanes[id]
	if len(lane) == 0 {
		delete(h.lanes, id)
		return
	}
	e, life, over := lane[0], h.life, false
	finish := func(r port.EffectResult) {
		if over || h.life != life {
			return
		}
		over = true
		h.note("  = %d %s %s later=%v gone=%v", e.Head().ID, e.What(), r.Outcome, r.Later, r.Gone)
		if r.Outcome != callmodel.Done || callmodel.Reported(e) {
			h.step(effectDone(e, r))
		}
		if h.life == life {
			h.lanes[id] = h.lanes[id][1:]
			h.runLane(id)
		}
	}
	h.at(e.Head().Node).Submit(e, finish)
}

func effectDone(e callmodel.Effect, r port.EffectResult) callmodel.EffectDone {
	hd := e.Head()
	return callmodel.EffectDone{
		Effect: hd.ID, What: e.What(), Call: hd.Call, Conn: hd.Conn, Channel: channelOf(e), Outcome: r.Outcome, Gone: r.Gone, Later: r.Later,
	}
}

// channelOf returns the leg that an order is about, as the engine does.
func channelOf(e callmodel.Effect) callmodel.ChannelID {
	if f := reflect.ValueOf(e).FieldByName("Channel"); f.IsValid() {
		return callmodel.ChannelID(f.String())
	}
	return ""
}

// run lets d pass, step by step.
func (h *harness) run(d time.Duration) {
	end := h.clock.Now().Add(d)
	for h.err == nil && h.clock.runUntil(end) {
		h.drain()
	}
	if h.err == nil {
		h.clock.Advance(end.Sub(h.clock.Now()))
	}
}

// still waits until nothing is on its way between the model and the exchange.
func (h *harness) still() {
	for range 2000 {
		h.run(20 * time.Millisecond)
		if h.err != nil || len(h.lanes) == 0 && h.idle() {
			return
		}
	}
	h.err = bad("orders come to an end", "orders or facts are on their way all the time")
}

// idle reports whether no fact is on its way.
func (e *Exchange) idle() bool {
	e.mu.Lock()
	defer e.unlock()
	return e.wire.link == linkUp && len(e.wire.outbox)+len(e.wire.streams[channelStream].queue)+len(e.wire.streams[bridgeStream].queue) == 0
}

// drain feeds the facts that have arrived.
func (h *harness) drain() {
	for h.err == nil && h.alive {
		var facts []callmodel.Input
		for _, e := range h.all() {
			facts = append(facts, e.take()...)
		}
		if len(facts) == 0 {
			return
		}
		for _, in := range facts {
			h.put(in)
		}
	}
}

type feed struct{ *harness }

// replay rebuilds the State from the journal and compares every hash; from a
// snapshot when one was kept and whole is false.
func (h *harness) replay(whole bool) (*callmodel.State, error) {
	st, from := callmodel.New(acd.Router{}), 0
	if !whole && h.snap != nil {
		var err error
		if st, err = callmodel.Restore(acd.Router{}, h.snap); err != nil {
			return nil, err
		}
		from = h.snapAt
	}
	var scratch []byte
	for i, r := range h.journal[from:] {
		in, err := callmodel.DecodeInput(r.tag, r.body)
		if err != nil {
			return nil, err
		}
		out := st.Step(r.now, in)
		var hash uint64
		if hash, scratch = out.Hash(scratch); hash != r.hash {
			return nil, fmt.Errorf("replay from record %d differs at record %d: %s %s\n%s", from, from+i, r.tag, r.body, scratch)
		}
	}
	return st, nil
}

func encoded(st *callmodel.State) []byte {
	b, err := st.Freeze().Encode()
	if err != nil {
		return []byte(err.Error())
	}
	return b
}

// sameState compares the live state with a rebuilt one.
func (h *harness) sameState(what string, st *callmodel.State) error {
	if a, b := encoded(h.st), encoded(st); !bytes.Equal(a, b) {
		return fmt.Errorf("%s: another state\nlive:    %s\nrebuilt: %s", what, a, b)
	}
	return nil
}

// keep takes a snapshot and checks that it restores to itself.
func (h *harness) keep() {
	if h.err != nil || !h.alive {
		return
	}
	data := encoded(h.st)
	st, err := callmodel.Restore(acd.Router{}, data)
	if err == nil {
		err = h.sameState("snapshot, restored", st)
	}
	if err != nil {
		h.err = err
		return
	}
	h.snap, h.snapAt = data, len(h.journal)
}

// crash kills the controller; it comes back from its journal after a while.
func (h *harness) crash(down time.Duration) {
	if !h.alive || h.err != nil {
		return
	}
	h.crashes++
	h.note("! controller killed for %v", down)
	for _, e := range h.all() {
		e.Detach()
	}
	h.alive = false
	h.life++
	for _, t := range h.timers {
		t.Stop()
	}
	clear(h.timers)
	clear(h.lanes)
	h.clock.AfterFunc(down, func() {
		st, err := h.replay(h.rng.IntN(3) == 0)
		if err == nil {
			err = h.sameState("controller restart", st)
		}
		if err != nil {
			h.err = err
			return
		}
		h.st, h.alive = st, true
		for _, t := range st.Timers() {
			h.armOne(t)
		}
		h.note("! controller back")
		h.attach()
	})
}

func (h *harness) report() string {
	again := h
	if !h.tracing {
		again = runSeedWith(h.seed, true, h.twin != nil)
	}
	return fmt.Sprintf("seed %d: %v\n%s", h.seed, h.err, strings.Join(again.trace, "\n"))
}
