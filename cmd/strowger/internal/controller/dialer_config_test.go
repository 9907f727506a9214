package controller

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"strowger/dialer/campaign"
	"strowger/switch/objects"
)

// configOf is what the dialer makes of a campaign with some words of its own.
func configOf(t *testing.T, words string, kept time.Duration) (campaign.Rule, []string) {
	t.Helper()
	set, err := objects.Check("x.yaml", fmt.Appendf(nil, "numbering: {region: DE}\ndial_rules: [{id: all, allow: ['']}]\nqueues: [{id: q, number: 600, dial_rule: all}]\n"+
		"campaigns: [{id: c, queue: q, mode: predictive, dropped: [sound:sorry], lists: [{list: spring}], %s}]\n", words))
	if err != nil {
		t.Fatal(err)
	}
	c := dialerConfig(set, &dialerForm{zone: time.UTC, kept: kept}).Campaigns[0]
	return c.Budget, c.Problems
}

// TestNoDropsAreAimedAt: 0 percent is a share like others, and not the usual one.
func TestNoDropsAreAimedAt(t *testing.T) {
	for words, want := range map[string]campaign.Rule{
		"rules: us":                                {Limit: 0.03, Aim: 0.03},
		"rules: us, target: '1.5'":                 {Limit: 0.03, Aim: 0.015},
		"rules: us, target: '0'":                   {Limit: 0.03, Aim: 0},
		"rules: custom":                            {Limit: 0.03, Aim: 0.03},
		"rules: custom, custom: {limit: '0'}":      {Limit: 0, Aim: 0},
		"rules: custom, custom: {limit: '2.50'}":   {Limit: 0.025, Aim: 0.025},
		"rules: custom, custom: {limit: '0.00'}":   {Limit: 0, Aim: 0},
		"rules: custom, custom: {}, target: '0.0'": {Limit: 0.03, Aim: 0},
	} {
		if got, problems := configOf(t, words, 0); got.Limit != want.Limit || got.Aim != want.Aim || len(problems) > 0 {
			t.Errorf("%s: limit %g, aim %g, %v; want %g and %g", words, got.Limit, got.Aim, problems, want.Limit, want.Aim)
		}
	}
}

// TestRecordsForTheBudget: where attempts are forgotten before the longest
// window is over no campaign is started.
func TestRecordsForTheBudget(t *testing.T) {
	for kept, ok := range map[time.Duration]bool{0: true, campaign.Keep: true, campaign.Keep - time.Hour: false, time.Hour: false} {
		_, problems := configOf(t, "rules: us", kept)
		if ok != (len(problems) == 0) || !ok && !strings.Contains(problems[0], "statistics.keep.attempts") {
			t.Errorf("kept for %s: %v", kept, problems)
		}
	}
}
