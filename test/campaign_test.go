package test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/dialer/zone"
	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/switch/numbering"
	"strowger/test/invariants"
)

// campaignAgents are nailed up at the phones 101, 102 and so on.
const campaignAgents = 20

// campaignSite is a campaign "spring" whose agents hear a beep and have the call.
func campaignSite(agents int, more string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `
ici: {enabled: false}
%s
calendars:
  - {id: always, zone: UTC, week: [{days: [mon-sun], from: "00:00", to: "24:00"}]}
trunk_groups:
  - {id: out, trunks: [carrier], calls_per_second: 40}
queues:
  - {id: sales, number: "600", ring_timeout: 30s, wrap_up: 1s, dial_rule: outside}
campaigns:
  - id: spring
    queue: sales
    mode: predictive
    lists: [{list: spring}]
    rules: custom
    custom: {limit: 3, hours: always, ring_least: 2s}
    hours: always
    ring: 15s
    trunk_group: out
    dropped: ["tone:busy"]
    screen: {detector: audio, sample: 0}
%sagents:
`, outsideObjects, more)
	for n := 101; n < 101+agents; n++ {
		fmt.Fprintf(&b, "  - {id: agent%d, line: \"%d\", queues: [sales], station: {endpoint: \"%d\", mode: nailed}}\n", n, n, n)
	}
	return b.String()
}

// campaign is a site with a campaign, its agents at their phones, and the world.
type campaign struct {
	*site
	world *siptest.Trunk
	who   customers
}

// startCampaign brings everybody up and reads the list; nobody is called yet.
func startCampaign(t *testing.T, leads, agents, bad int) *campaign {
	t.Helper()
	who, scripts := populate(leads)
	in := testAsterisk(t)
	siptest.CheckGoroutines(t)
	return campaignOf(newSite(t, in, "strowger", campaignSite(agents, "")), who, scripts, agents, bad)
}

// campaignWorld is a campaign's world alone.
func campaignWorld(s *site, who customers, scripts map[string]siptest.Script) *campaign {
	s.t.Helper()
	return &campaign{site: s, who: who, world: siptest.NewTrunk(s.t, siptest.TrunkConfig{
		Phone:   ua.Config{Server: s.asterisk.SIPAddr(), Port: uint16(outsidePort()), Pacer: s.pacer, MaxCalls: 300},
		Default: siptest.Refuse(404), Numbers: scripts,
	})}
}

// campaignOf is startCampaign for certain people at a site that is not running.
func campaignOf(s *site, who customers, scripts map[string]siptest.Script, agents, bad int) *campaign {
	s.t.Helper()
	c := campaignWorld(s, who, scripts)
	c.read("spring", who.csv(bad))
	s.start()
	c.man(101, 101+agents)
	return c
}

// man has agents at their phones, nailed up and ready.
func (c *campaign) man(from, to int) {
	c.t.Helper()
	for n := from; n < to; n++ {
		desk := c.desk(fmt.Sprint(n))
		c.agentState(fmt.Sprintf("agent%d", n), "ready")
		leg := desk.Expect()
		leg.MustBeAnswered()
		leg.Say(agentVoice)
	}
	for n := from; n < to; n++ {
		c.waitAgent(fmt.Sprintf("agent%d", n), "ready")
	}
}

// goHome logs agents out.
func (c *campaign) goHome(from, to int) {
	c.t.Helper()
	for n := from; n < to; n++ {
		c.agentState(fmt.Sprintf("agent%d", n), "logged-out")
	}
}

// read imports a file of leads into a list, before the controller is there.
func (c *campaign) read(id, file string) {
	c.t.Helper()
	db := c.database()
	defer func() { _ = db.Close() }() // every chunk was committed
	lists := list.New(list.Options{Tables: db, Plan: func() numbering.Plan { return numbering.Plan{Country: "49", IDD: "00", Trunk: "0"} }, Place: zone.New().Of})
	if _, err := lists.Save(c.t.Context(), list.List{ID: id}, time.Now()); err != nil {
		c.t.Fatal(err)
	}
	path := filepath.Join(c.dir, id+".csv")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		c.t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	i, err := lists.Import(c.t.Context(), id, f, list.ImportOptions{File: id + ".csv"}, time.Now, func(lead.Progress) {})
	if err != nil || i.State != "done" {
		c.t.Fatalf("import: %+v, %v", i, err)
	}
}

func (c *campaign) order(what string) { c.t.Helper(); c.orderOf("spring", what, false) }

func (c *campaign) orderOf(id, what string, atOnce bool) {
	c.t.Helper()
	c.must(http.MethodPost, "/api/v1/campaigns/"+id+"/"+what, rest.CampaignRequest{Reason: "test", Now: atOnce}, nil)
}

func (c *campaign) now() rest.Campaign { c.t.Helper(); return c.shown("spring") }

func (c *campaign) shown(id string) (out rest.Campaign) {
	c.t.Helper()
	c.must(http.MethodGet, "/api/v1/campaigns/"+id, nil, &out)
	return out
}

// quiet waits until as many calls as that have come to the world, and all are over.
func (c *campaign) quiet(calls int, limit time.Duration) {
	c.t.Helper()
	ctx, cancel := contextFor(c.t, limit)
	defer cancel()
	if err := c.world.WaitQuiet(ctx, calls); err != nil {
		c.t.Fatalf("%v; the campaign: %+v", err, c.now())
	}
}

// TestCampaign has 20 agents call a list whose people do all that people,
// machines and carriers do, and holds the trunk's own log against the books:
// one to one, with the times of the trunk's clock.
func TestCampaign(t *testing.T) { wholeCampaign(t, 200, 3*time.Minute) }

// TestChaosCampaign is TestCampaign for as long as a shift's hour takes.
func TestChaosCampaign(t *testing.T) {
	onlyLong(t, "a campaign of 2,000 leads")
	wholeCampaign(t, 2000, 20*time.Minute)
}

func wholeCampaign(t *testing.T, leads int, limit time.Duration) {
	const bad = 3
	c := startCampaign(t, leads, campaignAgents, bad)
	c.order("start")
	began := time.Now()
	c.quiet(leads, limit)
	c.order("stop")
	took := time.Since(began)
	eventually(t, "every lead is settled", func() bool { return c.now().Leads.Taken == 0 })
	shown := c.now()
	c.goHome(101, 101+campaignAgents)
	c.noLeftovers()
	c.stop()
	tries, books := c.books()
	keptInSQL(t, books, leads+bad, bad)
	c.compare(tries, &shown)
	c.check(&invariants.Evidence{Fault: "none"}, &books)
	progress(fmt.Sprintf("campaign: %d leads in %v, %d agents", leads, took.Round(time.Second), campaignAgents))
}

func journalOf(s *site) string { return filepath.Join(s.dir, "var", "journal") }

// check looks for what is lost or doubled.
func (c *campaign) check(e *invariants.Evidence, books *invariants.Leads) {
	c.t.Helper()
	answer, err := invariants.Journal(journalOf(c.site))
	if err != nil {
		c.t.Fatal(err)
	}
	answer.Count(c.site.rows())
	answer.Leads, answer.Untold = books, nil
	e.Answer = answer
	for _, l := range c.world.Log() {
		e.Witness.Sink = append(e.Witness.Sink, invariants.Sunk{Number: l.Dialed, At: l.At, Answered: l.Answered, Ended: l.Ended})
	}
	r := invariants.Check(e)
	for _, rule := range []string{"N2", "N3", "N4"} {
		res := r.Rules[rule]
		for _, f := range res.Findings {
			c.t.Errorf("%s: %s", rule, f)
		}
		if res.Checked == 0 {
			c.t.Errorf("%s has looked at nothing", rule)
		}
	}
	progress(r.Summary())
}

// compare holds the trunk's log against the books, and against what the campaign
// shows; nil: that has begun again in between.
func (c *campaign) compare(tries []booked, shown *rest.Campaign) {
	c.t.Helper()
	byNumber := dialledOut(tries)
	talked, dropped := 0, 0
	var off []time.Duration
	kinds := map[lead.Result]int{}
	for _, e := range c.world.Log() {
		list := byNumber[e.Dialed]
		if len(list) == 0 {
			c.t.Errorf("%s was called at %v, and no attempt says so", e.Dialed, e.At)
			continue
		}
		b := list[0]
		byNumber[e.Dialed] = list[1:]
		want, err := c.who.result(&e)
		if err != nil {
			c.t.Error(err)
			continue
		}
		kinds[want]++
		if b.result != want && (b.result != lead.Cancelled || !c.who.atItsEnd(&e)) {
			c.t.Errorf("%s (%s): the books say %q, outcome %s, status %d; the trunk says %q: %s", e.Dialed, c.who[e.Dialed].name, b.result, b.outcome, b.tech, want, times(&e))
		}
		switch {
		case want == lead.Talked:
			talked++
			off = append(off, (b.bridged.Sub(b.answered) - e.Heard.Sub(e.Answered)).Abs())
		case want == lead.Dropped:
			dropped++
		}
		if b.drop != (want == lead.Dropped) {
			c.t.Errorf("%s: dropped %t, the trunk says %q", e.Dialed, b.drop, want)
		}
	}
	for number, list := range byNumber {
		for _, b := range list {
			c.t.Errorf("attempt %s to %s (%s, status %d) never came to the trunk", b.attempt, number, b.result, b.tech)
		}
	}
	progress(fmt.Sprintf("campaign: %v; %d of %d people had nobody", kinds, dropped, talked+dropped))
	if shown == nil {
		return
	}
	if shown.Today.Dropped != dropped || shown.Today.Connected != talked {
		c.t.Errorf("the campaign shows %d connected and %d dropped, the trunk's log %d and %d", shown.Today.Connected, shown.Today.Dropped, talked, dropped)
	}
	c.sameTimes(off)
}

// How far the trunk's clock and the books may be apart in how long somebody
// has waited for an agent.
const (
	sameTime    = 60 * time.Millisecond
	everyTwenty = 150 * time.Millisecond // the machine may be busy for a moment
)

// times are an entry of the trunk's log for people.
func times(e *siptest.Entry) string {
	since := func(t time.Time) time.Duration {
		if t.IsZero() {
			return 0
		}
		return t.Sub(e.At).Round(time.Millisecond)
	}
	return fmt.Sprintf("answered after %v, a sound after %v, the agent after %v, over after %v with %d", since(e.Answered), since(e.Sound), since(e.Heard), since(e.Ended), e.Code)
}

func (c *campaign) sameTimes(off []time.Duration) {
	c.t.Helper()
	if len(off) == 0 {
		c.t.Error("nobody has talked: no time was compared")
		return
	}
	slices.Sort(off)
	median, p95 := off[len(off)/2], off[len(off)*19/20]
	progress(fmt.Sprintf("campaign: times to the agent of %d people differ by %v (median), %v (p95), %v (most)", len(off), median.Round(time.Millisecond), p95.Round(time.Millisecond), off[len(off)-1].Round(time.Millisecond)))
	if median > sameTime || p95 > everyTwenty {
		c.t.Errorf("the books and the trunk differ by %v (median) and %v (19 of 20)", median, p95)
	}
}
