package ici_test

import (
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
)

// outgoing is a call that Anna makes.
func outgoing(r *rig, number string) (callmodel.CallID, *script) {
	r.Helper()
	r.login(ctitest.Anna)
	s := r.script(ctitest.Anna)
	s.expect("user ANNA 2")
	c := callmodel.CallID{ID: r.sw.NewID()}
	r.do(callmodel.MakeCall{Agent: ctitest.Anna, To: to(number), Call: c})
	return c, s
}

func shown(c *ici.Config) { c.IgnoreCdtOutbound, c.IgnoreOperDirect = false, false }

// TestOutbound holds scenario C of sap.md 4.3, with calls that are made outside ICI.
func TestOutbound(t *testing.T) {
	t.Parallel()
	t.Run("C1 to C4", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, shown)
		c, s := outgoing(r, "0301234567")
		p := s.scene("C1 103/2 out ext [+49301234567]")
		if p.DialedNumber != "+49301234567" {
			t.Errorf("the call is %+v", p)
		}
		r.sw.Lift(r.sw.Call(c).Conns[0].ID)
		s.scene("C1 104/2 out ext " + outside)
		r.sw.Lift(r.sw.Call(c).Conns[1].ID)
		s.scene("C1 101/2 out ext " + outside)
		r.do(callmodel.RequireWrapUp{Conn: r.sw.Call(c).Conns[0].ID})
		r.sw.Clear(r.sw.Call(c).Conns[1].ID, callmodel.CauseNormal)
		s.scene("C1 4/3 out ext " + outside)
		r.must(ici.OpWrapUpEnded, &ici.ItemRef{ItemID: p.CallHandle})
		s.scene("C1 4/1 out ext " + outside)
	})
	t.Run("C3 answered without ringing", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, shown)
		c, s := outgoing(r, ctitest.Outside)
		s.scene("C1 103/2 out ext " + outside)
		r.sw.Ignore(callmodel.Originate{}.What())
		r.sw.Lift(r.sw.Call(c).Conns[0].ID)
		r.sw.Lift(r.sw.Call(c).Conns[1].ID)
		s.scene("C1 101/2 out ext " + outside)
	})
	t.Run("C5 busy, C6", func(t *testing.T) {
		t.Parallel()
		for _, cause := range []callmodel.Cause{callmodel.CauseBusy, callmodel.CauseNoAnswer, callmodel.CauseUnallocated} {
			r := newRig(t, func(c *ici.Config) { shown(c); c.ShowBusyStatus = cause != callmodel.CauseBusy })
			c, s := outgoing(r, ctitest.Outside)
			s.scene("C1 103/2 out ext " + outside)
			r.sw.Lift(r.sw.Call(c).Conns[0].ID)
			s.scene("C1 104/2 out ext " + outside)
			r.sw.Clear(r.sw.Call(c).Conns[1].ID, cause)
			s.scene("C1 4/1 out ext " + outside)
		}
	})
	t.Run("C5 busy is shown", func(t *testing.T) {
		t.Parallel()
		for _, dropped := range []bool{true, false} {
			r := newRig(t, func(c *ici.Config) {
				shown(c)
				if c.ShowBusyStatus = true; !dropped {
					c.BusyStatusDuration = 50 * time.Millisecond
				}
			})
			c, s := outgoing(r, ctitest.Outside)
			s.scene("C1 103/2 out ext " + outside)
			r.sw.Lift(r.sw.Call(c).Conns[0].ID)
			s.scene("C1 104/2 out ext " + outside)
			r.sw.Clear(r.sw.Call(c).Conns[1].ID, callmodel.CauseBusy)
			p := s.scene("C1 105/2 out ext " + outside)
			if dropped {
				list := r.must(ici.OpGetCalls, &ici.LineRef{LineNumber: "101"}).(*ici.PhoneCalls)
				if len(list.Calls) != 1 || list.Calls[0].CallStatus.ID != "105" {
					t.Errorf("getCalls: %+v", list)
				}
				r.must(ici.OpDrop, &ici.CallRef{LineNumber: "101", CallHandle: p.CallHandle})
			}
			s.scene("C1 4/1 out ext " + outside)
			s.silent(ctitest.Anna)
			if got := r.must(ici.OpCallGetAttributes, &ici.CallRef{LineNumber: "101", CallHandle: p.CallHandle}).(*ici.PhoneCall); got.CallStatus.ID != "4" {
				t.Errorf("the ended call is %+v", got)
			}
		}
	})
}

// Calls that the CRM is spared: made outside ICI, and between agents (sap.md
// 4.5, scenario G7). The line is busy all the same.
func TestHidden(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.login(ctitest.Bernd)
	b := r.script(ctitest.Bernd)
	b.expect("user BERND 2")
	c, a := outgoing(r, ctitest.BerndLine)
	r.sw.Lift(r.sw.Call(c).Conns[0].ID)
	his := r.sw.Call(c).AgentConn().ID
	r.do(callmodel.Accept{Conn: his})
	for line, conn := range map[string]callmodel.ConnID{"101": r.sw.Call(c).Conns[0].ID, "102": his} {
		if got := r.must(ici.OpGetCalls, &ici.LineRef{LineNumber: line}).(*ici.PhoneCalls); len(got.Calls) != 0 {
			t.Errorf("getCalls tells %+v", got.Calls)
		}
		r.refused("4/2", ici.OpCallGetAttributes, &ici.CallRef{LineNumber: line, CallHandle: conn.Hex()})
	}
	if r.sw.Call(c).Phase != callmodel.PhaseTalking {
		t.Fatalf("the agents do not talk: %v", r.sw.Call(c).Phase)
	}
	r.must(ici.OpDropCalls, &ici.LineRef{LineNumber: "101"})
	a.silent(ctitest.Anna)
	b.silent(ctitest.Bernd)
	if st := r.srv.Stats(); st.Live != 0 || st.Ended != 0 {
		t.Errorf("stats %+v", st)
	}

	r = newRig(t, shown)
	r.login(ctitest.Bernd)
	b = r.script(ctitest.Bernd)
	b.expect("user BERND 2")
	c, a = outgoing(r, ctitest.BerndLine)
	a.scene("C1 103/2 out int " + bernd)
	r.sw.Lift(r.sw.Call(c).Conns[0].ID)
	a.scene("C1 104/2 out int " + bernd)
	k := b.scene("C1 3/1 in int " + anna)
	if want := "<FirstBNumber>102</FirstBNumber></Application>"; !strings.Contains(k.AttachedData, want) {
		t.Errorf("attached data %s", k.AttachedData)
	}
}

// A call that knocks at a busy line is told when it has been taken (G8,
// reference 7.4).
func TestKnocking(t *testing.T) {
	t.Parallel()
	cfg := ctitest.Config()
	cfg.Agents[0].MultiLine = true
	third := cfg.Agents[1]
	third.ID, third.Number, third.Line, third.Station.Endpoint = carol, 3, "103", "103"
	cfg.Agents = append(cfg.Agents, third)
	fake := ctitest.NewFakeSwitch(cfg)
	r := rigOn(t, fake, fake, nil)
	_, a, handle := r.alerting(ctitest.Anna)
	first := mustConn(t, handle)
	r.sw.Lift(first)
	a.scene("C1 101/2 in ext " + customer)
	r.login(ctitest.Bernd)
	b := r.script(ctitest.Bernd)
	b.expect("user BERND 2")
	second := r.sw.Arrive(ctitest.Queue, "4917055502", "")
	b.scene("C1 3/1 in ext [+4917055502]")
	his := r.sw.Call(second).AgentConn().ID
	r.do(callmodel.Accept{Conn: his})
	b.scene("C1 3/1 in ext [+4917055502]", "C1 101/2 in ext [+4917055502]")
	r.do(callmodel.BlindTransfer{Conn: his, To: to(ctitest.AnnaLine)})
	b.scene("C1 4/3 in ext [+4917055502]")
	knock := r.sw.Call(second).AgentConn()
	if knock == nil || !knock.Knock {
		t.Fatalf("no call knocks: %+v", knock)
	}
	r.do(callmodel.Accept{Conn: knock.ID})
	a.scene("C1 106/2 in ext "+customer, "C2 101/2 in ext [+4917055502]")
}

// A parked call that an agent takes back is theirs from then on, though the
// call by which they took it was made outside ICI.
func TestParked(t *testing.T) {
	t.Parallel()
	cfg := ctitest.Config()
	cfg.Parking = callmodel.ParkingConfig{First: "801", Places: 1}
	fake := ctitest.NewFakeSwitch(cfg)
	r := rigOn(t, fake, fake, nil)
	call, a, handle := r.alerting(ctitest.Anna)
	r.sw.PickUp(call)
	a.scene("C1 101/2 in ext " + customer)
	r.do(callmodel.Park{Conn: mustConn(t, handle)})
	a.scene("C1 4/3 in ext " + customer)
	r.login(ctitest.Bernd)
	b := r.script(ctitest.Bernd)
	b.expect("user BERND 2")
	own := callmodel.CallID{ID: r.sw.NewID()}
	r.do(callmodel.MakeCall{Agent: ctitest.Bernd, To: to("801"), Call: own})
	k := b.scene("C1 101/2 in ext " + customer)
	if !strings.Contains(k.AttachedData, "<FirstBName>Support</FirstBName>") {
		t.Errorf("the call is %+v", k)
	}
	r.sw.HangUp(call)
	b.scene("C1 4/3 in ext " + customer)
}
