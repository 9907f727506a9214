package controller

import (
	"testing"
	"time"

	"strowger/switch/records"
)

// TestDaysOfClockChange: a day on which the clocks are changed has 23 or 25
// hours, and it and those after it begin when they do on the wall's clock.
func TestDaysOfClockChange(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, month := range []time.Month{time.March, time.October} {
		from, to := time.Date(2026, month, 20, 0, 0, 0, 0, berlin), time.Date(2026, month+1, 2, 0, 0, 0, 0, berlin)
		for _, start := range []time.Duration{0, 5 * time.Hour} {
			days := records.Days{Zone: berlin, Start: start}
			from := from.Add(start)
			// One attempt in each hour, added up as the database does it.
			ask := func(slot time.Duration) func(time.Time, time.Time, time.Duration) ([]records.CampaignSum, error) {
				return func(from, to time.Time, ahead time.Duration) (out []records.CampaignSum, _ error) {
					for at := from; at.Before(to); at = at.Add(time.Hour) {
						begin := at.Add(ahead).Truncate(slot).Add(-ahead)
						if n := len(out); n == 0 || !out[n-1].Begin.Equal(begin) {
							out = append(out, records.CampaignSum{Begin: begin})
						}
						out[len(out)-1].Attempts++
					}
					return out, nil
				}
			}
			got, err := sumsByClock(days, "day", from, to.Add(start), ask(24*time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			at := from
			for _, day := range got {
				if next := days.NextDay(at); !day.Begin.Equal(at) || day.Attempts != int64(next.Sub(at)/time.Hour) {
					t.Errorf("%s, start %s: a day begins at %s with %d hours, want %s", month, start, day.Begin.In(berlin), day.Attempts, at)
				}
				at = days.NextDay(at)
			}
			if !at.Equal(to.Add(start)) {
				t.Errorf("the days end at %s", at)
			}
			hours, err := sumsByClock(days, "hour", from, to, ask(time.Hour))
			if err != nil || len(hours) != int(to.Sub(from)/time.Hour) {
				t.Errorf("%d hours, %v", len(hours), err)
			}
		}
	}
	lists, err := sumsByClock(records.Days{Zone: berlin}, "list", time.Date(2026, 1, 1, 0, 0, 0, 0, berlin), time.Date(2027, 1, 1, 0, 0, 0, 0, berlin),
		func(from, to time.Time, _ time.Duration) ([]records.CampaignSum, error) {
			return []records.CampaignSum{{Group: "a", Attempts: int64(to.Sub(from) / time.Hour)}, {Group: "b"}}, nil
		})
	if err != nil || len(lists) != 2 || lists[0].Attempts != 8760 {
		t.Errorf("what is no time is asked for once: %+v, %v", lists, err)
	}
}
