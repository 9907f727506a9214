package ici

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

// witness is a CRM that follows everybody and holds what it is told against the
// rules.
type witness struct {
	t    *testing.T
	told map[string]PhoneCall
	log  []string
}

func (w *witness) Subscribed(Target) bool { return true }

// follows is the transition table of sap.md 4.4, with what agents can do beside
// ICI. 0 is an item that was not told yet.
var follows = map[int][]int{
	0:                         {CallAlerting, CallDialing, CallRinging, CallConnected, CallHold, CallHeld, CallConferenceParticipant},
	CallAlerting:              {CallAlerting, CallConnected, CallHeld, CallDialing, CallRinging, CallEnded, CallConferenceParticipant},
	CallDialing:               {CallRinging, CallConnected, CallEnded, CallBusy},
	CallRinging:               {CallRinging, CallConnected, CallEnded, CallBusy},
	CallConnected:             {CallConnected, CallHold, CallHeld, CallConferenceOwner, CallConferenceParticipant, CallDialing, CallRinging, CallEnded},
	CallHold:                  {CallHold, CallHeld, CallConnected, CallConferenceOwner, CallConferenceParticipant, CallDialing, CallRinging, CallEnded},
	CallHeld:                  {CallHeld, CallHold, CallConnected, CallConferenceOwner, CallConferenceParticipant, CallDialing, CallRinging, CallEnded},
	CallConferenceOwner:       {CallConferenceOwner, CallConnected, CallHold, CallHeld, CallEnded},
	CallConferenceParticipant: {CallConferenceParticipant, CallConnected, CallHold, CallHeld, CallEnded},
	CallEnded:                 {CallEnded},
}

func (w *witness) Publish(_ string, _ Target, e Event) int {
	changed, ok := e.(*PhoneCallChanged)
	if !ok {
		return 0
	}
	p := changed.PhoneCall
	before, known := w.told[p.CallHandle]
	was, _ := strconv.Atoi(before.CallStatus.ID)
	is, _ := strconv.Atoi(p.CallStatus.ID)
	w.log = append(w.log, fmt.Sprintf("   %s %s: %d/%s %v", p.LineNumber, p.CallHandle[24:], is, p.ProcessingStatus.ID, p.RemoteNumbers))
	switch {
	case !slices.Contains(follows[was], is) && (was != is || !p.Inbound): // who is sent on by the other party learns only then where to
		w.t.Errorf("%d follows %d", is, was)
	case known && reflect.DeepEqual(before, p):
		w.t.Errorf("told twice: %+v", p)
	case was == CallEnded && before.ProcessingStatus.ID == "1":
		w.t.Errorf("told after its end: %+v", p)
	case len(p.RemoteNumbers) == 0 || slices.Contains(p.RemoteNumbers, unknownNumber):
		w.t.Errorf("other parties %v of line %s", p.RemoteNumbers, p.LineNumber)
	case (is == CallConferenceOwner || is == CallConferenceParticipant) != (len(p.RemoteNumbers) > 1) && is != CallHold && is != CallHeld && is != CallEnded:
		w.t.Errorf("status %d with other parties %v", is, p.RemoteNumbers)
	}
	w.told[p.CallHandle] = p
	return 1
}

// walk is a switch on which agents do whatever they can.
type walk struct {
	*rand.Rand
	sw    *ctitest.FakeSwitch
	w     *witness
	names []callmodel.AgentID
}

func (k *walk) step() {
	view, err := k.sw.View(k.w.t.Context())
	if err != nil {
		k.w.t.Fatal(err)
	}
	var all []*callmodel.Connection
	var calls []*callmodel.Call
	for _, c := range view.Calls {
		for i := range c.Conns {
			if p := &c.Conns[i]; p.State != callmodel.Ended || p.Processing == callmodel.WrapUp {
				all, calls = append(all, p), append(calls, c)
			}
		}
	}
	agent := k.names[k.IntN(len(k.names))]
	if len(all) == 0 || k.IntN(6) == 0 {
		k.begin(agent)
		return
	}
	i := k.IntN(len(all))
	p := all[i]
	to := callmodel.Dest{Kind: callmodel.DestNumber, Value: []string{"101", "102", "103", "600", ctitest.Outside}[k.IntN(5)]}
	live := p.Leg != callmodel.LegNone && p.Leg != callmodel.LegGone && p.Channel != ""
	switch k.IntN(5) {
	case 0:
		if live && p.Leg != callmodel.LegUp {
			k.note("lift", p)
			k.sw.Lift(p.ID)
			return
		}
		if live && k.IntN(3) == 0 {
			k.note("clear", p)
			k.sw.Clear(p.ID, []callmodel.Cause{callmodel.CauseNormal, callmodel.CauseBusy, callmodel.CauseNoAnswer}[k.IntN(3)])
		}
	case 1:
		if live {
			k.note("hold key", p)
			k.sw.Put(callmodel.ChannelHeld{Channel: p.Channel})
			return
		}
		k.sw.Advance(time.Duration(k.IntN(20)) * time.Second)
	default:
		c := calls[i]
		cmds := []callmodel.Command{
			callmodel.Accept{Conn: p.ID},
			callmodel.Accept{Conn: p.ID},
			callmodel.Reject{Conn: p.ID},
			callmodel.HoldCall{Conn: p.ID},
			callmodel.Retrieve{Conn: p.ID},
			callmodel.Consult{Conn: p.ID, To: to, Call: callmodel.CallID{ID: k.sw.NewID()}},
			callmodel.Consult{Conn: p.ID, To: to, Call: callmodel.CallID{ID: k.sw.NewID()}},
			callmodel.Alternate{Conn: p.ID},
			callmodel.Transfer{Conn: p.ID},
			callmodel.Conference{Conn: p.ID},
			callmodel.Conference{Conn: p.ID},
			callmodel.Reconnect{Conn: p.ID},
			callmodel.BlindTransfer{Conn: p.ID, To: to},
			callmodel.Deflect{Conn: p.ID, To: to},
			callmodel.Drop{Conn: p.ID},
			callmodel.DropParty{Conn: p.ID, Party: c.Conns[k.IntN(len(c.Conns))].ID.String()},
			callmodel.EndWrapUp{Conn: p.ID},
			callmodel.Park{Conn: p.ID},
		}
		k.do(cmds[k.IntN(len(cmds))], p)
	}
}

func (k *walk) begin(agent callmodel.AgentID) {
	switch k.IntN(4) {
	case 0:
		k.do(callmodel.SetAgentState{Agent: agent, State: callmodel.Ready}, nil)
	case 1:
		to := callmodel.Dest{Kind: callmodel.DestNumber, Value: []string{"101", "102", "103", "600", "801", ctitest.Outside}[k.IntN(6)]}
		k.do(callmodel.MakeCall{Agent: agent, To: to, Call: callmodel.CallID{ID: k.sw.NewID()}}, nil)
	case 2:
		k.do(callmodel.PickUp{Agent: agent, Place: "801"}, nil)
	default:
		k.note("arrive", nil)
		k.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	}
}

func (k *walk) do(cmd callmodel.Command, p *callmodel.Connection) {
	if k.sw.Do(k.w.t.Context(), cmd) == nil {
		k.note(cmd.Tag(), p)
	}
}

func (k *walk) note(what string, p *callmodel.Connection) {
	if p != nil {
		what += fmt.Sprintf(" %s %s %s", p.Device, p.ID.Hex()[24:], p.State)
	}
	k.w.log = append(k.w.log, what)
}

// Whatever agents do, the CRM is told a sequence that the state machine of
// sap.md 4.4 allows, nothing twice, and an end of everything.
func TestWalk(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		cfg := ctitest.Config()
		cfg.Parking = callmodel.ParkingConfig{First: "801", Places: 2}
		cfg.Agents[1].MultiLine = true
		third := cfg.Agents[1]
		third.ID, third.Number, third.Line, third.Station.Endpoint = "carol", 3, "103", "103"
		cfg.Agents = append(cfg.Agents, third)
		sw := ctitest.NewFakeSwitch(cfg)
		view, sub, err := sw.Watch(t.Context(), "walk")
		if err != nil {
			t.Fatal(err)
		}
		w := &witness{t: t, told: map[string]PhoneCall{}}
		var stats counters
		stats.init()
		say := translator{data: defaultDataSettings(), cadMax: 1000, leftOut: &stats.dataLeftOut, ignoreDirect: seed%2 == 0, ignoreMade: seed%2 == 0}
		b := newBoard(say, w, &stats, 0)
		b.sync(view)
		k := &walk{rand.New(rand.NewPCG(seed, 1)), sw, w, []callmodel.AgentID{ctitest.Anna, ctitest.Bernd, "carol"}}
		for _, a := range k.names {
			sw.SetAgent(a, callmodel.Ready, "")
		}
		read := func() {
			sw.SetAgent(ctitest.Anna, callmodel.NotReady, "") // there is something to read
			batch, err := sub.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for i := range batch {
				b.apply(&batch[i])
			}
		}
		for range 80 {
			k.step()
			read()
			if sw.SetAgent(ctitest.Anna, callmodel.Ready, ""); t.Failed() {
				t.Fatalf("seed %d:\n%s", seed, joinLines(w.log))
			}
		}
		k.end()
		read()
		if len(b.live) != 0 {
			t.Fatalf("seed %d: %d items are left\n%s", seed, len(b.live), joinLines(w.log))
		}
		sub.Close()
	}
}

func joinLines(lines []string) string {
	out := ""
	for _, l := range lines[max(0, len(lines)-60):] {
		out += l + "\n"
	}
	return out
}

// end lets all calls end.
func (k *walk) end() {
	for range 5 {
		view, err := k.sw.View(k.w.t.Context())
		if err != nil {
			k.w.t.Fatal(err)
		}
		for _, c := range view.Calls {
			k.do(callmodel.EndCall{Call: c.ID}, nil)
		}
		k.sw.Advance(time.Minute)
	}
}
