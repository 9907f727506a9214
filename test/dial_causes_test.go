package test

import (
	"fmt"
	"testing"

	"strowger/dialer/lead"
	"strowger/dialer/rule"
	"strowger/sip/siptest"
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// TestDialCauses has the world outside refuse calls with every status that a
// carrier is known to send, and holds what became of them against the table by
// which the dialer decides whether, and when, to call again.
func TestDialCauses(t *testing.T) {
	siptest.CheckGoroutines(t)
	ex := newRealExchange(t, siptest.NewPacer(t))
	s := newScene(t, scenario{name: "dial-causes", site: spring}, ex.backend)
	want := map[int]lead.Result{
		400: lead.ProtocolFailed, 403: lead.Rejected, 404: lead.InvalidNumber, 408: lead.NoResponse, 410: lead.NumberChanged,
		480: lead.TempUnavailable, 484: lead.InvalidNumber, 486: lead.Busy, 487: lead.Cancelled, 488: lead.MediaFailed,
		500: lead.TrunkFailed, 502: lead.TrunkFailed, 503: lead.TrunkFailed, 504: lead.TrunkFailed,
		600: lead.Busy, 603: lead.Rejected, 604: lead.InvalidNumber, 606: lead.MediaFailed, 607: lead.Unwanted, 608: lead.Unwanted,
	}
	for code := range want {
		number := fmt.Sprintf("4930%d", code)
		s.b.outside(number, refusesOutside(code))
		s.dials(number, number)
	}
	for code, result := range want {
		e := s.saw(fmt.Sprintf("the end of the call that is refused with %d", code), func(e *port.Stamped) bool {
			return e.Kind == callmodel.EvCallEnded && e.Call.Lead == fmt.Sprintf("4930%d", code)
		})
		p := &e.Call.Conns[0]
		if got := rule.Classify(rule.Tried{Own: e.Call.Dial.Own, Cause: int(p.Cause), Tech: p.TechCause}); got != result || p.TechCause != code {
			t.Errorf("%d: %s, want %s (cause %d, status %d, own time %t)", code, got, result, p.Cause, p.TechCause, e.Call.Dial.Own)
		}
	}
	s.finish()
}
