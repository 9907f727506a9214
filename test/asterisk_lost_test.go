package test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/sip/siptest"
)

// TestAsteriskKilled: every call ends with Asterisk, agents are free again,
// and once it is back new calls work without a touch of the controller.
func TestAsteriskKilled(t *testing.T) {
	s := stageOn(t, ownAsterisk(t, nil), crowdSite(8))
	s.disturbed = true
	c := gather(s, 2, 1, 2)
	held := c.talking[1]
	s.must(http.MethodPost, "/api/v1/connections/"+s.agent(held.agent).Connection+"/hold", nil, nil)
	eventually(t, "a call is on hold", func() bool {
		return slices.ContainsFunc(s.callOf(held.number).Connections, func(p rest.Connection) bool { return p.State == "hold" })
	})
	var calls []rest.Call
	for _, p := range slices.Concat(c.talking, c.ringing, c.waiting) {
		calls = append(calls, s.callOf(p.number))
	}
	killed := time.Now()
	done := s.asterisk.Done()
	if err := s.asterisk.Kill(); err != nil {
		t.Fatal(err)
	}
	<-done
	eventually(t, "the controller says that it is not ready", func() bool {
		var ready rest.ReadyAnswer
		return s.try(http.MethodGet, "/readyz", nil, &ready) != nil
	})
	noticed := time.Since(killed)
	for _, p := range slices.Concat(c.talking, c.ringing, c.waiting) {
		p.phone.Abandon() // they would wait for answers to their BYE
		p.desk.Abandon()
	}
	if err := s.asterisk.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	up := time.Now()
	eventually(t, "the controller is in step", func() bool { return s.metric("strowger_ready") == 1 })
	progress(fmt.Sprintf("Asterisk kill -9: noticed after %v, in step %v after Asterisk was back",
		noticed.Round(time.Millisecond), time.Since(up).Round(time.Millisecond)))
	for i, call := range calls {
		outcome := "lost"
		if i < len(c.talking) {
			outcome = "handled" // an agent had talked to the caller
		}
		s.wantEnded(call.ID, outcome)
	}
	for _, p := range append(c.talking, c.ringing...) {
		s.waitAgent(p.agent, "ready")
		s.agentState(p.agent, "not-ready")
	}
	p := c.pair()
	s.agentState(p.agent, "ready")
	p.a = p.phone.Dial("600")
	p.b = p.desk.Expect()
	p.b.MustAnswer()
	siptest.Talk(p.a, p.b)
	p.a.MustHangup()
	s.waitAgent(p.agent, "ready")
	s.noLeftovers()
}
