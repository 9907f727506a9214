package ctips

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// customer is who calls in.
const customer = "+4917055501"

// tester is a session of a test.
type tester struct{ tenant int32 }

func (c *tester) tenantID() int32  { return c.tenant }
func (c *tester) userName() string { return "tester" }

// telling is an event as a board gives it away.
type telling struct {
	Event
	to addressee
}

// stage is a switch with a board and requests on it. It runs in step with the
// test: after each action everything that follows from it has been told.
type stage struct {
	t    *testing.T
	sw   *ctitest.FakeSwitch
	sub  port.Subscription
	b    *board
	r    *requests
	me   *tester
	now  time.Time
	told []telling
	call int // calls that have arrived
}

// scene is what the flows are played on: four services, two agents at handsets.
func scene() *callmodel.Config {
	c := ctitest.Config()
	service := func(number int64, id callmodel.QueueID, address, dnis string) callmodel.QueueConfig {
		q := c.Queues[0]
		q.ID, q.Number, q.Name, q.Address, q.DNIS = id, number, string(id), address, nil
		if dnis != "" {
			q.DNIS = []string{dnis}
		}
		return q
	}
	queues := []callmodel.QueueConfig{
		service(1, "support", "600", "49301000600"), service(2, "tech", "601", ""),
		service(3, "empty", "602", ""), service(4, "routed", "604", "49301000604"),
	}
	queues[2].Overflow = []callmodel.OverflowRule{{When: callmodel.OverflowNoAgents, To: callmodel.Dest{Kind: callmodel.DestQueue, Value: "tech"}}}
	queues[3].Route = callmodel.ExternalRoute{Timeout: 5 * time.Second, Default: callmodel.Dest{Kind: callmodel.DestQueue, Value: "support"}}
	c.Queues = queues
	c.Agents[0].Queues = []callmodel.QueueID{"support"}
	c.Agents[1].Queues = []callmodel.QueueID{"tech"}
	c.Agents[0].Name, c.Agents[1].Name = "", "" // or calls between them would show names
	c.Agents[1].Station.Mode = callmodel.Handset
	return c
}

// rulesForTest are those that the lists of the flows are written for.
func rulesForTest() rules {
	return rules{Site: 1, DataLength: 1024, RequestTimeout: 30 * time.Second}
}

// newStage opens a switch with both agents ready; what has happened until then
// is not told.
func newStage(t *testing.T, cfg *callmodel.Config) *stage {
	t.Helper()
	s := &stage{t: t, sw: ctitest.NewFakeSwitch(cfg), me: &tester{1}, now: ctitest.Start}
	s.b = newBoard(rulesForTest(), s, slog.New(slog.DiscardHandler))
	s.b.now = func() time.Time { return s.now }
	s.r = &requests{sw: s.sw, b: s.b}
	for _, a := range []callmodel.AgentID{ctitest.Anna, ctitest.Bernd} {
		s.must(callmodel.Login{Agent: a, State: callmodel.Ready})
	}
	s.watch()
	return s
}

func (s *stage) watch() {
	s.t.Helper()
	view, sub, err := s.sw.Watch(s.t.Context(), "test")
	if err != nil {
		s.t.Fatal(err)
	}
	s.sub = sub
	s.b.sync(view)
}

// publish implements outlet.
func (s *stage) publish(ev Event, to addressee) { s.told = append(s.told, telling{ev, to}) }

// pump tells all that has happened.
func (s *stage) pump() {
	s.t.Helper()
	if s.sub == nil {
		return
	}
	view, err := s.sw.View(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for s.b.seq < view.Events {
		batch, err := s.sub.Next(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		for i := range batch {
			if batch[i].Kind == callmodel.EvConfigChanged {
				s.b.configured(view)
			}
			s.b.apply(&batch[i])
		}
	}
}

func (s *stage) must(cmd callmodel.Command) {
	s.t.Helper()
	if err := s.sw.Do(s.t.Context(), cmd); err != nil {
		s.t.Fatalf("%s: %v", cmd.Tag(), err)
	}
	s.pump()
}

// ask is a request as a client sends it; args is a pointer to an ...Args.
func (s *stage) ask(args any) error {
	s.t.Helper()
	name := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", args), "*ctips."), "Args")
	_, err := s.r.serve(context.Background(), s.me, &Call{Op: AgentCallService.Operation(name), Args: []any{args}})
	s.pump()
	return err
}

// arrive lets the customer call by the trunk.
func (s *stage) arrive(dialled string) callmodel.CallID {
	s.call++
	id := callmodel.CallID{ID: s.sw.NewID()}
	s.sw.Put(callmodel.ChannelArrived{
		Node: ctitest.Node, Channel: callmodel.ChannelID(fmt.Sprintf("customer-%d", s.call)), Call: id, Dialled: dialled, Caller: customer, Endpoint: ctitest.Trunk,
	})
	s.pump()
	return id
}

// conn is an agent's newest live connection.
func (s *stage) conn(who callmodel.AgentID) callmodel.ConnID {
	s.t.Helper()
	view, err := s.sw.View(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	var found *callmodel.Connection
	for _, c := range view.Calls {
		for k := range c.Conns {
			if p := &c.Conns[k]; p.Agent == who && p.State != callmodel.Ended && (found == nil || p.Number > found.Number) {
				found = p
			}
		}
	}
	if found == nil {
		s.t.Fatalf("%s has no call", who)
	}
	return found.ID
}

func (s *stage) lift(who callmodel.AgentID) { s.sw.Lift(s.conn(who)); s.pump() }

func (s *stage) putDown(who callmodel.AgentID) {
	s.sw.Clear(s.conn(who), callmodel.CauseNormal)
	s.pump()
}

func (s *stage) hangUp(call callmodel.CallID) { s.sw.HangUp(call); s.pump() }

func (s *stage) wait(d time.Duration) {
	s.now = s.now.Add(d)
	s.sw.Advance(d)
	s.pump()
}

// take returns what has been told since the last time.
func (s *stage) take() []telling {
	out := s.told
	s.told = nil
	return out
}

// short is a list of events for people: type, agent, and what tells most.
func short(list []telling) string {
	var b strings.Builder
	for _, d := range list {
		h := d.base()
		fmt.Fprintf(&b, "%s", h.EventType)
		if h.AgentID != 0 {
			fmt.Fprintf(&b, " a%d", h.AgentID)
		}
		if h.ServiceID != 0 {
			fmt.Fprintf(&b, " s%d", h.ServiceID)
		}
		switch ev := d.Event.(type) {
		case *AgentStateChangeEvent:
			fmt.Fprintf(&b, " %s", ev.AgentState)
		case *CallClearedEvent:
			fmt.Fprintf(&b, " %s", ev.ClearingPartyType)
		case *AgentLoginStateChangeEvent:
			fmt.Fprintf(&b, " %s", ev.LoginState)
		case *ServiceStateChangeEvent:
			fmt.Fprintf(&b, " %s", ev.ServiceState)
		case *LinkStatusEvent:
			fmt.Fprintf(&b, " %s %s", ev.ComponentType, ev.ComponentState)
		case *CallRequestFailedEvent:
			fmt.Fprintf(&b, " %s", ev.FailureType)
		case *AgentRequestFailedEvent:
			fmt.Fprintf(&b, " %s", ev.FailureType)
		case *AgentLoginRequestFailedEvent:
			fmt.Fprintf(&b, " %s", ev.FailureType)
		case *RouteRequestFailedEvent:
			fmt.Fprintf(&b, " %s", ev.FailureType)
		case *RouteRejectEvent:
			fmt.Fprintf(&b, " %s", ev.RouteRejectReason)
		case *RouteUsedEvent:
			fmt.Fprintf(&b, " %s %s %s", ev.RouteStatus, ev.RouteType, ev.RouteDestination)
		case *EnterPasscodeEvent:
			fmt.Fprintf(&b, " %d digits, again %v", len(ev.PasscodeDigits), ev.ReEnterFlag)
		case *CallDataUpdateEvent:
			fmt.Fprintf(&b, " %s", ev.UpdateType)
		}
		if d.to.request != 0 {
			fmt.Fprintf(&b, " R%d", d.to.request)
		}
		if d.to.only {
			b.WriteString(" alone")
		}
		b.WriteString("\n")
	}
	return b.String()
}
