package ctips_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"strowger/cti/ctips"
	"strowger/cti/ctitest"
	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/sim"
)

var (
	seedFlag  = flag.Uint64("ctips.seed", 6, "of the dice")
	asksFlag  = flag.Int("ctips.requests", 250, "of each client")
	errNobody = errors.New("nobody")
)

// asker is a client that asks at random.
type asker struct {
	*client
	s    *site
	dice *rand.Rand
	next int32 // number of the next request: no two clients have the same ones
	step int32
	want map[int32]int // outcomes by number; 0: it was refused by a fault
	what map[int32]string
}

// TestRandomOnSim: two clients ask at random, at once, while calls come and
// agents answer and hang up, and a third looks at pictures. Each request that
// was understood has exactly one outcome with its number, at who asked alone;
// and whoever follows the events of a picture knows what the next one says.
func TestRandomOnSim(t *testing.T) {
	t.Parallel()
	s := newSite(t, *seedFlag)
	looks := s.connect(t)
	var askers []*asker
	for i := range int32(2) {
		askers = append(askers, &asker{
			client: s.connect(t), s: s, dice: rand.New(rand.NewPCG(*seedFlag, uint64(i))), //nolint:gosec // a test's dice
			next: 1 + i, step: 2, want: map[int32]int{}, what: map[int32]string{},
		})
	}
	for n := range int32(agents) {
		askers[0].send(&ctips.LoginAgentArgs{AgentLoginName: "agent10" + strconv.Itoa(int(n)+1), InitialState: ctips.AgentStateIdle, MultiLine: 1})
	}
	done := make(chan struct{})
	var busy sync.WaitGroup
	for _, a := range askers {
		busy.Go(func() {
			for range *asksFlag {
				a.turn()
			}
		})
	}
	var pictures sync.WaitGroup
	pictures.Go(func() { looks.pictures(done) })
	busy.Wait()
	close(done)
	pictures.Wait()
	s.callsEnd(t)
	for _, a := range askers {
		a.settle()
	}
	looks.look()
	checkPictures(t, looks.soFar())
	count(t, askers, looks)
}

// turn waits a moment and asks for something; now and then somebody calls.
func (a *asker) turn() {
	<-time.After(time.Duration(2+a.dice.IntN(14)) * time.Millisecond) // as people take theirs
	if a.dice.IntN(6) == 0 {
		number := []string{ctitest.Queue, ctitest.Queue, "601", "603", "101", "104"}[a.dice.IntN(6)]
		leg, err := a.s.ex.Place(number, sim.Caller{Number: ctitest.Caller, Trunk: ctitest.Trunk, Patience: time.Duration(300+a.dice.IntN(1500)) * time.Millisecond})
		if err != nil {
			a.t.Errorf("no call: %v", err)
		} else if a.dice.IntN(8) == 0 {
			leg.Hangup()
		}
	}
	if args, err := a.random(); err == nil {
		a.send(args)
	}
}

// send sends a request under the next number.
func (a *asker) send(args any) {
	n := a.next
	a.next += a.step
	want := 1
	switch r := args.(type) {
	case *ctips.LoginAgentArgs:
		r.RequestHead = a.request(n)
	case *ctips.PanicLogoutArgs:
		r.RequestHead, want = a.request(n), len(r.AgentLoginNameList)
	case *ctips.RouteSelectArgs:
		r.RequestHead = a.request(n)
	}
	name := fmt.Sprintf("%T", args)
	name = name[len("*ctips.") : len(name)-len("Args")]
	_, err := a.ask(name, args)
	a.what[n] = fmt.Sprintf("%s %+v: %v", name, args, err)
	var f *soap.Fault
	switch {
	case err == nil:
		a.want[n] = want
	case errors.As(err, &f):
		a.want[n] = 0
	default:
		a.t.Errorf("request %d: %s", n, a.what[n])
	}
}

func (a *asker) request(n int32) ctips.RequestHead {
	return ctips.RequestHead{SessionID: a.session, RequestID: n, TenantID: 1}
}

func (a *asker) aboutAgent(v *callmodel.View, agent *callmodel.Agent, h ctips.CallHead) (any, error) {
	kind, to := a.destination()
	if args := a.route(v, 2); args != nil {
		return args, nil
	}
	if st := agent.State; st == callmodel.LoggedOut || a.dice.IntN(20) == 0 {
		return &ctips.LoginAgentArgs{AgentLoginName: string(agent.ID), InitialState: ctips.AgentStateIdle, MultiLine: 1}, nil
	}
	switch a.dice.IntN(12) {
	case 0, 1:
		return &ctips.SetAgentStateArgs{AgentHead: h.AgentHead, NewState: ctips.AgentStateIdle}, nil
	case 2:
		return &ctips.PanicLogoutArgs{AgentLoginNameList: []string{string(agent.ID), "nobody"}}, nil
	case 3:
		return &ctips.LogoutAgentArgs{AgentHead: h.AgentHead}, nil
	case 4, 5, 6, 7:
		states := []ctips.AgentState{ctips.AgentStateIdle, ctips.AgentStateIdle, ctips.AgentStateNotReady, ctips.AgentStateNotReadyPark, ctips.AgentStateWrap}
		return &ctips.SetAgentStateArgs{AgentHead: h.AgentHead, NewState: states[a.dice.IntN(len(states))]}, nil
	case 8:
		return &ctips.GetAgentStateArgs{AgentHead: h.AgentHead}, nil
	case 9, 10, 11:
		if len(v.Calls) > 12 {
			return nil, errNobody
		}
		h.CallID = -1
		return &ctips.MakeCallArgs{CallHead: h, DestinationType: kind, DestinationAddress: to, WrapState: a.dice.IntN(2) == 0}, nil
	}
	return nil, errNobody
}

func (a *asker) aboutCall(h ctips.CallHead, other int32) any {
	kind, to := a.destination()
	data := [][]string{nil, {}, {"a", "", "b"}}[a.dice.IntN(3)]
	switch a.dice.IntN(16) {
	case 0, 1:
		return &ctips.AcceptCallArgs{CallHead: h, AcceptCall: a.dice.IntN(4) > 0, RejectReason: 2}
	case 2:
		return &ctips.ClearCallArgs{CallHead: h}
	case 3, 4:
		return &ctips.ConsultationCallArgs{CallHead: h, DestinationType: kind, DestinationAddress: to, UserData: data}
	case 5:
		return &ctips.ConferenceCallArgs{CallHead: h, ConsultationCallID: other}
	case 6, 7:
		return &ctips.TransferCallArgs{
			CallHead: h, DestinationType: kind, DestinationAddress: to, ConsultationCallID: other, UserData: data,
			TransferType: []ctips.TransferType{ctips.TransferTypeBlind, ctips.TransferTypeConsultation}[a.dice.IntN(2)],
		}
	case 8, 9:
		return &ctips.HoldCallArgs{CallHead: h}
	case 10, 11:
		return &ctips.RetrieveCallArgs{CallHead: h}
	case 12:
		return &ctips.SetCallDataArgs{CallHead: h, UserData: data}
	case 13:
		return &ctips.GetCallDataArgs{CallHead: h}
	case 14:
		return &ctips.SendDTMFDigitsArgs{CallHead: h, DTMFDigits: "12#"}
	}
	return &ctips.SetDispositionArgs{CallHead: h, DispositionID: int32(1 + a.dice.IntN(2)), WrapNotRequired: a.dice.IntN(2) == 0} //nolint:gosec // small
}

func (a *asker) destination() (ctips.DestinationType, string) {
	switch n := a.dice.IntN(10); {
	case n < 5:
		return ctips.DestinationAgent, "agent10" + strconv.Itoa(1+a.dice.IntN(agents))
	case n < 7:
		return ctips.DestinationService, strconv.Itoa(1 + a.dice.IntN(4))
	case n < 9:
		return ctips.DestinationExternal, ctitest.Outside
	}
	return ctips.DestinationExternal, "x"
}
