package main

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"strowger/cti/rest"
	"strowger/switch/fault"
	"strowger/switch/objects"
	"strowger/switch/records"
)

// otherLists is what board does not do.
type otherLists = rest.Lists

// board is a dialer with the campaign spring.
type board struct {
	otherLists
	state   string
	over    *rest.CampaignOverride
	lines   int64 // of the last import
	blocked []rest.DoNotCall
}

func (b *board) Campaigns(ctx context.Context) ([]rest.Campaign, error) {
	one, err := b.Campaign(ctx, "spring")
	return []rest.Campaign{one}, err
}

func (b *board) Campaign(_ context.Context, id string) (rest.Campaign, error) {
	if id != "spring" {
		return rest.Campaign{}, fault.New(fault.NotFound, "campaign", id, "there is no campaign of this name; did you mean spring?")
	}
	hit, at := 0.25, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	return rest.Campaign{
		ID: id, Name: "Spring", Queue: "sales", Mode: "predictive", Rules: "uk", Lists: []string{"spring", "autumn"}, State: b.state, Reason: "dialling",
		Text: "Dial 3: 2 of 7 agents are free.", Problems: []string{},
		Agents: rest.CampaignAgents{Signed: 8, Reachable: 7, Free: 2, Talking: 4, WrapUp: 1, ByHand: 1}, Lines: rest.CampaignLines{Ringing: 5, Talking: 4, Limit: 20},
		Today:  rest.CampaignFigures{Attempts: 120, Humans: 30, Machines: 40, Connected: 29, Dropped: 1, HitRate: &hit, Median: 0.18, P95: 0.4},
		Budget: rest.CampaignBudget{Limit: 0.03, WindowSeconds: 86400, Share: 1.0 / 30, Used: 1.1, Override: b.over},
		Leads: rest.CampaignLeads{Total: 1000, Ready: 600, Later: 275, Taken: 5, Done: 100, Excluded: 20, Reasons: []rest.LeadCount{
			{Reason: "now", Leads: 600}, {Reason: "retry", Leads: 275, Until: &at},
		}},
	}, nil
}

func (b *board) order(ctx context.Context, id, state string) (rest.Campaign, error) {
	b.state = state
	return b.Campaign(ctx, id)
}

func (b *board) Start(ctx context.Context, id string, _ rest.CampaignOrder) (rest.Campaign, error) {
	return b.order(ctx, id, "running")
}

func (b *board) Pause(ctx context.Context, id string, _ rest.CampaignOrder) (rest.Campaign, error) {
	return b.order(ctx, id, "paused")
}

func (b *board) Stop(ctx context.Context, id string, _ rest.CampaignOrder) (rest.Campaign, error) {
	return b.order(ctx, id, "stopped")
}

func (b *board) Override(ctx context.Context, id string, o rest.CampaignOverride) (rest.Campaign, error) {
	o.From = o.Until.Add(-30 * time.Minute)
	b.over = &o
	return b.Campaign(ctx, id)
}

func (b *board) EndOverride(ctx context.Context, id, _ string) (rest.Campaign, error) {
	if b.over == nil {
		return rest.Campaign{}, fault.New(fault.Conflict, "campaign: end override", "", "no override is in force: there is nothing to end")
	}
	b.over = nil
	return b.Campaign(ctx, id)
}

func (b *board) Overrides(_ context.Context, _ string, from, to time.Time) (out []rest.CampaignOverride, _ error) {
	if o := b.over; o != nil && o.From.Before(to) && o.Until.After(from) {
		out = append(out, *o)
	}
	return out, nil
}

func (b *board) Reasons(context.Context, string) ([]rest.LeadCount, error) {
	return []rest.LeadCount{{Reason: "now", Text: "called when their turn comes", Leads: 600}, {Reason: "window-closed", Text: "nobody is called there at this hour", Leads: 400}}, nil
}

func (b *board) Decisions(context.Context, string, int) ([]rest.CampaignDecision, error) {
	return []rest.CampaignDecision{{Dial: 3, Text: "2 of 7 agents are free"}}, nil
}

func (b *board) Why(_ context.Context, who string) ([]rest.LeadWhy, error) {
	if who != "spring/C-1" {
		return nil, nil
	}
	lead := rest.Lead{ID: 7, List: "spring", Ref: "C-1", State: "later", Result: "busy", Numbers: []rest.LeadNumber{}}
	return []rest.LeadWhy{
		{Lead: lead, Campaign: "spring", Reasons: []rest.LeadReason{{Reason: "retry", Text: "the last try says when"}, {Reason: "window-closed", Text: "it is 07:12 in Europe/Berlin, calls begin at 08:00"}}},
		{Lead: lead, Campaign: "autumn", Now: true, Reasons: []rest.LeadReason{}},
	}, nil
}

type boardSamples struct{}

func (boardSamples) List(context.Context, string, bool, int) ([]rest.ScreenSample, error) {
	return []rest.ScreenSample{{Attempt: "01KJQ9A0000000000000000009", Verdict: "machine"}}, nil
}

func (boardSamples) Open(context.Context, string) (io.ReadSeekCloser, error) {
	return struct {
		*strings.Reader
		io.Closer
	}{strings.NewReader("RIFF"), io.NopCloser(nil)}, nil
}

func (boardSamples) Label(_ context.Context, attempt, truth, by string) (rest.ScreenSample, error) {
	return rest.ScreenSample{Attempt: attempt, Truth: truth, By: by}, nil
}

// boardRecords has an attempt.
type boardRecords struct{ recordsOf }

func (boardRecords) CampaignSums(_ context.Context, campaign, by string, from, _ time.Time) ([]records.CampaignSum, error) {
	return []records.CampaignSum{{Group: by + " of " + campaign, Begin: from, Attempts: 10, Humans: 4, Connected: 3, Dropped: 1, Kept: 3, Missed: 1, Connect: 600 * time.Millisecond}}, nil
}

func (boardRecords) CampaignRecords(context.Context, string, records.Filter) ([]rest.CampaignRecord, string, error) {
	ms := int64(180)
	return []rest.CampaignRecord{{Call: "01KJ", Campaign: "spring", List: "spring", Lead: "=1+1", Number: "+49301", StartedAt: reportTime, ConnectMS: &ms, Message: "told", Rules: "uk", Result: "handled"}}, "", nil
}

// boardObjects takes every file and keeps the campaigns' names.
type boardObjects struct{ ids []string }

func (o *boardObjects) Apply(_ context.Context, a objects.Apply) (objects.Result, error) {
	set, err := objects.Parse(a.File, a.YAML)
	if err != nil {
		return objects.Result{}, err
	}
	var d objects.Diff
	for _, c := range set.Campaigns() {
		o.ids = append(o.ids, c.ID)
		d.Objects = append(d.Objects, objects.Change{Kind: objects.KindCampaign, ID: c.ID, Action: objects.Created})
	}
	return objects.Result{Diff: d, Version: 4}, nil
}

func (o *boardObjects) Get(context.Context, []objects.Kind, []string) (objects.Listing, error) {
	list := []any{}
	for _, id := range o.ids {
		list = append(list, map[string]any{"id": id})
	}
	return objects.Listing{Version: 3, Objects: map[string]any{"campaigns": list}}, nil
}

// TestCampaignScripts runs the command lines in testdata/campaign.
func TestCampaignScripts(t *testing.T) {
	runScripts(t, testscript.Params{
		Dir: "testdata/campaign",
		Setup: func(e *testscript.Env) error {
			serveFake(e.T().(testing.TB), filepath.Join(e.WorkDir, "var", "strowger.sock"), func(o *rest.Options) {
				b := &board{state: "stopped"}
				o.Dialer, o.Objects, o.Records = rest.Dialer{Campaigns: b, Lists: b, Samples: boardSamples{}}, &boardObjects{}, boardRecords{}
			})
			return nil
		},
	})
}

// TestWatchCampaign: a line each time, until somebody ends it.
func TestWatchCampaign(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s.sock")
	serveFake(t, socket, func(o *rest.Options) { o.Dialer.Campaigns = &board{state: "running"} })
	for output, want := range map[string]string{outputText: " running ringing=5 waiting=0 talking=4 free=2/7 today=120 dropped=1 used=110% left=880: Dial 3", outputJSON: `"ringing":5`} {
		ctx, cancel := context.WithCancel(t.Context())
		out := &lines{more: make(chan struct{}, 1)}
		code := make(chan int, 1)
		go func() {
			code <- run(ctx, []string{"campaign", "watch", "spring", "--every", "100ms", "--output", output, "--socket", socket}, out, io.Discard)
		}()
		out.wait(t, want)
		cancel()
		if got := <-code; got != exitOK {
			t.Errorf("%s: exit code %d", output, got)
		}
	}
	var none, errs bytes.Buffer
	if code := run(t.Context(), []string{"campaign", "watch", "sprung", "--socket", socket}, &none, &errs); code != exitFailure || !strings.Contains(errs.String(), "did you mean spring?") {
		t.Errorf("code %d: %s", code, &errs)
	}
}

func TestGauge(t *testing.T) {
	for used, want := range map[float64]string{0: strings.Repeat("-", 20), 0.49: strings.Repeat("#", 10) + strings.Repeat("-", 10), 2: strings.Repeat("#", 20), -1: strings.Repeat("-", 20)} {
		if got := gauge(used); !strings.HasPrefix(got, "["+want+"] ") {
			t.Errorf("%g: %s", used, got)
		}
	}
	if got := []string{percent(0), percent(0.004), percent(0.031), percent(0.5), percent(1.1)}; !slices.Equal(got, []string{"0%", "0.4%", "3.1%", "50%", "110%"}) {
		t.Error(got)
	}
}
