package controller

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/dialer/lead"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/objects"
	"strowger/switch/records"
)

// onlySpring has that list.
type onlySpring struct{}

func (onlySpring) Reconsider(_ context.Context, lists []lead.Share) (int64, error) {
	if lists[0].List == "spring" {
		return 0, nil
	}
	return 0, fault.New(fault.NotFound, "list", lists[0].List, "there is no such list")
}

// TestCampaignWithoutItsList: a campaign whose list nobody has made is not
// started, and the answer says how to make it.
func TestCampaignWithoutItsList(t *testing.T) {
	set, err := objects.Check("x.yaml", []byte("numbering: {region: DE}\ndial_rules: [{id: all, allow: ['']}]\nqueues: [{id: q, number: 600, dial_rule: all}]\n"+
		"campaigns: [{id: c, queue: q, lists: [{list: spring}, {list: autumn}]}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	desk := campaignDesk{objects: func() *objects.Set { return set }, lists: onlySpring{}}
	_, err = desk.Start(t.Context(), "c", rest.CampaignOrder{})
	if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "there is no list autumn yet: 'strowger list import autumn FILE' makes it") {
		t.Errorf("got %v", err)
	}
}

// TestRetryWords: what a campaign may write below retry are results that the
// dialer knows.
func TestRetryWords(t *testing.T) {
	found := 0
	for _, k := range objects.Keys() {
		if k.Path != "campaigns[].retry[].result" {
			continue
		}
		for _, word := range k.Values {
			found++
			if !slices.Contains(lead.Results(), lead.Result(word)) {
				t.Errorf("%s is no result of the dialer", word)
			}
		}
	}
	if found == 0 {
		t.Error("no words were found")
	}
}

// TestEndedAttempt: what the records say of an attempt whose end was not heard
// means the same as the event would have.
func TestEndedAttempt(t *testing.T) {
	t.Parallel()
	row := records.Attempt{Ring: 16 * time.Second, Dialer: records.DialerPart{Result: string(callmodel.OutcomeCancelled), DoNotCall: true}}
	if e := endedAttempt(&row); !e.Rang || !e.Digit {
		t.Errorf("given up after 16 s, with the customer's key: %+v", e)
	}
	row.Agent = "anna"
	row.Dialer.CutShort = true
	if e := endedAttempt(&row); e.Rang || e.Digit {
		t.Errorf("cut short, with the agent's note: %+v", e)
	}
}
