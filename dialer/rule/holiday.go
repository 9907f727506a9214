package rule

import (
	"time"

	"strowger/switch/calendar"
)

// The years for which holidays without a fixed date are known.
const firstYear, lastYear = 2025, 2045

// federalHolidays are the holidays of the United States, on their own dates: a
// weekday that is given off instead is not one of them.
func federalHolidays() []calendar.Holiday {
	out := []calendar.Holiday{
		{Date: "01-01", Name: "New Year's Day"},
		{Date: "06-19", Name: "Juneteenth"},
		{Date: "07-04", Name: "Independence Day"},
		{Date: "11-11", Name: "Veterans Day"},
		{Date: "12-25", Name: "Christmas Day"},
	}
	for y := firstYear; y <= lastYear; y++ {
		for _, h := range []struct {
			name  string
			month time.Month
			day   time.Weekday
			nth   int // 0: the last one
		}{
			{"Martin Luther King Day", time.January, time.Monday, 3},
			{"Washington's Birthday", time.February, time.Monday, 3},
			{"Memorial Day", time.May, time.Monday, 0},
			{"Labor Day", time.September, time.Monday, 1},
			{"Columbus Day", time.October, time.Monday, 2},
			{"Thanksgiving Day", time.November, time.Thursday, 4},
		} {
			out = append(out, calendar.Holiday{Date: nth(y, h.month, h.day, h.nth).Format("2006-01-02"), Name: h.name})
		}
	}
	return out
}

// nth returns the nth weekday of a month, or the last one.
func nth(y int, m time.Month, d time.Weekday, n int) time.Time {
	if n == 0 {
		end := time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC)
		return end.AddDate(0, 0, -int((end.Weekday()-d+7)%7))
	}
	begin := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	return begin.AddDate(0, 0, int((d-begin.Weekday()+7)%7)+7*(n-1))
}
