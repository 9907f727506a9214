package controller

import (
	"context"
	"time"

	"strowger/cti/rest"
	"strowger/dialer/campaign"
	"strowger/dialer/runner"
)

// Override implements [rest.Campaigns].
func (d campaignDesk) Override(ctx context.Context, id string, o rest.CampaignOverride) (rest.Campaign, error) {
	if err := d.dialer.Override(ctx, id, campaign.Override{Until: o.Until, By: o.By, Reason: o.Reason}); err != nil {
		return rest.Campaign{}, err
	}
	return d.Campaign(ctx, id)
}

// EndOverride implements [rest.Campaigns].
func (d campaignDesk) EndOverride(ctx context.Context, id, by string) (rest.Campaign, error) {
	if err := d.dialer.EndOverride(ctx, id, by); err != nil {
		return rest.Campaign{}, err
	}
	return d.Campaign(ctx, id)
}

// Overrides implements [rest.Campaigns].
func (d campaignDesk) Overrides(ctx context.Context, id string, from, to time.Time) ([]rest.CampaignOverride, error) {
	list, err := d.dialer.Overrides(ctx, id, from, to)
	out := make([]rest.CampaignOverride, len(list))
	for i := range list {
		out[i] = shownOverride(&list[i])
	}
	return out, err
}

func shownOverride(o *campaign.Override) rest.CampaignOverride {
	return rest.CampaignOverride{By: o.By, Reason: o.Reason, From: o.From, Until: o.Until, EndedBy: o.EndedBy}
}

// overridesNow are incidents as long as they last: campaigns that somebody lets
// go beyond their budget.
func overridesNow(all map[string]runner.Picture, now time.Time) (out []rest.Incident) {
	for id := range all {
		p := all[id]
		if o := &p.Override; now.Before(o.Until) {
			out = append(out, rest.Incident{Time: o.From, Reason: "campaign " + id + " may go beyond its budget until " + o.Until.UTC().Format(time.RFC3339) + ", by " + o.By + ": " + o.Reason})
		}
	}
	return out
}
