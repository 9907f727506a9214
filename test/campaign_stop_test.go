package test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/dialer/lead"
	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/test/invariants"
)

// A campaign that is stopped while many phones ring: one in four is answered
// before the others have rung for as long as they must.
const (
	stopAgents   = 24
	stopRings    = 5 * time.Second
	stopAnswered = 3500 * time.Millisecond
)

func stopPeople(n int) (customers, map[string]siptest.Script) {
	who, scripts := customers{}, map[string]siptest.Script{}
	for i := range n {
		number := fmt.Sprintf("+4930223%05d", i)
		who[number], scripts[number] = customerKind{name: "rings out", result: lead.NoAnswer}, siptest.RingOnly()
		if i%4 == 0 {
			who[number], scripts[number] = customerKind{name: "person"}, talks(stopAnswered, 4*time.Second)
		}
	}
	return who, scripts
}

// TestCampaignStopped stops a campaign while 24 phones ring: once as one should,
// once at once, and once because all its agents go home (faults 45 and 46). No
// further call is begun, phones ring for as long as they must, who has
// answered is served or told, and nobody is lost.
func TestCampaignStopped(t *testing.T) {
	const waves = 3
	who, scripts := stopPeople(stopAgents * (waves + 1))
	in := testAsterisk(t)
	siptest.CheckGoroutines(t)
	site := strings.Replace(campaignSite(stopAgents, ""), "ring_least: 2s", fmt.Sprintf("ring_least: %v", stopRings), 1)
	c := campaignOf(newSite(t, in, "strowger", site), who, scripts, stopAgents, 0)
	c.stoppedWhileRinging()
	c.stoppedAtOnce()
	c.agentsGoHome()
	c.order("stop")
	eventually(t, "every lead is settled", func() bool { return c.now().Leads.Taken == 0 })
	c.noLeftovers()
	c.stop()
	tries, books := c.books()
	keptInSQL(t, books, len(who), 0)
	c.compare(tries, nil)
	c.check(&invariants.Evidence{Fault: "45, 46 stopped while phones ring"}, &books)
}

// wave starts the campaign, waits until a phone rings for every agent, and
// returns how many calls there were before.
func (c *campaign) wave() (before int) {
	c.t.Helper()
	for n := 101; n < 101+stopAgents; n++ {
		c.waitAgent(fmt.Sprintf("agent%d", n), "ready")
	}
	before = c.world.Count()
	c.order("start")
	eventually(c.t, "a phone rings for every agent", func() bool { return c.world.Live() >= stopAgents })
	return before
}

// since are the calls behind so many, once they are over. None may have come
// more than a second after no more were to come.
func (c *campaign) since(before int, pressed time.Time) []siptest.Entry {
	c.t.Helper()
	c.quiet(before+stopAgents, time.Minute)
	log := c.world.Log()[before:]
	for _, e := range log {
		if late := e.At.Sub(pressed); late > time.Second {
			c.t.Errorf("%s was called %v after the stop", e.Dialed, late)
		}
	}
	return log
}

// mustHaveRung checks calls that nobody has answered: they ring for as long as
// they must, and not much longer after the stop.
func (c *campaign) mustHaveRung(e *siptest.Entry, pressed time.Time) {
	c.t.Helper()
	rang, over := e.Ended.Sub(e.At), e.Ended.Sub(pressed)
	if !e.Cancelled() || rang < stopRings || over > stopRings+2*time.Second {
		c.t.Errorf("%s rang for %v, until %v after the stop: %s", e.Dialed, rang, over, times(e))
	}
}

func (c *campaign) stoppedWhileRinging() {
	c.t.Helper()
	before := c.wave()
	c.order("stop")
	pressed, served := time.Now(), 0
	for _, e := range c.since(before, pressed) {
		if e.Answered.IsZero() {
			c.mustHaveRung(&e, pressed)
			continue
		}
		if served++; e.Heard.IsZero() || e.By != ua.Local {
			c.t.Errorf("%s had answered and was not served to the end: %s", e.Dialed, times(&e))
		}
	}
	if served == 0 {
		c.t.Error("nobody has answered: it shows too little")
	}
	progress(fmt.Sprintf("stop: %d served", served))
}

func (c *campaign) stoppedAtOnce() {
	c.t.Helper()
	before := c.wave()
	eventually(c.t, "some talk while others ring", func() bool {
		talk := 0
		for _, e := range c.world.Log()[before:] {
			if !e.Heard.IsZero() {
				talk++
			}
		}
		return talk >= stopAgents/4
	})
	pressed := time.Now() // what ends after it is ended by it
	c.orderOf("spring", "stop", true)
	cut, served, most := 0, 0, time.Duration(0)
	for _, e := range c.since(before, pressed) {
		switch {
		case !e.Answered.IsZero():
			if served++; e.Heard.IsZero() || e.By != ua.Local || e.Ended.Before(pressed) {
				c.t.Errorf("%s talked and was not left alone: %s", e.Dialed, times(&e))
			}
		case e.Ended.After(pressed):
			cut++
			c.who[e.Dialed] = customerKind{name: "cut off", result: lead.Cancelled}
			most = max(most, e.Ended.Sub(pressed))
		}
	}
	if cut == 0 || served == 0 || most > time.Second {
		c.t.Errorf("%d phones were cut off within %v, %d people were served", cut, most, served)
	}
	progress(fmt.Sprintf("stop --now: %d phones silent within %v, %d served", cut, most.Round(time.Millisecond), served))
}

// agentsGoHome has all agents log out while phones ring: who answers is told
// that nobody is there, which counts and is seen.
func (c *campaign) agentsGoHome() {
	c.t.Helper()
	had := c.now().Today
	before := c.wave()
	began := time.Now()
	c.goHome(101, 101+stopAgents)
	gone, told, served := time.Now(), 0, 0
	for _, e := range c.since(before, gone) {
		switch {
		case e.Answered.IsZero():
			c.mustHaveRung(&e, gone)
		case !e.Heard.IsZero():
			served++
		case e.Sound.IsZero():
			c.t.Errorf("%s has answered and heard nothing: %s", e.Dialed, times(&e))
		default:
			told++
		}
	}
	var shown rest.Campaign
	eventually(c.t, "the drops are counted, and the campaign says why it rests", func() bool {
		shown = c.now()
		return shown.Today.Dropped == had.Dropped+told && (shown.Reason == "no-agents" || shown.Reason == "budget")
	}, &shown, &told)
	want := float64(shown.Today.Dropped) / float64(shown.Today.Dropped+shown.Today.Connected)
	if told == 0 || shown.Budget.Dropped != shown.Today.Dropped || shown.Budget.Share < want/2 {
		c.t.Errorf("%d were told that nobody is there; the budget shows %+v", told, shown.Budget)
	}
	progress(fmt.Sprintf("all agents gone within %v: %d told, %d served; %.0f %% dropped, %s", gone.Sub(began).Round(time.Millisecond), told, served, 100*shown.Budget.Share, shown.Reason))
}
