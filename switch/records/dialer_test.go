package records

import (
	"testing"
	"time"

	"strowger/switch/callmodel"
)

// dialledCall is a customer of a campaign who was called at 10 s and answered at
// 18 s, and an agent with whom they could talk from 19.2 s on.
func dialledCall() *callmodel.Call {
	return &callmodel.Call{
		ID: callmodel.CallID{ID: callmodel.ID{1}}, Phase: callmodel.PhaseOver, Kind: callmodel.KindCampaign, Queue: "sales", Outcome: callmodel.OutcomeHandled,
		Campaign: "spring", ListID: "leads", Lead: "L-7", DialMode: callmodel.DialPredictive, Config: 3, ArrivedAt: 10 * second, AnsweredAt: 18 * second,
		Dial: &callmodel.DialState{Stage: callmodel.StageConnected, Deadline: 20 * second, Verdict: callmodel.VerdictHuman, VerdictAt: 18*second + second/2, GreetingEnd: 18*second + second/4},
		Conns: []callmodel.Connection{
			{
				ID: callmodel.ConnID{ID: callmodel.ID{2}}, Dialed: true, Role: callmodel.RoleParty, Device: "+49301", Trunk: "t1", ShowID: "+4930", State: callmodel.Ended, AskedAt: 10 * second,
				AlertingAt: 12 * second, ConnectedAt: 19 * second, BridgedAt: 19 * second, EndedAt: 60 * second, Cause: callmodel.CauseNormal,
			},
			{ID: callmodel.ConnID{ID: callmodel.ID{3}}, Role: callmodel.RoleAgent, Agent: "anna", State: callmodel.Ended, ConnectedAt: 19 * second, BridgedAt: 19*second + second/5, EndedAt: 60 * second},
		},
	}
}

// lastAttempt is the row that the end of a call leaves.
func lastAttempt(t *testing.T, c *callmodel.Call) Attempt {
	t.Helper()
	rows := newFold(t, Rows{}).Step(event(9, 70*second, callmodel.EvCallEnded, c, callmodel.ConnID{}))
	if len(rows.Attempts) != 1 {
		t.Fatalf("the end of a call of the dialer leaves %+v", rows.Attempts)
	}
	return rows.Attempts[0]
}

func TestAttemptOfTheDialer(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) time.Time { return time.Unix(1_700_000_000, 0).Add(d).UTC() }
	a := lastAttempt(t, dialledCall())
	want := DialerPart{
		Campaign: "spring", List: "leads", Lead: "L-7", Mode: "predictive", Verdict: "human", Took: time.Second / 2, Greeting: at(18250 * time.Millisecond),
		Deadline: at(20 * time.Second), Bridged: at(19200 * time.Millisecond), Result: "handled", Version: 3,
	}
	if a.Dialer != want {
		t.Errorf("got  %+v\nwant %+v", a.Dialer, want)
	}
	if a.Outcome != EndAnswered || a.Ring != 8*time.Second || a.Talk != 40800*time.Millisecond || !a.Answered.Equal(at(18*time.Second)) || a.Agent != "anna" {
		t.Errorf("got %+v", a)
	}
	inbound := waiting()
	if rows := newFold(t, Rows{}).Step(event(9, 70*second, callmodel.EvCallEnded, inbound, callmodel.ConnID{})); len(rows.Attempts) != 0 {
		t.Errorf("the end of a caller's call leaves %+v", rows.Attempts)
	}
}

// TestWishesOfAnAttempt: what the customer wants from now on, by their key or as
// the agent says, and how much they were told.
func TestWishesOfAnAttempt(t *testing.T) {
	t.Parallel()
	c := dialledCall()
	again := time.Unix(1_700_090_000, 0).UTC()
	c.Conns[1].Callback = &callmodel.CallbackAt{At: again, Mine: true, Number: "+49302"}
	if d := lastAttempt(t, c).Dialer; !d.Again.Equal(again) || d.AgainBy != "anna" || d.AgainAt != "+49302" || d.DoNotCall || d.Dropped || d.Message != NotTold {
		t.Errorf("a callback by the same agent: %+v", d)
	}
	c = dialledCall()
	c.Conns[1].Callback, c.Conns[1].DoNotCall = &callmodel.CallbackAt{At: again}, true
	if d := lastAttempt(t, c).Dialer; d.AgainBy != "" || !d.DoNotCall {
		t.Errorf("a callback by anybody: %+v", d)
	}
	c = dialledCall()
	c.Conns = c.Conns[:1]
	c.Outcome, c.Dial.Told, c.Conns[0].DoNotCall, c.Conns[0].ConnectedAt, c.Conns[0].BridgedAt = callmodel.OutcomeDropped, 20*second, true, 0, 0
	if a := lastAttempt(t, c); !a.Dialer.Dropped || !a.Dialer.DoNotCall || a.Dialer.Message != TellBegun || !a.Dialer.Bridged.IsZero() || a.Talk != 0 || a.Outcome != EndAnswered {
		t.Errorf("dropped, with the key pressed: %+v", a)
	}
	c.Dial.Heard = true
	if d := lastAttempt(t, c).Dialer; d.Message != ToldWhole {
		t.Errorf("told to its end: %+v", d)
	}
}

// TestAttemptThatWasNotMade: a customer whom an agent has looked at and skipped
// was not called, and the attempt has a row that says so.
func TestAttemptThatWasNotMade(t *testing.T) {
	t.Parallel()
	c := dialledCall()
	c.DialMode, c.Outcome, c.AnsweredAt, c.Dial = callmodel.DialPreview, callmodel.OutcomeSkipped, 0, &callmodel.DialState{Stage: callmodel.StagePreview}
	c.Conns[0] = callmodel.Connection{ID: c.Conns[0].ID, Dialed: true, Role: callmodel.RoleParty, Device: "+49301", State: callmodel.Ended, EndedAt: 30 * second, Cause: callmodel.CauseNormal}
	c.Conns[1].ConnectedAt, c.Conns[1].BridgedAt = 0, 0
	a := lastAttempt(t, c)
	if a.Dialer.Result != "skipped" || !a.Started.Equal(time.Unix(1_700_000_010, 0)) || a.Ring != 0 || a.Outcome != EndWithdrawn || !a.Answered.IsZero() {
		t.Errorf("got %+v", a)
	}
}

// TestCampaignsSpoilNoServiceLevel: customers whom a campaign calls are no
// callers of the queue; what its agents do for them is work all the same.
func TestCampaignsSpoilNoServiceLevel(t *testing.T) {
	t.Parallel()
	called, talk := stay("D", "09:00:30", 2, callmodel.VisitEnded), work("D", "09:00:30", "09:00:31", 60, Talking, EndHungUp)
	called.Kind, talk.Kind = string(callmodel.KindCampaign), string(callmodel.KindCampaign)
	lines := tallied(t, TallyOptions{By: ByQueue}, []Segment{stay("A", "09:00:10", 12, callmodel.VisitAnswered), called, talk})
	if len(lines) != 1 || lines[0].Offered != 1 || lines[0].Answered != 1 || lines[0].Ended != 0 || lines[0].Talk != time.Minute {
		t.Errorf("got %+v", lines)
	}
}

// TestCustomerWhoGoesOnInAnotherCall: the attempt keeps what was known when a
// conference took them there, and what happens there is no attempt of its own.
func TestCustomerWhoGoesOnInAnotherCall(t *testing.T) {
	t.Parallel()
	f, c := newFold(t, Rows{}), dialledCall()
	c.Phase, c.Conns[0].State, c.Conns[0].EndedAt, c.Conns[1].State, c.Conns[1].EndedAt = callmodel.PhaseTalking, callmodel.Connected, 0, callmodel.Connected, 0
	rows := f.Step(event(5, 20*second, callmodel.EvDataChanged, c, c.Conns[1].ID)) // about the agent
	if len(rows.Attempts) != 1 || rows.Attempts[0].Dialer.Result != "handled" || rows.Attempts[0].Dialer.Bridged.IsZero() {
		t.Errorf("while they talk: %+v", rows.Attempts)
	}
	other := waiting()
	other.ID, other.Phase, other.Conns = callmodel.CallID{ID: callmodel.ID{7}}, callmodel.PhaseTalking, append(other.Conns, c.Conns[0])
	if rows = f.Step(event(6, 30*second, callmodel.EvTransferred, other, c.Conns[0].ID)); len(rows.Attempts) != 0 {
		t.Errorf("in the other call: %+v", rows.Attempts)
	}
	c.Phase, c.Outcome, c.Conns = callmodel.PhaseOver, callmodel.OutcomeTransferred, c.Conns[1:]
	if rows = f.Step(event(7, 30*second, callmodel.EvCallEnded, c, callmodel.ConnID{})); len(rows.Attempts) != 0 {
		t.Errorf("the end of the call that they have left: %+v", rows.Attempts)
	}
}
