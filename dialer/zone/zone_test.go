package zone

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/switch/calendar"
)

// TestOf has each rule of which zone a number may be in.
func TestOf(t *testing.T) {
	b := New()
	for _, c := range []struct{ what, number, zone, region, want string }{
		{"the lead's own zone wins", "+493012345678", "Europe/Vienna", "", "Europe/Vienna"},
		{"the lead's own zone, for a freephone number too", "+18005550123", "America/Denver", "", "America/Denver"},
		{"an area code", "+493012345678", "", "", "Europe/Berlin"},
		{"an area code of a country with several zones", "+61292345678", "", "", "Australia/Sydney"},
		{"a mobile of a country with one zone", "+4915123456789", "", "", "Europe/Berlin"},
		{"a mobile of a country with two: both", "+34612345678", "", "", "Atlantic/Canary Europe/Madrid"},
		{"a fixed line there: its own", "+34922123456", "", "", "Atlantic/Canary"},
		{"islands with London's time are London", "+447700900123", "", "", "Europe/London"},
		{"Ireland is not London", "+353871234567", "", "", "Europe/Dublin"},
		{"Ireland, fixed line", "+35312345678", "", "", "Europe/Dublin"},
		{"India by its name of today", "+919876543210", "", "", "Asia/Kolkata"},
		{"+1: the area code", "+12125550123", "", "", "America/New_York"},
		{"+1: the area code and the state", "+12125550123", "", "CA", "America/Los_Angeles America/New_York"},
		{"+1: a state with two zones", "+13055550123", "", "FL", "America/Chicago America/New_York"},
		{"+1: a province", "+14165550123", "", "BC", "America/Edmonton America/Toronto America/Vancouver"},
		{"+1 freephone: nobody knows", "+18005550123", "", "", ""},
		{"+1 freephone, with a state: nobody knows", "+18885550123", "", "NY", ""},
		{"German freephone", "+498001234567", "", "", ""},
		{"British premium", "+449098790001", "", "", ""},
		{"mobile of Brazil", "+5511999999999", "", "", "America/Manaus America/Noronha America/Rio_Branco America/Sao_Paulo"},
		{"fixed line of Brazil", "+551130000000", "", "", "America/Sao_Paulo"},
		{"mobile of Kazakhstan", "+77012345678", "", "", "Asia/Almaty"},
		{"mobile of Indonesia", "+6281212345678", "", "", "Asia/Jakarta Asia/Jayapura Asia/Makassar"},
		{"no such country", "+9991234567", "", "", ""},
		{"not E.164", "493012345678", "", "", ""},
	} {
		zones, _ := b.Of(c.number, c.zone, c.region)
		if got := strings.Join(zones, " "); got != c.want {
			t.Errorf("%s: %s %q %q: got %q, want %q", c.what, c.number, c.zone, c.region, got, c.want)
		}
	}
	for number, least := range map[string]int{"+61412345678": 8, "+79161234567": 14, "+525512345678": 7} {
		if got, _ := b.Of(number, "", ""); len(got) != least {
			t.Errorf("%s may be anywhere in its country: got %q, want %d zones", number, got, least)
		}
	}
}

// TestStates: the rules of some states bind for their area codes, whether or not
// a file says where somebody lives.
func TestStates(t *testing.T) {
	b := New()
	for _, c := range []struct{ number, zone, region, want string }{
		{"+13055550123", "", "", "FL"},
		{"+17285550123", "", "", "FL"}, // of which the data names a city
		{"+13055550123", "America/New_York", "", "FL"},
		{"+13055550123", "", "NY", "NY"},
		{"+12125550123", "", "", "NY"},
		{"+12065550123", "", "", "WA"},
		{"+12025550123", "", "", "DC"},
		{"+14055550123", "", "", "OK"},
		{"+14165550123", "", "", ""}, // Toronto
		{"+18005550123", "", "", ""},
		{"+493012345678", "", "", ""},
		{"+493012345678", "", "BY", "BY"},
	} {
		if _, got := b.Of(c.number, c.zone, c.region); got != c.want {
			t.Errorf("%s %q %q: got %q, want %q", c.number, c.zone, c.region, got, c.want)
		}
	}
	none, some := 0, 0
	for area := 201; area < 990; area++ {
		number := fmt.Sprintf("+1%d5550123", area)
		if zones, state := b.Of(number, "", ""); len(zones) == 1 && zones[0] != "" && state == "" {
			none++
		} else if state != "" {
			some++
		}
	}
	if some < 300 || none > 120 { // the latter are Canada and islands
		t.Errorf("of %d area codes the state is known, of %d with a zone it is not", some, none)
	}
}

// TestZonesExist: every zone that can be answered is one of the program's own
// database, or nobody would ever be called there.
func TestZonesExist(t *testing.T) {
	all := map[string]bool{}
	for _, o := range overrides {
		for _, z := range o.zones {
			all[z] = true
		}
		if !slices.IsSorted(o.zones) && o.prefix != "52" && o.prefix != "61" {
			t.Errorf("the zones of +%s are not sorted", o.prefix)
		}
	}
	for _, zones := range states {
		for _, z := range zones {
			all[z] = true
		}
	}
	for country := range 999 {
		for _, z := range areaZones(fmt.Sprint(country + 1)) {
			all[z] = true
		}
	}
	for area := 200; area < 1000; area++ {
		for _, z := range areaZones("1" + fmt.Sprint(area)) {
			all[z] = true
		}
	}
	if len(all) < 150 {
		t.Fatalf("only %d zones were looked at", len(all))
	}
	for z := range all {
		if _, err := calendar.Zone(z); err != nil {
			t.Errorf("%s: %v", z, err)
		}
	}
}

// TestAliasesHaveTheSameTime: a name that stands for another must show its time.
func TestAliasesHaveTheSameTime(t *testing.T) {
	for from, to := range aliases {
		b, err := calendar.Zone(to)
		if err != nil {
			t.Errorf("%s: %v", to, err)
			continue
		}
		a, err := calendar.Zone(from)
		if err != nil {
			continue // the database has dropped the old name
		}
		for month := range 36 {
			at := time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC).AddDate(0, month, 0)
			if x, y := at.In(a).Format("15:04"), at.In(b).Format("15:04"); x != y {
				t.Errorf("%s is %s at %s, %s is %s", from, x, at, to, y)
			}
		}
	}
}

// TestRememberedByItsBeginning: what is remembered of one number must be true
// of the others that share it.
func TestRememberedByItsBeginning(t *testing.T) {
	b := New()
	for _, base := range []string{"+4930123", "+4915123", "+1212555", "+4477009", "+6141234", "+3461234", "+5511999", "+3538712", "+9198765", "+3312345", "+3361234"} {
		for tail := range 40 {
			number := fmt.Sprintf("%s%05d", base, tail*2477%100_000)
			got, state := b.Of(number, "", "")
			want, fresh := New().Of(number, "", "")
			if !slices.Equal(got, want) || state != fresh {
				t.Errorf("%s: remembered %q %s, asked anew %q %s", number, got, state, want, fresh)
			}
		}
	}
}

func BenchmarkOf(b *testing.B) {
	book := New()
	numbers := make([]string, 10_000)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("+4930%08d", i*7919%100_000_000)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		book.Of(numbers[i%len(numbers)], "", "")
	}
}
