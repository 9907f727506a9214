package calendar_test

import (
	"testing"
	"time"

	"strowger/switch/calendar"
)

// FuzzAt: whatever a calendar is made of, the state holds until Until and
// changes there, and without Until it holds.
func FuzzAt(f *testing.F) {
	f.Add("Europe/Berlin", "sun", "02:15", "02:45", "12-25", int64(1774746000))
	f.Add("America/New_York", "sat-mon", "22:00", "06:00", "2026-03-08", int64(1772953200))
	f.Add("Pacific/Apia", "fri", "00:00", "24:00", "2011-12-30", int64(1325239200))
	f.Add("Australia/Lord_Howe", "sun", "01:45", "01:50", "04-05", int64(1775314800))
	f.Add("America/Sao_Paulo", "sat", "23:30", "00:30", "02-18", int64(1518919200))
	f.Fuzz(func(t *testing.T, zone, days, from, to, date string, unix int64) {
		c := calendar.Calendar{
			ID: "x", Number: 1, Zone: zone, Week: []calendar.Span{{Days: []string{days}, From: from, To: to}},
			Holidays: []calendar.Holiday{{Date: date, Name: "h", Open: []calendar.Hours{{From: to, To: from}}}},
		}
		ready, err := c.Compile()
		if err != nil {
			c.Holidays[0].Open = nil
			if ready, err = c.Compile(); err != nil {
				return
			}
		}
		at := time.Unix(unix, 0)
		now := ready.At(at)
		if unix < -1<<40 || unix > 1<<40 {
			return // beyond any calendar: it only must not panic or hang
		}
		if now.Until.IsZero() {
			later := ready.At(at.AddDate(0, 0, 399))
			if later.Open != now.Open || later.Holiday != now.Holiday {
				t.Errorf("no change in sight at %v, and yet %+v becomes %+v", at, now, later)
			}
			return
		}
		if !now.Until.After(at) {
			t.Fatalf("at %v: until %v is not ahead", at, now.Until)
		}
		then := ready.At(now.Until)
		if then.Open == now.Open && then.Holiday == now.Holiday {
			t.Errorf("at %v: nothing changes at %v: %+v", at, now.Until, now)
		}
		for _, between := range []time.Time{now.Until.Add(-time.Nanosecond), at.Add(now.Until.Sub(at) / 2)} {
			if got := ready.At(between); got != now {
				t.Errorf("at %v: %+v, and at %v already %+v", at, now, between, got)
			}
		}
	})
}

func BenchmarkCompile(b *testing.B) {
	c := calendar.Calendar{ID: "x", Number: 1, Zone: "Europe/Berlin"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Compile(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAt(b *testing.B) {
	c := calendar.Calendar{
		ID: "x", Number: 1, Zone: "Europe/Berlin", Week: []calendar.Span{{Days: []string{"mon-fri"}, From: "08:00", To: "17:00"}},
		Holidays: []calendar.Holiday{{Date: "12-25", Name: "Christmas"}},
	}
	ready, err := c.Compile()
	if err != nil {
		b.Fatal(err)
	}
	at := time.Unix(1774746000, 0)
	b.ReportAllocs()
	for b.Loop() {
		ready.At(at)
	}
}
