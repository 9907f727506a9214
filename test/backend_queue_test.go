package test

import (
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/numbering"
	"strowger/switch/port"
)

func queueScenarios() []scenario {
	return []scenario{
		{name: "no-answer-goes-to-the-next", site: func(c *callmodel.Config) { c.Queues[0].RingTimeout = time.Second }, run: noAnswer},
		{name: "announcements", site: announceSite, run: announcements},
		{name: "audio-alert", site: func(c *callmodel.Config) { c.Queues[0].AudioAlert = "sound:beep" }, run: audioAlert},
		{name: "callback", site: callbackSite, run: callback},
		{name: "overflow-none-ready", site: overflowSite(callmodel.OverflowRule{When: callmodel.OverflowNoneReady, To: to("queue:support")}), run: overflowToQueue},
		{name: "overflow-waiting-time", site: overflowSite(callmodel.OverflowRule{When: callmodel.OverflowWait, After: time.Second, To: to("agent:dora")}), run: overflowToAgent},
		{name: "overflow-announcement", site: overflowSite(callmodel.OverflowRule{When: callmodel.OverflowNoAgents, To: to("announce:sound:beep")}), run: overflowAnnounced},
		{name: "overflow-size", site: overflowSite(callmodel.OverflowRule{When: callmodel.OverflowSize, Limit: 1, To: to("hangup:busy")}), run: overflowBusy},
		{name: "dnis-by-caller-name", site: dnisSite, run: func(s *scene) { dnis(s, caller{number: customerNumber, name: "D:Helpdesk:Meier"}) }},
		{name: "dnis-by-diversion", site: dnisSite, run: func(s *scene) {
			dnis(s, caller{number: customerNumber, diversion: `"Desk, \"help\"" <sip:+4930100700@carrier.example>;reason=unconditional`})
		}},
		{name: "external-route", site: routeSite, run: externalRoute},
		{name: "external-route-timeout", site: routeSite, run: routeTimeout},
	}
}

// noAnswer: who does not answer becomes not ready, the caller keeps the place.
func noAnswer(s *scene) {
	anna := s.ready("anna")
	c := s.customer("600")
	a := anna.rings()
	a.is(lineOver)
	anna.is(callmodel.NotReady)
	s.audio(music(c.is(lineUp)))
	b := s.ready("ben").answers()
	s.audio(talk(c, b))
}

func announceSite(c *callmodel.Config) {
	c.Queues[0].Announce = callmodel.Announcements{First: time.Second, Every: 2 * time.Second, Prompts: []string{mediaFile}}
}

// announcements: the sound has no end, so whoever answers cuts it short.
func announcements(s *scene) {
	anna := s.desk("anna")
	c := s.customer("600").is(lineUp)
	s.audio(music(c))
	s.audio(hear(c, soundFile))
	anna.set(callmodel.Ready)
	a := anna.answers()
	s.audio(talk(c, a))
}

// audioAlert: the agent hears a sound before the customer.
func audioAlert(s *scene) {
	anna := s.ready("anna")
	c := s.customer("600")
	a := anna.answers()
	anna.items(callmodel.Connected)
	s.audio(talk(c.is(lineUp), a))
}

func callbackSite(c *callmodel.Config) {
	c.Queues[0].Callback = callmodel.CallbackOffer{Digit: "1", Prompt: "sound:beep", Ring: 10 * time.Second}
}

// callback: the customer leaves, an agent gets the call, the customer is called.
func callback(s *scene) {
	s.b.outside(customerNumber, ringsOutside)
	anna := s.desk("anna")
	c := s.customer("600").is(lineUp)
	s.audio(music(c))
	c.press("1")
	c.is(lineOver)
	s.outcome(customerNumber, callmodel.OutcomeCallback)
	anna.set(callmodel.Ready)
	a := anna.answers()
	x := s.reached(customerNumber).is(lineRinging)
	s.audio(ringing(a))
	x.answer()
	anna.items(callmodel.Connected)
	s.audio(talk(a, x))
	x.hangup()
	a.is(lineOver)
	anna.is(callmodel.Ready)
	var state callmodel.CallbackState
	eventually(s.t, "the callback is done", func() bool {
		cb := s.view().Callbacks
		if len(cb) != 1 {
			s.t.Fatalf("%d callbacks, want one", len(cb))
		}
		state = cb[0].State
		return state == callmodel.CallbackDone && cb[0].LastResult == callmodel.ResultSuccessful
	}, &state)
}

func overflowSite(rules ...callmodel.OverflowRule) func(*callmodel.Config) {
	return func(c *callmodel.Config) { c.Queues[0].Overflow = rules }
}

func overflowToQueue(s *scene) {
	s.desk("anna")
	cleo := s.ready("cleo")
	c := s.customer("600")
	cl := cleo.answers()
	s.audio(talk(c.is(lineUp), cl))
}

func overflowToAgent(s *scene) {
	s.desk("anna")
	dora := s.ready("dora")
	c := s.customer("600").is(lineUp)
	s.audio(music(c))
	d := dora.rings()
	d.answer()
	s.audio(talk(c, d))
}

func overflowBusy(s *scene) {
	s.desk("anna")
	c := s.customer("600").is(lineUp)
	late := s.call("late", "600", caller{number: "4917055502"})
	late.is(lineOver)
	s.audio(music(c))
}

func dnisSite(c *callmodel.Config) {
	c.DNIS = []numbering.Entry{{ID: "help", Number: 1, Names: []string{"Helpdesk"}, Dialled: []string{"+4930100700"}, To: "queue:support", Label: "Help desk", Colour: "#1e90ff"}}
}

func dnis(s *scene, from caller) {
	s.ready("anna")
	cleo := s.ready("cleo")
	c := s.call("customer", "600", from)
	cl := cleo.rings()
	info := s.view().Calls[0].DNIS
	if info == nil || info.Label != "Help desk" || info.Colour != "#1e90ff" {
		s.t.Errorf("DNIS %+v", info)
	}
	cl.answer()
	s.audio(talk(c.is(lineUp), cl))
}

func routeSite(c *callmodel.Config) {
	c.Queues[0].Route = callmodel.ExternalRoute{Timeout: 2 * time.Second, Default: to("queue:support")}
}

func externalRoute(s *scene) {
	s.ready("anna")
	dora := s.ready("dora")
	c := s.customer("600")
	asked := s.event(callmodel.EvRouteRequest)
	s.audio(music(c.is(lineUp)))
	s.do(callmodel.RouteSelect{Call: asked.Call.ID, To: to("agent:dora")})
	d := dora.rings()
	d.answer()
	s.audio(talk(c, d))
	if e := s.event(callmodel.EvRouteEnded); e.Reason != "used" {
		s.t.Errorf("the route request ended as %q", e.Reason)
	}
}

func routeTimeout(s *scene) {
	s.ready("anna")
	cleo := s.ready("cleo")
	c := s.customer("600")
	s.event(callmodel.EvRouteRequest)
	cl := cleo.answers()
	s.audio(talk(c.is(lineUp), cl))
}

// overflowAnnounced: the customer is told, and the call ends.
func overflowAnnounced(s *scene) {
	c := s.customer("600")
	s.saw("overflow", func(e *port.Stamped) bool { return e.Kind == callmodel.EvDiverted })
	c.is(lineOver)
}
