package rest

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// CampaignList is the answer to GET /api/v1/campaigns.
type CampaignList struct {
	Campaigns []Campaign `json:"campaigns" nullable:"false" doc:"by number"`
}

// CampaignReasons is the answer to GET /api/v1/campaigns/{id}/reasons.
type CampaignReasons struct {
	Leads   int64       `json:"leads" doc:"all of the campaign's lists: the sum of the reasons"`
	Reasons []LeadCount `json:"reasons" nullable:"false"`
}

// CampaignDecisions is the answer to GET /api/v1/campaigns/{id}/decisions.
type CampaignDecisions struct {
	Decisions []CampaignDecision `json:"decisions" nullable:"false" doc:"the newest first"`
}

// CampaignRequest is the body of start, pause and stop. It may be left out.
type CampaignRequest struct {
	Reason string `json:"reason,omitempty" maxLength:"200" doc:"why, for whoever looks at it later"`
	Now    bool   `json:"now,omitempty" doc:"only stop: phones that ring are given up at once, against the rules; admins only, with a reason"`
}

// OverrideRequest is the body of override.
type OverrideRequest struct {
	Minutes int    `json:"minutes" minimum:"1" maximum:"1440" doc:"so long it may go beyond its budget"`
	Reason  string `json:"reason" minLength:"5" maxLength:"200" doc:"why the law does not mind"`
}

// SampleList is the answer to GET /api/v1/campaigns/{id}/samples.
type SampleList struct {
	Samples []ScreenSample `json:"samples" nullable:"false" doc:"the newest first"`
}

// SampleRequest is the body of POST /api/v1/samples/{attempt}.
type SampleRequest struct {
	Truth string `json:"truth" enum:"human,machine,unclear" doc:"what answered"`
}

const opCampaign = "campaign"

func (s *Server) campaigns() (Campaigns, error) {
	if s.opts.Dialer.Campaigns == nil {
		return nil, noDialer(opCampaign)
	}
	return s.opts.Dialer.Campaigns, nil
}

func (s *Server) samples() (Samples, error) {
	if s.opts.Dialer.Samples == nil {
		return nil, noDialer("samples")
	}
	return s.opts.Dialer.Samples, nil
}

// noDialer is the answer of a part of the dialer that is not there.
func noDialer(op string) error {
	return fault.New(fault.Unsupported, op, "", "this controller has no dialer: ask the one that calls the campaigns")
}

// look answers a question to a part of the dialer.
func look[P, O any](s *Server, op string, part func() (P, error), ask func(P) (O, error)) (*body[O], error) {
	p, err := part()
	var out O
	if err == nil {
		out, err = ask(p)
	}
	if err != nil {
		return nil, s.problem(op, err)
	}
	return reply(out), nil
}

// act has a part of the dialer do something, and leaves a record of it.
func act[P, O any](ctx context.Context, s *Server, o order, part func() (P, error), do func(P) (O, error)) (*body[O], error) {
	p, err := part()
	if err != nil {
		return nil, s.problem(o.id, err)
	}
	e, err := s.intend(ctx, o)
	if err != nil {
		return nil, s.problem(o.id, err)
	}
	out, err := do(p)
	s.outcome(ctx, e, o, err)
	if err != nil {
		return nil, s.problem(o.id, err)
	}
	return reply(out), nil
}

type (
	campaignInput  struct{ CampaignRef }
	decisionsInput struct {
		CampaignRef
		Limit int `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"at most this many"`
	}
	campaignOrderInput struct {
		CampaignRef
		Body *CampaignRequest
	}
	overrideInput struct {
		CampaignRef
		Body OverrideRequest
	}
	samplesInput struct {
		CampaignRef
		Unjudged bool `query:"unjudged" doc:"only those that nobody has listened to"`
		Limit    int  `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"at most this many"`
	}
	sampleInput struct{ SampleRef }
	labelInput  struct {
		SampleRef
		Body SampleRequest
	}
)

// CampaignRef names a campaign in a path.
type CampaignRef struct {
	ID string `path:"id" minLength:"1" maxLength:"40" doc:"the campaign's"`
}

// SampleRef names a sample in a path.
type SampleRef struct {
	Attempt string `path:"attempt" minLength:"26" maxLength:"26" doc:"ULID of the call"`
}

func (s *Server) campaignRoutes(api huma.API) {
	get := func(path, id, summary string) route {
		return route{method: http.MethodGet, path: "/api/v1/campaigns" + path, id: id, tag: "dialer", summary: summary}
	}
	add(s, api, get("", "listCampaigns", "The campaigns as they are now"), func(ctx context.Context, _ *noInput) (*body[CampaignList], error) {
		return look(s, opCampaign, s.campaigns, func(c Campaigns) (CampaignList, error) {
			list, err := c.Campaigns(ctx)
			return CampaignList{append([]Campaign{}, list...)}, err
		})
	})
	add(s, api, get("/{id}", "getCampaign", "One campaign"), func(ctx context.Context, in *campaignInput) (*body[Campaign], error) {
		return look(s, opCampaign, s.campaigns, func(c Campaigns) (Campaign, error) { return c.Campaign(ctx, in.ID) })
	})
	add(s, api, get("/{id}/budget", "getCampaignBudget", "What the rules allow a campaign, and what it has used"), func(ctx context.Context, in *campaignInput) (*body[CampaignBudget], error) {
		return look(s, opCampaign, s.campaigns, func(c Campaigns) (CampaignBudget, error) {
			one, err := c.Campaign(ctx, in.ID)
			return one.Budget, err
		})
	})
	add(s, api, get("/{id}/reasons", "listCampaignReasons", "Its leads, counted by what stands in their way"), s.getReasons)
	add(s, api, get("/{id}/decisions", "listCampaignDecisions", "Its last decisions, with what they were based on"), func(ctx context.Context, in *decisionsInput) (*body[CampaignDecisions], error) {
		return look(s, opCampaign, s.campaigns, func(c Campaigns) (CampaignDecisions, error) {
			list, err := c.Decisions(ctx, in.ID, in.Limit)
			return CampaignDecisions{append([]CampaignDecision{}, list...)}, err
		})
	})
	s.campaignOrders(api)
	s.sampleRoutes(api)
	s.campaignRecordRoutes(api)
}

func (s *Server) getReasons(ctx context.Context, in *campaignInput) (*body[CampaignReasons], error) {
	return look(s, opCampaign, s.campaigns, func(c Campaigns) (CampaignReasons, error) {
		list, err := c.Reasons(ctx, in.ID)
		out := CampaignReasons{Reasons: append([]LeadCount{}, list...)}
		for _, r := range list {
			out.Leads += r.Leads
		}
		return out, err
	})
}

// campaignOrders registers what changes what a campaign does.
func (s *Server) campaignOrders(api huma.API) {
	post := func(name, id, summary string) route {
		return route{method: http.MethodPost, path: "/api/v1/campaigns/{id}/" + name, id: id, tag: "dialer", summary: summary}
	}
	for _, o := range []struct {
		name, id, summary string
		do                func(Campaigns, context.Context, string, CampaignOrder) (Campaign, error)
	}{
		{"start", "startCampaign", "Have a campaign dial, from now on and after every restart", Campaigns.Start},
		{"pause", "pauseCampaign", "Have a campaign dial no more until it is started; phones that ring go on ringing", Campaigns.Pause},
		{"stop", "stopCampaign", "End a campaign: nothing is dialled from now on, phones ring for as long as they must, who answers is served", Campaigns.Stop},
	} {
		add(s, api, post(o.name, o.id, o.summary), func(ctx context.Context, in *campaignOrderInput) (*body[Campaign], error) {
			var want CampaignRequest
			if in.Body != nil {
				want = *in.Body
			}
			if err := mayHurry(ctx, o.name, want); err != nil {
				return nil, s.problem(o.id, err)
			}
			detail := want.Reason
			if want.Now {
				detail = "at once: " + detail
			}
			return act(ctx, s, order{id: o.id, subject: "campaign " + in.ID, detail: detail}, s.campaigns, func(c Campaigns) (Campaign, error) {
				return o.do(c, ctx, in.ID, CampaignOrder{By: callerOf(ctx).by, Reason: want.Reason, Now: want.Now})
			})
		})
	}
	add(s, api, post("override", "overrideCampaign", "Let a campaign go beyond its budget for a while; it is told everywhere"), func(ctx context.Context, in *overrideInput) (*body[Campaign], error) {
		if err := checkText("reason", in.Body.Reason, maxReason, false); err != nil {
			return nil, s.problem("overrideCampaign", err)
		}
		until := s.opts.Clock.Now().Add(time.Duration(in.Body.Minutes) * time.Minute)
		o := order{id: "overrideCampaign", subject: "campaign " + in.ID, detail: "until " + until.UTC().Format(time.RFC3339) + ": " + in.Body.Reason}
		return act(ctx, s, o, s.campaigns, func(c Campaigns) (Campaign, error) {
			return c.Override(ctx, in.ID, CampaignOverride{By: callerOf(ctx).by, Reason: in.Body.Reason, Until: until})
		})
	})
	add(s, api, route{method: http.MethodDelete, path: "/api/v1/campaigns/{id}/override", id: "endOverride", tag: "dialer", summary: "End that before its time: a campaign that was stopped is stopped again"},
		func(ctx context.Context, in *campaignInput) (*body[Campaign], error) {
			return act(ctx, s, order{id: "endOverride", subject: "campaign " + in.ID}, s.campaigns, func(c Campaigns) (Campaign, error) {
				return c.EndOverride(ctx, in.ID, callerOf(ctx).by)
			})
		})
}

// maxReason bounds what people write about an order, in bytes.
const maxReason = 800

// mayHurry refuses what gives up ringing phones without the right to, or
// without a reason.
func mayHurry(ctx context.Context, name string, want CampaignRequest) error {
	if err := checkText("reason", want.Reason, maxReason, false); err != nil || !want.Now {
		return err
	}
	switch {
	case name != "stop":
		return wrong("now", "only a stop can be made at once")
	case callerOf(ctx).role != RoleAdmin:
		return fault.New(fault.Denied, "stopCampaign", "", "to give up phones that have not rung for as long as the rules say needs the role admin; a stop without now does not")
	case want.Reason == "":
		return wrong("reason", "is missing: phones that have not rung for as long as the rules say are given up for a reason only")
	}
	return nil
}

// sampleRoutes registers what lets people judge the detector.
func (s *Server) sampleRoutes(api huma.API) {
	add(s, api, route{method: http.MethodGet, path: "/api/v1/campaigns/{id}/samples", id: "listSamples", tag: "dialer", summary: "Calls taken for machines of which the first seconds are kept"},
		func(ctx context.Context, in *samplesInput) (*body[SampleList], error) {
			return look(s, "samples", s.samples, func(p Samples) (SampleList, error) {
				list, err := p.List(ctx, in.ID, in.Unjudged, in.Limit)
				return SampleList{append([]ScreenSample{}, list...)}, err
			})
		})
	add(s, api, route{method: http.MethodGet, path: "/api/v1/samples/{attempt}/audio", id: "playSample", tag: "dialer", summary: "The first seconds of a call (audio/wav). Every request is audited"}, s.getSample)
	add(s, api, route{method: http.MethodPost, path: "/api/v1/samples/{attempt}", id: "labelSample", tag: "dialer", summary: "Say what a sample is: it counts against the budget"},
		func(ctx context.Context, in *labelInput) (*body[ScreenSample], error) {
			o := order{id: "labelSample", subject: quotedID(in.Attempt), detail: in.Body.Truth}
			return act(ctx, s, o, s.samples, func(p Samples) (ScreenSample, error) {
				id, err := attemptID(in.Attempt)
				if err != nil {
					return ScreenSample{}, err
				}
				return p.Label(ctx, id, in.Body.Truth, callerOf(ctx).by)
			})
		})
}

func (s *Server) getSample(ctx context.Context, in *sampleInput) (*huma.StreamResponse, error) {
	p, err := s.samples()
	if err != nil {
		return nil, s.problem("samples", err)
	}
	id, err := attemptID(in.Attempt)
	var file io.ReadSeekCloser
	if err == nil {
		file, err = p.Open(ctx, id)
	}
	s.audit(ctx, order{id: "playSample", subject: quotedID(in.Attempt)}, err)
	if err != nil {
		return nil, s.problem("samples", err)
	}
	return s.sound(id, "", file), nil
}

// attemptID is a call's id as a sample is kept by; never a name of a file.
func attemptID(ref string) (string, error) {
	id, err := callmodel.ParseID(ref)
	if err != nil {
		return "", fault.New(fault.NotFound, "sample", "", "no such sample: an id has 26 base-32 characters")
	}
	return id.String(), nil
}
