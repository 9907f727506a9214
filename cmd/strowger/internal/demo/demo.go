package demo

import (
	"context"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// MaxRate is the highest rate of callers, per minute.
const MaxRate = 600

// Bounds of a demo.
const (
	maxLive     = 40               // callers at once
	closeLimit  = 10 * time.Second // for winding down
	tellLimit   = 3 * time.Second  // for the CRM's last events
	restAfter   = 3 * time.Second  // an agent who missed a call comes back
	askTimeout  = 5 * time.Second  // one request or command
	firstCaller = 500 * time.Millisecond
)

// Options say what to run the traffic on.
type Options struct {
	Switch port.Switch
	ICI    string // URL of the ICI interface
	Lines  Lines
	Agents []Agent
	Queues []Queue
	Rate   float64 // callers per minute
	Seed   uint64  // of everything that is drawn
	// LeftOver waits until the exchange has no call either; its error says what is left.
	LeftOver func(context.Context) error
	// Closing ends what others than the demo's callers do, when it is closing time; nil: nobody does.
	Closing func(context.Context)
	Report  *Reporter
	Log     *slog.Logger
}

// Demo is the traffic. Make it with [New], then Run it once.
type Demo struct {
	Options
	tally *tally
	book  *book
	crm   *crm
	desks map[callmodel.AgentID]*desk

	callers sync.WaitGroup // live callers
	actors  sync.WaitGroup // everybody else
	closing chan struct{}  // closed when no new call is wanted
	empty   *gate          // open while the switch has no call
}

// New checks the options. Error: Invalid.
func New(o Options) (*Demo, error) {
	if o.Rate <= 0 || o.Rate > MaxRate {
		return nil, fault.Newf(fault.Invalid, "demo", "rate", "must be above 0 and at most %d calls per minute", MaxRate)
	}
	if len(o.Agents) == 0 || len(o.Queues) == 0 {
		return nil, fault.New(fault.Invalid, "demo", "", "needs agents and queues")
	}
	if o.LeftOver == nil {
		o.LeftOver = func(context.Context) error { return nil }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &Demo{
		Options: o, book: newBook(), desks: map[callmodel.AgentID]*desk{},
		tally: &tally{report: o.Report, start: time.Now()}, closing: make(chan struct{}), empty: newGate(),
	}
	d.tally.sum.Seed = o.Seed
	d.crm = newCRM(d)
	for _, a := range o.Agents {
		if !a.OnAccept {
			d.desks[callmodel.AgentID(a.ID)] = &desk{demo: d, agent: a, rng: d.dice(a.ID), missed: make(chan struct{}, 1)}
		}
	}
	return d, nil
}

// Logged is told of an error in the controller's log.
func (d *Demo) Logged(text string) { d.tally.problem(Event{What: "log", Text: "log: " + text}) }

// Failed is told that the controller or Asterisk cannot go on.
func (d *Demo) Failed(err error) {
	d.tally.problem(Event{What: "failed", Text: err.Error()})
}

// Run lets people call until ctx ends, then ends what lives and returns what
// it saw. force cuts the end short. The error says why it could not begin.
func (d *Demo) Run(ctx, force context.Context) (Summary, error) {
	work, cancel := context.WithCancel(force)
	defer func() {
		cancel()
		d.actors.Wait()
		d.callers.Wait()
	}()
	if err := d.begin(ctx, work); err != nil {
		d.end(force)
		return d.tally.result(), err
	}
	d.traffic(ctx, work)
	d.wind(force)
	d.end(force)
	return d.tally.result(), nil
}

// begin starts phones, narrator, CRM and agents, in the order of a working day.
func (d *Demo) begin(ctx, work context.Context) error {
	if err := d.Lines.Start(ctx); err != nil {
		return err
	}
	d.Report.Setup("phones", "agents' phones at their lines: %s", lines(d.Agents))
	view, sub, err := d.Switch.Watch(ctx, "demo")
	if err != nil {
		return err
	}
	d.empty.set(len(view.Calls) == 0)
	n := newNarrator(d, view)
	d.actors.Go(func() { n.follow(work, sub) })
	if err := d.crm.start(ctx, work); err != nil {
		return err
	}
	for _, a := range d.Agents {
		desk := d.desks[callmodel.AgentID(a.ID)]
		if desk == nil {
			d.actors.Go(func() { d.pickUp(work, a) })
			continue
		}
		if err := desk.ready(ctx); err != nil {
			return err
		}
		d.actors.Go(func() { desk.work(work) })
		d.actors.Go(func() { desk.rest(work) })
	}
	return nil
}

// wind ends every call in the order in which people would: who waits hangs up,
// who talks is checked to the end and hangs up, wrap-ups are cut short.
func (d *Demo) wind(force context.Context) {
	ctx, cancel := context.WithTimeout(force, closeLimit)
	defer cancel()
	close(d.closing)
	if d.Closing != nil {
		d.Closing(ctx)
	}
	if n := len(d.book.live()); n > 0 {
		d.Report.Setup("closing", "closing time: no new callers, %d on the line hang up", n)
	}
	d.callers.Wait()
	if err := d.endWrapUps(ctx); err != nil {
		d.Log.Debug("wrap-ups were left", "error", err)
	}
	if !d.empty.wait(ctx) && force.Err() == nil {
		d.tally.problem(Event{What: "left-over", Text: "the switch still has calls although everybody has hung up"})
	}
	if err := d.LeftOver(ctx); err != nil && force.Err() == nil {
		d.tally.problem(Event{What: "left-over", Text: "the exchange still has calls although everybody has hung up: " + fault.ReasonOf(err)})
	}
	d.crm.settle(ctx, force)
	if s := d.tally.result(); s.Placed > 0 && s.Answered == 0 && s.Seconds > 2*hearLimit.Seconds() {
		d.tally.problem(Event{What: "no-answer", Text: "not one call was answered by an agent"})
	}
}

// end logs the agents out and puts the phones down.
func (d *Demo) end(force context.Context) {
	ctx, cancel := context.WithTimeout(force, askTimeout)
	defer cancel()
	for _, a := range d.Agents {
		if !a.OnAccept {
			cmd := callmodel.SetAgentState{Cmd: callmodel.Cmd{By: "demo"}, Agent: callmodel.AgentID(a.ID), State: callmodel.LoggedOut}
			if err := d.Switch.Do(ctx, cmd); err != nil {
				d.Log.Debug("log out", "agent", a.ID, "error", err)
			}
		}
	}
	d.crm.stop(ctx)
	if err := d.Lines.Stop(ctx); err != nil {
		d.Log.Debug("phones", "error", err)
	}
}

// endWrapUps ends the after-call work that is left; what begins later is ended
// by the narrator, who knows that it is closing time.
func (d *Demo) endWrapUps(ctx context.Context) error {
	view, err := d.Switch.View(ctx)
	if err != nil {
		return err
	}
	for _, c := range view.Calls {
		for i := range c.Conns {
			d.endWrapUp(ctx, &c.Conns[i])
		}
	}
	return nil
}

func (d *Demo) endWrapUp(ctx context.Context, p *callmodel.Connection) {
	if p.Processing != callmodel.WrapUp {
		return
	}
	err := d.Switch.Do(ctx, callmodel.EndWrapUp{Cmd: callmodel.Cmd{By: "demo"}, Conn: p.ID})
	if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) { // these: it is over already
		d.Log.Debug("end wrap-up", "error", err)
	}
}

// dice gives every actor draws of its own, so that a seed means the same
// whoever comes first.
func (d *Demo) dice(name string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // a hash.Hash never fails
	return rand.New(rand.NewPCG(d.Seed, h.Sum64()))
}

// between draws a duration.
func between(rng *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(rng.Int64N(int64(high-low)+1))
}

// pause waits; false when ctx or one of the channels ended it.
func pause(ctx context.Context, d time.Duration, stops ...<-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	var first, second <-chan struct{}
	if len(stops) > 0 {
		first = stops[0]
	}
	if len(stops) > 1 {
		second = stops[1]
	}
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-first:
	case <-second:
	}
	return false
}

func lines(agents []Agent) string {
	out := ""
	for i, a := range agents {
		if i > 0 {
			out += ", "
		}
		out += a.Line
	}
	return out
}

// gate is a condition that can be waited for.
type gate struct {
	mu      sync.Mutex
	open    bool
	changed chan struct{}
}

func newGate() *gate { return &gate{changed: make(chan struct{})} }

func (g *gate) set(open bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open != open {
		g.open = open
		close(g.changed)
		g.changed = make(chan struct{})
	}
}

// wait returns true once the gate is open, false when ctx ends first.
func (g *gate) wait(ctx context.Context) bool {
	for {
		g.mu.Lock()
		open, changed := g.open, g.changed
		g.mu.Unlock()
		if open {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}
