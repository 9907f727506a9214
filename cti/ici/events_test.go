package ici_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// The capability lists of sap.md 4.1.
const (
	capAlerting = "1,2,3"
	capHandset  = "2,3"
	capTalking  = "3,4,6,7,8,102,104,105,107,109,110"
	capHold     = "4,6,7,8,102,103,104,105,108,109,110"
	capHeld     = "4,6,7,8,102"
	capWrapUp   = "5,6,7,8"
)

// TestSequences holds the golden event sequences of sap.md 4.3.
func TestSequences(t *testing.T) {
	t.Parallel()
	const anna, bernd = ctitest.Anna, ctitest.Bernd
	ring := func(r *rig, agent callmodel.AgentID) (callmodel.CallID, *script) {
		r.login(agent)
		return r.sw.Arrive(ctitest.Queue, ctitest.Caller, "Caller"), r.script(agent)
	}
	for _, sc := range []struct {
		name   string
		adjust func(*ici.Config)
		run    func(r *rig)
	}{
		{"A answered at the handset, wrapped up", nil, func(r *rig) {
			call, s := ring(r, anna)
			p := s.expect("user ANNA 2", "C1 3/1 "+capHandset)
			if p.LineNumber != "+101" || p.DialedNumber != "+"+ctitest.Queue || len(p.RemoteNumbers) != 1 || p.RemoteNumbers[0] != "+"+ctitest.Caller ||
				!p.Inbound || p.Internal || p.TrunkID != "" || p.AttachedData != ownData {
				r.Errorf("the call is %+v", p)
			}
			r.sw.PickUp(call)
			s.expect("C1 101/2 " + capTalking)
			r.sw.PutDown(call)
			s.expect("C1 4/3 " + capWrapUp)
			r.must(ici.OpWrapUpEnded, &ici.ItemRef{ItemID: p.CallHandle})
			s.expect("C1 4/1")
			// The next thing told must be the next thing that happens.
			r.sw.SetAgent(anna, callmodel.LoggedOut, "")
			s.expect("user ANNA 1")
		}},
		{"A accepted by the client", nil, func(r *rig) {
			_, s := ring(r, bernd)
			p := s.expect("user BERND 2", "C1 3/1 "+capAlerting)
			r.must(ici.OpAccept, &ici.ItemInContainer{ItemID: p.CallHandle, ContainerID: "102"})
			s.expect("C1 3/1 2,102", "C1 101/2 "+capTalking)
			r.must(ici.OpDrop, &ici.CallRef{LineNumber: "+102", CallHandle: p.CallHandle})
			s.expect("C1 4/3 " + capWrapUp)
			r.sw.Advance(ctitest.WrapUp)
			s.expect("C1 4/1")
		}},
		{"A strict capabilities", func(c *ici.Config) { c.CapabilityProfile = "strict" }, func(r *rig) {
			_, s := ring(r, bernd)
			p := s.expect("user BERND 2", "C1 3/1 1,2,3")
			r.must(ici.OpAccept, &ici.ItemInContainer{ItemID: p.CallHandle})
			s.expect("C1 3/1 2,102", "C1 101/2 3,6,7,8,102,107")
			r.must(ici.OpHold, &ici.CallRef{LineNumber: "102", CallHandle: p.CallHandle})
			s.expect("C1 106/2 6,7,8,102,103,108")
			r.must(ici.OpDrop, &ici.CallRef{LineNumber: "102", CallHandle: p.CallHandle})
			s.expect("C1 4/3 " + capWrapUp)
		}},
		{"A abandoned while alerting", nil, func(r *rig) {
			call, s := ring(r, anna)
			s.expect("user ANNA 2", "C1 3/1 "+capHandset)
			r.sw.HangUp(call)
			s.expect("C1 4/1")
			r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
			s.expect("C2 3/1 " + capHandset)
		}},
		{"A ring timeout", nil, func(r *rig) {
			_, s := ring(r, anna)
			s.expect("user ANNA 2", "C1 3/1 "+capHandset)
			r.sw.Advance(ctitest.RingTimeout)
			s.expect("C1 4/1", "user ANNA 3")
			r.sw.SetAgent(anna, callmodel.Ready, "")
			s.expect("user ANNA 2", "C2 3/1 "+capHandset) // the caller came first again
		}},
		{"A the phone does not answer after accept", nil, func(r *rig) {
			r.sw.Ignore(callmodel.Originate{}.What())
			_, s := ring(r, bernd)
			p := s.expect("user BERND 2", "C1 3/1 "+capAlerting)
			r.must(ici.OpAccept, &ici.ItemInContainer{ItemID: p.CallHandle})
			s.expect("C1 3/1 2,102")
			r.sw.Advance(5 * time.Second)
			s.expect("C1 4/1", "user BERND 3")
		}},
		{"B1 rerouted", nil, func(r *rig) {
			_, a := ring(r, anna)
			r.login(bernd)
			b := r.script(bernd)
			p := a.expect("user ANNA 2", "C1 3/1 "+capHandset)
			r.must(ici.OpReroute, &ici.ItemInContainer{ItemID: p.CallHandle, ContainerID: "101"})
			a.expect("C1 4/1")
			if next := b.expect("user BERND 2", "C1 3/1 "+capAlerting); next.CallHandle == p.CallHandle || next.AttachedData != ownData {
				r.Errorf("the next agent gets %+v", next)
			}
		}},
		{"D1 and D2 hold and retrieve", nil, func(r *rig) {
			call, s := ring(r, anna)
			p := s.expect("user ANNA 2", "C1 3/1 "+capHandset)
			r.sw.PickUp(call)
			s.expect("C1 101/2 " + capTalking)
			ref := &ici.CallRef{LineNumber: "+101", CallHandle: strings.ToLower(p.CallHandle)}
			r.must(ici.OpHold, ref)
			s.expect("C1 106/2 " + capHold)
			r.must(ici.OpUnhold, ref)
			s.expect("C1 101/2 " + capTalking)
		}},
		{"D3 and D4 held by the other side", nil, func(r *rig) {
			call, s := ring(r, anna)
			s.expect("user ANNA 2", "C1 3/1 "+capHandset)
			r.sw.PickUp(call)
			s.expect("C1 101/2 " + capTalking)
			caller := r.sw.Call(call).CallerConn().Channel
			r.sw.Put(callmodel.ChannelHeld{Channel: caller})
			s.expect("C1 107/2 " + capHeld)
			r.sw.Put(callmodel.ChannelUnheld{Channel: caller})
			s.expect("C1 101/2 " + capTalking)
		}},
		{"K the link is lost", nil, func(r *rig) {
			r.login(anna)
			s := r.script(anna)
			s.expect("user ANNA 2")
			r.sw.Put(callmodel.NodeDown{Node: ctitest.Node, Cause: "test"})
			s.expect("line 2")
			r.sw.Put(callmodel.Resync{Node: ctitest.Node, Epoch: "1"})
			s.expect("line 1")
		}},
		{"an offer that never alerts is not told", nil, func(r *rig) {
			r.sw.Ignore(callmodel.Originate{}.What())
			call, s := ring(r, anna)
			s.expect("user ANNA 2")
			handle := r.sw.Call(call).AgentConn().ID.Hex()
			if got := r.must(ici.OpGetCalls, &ici.LineRef{LineNumber: "101"}).(*ici.PhoneCalls); len(got.Calls) != 0 {
				r.Errorf("getCalls tells %+v", got.Calls)
			}
			r.refused("4/2", ici.OpCallGetAttributes, &ici.CallRef{LineNumber: "101", CallHandle: handle})
			r.sw.HangUp(call)
			r.refused("4/2", ici.OpCallGetAttributes, &ici.CallRef{LineNumber: "101", CallHandle: handle})
			r.sw.SetAgent(anna, callmodel.NotReady, "")
			s.expect("user ANNA 3")
		}},
		{"work modes", nil, func(r *rig) {
			call, s := ring(r, anna)
			p := s.expect("user ANNA 2", "C1 3/1 "+capHandset)
			r.sw.PickUp(call)
			s.expect("C1 101/2 " + capTalking) // busy is no work mode
			for _, mode := range []string{"1000", "3"} {
				r.must(ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "Anna", Workmode: mode})
				s.expect("user ANNA " + mode)
			}
			r.must(ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "Anna", Workmode: "1"})
			s.expect("user ANNA 2") // logged off when the last call is over
			r.must(ici.OpDrop, &ici.CallRef{LineNumber: "101", CallHandle: p.CallHandle})
			s.expect("C1 4/3 " + capWrapUp)
			r.must(ici.OpDrop, &ici.CallRef{LineNumber: "101", CallHandle: p.CallHandle})
			s.expect("C1 4/1", "user ANNA 1")
		}},
	} {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			sc.run(newRig(t, sc.adjust))
		})
	}
}

const ownData = `<ItemAttachedData><Application id="SAP_BCM/OII"><FirstBNumber>600</FirstBNumber><FirstBName>Support</FirstBName>` +
	`<BNumberName>support</BNumberName><OrigQueue>support</OrigQueue></Application></ItemAttachedData>`

// A receiver that does not answer holds the next event up for SoapWait and no
// longer, and the order stays.
func TestOrderWithASlowReceiver(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *ici.Config) { c.SoapWait = 20 * time.Millisecond })
	gate := make(chan struct{})
	t.Cleanup(func() { close(gate) })
	r.crm.mu.Lock()
	r.crm.gate = gate
	r.crm.mu.Unlock()
	r.login(ctitest.Anna)
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	r.sw.PickUp(call)
	ref := &ici.CallRef{LineNumber: "101", CallHandle: r.sw.Call(call).AgentConn().ID.Hex()}
	r.must(ici.OpHold, ref)
	r.must(ici.OpUnhold, ref)
	r.sw.HangUp(call)
	r.must(ici.OpWrapUpEnded, &ici.ItemRef{ItemID: ref.CallHandle})
	r.script(ctitest.Anna).expect("user ANNA 2", "C1 3/1 "+capHandset, "C1 101/2 "+capTalking, "C1 106/2 "+capHold,
		"C1 101/2 "+capTalking, "C1 4/3 "+capWrapUp, "C1 4/1")
	if n := r.srv.Delivery().Overtaken.Load(); n == 0 {
		t.Error("the receiver was not slow: nothing was proven")
	}
}

// deafSwitch lets a test cut the server's subscription off and hold the next one up.
type deafSwitch struct {
	*ctitest.FakeSwitch
	cut  chan struct{} // closed: the first subscription ends with Overrun
	back chan struct{} // closed: Watch works again
	tell chan struct{} // gets one for each Watch
}

func (d *deafSwitch) Watch(ctx context.Context, name string) (*callmodel.View, port.Subscription, error) {
	select {
	case <-d.cut:
		<-d.back
	default:
	}
	view, sub, err := d.FakeSwitch.Watch(ctx, name)
	if err == nil {
		sub = &cutSubscription{sub, d.cut, d.back}
	}
	d.tell <- struct{}{}
	return view, sub, err
}

type cutSubscription struct {
	port.Subscription
	cut, back chan struct{}
}

func (c *cutSubscription) Next(ctx context.Context) ([]port.Stamped, error) {
	select {
	case <-c.back: // the second subscription
		return c.Subscription.Next(ctx)
	default:
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-c.cut:
			cancel()
		case <-done:
		}
	}()
	batch, err := c.Subscription.Next(ctx)
	select {
	case <-c.cut:
		return nil, fault.New(fault.Overrun, "watch", "", "too slow")
	default:
		return batch, err
	}
}

// After an overrun the CRM is told what differs, and nothing twice.
func TestOverrun(t *testing.T) {
	t.Parallel()
	cfg := ctitest.Config()
	third := cfg.Agents[0]
	third.ID, third.Number, third.Line, third.Station.Endpoint = carol, 3, "103", "103"
	cfg.Agents = append(cfg.Agents, third)
	fake := ctitest.NewFakeSwitch(cfg)
	d := &deafSwitch{fake, make(chan struct{}), make(chan struct{}), make(chan struct{}, 10)}
	r := rigOn(t, fake, d, nil)
	<-d.tell
	a, b := r.script(ctitest.Anna), r.script(ctitest.Bernd)
	r.login(ctitest.Anna)
	r.login(ctitest.Bernd)
	gone := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	a.expect("user ANNA 2", "C1 3/1 "+capHandset)
	handle := r.sw.Call(gone).AgentConn().ID.Hex()
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	p := b.expect("user BERND 2", "C1 3/1 "+capAlerting)
	r.login(carol)
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	c := r.script(carol)
	c.expect("user CAROL 2", "C1 3/1 "+capHandset)

	close(d.cut)
	r.sw.HangUp(gone)                                                 // ended unseen
	r.must(ici.OpAccept, &ici.ItemInContainer{ItemID: p.CallHandle})  // changed unseen
	r.sw.SetAgent(ctitest.Anna, callmodel.NotReady, "lunch")          // changed unseen
	r.sw.Put(callmodel.NodeDown{Node: ctitest.Node, Cause: "unseen"}) // changed unseen
	close(d.back)
	<-d.tell
	a.expect("C1 4/1", "user ANNA 3", "line 2")
	b.expect("C1 101/2 "+capTalking, "line 2")
	c.expect("line 2") // her call has not changed
	if st := r.srv.Stats(); st.Overruns != 1 || st.Watches != 1 || st.Deaf {
		t.Errorf("stats %+v", st)
	}
	if got := r.must(ici.OpCallGetAttributes, &ici.CallRef{LineNumber: "101", CallHandle: handle}).(*ici.PhoneCall); got.CallStatus.ID != "4" {
		t.Errorf("the ended call is %+v", got)
	}
}

// lateSwitch holds its events back while the gate is shut, and says when a
// picture was taken.
type lateSwitch struct {
	*ctitest.FakeSwitch
	gate   chan chan struct{} // holds the channel that ends the wait
	viewed chan struct{}
}

func (l *lateSwitch) View(ctx context.Context) (*callmodel.View, error) {
	v, err := l.FakeSwitch.View(ctx)
	select {
	case l.viewed <- struct{}{}:
	default: // one is noted already
	}
	return v, err
}

func (l *lateSwitch) Watch(ctx context.Context, name string) (*callmodel.View, port.Subscription, error) {
	v, sub, err := l.FakeSwitch.Watch(ctx, name)
	return v, lateSubscription{sub, l.gate}, err
}

type lateSubscription struct {
	port.Subscription
	gate chan chan struct{}
}

func (l lateSubscription) Next(ctx context.Context) ([]port.Stamped, error) {
	batch, err := l.Subscription.Next(ctx)
	open := <-l.gate
	l.gate <- open
	select {
	case <-open:
	case <-ctx.Done():
	}
	return batch, err
}

// An item that has ended a moment ago, so that not even we have read the event,
// is not unknown.
func TestEndedAMomentAgo(t *testing.T) {
	t.Parallel()
	fake := ctitest.NewFakeSwitch(ctitest.Config())
	late := &lateSwitch{fake, make(chan chan struct{}, 1), make(chan struct{}, 1)}
	open := make(chan struct{})
	close(open)
	late.gate <- open
	r := rigOn(t, fake, late, nil)
	call, s, handle := r.alerting(ctitest.Anna)
	shut := make(chan struct{})
	<-late.gate
	late.gate <- shut
	r.sw.HangUp(call)
	select {
	case <-late.viewed: // of before
	default:
	}
	go func() {
		<-late.viewed
		close(shut)
	}()
	got := r.must(ici.OpCallGetAttributes, &ici.CallRef{LineNumber: "101", CallHandle: handle}).(*ici.PhoneCall)
	if got.CallStatus.ID != "4" {
		t.Errorf("the call is %+v", got)
	}
	s.expect("C1 4/1")
}
