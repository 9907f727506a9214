package ctips

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/soap"
	"strowger/switch/callmodel"
)

// chaos asks at random, lets people and time act at random, and counts outcomes.
type chaos struct {
	*stage
	rnd      *rand.Rand
	next     int32
	accepted map[int32]string // by number: the request
	want     map[int32]int    // outcomes; 1 where nothing is said
	outcomes map[int32][]string
	fold     *fold
	log      []string
}

func newChaos(t *testing.T, seed int) *chaos {
	return &chaos{
		stage: newStage(t, chaosConfig()), rnd: rand.New(rand.NewPCG(uint64(seed), 6)), //nolint:gosec // a test's dice
		accepted: map[int32]string{}, want: map[int32]int{}, outcomes: map[int32][]string{}, fold: newFold(),
	}
}

// TestRandomRequests: whatever is asked and whatever happens, each request that
// was understood is answered by exactly one event with its number; and whoever
// has followed the events knows what a picture would tell.
func TestRandomRequests(t *testing.T) {
	t.Parallel()
	runs := 200
	if testing.Short() {
		runs = 20
	}
	answered := map[string]int{}
	for seed := range runs {
		c := newChaos(t, seed)
		for range 150 {
			c.turn()
			c.compare()
			if wrong := c.fold.differs(c.b); wrong != "" {
				t.Error(wrong)
				break
			}
			if c.pick(25) == 0 { // a client that comes only now
				c.sends(&SnapshotArgs{SessionHead: SessionHead{TenantID: 1}, EntityType: []EntityType{EntityTypeCallInfo}})
				c.fold.begin(c.take())
			}
		}
		c.finish()
		if wrong := c.check(); wrong != "" || t.Failed() {
			for _, l := range c.log {
				t.Log(l)
			}
			t.Fatalf("seed %d: %s", seed, wrong)
		}
		c.tally(answered)
	}
	t.Log(answered)
	for _, op := range AgentCallService.Operations {
		if translations[op.Name] != nil && op.Name != opSnapshot && answered[op.Name+" done"] == 0 && runs >= 100 {
			t.Errorf("%s was never done", op.Name)
		}
	}
	if answered["failed"] == 0 {
		t.Error("nothing has failed")
	}
}

// TestRandomRequestsNoticed: a lost outcome, and one that comes twice, are seen.
func TestRandomRequestsNoticed(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(list []string) []string{
		"lost":  func([]string) []string { return nil },
		"twice": func(list []string) []string { return append(list, list...) },
	} {
		c := newChaos(t, 1)
		for range 150 {
			c.turn()
		}
		c.finish()
		if wrong := c.check(); wrong != "" {
			t.Fatal(wrong)
		}
		for n := range c.outcomes {
			c.outcomes[n] = spoil(c.outcomes[n])
			break
		}
		if c.check() == "" {
			t.Errorf("an outcome that is %s is not noticed", name)
		}
	}
}

// chaosConfig has all kinds of stations, reasons and results.
func chaosConfig() *callmodel.Config {
	c := scene()
	c.Agents[1].Station.Mode = callmodel.CallOnAccept
	c.Agents[1].Queues = []callmodel.QueueID{"support", "tech"}
	c.Agents[1].MultiLine = true
	third := c.Agents[0]
	third.ID, third.Number, third.Line, third.Station = "carla", 3, "103", callmodel.Station{Endpoint: "103", Mode: callmodel.Handset}
	third.MultiLine = true
	c.Agents = append(c.Agents, third)
	c.Reasons = []callmodel.ReasonConfig{{ID: "lunch", Number: 7, For: "not-ready", Park: true}, {ID: "no", Number: 8, For: "reject"}}
	c.Dispositions = []callmodel.DispositionConfig{{ID: "sold", Number: 5, Success: true}}
	return c
}

func (c *chaos) pick(n int) int { return c.rnd.IntN(n) }

// turn does one thing.
func (c *chaos) turn() {
	view, err := c.sw.View(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	switch n := c.pick(20); {
	case n == 0 && len(view.Calls) < 4:
		c.note("arrive")
		c.arrive([]string{"49301000600", "49301000604"}[c.pick(2)])
	case n == 1:
		d := time.Duration(1+c.pick(12)) * time.Second
		c.note("pass %s", d)
		c.wait(d)
		c.b.expire()
	case n == 3 && len(view.Calls) < 4 && c.pick(4) == 0:
		c.note("callback")
		c.call++
		number := ctitest.Outside + strconv.Itoa(c.call)
		c.must(callmodel.CreateCallback{ID: callmodel.CallbackID{ID: c.sw.NewID()}, Number: number, Queue: "support"})
	case n == 2 && len(view.Calls) > 0 && c.pick(20) == 0:
		c.note("end")
		c.must(callmodel.EndCall{Call: view.Calls[c.pick(len(view.Calls))].ID})
	case n < 8:
		c.phone(view)
	default:
		c.request(view)
	}
	c.collect()
}

func (c *chaos) note(format string, args ...any) { c.log = append(c.log, fmt.Sprintf(format, args...)) }

// phone lifts or puts down a phone that is in a call.
func (c *chaos) phone(view *callmodel.View) {
	var all, ringing []*callmodel.Connection
	for _, call := range view.Calls {
		for k := range call.Conns {
			p := &call.Conns[k]
			if p.Channel == "" || p.State == callmodel.Ended || p.Leg == callmodel.LegGone {
				continue
			}
			if all = append(all, p); p.Leg == callmodel.LegRinging {
				ringing = append(ringing, p)
			}
		}
	}
	switch {
	case len(all) == 0:
		return
	case len(ringing) > 0 && c.pick(2) == 0:
		all = ringing
	}
	p := all[c.pick(len(all))]
	if p.Leg == callmodel.LegRinging && c.pick(5) > 0 {
		c.note("lift %s", p.Device)
		c.sw.Lift(p.ID)
	} else if c.pick(12) == 0 {
		c.note("clear %s", p.Device)
		c.sw.Clear(p.ID, []callmodel.Cause{callmodel.CauseNormal, callmodel.CauseBusy}[c.pick(2)])
	}
	c.pump()
}

// request asks for something about an agent and, mostly, one of their calls.
func (c *chaos) request(view *callmodel.View) {
	c.next++
	agent := view.Agents[c.pick(len(view.Agents))]
	for k := 0; k < 4 && len(agent.Items) == 0; k++ { // rather somebody who has a call
		agent = view.Agents[c.pick(len(view.Agents))]
	}
	h := CallHead{}
	h.RequestID, h.TenantID, h.AgentID = c.next, 1, int32(agent.Number) //nolint:gosec // small
	h.CallID = int32(1 + c.pick(5))
	other := int32(1 + c.pick(5))
	var mine []int32
	for _, call := range view.Calls {
		for k := range call.Conns {
			if call.Conns[k].Agent == agent.ID && (call.Conns[k].State != callmodel.Ended || call.Conns[k].Processing == callmodel.WrapUp) {
				mine = append(mine, int32(call.Number)) //nolint:gosec // small
			}
		}
	}
	if len(mine) > 0 && c.pick(10) > 0 {
		h.CallID = mine[c.pick(len(mine))]
	}
	if len(mine) > 1 {
		h.CallID, other = mine[0], mine[len(mine)-1]
	}
	args := c.args(view, agent, h, other)
	if len(mine) > 1 && c.pick(4) == 0 { // what takes two calls is seldom possible
		args = &ConferenceCallArgs{CallHead: h, ConsultationCallID: other}
		delete(c.want, c.next) // another request was to have several outcomes
	}
	err := c.ask(args)
	c.note("%d %T %+v: %v", c.next, args, args, err)
	var f *soap.Fault
	switch {
	case err == nil:
		c.accepted[c.next] = c.log[len(c.log)-1]
	case !errors.As(err, &f):
		c.t.Errorf("%T: %v is no fault for a client", args, err)
	}
}

func (c *chaos) destination() (DestinationType, string) {
	type to struct {
		kind DestinationType
		name string
	}
	if c.pick(3) > 0 {
		return DestinationExternal, []string{"101", "102", "103"}[c.pick(3)]
	}
	d := []to{
		{DestinationAgent, "bernd"},
		{DestinationAgent, "1"},
		{DestinationAgent, "carla"},
		{DestinationService, "1"},
		{DestinationService, "tech"},
		{DestinationService, "3"},
		{DestinationExternal, ctitest.Outside},
		{DestinationExternal, "102"},
		{DestinationExternal, "x"},
		{DestinationService, "99"},
		{DestinationAgent, "nobody"},
		{DestinationNone, ""},
	}[c.pick(12)]
	return d.kind, d.name
}

// service is one that a call is made for, mostly none.
func (c *chaos) service() int32 { return []int32{0, -1, 0, 1, 2, 99}[c.pick(6)] }

// args makes the arguments of a request.
func (c *chaos) args(view *callmodel.View, agent *callmodel.Agent, h CallHead, other int32) any {
	kind, to := c.destination()
	data := [][]string{nil, {}, {"a", "", "b"}, make([]string, 21)}[c.pick(4)]
	switch c.pick(24) {
	case 0, 1:
		a := &LoginAgentArgs{RequestHead: h.RequestHead, AgentLoginName: string(agent.ID), InitialState: AgentStateIdle, MultiLine: 1}
		return a
	case 2:
		if c.pick(4) > 0 {
			break
		}
		return &LogoutAgentArgs{AgentHead: h.AgentHead}
	case 3:
		if c.pick(6) > 0 {
			break
		}
		if c.pick(4) == 0 {
			c.want[h.RequestID] = max(1, c.loggedIn(view))
			return &PanicLogoutArgs{RequestHead: h.RequestHead, LogoutAllAgents: true}
		}
		c.want[h.RequestID] = 2
		return &PanicLogoutArgs{RequestHead: h.RequestHead, AgentLoginNameList: []string{string(agent.ID), "nobody"}}
	case 4, 5, 6:
		return &SetAgentStateArgs{AgentHead: h.AgentHead, NewState: []AgentState{
			AgentStateIdle, AgentStateIdle, AgentStateNotReady, AgentStateNotReadyPark, AgentStateWrap, AgentStateActive, AgentStateInvalid,
		}[c.pick(7)]}
	case 7:
		return &GetAgentStateArgs{AgentHead: h.AgentHead}
	case 8:
		return &SetDispositionArgs{CallHead: h, DispositionID: int32(5 + c.pick(8)/7), WrapNotRequired: c.pick(3) == 0}
	case 9, 10:
		return &AcceptCallArgs{CallHead: h, AcceptCall: c.pick(4) > 0, RejectReason: int32(7 + c.pick(2))}
	case 11:
		if c.pick(2) > 0 {
			break
		}
		return &ClearCallArgs{CallHead: h}
	case 12:
		return &ConferenceCallArgs{CallHead: h, ConsultationCallID: other}
	case 13, 14:
		return &ConsultationCallArgs{CallHead: h, DestinationType: kind, DestinationAddress: to, ServiceID: c.service(), UserData: data}
	case 15:
		return &GetCallDataArgs{CallHead: h}
	case 16:
		return &SetCallDataArgs{CallHead: h, UserData: data}
	case 17:
		return &HoldCallArgs{CallHead: h}
	case 18:
		return &RetrieveCallArgs{CallHead: h}
	case 19:
		h.CallID = noCall
		return &MakeCallArgs{CallHead: h, DestinationType: kind, DestinationAddress: to, ServiceID: c.service(), WrapState: c.pick(2) == 0}
	case 20:
		return &SendDTMFDigitsArgs{CallHead: h, DTMFDigits: []string{"12#", "x"}[c.pick(2)]}
	case 21, 22:
		return &TransferCallArgs{CallHead: h, DestinationType: kind, DestinationAddress: to, ConsultationCallID: other, TransferType: TransferType(1 + c.pick(2)), UserData: data}
	}
	a := &RouteSelectArgs{RequestHead: h.RequestHead, CallID: h.CallID, RouteActionType: RouteType(1 + c.pick(5)), RouteDestination: to}
	for _, call := range view.Calls {
		if call.Phase == callmodel.PhaseRouting {
			a.CallID = int32(call.Number) //nolint:gosec // small
		}
	}
	return a
}

func (c *chaos) loggedIn(view *callmodel.View) int {
	n := 0
	for _, a := range view.Agents {
		if a.State != callmodel.LoggedOut {
			n++
		}
	}
	return n
}

// collect notes the outcomes that have come.
func (c *chaos) collect() {
	for _, d := range c.take() {
		c.fold.follow(d.Event)
		if d.to.who == nil {
			c.note("   => %s", short([]telling{d}))
			continue
		}
		if _, progress := d.Event.(*CallOriginatedEvent); progress || d.to.request == 0 {
			continue
		}
		c.outcomes[d.to.request] = append(c.outcomes[d.to.request], short([]telling{d}))
		c.note("   -> %s", short([]telling{d}))
	}
}

// finish lets everything end.
func (c *chaos) finish() {
	view, err := c.sw.View(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	for _, cb := range view.Callbacks {
		if cb.State != callmodel.CallbackDone {
			c.must(callmodel.UpdateCallback{ID: cb.ID, Result: callmodel.ResultHandled})
		}
	}
	if view, err = c.sw.View(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	for _, call := range view.Calls {
		c.must(callmodel.EndCall{Call: call.ID})
	}
	c.collect()
	c.wait(time.Hour)
	c.b.expire()
	c.collect()
	for _, a := range view.Agents {
		c.must(callmodel.SetAgentState{Agent: a.ID, State: callmodel.LoggedOut, SkipWrapUp: true})
	}
	c.collect()
}

// check returns what is wrong with the outcomes.
func (c *chaos) check() string {
	for n := int32(1); n <= c.next; n++ {
		want := c.want[n]
		if want == 0 {
			want = 1
		}
		if c.accepted[n] == "" {
			want = 0
		}
		if got := c.outcomes[n]; len(got) != want {
			return fmt.Sprintf("request %d has %d outcomes %v, want %d: %s", n, len(got), got, want, c.accepted[n])
		}
	}
	if n := c.b.waiting(); n != 0 {
		return fmt.Sprintf("%d requests are left", n)
	}
	if len(c.b.calls) != 0 || len(c.b.byNo) != 0 || len(c.b.passing) != 0 {
		return fmt.Sprintf("%d calls are left, %d numbers, %d passing", len(c.b.calls), len(c.b.byNo), len(c.b.passing))
	}
	return ""
}

// tally counts what was done and what has failed.
func (c *chaos) tally(answered map[string]int) {
	for n, text := range c.accepted {
		for _, o := range AgentCallService.Operations {
			if len(c.outcomes[n]) > 0 && containsOp(text, o.Name) {
				if isFailure(c.outcomes[n][0]) {
					answered["failed"]++
				} else {
					answered[o.Name+" done"]++
				}
			}
		}
	}
}

// compare holds the board, which has followed event by event, against one that
// has just taken a picture.
func (c *chaos) compare() {
	c.t.Helper()
	view, err := c.sw.View(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	fresh := newBoard(rulesForTest(), c, c.b.log)
	fresh.sync(view)
	for id, st := range fresh.agents {
		if have := c.b.agents[id]; have.told != st.told && st.live.State != callmodel.Reserved || have.in != st.in {
			c.t.Fatalf("agent %s is told to be %s, the picture says %s", id, have.told, st.told)
		}
	}
	for id, i := range fresh.calls {
		have := c.b.calls[id]
		if have == nil {
			c.t.Fatalf("call %d is not known", i.number)
		}
		a, _ := c.b.callState(have)
		b, _ := fresh.callState(i)
		if a != b || have.ended != i.ended || have.number != i.number || have.done != i.done && have.live.Kind != callmodel.KindConsult {
			c.t.Fatalf("call %d is told as %s, ended %v, done %v; the picture says %s, %v, %v", i.number, a, have.ended, have.done, b, i.ended, i.done)
		}
	}
	if len(fresh.calls) != len(c.b.calls) {
		c.t.Fatalf("%d calls are known, the picture has %d", len(c.b.calls), len(fresh.calls))
	}
}

func containsOp(text, name string) bool { return strings.Contains(text, "*ctips."+name+"Args") }

func isFailure(outcome string) bool {
	return strings.Contains(outcome, "Failed") || strings.HasPrefix(outcome, "RouteReject")
}
