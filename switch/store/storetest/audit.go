package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"strowger/switch/fault"
	"strowger/switch/store"
)

var auditBegin = time.UnixMicro(1_700_000_000_000_123).UTC()

func sampleAction(n int) store.Action {
	return store.Action{
		ID: fmt.Sprintf("%020d", n), Time: auditBegin.Add(time.Duration(n) * time.Second), Who: fmt.Sprintf("boss%d", n%2), Role: "supervisor",
		Operation: []string{"endCall", "panicLogoutAgent"}[n%2], Subject: "S", Agent: fmt.Sprintf("a%d", n%3), Detail: "d\"ü", Outcome: store.AuditAsked,
	}
}

// actionsAreKept: an action asked for gets its outcome once, whatever is written again.
func actionsAreKept(t *testing.T, open Open) {
	s := opened(t, open)
	a := sampleAction(1)
	done := a
	done.Outcome, done.Reason = "denied", "not yours"
	other := a
	other.Outcome = "accepted"
	for _, write := range []store.Action{a, a, done, a, other} {
		must(t, s.SaveActions(t.Context(), []store.Action{write, sampleAction(2)}))
	}
	got, err := s.ListActions(t.Context(), store.ActionFilter{})
	must(t, err)
	equal(t, got, []store.Action{sampleAction(2), done})

	must(t, s.LoseActions(t.Context()))
	lost := sampleAction(2)
	lost.Outcome, lost.Reason = store.AuditUnknown, "the controller ended before the outcome was known"
	must(t, s.SaveActions(t.Context(), []store.Action{sampleAction(2)}))
	got, err = s.ListActions(t.Context(), store.ActionFilter{Limit: 1})
	must(t, err)
	equal(t, got, []store.Action{lost})
	late := sampleAction(2)
	late.Outcome = "accepted"
	must(t, s.SaveActions(t.Context(), []store.Action{late}))
	got, err = s.ListActions(t.Context(), store.ActionFilter{Limit: 1})
	must(t, err)
	equal(t, got, []store.Action{late})

	long := sampleAction(3)
	long.Detail = strings.Repeat("ü", 5000) + "\x00"
	must(t, s.SaveActions(t.Context(), []store.Action{long}))
	want(t, s.SaveActions(t.Context(), []store.Action{{Time: auditBegin}}), fault.Invalid)
	want(t, s.SaveActions(t.Context(), []store.Action{{ID: "x"}}), fault.Invalid)
}

// actionsArePaged: every filter, and pages without a gap.
func actionsArePaged(t *testing.T, open Open) {
	s := opened(t, open)
	var all []store.Action
	for n := range 30 {
		all = append([]store.Action{sampleAction(n)}, all...)
	}
	must(t, s.SaveActions(t.Context(), all))
	var got []store.Action
	for page := []store.Action{{}}; len(page) > 0; {
		var err error
		page, err = s.ListActions(t.Context(), store.ActionFilter{Limit: 7, Before: page[len(page)-1].ID})
		must(t, err)
		got = append(got, page...)
	}
	equal(t, got, all)
	for name, f := range map[string]struct {
		filter store.ActionFilter
		fits   func(store.Action) bool
	}{
		"who":       {store.ActionFilter{Who: "boss1"}, func(a store.Action) bool { return a.Who == "boss1" }},
		"agent":     {store.ActionFilter{Agent: "a2"}, func(a store.Action) bool { return a.Agent == "a2" }},
		"operation": {store.ActionFilter{Operation: "endCall"}, func(a store.Action) bool { return a.Operation == "endCall" }},
		"time": {
			store.ActionFilter{From: all[20].Time, To: all[10].Time},
			func(a store.Action) bool { return !a.Time.Before(all[20].Time) && a.Time.Before(all[10].Time) },
		},
	} {
		var fit []store.Action
		for _, a := range all {
			if f.fits(a) {
				fit = append(fit, a)
			}
		}
		got, err := s.ListActions(t.Context(), f.filter)
		must(t, err)
		if t.Log(name); len(fit) == 0 {
			t.Fatal("the sample has none")
		}
		equal(t, got, fit)
	}
	_, err := s.ListActions(t.Context(), store.ActionFilter{Limit: store.MaxList + 1})
	want(t, err, fault.Invalid)
	n, err := s.Prune(t.Context(), "audit", all[10].Time)
	must(t, err)
	got, err = s.ListActions(t.Context(), store.ActionFilter{})
	must(t, err)
	equal(t, got, all[:11])
	equal(t, n, 19)
}
