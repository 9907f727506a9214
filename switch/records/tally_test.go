package records

import (
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/switch/calendar"
	"strowger/switch/callmodel"
)

func at(clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", "2026-03-02 "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

func stay(call, from string, seconds int, end callmodel.VisitEnd) Segment {
	g := Segment{
		Conn: call + "1", Call: call, Role: "caller", Party: "+49" + call, State: Queued, Queue: "support", Started: at(from), Offered: at(from), Seq: 1,
		Length: time.Duration(seconds) * time.Second, End: string(end), Target: 20 * time.Second, Position: 1, Last: 1,
	}
	g.Ended = g.Started.Add(g.Length)
	return g
}

func work(call, offered, from string, seconds int, state State, end string) Segment {
	g := Segment{
		Conn: call + "2", Call: call, Role: "agent", Agent: "anna", State: state, Queue: "support", Started: at(from), Offered: at(offered), Seq: 2,
		Length: time.Duration(seconds) * time.Second, End: end,
	}
	g.Ended = g.Started.Add(g.Length)
	return g
}

// example is the one of docs/statistics.md, where it is computed by hand.
func example() []Segment {
	return []Segment{
		stay("A", "09:00:10", 12, callmodel.VisitAnswered),
		work("A", "09:00:10", "09:00:18", 4, Ringing, EndAnswered),
		work("A", "09:00:10", "09:00:22", 100, Talking, ""),
		work("A", "09:00:10", "09:02:02", 20, Hold, ""),
		work("A", "09:00:10", "09:02:22", 30, Talking, EndOtherLeft),
		work("A", "09:00:10", "09:02:52", 10, WrapUp, EndDone),
		stay("B", "09:01:00", 3, callmodel.VisitAbandoned),
		stay("C", "09:14:50", 130, callmodel.VisitAnswered),
		work("C", "09:14:50", "09:16:40", 15, Ringing, EndNoAnswer),
		work("C", "09:14:50", "09:16:58", 2, Ringing, EndAnswered),
		work("C", "09:14:50", "09:17:00", 60, Talking, string(callmodel.PassedBlind)),
		stay("D", "09:05:00", 40, callmodel.VisitAbandoned),
		stay("E", "09:06:00", 300, callmodel.VisitOverflow),
		stay("F", "09:15:00", 5, callmodel.VisitAnswered),
		work("F", "09:15:00", "09:15:01", 4, Ringing, EndAnswered),
		work("F", "09:15:00", "09:15:05", 80, Talking, EndHungUp),
	}
}

func tallied(t *testing.T, o TallyOptions, segments []Segment, intervals ...Interval) []Line {
	t.Helper()
	tally := NewTally(o)
	for i := range segments {
		tally.Segment(&segments[i])
	}
	for i := range intervals {
		tally.Interval(&intervals[i])
	}
	lines, err := tally.Lines()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestTheExampleOfTheDocumentation(t *testing.T) {
	lines := tallied(t, TallyOptions{Days: Days{Every: 15 * time.Minute}, By: ByQueue, Short: 5 * time.Second}, example())
	if len(lines) != 2 || !lines[0].From.Equal(at("09:00:00")) || !lines[0].To.Equal(at("09:15:00")) || lines[0].Group != "support" {
		t.Fatalf("got %+v", lines)
	}
	c := lines[0].Counts
	want := Counts{
		Offered: 5, Answered: 2, Abandoned: 1, Short: 1, Overflowed: 1, InTime: 1, GoneInTime: 1, Wait: 142 * time.Second, WaitGone: 43 * time.Second,
		LongestWait: 300 * time.Second, Offers: 3, Missed: 1, Handled: 2, Talk: 190 * time.Second, Hold: 20 * time.Second, Wrap: 10 * time.Second, Transfers: 1,
	}
	if c != want {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
	for f, level := range map[Formula]float64{OfAll: 1.0 / 4, OfAnswered: 1.0 / 2, OfServed: 1.0 / 3} {
		if got, ok := c.ServiceLevel(f); !ok || got != level {
			t.Errorf("service level %s: %v %v, want %v", f, got, ok, level)
		}
	}
	if gone, ok := c.Abandonment(); !ok || gone != 1.0/4 || c.AnswerSpeed() != 71*time.Second || c.HandleTime() != 110*time.Second {
		t.Errorf("abandonment %v %v, ASA %s, AHT %s", gone, ok, c.AnswerSpeed(), c.HandleTime())
	}
	if f := lines[1].Counts; f.Offered != 1 || f.Handled != 1 || f.Talk != 80*time.Second {
		t.Errorf("second interval: %+v", f)
	}
	all := tallied(t, TallyOptions{By: ByAll, Short: 5 * time.Second}, example())
	if len(all) != 1 || all[0].Offered != 6 || all[0].Talk != 270*time.Second {
		t.Errorf("the day: %+v", all)
	}
}

func TestAgentTimeIsCutAtIntervals(t *testing.T) {
	i := func(from string, seconds int, state string) Interval {
		out := Interval{Agent: "anna", State: state, Started: at(from), Length: time.Duration(seconds) * time.Second}
		out.Ended = out.Started.Add(out.Length)
		return out
	}
	open := i("09:40:00", 0, "on-call")
	open.Ended = time.Time{}
	lines := tallied(t, TallyOptions{Days: Days{Every: 30 * time.Minute}, By: ByAgent, From: at("09:00:00"), To: at("10:00:00"), Now: at("09:50:00")}, nil,
		i("08:50:00", 900, "ready"), i("09:05:00", 1800, "on-call"), i("09:35:00", 300, "wrap-up"), open)
	if len(lines) != 2 {
		t.Fatalf("got %+v", lines)
	}
	a, b := lines[0].Counts, lines[1].Counts
	if a.Ready != 5*time.Minute || a.OnCall != 25*time.Minute || b.OnCall != 15*time.Minute || b.InWrapUp != 5*time.Minute {
		t.Errorf("got %+v\n%+v", a, b)
	}
	if o, ok := a.Occupancy(); !ok || o != 25.0/30 {
		t.Errorf("occupancy %v %v", o, ok)
	}
}

// TestDaysWithChangedClocks: 23 and 25 hours, and a day that begins at six.
func TestDaysWithChangedClocks(t *testing.T) {
	zone, err := calendar.Zone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		date  string
		start time.Duration
		hours int
	}{
		{"2026-03-29", 0, 23},
		{"2026-10-25", 0, 25},
		{"2026-03-02", 0, 24},
		{"2026-03-28", 6 * time.Hour, 23},
		{"2026-10-24", 6 * time.Hour, 25},
	} {
		d := Days{Zone: zone, Start: c.start, Every: time.Hour}
		noon, err := time.ParseInLocation("2006-01-02 15:04", c.date+" 12:00", zone)
		if err != nil {
			t.Fatal(err)
		}
		from, to := d.Day(noon), d.NextDay(noon)
		if got := to.Sub(from); got != time.Duration(c.hours)*time.Hour || from.Format("2006-01-02") != c.date {
			t.Errorf("%s: a day of %s from %s", c.date, got, from)
		}
		n, last := 0, from
		for m := from; m.Before(to); m = m.Add(10 * time.Minute) { // every moment is in one interval, and they follow one another
			a, b := d.Of(m)
			if m.Before(a) || !m.Before(b) || !d.Day(m).Equal(from) {
				t.Fatalf("%s is not between %s and %s", m, a, b)
			}
			if a != last || m == from {
				if m != from && a.Sub(last) != time.Hour {
					t.Fatalf("%s follows %s", a, last)
				}
				last = a
				n++
			}
		}
		if n != c.hours {
			t.Errorf("%s: %d intervals of an hour", c.date, n)
		}
	}
}

func TestQueueLogLines(t *testing.T) {
	q := NewQueueLog(at("00:00:00"), at("23:59:59"))
	segments := example()
	slices.Reverse(segments) // the order does not matter
	for _, g := range segments {
		q.Segment(g)
	}
	evil := stay("G", "09:20:00", 9, callmodel.VisitCallback)
	evil.Party, evil.Rule, evil.Position = "a|b\nc", "1", 4
	q.Segment(evil)
	q.Interval(Interval{Agent: "anna", Seq: 1, State: "not-ready", Reason: "lunch", Queues: []string{"support"}, Login: at("08:00:00"), Started: at("08:00:00"), Ended: at("08:10:00")})
	q.Interval(Interval{Agent: "anna", Seq: 9, State: "ready", Queues: []string{"support"}, Login: at("08:00:00"), Started: at("08:10:00"), Ended: at("17:00:00"), Logout: true})
	for _, i := range []Interval{ // ben signs out of support, and in to sales
		{Agent: "ben", Seq: 31, State: "not-ready", Reason: "mail", Queues: []string{"sales"}, Login: at("18:00:00"), Started: at("18:20:00"), Ended: at("18:30:00"), Logout: true},
		{Agent: "ben", Seq: 30, State: "not-ready", Reason: "mail", Queues: []string{"support", "sales"}, Login: at("18:00:00"), Started: at("18:10:00"), Ended: at("18:20:00")},
		{Agent: "ben", Seq: 29, State: "ready", Queues: []string{"support"}, Login: at("18:00:00"), Started: at("18:00:00"), Ended: at("18:10:00")},
	} {
		q.Interval(i)
	}
	entries, err := q.Entries()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		line := e.String()
		back, err := ParseEntry(line)
		if err != nil || back.String() != line {
			t.Errorf("%q is read as %+v, %v", line, back, err)
		}
		got = append(got, time.Unix(e.Epoch, 0).UTC().Format("15:04:05 ")+line[strings.Index(line, "|")+1:])
	}
	want := `08:00:00 NONE|support|anna|ADDMEMBER|
08:00:00 NONE|support|anna|PAUSE|lunch
08:10:00 NONE|support|anna|UNPAUSE|
09:00:10 A|support|NONE|ENTERQUEUE||+49A|1
09:00:22 A|support|anna|CONNECT|12|A2|4
09:01:00 B|support|NONE|ENTERQUEUE||+49B|1
09:01:03 B|support|NONE|ABANDON|1|1|3
09:02:52 A|support|anna|COMPLETECALLER|12|150|1
09:05:00 D|support|NONE|ENTERQUEUE||+49D|1
09:05:40 D|support|NONE|ABANDON|1|1|40
09:06:00 E|support|NONE|ENTERQUEUE||+49E|1
09:11:00 E|support|NONE|EXITEMPTY|1|1|300
09:14:50 C|support|NONE|ENTERQUEUE||+49C|1
09:15:00 F|support|NONE|ENTERQUEUE||+49F|1
09:15:05 F|support|anna|CONNECT|5|F2|4
09:16:25 F|support|anna|COMPLETEAGENT|5|80|1
09:16:55 C|support|anna|RINGNOANSWER|15000
09:17:00 C|support|anna|CONNECT|130|C2|2
09:18:00 C|support|anna|BLINDTRANSFER||strowger|130|60|1
09:20:00 G|support|NONE|ENTERQUEUE||a/b c|4
09:20:09 G|support|NONE|EXITWITHKEY|1|1|4|9
17:00:00 NONE|support|anna|REMOVEMEMBER|
18:00:00 NONE|support|ben|ADDMEMBER|
18:10:00 NONE|support|ben|PAUSE|mail
18:10:00 NONE|sales|ben|ADDMEMBER|
18:10:00 NONE|sales|ben|PAUSE|mail
18:20:00 NONE|support|ben|UNPAUSE|
18:20:00 NONE|support|ben|REMOVEMEMBER|
18:30:00 NONE|sales|ben|UNPAUSE|
18:30:00 NONE|sales|ben|REMOVEMEMBER|`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if _, err := ParseEntry("1|2|3"); err == nil {
		t.Error("a short line was read")
	}
}
