package client

import (
	"context"
	"net/url"
	"strconv"

	"strowger/cti/rest"
)

// RecordFilter chooses records; empty fields match everything of today.
type RecordFilter struct {
	From, To, Queue, Agent, Call string
	Limit                        int // of all pages together; 0: no limit
}

// Figures chooses statistics.
type Figures struct {
	RecordFilter
	Every, By string
}

const recordsPage = 5000

func (f RecordFilter) query() url.Values {
	q := url.Values{}
	for k, v := range map[string]string{"from": f.From, "to": f.To, "queue": f.Queue, "agent": f.Agent, "call": f.Call} {
		if v != "" {
			q.Set(k, v)
		}
	}
	return q
}

// pages reads page after page.
func pages[T any](ctx context.Context, c *Client, path string, f RecordFilter) ([]T, error) {
	rows := []T{}
	for q := f.query(); ; {
		limit := recordsPage
		if f.Limit > 0 {
			limit = min(limit, f.Limit-len(rows))
		}
		q.Set("limit", strconv.Itoa(limit))
		page, err := get[rest.Page[T]](ctx, c, path, q)
		if err != nil {
			return nil, err
		}
		rows = append(rows, page.Rows...)
		if page.Next == "" || f.Limit > 0 && len(rows) >= f.Limit {
			return rows, nil
		}
		q.Set("after", page.Next)
	}
}

// CallRecords lists the rows of ended calls.
func (c *Client) CallRecords(ctx context.Context, f RecordFilter) ([]rest.CallRecord, error) {
	return pages[rest.CallRecord](ctx, c, "/api/v1/records/calls", f)
}

// Segments lists what parties did within calls.
func (c *Client) Segments(ctx context.Context, f RecordFilter) ([]rest.SegmentRecord, error) {
	return pages[rest.SegmentRecord](ctx, c, "/api/v1/records/segments", f)
}

// AgentStates lists what state agents were in.
func (c *Client) AgentStates(ctx context.Context, f RecordFilter) ([]rest.AgentStateRecord, error) {
	return pages[rest.AgentStateRecord](ctx, c, "/api/v1/records/agent-states", f)
}

// Attempts lists tries to reach somebody outside.
func (c *Client) Attempts(ctx context.Context, f RecordFilter) ([]rest.AttemptRecord, error) {
	return pages[rest.AttemptRecord](ctx, c, "/api/v1/records/attempts", f)
}

// DispositionRecords lists dispositions.
func (c *Client) DispositionRecords(ctx context.Context, f RecordFilter) ([]rest.DispositionRecord, error) {
	return pages[rest.DispositionRecord](ctx, c, "/api/v1/records/dispositions", f)
}

// CampaignRecords lists the attempts of a campaign.
func (c *Client) CampaignRecords(ctx context.Context, campaign string, f RecordFilter) ([]rest.CampaignRecord, error) {
	return pages[rest.CampaignRecord](ctx, c, campaignPath(campaign)+"/records", f)
}

// CampaignReport adds up the attempts of a campaign.
func (c *Client) CampaignReport(ctx context.Context, campaign, by string, f RecordFilter) (rest.CampaignReport, error) {
	q := f.query()
	q.Set("by", by)
	return get[rest.CampaignReport](ctx, c, campaignPath(campaign)+"/report", q)
}

// Statistics adds up.
func (c *Client) Statistics(ctx context.Context, f Figures) (rest.Statistics, error) {
	q := f.query()
	q.Set("every", f.Every)
	q.Set("by", f.By)
	return get[rest.Statistics](ctx, c, "/api/v1/statistics", q)
}

// LiveStatistics are the figures of the present day and moment.
func (c *Client) LiveStatistics(ctx context.Context) (rest.LiveStatistics, error) {
	return get[rest.LiveStatistics](ctx, c, "/api/v1/statistics/live", nil)
}

// QueueLog are lines in the form of Asterisk's queue_log.
func (c *Client) QueueLog(ctx context.Context, f RecordFilter) (rest.QueueLog, error) {
	return get[rest.QueueLog](ctx, c, "/api/v1/records/queue-log", f.query())
}
