package listtest

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"strowger/dialer/lead"
	"strowger/dialer/list"
)

// statesOfAreaCodes: the rules of a state hold for its area codes without a
// column that says so; a column wins.
func statesOfAreaCodes(t *testing.T, b *bench) {
	b.list("a", "miami +13055550123", "berlin +493012345")
	b.append("a", list.Row{Ref: "moved", Numbers: number("+13055550124"), Region: "NY"}, list.Row{Ref: "zoned", Numbers: number("+13055550125"), Zone: "America/New_York"})
	r := rules("a")
	r.Window = func(set lead.ZoneSet, now time.Time) lead.Window {
		return lead.Window{Open: set.Region != "FL", Until: now.Add(time.Hour), Why: "closed in Florida"}
	}
	b.wantRefs(b.claim(r, 5), "berlin moved")
	b.wantWhy("a", "miami", r, "window-closed")
	b.wantWhy("a", "zoned", r, "window-closed")
	b.change("a", "moved", list.Row{Name: "Still in New York"}) // what is not said stays
	if x := b.lead("a", "moved"); x.Numbers[0].Set.Region != "NY" {
		t.Errorf("got %+v", x.Numbers)
	}
}

// ownPlaces: what somebody has said of a lead's zone and state is written, and
// read again; what its number tells is not.
func ownPlaces(t *testing.T, b *bench) {
	b.list("a", "plain +12125550123", "mobile +34612345678", "both +493012345 +12125550124")
	b.append("a", list.Row{Ref: "zoned", Numbers: number("+18005550123"), Zone: "America/Denver"}, list.Row{Ref: "state", Numbers: number("+12125550125"), Region: "FL"},
		list.Row{Ref: "two", Numbers: []list.RowNumber{{Text: "+493012346"}, {Text: "+12125550126"}}, Zone: "Europe/Vienna", Region: "W"},
		list.Row{Ref: "same", Numbers: number("+493012347"), Zone: "Europe/Berlin"})
	var out bytes.Buffer
	b.must(b.Export(b.ctx(), "a", list.CSV, &out, b.now))
	want := map[string]string{"plain": ",", "mobile": ",", "both": ",", "zoned": "America/Denver,", "state": ",FL", "two": "Europe/Vienna,W", "same": ","}
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n")[1:] {
		f := strings.Split(line, ",")
		if got := f[4] + "," + f[5]; got != want[f[0]] {
			t.Errorf("%s: its place is written as %q, want %q", f[0], got, want[f[0]])
		}
	}
	b.list("copy")
	b.read("copy", "copy.csv", out.String(), list.ImportOptions{})
	for ref := range want {
		x, y := b.lead("a", ref), b.lead("copy", ref)
		for n := range x.Numbers {
			if x.Numbers[n].Set.No != y.Numbers[n].Set.No {
				t.Errorf("%s: was at %+v, read again at %+v", ref, x.Numbers[n].Set, y.Numbers[n].Set)
			}
		}
	}
}

// dropsBindTheNumber: where a drop closes the rest of the day it does so for the
// number, whichever lead has it, and for reserved agents too.
func dropsBindTheNumber(_ *testing.T, b *bench) {
	b.list("a", "x +12125550123")
	b.list("b", "y +12125550123")
	b.later(3 * time.Hour) // 10:00 in New York
	r := rules("a", "b")
	r.DropNextDay = true
	c := b.claim(rules("a"), 1)
	b.end(c[0], lead.Dropped, again(24*time.Hour))
	b.later(time.Hour)
	b.wantWhy("b", "y", r, "lockout")
	r.Guarded = true
	b.wantRefs(b.claim(r, 1), "")
	r.Guarded = false
	b.wantRefs(b.claim(r, 1), "")
	b.later(13*time.Hour - time.Minute)
	b.wantRefs(b.claim(r, 1), "")
	b.later(time.Minute)
	b.wantRefs(b.claim(r, 1), "y")
}
