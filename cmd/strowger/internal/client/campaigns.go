package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"strowger/cti/rest"
)

const campaigns = "/api/v1/campaigns"

func campaignPath(id string) string { return campaigns + "/" + url.PathEscape(id) }

// Campaigns lists the campaigns as they are now.
func (c *Client) Campaigns(ctx context.Context) (rest.CampaignList, error) {
	return get[rest.CampaignList](ctx, c, campaigns, nil)
}

// Campaign returns one campaign.
func (c *Client) Campaign(ctx context.Context, id string) (rest.Campaign, error) {
	return get[rest.Campaign](ctx, c, campaignPath(id), nil)
}

// OrderCampaign starts, pauses or stops a campaign.
func (c *Client) OrderCampaign(ctx context.Context, id, order string, r rest.CampaignRequest) (rest.Campaign, error) {
	return send[rest.Campaign](ctx, c, campaignPath(id)+"/"+order, r)
}

// OverrideCampaign lets a campaign go beyond its budget.
func (c *Client) OverrideCampaign(ctx context.Context, id string, r rest.OverrideRequest) (rest.Campaign, error) {
	return send[rest.Campaign](ctx, c, campaignPath(id)+"/override", r)
}

// EndOverride ends that before its time.
func (c *Client) EndOverride(ctx context.Context, id string) (rest.Campaign, error) {
	return sendBy[rest.Campaign](ctx, c, http.MethodDelete, campaignPath(id)+"/override", nil)
}

// CampaignReasons counts a campaign's leads by what stands in their way.
func (c *Client) CampaignReasons(ctx context.Context, id string) (rest.CampaignReasons, error) {
	return get[rest.CampaignReasons](ctx, c, campaignPath(id)+"/reasons", nil)
}

// CampaignDecisions lists its last decisions.
func (c *Client) CampaignDecisions(ctx context.Context, id string, limit int) (rest.CampaignDecisions, error) {
	return get[rest.CampaignDecisions](ctx, c, campaignPath(id)+"/decisions", url.Values{"limit": {strconv.Itoa(limit)}})
}

// Why says what stands in the way of a lead, or of everybody with a number.
func (c *Client) Why(ctx context.Context, who string) (rest.LeadWhyList, error) {
	return get[rest.LeadWhyList](ctx, c, "/api/v1/leads/why", url.Values{"who": {who}})
}

// Samples lists calls of a campaign that were taken for machines.
func (c *Client) Samples(ctx context.Context, campaign string, unjudged bool, limit int) (rest.SampleList, error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if unjudged {
		q.Set("unjudged", "true")
	}
	return get[rest.SampleList](ctx, c, campaignPath(campaign)+"/samples", q)
}

// LabelSample says what a sample is.
func (c *Client) LabelSample(ctx context.Context, attempt, truth string) (rest.ScreenSample, error) {
	return send[rest.ScreenSample](ctx, c, "/api/v1/samples/"+url.PathEscape(attempt), rest.SampleRequest{Truth: truth})
}

// SampleAudio copies the sound of a sample.
func (c *Client) SampleAudio(ctx context.Context, attempt string, w io.Writer) (int64, error) {
	return c.copied(ctx, "/api/v1/samples/"+url.PathEscape(attempt)+"/audio", w)
}

// copied copies an answer as it comes.
func (c *Client) copied(ctx context.Context, path string, w io.Writer) (int64, error) {
	resp, err := c.open(ctx, http.MethodGet, path, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }() // everything of interest has been read
	n, err := io.Copy(w, resp.Body)
	if err != nil {
		return n, c.unreachable(err)
	}
	return n, nil
}
