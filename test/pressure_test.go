package test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/sip/siptest"
)

// TestChaosMemoryShort is fault 43: a controller that has too little memory refuses
// reports and new outbound calls and leaves new callers to the dialplan; who
// talks talks on, can be held and retrieved, and is recorded as ever.
func TestChaosMemoryShort(t *testing.T) {
	s := stage(t, "\nlimits: {memory_mb: 4096}"+threeDesks)
	a, b := s.talking()
	call := s.calls()[0].ID
	marks := markGaps(t, a, b)
	s.kill()
	s.edit("memory_mb: 4096", "memory_mb: 8")
	s.launch()
	var ready rest.ReadyAnswer
	eventually(t, "the controller says what it is short of", func() bool {
		err := s.try(http.MethodGet, "/readyz", nil, &ready)
		return err != nil && strings.Contains(err.Error(), "limits.memory_mb")
	})
	for _, order := range []struct{ method, path string }{{http.MethodGet, "/api/v1/statistics"}, {http.MethodGet, "/api/v1/records/calls"}, {http.MethodPost, "/api/v1/agents/ben/call"}} {
		var body any
		if order.method == http.MethodPost {
			s.agentState("ben", "ready")
			body = map[string]string{"to": "103"}
		}
		if err := s.try(order.method, order.path, body, nil); err == nil || !strings.Contains(err.Error(), "calls that are up come first") {
			t.Errorf("%s: %v", order.path, err)
		}
	}
	shed := s.metric("strowger_reports_shed_total") + s.metric("strowger_dials_shed_total")
	eventually(t, "the call that is up is in the hands of the controller", func() bool { return len(s.calls()) == 1 })
	s.command(s.agentConn(), "hold")
	s.waitConn("hold")
	s.command(s.agentConn(), "retrieve")
	s.waitConn("connected")
	a.MustHear(1000)
	b.MustHear(400)
	began := time.Now()
	eventually(t, "a new caller hears the dialplan's announcement", func() bool {
		c := s.caller("4917055502").Dial("600")
		defer c.MustHangup()
		c.MustBeAnswered()
		return len(s.calls()) == 1
	})
	progress(fmt.Sprintf("memory short: bitten: %.0f requests refused; new callers at the dialplan after %.1f s; longest gap %v", shed, time.Since(began).Seconds(), marks.longest()))
	s.kill()
	s.edit("memory_mb: 8", "memory_mb: 4096")
	s.start()
	if err := s.try(http.MethodGet, "/api/v1/statistics", nil, nil); err != nil {
		t.Error(err)
	}
	siptest.Talk(a, b)
	a.MustHangup()
	s.wantEnded(call, "handled")
	s.noLeftovers()
}
