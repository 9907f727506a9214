package test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/dialer/lead"
	"strowger/sip/siptest"
	"strowger/test/invariants"
)

// carrier is one of the trunks of TestCampaignTrunks, with a campaign, a list,
// a queue and agents of its own.
type carrier struct {
	id     string
	first  int // phone of its agents
	probe  time.Duration
	leads  int
	script siptest.Script // of all its people at first
}

// carrierAgents is how many agents each has.
const carrierAgents = 3

var carriers = []carrier{
	{"burst", 101, 10 * time.Second, 16, siptest.Refuse(503)},
	{"mute", 105, 5 * time.Second, 16, siptest.Refuse(408)},
	{"endless", 109, 10 * time.Second, carrierAgents, siptest.EarlyTone(440)},
	{"empty", 113, 10 * time.Second, 12, siptest.Script{Answer: true, AnswerAfter: 300 * time.Millisecond, Listen: agentVoice, HangupAfter: time.Second}},
}

func (k *carrier) number(i int) string { return fmt.Sprintf("+49302%d%05d", k.first, i) }

func (k *carrier) has(number string) bool { return strings.HasPrefix(number, k.number(0)[:9]) }

// carrierSite is a site with all of them.
func carrierSite() string {
	var trunks, names, groups, queues, campaigns, agents strings.Builder
	for i := range carriers {
		k := &carriers[i]
		fmt.Fprintf(&trunks, "  - {id: %s, endpoint: trunk, default_caller_id: \"+49301000600\"}\n", k.id)
		fmt.Fprintf(&names, "%s, ", k.id)
		fmt.Fprintf(&groups, "  - {id: %s, trunks: [%s], calls_per_second: 40, breaker: {probe: %v}}\n", k.id, k.id, k.probe)
		fmt.Fprintf(&queues, "  - {id: %s, number: \"6%d\", ring_timeout: 30s, wrap_up: 1s, dial_rule: outside}\n", k.id, k.first)
		fmt.Fprintf(&campaigns, "  - {id: %s, queue: %s, mode: predictive, lists: [{list: %s}], rules: custom, custom: {limit: 3, hours: always, ring_least: 2s}, hours: always, ring: 15s, trunk_group: %s, dropped: [\"tone:busy\"], screen: {detector: audio, sample: 0}}\n", k.id, k.id, k.id, k.id)
		for n := k.first; n < k.first+carrierAgents; n++ {
			fmt.Fprintf(&agents, "  - {id: agent%d, line: \"%d\", queues: [%s], station: {endpoint: \"%d\", mode: nailed}}\n", n, n, k.id, n)
		}
	}
	outside := strings.NewReplacer("  - {id: carrier, endpoint: trunk, default_caller_id: \"+49301000600\"}\n", trunks.String(), "[carrier]", "["+strings.TrimSuffix(names.String(), ", ")+"]").Replace(outsideObjects)
	return "\nici: {enabled: false}\n" + outside + "calendars:\n  - {id: always, zone: UTC, week: [{days: [mon-sun], from: \"00:00\", to: \"24:00\"}]}\ntrunk_groups:\n" + groups.String() +
		"queues:\n" + queues.String() + "campaigns:\n" + campaigns.String() + "agents:\n" + agents.String()
}

// startCarriers brings everybody up and reads the lists; nobody is called yet.
func startCarriers(t *testing.T) *campaign {
	t.Helper()
	who, scripts, lists := customers{}, map[string]siptest.Script{}, map[string]customers{}
	for i := range carriers {
		k := &carriers[i]
		lists[k.id] = customers{}
		for n := range k.leads {
			who[k.number(n)], scripts[k.number(n)] = customerKind{name: k.id}, k.script
			lists[k.id][k.number(n)] = who[k.number(n)]
		}
	}
	in := testAsterisk(t)
	siptest.CheckGoroutines(t)
	c := campaignWorld(newSite(t, in, "strowger", carrierSite()), who, scripts)
	for id, people := range lists {
		c.read(id, people.csv(0))
	}
	c.start()
	for i := range carriers {
		c.man(carriers[i].first, carriers[i].first+carrierAgents)
	}
	return c
}

// over are the calls that have come to a carrier, oldest first.
func (c *campaign) over(k *carrier) (out []siptest.Entry) {
	for _, e := range c.world.Log() {
		if k.has(e.Dialed) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b siptest.Entry) int { return a.At.Compare(b.At) })
	return out
}

// heal has a carrier's people answer from now on.
func (c *campaign) heal(k *carrier) {
	for n := range k.leads {
		c.world.Script(k.number(n), talks(300*time.Millisecond, 2*time.Second))
	}
}

// TestCampaignTrunks has four campaigns call over a trunk that refuses in a
// burst, one that never gets an answer, one whose phones ring for ever (fault
// 24), and one that answers what nobody has answered (fault 25).
func TestCampaignTrunks(t *testing.T) {
	c := startCarriers(t)
	burst, mute, endless, empty := &carriers[0], &carriers[1], &carriers[2], &carriers[3]
	all := 0
	for i := range carriers {
		c.orderOf(carriers[i].id, "start", false)
		all += carriers[i].leads
	}
	for _, k := range []*carrier{burst, mute} {
		eventually(t, k.id+" is left alone", func() bool { return c.shown(k.id).Reason == "breaker" })
	}
	c.heal(burst)
	opened := len(c.over(mute))
	eventually(t, "one call tries whether the trunk works again", func() bool { return len(c.over(mute)) > opened })
	c.heal(mute)
	c.quiet(all, 90*time.Second)
	for i := range carriers {
		k := &carriers[i]
		var shown rest.Campaign
		eventually(t, k.id+" goes on, and all its leads are settled", func() bool {
			shown = c.shown(k.id)
			return shown.Reason != "breaker" && shown.Leads.Taken == 0 && shown.Leads.Total == int64(k.leads)
		}, &shown)
		if n := shown.Leads; n.Excluded > 0 || n.Done+n.Later != n.Total {
			t.Errorf("%s: %s, %+v", k.id, shown.Text, n)
		}
	}
	c.nobodyFooled(empty, burst)
	for i := range carriers {
		c.orderOf(carriers[i].id, "stop", false)
		c.goHome(carriers[i].first, carriers[i].first+carrierAgents)
	}
	c.noLeftovers()
	c.stop()
	tries, books := c.books()
	keptInSQL(t, books, all, 0)
	c.check(&invariants.Evidence{Fault: "24, 25 trunks that fail"}, &books)
	c.probed(burst, 0)
	c.probed(mute, 1)
	c.bookedAs(tries, burst, 503, lead.TrunkFailed)
	c.bookedAs(tries, mute, 408, lead.TrunkFailed, lead.NoResponse)
	c.bookedAs(tries, endless, statusGivenUp, lead.NoAnswer, lead.Cancelled)
	c.bookedAs(tries, empty, 200, lead.ShortAnswer)
}

// statusGivenUp is what a call has ended with that was given up while it rang.
const statusGivenUp = 487

// probed checks that a trunk was left alone after five failures, beside what
// was on its way, but for one call in a time; and that all others were called
// once it worked. So many of those calls have failed.
func (c *campaign) probed(k *carrier, failed int) {
	c.t.Helper()
	calls := c.over(k)
	bad := 0
	for bad < len(calls) && calls[bad].Answered.IsZero() {
		bad++
	}
	burst := bad - failed
	if burst < 5 || burst > 5+carrierAgents-1 || len(calls) < burst+failed+2 {
		c.t.Fatalf("%s: %d calls, %d failed, %d of them before it was left alone", k.id, len(calls), bad, burst)
	}
	for i := burst; i < burst+failed+2; i++ {
		if gap := calls[i].At.Sub(calls[i-1].At); gap < k.probe-time.Second || gap > k.probe+3*time.Second {
			c.t.Errorf("%s: %v between two calls that try the trunk", k.id, gap)
		}
	}
	progress(fmt.Sprintf("%s: left alone after %d failures, %d tries %v apart, %d calls", k.id, burst, failed+2, k.probe, len(calls)))
}

// bookedAs checks what became of a carrier's calls that ended with a status:
// one of some results, and but for the last of them no try that counts.
func (c *campaign) bookedAs(tries []booked, k *carrier, status int, want ...lead.Result) {
	c.t.Helper()
	byNumber, n := dialledOut(tries), 0
	for _, e := range c.over(k) {
		list := byNumber[e.Dialed]
		if len(list) == 0 {
			c.t.Errorf("%s: %s was called, and no attempt says so", k.id, e.Dialed)
			continue
		}
		b := list[0]
		byNumber[e.Dialed] = list[1:]
		if e.Code != status {
			if b.result != lead.Talked {
				c.t.Errorf("%s: %s is %q in the books; %s", k.id, e.Dialed, b.result, times(&e))
			}
			continue
		}
		if n++; !slices.Contains(want, b.result) || b.counted && b.result == lead.TrunkFailed {
			c.t.Errorf("%s: %s is %q in the books, counted %t; %s", k.id, e.Dialed, b.result, b.counted, times(&e))
		}
	}
	if n == 0 {
		c.t.Errorf("%s: no call ended with %d", k.id, status)
	}
}

// nobodyFooled checks that what a trunk answers and drops is nobody: not for the
// agents, not for the pacer, not in the figures.
func (c *campaign) nobodyFooled(k, honest *carrier) {
	c.t.Helper()
	shown := c.shown(k.id)
	if shown.Today.Humans+shown.Today.Connected+shown.Today.Dropped+shown.Budget.Humans > 0 {
		c.t.Errorf("people are seen where nobody was: %+v, %+v", shown.Today, shown.Budget)
	}
	for n := k.first; n < k.first+carrierAgents; n++ {
		if a := c.agent(fmt.Sprintf("agent%d", n)); a.Handled > 0 || a.State != "ready" {
			c.t.Errorf("agent %s has had %d calls and is %s", a.ID, a.Handled, a.State)
		}
	}
	for _, e := range c.over(k) {
		if !e.Heard.IsZero() {
			c.t.Errorf("%s heard an agent: %s", e.Dialed, times(&e))
		}
	}
	believed, truth := shown.Decision, c.shown(honest.id).Decision
	if believed == nil || truth == nil || believed.AnswerRate > truth.AnswerRate/2 {
		c.t.Errorf("the pacer believes in %+v, where all answer in %+v", believed, truth)
	}
	var leads rest.LeadList
	c.must(http.MethodGet, "/api/v1/leads?limit=100&list="+k.id, nil, &leads)
	for _, l := range leads.Leads {
		if l.Result != string(lead.ShortAnswer) || l.NextAt == nil || time.Until(*l.NextAt) < 10*time.Minute {
			c.t.Errorf("lead %s: %s, %s, next %v", l.Ref, l.State, l.Result, l.NextAt)
		}
	}
}
