package test

import (
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/port"
)

func slowScenarios() []scenario {
	return []scenario{
		{name: "make-call-external-no-answer", run: makeNoAnswer},
		{name: "blind-transfer-nobody-answers", run: blindNoAnswer},
	}
}

// patiently waits for what the model does after one of its own long times.
func (s *scene) patiently(kind callmodel.EventKind, limit time.Duration) port.Stamped {
	s.t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(lookAt)
	defer tick.Stop()
	for {
		s.mu.Lock()
		for _, e := range s.events {
			if e.Kind == kind {
				s.mu.Unlock()
				return e
			}
		}
		s.mu.Unlock()
		select {
		case <-tick.C:
		case <-deadline.C:
			s.t.Fatalf("after %s there is no event %s", limit, kind)
		}
	}
}

// makeNoAnswer: nobody answers outside until the model gives up.
func makeNoAnswer(s *scene) {
	s.b.outside(outsideNumber, ringsOutside)
	anna := s.ready("anna")
	a := anna.makes("+" + outsideNumber)
	x := s.reached(outsideNumber).is(lineRinging)
	s.audio(ringing(a))
	s.patiently(callmodel.EvFailed, callmodel.OutsideRing+waitFor)
	a.is(lineOver)
	x.is(lineOver)
	if e := s.event(callmodel.EvCallEnded); e.Call.Outcome != callmodel.OutcomeNoAnswer {
		s.t.Errorf("outcome %q, want no answer", e.Call.Outcome)
	}
}

// blindNoAnswer: the call comes back to who has transferred it.
func blindNoAnswer(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	s.do(callmodel.BlindTransfer{Conn: anna.conn(0), To: to("agent:dora")})
	a.is(lineOver)
	d := dora.rings()
	s.patiently(callmodel.EvFailed, callmodel.DirectRing+waitFor)
	d.is(lineOver)
	again := anna.rings()
	s.audio(music(c))
	again.answer()
	s.audio(talk(c, again))
}
