package ici_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
	"strowger/switch/sim"
)

// desk is an agent's line with a CRM of its own that follows it.
type desk struct {
	*site
	t       *testing.T
	agent   callmodel.AgentID
	events  chan ici.Event
	handles []string
}

func (s *site) desk(t *testing.T, agent callmodel.AgentID, line string) *desk {
	t.Helper()
	url, events := crm(t)
	s.ask(t, ici.OpContainerSubscribe, &ici.ContainerSubscription{AppURL: url, AppID: string(agent), ChannelType: "1", ContainerID: line})
	s.ask(t, ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: string(agent), Workmode: "2"})
	return &desk{site: s, t: t, agent: agent, events: events}
}

// told checks the next events of the line: item, state and other parties.
func (d *desk) told(want ...string) (last ici.PhoneCall) {
	d.t.Helper()
	for _, w := range want {
		select {
		case e := <-d.events:
			p, ok := e.(*ici.PhoneCallChanged)
			if !ok {
				d.t.Fatalf("%s is told %s, want %s", d.agent, e.EventName(), w)
			}
			last = p.PhoneCall
			if !slices.Contains(d.handles, last.CallHandle) {
				d.handles = append(d.handles, last.CallHandle)
			}
			got := fmt.Sprintf("C%d %s/%s %v", 1+slices.Index(d.handles, last.CallHandle), last.CallStatus.ID, last.ProcessingStatus.ID, last.RemoteNumbers)
			if got != w {
				d.t.Fatalf("%s is told %s, want %s", d.agent, got, w)
			}
		case <-time.After(patience):
			d.t.Fatalf("%s is not told %s", d.agent, w)
		}
	}
	return last
}

// item is the connection of the item with this number.
func (d *desk) item(n int) callmodel.ConnID {
	d.t.Helper()
	id, err := callmodel.ParseID(d.handles[n-1])
	if err != nil {
		d.t.Fatal(err)
	}
	return callmodel.ConnID{ID: id}
}

func (d *desk) do(cmd callmodel.Command) {
	d.t.Helper()
	if err := d.eng.Do(d.t.Context(), cmd); err != nil {
		d.t.Fatalf("%s: %v", cmd.Tag(), err)
	}
}

func number(n string) callmodel.Dest {
	return callmodel.Dest{Kind: callmodel.DestNumber, Value: n}
}

const (
	customer = "[+" + ctitest.Caller + "]"
	anna     = "[+101]"
	bernd    = "[+102]"
	outside  = "[" + ctitest.Outside + "]"
)

// talking brings a customer to Anna's ear; Bernd is ready.
func talking(t *testing.T, adjust func(*ici.Config)) (a, b *desk, leg *sim.CallerLeg) {
	t.Helper()
	s := newSite(t, adjust)
	phone := s.ex.Phone("101", sim.PhonePolicy{Mode: sim.Manual})
	s.ex.Phone("102", sim.PhonePolicy{Mode: sim.Manual})
	s.ex.Trunk(ctitest.Trunk, 0)
	s.ex.Outside(ctitest.Outside, sim.PhonePolicy{Mode: sim.Answers, AnswerAfter: sim.Exactly(20 * time.Millisecond)})
	a = s.desk(t, ctitest.Anna, "101")
	leg, err := s.ex.Place(ctitest.Queue, sim.Caller{Number: ctitest.Caller})
	if err != nil {
		t.Fatal(err)
	}
	a.told("C1 3/1 " + customer)
	if err := phone.Answer(); err != nil {
		t.Fatal(err)
	}
	a.told("C1 101/2 " + customer)
	return a, s.desk(t, ctitest.Bernd, "102"), leg
}

// consulting lets Anna ask Bernd, who answers.
func consulting(a, b *desk) {
	a.t.Helper()
	a.do(callmodel.Consult{Conn: a.item(1), To: number(ctitest.BerndLine), Call: callmodel.CallID{ID: a.eng.NewID()}})
	a.told("C1 106/2 "+customer, "C2 103/2 "+bernd, "C2 104/2 "+bernd)
	h := b.told("C1 3/1 " + anna).CallHandle
	b.ask(b.t, ici.OpAccept, &ici.ItemInContainer{ItemID: h, ContainerID: "102"})
	b.told("C1 3/1 "+anna, "C1 101/2 "+anna)
	a.told("C2 101/2 " + bernd)
}

// finished lets the customer go and looks for what is left. The server stops
// while its CRMs still listen.
func finished(t *testing.T, s *site, leg *sim.CallerLeg) {
	t.Helper()
	if leg != nil {
		leg.Hangup()
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.ex.WaitEmpty(ctx); err != nil {
		t.Error(err)
	}
	if err := s.srv.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func TestConsultationOnSim(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(a, b *desk, leg *sim.CallerLeg){
		"E3 and G3 transferred": func(a, b *desk, leg *sim.CallerLeg) {
			consulting(a, b)
			a.do(callmodel.Transfer{Conn: a.item(2)})
			a.told("C2 4/1 "+bernd, "C1 4/3 "+customer)
			b.told("C1 101/2 " + customer)
			leg.Hangup()
			b.told("C1 4/3 " + customer)
		},
		"E4 and G4 conference": func(a, b *desk, leg *sim.CallerLeg) {
			consulting(a, b)
			a.do(callmodel.Conference{Conn: a.item(2)})
			a.told("C1 108/2 [+4917055501 +102]", "C2 4/1 "+bernd)
			b.told("C1 109/2 [+101 +4917055501]")
			a.do(callmodel.DropParty{Conn: a.item(1), Party: ctitest.BerndLine})
			a.told("C1 101/2 " + customer)
			b.told("C1 4/3 [+101 +4917055501]")
			leg.Hangup()
			a.told("C1 4/3 " + customer)
		},
		"E5 and E6 alternated, reconnected": func(a, b *desk, _ *sim.CallerLeg) {
			consulting(a, b)
			a.do(callmodel.Alternate{Conn: a.item(2)})
			a.told("C2 106/2 "+bernd, "C1 101/2 "+customer)
			b.told("C1 107/2 " + anna)
			a.do(callmodel.Alternate{Conn: a.item(1)})
			a.told("C1 106/2 "+customer, "C2 101/2 "+bernd)
			b.told("C1 101/2 " + anna)
			a.do(callmodel.Reconnect{Conn: a.item(2)})
			a.told("C2 4/1 "+bernd, "C1 101/2 "+customer)
			b.told("C1 4/1 " + anna)
		},
		"E8 the customer hangs up on hold": func(a, b *desk, leg *sim.CallerLeg) {
			consulting(a, b)
			leg.Hangup()
			a.told("C1 4/3 " + customer)
			a.ask(a.t, ici.OpDropCalls, &ici.LineRef{LineNumber: "101"})
			a.told("C2 4/1 " + bernd)
			b.told("C1 4/1 " + anna)
		},
		"E a number outside": func(a, _ *desk, leg *sim.CallerLeg) {
			a.do(callmodel.Consult{Conn: a.item(1), To: number(ctitest.Outside), Call: callmodel.CallID{ID: a.eng.NewID()}})
			a.told("C1 106/2 "+customer, "C2 103/2 "+outside, "C2 104/2 "+outside, "C2 101/2 "+outside)
			a.do(callmodel.Transfer{Conn: a.item(2)})
			a.told("C2 4/1 "+outside, "C1 4/3 "+customer)
			leg.Hangup()
		},
		"F1 and G6 transferred without asking": func(a, b *desk, leg *sim.CallerLeg) {
			a.do(callmodel.BlindTransfer{Conn: a.item(1), To: number(ctitest.BerndLine)})
			a.told("C1 4/3 " + customer)
			b.told("C1 3/1 " + customer)
			leg.Hangup()
			b.told("C1 4/1 " + customer)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b, leg := talking(t, nil)
			a.t, b.t = t, t
			run(a, b, leg)
			finished(t, a.site, leg)
		})
	}
}

func TestOutboundOnSim(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *ici.Config) {
		c.IgnoreCdtOutbound, c.ShowBusyStatus, c.BusyStatusDuration = false, true, 20*time.Millisecond
	})
	phone := s.ex.Phone("101", sim.PhonePolicy{Mode: sim.Answers})
	s.ex.Trunk(ctitest.Trunk, 0)
	other := s.ex.Outside(ctitest.Outside, sim.PhonePolicy{Mode: sim.Manual})
	a := s.desk(t, ctitest.Anna, "101")
	dial := func() {
		t.Helper()
		a.do(callmodel.MakeCall{Agent: ctitest.Anna, To: number(ctitest.Outside), Call: callmodel.CallID{ID: s.eng.NewID()}})
	}
	dial()
	a.told("C1 103/2 "+outside, "C1 104/2 "+outside)
	if err := other.Answer(); err != nil {
		t.Fatal(err)
	}
	a.told("C1 101/2 " + outside)
	a.do(callmodel.HoldCall{Conn: a.item(1)})
	a.told("C1 106/2 " + outside)
	if err := other.Hangup(); err != nil {
		t.Fatal(err)
	}
	a.told("C1 4/1 " + outside)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := phone.WaitState(ctx, callmodel.LegNone); err != nil {
		t.Fatal(err)
	}
	other.SetPolicy(sim.PhonePolicy{Mode: sim.Busy})
	free(t, s, ctitest.Anna)
	dial()
	a.told("C2 103/2 "+outside, "C2 105/2 "+outside, "C2 4/1 "+outside)
	finished(t, s, nil)
}

// free waits until an agent can make a call.
func free(t *testing.T, s *site, agent callmodel.AgentID) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	view, sub, err := s.eng.Watch(ctx, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	ready := false
	for _, a := range view.Agents {
		ready = ready || a.ID == agent && a.State == callmodel.Ready
	}
	for !ready {
		batch, err := sub.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for i := range batch {
			a := batch[i].Agent
			ready = ready || a != nil && a.ID == agent && a.State == callmodel.Ready
		}
	}
}
