package objects

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"strowger/switch/callmodel"
)

// TestCampaigns: what the dialer and the model get of the example's campaigns.
func TestCampaigns(t *testing.T) {
	s := mustCheck(t, string(example(t)))
	want := Campaign{
		ID: "renewals", Name: "Renewals", Number: 1, Queue: "sales", Mode: callmodel.DialPredictive, Weight: 1,
		Lists: []CampaignList{{List: "spring", Weight: 2}, {List: "autumn", Weight: 1}}, Rules: "custom",
		Custom: CustomRules{
			Limit: 250, Window: 24 * time.Hour, ConnectWithin: 2 * time.Second, ConnectFrom: callmodel.FromAnswer, RingLeast: 15 * time.Second,
			Hours: "office", AfterDropped: 72 * time.Hour, AfterMachine: 24 * time.Hour,
		},
		Target: new(int64(200)), Ring: 25 * time.Second, MaxLines: 15, TrunkGroup: "outbound", Hours: "office", Regions: map[string]string{"BY": "office"},
		CallerIDs: []CampaignCaller{
			{Prefix: "4930", Numbers: []string{"+49301000601", "+49301000602"}, PerDay: 200}, {Numbers: []string{"+49301000600"}},
		},
		Caps: Caps{Lead: 8, NumberDay: 2, Number24h: 3, Number7d: 7, Number30d: 12},
		Retry: []Retry{
			{Result: "busy", After: []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour}, Most: 5},
			{Result: "no-answer", After: []time.Duration{2 * time.Hour, 4 * time.Hour, 24 * time.Hour}, NextNumber: true},
		},
		Results:  []CampaignResult{{Disposition: "solved", Final: true, RetryAfter: 24 * time.Hour}, {Disposition: "call-again", RetryAfter: 4 * time.Hour}},
		Screened: true, Sample: 5, Connect: 2 * time.Second, RingLeast: 15 * time.Second, OptOut: "tenant", Blend: true, FreshFirst: true,
		Callbacks: Callbacks{Wait: 15 * time.Minute},
	}
	if diff := cmp.Diff(want, s.Campaigns()[0]); diff != "" {
		t.Error(diff)
	}
	group := TrunkGroup{ID: "outbound", Number: 1, Trunks: []string{"carrier"}, MaxCalls: 20, CallsPerSecond: 5, Reserve: 5, Failures: 5, Window: 10 * time.Second, Probe: 10 * time.Second}
	if diff := cmp.Diff([]TrunkGroup{group}, s.TrunkGroups()); diff != "" {
		t.Error(diff)
	}
	calls := s.Config().Campaigns
	model := callmodel.CampaignConfig{
		ID: "renewals", Number: 1, Queue: "sales", Connect: 2 * time.Second, From: callmodel.FromAnswer, RingLeast: 15 * time.Second, Ring: 25 * time.Second,
		Screen:  callmodel.ScreenConfig{Detector: callmodel.DetectorAudio, Limit: 1200 * time.Millisecond, Sample: 5},
		Dropped: []string{"sound:dialer-dropped"}, Machine: callmodel.MachineMessage, MachineMedia: []string{"sound:dialer-machine"},
		Message: []string{}, OptOut: "9", Preview: callmodel.PreviewConfig{AtEnd: callmodel.PreviewDial},
	}
	if diff := cmp.Diff(model, calls[0]); diff != "" {
		t.Error(diff)
	}
	if p := calls[1]; p.Preview != (callmodel.PreviewConfig{Timer: 30 * time.Second, AtEnd: callmodel.PreviewSkip}) || p.Screen.Detector != callmodel.DetectorNone {
		t.Errorf("preview: %+v", p)
	}
}

// TestTimeToListen: how long may be listened, and who can have the call after that.
func TestTimeToListen(t *testing.T) {
	const site = "numbering: {region: DE}\ndial_rules: [{id: all, allow: ['']}]\nqueues: [{id: sales, number: 600, dial_rule: all}]\n"
	for keys, accepting := range map[string]bool{
		"":                            true,
		", screen: {detector: audio}": false, // 1.2 s, and up to 0.3 s more
		", screen: {detector: audio, limit: 800ms}":                true,
		", screen: {detector: audio, limit: 1500ms}":               false,
		", mode: preview, screen: {detector: audio, limit: 4s}":    true,
		", rules: us, screen: {detector: audio, limit: 4s}":        true,
		", rules: us, screen: {detector: asterisk, limit: 1500ms}": false,
		", rules: custom, custom: {connect_within: 800ms}":         false,
	} {
		if c := mustCheck(t, site+"campaigns: [{id: c, queue: sales"+keys+"}]\n").Campaigns()[0]; c.Accepting != accepting {
			t.Errorf("%s: call-on-accept is in time: %v, want %v", keys, c.Accepting, accepting)
		}
	}
}

// TestRulesOfACampaign: what the rules say about a call goes to the model.
func TestRulesOfACampaign(t *testing.T) {
	const site = "numbering: {region: DE}\ndial_rules: [{id: all, allow: ['']}]\nqueues: [{id: sales, number: 600, dial_rule: all}]\n"
	for _, tt := range []struct {
		keys    string
		connect time.Duration
		from    callmodel.ConnectFrom
		least   time.Duration
	}{
		{"", 2 * time.Second, callmodel.FromAnswer, 15 * time.Second},
		{", rules: us", 2 * time.Second, callmodel.FromGreeting, 15 * time.Second},
		{", rules: custom", 2 * time.Second, callmodel.FromAnswer, 15 * time.Second},
		{", rules: custom, custom: {connect_within: 1500ms, connect_from: greeting, ring_least: 20s}", 1500 * time.Millisecond, callmodel.FromGreeting, 20 * time.Second},
	} {
		s := mustCheck(t, site+"campaigns: [{id: c, queue: sales"+tt.keys+"}]\n")
		call, plain := s.Config().Campaigns[0], s.Campaigns()[0]
		if call.Connect != tt.connect || call.From != tt.from || call.RingLeast != tt.least {
			t.Errorf("%s: %+v", tt.keys, call)
		}
		if plain.Connect != tt.connect || plain.RingLeast != tt.least || plain.Mode != callmodel.DialProgressive || plain.Target != nil {
			t.Errorf("%s: %+v", tt.keys, plain)
		}
	}
}
