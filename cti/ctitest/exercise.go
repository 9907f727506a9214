package ctitest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Adapter is a dialect's server with a client connected to it. The suite calls
// it from one goroutine.
type Adapter interface {
	// Offers are the operations that the dialect's clients can ask for.
	Offers() callmodel.OpSet
	// Login logs an agent in, ready for calls, and follows their line from then on.
	Login(ctx context.Context, agent callmodel.AgentID) error
	// Do asks for an operation on an item, by the name that News gave it. A
	// refusal carries a fault.Kind.
	Do(ctx context.Context, agent callmodel.AgentID, op callmodel.Op, item string) error
	// Next waits for the next thing that the client is told about an item on
	// the agent's line.
	Next(ctx context.Context, agent callmodel.AgentID) (News, error)
}

// Director is an Adapter whose clients can name somebody by number. One that
// offers OpConsult, OpBlindTransfer, OpDeflect or OpDropParty has to be one.
type Director interface {
	// DoTo is Do for an operation that takes a call to a number, or drops the
	// party with that number.
	DoTo(ctx context.Context, agent callmodel.AgentID, op callmodel.Op, item, number string) error
}

// News is what a client is told about an item, in the model's words.
type News struct {
	Item       string // the dialect's name for it
	State      callmodel.ConnState
	Processing callmodel.Processing
	Remote     string // number of the other party
	Dialled    string // number that was dialled
}

// String returns state/processing.
func (n News) String() string { return n.State.String() + "/" + n.Processing.String() }

// patience is how long the suite waits for something that must come.
const patience = 10 * time.Second

// stage is one scenario in progress.
type stage struct {
	*testing.T
	ctx context.Context
	sw  *FakeSwitch
	a   Adapter

	news map[callmodel.AgentID]map[string]News // the last of each item
}

type scenario struct {
	name  string
	needs callmodel.Op // operations, or-ed; 0 for none
	run   func(*stage)
}

// Exercise runs the suite. open connects a new adapter to a switch and
// arranges for its end with t.Cleanup.
func Exercise(t *testing.T, open func(t *testing.T, sw *FakeSwitch) Adapter) {
	t.Helper()
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			sw := NewFakeSwitch(Config())
			a := open(t, sw)
			if missing := callmodel.OpSet(sc.needs) &^ a.Offers(); missing != 0 {
				t.Skipf("SKIPPED: the dialect does not offer %s", missing)
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if _, ok := a.(Director); !ok && callmodel.OpSet(sc.needs)&directed != 0 {
				t.Fatal("the dialect offers operations that need a number, and is no Director")
			}
			sc.run(&stage{T: t, ctx: ctx, sw: sw, a: a, news: map[callmodel.AgentID]map[string]News{}})
		})
	}
}

// directed are the operations that need a number.
const directed = callmodel.OpSet(callmodel.OpConsult | callmodel.OpBlindTransfer | callmodel.OpDeflect | callmodel.OpDropParty)

func scenarios() []scenario { return append(simpleScenarios(), pairScenarios()...) }

func simpleScenarios() []scenario {
	return []scenario{
		{"login", 0, func(s *stage) {
			s.login(Anna)
			s.agentIs(Anna, callmodel.Ready)
		}},
		{"queue call delivered", 0, func(s *stage) {
			s.login(Anna)
			s.sw.Arrive(Queue, Caller, "")
			if n := s.sees(Anna, "alerting/not-in-process"); n.Remote != Caller || n.Dialled != Queue {
				s.Errorf("remote %q, dialled %q", n.Remote, n.Dialled)
			}
		}},
		{"answered, held, retrieved, dropped, wrapped up", callmodel.OpHold | callmodel.OpRetrieve | callmodel.OpDrop | callmodel.OpEndWrapUp, wholeCall},
		{"far end hangs up, wrap-up by time", 0, func(s *stage) {
			_, call := s.talking()
			s.sw.HangUp(call)
			s.sees(Anna, "ended/wrap-up")
			s.sw.Advance(WrapUp)
			s.sees(Anna, "ended/not-in-process")
		}},
		{"abandoned while alerting", 0, func(s *stage) {
			s.login(Anna)
			call := s.sw.Arrive(Queue, Caller, "")
			s.sees(Anna, "alerting/not-in-process")
			s.sw.HangUp(call)
			s.sees(Anna, "ended/not-in-process")
		}},
		{"not answered in time", 0, func(s *stage) {
			s.login(Anna)
			s.sw.Arrive(Queue, Caller, "")
			s.sees(Anna, "alerting/not-in-process")
			s.sw.Advance(RingTimeout)
			s.sees(Anna, "ended/not-in-process")
			s.agentIs(Anna, callmodel.NotReady)
		}},
		{"accepted by the client", callmodel.OpAccept, func(s *stage) {
			s.login(Bernd)
			s.sw.Arrive(Queue, Caller, "")
			n := s.sees(Bernd, "alerting/not-in-process")
			s.do(Bernd, callmodel.OpAccept, n.Item)
			s.sees(Bernd, "alerting/not-in-process") // the phone is being called
			s.sees(Bernd, "connected/active")
		}},
		{"accept refused at a handset", callmodel.OpAccept, func(s *stage) {
			s.login(Anna)
			s.sw.Arrive(Queue, Caller, "")
			n := s.sees(Anna, "alerting/not-in-process")
			s.refused(Anna, callmodel.OpAccept, n.Item, fault.Unsupported, fault.Conflict)
		}},
		{"rejected, and offered to the next", callmodel.OpReject, rejected},
		{"unknown item", 0, func(s *stage) {
			s.login(Anna)
			for _, op := range []callmodel.Op{callmodel.OpAccept, callmodel.OpReject, callmodel.OpDrop, callmodel.OpHold, callmodel.OpRetrieve, callmodel.OpEndWrapUp} {
				if s.a.Offers().Has(op) {
					s.refused(Anna, op, s.sw.NewID().Hex(), fault.NotFound)
				}
			}
		}},
	}
}

func wholeCall(s *stage) {
	item, _ := s.talking()
	s.do(Anna, callmodel.OpHold, item)
	s.sees(Anna, "hold/active")
	s.do(Anna, callmodel.OpRetrieve, item)
	s.sees(Anna, "connected/active")
	s.refused(Anna, callmodel.OpRetrieve, item, fault.Conflict)
	s.do(Anna, callmodel.OpDrop, item)
	s.sees(Anna, "ended/wrap-up")
	s.agentIs(Anna, callmodel.InWrapUp)
	s.do(Anna, callmodel.OpEndWrapUp, item)
	s.sees(Anna, "ended/not-in-process")
	s.agentIs(Anna, callmodel.Ready)
}

func rejected(s *stage) {
	s.login(Anna)
	s.login(Bernd)
	s.sw.Arrive(Queue, Caller, "")
	first := s.sees(Anna, "alerting/not-in-process")
	s.do(Anna, callmodel.OpReject, first.Item)
	s.sees(Anna, "ended/not-in-process")
	if next := s.sees(Bernd, "alerting/not-in-process"); next.Item == first.Item {
		s.Errorf("the next agent's item has the same name %s", next.Item)
	}
}

// talking brings a call to Anna's ear.
func (s *stage) talking() (item string, call callmodel.CallID) {
	s.Helper()
	s.login(Anna)
	call = s.sw.Arrive(Queue, Caller, "")
	item = s.sees(Anna, "alerting/not-in-process").Item
	s.sw.PickUp(call)
	if n := s.sees(Anna, "connected/active"); n.Item != item {
		s.Fatalf("item %s became %s", item, n.Item)
	}
	return item, call
}

func (s *stage) login(agent callmodel.AgentID) {
	s.Helper()
	if err := s.a.Login(s.ctx, agent); err != nil {
		s.Fatalf("login of %s: %v", agent, err)
	}
}

func (s *stage) do(agent callmodel.AgentID, op callmodel.Op, item string) {
	s.Helper()
	if err := s.a.Do(s.ctx, agent, op, item); err != nil {
		s.Fatalf("%s: %v", callmodel.OpSet(op), err)
	}
}

func (s *stage) refused(agent callmodel.AgentID, op callmodel.Op, item string, kinds ...fault.Kind) {
	s.Helper()
	err := s.a.Do(s.ctx, agent, op, item)
	if err == nil || !slices.Contains(kinds, fault.KindOf(err)) || fault.ReasonOf(err) == "" {
		s.Errorf("%s: got %v, want a refusal of kind %v with a reason", callmodel.OpSet(op), err, kinds)
	}
}

func (s *stage) sees(agent callmodel.AgentID, want string) News {
	s.Helper()
	n := s.next(agent, want)
	if got := fmt.Sprint(n); got != want {
		s.Fatalf("the client is told %s, want %s", got, want)
	}
	return n
}

func (s *stage) next(agent callmodel.AgentID, want string) News {
	s.Helper()
	n, err := s.a.Next(s.ctx, agent)
	if err != nil {
		s.Fatalf("waiting for %s: %v", want, err)
	}
	if s.news[agent] == nil {
		s.news[agent] = map[string]News{}
	}
	s.news[agent][n.Item] = n
	return n
}

func (s *stage) agentIs(id callmodel.AgentID, want callmodel.AgentState) {
	s.Helper()
	view, err := s.sw.View(s.ctx)
	if err != nil {
		s.Fatal(err)
	}
	for _, a := range view.Agents {
		if a.ID == id && a.State != want {
			s.Errorf("agent %s is %s, want %s", id, a.State, want)
		}
	}
}
