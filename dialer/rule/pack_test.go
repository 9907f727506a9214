package rule

import (
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/fault"
)

func TestPacks(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"us", "uk"} {
		p, there := ByName(name)
		if !there || p.Name != name || p.Limit != 0.03 || p.Connect != 2*time.Second || p.RingLeast != 15*time.Second {
			t.Errorf("%s: %+v", name, p)
		}
		for _, s := range p.Sources {
			if s.What == "" || s.Rule == "" || s.Checked && s.Paragraph == "" {
				t.Errorf("%s: a source says nothing: %+v", name, s)
			}
		}
	}
	if _, there := ByName("mars"); there {
		t.Error("there is a pack that nobody has written")
	}
	us, uk := US(), UK()
	if us.Window != 30*24*time.Hour || !us.Life || us.From != FromGreeting || !us.Drop.NextDay {
		t.Errorf("us: %+v", us)
	}
	if uk.Window != 24*time.Hour || uk.Life || uk.From != FromAnswer || uk.Drop.For != 72*time.Hour || uk.Machine.For != 24*time.Hour {
		t.Errorf("uk: %+v", uk)
	}
}

func TestFederalHolidays(t *testing.T) {
	t.Parallel()
	var dates []string
	for _, h := range federalHolidays() {
		dates = append(dates, h.Date+" "+h.Name)
	}
	for _, want := range []string{
		"2026-01-19 Martin Luther King Day", "2026-02-16 Washington's Birthday", "2026-05-25 Memorial Day", "2026-09-07 Labor Day",
		"2026-10-12 Columbus Day", "2026-11-26 Thanksgiving Day", "07-04 Independence Day", "2027-05-31 Memorial Day",
	} {
		if !slices.Contains(dates, want) {
			t.Errorf("%s is none of them", want)
		}
	}
}

func TestCaps(t *testing.T) {
	t.Parallel()
	us := US()
	if got := us.CapsFor("", lead.Caps{Lead: 6}); got != (lead.Caps{Lead: 6}) {
		t.Errorf("nowhere: %+v", got)
	}
	if got := us.CapsFor("FL", lead.Caps{Number24h: 5, NumberDay: 2}); got != (lead.Caps{Number24h: 3, NumberDay: 2}) {
		t.Errorf("Florida: %+v", got)
	}
	if got := us.CapsFor("OK", lead.Caps{Number24h: 1}); got.Number24h != 1 {
		t.Errorf("Oklahoma: %+v", got)
	}
}

func TestCustom(t *testing.T) {
	t.Parallel()
	p, err := Custom{}.Pack()
	if err != nil || len(p.Laxer()) > 0 {
		t.Errorf("what says nothing is not as strict as can be: %v, %v", p.Laxer(), err)
	}
	if p, err = (Custom{Limit: new(0.0)}).Pack(); err != nil || p.Limit != 0 {
		t.Errorf("a limit of nothing is one: %g, %v", p.Limit, err)
	}
	calm := weekly("calm", span("10:00", "12:00", "mon-fri"))
	p, err = Custom{Limit: new(0.05), Window: 30 * day, Connect: 3 * time.Second, From: FromGreeting, RingLeast: 10 * time.Second, Hours: &calm, Drop: time.Hour, Machine: time.Hour, Caps: lead.Caps{NumberDay: 9}}.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(p.Laxer(), "; "); said != "limit 5 % instead of 3 %; counted over 720h0m0s instead of 24h0m0s; connected within 3s instead of 2s; "+
		"counted from the end of the greeting instead of the answer; rings for at least 10s instead of 15s; after a drop 1h0m0s without a dialer instead of 72h0m0s; "+
		"after a machine 1h0m0s without a dialer instead of 24h0m0s; 9 attempts a day to a number instead of 3" {
		t.Error(said)
	}
	if p.Hours.ID != "calm" || p.Regions != nil {
		t.Errorf("its hours are %+v", p.Hours)
	}
	for _, bad := range []Custom{
		{Limit: new(0.2)},
		{Limit: new(-1.0)},
		{Window: time.Minute},
		{Connect: time.Minute},
		{From: "hello"},
		{RingLeast: time.Hour},
		{Drop: -1},
	} {
		if _, err := bad.Pack(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
