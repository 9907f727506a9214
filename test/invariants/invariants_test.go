package invariants

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/ari/cel"
)

func at(s float64) time.Time { return time.Unix(1_800_000_000, 0).Add(time.Duration(s * 1e9)) }

// good is a run in which a caller talked to an agent, one waited and gave up,
// and a recovery lay in between.
func good() *Evidence {
	leg := func(channel, name, caller string, from, to float64, app string) *cel.Leg {
		return &cel.Leg{
			Channel: channel, Name: name, Caller: caller, Dialled: "600", Context: "strowger-in", Started: at(from), Ended: at(to),
			Apps: []cel.AppStay{{App: "Stasis", Data: app, From: at(from), To: at(to)}},
		}
	}
	talk := &Call{
		ID: "K1", Caller: "491", Queue: "sales", Outcome: "handled", Rows: 1, Ends: 1, Arrived: at(1), Talking: at(3), Over: at(20),
		Channels: map[string]bool{"1.0": true, "sw-A": true},
		Parties: []*Party{
			{ID: "C", Role: "caller", Channel: "1.0", State: "ended", Created: at(1), Connected: at(3), Ended: at(20)},
			{ID: "A", Hex: "0a", Role: "agent", Agent: "anna", Device: "101", Channel: "sw-A", Own: "sw-A", State: "ended", Created: at(1), Alerting: at(2), Connected: at(3), Ended: at(20), WrapEnded: at(22)},
		},
	}
	wait := &Call{
		ID: "K2", Caller: "492", Queue: "sales", Outcome: "abandoned", Rows: 1, Ends: 1, Arrived: at(4), Over: at(15),
		Channels: map[string]bool{"1.2": true},
		Parties:  []*Party{{ID: "D", Role: "caller", Channel: "1.2", State: "ended", Created: at(4), Ended: at(15)}},
	}
	e := &Evidence{
		Fault: "1", Windows: []Window{{at(9), at(11)}}, Recoveries: 1, Slack: time.Second,
		Witness: Witness{
			App: "strowger", Context: "strowger-in",
			Legs: []*cel.Leg{
				leg("1.0", "PJSIP/trunk-0", "491", 1, 20, "strowger,in,600"), leg("1.2", "PJSIP/trunk-1", "492", 4, 15, "strowger,in,600"),
				leg("sw-A", "PJSIP/101-2", "101", 1, 20, "strowger,out"),
			},
			Tapped:  []Channel{{ID: "1.0"}, {ID: "1.2"}, {ID: "sw-A"}},
			Invites: []Invite{{Phone: "101", From: "491", At: at(2), Answered: at(3), Ended: at(20)}},
			Talks:   []Talk{{Who: "491", Gap: 40 * time.Millisecond, Seen: 100}}, Silences: []Silence{{"492", 100 * time.Millisecond}},
			Told: []Told{
				{"crm", at(2), evPhoneCall, "0a", 3, 1, 0},
				{"crm", at(3), evPhoneCall, "0a", 101, 2, 0},
				{"crm", at(20), evPhoneCall, "0a", 4, 3, 0},
				{"crm", at(22), evPhoneCall, "0a", 4, 1, 0},
			},
			Streams: [][]Numbered{{{7, true}, {8, false}, {9, false}, {30, true}, {31, false}}},
			Acked:   []Acked{{at(5), "a callback", "item:CB1", true}, {at(6), "a hold", "hold:A", false}},
			Before:  []Waiter{{"K2", at(4)}, {"K9", at(5)}, {"K3", at(6)}}, After: []Waiter{{"K2", at(4.1)}, {"K3", at(6)}, {"K4", at(12)}},
			Files:  []File{{Name: "r1", Playable: true, Length: 17 * time.Second}},
			Gauges: map[string]Of{"goroutines": {40, 45, 10}},
		},
		Answer: Answer{
			Calls: []*Call{talk, wait},
			Spans: []Span{{"anna", "ready", at(0), at(1)}, {"anna", "reserved", at(1), at(3)}, {"anna", "on-call", at(3), at(20)}, {"anna", "wrap-up", at(20), at(22)}, {"anna", "ready", at(22), time.Time{}}},
			Facts: map[string]int{"item:CB1": 1, "hold:A": 1}, Refused: []Refusal{{"hold", "it is on hold already"}},
			Recovered: []Recovery{{at(11), "back after 2 s: 3 legs adopted, 0 ended"}},
			Items:     []Item{{ID: "CB1", State: "done", Ends: 1}, {ID: "CB2", State: "pending"}},
			Recorded:  []Recorded{{"r1", at(3), at(20)}}, Wraps: map[string]time.Duration{"sales": time.Second}, Numbers: []string{"101", "102"},
			Untold: map[string]bool{},
		},
	}
	campaigned(e)
	return e
}

func TestAGoodRunIsGreen(t *testing.T) {
	t.Parallel()
	r := Check(good())
	r.Bitten = 1
	if p := r.Problems(); len(p) > 0 {
		t.Errorf("%s", strings.Join(p, "\n"))
	}
	for name, res := range r.Rules {
		if res.Checked == 0 {
			t.Errorf("%s looked at nothing", name)
		}
	}
	if !strings.Contains(r.Summary(), "N12:") || !strings.Contains(r.JSON(), `"fault":"1"`) {
		t.Errorf("%s\n%s", r.Summary(), r.JSON())
	}
}

// planted is one thing wrong, and which rule must say so in which words.
type planted struct {
	rule, words string
	spoil       func(*Evidence)
}

func plantedCalls() map[string]planted {
	return map[string]planted{
		"call without a record":     {"N1", "call lost", func(e *Evidence) { e.Answer.Calls = e.Answer.Calls[:1] }},
		"call of nobody":            {"N1", "invented", func(e *Evidence) { e.Witness.Legs = e.Witness.Legs[:1] }},
		"call twice":                {"N1", "counted twice", func(e *Evidence) { c := *e.Answer.Calls[1]; c.ID = "K7"; e.Answer.Calls = append(e.Answer.Calls, &c) }},
		"two ends":                  {"N1", "2 ends", func(e *Evidence) { e.Answer.Calls[0].Ends = 2 }},
		"no row":                    {"N1", "0 rows", func(e *Evidence) { e.Answer.Calls[0].Rows = 0 }},
		"over before it came":       {"N1", "before it came", func(e *Evidence) { e.Answer.Calls[0].Over = at(0) }},
		"connection back in time":   {"N1", "back in time", func(e *Evidence) { e.Answer.Calls[0].Parties[1].Connected = at(1.5) }},
		"connection that lives":     {"N1", "is connected", func(e *Evidence) { e.Answer.Calls[0].Parties[0].State = "connected" }},
		"leg in two connections":    {"N1", "at once", func(e *Evidence) { e.Answer.Calls[0].Parties[0].Channel = "sw-A" }},
		"end at another time":       {"N1", "left at", func(e *Evidence) { e.Answer.Calls[1].Parties[0].Ended = at(18) }},
		"interval beside the truth": {"N1", "left at", func(e *Evidence) { p := e.Answer.Calls[1].Parties[0]; p.Ended, p.LostFrom = at(30), at(18) }},
		"leg that nobody knows": {"N1", "was made by the controller", func(e *Evidence) {
			l := *e.Witness.Legs[2]
			l.Channel = "sw-Z"
			e.Witness.Legs = append(e.Witness.Legs, &l)
		}},
		"blind witness": {"N1", "witnesses differ", func(e *Evidence) { e.Witness.Tapped = append(e.Witness.Tapped, Channel{ID: "1.9"}) }},
		"no outcome":    {"N2", "without an outcome", func(e *Evidence) { e.Answer.Calls[0].Outcome = "" }},
		"lost without a fault": {"N2", "there was no fault", func(e *Evidence) {
			e.Answer.Calls[0].Outcome, e.Answer.Calls[0].LostFrom = "lost", at(19)
		}},
		"phone called twice": {"N3", "2 times or more", func(e *Evidence) {
			e.Witness.Invites = append(e.Witness.Invites, Invite{Phone: "101", From: "491", At: at(30), Ended: at(31)})
		}},
		"one leg, two attempts": {"N3", "2 attempts", func(e *Evidence) {
			c := *e.Answer.Calls[0]
			c.ID = "K7"
			e.Answer.Calls = append(e.Answer.Calls, &c)
		}},
		"item gone":           {"N4", "is gone", func(e *Evidence) { e.Answer.Items = e.Answer.Items[1:] }},
		"item twice":          {"N4", "is there 2 times", func(e *Evidence) { e.Answer.Items = append(e.Answer.Items, e.Answer.Items[0]) }},
		"item finished twice": {"N4", "finished 2 times", func(e *Evidence) { e.Answer.Items[0].Ends = 2 }},
		"item in no state":    {"N4", `in the state "?"`, func(e *Evidence) { e.Answer.Items[1].State = "?" }},
	}
}

func plantedPeople() map[string]planted {
	return map[string]planted{
		"two states at once": {"N5", "at once", func(e *Evidence) { e.Answer.Spans[1].From = at(0.5) }},
		"hole":               {"N5", "add up", func(e *Evidence) { e.Answer.Spans = slices.Delete(e.Answer.Spans, 2, 3) }},
		"state without end":  {"N5", "without an end", func(e *Evidence) { e.Answer.Spans[2].To = time.Time{} }},
		"two talks": {"N5", "talks in the calls", func(e *Evidence) {
			p := *e.Answer.Calls[0].Parties[1]
			p.ID, p.Channel = "B", "sw-B"
			e.Answer.Calls[1].Parties = append(e.Answer.Calls[1].Parties, &p)
		}},
		"no wrap-up":       {"N5", "no wrap-up", func(e *Evidence) { e.Answer.Calls[0].Parties[1].WrapEnded = time.Time{} }},
		"order lost":       {"N6", "waiting order", func(e *Evidence) { slices.Reverse(e.Witness.After) }},
		"new waiting time": {"N6", "waits since", func(e *Evidence) { e.Witness.After[0].Since = at(10) }},
		"dead air":         {"N6", "heard nothing for", func(e *Evidence) { e.Witness.Silences[0].Long = 11 * time.Second }},
		"two offers": {"N6", "offered to anna and ben", func(e *Evidence) {
			p := *e.Answer.Calls[0].Parties[1]
			p.ID, p.Agent, p.Device = "B", "ben", "102"
			e.Answer.Calls[0].Parties = append(e.Answer.Calls[0].Parties, &p)
		}},
		"two phones ring": {"N6", "rings at 101 and 102", func(e *Evidence) {
			e.Witness.Invites = []Invite{{Phone: "101", From: "491", At: at(2), Ended: at(20)}, {Phone: "102", From: "491", At: at(3), Ended: at(20)}}
		}},
		"no audio":  {"N11", "heard nothing", func(e *Evidence) { e.Witness.Talks[0].Seen = 0 }},
		"audio gap": {"N11", "did not hear", func(e *Evidence) { e.Witness.Talks[0].Gap = 2 * time.Second }},
	}
}

func plantedTold() map[string]planted {
	return map[string]planted{
		"event after the end": {"N7", "was over", func(e *Evidence) { e.Witness.Told = append(e.Witness.Told, e.Witness.Told[1]) }},
		"end not told":        {"N7", "last told", func(e *Evidence) { e.Witness.Told = e.Witness.Told[:2] }},
		"connect not told": {"N7", "nobody was told", func(e *Evidence) {
			e.Witness.Told = slices.Delete(e.Witness.Told, 1, 2)
			e.Windows = nil
			e.Recoveries = 1
		}},
		"hole in the stream":    {"N7", "event 9 follows 7", func(e *Evidence) { e.Witness.Streams[0] = slices.Delete(e.Witness.Streams[0], 1, 2) }},
		"event twice":           {"N7", "event 8 follows 8", func(e *Evidence) { e.Witness.Streams[0] = slices.Insert(e.Witness.Streams[0], 1, Numbered{8, false}) }},
		"acknowledged and lost": {"N8", "not there", func(e *Evidence) { delete(e.Answer.Facts, "hold:A") }},
		"done twice":            {"N8", "2 times", func(e *Evidence) { e.Answer.Facts["item:CB1"] = 2 }},
		"no recording":          {"N9", "has no file", func(e *Evidence) { e.Witness.Files = nil }},
		"not playable":          {"N9", "cannot be played", func(e *Evidence) { e.Witness.Files[0].Playable = false }},
		"cut short":             {"N9", "the conversation was", func(e *Evidence) { e.Witness.Files[0].Length = 16 * time.Second }},
		"pause not kept":        {"N9", "where it was paused", func(e *Evidence) { e.Witness.Files[0].Dirty = true }},
		"file of nobody":        {"N9", "no recording", func(e *Evidence) { e.Answer.Recorded = nil }},
		"file twice":            {"N9", "twice", func(e *Evidence) { e.Witness.Files = append(e.Witness.Files, e.Witness.Files[0]) }},
		"bridge left":           {"N10", "left behind", func(e *Evidence) { e.Witness.Left = []string{"bridge sw-b-x"} }},
		"goroutines":            {"N10", "was 40 and is 60", func(e *Evidence) { e.Witness.Gauges = map[string]Of{"goroutines": {40, 60, 10}} }},
		"no reason":             {"N12", "without a reason", func(e *Evidence) { e.Answer.Refused[0].Reason = " " }},
		"recovery not recorded": {"N12", "there were 1", func(e *Evidence) { e.Answer.Recovered = nil }},
		"recovery twice":        {"N12", "2 recoveries", func(e *Evidence) { e.Answer.Recovered = append(e.Answer.Recovered, e.Answer.Recovered[0]) }},
		"recovery uncounted":    {"N12", "no counts", func(e *Evidence) { e.Answer.Recovered[0].Text = "back" }},
	}
}

// TestEveryRuleIsRed plants one leak, loss or duplicate at a time.
func TestEveryRuleIsRed(t *testing.T) {
	t.Parallel()
	all := map[string]planted{}
	for _, m := range []map[string]planted{plantedCalls(), plantedPeople(), plantedTold(), plantedLeads()} {
		maps.Copy(all, m)
	}
	red := map[string]bool{}
	for name, p := range all {
		e := good()
		p.spoil(e)
		r := Check(e)
		red[p.rule] = true
		if text := strings.Join(r.Rules[p.rule].Findings, "\n"); !strings.Contains(text, p.words) {
			t.Errorf("%s: %s says %q, want %q in it", name, p.rule, text, p.words)
		}
	}
	for _, rule := range rules {
		if !red[rule.name] {
			t.Errorf("nothing was planted for %s", rule.name)
		}
	}
}

func TestAFaultThatDoesNotBiteIsRed(t *testing.T) {
	t.Parallel()
	if p := Check(good()).Problems(); len(p) != 1 || !strings.Contains(p[0], "touched nothing") {
		t.Errorf("%v", p)
	}
}

// What is no fault must not look like one.
func TestExcused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Evidence){
		"end said as an interval": func(e *Evidence) {
			c := e.Answer.Calls[1]
			c.Outcome, c.LostFrom, c.Parties[0].LostFrom = "lost", at(9), at(9)
			c.Parties[0].Ended, c.Over, e.Witness.Legs[1].Ended = at(25), at(25), at(10)
		},
		"talk cut by a deadly fault": func(e *Evidence) { e.Deadly, e.Witness.Talks[0].Gap = true, time.Hour },
		"tail of a killed recorder":  func(e *Evidence) { e.Deadly, e.Witness.Files[0].Length = true, 13*time.Second },
		"leg of a nailed station": func(e *Evidence) {
			l := *e.Witness.Legs[2]
			l.Channel = "sw-N"
			e.Witness.Legs = append(e.Witness.Legs, &l)
			e.Witness.Tapped = append(e.Witness.Tapped, Channel{ID: "sw-N"})
			e.Answer.Standing = map[string]bool{"sw-N": true}
		},
		"caller whom the dialplan served": func(e *Evidence) {
			l := *e.Witness.Legs[0]
			l.Channel, l.Apps = "1.7", []cel.AppStay{{App: "Queue", Data: "overflow"}}
			e.Witness.Legs = append(e.Witness.Legs, &l)
		},
		"subscription that ended": func(e *Evidence) {
			e.Witness.Told = append(e.Witness.Told[:3], Told{Subscriber: "crm", Event: evEnded, Reason: 1})
		},
	} {
		e := good()
		change(e)
		r := Check(e)
		r.Bitten = 1
		if p := r.Problems(); len(p) > 0 {
			t.Errorf("%s: %s", name, strings.Join(p, "\n"))
		}
	}
}

func TestFindingsAreBounded(t *testing.T) {
	t.Parallel()
	e := good()
	for range 3 * maxFindings {
		e.Witness.Left = append(e.Witness.Left, "x")
	}
	r := Check(e)
	if res := r.Rules["N10"]; len(res.Findings) != maxFindings || res.More != 2*maxFindings {
		t.Errorf("%d findings, %d more", len(res.Findings), res.More)
	}
}

// TestAConsultationIsOneTalk: who consults talks on one line in two calls, and
// rings at nobody; without the bond between the two it is found.
func TestAConsultationIsOneTalk(t *testing.T) {
	t.Parallel()
	consult := func(mates map[string]bool) *Evidence {
		e := good()
		e.Answer.Calls = append(e.Answer.Calls, &Call{
			ID: "K3", Kind: "consult", Outcome: "talked", Rows: 1, Ends: 1, Arrived: at(10), Over: at(15), Channels: map[string]bool{"sw-A": true},
			Parties: []*Party{
				{ID: "X", Role: "agent", Agent: "anna", Device: "101", Channel: "sw-A", State: "ended", Maker: mates != nil, Mates: mates, Created: at(10), Connected: at(12), Ended: at(15)},
				{ID: "Y", Role: "agent", Agent: "bert", Device: "102", State: "ended", NoWrap: true, Created: at(10), Alerting: at(11), Connected: at(12), Ended: at(15)},
			},
		})
		return e
	}
	find := func(e *Evidence, words string) bool {
		return strings.Contains(strings.Join(Check(e).Problems(), "\n"), words)
	}
	const talks, offers = "N5: agent anna talks in the calls", "N6: call K3 was offered"
	if e := consult(map[string]bool{"A": true}); find(e, talks) || find(e, offers) {
		t.Error(Check(e).Problems())
	}
	if e := consult(nil); !find(e, talks) || !find(e, offers) {
		t.Error(Check(e).Problems())
	}
}
