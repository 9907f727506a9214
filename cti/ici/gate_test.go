package ici_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// slowSwitch answers a command only when told to, long after it was done.
type slowSwitch struct {
	port.Switch
	done   chan struct{} // one for each command that was done
	answer chan struct{}
}

func (l *slowSwitch) Do(ctx context.Context, cmd callmodel.Command) error {
	err := l.Switch.Do(ctx, cmd)
	if _, ok := cmd.(callmodel.HoldCall); ok {
		l.done <- struct{}{}
		<-l.answer
	}
	return err
}

// The client gets its answer before the events that its request has caused, and
// other agents' events do not wait.
func TestAnswerComesBeforeItsEvents(t *testing.T) {
	t.Parallel()
	fake := ctitest.NewFakeSwitch(ctitest.Config())
	late := &slowSwitch{fake, make(chan struct{}, 1), make(chan struct{})}
	r := rigOn(t, fake, late, nil)
	r.login(ctitest.Anna)
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	s := r.script(ctitest.Anna)
	p := s.expect("user ANNA 2", "C1 3/1 "+capHandset)
	r.sw.PickUp(call)
	s.expect("C1 101/2 " + capTalking)
	held := r.srv.Delivery().Held.Load() // events of the login may have waited too
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		r.must(ici.OpHold, &ici.CallRef{LineNumber: "+101", CallHandle: p.CallHandle})
	}()
	<-late.done
	ctitest.Eventually(t, "the event waits for the answer", func() bool { return r.srv.Delivery().Held.Load() == held+1 })
	r.login(ctitest.Bernd)
	r.script(ctitest.Bernd).expect("user BERND 2")
	select {
	case e := <-r.crm.events:
		t.Fatalf("%+v came before the answer", e)
	default:
	}
	late.answer <- struct{}{}
	<-answered
	s.expect("C1 106/2 " + capHold)
	if n := r.srv.Delivery().HeldTooLong.Load(); n != 0 {
		t.Errorf("%d events did not wait long enough", n)
	}
}

// While the interface is paused nothing is told and nothing is done; then the
// CRM learns what has changed, once.
func TestPause(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *ici.Config) { c.ShowBusyStatus = true })
	r.login(ctitest.Anna)
	first := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	s := r.script(ctitest.Anna)
	p := s.expect("user ANNA 2", "C1 3/1 "+capHandset)
	if !r.srv.Pause() || r.srv.Pause() {
		t.Error("it is not paused once")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	e, err := r.crm.next(ctx, func(e ici.Event) bool { _, ok := e.(*ici.SubscriptionEnded); return ok })
	if err != nil {
		t.Fatal(err)
	}
	if end := e.(*ici.SubscriptionEnded); end.Reason.ID != "2" || strings.Join(end.AppIDs, ",") != "ANNA" {
		t.Errorf("told %+v", end)
	}
	if _, err := r.ask(ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "anna", Workmode: "3"}); err == nil || !strings.Contains(err.Error(), "2/90") {
		t.Errorf("a request was answered: %v", err)
	}
	r.sw.PickUp(first)
	r.sw.PutDown(first)
	r.sw.SetAgent(ctitest.Anna, callmodel.NotReady, "")
	if changed, err := r.srv.Resume(t.Context()); !changed || err != nil {
		t.Fatal(changed, err)
	}
	s.expect("C1 4/3 "+capWrapUp, "user ANNA 3")
	r.must(ici.OpWrapUpEnded, &ici.ItemRef{ItemID: p.CallHandle})
	s.expect("C1 4/1")
	if changed, err := r.srv.Resume(t.Context()); changed || err != nil {
		t.Error("it was resumed twice")
	}
}

// A line fails with the phone that nobody can reach, and works again with it.
func TestPhoneUnreachable(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.login(ctitest.Anna)
	s := r.script(ctitest.Anna)
	s.expect("user ANNA 2")
	r.sw.Put(callmodel.EndpointState{Endpoint: "101", Online: false})
	s.expect("line 2")
	r.sw.Put(callmodel.EndpointState{Endpoint: "101", Online: true})
	s.expect("line 1")
}

// Subscriptions are numbered in their order and account for what was sent.
func TestSubscriptionsAreListed(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.login(ctitest.Anna)
	r.script(ctitest.Anna).expect("user ANNA 2")
	r.follow(ctitest.Bernd)
	r.follow(ctitest.Bernd) // a new login ends the old subscription
	var list []ici.SubscriptionInfo
	ctitest.Eventually(t, "the reply is counted", func() bool {
		list = r.srv.Subscriptions()
		return len(list) == 2 && list[0].Sent == 1
	})
	a, b := list[0], list[1]
	if a.Number != 1 || b.Number != 3 || a.AppID != "ANNA" || a.AppURL != r.crm.URL || strings.Join(a.Users, ",") != "anna" || strings.Join(b.Lines, ",") != "+102" ||
		a.LastEvent != "userChanged" || a.LastError != "" || a.Failed != 0 || b.LastEvent != "" || a.Since.After(b.Since) {
		t.Errorf("listed %+v", list)
	}
	r.crm.CloseClientConnections()
	r.crm.Close()
	r.must(ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "anna", Workmode: "3"})
	ctitest.Eventually(t, "the failure is counted", func() bool { a = r.srv.Subscriptions()[0]; return a.Failed == 1 })
	if a.LastError == "" || a.Sent != 1 {
		t.Errorf("listed %+v", a)
	}
	r.must(ici.OpUserUnsubscribe, &ici.Unsubscription{AppURL: r.crm.URL, AppID: "ANNA"})
	r.must(ici.OpContainerUnsubscribe, &ici.Unsubscription{AppURL: r.crm.URL, AppID: "ANNA"})
	r.must(ici.OpUserUnsubscribe, &ici.Unsubscription{AppURL: r.crm.URL, AppID: "BERND"})
	r.must(ici.OpContainerUnsubscribe, &ici.Unsubscription{AppURL: r.crm.URL, AppID: "BERND"})
}

// Settings change while calls are up: what shows differently is told; what
// belongs to the listener stays, and is named.
func TestApply(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.login(ctitest.Anna)
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	s := r.script(ctitest.Anna)
	s.expect("user ANNA 2", "C1 3/1 "+capHandset)
	r.sw.PickUp(call)
	s.expect("C1 101/2 " + capTalking)
	next := ici.DefaultConfig()
	next.Listen, next.BasePath, next.CapabilityProfile = "127.0.0.1:0", "/other", "strict"
	next.CallbackHosts = nil
	restart, err := r.srv.Apply(next)
	if err != nil || strings.Join(restart, ",") != "basePath" {
		t.Fatal(restart, err)
	}
	strict, told := s.raw().(*ici.PhoneCallChanged)
	if !told || strict.PhoneCall.CallStatus.ID != "101" || slices.Contains(strict.PhoneCall.CapabilityList, ici.CapConference) {
		t.Errorf("told %+v", strict)
	}
	r.refused("3/5", ici.OpUserSubscribe, &ici.UserSubscription{AppURL: strings.Replace(r.crm.URL, "127.0.0.1", "localhost", 1), AppID: "x", UserID: "anna"})
	next.MaxFailures = 0
	if _, err := r.srv.Apply(next); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
}
