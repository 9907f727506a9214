package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/fault"
	"strowger/switch/records"
)

// CampaignRecord is one attempt of a campaign, as it has to be kept on record.
type CampaignRecord struct {
	Call           string     `json:"call" doc:"ULID of the attempt"`
	Campaign       string     `json:"campaign"`
	List           string     `json:"list"`
	Lead           string     `json:"lead"`
	Number         string     `json:"number"`
	Shown          string     `json:"shown" doc:"number that was shown"`
	Mode           string     `json:"mode"`
	Rules          string     `json:"rules" doc:"by which it was made; empty while it goes on"`
	ObjectsVersion int64      `json:"objects_version" doc:"version of the configuration objects that it was made by"`
	Agent          string     `json:"agent"`
	StartedAt      time.Time  `json:"started_at"`
	RingingAt      *time.Time `json:"ringing_at"`
	AnsweredAt     *time.Time `json:"answered_at"`
	GreetingEndAt  *time.Time `json:"greeting_end_at" doc:"when the person had said their hello, where it was heard"`
	BridgedAt      *time.Time `json:"bridged_at" doc:"when customer and agent could talk"`
	EndedAt        *time.Time `json:"ended_at"`
	RingSeconds    float64    `json:"ring_seconds" doc:"from the order to the answer or the end"`
	ConnectMS      *int64     `json:"connect_ms" doc:"from the answer to the agent, in milliseconds"`
	Verdict        string     `json:"verdict" doc:"who has answered, as far as the detector could tell"`
	Dropped        bool       `json:"dropped" doc:"a person answered, and no agent was there in time"`
	Message        string     `json:"message" doc:"how much of a message was told: begun or told; empty: none"`
	DoNotCall      bool       `json:"do_not_call" doc:"the person wants no more calls: by the key in a message, or as the agent noted"`
	CutShort       bool       `json:"cut_short" doc:"given up before it had rung for as long as it must"`
	Result         string     `json:"result"`
	Cause          int        `json:"cause" doc:"Q.850"`
	TechCause      int        `json:"tech_cause" doc:"SIP status"`
}

// CampaignLine is what has become of some attempts.
type CampaignLine struct {
	Group          string     `json:"group" doc:"list, agent or result"`
	From           *time.Time `json:"from,omitempty" doc:"begin of the hour or day"`
	Attempts       int64      `json:"attempts"`
	Humans         int64      `json:"humans" doc:"answered, and by no machine as far as could be told"`
	HitRate        *float64   `json:"hit_rate,omitempty" doc:"humans per attempt"`
	Machines       int64      `json:"machines"`
	Connected      int64      `json:"connected"`
	Dropped        int64      `json:"dropped" doc:"nobody was there in time"`
	DropRate       *float64   `json:"drop_rate,omitempty" doc:"dropped per dropped or connected, as the budget counts it: without previews, messages and machines that an agent got"`
	Abandoned      int64      `json:"abandoned" doc:"hung up before somebody had to be there"`
	Successes      int64      `json:"successes" doc:"by the main disposition"`
	RingSeconds    float64    `json:"ring_seconds" doc:"mean"`
	TalkSeconds    float64    `json:"talk_seconds" doc:"sum"`
	ConnectMS      int64      `json:"connect_ms" doc:"mean, from the answer to the agent"`
	ConnectLongest int64      `json:"connect_longest_ms"`
}

// CampaignReport is the answer to GET /api/v1/campaigns/{id}/report.
type CampaignReport struct {
	Campaign  string             `json:"campaign"`
	From      time.Time          `json:"from"`
	To        time.Time          `json:"to"`
	By        string             `json:"by" enum:"list,agent,hour,day,outcome"`
	Overrides []CampaignOverride `json:"overrides" nullable:"false" doc:"when somebody let it go beyond its budget in this time"`
	Lines     []CampaignLine     `json:"lines" nullable:"false"`
}

type reportInput struct {
	CampaignRef
	Period
	By string `query:"by" enum:"list,agent,hour,day,outcome" default:"outcome" doc:"what is told apart"`
}

type campaignRowsInput struct {
	CampaignRef
	Period
	After string `query:"after" maxLength:"300" doc:"what the page before has given as next"`
	Limit int    `query:"limit" minimum:"1" maximum:"10000" default:"1000" doc:"at most this many"`
}

func (s *Server) campaignRecordRoutes(api huma.API) {
	get := func(path, id, summary, doc string) route {
		return route{method: http.MethodGet, path: "/api/v1/campaigns/{id}/" + path, id: id, tag: "dialer", summary: summary, doc: doc}
	}
	add(s, api, get("report", "getCampaignReport", "What has become of its attempts, by list, agent, hour, day or outcome", "Attempts count to the hour or day in which they began."), s.getCampaignReport)
	add(s, api, get("records", "listCampaignRecords", "Its attempts as they have to be kept on record", "Rows come in order of their start, those of campaigns that are gone too."), s.getCampaignRecords)
}

func (s *Server) getCampaignReport(ctx context.Context, in *reportInput) (*body[CampaignReport], error) {
	f, err := s.filter(in.Period)
	if err != nil {
		return nil, s.problem("report", err)
	}
	sums, err := s.opts.Records.CampaignSums(ctx, in.ID, in.By, f.From, f.To)
	if err != nil {
		return nil, s.problem("report", err)
	}
	out := CampaignReport{Campaign: in.ID, From: f.From, To: f.To, By: in.By, Overrides: []CampaignOverride{}, Lines: []CampaignLine{}}
	if c := s.opts.Dialer.Campaigns; c != nil {
		over, err := c.Overrides(ctx, in.ID, f.From, f.To)
		if err == nil {
			out.Overrides = append(out.Overrides, over...)
			_, err = c.Campaign(ctx, in.ID)
		}
		if err != nil && (!fault.Is(err, fault.NotFound) || len(sums) == 0) {
			return nil, s.problem("report", err)
		}
	}
	for i := range sums {
		out.Lines = append(out.Lines, campaignLine(&sums[i]))
	}
	return reply(out), nil
}

func campaignLine(c *records.CampaignSum) CampaignLine {
	out := CampaignLine{
		Group: c.Group, Attempts: c.Attempts, Humans: c.Humans, Machines: c.Machines, Connected: c.Connected, Dropped: c.Dropped, Abandoned: c.Abandoned, Successes: c.Successes,
		HitRate: share(c.Humans, c.Attempts), DropRate: share(c.Missed, c.Missed+c.Kept), TalkSeconds: c.Talk.Seconds(), ConnectLongest: c.Longest.Milliseconds(),
	}
	if c.Begin.Unix() > 0 {
		out.From = &c.Begin
	}
	if c.Attempts > 0 {
		out.RingSeconds = c.Ring.Seconds() / float64(c.Attempts)
	}
	if c.Connected > 0 {
		out.ConnectMS = c.Connect.Milliseconds() / c.Connected
	}
	return out
}

// share is a part of a whole; nil where there is no whole.
func share(part, whole int64) *float64 {
	if whole == 0 {
		return nil
	}
	v := float64(part) / float64(whole)
	return &v
}

func (s *Server) getCampaignRecords(ctx context.Context, in *campaignRowsInput) (*body[Page[CampaignRecord]], error) {
	f, err := s.filter(in.Period)
	if err != nil {
		return nil, s.problem("records", err)
	}
	f.After, f.Limit = in.After, in.Limit
	rows, next, err := s.opts.Records.CampaignRecords(ctx, in.ID, f)
	if err != nil {
		return nil, s.problem("records", err)
	}
	return reply(Page[CampaignRecord]{Rows: append([]CampaignRecord{}, rows...), Next: next}), nil
}

// CampaignRecordOf puts an attempt into the form of the interface.
func CampaignRecordOf(r *records.Attempt, rules string) CampaignRecord {
	d := &r.Dialer
	out := CampaignRecord{
		Call: r.Call, Campaign: d.Campaign, List: d.List, Lead: d.Lead, Number: r.Number, Shown: r.Shown, Mode: d.Mode, Rules: rules, ObjectsVersion: d.Version, Agent: r.Agent,
		StartedAt: r.Started, RingingAt: knownTime(r.Ringing), AnsweredAt: knownTime(r.Answered), GreetingEndAt: knownTime(d.Greeting), BridgedAt: knownTime(d.Bridged),
		EndedAt: knownTime(r.Ended), RingSeconds: r.Ring.Seconds(), Verdict: d.Verdict, Dropped: d.Dropped, Message: d.Message.String(), DoNotCall: d.DoNotCall, CutShort: d.CutShort,
		Result: d.Result, Cause: r.Cause, TechCause: r.TechCause,
	}
	if !d.Bridged.IsZero() && !r.Answered.IsZero() {
		ms := d.Bridged.Sub(r.Answered).Milliseconds()
		out.ConnectMS = &ms
	}
	return out
}
