package main

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"time"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/config"
	"strowger/cti/rest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
	"strowger/switch/sim"
)

// The campaign that a simulated demo has ready to be started: four agents with
// standing lines, and people who do not exist.
const (
	demoCampaign   = "spring"
	demoTrunk      = "trunk"
	demoDialers    = 4
	demoFirstLine  = 121
	demoLeads      = 400
	demoFirstLead  = 4930231250000 // nobody has such a number
	demoAskLimit   = 10 * time.Second
	demoLinesAtAll = 20
)

// demoPeople are who is called: a quarter of them answers.
func demoPeople() sim.World {
	second := func(from, to int) sim.Range {
		return sim.Range{Min: time.Duration(from) * time.Second, Max: time.Duration(to) * time.Second}
	}
	return sim.World{People: 0.25, Machines: 0.1, Busy: 0.15, NoNumber: 0.05, Ring: second(2, 9), RingBefore: second(5, 9), Talk: second(6, 15)}
}

func dialerLine(i int) string { return strconv.Itoa(demoFirstLine + i) }

// campaignObjects are the objects of the campaign, to be put behind the others.
func campaignObjects() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `numbering: {region: DE}
trunks: [{id: carrier, endpoint: %s}]
trunk_groups: [{id: outbound, trunks: [carrier], max_calls: %d}]
routes: [{id: all, prefixes: [""], trunks: [carrier]}]
dial_rules: [{id: anywhere, allow: [""]}]
dispositions: [{id: sold, name: Sold, success: true}, {id: call-again, name: Call again}]
calendars: [{id: always, zone: UTC, week: [{days: [mon-sun], from: "00:00", to: "24:00"}]}]
campaigns:
  - {id: %s, name: Spring offer, queue: outbound, mode: predictive, rules: custom, custom: {hours: always}, lists: [{list: %s}], trunk_group: outbound, dropped: [sound:dialer-dropped]}
`, demoTrunk, demoLinesAtAll, demoCampaign, demoCampaign)
	return b.Bytes()
}

// campaignQueue and campaignAgents are lines of the sections that the demo has anyway.
func campaignQueue() string {
	return fmt.Sprintf("  - {id: outbound, name: Outbound, number: \"620\", wrap_up: %s, dial_rule: anywhere}\n", config.FormatDuration(demoHandsetEnd))
}

func campaignAgents() string {
	var b bytes.Buffer
	for i := range demoDialers {
		line := dialerLine(i)
		fmt.Fprintf(&b, "  - {id: agent%s, name: Agent %s, line: %q, queues: [outbound], station: {endpoint: %q, mode: nailed}}\n", line, line, line, line)
	}
	return b.String()
}

// outbound makes everything ready for the campaign. It is not started: that is
// left to whoever looks. What it returns ends it.
func (r *runner) outbound(ctx context.Context, sw port.Switch, socket string) (func(context.Context), error) {
	if r.exchange == nil {
		return func(context.Context) {}, nil // who is called is not there
	}
	ctx, cancel := context.WithTimeout(ctx, demoAskLimit)
	defer cancel()
	r.exchange.Trunk(demoTrunk, demoLinesAtAll)
	r.exchange.Elsewhere(demoPeople().Answers(r.options.seed))
	for i := range demoDialers {
		r.exchange.Phone(dialerLine(i), sim.PhonePolicy{Mode: sim.Answers})
		cmd := callmodel.SetAgentState{Cmd: callmodel.Cmd{By: "demo"}, Agent: callmodel.AgentID("agent" + dialerLine(i)), State: callmodel.Ready}
		if err := sw.Do(ctx, cmd); err != nil {
			return nil, err
		}
	}
	c := client.New(socket)
	if err := fillDemoList(ctx, c); err != nil {
		c.Close()
		return nil, err
	}
	return func(ctx context.Context) {
		defer c.Close()
		r.endCampaign(ctx, sw, c)
	}, nil
}

func fillDemoList(ctx context.Context, c *client.Client) error {
	if _, err := c.CreateList(ctx, rest.ListRequest{ID: demoCampaign, Name: "Made-up people"}); err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	var leads []rest.LeadRequest
	for i := range demoLeads {
		leads = append(leads, rest.LeadRequest{
			Ref: fmt.Sprintf("P-%03d", i+1), Name: fmt.Sprintf("Person %03d", i+1), Numbers: []rest.LeadNumber{{Number: fmt.Sprintf("+%d", demoFirstLead+i), Kind: "home"}},
		})
	}
	_, err := c.PutLeads(ctx, demoCampaign, leads)
	return err
}

// endCampaign has nobody dial any more, and hangs up what the campaign has.
func (r *runner) endCampaign(ctx context.Context, sw port.Switch, c *client.Client) {
	ctx, cancel := context.WithTimeout(ctx, demoAskLimit)
	defer cancel()
	if _, err := c.OrderCampaign(ctx, demoCampaign, "stop", rest.CampaignRequest{Now: true, Reason: "the demo ends"}); err != nil {
		r.log.Debug("demo: stop the campaign", "error", err)
	}
	view, err := sw.View(ctx)
	if err != nil {
		return
	}
	for _, call := range view.Calls {
		if call.Kind != callmodel.KindCampaign {
			continue
		}
		if err := sw.Do(ctx, callmodel.EndCall{Cmd: callmodel.Cmd{By: "demo"}, Call: call.ID}); err != nil {
			r.log.Debug("demo: end a call of the campaign", "error", err) // it is over already
		}
	}
	for i := range demoDialers {
		cmd := callmodel.SetAgentState{Cmd: callmodel.Cmd{By: "demo"}, Agent: callmodel.AgentID("agent" + dialerLine(i)), State: callmodel.LoggedOut, SkipWrapUp: true}
		if err := sw.Do(ctx, cmd); err != nil {
			r.log.Debug("demo: log out", "error", err)
		}
	}
}
