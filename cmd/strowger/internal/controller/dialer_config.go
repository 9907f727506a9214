package controller

import (
	"fmt"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/lead"
	"strowger/dialer/rule"
	"strowger/dialer/runner"
	"strowger/switch/calendar"
	"strowger/switch/callmodel"
	"strowger/switch/objects"
	"strowger/switch/objects/schema"
)

// falsePrior is the share of what a detector takes for machines that is taken
// to be people, until a person has listened to enough samples.
const falsePrior = 0.02

// dialerConfig is what the dialer makes of the objects.
func dialerConfig(set *objects.Set, f *dialerForm) *runner.Config {
	out := &runner.Config{}
	calendars := map[string]calendar.Calendar{}
	for _, c := range set.Config().Calendars {
		calendars[c.ID] = c
	}
	for _, o := range set.Campaigns() {
		out.Campaigns = append(out.Campaigns, dialerCampaign(&o, calendars, f))
	}
	for _, g := range set.TrunkGroups() {
		out.Groups = append(out.Groups, runner.Group{
			ID: g.ID, Trunks: g.Trunks,
			Bounds: campaign.Trunks{MaxCalls: g.MaxCalls, Reserve: g.Reserve, Rate: 1000 * int64(g.CallsPerSecond)},
			Fuse:   campaign.Fuse{InRow: g.Failures, Within: g.Window, Probe: g.Probe},
		})
	}
	return out
}

func dialerCampaign(o *objects.Campaign, calendars map[string]calendar.Calendar, f *dialerForm) runner.Campaign {
	c := runner.Campaign{
		ID: o.ID, Name: o.Name, Number: o.Number, Queue: o.Queue, Mode: o.Mode, Weight: o.Weight, Ring: o.Ring, MaxLines: o.MaxLines, Group: o.TrunkGroup,
		CallbackWait: o.Callbacks.Wait, MineOnly: o.Callbacks.MineOnly, Blend: o.Blend, FreshFirst: o.FreshFirst, Slow: !o.Accepting,
	}
	for _, l := range o.Lists {
		c.Lists = append(c.Lists, lead.Share{List: l.List, Weight: l.Weight})
	}
	if len(c.Lists) == 0 {
		c.Problems = append(c.Problems, "it has no lists: write which under `lists`")
	}
	if f.kept > 0 && f.kept < campaign.Keep {
		c.Problems = append(c.Problems, fmt.Sprintf("its budget would forget drops: records of attempts are kept for %s; write at least %s under `statistics.keep.attempts` of the configuration, or 0s to keep all, and restart",
			schema.FormatDuration(f.kept), schema.FormatDuration(campaign.Keep)))
	}
	for _, one := range o.CallerIDs {
		prefix := ""
		if one.Prefix != "" {
			prefix = "+" + one.Prefix
		}
		c.Callers = append(c.Callers, runner.Caller{Prefix: prefix, Numbers: one.Numbers, PerDay: one.PerDay})
	}
	pack, err := packOf(o, calendars)
	if err == nil {
		regions := map[string]calendar.Calendar{}
		for name, id := range o.Regions {
			regions[name] = calendars[id]
		}
		var own *calendar.Calendar
		if cal, there := calendars[o.Hours]; there {
			own = &cal
		}
		c.Hours, err = rule.NewHours(&pack, own, regions)
	}
	if err != nil { // what the objects' own check has let through is refused here
		c.Problems = append(c.Problems, err.Error())
		pack = rule.Strictest()
		c.Hours = rule.Closed()
	}
	for _, text := range pack.Laxer() {
		if o.Rules == "custom" {
			c.Notes = append(c.Notes, "its own rules are less strict: "+text)
		}
	}
	c.Plan = planOf(o, pack)
	c.Budget = budgetOf(o, pack, f.zone)
	return c
}

// packOf is the rules that a campaign has chosen.
func packOf(o *objects.Campaign, calendars map[string]calendar.Calendar) (rule.Pack, error) {
	if pack, there := rule.ByName(o.Rules); there {
		return pack, nil
	}
	custom := rule.Custom{
		Limit: new(share(o.Custom.Limit)), Window: o.Custom.Window, Connect: o.Custom.ConnectWithin, From: rule.From(o.Custom.ConnectFrom),
		RingLeast: o.Custom.RingLeast, Drop: o.Custom.AfterDropped, Machine: o.Custom.AfterMachine,
	}
	if cal, there := calendars[o.Custom.Hours]; there {
		custom.Hours = &cal
	}
	return custom.Pack()
}

// share makes a share of hundredths of a percent.
func share(hundredths int64) float64 { return float64(hundredths) / 10_000 }

func planOf(o *objects.Campaign, pack rule.Pack) rule.Plan {
	p := rule.Plan{Pack: pack, Caps: lead.Caps(o.Caps), Dispositions: map[string]rule.Disposition{}, Scope: o.OptOut}
	if o.OptOut == "campaign" {
		p.Scope = fmt.Sprintf("campaign:%s", o.ID)
	}
	own := rule.Retries{}
	for _, r := range o.Retry {
		own[lead.Result(r.Result)] = rule.Retry{After: r.After, Most: r.Most, NextNumber: r.NextNumber}
	}
	p.Retries = rule.DefaultRetries().With(own)
	for _, r := range o.Results {
		d := rule.Disposition{Block: r.DoNotCall, Close: r.ExcludeNumber}
		if !r.Final {
			d.After = r.RetryAfter
		}
		p.Dispositions[r.Disposition] = d
	}
	return p
}

func budgetOf(o *objects.Campaign, pack rule.Pack, zone *time.Location) campaign.Rule {
	b := campaign.Rule{Limit: pack.Limit, Aim: pack.Limit, Window: campaign.Window{Kind: campaign.Rolling, Length: pack.Window}, Zone: zone}
	if pack.Life {
		b.Window.Kind = campaign.Successive
	}
	if o.Target != nil {
		b.Aim = share(*o.Target)
	}
	if o.Mode == callmodel.DialProgressive {
		b.Aim = 0
	}
	if o.Screened {
		b.Prior = falsePrior
	}
	return b
}
