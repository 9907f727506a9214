package controller

import (
	"context"
	"slices"
	"strings"

	"strowger/cti/rest"
	"strowger/dialer/lead"
	"strowger/dialer/runner"
	"strowger/switch/fault"
	"strowger/switch/objects"
)

// reconsiders judges leads anew that a rule has left out. NotFound where there
// is no such list.
type reconsiders interface {
	Reconsider(ctx context.Context, lists []lead.Share) (int64, error)
}

// campaignDesk shows the campaigns to people and programs, and carries out what
// they want of them. It implements [rest.Campaigns].
type campaignDesk struct {
	dialer  *runner.Runner
	objects func() *objects.Set
	lists   reconsiders
}

var _ rest.Campaigns = campaignDesk{}

// Campaigns implements [rest.Campaigns].
func (d campaignDesk) Campaigns(context.Context) ([]rest.Campaign, error) {
	out := []rest.Campaign{}
	set := d.objects().Campaigns()
	all := d.dialer.All()
	for i := range set {
		if p, there := all[set[i].ID]; there {
			out = append(out, shownCampaign(&set[i], &p))
		}
	}
	slices.SortFunc(out, func(a, b rest.Campaign) int { return int(a.Number - b.Number) })
	return out, nil
}

// Campaign implements [rest.Campaigns].
func (d campaignDesk) Campaign(ctx context.Context, id string) (rest.Campaign, error) {
	set := d.objects().Campaigns()
	i := slices.IndexFunc(set, func(o objects.Campaign) bool { return o.ID == id })
	p, there, err := d.dialer.LiveNow(ctx, id)
	if err != nil {
		return rest.Campaign{}, err
	}
	if !there || i < 0 {
		return rest.Campaign{}, fault.New(fault.NotFound, "campaign", id, "there is no such campaign in the configuration; strowger campaign list shows those that there are")
	}
	return shownCampaign(&set[i], &p), nil
}

func (d campaignDesk) order(ctx context.Context, id string, want runner.Wanted, o rest.CampaignOrder) (rest.Campaign, error) {
	if err := d.dialer.Do(ctx, runner.Order{Campaign: id, Want: want, Now: o.Now, By: o.By, Why: o.Reason}); err != nil {
		return rest.Campaign{}, err
	}
	return d.Campaign(ctx, id)
}

// Start implements [rest.Campaigns]. Leads that a rule has left out are judged
// anew: the rules may be others now.
func (d campaignDesk) Start(ctx context.Context, id string, o rest.CampaignOrder) (rest.Campaign, error) {
	if err := d.reconsider(ctx, id); err != nil {
		return rest.Campaign{}, err
	}
	return d.order(ctx, id, runner.WantRunning, o)
}

func (d campaignDesk) reconsider(ctx context.Context, id string) error {
	set := d.objects().Campaigns()
	i := slices.IndexFunc(set, func(o objects.Campaign) bool { return o.ID == id })
	if i < 0 {
		return nil // the order says that there is none
	}
	for _, l := range set[i].Lists {
		_, err := d.lists.Reconsider(ctx, []lead.Share{{List: l.List}})
		if fault.Is(err, fault.NotFound) { // it would wait for leads without a word
			return fault.Newf(fault.Conflict, "campaign: start", id, "there is no list %s yet: 'strowger list import %s FILE' makes it", l.List, l.List)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Pause implements [rest.Campaigns].
func (d campaignDesk) Pause(ctx context.Context, id string, o rest.CampaignOrder) (rest.Campaign, error) {
	return d.order(ctx, id, runner.WantPaused, o)
}

// Stop implements [rest.Campaigns].
func (d campaignDesk) Stop(ctx context.Context, id string, o rest.CampaignOrder) (rest.Campaign, error) {
	return d.order(ctx, id, runner.WantStopped, o)
}

// Reasons implements [rest.Campaigns].
func (d campaignDesk) Reasons(ctx context.Context, id string) ([]rest.LeadCount, error) {
	checked, err := d.dialer.Check(ctx, id)
	return leadCounts(checked.Leads), err
}

// Decisions implements [rest.Campaigns].
func (d campaignDesk) Decisions(ctx context.Context, id string, limit int) ([]rest.CampaignDecision, error) {
	list, err := d.dialer.Decisions(ctx, id, limit)
	out := make([]rest.CampaignDecision, len(list))
	for i := range list {
		out[i] = shownDecision(&list[i])
	}
	return out, err
}

func shownDecision(d *runner.Decided) rest.CampaignDecision {
	return rest.CampaignDecision{
		At: d.At, Dial: d.Dial, Cancel: d.Decision.Cancel, Reason: string(d.Reason), Text: d.Text, AnswerRate: d.Decision.Rate, Risk: d.Decision.Risk,
		Threshold: d.Decision.Allowed, FreeSoon: d.Decision.FreeSoon, AnswersSoon: d.Decision.AnswersSoon,
	}
}

func shownCampaign(o *objects.Campaign, p *runner.Picture) rest.Campaign {
	out := rest.Campaign{
		ID: p.Campaign, Number: p.Number, Name: p.Name, Queue: string(p.Queue), Mode: string(p.Mode), Rules: o.Rules, Lists: []string{},
		State: string(p.Wanted), By: p.By, Why: p.Why, Since: shownTime(p.Since), Reason: string(p.Reason), Text: p.Text, Problems: append([]string{}, p.Problems...), Notes: append([]string{}, p.Notes...),
		Agents: rest.CampaignAgents{Signed: p.SignedIn, Reachable: p.Reachable, Free: p.Free, Talking: p.Talking, WrapUp: p.WrapUp, Elsewhere: p.Elsewhere, ByHand: p.ByHand},
		Lines:  rest.CampaignLines{Ringing: p.Ringing, Waiting: p.Waiting, Talking: p.Connected, Ahead: p.Hopper, Limit: o.MaxLines},
		Today: rest.CampaignFigures{
			Attempts: p.Dials, Humans: p.Today.Humans, Machines: p.Today.Machines, Connected: p.Today.Connected, Dropped: p.Today.Dropped, Abandoned: p.Today.Left,
			Median: p.Median.Seconds(), P95: p.P95.Seconds(),
		},
		Budget: shownBudget(p),
		Leads:  shownLeads(p.Left),
		EndsAt: shownTime(p.Ends),
	}
	if todo := doNext[p.Reason]; todo != "" {
		out.Text += ": " + strings.ReplaceAll(todo, "ID", p.Campaign)
	}
	for _, l := range o.Lists {
		out.Lists = append(out.Lists, l.List)
	}
	if p.Dials > 0 {
		hits := float64(p.Today.Humans) / float64(p.Dials)
		out.Today.HitRate = &hits
	}
	if !p.At.IsZero() {
		last := shownDecision(&runner.Decided{At: p.At, Dial: p.Decision.Dial, Reason: p.Reason, Text: p.Text, Decision: p.Decision})
		out.Decision = &last
	}
	return out
}

// doNext says what somebody can do about a campaign that rests.
var doNext = map[runner.Reason]string{
	runner.Stopped:     "'strowger campaign start ID' has it dial",
	runner.Paused:      "'strowger campaign start ID' has it go on",
	runner.NoAgents:    "'strowger agents ready AGENT' signs one in",
	runner.Unreachable: "give them such a station, or dial in the mode preview",
	runner.NoLeads:     "'strowger campaign reasons ID' counts why, 'strowger list import' brings more",
	runner.Budget:      "'strowger campaign start ID' when the share is lower, or an administrator's 'strowger campaign override ID'",
}

func shownBudget(p *runner.Picture) rest.CampaignBudget {
	b := &p.Budget
	out := rest.CampaignBudget{
		Limit: b.Limit, Target: p.Target, WindowSeconds: p.Window.Seconds(), From: shownTime(b.From), Humans: b.Live(), Dropped: b.Dropped, FalseMachines: b.FalseMachines,
		Share: b.Share, Used: b.Used, Left: b.Headroom, Projected: b.Projected, Stopped: p.Reason == runner.Budget,
	}
	if p.Override.Until.After(p.At) {
		over := shownOverride(&p.Override)
		out.Override = &over
	}
	return out
}

// leadTexts say what stands in a lead's way.
var leadTexts = map[lead.Word]string{
	lead.Now:           "called when their turn comes",
	lead.NotInCampaign: "their list is none of the campaign's",
	lead.ListClosed:    "their list is closed",
	lead.ImportRuns:    "their import is not complete",
	lead.Dialling:      "being called now",
	lead.IsDone:        "done",
	lead.IsExcluded:    "left out for good",
	lead.NoNumber:      "all their numbers are closed",
	lead.Expired:       "their last moment is over",
	lead.DoNotCall:     "on a do-not-call list",
	lead.NoConsent:     "no consent is on record",
	lead.CapLead:       "tried as often as a lead may be",
	lead.NoZone:        "nobody knows what time it is there: give them a time zone",
	lead.WaitsCallback: "a call was agreed for later",
	lead.WaitsRetry:    "the last try says when to try again",
	lead.NotYet:        "their first moment has not come",
	lead.NumberCap:     "tried as often as a number may be in that time",
	lead.LockedOut:     "after a dropped call or a machine: only where an agent is reserved",
	lead.WaitsAgent:    "only their own agent may call",
	lead.WindowClosed:  "outside the hours at their place",
}

func leadCounts(c lead.Counts) []rest.LeadCount {
	out := []rest.LeadCount{}
	for _, w := range lead.Words() {
		if n := c[w]; n > 0 {
			out = append(out, rest.LeadCount{Reason: string(w), Text: leadTexts[w], Leads: n})
		}
	}
	return out
}

// shownLeads sorts the reasons into the states that a campaign's leads have.
func shownLeads(c lead.Counts) rest.CampaignLeads {
	out := rest.CampaignLeads{Total: c.Sum(), Reasons: leadCounts(c)}
	for w, n := range c {
		switch w {
		case lead.Now:
			out.Ready += n
		case lead.Dialling:
			out.Taken += n
		case lead.IsDone:
			out.Done += n
		case lead.IsExcluded, lead.NoNumber, lead.Expired, lead.NoConsent, lead.CapLead, lead.DoNotCall, lead.NotInCampaign, lead.ListClosed:
			out.Excluded += n
		case lead.ImportRuns, lead.NoZone, lead.WaitsCallback, lead.WaitsRetry, lead.NotYet, lead.NumberCap, lead.LockedOut, lead.WaitsAgent, lead.WindowClosed:
			out.Later += n
		}
	}
	return out
}
