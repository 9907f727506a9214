package test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/sip/ua"
)

// picture is everything that a restart must not change. Moments are apart,
// because the tie between the switch's time line and the calendar is made anew.
type picture struct {
	text    string
	moments []time.Time
}

// sameMoment is how far a time may seem to move over a restart.
const sameMoment = 200 * time.Millisecond

func (s *site) picture() picture {
	s.t.Helper()
	var v rest.Snapshot
	s.must(http.MethodGet, "/api/v1/snapshot", nil, &v)
	var b strings.Builder
	var p picture
	note := func(at ...*time.Time) {
		for _, t := range at {
			if t == nil {
				t = &time.Time{}
			}
			p.moments = append(p.moments, *t)
		}
	}
	for _, c := range v.Calls {
		fmt.Fprintf(&b, "call %d %s %s %q dialled=%s caller=%s %q queue=%s\n",
			c.Number, c.ID, c.Phase, c.Outcome, c.Dialled, c.Caller, c.CallerName, c.Queue)
		note(c.ArrivedAt, c.AnsweredAt, c.TalkingAt, c.OverAt)
		for _, p := range c.Connections {
			fmt.Fprintf(&b, "  connection %d %s %s %s agent=%s %s work=%s leg=%s can=%v\n",
				p.Number, p.ID, p.Role, p.Device, p.Agent, p.State, p.Work, p.Leg, p.Capabilities)
			note(p.AlertingAt, p.ConnectedAt, p.EndedAt)
		}
	}
	for _, a := range v.Agents {
		fmt.Fprintf(&b, "agent %s %s %q pending=%s call=%s connection=%s handled=%d\n",
			a.ID, a.State, a.Reason, a.Pending, a.Call, a.Connection, a.Handled)
		note(a.Since)
	}
	for _, q := range v.Queues {
		fmt.Fprintf(&b, "queue %s waiting=%v offered=%d talking=%d arrived=%d answered=%d abandoned=%d\n",
			q.ID, q.WaitingCalls, q.Offered, q.Talking, q.Arrived, q.Answered, q.Abandoned)
	}
	p.text = b.String()
	return p
}

// restart ends the controller and starts it again, and checks that it knows
// what it knew before.
func (s *site) restart(kill bool) {
	s.t.Helper()
	before := s.picture()
	if kill {
		s.kill()
	} else {
		s.stop()
	}
	s.start()
	s.mustLookLike(before)
}

// mustLookLike waits until the state is that of an earlier picture.
func (s *site) mustLookLike(before picture) {
	s.t.Helper()
	var changed string
	eventually(s.t, "the state is that of before", func() bool {
		changed = difference(before, s.picture())
		return changed == ""
	}, &changed)
}

// difference says what changed, line by line.
func difference(before, after picture) string {
	var out strings.Builder
	for _, d := range []struct{ sign, of, in string }{{"- ", before.text, after.text}, {"+ ", after.text, before.text}} {
		lines := strings.Split(d.in, "\n")
		for line := range strings.SplitSeq(d.of, "\n") {
			if !slices.Contains(lines, line) {
				fmt.Fprintf(&out, "\n%s%s", d.sign, line)
			}
		}
	}
	for i := range min(len(before.moments), len(after.moments)) {
		if d := after.moments[i].Sub(before.moments[i]); d.Abs() > sameMoment {
			fmt.Fprintf(&out, "\ntime %d moved by %v", i, d)
		}
	}
	return out.String()
}

// TestRestart ends the controller in each state of a call, politely and by
// kill -9. The calls go on, the state is the same, and the call then ends as
// if nothing had happened.
func TestRestart(t *testing.T) {
	for _, state := range []struct {
		name string
		run  func(*site, func())
	}{
		{"waiting", restartWaiting},
		{"ringing", restartRinging},
		{"talking", restartTalking},
		{"on hold", restartOnHold},
		{"wrap-up", restartInWrapUp},
	} {
		for how, kill := range map[string]bool{"SIGTERM": false, "SIGKILL": true} {
			t.Run(state.name+"/"+how, func(t *testing.T) {
				s := stage(t, patientDesks)
				state.run(s, func() { s.t.Helper(); s.restart(kill) })
				s.noLeftovers()
			})
		}
	}
}

func restartWaiting(s *site, restart func()) {
	a1 := s.caller("4917055501").Dial("600")
	a1.MustBeAnswered()
	a2 := s.caller("4917055502").Dial("600")
	a2.MustBeAnswered()
	s.wantWaiting("sales", "4917055501", "4917055502")
	restart()
	mustHearMusic(s.t, a1, 1000)
	desk1, desk2 := s.desk("101"), s.desk("102")
	s.agentState("anna", "ready")
	b1 := desk1.Expect()
	if b1.From().User != "4917055501" {
		s.t.Errorf("%s is served first", b1.From().User)
	}
	s.agentState("ben", "ready")
	b2 := desk2.Expect()
	b1.MustAnswer()
	b2.MustAnswer()
	siptest.Talk(a1, b1)
	siptest.Talk(a2, b2)
	a1.MustHangup()
	a2.MustHangup()
	s.endWrapUps("anna", "ben")
}

func restartRinging(s *site, restart func()) {
	desk := s.desk("101")
	s.agentState("anna", "ready")
	a := s.caller("4917055501").Dial("600")
	b := desk.Expect()
	a.MustRing()
	s.waitConn("alerting")
	restart()
	if st := b.Snapshot().State; st != ua.Ringing {
		s.t.Fatalf("the phone is %v after the restart", st)
	}
	b.MustAnswer()
	a.MustBeAnswered()
	siptest.Talk(a, b)
	b.MustHangup()
	a.MustEndBy(ua.Remote, 0)
	s.endWrapUps("anna")
}

func restartTalking(s *site, restart func()) {
	a, b := s.talking()
	g := markGaps(s.t, a, b)
	restart()
	siptest.Talk(a, b)
	if d := g.longest(); d > maxGap {
		s.t.Errorf("the audio was gone for %v", d)
	} else {
		progress(fmt.Sprintf("%s: longest audio gap %v", s.t.Name(), d.Round(1e6)))
	}
	a.MustHangup()
	b.MustEndBy(ua.Remote, 0)
	s.endWrapUps("anna")
}

func restartOnHold(s *site, restart func()) {
	a, b := s.talking()
	s.command(s.agentConn(), "hold")
	s.waitConn("hold")
	mustHearMusic(s.t, a, 1000)
	restart()
	mustHearMusic(s.t, a, 1000)
	s.command(s.agentConn(), "retrieve")
	s.waitConn("connected")
	siptest.Talk(a, b)
	a.MustHangup()
	b.MustEndBy(ua.Remote, 0)
	s.endWrapUps("anna")
}

func restartInWrapUp(s *site, restart func()) {
	a, b := s.talking()
	a.MustHangup()
	b.MustEndBy(ua.Remote, 0)
	s.waitAgent("anna", "wrap-up")
	eventually(s.t, "the phone's leg is gone", func() bool { return s.agentConn().Leg == "gone" })
	restart()
	s.endWrapUps("anna")
}

// endWrapUps ends the after-call work of agents by command.
func (s *site) endWrapUps(agents ...string) {
	s.t.Helper()
	for _, id := range agents {
		s.waitAgent(id, "wrap-up")
		s.command(rest.Connection{ID: s.agent(id).Connection}, "end-wrap-up")
		s.waitAgent(id, "ready")
	}
}
