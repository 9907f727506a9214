package calendar_test

import (
	"encoding/json"
	"strings"
	"testing"

	"strowger/switch/calendar"
	"strowger/switch/fault"
)

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	span := func(days, from, to string) func(*calendar.Calendar) {
		return func(c *calendar.Calendar) { c.Week = week(days, from, to) }
	}
	holidays := func(h ...calendar.Holiday) func(*calendar.Calendar) {
		return func(c *calendar.Calendar) { c.Holidays = h }
	}
	for _, c := range []struct {
		change func(*calendar.Calendar)
		reason string
	}{
		{func(c *calendar.Calendar) { c.ID = "" }, "an id has"},
		{func(c *calendar.Calendar) { c.ID = "a\nb" }, "an id has"},
		{func(c *calendar.Calendar) { c.Number = 0 }, "1 or more"},
		{func(c *calendar.Calendar) { c.Zone = "" }, "zone"},
		{func(c *calendar.Calendar) { c.Zone = "Europe/Atlantis" }, "zone"},
		{func(c *calendar.Calendar) { c.Zone = "Europe" }, "zone"},
		{func(c *calendar.Calendar) { c.Zone = "." }, "zone"},
		{func(c *calendar.Calendar) { c.Zone = "../etc/passwd" }, "zone"},
		{func(c *calendar.Calendar) { c.Zone = strings.Repeat("x", 65) }, "zone"},
		{func(c *calendar.Calendar) { c.Week = make([]calendar.Span, 65) }, "65 spans"},
		{func(c *calendar.Calendar) { c.Holidays = make([]calendar.Holiday, 1025) }, "1025 holidays"},
		{func(c *calendar.Calendar) { c.Week = []calendar.Span{{From: "08:00", To: "09:00"}} }, "write mon-sun"},
		{func(c *calendar.Calendar) {
			c.Week = []calendar.Span{{Days: make([]string, 8), From: "08:00", To: "09:00"}}
		}, "write mon-sun"},
		{span("monday", "08:00", "09:00"), "no weekday"},
		{span("mon-", "08:00", "09:00"), "no weekday"},
		{span("mon-fri-sun", "08:00", "09:00"), "no weekday"},
		{span("mon", "24:00", "09:00"), "from"},
		{span("mon", "8:00", "09:00"), "from"},
		{span("mon", "08.00", "09:00"), "from"},
		{span("mon", "0x:00", "09:00"), "from"},
		{span("mon", "08:60", "09:00"), "from"},
		{span("mon", "08:00", "24:01"), "to"},
		{span("mon", "08:00", "25:00"), "to"},
		{span("mon", "08:00", "08:00"), "whole day"},
		{holidays(calendar.Holiday{Date: "2026-12-25"}), "a name has"},
		{holidays(calendar.Holiday{Date: "2026-12-25", Name: "x\x00"}), "a name has"},
		{holidays(calendar.Holiday{Date: "2026-02-29", Name: "x"}), "write 2026-12-25"},
		{holidays(calendar.Holiday{Date: "25.12.", Name: "x"}), "write 2026-12-25"},
		{holidays(calendar.Holiday{Date: "2-29", Name: "x"}), "write 2026-12-25"},
		{holidays(calendar.Holiday{Date: "12-25", Name: "x"}, calendar.Holiday{Date: "12-25", Name: "y"}), "twice"},
		{holidays(calendar.Holiday{Date: "2026-12-25", Name: "x"}, calendar.Holiday{Date: "2026-12-25", Name: "y"}), "twice"},
		{holidays(calendar.Holiday{Date: "12-25", Name: "x", Open: make([]calendar.Hours, 9)}), "more than 8"},
		{holidays(calendar.Holiday{Date: "12-25", Name: "x", Open: []calendar.Hours{{From: "a", To: "b"}}}), "x: from"},
	} {
		one := calendar.Calendar{ID: "office", Number: 1, Zone: "Europe/Berlin"}
		c.change(&one)
		if _, err := one.Compile(); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.ReasonOf(err), c.reason) {
			t.Errorf("want a reason with %q, got %v", c.reason, err)
		}
	}
}

func TestCalendarAsJSON(t *testing.T) {
	t.Parallel()
	const text = `{"id":"office","number":1,"zone":"UTC","week":[{"days":["mon-fri"],"from":"08:00","to":"17:00"}],` +
		`"holidays":[{"date":"12-25","name":"Christmas","open":[{"from":"09:00","to":"12:00"}]}]}`
	var c calendar.Calendar
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(c); err != nil || string(got) != text {
		t.Errorf("%s %v, want %s", got, err, text)
	}
}
