package calendar_test

import (
	"testing"
	"time"

	"strowger/switch/calendar"
)

func compile(t testing.TB, c calendar.Calendar) *calendar.Compiled {
	t.Helper()
	c.ID, c.Number = "office", 1
	out, err := c.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func week(days, from, to string) []calendar.Span {
	return []calendar.Span{{Days: []string{days}, From: from, To: to}}
}

// ask is one question to a calendar; until "" = no change in sight.
type ask struct {
	at      string
	open    bool
	holiday string
	until   string
}

func check(t *testing.T, name string, c calendar.Calendar, asks []ask) {
	t.Helper()
	ready := compile(t, c)
	for _, a := range asks {
		want := calendar.State{Open: a.open, Holiday: a.holiday}
		if a.until != "" {
			want.Until = instant(t, a.until).UTC()
		}
		if got := ready.At(instant(t, a.at)); got != want {
			t.Errorf("%s at %s: %+v, want %+v", name, a.at, got, want)
		}
	}
}

func TestWeek(t *testing.T) {
	t.Parallel()
	check(t, "office hours", calendar.Calendar{Zone: "Europe/Berlin", Week: []calendar.Span{
		{Days: []string{"mon-thu"}, From: "08:00", To: "17:30"},
		{Days: []string{"Fri"}, From: "08:00", To: "12:00"},
		{Days: []string{"fri"}, From: "13:00", To: "15:00"},
	}}, []ask{
		{"2026-06-01T07:59:59+02:00", false, "", "2026-06-01T08:00:00+02:00"}, // a Monday
		{"2026-06-01T08:00:00+02:00", true, "", "2026-06-01T17:30:00+02:00"},
		{"2026-06-01T17:29:59.9+02:00", true, "", "2026-06-01T17:30:00+02:00"},
		{"2026-06-01T17:30:00+02:00", false, "", "2026-06-02T08:00:00+02:00"},
		{"2026-06-05T12:30:00+02:00", false, "", "2026-06-05T13:00:00+02:00"},
		{"2026-06-05T15:00:00+02:00", false, "", "2026-06-08T08:00:00+02:00"},
	})
	check(t, "night shift over the week's end", calendar.Calendar{Zone: "UTC", Week: week("sat-sun", "22:00", "06:00")}, []ask{
		{"2026-06-07T05:00:00Z", true, "", "2026-06-07T06:00:00Z"},
		{"2026-06-08T05:59:00Z", true, "", "2026-06-08T06:00:00Z"},
		{"2026-06-06T05:00:00Z", false, "", "2026-06-06T22:00:00Z"},
	})
	check(t, "a range over the week's end", calendar.Calendar{Zone: "UTC", Week: week("sat-mon", "00:00", "24:00")}, []ask{
		{"2026-06-07T05:00:00Z", true, "", "2026-06-09T00:00:00Z"},
	})
	check(t, "until midnight as 00:00", calendar.Calendar{Zone: "UTC", Week: week("mon", "22:00", "00:00")}, []ask{
		{"2026-06-01T23:59:00Z", true, "", "2026-06-02T00:00:00Z"},
	})
	check(t, "always", calendar.Calendar{Zone: "UTC", Week: week("mon-sun", "00:00", "24:00")}, []ask{
		{"2026-06-07T05:00:00Z", true, "", ""},
	})
	check(t, "never", calendar.Calendar{Zone: "UTC"}, []ask{{"2026-06-07T05:00:00Z", false, "", ""}})
	check(t, "overlapping and touching spans are one", calendar.Calendar{Zone: "UTC", Week: []calendar.Span{
		{Days: []string{"mon", "mon-tue"}, From: "12:00", To: "18:00"},
		{Days: []string{"mon"}, From: "08:00", To: "13:00"},
		{Days: []string{"mon"}, From: "18:00", To: "19:00"},
	}}, []ask{{"2026-06-01T09:00:00Z", true, "", "2026-06-01T19:00:00Z"}})
}

func TestHolidays(t *testing.T) {
	t.Parallel()
	c := calendar.Calendar{Zone: "Europe/Berlin", Week: week("mon-sun", "08:00", "18:00"), Holidays: []calendar.Holiday{
		{Date: "12-25", Name: "Christmas"},
		{Date: "12-24", Name: "Christmas Eve", Open: []calendar.Hours{{From: "09:00", To: "12:00"}}},
		{Date: "2027-12-25", Name: "Open house", Open: []calendar.Hours{{From: "22:00", To: "02:00"}}},
		{Date: "02-29", Name: "Leap day"},
	}}
	check(t, "yearly", c, []ask{
		{"2026-12-23T19:00:00+01:00", false, "", "2026-12-24T00:00:00+01:00"},
		{"2026-12-24T08:30:00+01:00", false, "Christmas Eve", "2026-12-24T09:00:00+01:00"},
		{"2026-12-24T09:30:00+01:00", true, "Christmas Eve", "2026-12-24T12:00:00+01:00"},
		{"2026-12-24T12:00:00+01:00", false, "Christmas Eve", "2026-12-25T00:00:00+01:00"},
		{"2026-12-25T12:00:00+01:00", false, "Christmas", "2026-12-26T00:00:00+01:00"},
		{"2026-12-26T12:00:00+01:00", true, "", "2026-12-26T18:00:00+01:00"},
	})
	check(t, "a date with a year wins, and its hours run on", c, []ask{
		{"2027-12-25T21:00:00+01:00", false, "Open house", "2027-12-25T22:00:00+01:00"},
		{"2027-12-25T23:00:00+01:00", true, "Open house", "2027-12-26T00:00:00+01:00"},
		{"2027-12-26T01:00:00+01:00", true, "", "2027-12-26T02:00:00+01:00"},
	})
	check(t, "leap day", c, []ask{
		{"2028-02-29T12:00:00+01:00", false, "Leap day", "2028-03-01T00:00:00+01:00"},
		{"2027-03-01T12:00:00+01:00", true, "", "2027-03-01T18:00:00+01:00"},
	})
	check(t, "the night before a holiday ends at midnight",
		calendar.Calendar{Zone: "UTC", Week: week("mon-sun", "22:00", "06:00"), Holidays: []calendar.Holiday{{Date: "2026-05-01", Name: "May Day"}}}, []ask{
			{"2026-04-30T23:00:00Z", true, "", "2026-05-01T00:00:00Z"},
			{"2026-05-01T03:00:00Z", false, "May Day", "2026-05-02T00:00:00Z"},
			{"2026-05-01T23:00:00Z", false, "May Day", "2026-05-02T00:00:00Z"},
			{"2026-05-02T03:00:00Z", false, "", "2026-05-02T22:00:00Z"},
		})
	check(t, "one holiday runs into the next",
		calendar.Calendar{Zone: "UTC", Holidays: []calendar.Holiday{
			{Date: "2026-05-01", Name: "One", Open: []calendar.Hours{{From: "20:00", To: "04:00"}}}, {Date: "2026-05-02", Name: "Two"},
		}}, []ask{
			{"2026-05-02T01:00:00Z", true, "Two", "2026-05-02T04:00:00Z"},
			{"2026-05-02T05:00:00Z", false, "Two", "2026-05-03T00:00:00Z"},
			{"2026-05-03T00:00:00Z", false, "", ""},
			{"2025-03-27T00:00:00Z", false, "", "2026-05-01T00:00:00Z"}, // 400 days ahead
			{"2025-03-26T00:00:00Z", false, "", ""},
		})
	check(t, "the last day in sight", calendar.Calendar{Zone: "UTC", Holidays: []calendar.Holiday{{Date: "2026-05-01", Name: "May Day"}}}, []ask{
		{"2025-03-27T00:00:00Z", false, "", "2026-05-01T00:00:00Z"},
	})
}

func TestClocksChange(t *testing.T) {
	t.Parallel()
	// Berlin 2026: 29 March 02:00 -> 03:00 (01:00Z), 25 October 03:00 -> 02:00 (01:00Z).
	berlin := func(from, to string) calendar.Calendar {
		return calendar.Calendar{Zone: "Europe/Berlin", Week: week("sun", from, to)}
	}
	check(t, "Berlin, wholly in the skipped hour", berlin("02:15", "02:45"), []ask{
		{"2026-03-29T00:59:59Z", false, "", "2026-04-05T00:15:00Z"},
		{"2026-03-29T01:00:00Z", false, "", "2026-04-05T00:15:00Z"},
	})
	check(t, "Berlin, from the skipped hour", berlin("02:30", "04:00"), []ask{
		{"2026-03-29T00:30:00Z", false, "", "2026-03-29T01:00:00Z"},
		{"2026-03-29T01:00:00Z", true, "", "2026-03-29T02:00:00Z"},
	})
	check(t, "Berlin, into the skipped hour", berlin("01:00", "02:30"), []ask{
		{"2026-03-29T00:30:00Z", true, "", "2026-03-29T01:00:00Z"},
		{"2026-03-29T01:00:00Z", false, "", "2026-04-04T23:00:00Z"},
	})
	check(t, "Berlin, wholly in the doubled hour", berlin("02:15", "02:45"), []ask{
		{"2026-10-25T00:00:00Z", false, "", "2026-10-25T00:15:00Z"},
		{"2026-10-25T00:15:00Z", true, "", "2026-10-25T00:45:00Z"},
		{"2026-10-25T01:30:00Z", false, "", "2026-11-01T01:15:00Z"}, // 02:30 for the second time
	})
	check(t, "Berlin, from the doubled hour", berlin("02:30", "05:00"), []ask{
		{"2026-10-25T00:30:00Z", true, "", "2026-10-25T04:00:00Z"},
		{"2026-10-25T01:15:00Z", true, "", "2026-10-25T04:00:00Z"}, // 02:15 for the second time: nothing flaps
	})
	check(t, "Berlin, a whole day has 23 and 25 hours", berlin("00:00", "24:00"), []ask{
		{"2026-03-29T00:00:00Z", true, "", "2026-03-29T22:00:00Z"},
		{"2026-10-24T22:00:00Z", true, "", "2026-10-25T23:00:00Z"},
	})
	// New York 2026: 8 March 02:00 -> 03:00 (07:00Z), 1 November 02:00 -> 01:00 (06:00Z).
	york := func(from, to string) calendar.Calendar {
		return calendar.Calendar{Zone: "America/New_York", Week: week("sat", from, to)}
	}
	check(t, "New York, a night over the change", york("22:00", "06:00"), []ask{
		{"2026-03-08T04:00:00Z", true, "", "2026-03-08T10:00:00Z"},
		{"2026-11-01T03:00:00Z", true, "", "2026-11-01T11:00:00Z"},
	})
	check(t, "New York, a night that ends in the doubled hour", york("22:00", "01:30"), []ask{
		{"2026-11-01T05:00:00Z", true, "", "2026-11-01T05:30:00Z"},
		{"2026-11-01T06:15:00Z", false, "", "2026-11-08T03:00:00Z"},
	})
	check(t, "New York, a night that ends in the skipped hour", york("22:00", "02:30"), []ask{
		{"2026-03-08T06:59:59Z", true, "", "2026-03-08T07:00:00Z"},
	})
}

// Zones whose clocks change at midnight, or that lost a whole day.
func TestMidnightChanges(t *testing.T) {
	t.Parallel()
	// Sao Paulo: 4 November 2018 00:00 -> 01:00 (03:00Z); 18 February 2018 00:00 -> 23:00 of the 17th (02:00Z).
	check(t, "no midnight", calendar.Calendar{Zone: "America/Sao_Paulo", Week: week("sun", "00:00", "24:00")}, []ask{
		{"2018-11-04T02:59:59Z", false, "", "2018-11-04T03:00:00Z"},
		{"2018-11-04T03:00:00Z", true, "", "2018-11-05T02:00:00Z"},
	})
	check(t, "two late evenings", calendar.Calendar{Zone: "America/Sao_Paulo", Week: week("sat", "00:00", "24:00")}, []ask{
		{"2018-02-18T01:30:00Z", true, "", "2018-02-18T03:00:00Z"},
		{"2018-02-18T02:30:00Z", true, "", "2018-02-18T03:00:00Z"},
		{"2018-02-18T03:00:00Z", false, "", "2018-02-24T03:00:00Z"},
	})
	// St. John's: 7 November 2010 00:01 -> 23:01 of the 6th (02:31Z); the 7th had begun at 02:30Z.
	check(t, "midnight twice", calendar.Calendar{Zone: "America/St_Johns", Week: week("sat", "00:00", "24:00")}, []ask{
		{"2010-11-07T02:29:00Z", true, "", "2010-11-07T02:30:00Z"},
		{"2010-11-07T03:00:00Z", false, "", "2010-11-13T03:30:00Z"},
	})
	// Apia went from the 29th to the 31st of December 2011 at 10:00Z.
	check(t, "a day that never was", calendar.Calendar{Zone: "Pacific/Apia", Holidays: []calendar.Holiday{{Date: "2011-12-30", Name: "Gone"}}}, []ask{
		{"2011-12-30T09:59:59Z", false, "", ""},
		{"2011-12-30T10:00:00Z", false, "", ""},
	})
}

// The machine's own zone files and ZONEINFO have no say.
func TestZoneIsOfTheProgram(t *testing.T) {
	t.Setenv("ZONEINFO", t.TempDir())
	check(t, "with an empty zone folder", calendar.Calendar{Zone: "Asia/Kathmandu", Week: week("mon", "09:00", "10:00")}, []ask{
		{"2026-06-01T03:15:00Z", true, "", "2026-06-01T04:15:00Z"},
	})
}
