package rule

import (
	"strings"
	"testing"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/calendar"
)

func hours(t *testing.T, p Pack, own *calendar.Calendar, regions map[string]calendar.Calendar) *Hours {
	t.Helper()
	h, err := NewHours(&p, own, regions)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func when(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestHours(t *testing.T) {
	t.Parallel()
	us, uk := hours(t, US(), nil, nil), hours(t, UK(), nil, nil)
	office := weekly("office", span("09:00", "12:00", "mon-fri"))
	own := hours(t, US(), &office, map[string]calendar.Calendar{"NY": weekly("ny", span("10:00", "24:00", "mon-sun"))})
	for _, c := range []struct {
		name   string
		h      *Hours
		zones  string
		region string
		now    string
		open   bool
		until  string
		why    string
	}{
		{"in the morning", us, "America/New_York", "", "2026-01-15T12:59:59Z", false, "2026-01-15T13:00:00Z", `"us" in America/New_York`},
		{"from eight on", us, "America/New_York", "", "2026-01-15T13:00:00Z", true, "2026-01-16T02:00:00Z", ""},
		{"at nine in the evening", us, "America/New_York", "", "2026-01-16T02:00:00Z", false, "2026-01-16T13:00:00Z", ""},
		{"the day before clocks go forward", us, "America/New_York", "", "2026-03-08T02:00:00Z", false, "2026-03-08T12:00:00Z", ""},
		{"the day before clocks go back", us, "America/New_York", "", "2026-11-01T01:00:00Z", false, "2026-11-01T13:00:00Z", ""},
		{"west coast, where clocks have gone back", us, "America/Los_Angeles", "", "2026-11-01T15:59:59Z", false, "2026-11-01T16:00:00Z", ""},
		{"every zone has to be open: one is not", us, "America/New_York America/Los_Angeles", "", "2026-01-15T15:00:00Z", false, "2026-01-15T16:00:00Z", "Los_Angeles"},
		{"every zone is open, until the first closes", us, "America/New_York America/Los_Angeles", "", "2026-01-15T16:00:00Z", true, "2026-01-16T02:00:00Z", ""},
		{"zones half a world apart", us, "Europe/Berlin Pacific/Honolulu", "", "2026-01-15T12:00:00Z", false, "2026-01-15T18:00:00Z", ""},
		{"Florida closes sooner", us, "America/New_York", "FL", "2026-01-16T01:00:00Z", false, "2026-01-16T13:00:00Z", "us-fl"},
		{"Kentucky opens later", us, "America/New_York", "KY", "2026-01-15T14:59:00Z", false, "2026-01-15T15:00:00Z", "us-ky"},
		{"Alabama rests on Sunday", us, "America/Chicago", "AL", "2026-01-18T18:00:00Z", false, "2026-01-20T14:00:00Z", ""},
		{"and on Thanksgiving", us, "America/Chicago", "AL", "2026-11-26T18:00:00Z", false, "2026-11-27T14:00:00Z", "Thanksgiving Day"},
		{"where others work", us, "America/Chicago", "TX", "2026-11-26T18:00:00Z", true, "2026-11-27T03:00:00Z", ""},
		{"British Sunday", uk, "Europe/London", "", "2026-07-05T08:30:00Z", false, "2026-07-05T09:00:00Z", ""},
		{"British Sunday afternoon", uk, "Europe/London", "", "2026-07-05T15:00:00Z", false, "2026-07-06T07:00:00Z", ""},
		{"a calendar of one's own narrows", own, "America/New_York", "", "2026-01-15T17:00:00Z", false, "2026-01-16T14:00:00Z", `"office"`},
		{"a region has one instead", own, "America/New_York", "NY", "2026-01-15T14:30:00Z", false, "2026-01-15T15:00:00Z", `"ny"`},
		{"which is longer", own, "America/New_York", "NY", "2026-01-15T19:00:00Z", true, "2026-01-16T02:00:00Z", ""},
		{"but not longer than the law", own, "America/New_York", "NY", "2026-01-16T02:30:00Z", false, "2026-01-16T15:00:00Z", ""},
		{"nobody knows where", us, "", "", "2026-01-15T16:00:00Z", false, "", "no time zone"},
		{"a zone that is none", us, "Mars/Olympus", "", "2026-01-15T16:00:00Z", false, "", "not known"},
	} {
		set := lead.ZoneSet{Zones: strings.Fields(c.zones), Region: c.region}
		for range 2 { // the second answer is a remembered one
			got := c.h.At(set, when(t, c.now))
			until := ""
			if !got.Until.IsZero() {
				until = got.Until.UTC().Format(time.RFC3339)
			}
			if got.Open != c.open || until != c.until || !strings.Contains(got.Why, c.why) || got.Open != (got.Why == "") {
				t.Errorf("%s: %+v", c.name, got)
			}
		}
	}
}

// TestHoursGoBack: a machine's clock that is set back gets the answer of that time.
func TestHoursGoBack(t *testing.T) {
	t.Parallel()
	h := hours(t, US(), nil, nil)
	set := lead.ZoneSet{Zones: []string{"America/New_York"}}
	if !h.At(set, when(t, "2026-01-15T13:30:00Z")).Open || h.At(set, when(t, "2026-01-15T12:30:00Z")).Open || !h.At(set, when(t, "2026-01-15T13:30:00Z")).Open {
		t.Error("the hour before the opening is taken for the one after it")
	}
}

// TestHoursEveryMinute compares the windows of a year with plain arithmetic on
// the clock on the wall, in places whose clocks change.
func TestHoursEveryMinute(t *testing.T) {
	t.Parallel()
	h := hours(t, US(), nil, nil)
	for _, name := range []string{"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"} {
		zone, err := calendar.Zone(name)
		if err != nil {
			t.Fatal(err)
		}
		at := when(t, "2026-01-01T00:00:00Z")
		for end := at.AddDate(1, 0, 0); at.Before(end); at = at.Add(7 * time.Minute) {
			hour := at.In(zone).Hour()
			if got := h.At(lead.ZoneSet{Zones: []string{name}}, at); got.Open != (hour >= 8 && hour < 21) {
				t.Fatalf("%s at %s: %+v", name, at.In(zone), got)
			}
		}
	}
}

func TestBadHours(t *testing.T) {
	t.Parallel()
	p := US()
	bad := weekly("bad", span("25:00", "26:00", "mon"))
	if _, err := NewHours(&p, &bad, nil); err == nil {
		t.Error("hours that are none are taken")
	}
	if _, err := NewHours(&p, nil, map[string]calendar.Calendar{"FL": bad}); err == nil {
		t.Error("hours of a region that are none are taken")
	}
}

func TestNextDay(t *testing.T) {
	t.Parallel()
	now := when(t, "2026-01-15T05:30:00Z") // the 15th in New York, the 14th in Los Angeles
	for zones, want := range map[string]string{
		"America/New_York":                     "2026-01-16T05:00:00Z",
		"America/Los_Angeles":                  "2026-01-15T08:00:00Z",
		"America/Los_Angeles America/New_York": "2026-01-16T05:00:00Z",
		"":                                     "2026-01-16T05:30:00Z",
	} {
		if got := NextDay(strings.Fields(zones), now); !got.Equal(when(t, want)) {
			t.Errorf("%q: %s, want %s", zones, got, want)
		}
	}
}
