package demo

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"strowger/cti/ici"
	"strowger/cti/soap"
)

// How agents work in the CRM.
const (
	minAccept, maxAccept = 700 * time.Millisecond, 2 * time.Second
	minHold, maxHold     = 2 * time.Second, 3 * time.Second
	minNotes, maxNotes   = 1500 * time.Millisecond, 3 * time.Second
	holdOne              = 3 // one call in 3 is put on hold
	lateAfter            = 2 * time.Second
)

// seat is an agent's screen in the CRM. For an agent with a handset it only
// shows; the others work with it. One goroutine, one plan at a time.
type seat struct {
	crm   *crm
	agent Agent
	rng   *rand.Rand
	inbox chan ici.Event

	held bool // the present call has been on hold
	plan *time.Timer
	do   func(context.Context) error
}

func (s *seat) appID() string { return "demo-" + s.agent.Line }

// login subscribes, and logs in who works in the CRM.
func (s *seat) login(ctx context.Context) error {
	if _, err := s.crm.ask(ctx, ici.OpUserGetAttributes, &ici.UserQuery{UserID: s.agent.ID}); err != nil {
		return err
	}
	if _, err := s.crm.ask(ctx, ici.OpContainerSubscribe, &ici.ContainerSubscription{
		AppURL: s.crm.appURL, AppID: s.appID(), ChannelType: ici.ChannelPhone, ContainerID: s.agent.Line,
	}); err != nil {
		return err
	}
	if !s.agent.OnAccept {
		return nil
	}
	if _, err := s.crm.ask(ctx, ici.OpUserSubscribe, &ici.UserSubscription{AppURL: s.crm.appURL, AppID: s.appID(), UserID: s.agent.ID}); err != nil {
		return err
	}
	return s.workmode(ctx, ici.Ready)
}

// logoff undoes login as far as the switch is there.
func (s *seat) logoff(ctx context.Context) {
	key := &ici.Unsubscription{AppURL: s.crm.appURL, AppID: s.appID()}
	steps := []func() error{func() error { return s.request(ctx, ici.OpContainerUnsubscribe, key) }}
	if s.agent.OnAccept {
		steps = append(steps, func() error { return s.request(ctx, ici.OpUserUnsubscribe, key) }, func() error { return s.workmode(ctx, ici.LoggedOff) })
	}
	for _, step := range steps {
		if err := step(); err != nil {
			s.crm.demo.Log.Debug("log off from the CRM", "agent", s.agent.ID, "error", err)
		}
	}
}

func (s *seat) request(ctx context.Context, op ici.Op, p ici.Params) error {
	_, err := s.crm.ask(ctx, op, p)
	return err
}

func (s *seat) workmode(ctx context.Context, mode int) error {
	return s.request(ctx, ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: s.agent.ID, Workmode: strconv.Itoa(mode)})
}

// work shows events and acts on them until ctx ends.
func (s *seat) work(ctx context.Context) {
	s.plan = time.NewTimer(time.Hour)
	s.plan.Stop()
	defer s.plan.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-s.inbox:
			s.react(e)
		case <-s.plan.C:
			if do := s.do; do != nil {
				s.do = nil
				s.report(ctx, do(ctx))
			}
		}
	}
}

// next plans what the agent does d from now, in place of any other plan.
func (s *seat) next(d time.Duration, do func(context.Context) error) {
	s.do = do
	s.plan.Reset(d)
}

func (s *seat) react(event ici.Event) {
	if !s.agent.OnAccept {
		return
	}
	switch e := event.(type) {
	case *ici.PhoneCallChanged:
		s.call(&e.PhoneCall)
	case *ici.UserChanged:
		if e.User.CurrentWorkmode.ID == ici.Workmode(ici.NotReady).ID {
			s.next(restAfter, func(ctx context.Context) error {
				s.tell(0, "ready", "is back: setCurrentWorkmode 2 (ready)")
				return s.workmode(ctx, ici.Ready)
			})
		}
	}
}

// call decides what to do with an item in its new state.
func (s *seat) call(p *ici.PhoneCall) {
	ref := &ici.CallRef{LineNumber: p.LineNumber, CallHandle: p.CallHandle}
	number := s.crm.demo.book.callWith(p.CallHandle, p.RemoteNumbers)
	act := func(op ici.Op, params ici.Params, what, text string, done func(*Summary)) func(context.Context) error {
		return func(ctx context.Context) error {
			s.tell(number, what, text)
			err := s.request(ctx, op, params)
			if err == nil {
				s.crm.demo.tally.count(done)
			}
			return err
		}
	}
	switch status, _ := strconv.Atoi(p.CallStatus.ID); {
	case label(p) == ici.ProcessingStatus(ici.WrapUp).Description:
		s.next(between(s.rng, minNotes, maxNotes), act(ici.OpWrapUpEnded, &ici.ItemRef{ItemID: p.CallHandle}, "wrap-up-end",
			"has written the notes: wrapUpEnded", func(t *Summary) { t.CRMWrapUpEnded++ }))
	case status == ici.CallAlerting && can(p, ici.CapAccept):
		s.held = false
		s.next(between(s.rng, minAccept, maxAccept), act(ici.OpAccept, &ici.ItemInContainer{ItemID: p.CallHandle, ContainerID: p.LineNumber}, "accept",
			"accepts the call: accept", func(t *Summary) { t.CRMAccepted++ }))
	case status == ici.CallConnected && !s.held && one(s.rng, holdOne):
		s.held = true
		s.next(between(s.rng, minHold, maxHold), act(ici.OpHold, ref, "hold", "looks something up: hold", func(*Summary) {}))
	case status == ici.CallHold:
		s.next(between(s.rng, minHold, maxHold), act(ici.OpUnhold, ref, "unhold", "is back with the answer: unhold", func(t *Summary) { t.CRMHeld++ }))
	default:
		s.do = nil
	}
}

func can(p *ici.PhoneCall, capability int) bool {
	for _, c := range p.CapabilityList {
		if c == capability {
			return true
		}
	}
	return false
}

func (s *seat) tell(call int64, what, text string) {
	s.crm.demo.Report.tell(Event{Who: byCRM, Call: call, Agent: s.agent.Line, What: what, Text: "agent " + s.agent.Line + " " + text})
}

// report deals with a refused request. The caller may have hung up in the same
// moment: then the next event says so and replaces the plan to complain.
func (s *seat) report(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	complain := func(context.Context) error {
		s.crm.demo.tally.problem(Event{Agent: s.agent.Line, What: "crm", Text: "agent " + s.agent.Line + " in the CRM: " + strings.TrimSpace(err.Error())})
		return nil
	}
	var refused *soap.Fault
	if errors.As(err, &refused) {
		s.next(lateAfter, complain)
		return
	}
	_ = complain(ctx) // it always returns nil
}
