package controller

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"strowger/cmd/strowger/internal/config"
	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/dialer/runner"
	"strowger/switch/callmodel"
	"strowger/switch/records"
	"strowger/switch/sim"
)

const dialerObjects = `numbering: {region: DE}
trunks: [{id: isp, endpoint: isp, default_caller_id: "+49301000600", caller_ids: ["4930*"], format: national}]
trunk_groups: [{id: out, trunks: [isp], calls_per_second: 50}]
dial_rules: [{id: all, allow: [""]}]
routes: [{id: out, prefixes: [""], trunks: [isp]}]
queues:
  - {id: spring, number: 600, ring_timeout: 5s, wrap_up: 100ms, dial_rule: all}
calendars: [{id: always, zone: UTC, week: [{days: [mon-sun], from: "00:00", to: "24:00"}]}]
campaigns:
  - {id: spring, queue: spring, mode: progressive, rules: custom, custom: {hours: always}, hours: always, lists: [{list: people}], trunk_group: out,
     caller_ids: [{numbers: ["+49301000601"], per_day: 3}]}
agents:
  - {id: anna, line: 101, queues: [spring], station: {endpoint: 101, mode: nailed}}
  - {id: ben, line: 102, queues: [spring], station: {endpoint: 102, mode: nailed}}
`

// dialing is a controller whose campaign calls a simulated world.
type dialing struct{ *live }

// startDialing has two agents ready and a list of people whose numbers say what they do.
func startDialing(t *testing.T, people int, kinds ...string) *dialing {
	t.Helper()
	l := startLiveWith(t, dialerObjects, func(cfg *config.Config) {
		cfg.Dialer.LogDir = t.TempDir()
		cfg.Dialer.ImportDir = t.TempDir()
		cfg.Dialer.SamplesDir = t.TempDir()
	})
	d := &dialing{l}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	l.ctx = ctx // the telephony server has to be there for a while, twice
	l.ex.Trunk("isp", 0)
	l.ex.Elsewhere(func(number string) sim.PhonePolicy {
		return map[byte]sim.PhonePolicy{
			'1': {Mode: sim.Answers, AnswerAfter: sim.Range{Min: 100 * time.Millisecond, Max: 300 * time.Millisecond}, Talk: sim.Range{Min: 200 * time.Millisecond, Max: 400 * time.Millisecond}},
			'2': {Mode: sim.Busy},
			'3': {Mode: sim.NoSuchNumber},
			'6': {Mode: sim.Answers, AnswerAfter: sim.Exactly(100 * time.Millisecond), Talk: sim.Exactly(2 * time.Second)},
		}[number[len(number)-1]]
	})
	for _, agent := range []callmodel.AgentID{"anna", "ben"} {
		l.do(t, callmodel.Login{Agent: agent, State: callmodel.Ready})
	}
	if _, err := l.lists.Save(l.ctx, list.List{ID: "people"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	var rows []list.Row
	for i := range people {
		number := fmt.Sprintf("+4930100%03d%s", i, kinds[i%len(kinds)])
		rows = append(rows, list.Row{Ref: fmt.Sprintf("p%d", i), Numbers: []list.RowNumber{{Text: number}}})
	}
	if got, err := l.lists.Append(l.ctx, "people", rows, "", time.Now()); err != nil || got.Made != int64(people) {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := l.dialer.Do(l.ctx, runner.Order{Campaign: "spring", Want: runner.WantRunning, By: "test"}); err != nil {
		t.Fatal(err)
	}
	return d
}

// counts waits until the leads are as wanted.
func (d *dialing) counts(t *testing.T, enough func(lead.Counts) bool) lead.Counts {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		checked, err := d.dialer.Check(d.ctx, "spring")
		if err != nil {
			t.Fatal(err)
		}
		if enough(checked.Leads) {
			return checked.Leads
		}
		select {
		case <-tick.C:
		case <-d.ctx.Done():
			p, _ := d.dialer.Live("spring")
			t.Fatalf("leads: %v; %s: %s", checked.Leads, p.Reason, p.Text)
		}
	}
}

// attempts are the records of all that was tried.
func (d *dialing) attempts(t *testing.T) []records.Attempt {
	t.Helper()
	view, err := d.engine.View(d.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.writer.WaitProjected(d.ctx, view.Events); err != nil {
		t.Fatal(err)
	}
	rows, _, err := d.store.Attempts(d.ctx, records.Filter{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour), Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestCampaign: a campaign calls the people of a list through the whole switch,
// each once, and their leads, records and figures say what became of it.
func TestCampaign(t *testing.T) {
	t.Parallel()
	d := startDialing(t, 12, "1", "1", "2", "3")
	left := d.counts(t, func(c lead.Counts) bool { return c[lead.Now]+c[lead.Dialling] == 0 })
	if left[lead.IsDone] != 6 || left[lead.WaitsRetry] != 6 {
		t.Errorf("leads: %v", left)
	}
	rows := d.attempts(t)
	got, leads := map[string]int{}, map[string]int{}
	for _, a := range rows {
		got[a.Dialer.Result]++
		leads[a.Dialer.Lead]++
		if a.Dialer.Campaign != "spring" || a.Dialer.List != "people" {
			t.Errorf("attempt %+v", a)
		}
	}
	if fmt.Sprint(got) != "map[busy:3 failed:3 handled:6]" || len(leads) != 12 {
		t.Errorf("attempts %v of %d leads", got, len(leads))
	}
	tick := time.NewTicker(20 * time.Millisecond) // the picture is of the last tick, the leads are of now
	defer tick.Stop()
	p, _ := d.dialer.Live("spring")
	for ; (p.Results[lead.Busy] < 3 || p.Results[lead.InvalidNumber] < 3 || p.Budget.Connected < 6) && d.ctx.Err() == nil; p, _ = d.dialer.Live("spring") {
		<-tick.C
	}
	if p.Results[lead.Talked] != 6 || p.Results[lead.Busy] != 3 || p.Results[lead.InvalidNumber] != 3 || p.Budget.Connected != 6 || p.Budget.Dropped != 0 {
		t.Errorf("picture: %v, %+v", p.Results, p.Budget.Counts)
	}
	if text := scrape(t, d.Controller); !strings.Contains(text, `strowger_campaign_results_total{campaign="spring",result="talked"} 6`) {
		t.Error("the metrics do not show it")
	}
}

// survivor is an exchange that goes on when its controller stops.
type survivor struct{ *sim.Exchange }

// Stop implements [Backend].
func (s survivor) Stop() { s.Detach() }

// TestCampaignRestart: a controller that is started again on the same journal
// and database, while calls ring and people talk, knows of every attempt how it
// has ended, and goes on by itself.
func TestCampaignRestart(t *testing.T) {
	t.Parallel()
	d := startDialing(t, 10, "6", "2")
	talking := func() bool { p, _ := d.dialer.Live("spring"); return p.Budget.Connected > 0 }
	d.counts(t, func(c lead.Counts) bool { return c[lead.Dialling] > 0 && c[lead.WaitsRetry] > 0 && talking() })
	d.backend = survivor{d.ex}
	d.Stop(d.ctx)
	again, err := New(Options{Config: d.opt.Config, Version: "test", Simulated: d.ex})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Start(d.ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Stop(context.Background()) })
	d.Controller = again
	left := d.counts(t, func(c lead.Counts) bool { return c[lead.Now]+c[lead.Dialling] == 0 })
	got, leads, shown := map[string]int{}, map[string]int{}, map[string]int{}
	for _, a := range d.attempts(t) {
		got[a.Dialer.Result]++
		leads[a.Dialer.Lead]++
		shown[a.Shown]++
	}
	if shown["0301000601"] != 3 || len(shown) != 2 { // as often as in one day without a restart
		t.Errorf("shown: %v", shown)
	}
	// Who answered while nobody was there found nobody in time, and is called again.
	people := got["handled"] + got["dropped"] + got["abandoned"]
	if got["busy"] != 5 || people != 5 || len(leads) != 10 || int(left[lead.IsDone]) != got["handled"] || left[lead.WaitsRetry]+left[lead.IsDone] != 10 {
		t.Errorf("attempts %v of %d leads: %v", got, len(leads), left)
	}
	if p, _ := again.dialer.Live("spring"); p.Dials != 10+got["not-started"] || p.Budget.Connected != got["handled"] || p.Budget.Dropped != got["dropped"] {
		t.Errorf("after the restart it shows %d attempts and %+v, not %v", p.Dials, p.Budget.Counts, got)
	}
	if n := again.dialer.Stats().Unknown.Load(); n > 0 {
		t.Errorf("%d attempts have an unknown end", n)
	}
}
