package controller

import (
	"testing"
	"time"

	"strowger/cti/sapphone"
	"strowger/dialer/lead"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// TestSAPListsAreLeads: what SAP hands over is on the campaign's list, changes
// there and leaves it, and its results are told in SAP's words.
func TestSAPListsAreLeads(t *testing.T) {
	t.Parallel()
	d := startDialing(t, 0, "5")
	desk := sapLists{d.lists, d.listDesk.campaigns}
	campaign := d.listDesk.campaigns().Campaigns[0].ID
	if _, err := desk.Append(d.ctx, "nobody's", nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("a campaign that there is not: %v", err)
	}
	state := func(open, done int64) {
		t.Helper()
		if c, err := desk.Campaign(d.ctx, campaign); err != nil || c.Open != open || c.Done != done || c.Queue == "" {
			t.Errorf("%+v, %v; want %d open and %d done", c, err, open, done)
		}
	}
	kinds := func(what string, got []error, err error, want ...fault.Kind) {
		t.Helper()
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %v, %v", what, got, err)
		}
		for n, e := range got {
			if (want[n] == 0) != (e == nil) || e != nil && fault.KindOf(e) != want[n] {
				t.Errorf("%s, entry %d: %v, want %v", what, n, e, want[n])
			}
		}
	}
	before := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	list := []sapphone.DialerEntry{
		{ID: "A1", Numbers: []string{"+4930555101", "030555102"}, Name: "Weber", Priority: 300, Data: "d", NotBefore: before},
		{ID: "A2", Numbers: []string{"+4930555103"}},
		{ID: "A3", Numbers: []string{"1"}},
		{ID: "A2", Numbers: []string{"+4930555104"}},
	}
	got, err := desk.Append(d.ctx, campaign, list)
	kinds("append", got, err, 0, 0, fault.Invalid, fault.Conflict)
	state(2, 0)
	got, err = desk.Append(d.ctx, campaign, list[:1])
	kinds("append again", got, err, fault.Conflict)
	l, err := desk.entry(d.ctx, d.listDesk.campaigns().Campaigns[0].Lists[0].List, "A1")
	if err != nil || l.Name != "Weber" || l.Priority != highest || l.Fields[dataField] != "d" || !l.NotBefore.Equal(before) || len(l.Numbers) != 2 || l.Numbers[1].E164 != "+4930555102" {
		t.Errorf("the lead is %+v, %v", l, err)
	}
	got, err = desk.Change(d.ctx, campaign, []sapphone.DialerEntry{{ID: "A2", Numbers: []string{"+4930555109"}}, {ID: "A9", Numbers: []string{"+4930555109"}}})
	kinds("change", got, err, 0, fault.NotFound)
	got, err = desk.Remove(d.ctx, campaign, []string{"A2", "A9"})
	kinds("remove", got, err, 0, fault.NotFound)
	state(1, 1)
	if _, err := desk.Remove(d.ctx, campaign, nil); err != nil {
		t.Fatal(err)
	}
	state(0, 2)
	results, total, err := desk.Results(d.ctx, campaign, time.Time{}, time.Time{})
	if err != nil || total != 2 || len(results) != 2 || results[0].ID != "A1" || results[0].Result != callmodel.ResultOther {
		t.Errorf("%+v of %d, %v", results, total, err)
	}
	got, err = desk.Append(d.ctx, campaign, []sapphone.DialerEntry{{ID: "A1", Numbers: []string{"1"}}})
	kinds("what is over, with a number that is none", got, err, fault.Invalid)
	if results, total, err = desk.Results(d.ctx, campaign, time.Time{}, time.Time{}); err != nil || total != 2 || len(results) != 2 {
		t.Errorf("the old result is gone: %+v of %d, %v", results, total, err)
	}
	got, err = desk.Append(d.ctx, campaign, list[:1])
	kinds("what is over comes again", got, err, fault.Kind(0))
	if results, _, err = desk.Results(d.ctx, campaign, time.Time{}, time.Time{}); err != nil || len(results) != 1 || results[0].ID != "A2" {
		t.Errorf("the new one has the old result: %+v, %v", results, err)
	}
	state(1, 1)
	for _, r := range lead.Results() {
		if word := sapResults[r]; (word == callmodel.ResultSuccessful) != (r == lead.Talked) {
			t.Errorf("%s is told as %s", r, word)
		}
	}
}
