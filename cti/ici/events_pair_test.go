package ici_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
)

// Other parties as events name them.
const (
	customer = "[+" + ctitest.Caller + "]"
	outside  = "[" + ctitest.Outside + "]"
	anna     = "[+101]"
	bernd    = "[+102]"
)

// scene checks the next phone call events of the line, in full: number of the
// item, state, direction, inside or outside, other parties. The capabilities
// must be the reference's.
func (s *script) scene(want ...string) ici.PhoneCall {
	s.r.Helper()
	var p ici.PhoneCall
	for _, w := range want {
		e, ok := s.raw().(*ici.PhoneCallChanged)
		if !ok {
			s.r.Fatalf("another event than %q", w)
		}
		p = e.PhoneCall
		words := strings.Fields(s.text(e))
		direction, side := "out", "ext"
		if p.Inbound {
			direction = "in"
		}
		if p.Internal {
			side = "int"
		}
		if got := fmt.Sprintf("%s %s %s %s %v", words[0], words[1], direction, side, p.RemoteNumbers); got != w {
			s.r.Fatalf("event %q, want %q", got, w)
		}
		st, _ := strconv.Atoi(p.CallStatus.ID)
		processing, _ := strconv.Atoi(p.ProcessingStatus.ID)
		caps := slices.DeleteFunc(ici.DefaultCapabilities(st, processing), func(n int) bool { return n == ici.CapAccept && s.line == "+101" })
		if len(p.CapabilityList) != 2 && !reflect.DeepEqual(append([]int{}, p.CapabilityList...), append([]int{}, caps...)) {
			s.r.Fatalf("%s: capabilities %v, want %v", w, p.CapabilityList, caps)
		}
	}
	return p
}

// silent proves that a line has been told nothing, by what is told next.
func (s *script) silent(agent callmodel.AgentID) {
	s.r.Helper()
	s.r.sw.SetAgent(agent, callmodel.NotReady, "")
	s.expect("user " + strings.ToUpper(string(agent)) + " 3")
	s.r.sw.SetAgent(agent, callmodel.Ready, "")
	s.expect("user " + strings.ToUpper(string(agent)) + " 2")
}

func (r *rig) do(cmd callmodel.Command) {
	r.Helper()
	if err := r.sw.Do(r.Context(), cmd); err != nil {
		r.Fatalf("%s: %v", cmd.Tag(), err)
	}
}

func to(number string) callmodel.Dest {
	return callmodel.Dest{Kind: callmodel.DestNumber, Value: number}
}

// pair is Anna with a customer; Bernd is there and has no call.
type pair struct {
	*rig
	a, b *script
	call callmodel.CallID // the customer's
	c1   callmodel.ConnID // Anna's part in it
}

func newPair(t *testing.T, adjust func(*ici.Config)) *pair {
	t.Helper()
	r := newRig(t, adjust)
	p := &pair{rig: r, a: r.script(ctitest.Anna), b: r.script(ctitest.Bernd)}
	r.login(ctitest.Anna)
	p.a.expect("user ANNA 2")
	p.call = r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	p.a.scene("C1 3/1 in ext " + customer)
	r.sw.PickUp(p.call)
	p.c1 = mustConn(t, p.a.scene("C1 101/2 in ext "+customer).CallHandle)
	r.login(ctitest.Bernd)
	p.b.expect("user BERND 2")
	return p
}

// consult starts a consultation and returns its call.
func (p *pair) consult(number string) callmodel.CallID {
	p.Helper()
	c2 := callmodel.CallID{ID: p.sw.NewID()}
	p.do(callmodel.Consult{Conn: p.c1, To: to(number), Call: c2})
	return c2
}

// accept lets Bernd take what alerts at his line.
func (p *pair) accept() {
	p.Helper()
	view, err := p.sw.View(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	p.do(callmodel.Accept{Conn: view.Agents[1].Conn})
}

// consulting is a consultation with Bernd who has answered.
func (p *pair) consulting() callmodel.CallID {
	p.Helper()
	c2 := p.consult(ctitest.BerndLine)
	p.a.scene("C1 106/2 in ext "+customer, "C2 103/2 out int "+bernd, "C2 104/2 out int "+bernd)
	p.b.scene("C1 3/1 in int " + anna)
	p.accept()
	p.a.scene("C2 101/2 out int " + bernd)
	p.b.scene("C1 3/1 in int "+anna, "C1 101/2 in int "+anna)
	return c2
}

// own returns the connection of the maker of a call.
func (p *pair) own(c callmodel.CallID) callmodel.ConnID { return p.sw.Call(c).Conns[0].ID }

func (p *pair) setData(conn callmodel.ConnID, data string) {
	p.Helper()
	p.do(callmodel.SetData{Conn: conn, Entries: []callmodel.AttachedData{{App: "CRM", Media: "application/xml", Data: data}}})
}

// TestPairSequences holds the golden event sequences of sap.md 4.3 for what
// agents do with two calls.
func TestPairSequences(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(p *pair){
		"E2 the target turns the consultation down": func(p *pair) {
			c2 := p.consult(ctitest.BerndLine)
			p.a.scene("C1 106/2 in ext "+customer, "C2 103/2 out int "+bernd, "C2 104/2 out int "+bernd)
			p.b.scene("C1 3/1 in int " + anna)
			p.do(callmodel.Reject{Conn: p.sw.Call(c2).AgentConn().ID})
			p.a.scene("C2 4/1 out int " + bernd)
			p.b.scene("C1 4/1 in int " + anna)
			p.do(callmodel.Retrieve{Conn: p.c1})
			p.a.scene("C1 101/2 in ext " + customer)
		},
		"E3 and G3 transferred": func(p *pair) {
			p.setData(p.c1, "<order>1</order>")
			p.a.scene("C1 101/2 in ext " + customer)
			c2 := p.consulting()
			p.do(callmodel.Transfer{Conn: p.own(c2)})
			p.a.scene("C2 4/1 out int "+bernd, "C1 4/3 in ext "+customer)
			k := p.b.scene("C1 101/2 in ext " + customer)
			if k.DialedNumber != "+"+ctitest.Queue || !strings.Contains(k.AttachedData, "<order>1</order>") || !strings.Contains(k.AttachedData, "<OrigQueue>support</OrigQueue>") {
				p.Errorf("the transferred call is %+v", k)
			}
			p.must(ici.OpWrapUpEnded, &ici.ItemRef{ItemID: p.c1.Hex()})
			p.a.scene("C1 4/1 in ext " + customer)
			p.sw.HangUp(p.call)
			p.b.scene("C1 4/3 in ext " + customer)
			p.sw.Advance(ctitest.WrapUp)
			p.b.scene("C1 4/1 in ext " + customer)
			p.a.silent(ctitest.Anna) // it was over for her
		},
		"G5 transferred while the target rings": func(p *pair) {
			c2 := p.consult(ctitest.BerndLine)
			p.a.scene("C1 106/2 in ext "+customer, "C2 103/2 out int "+bernd, "C2 104/2 out int "+bernd)
			p.b.scene("C1 3/1 in int " + anna)
			p.do(callmodel.Transfer{Conn: p.own(c2)})
			p.a.scene("C2 4/1 out int "+bernd, "C1 4/3 in ext "+customer)
			p.b.scene("C1 3/1 in ext " + customer)
			p.accept()
			p.b.scene("C1 3/1 in ext "+customer, "C1 101/2 in ext "+customer)
		},
		"E4 and G4 conference": func(p *pair) {
			c2 := p.consulting()
			p.do(callmodel.Conference{Conn: p.own(c2)})
			p.a.scene("C1 108/2 in ext [+4917055501 +102]", "C2 4/1 out int "+bernd)
			p.b.scene("C1 109/2 in ext [+101 +4917055501]")
			p.do(callmodel.HoldCall{Conn: p.c1})
			p.a.scene("C1 106/2 in ext [+4917055501 +102]")
			p.do(callmodel.Retrieve{Conn: p.c1})
			p.a.scene("C1 108/2 in ext [+4917055501 +102]")
			p.do(callmodel.DropParty{Conn: p.c1, Party: ctitest.BerndLine})
			p.a.scene("C1 101/2 in ext " + customer)
			p.b.scene("C1 4/3 in ext [+101 +4917055501]")
		},
		"E4 the owner leaves the conference": func(p *pair) {
			c2 := p.consulting()
			p.do(callmodel.Conference{Conn: p.own(c2)})
			p.a.scene("C1 108/2 in ext [+4917055501 +102]", "C2 4/1 out int "+bernd)
			p.b.scene("C1 109/2 in ext [+101 +4917055501]")
			p.must(ici.OpDrop, &ici.CallRef{LineNumber: "101", CallHandle: p.c1.Hex()})
			p.a.scene("C1 4/3 in ext [+4917055501 +102]")
			p.b.scene("C1 101/2 in ext " + customer)
		},
		"E5 reconnected": func(p *pair) {
			c2 := p.consulting()
			p.do(callmodel.Reconnect{Conn: p.own(c2)})
			p.a.scene("C2 4/1 out int "+bernd, "C1 101/2 in ext "+customer)
			p.b.scene("C1 4/1 in int " + anna)
		},
		"E6 alternated": func(p *pair) {
			c2 := p.consulting()
			p.do(callmodel.Alternate{Conn: p.own(c2)})
			p.a.scene("C2 106/2 out int "+bernd, "C1 101/2 in ext "+customer)
			p.b.scene("C1 107/2 in int " + anna)
			p.do(callmodel.Alternate{Conn: p.c1})
			p.a.scene("C1 106/2 in ext "+customer, "C2 101/2 out int "+bernd)
			p.b.scene("C1 101/2 in int " + anna)
		},
		"E7 the target hangs up": func(p *pair) {
			c2 := p.consulting()
			p.sw.PutDown(c2)
			p.a.scene("C2 4/1 out int " + bernd)
			p.b.scene("C1 4/1 in int " + anna)
			p.do(callmodel.Retrieve{Conn: p.c1})
			p.a.scene("C1 101/2 in ext " + customer)
		},
		"E8 the customer hangs up on hold": func(p *pair) {
			c2 := p.consulting()
			p.sw.HangUp(p.call)
			p.a.scene("C1 4/3 in ext " + customer)
			p.do(callmodel.Drop{Conn: p.own(c2)})
			p.a.scene("C2 4/1 out int " + bernd)
			p.b.scene("C1 4/1 in int " + anna)
		},
		"E consultation of a number outside": func(p *pair) {
			c2 := p.consult(ctitest.Outside)
			p.a.scene("C1 106/2 in ext "+customer, "C2 103/2 out ext "+outside, "C2 104/2 out ext "+outside)
			party := p.sw.Call(c2).Conns[1].ID
			p.sw.Lift(party)
			p.a.scene("C2 101/2 out ext " + outside)
			p.do(callmodel.Conference{Conn: p.own(c2)})
			p.a.scene("C1 108/2 in ext [+4917055501 +49301234567]", "C2 4/1 out ext "+outside)
			p.sw.Clear(party, callmodel.CauseNormal)
			p.a.scene("C1 101/2 in ext " + customer)
		},
		"F1 and G6 transferred without asking": func(p *pair) {
			p.do(callmodel.BlindTransfer{Conn: p.c1, To: to(ctitest.BerndLine)})
			p.a.scene("C1 4/3 in ext " + customer)
			k := p.b.scene("C1 3/1 in ext " + customer)
			if k.CallHandle == p.c1.Hex() || !strings.Contains(k.AttachedData, "<FirstBName>Support</FirstBName>") {
				p.Errorf("the transferred call is %+v", k)
			}
			p.do(callmodel.Reject{Conn: mustConn(p.T, k.CallHandle)})
			p.b.scene("C1 4/1 in ext " + customer)
		},
		"F2 refused": func(p *pair) {
			if err := p.sw.Do(p.Context(), callmodel.BlindTransfer{Conn: p.c1, To: to("+4420123")}); err == nil {
				p.Error("a number that is barred is called")
			}
			p.do(callmodel.HoldCall{Conn: p.c1})
			p.a.scene("C1 106/2 in ext " + customer)
		},
		"B2 deflected": func(p *pair) {
			p.do(callmodel.DropAll{Conn: p.c1})
			p.a.scene("C1 4/3 in ext " + customer)
			call := p.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
			k := p.b.scene("C1 3/1 in ext " + customer)
			p.do(callmodel.EndWrapUp{Conn: p.c1})
			p.a.scene("C1 4/1 in ext " + customer)
			p.do(callmodel.Deflect{Conn: mustConn(p.T, k.CallHandle), To: to(ctitest.AnnaLine)})
			p.b.scene("C1 4/1 in ext " + customer)
			p.a.scene("C2 3/1 in ext " + customer)
			p.sw.PickUp(call)
			p.a.scene("C2 101/2 in ext " + customer)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(newPair(t, nil))
		})
	}
}

// A call moves to another while our subscription is cut: its item keeps its
// name, and only what shows is told.
func TestMovedUnseen(t *testing.T) {
	t.Parallel()
	p := newPair(t, nil)
	c2 := p.consulting()
	p.sw.LimitWatch(1) // the next batch is too much
	p.do(callmodel.Transfer{Conn: p.own(c2)})
	p.sw.LimitWatch(ctitest.DefaultWatchLimit)
	<-p.sw.Watched()
	seen := []string{p.a.text(p.a.raw()), p.a.text(p.a.raw())}
	slices.Sort(seen)
	if want := []string{"C1 4/3 " + capWrapUp, "C2 4/1"}; !slices.Equal(seen, want) {
		t.Errorf("told %v, want %v", seen, want)
	}
	p.b.scene("C1 101/2 in ext " + customer)
	if st := p.srv.Stats(); st.Overruns != 1 {
		t.Errorf("the subscription was not cut: %+v", st)
	}
}
