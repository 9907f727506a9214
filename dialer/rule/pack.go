package rule

import (
	"time"

	"strowger/dialer/lead"
	"strowger/switch/calendar"
)

// From is what the time to connect is counted from.
type From string

// Where the count begins.
const (
	FromAnswer   From = "answer"
	FromGreeting From = "greeting" // the end of what they say, where it is heard; the answer otherwise
)

// Lockout is what may not follow an attempt.
type Lockout struct {
	For     time.Duration // not by a dialer for so long: only where an agent is there for the call before it is dialled
	NextDay bool          // not at all before the next day begins at their place
}

// Region is what holds in a part of a country beside the rest of the pack.
type Region struct {
	Name  string
	Hours *calendar.Calendar // its zone is the lead's; nil: as elsewhere
	Caps  lead.Caps
}

// Source is where a figure comes from.
type Source struct {
	What      string
	Rule      string // the figure, in words
	Paragraph string // of which text; empty: of ours
	Checked   bool   // read in a source; otherwise not checked against the text of the law
}

// Pack is the rules of a campaign.
type Pack struct {
	Name      string
	Limit     float64       // share of people who answered that may find nobody
	Window    time.Duration // over which it counts
	Life      bool          // or since the campaign's start, where that is shorter
	Connect   time.Duration // from the answer to the agent
	From      From
	RingLeast time.Duration // a call that rings is given up no sooner
	Hours     calendar.Calendar
	Regions   map[string]Region
	Caps      lead.Caps
	Drop      Lockout // after somebody found nobody
	Machine   Lockout // after an answering machine
	Keep      time.Duration
	Sources   []Source
}

// day and year are of records and windows; leap seconds and leap days do not matter there.
const (
	day  = 24 * time.Hour
	year = 365 * day
)

const statement = "Ofcom, persistent misuse: statement of 2016, in force since 1 March 2017"

// US are the rules of the FTC's Telemarketing Sales Rule and the FCC's for
// telemarketing, whichever is stricter, with hours and caps of some states.
func US() Pack {
	noSundays := weekly("us", span("08:00", "21:00", "mon-sat"))
	noSundays.Holidays = federalHolidays()
	return Pack{
		Name: "us", Limit: 0.03, Window: 30 * day, Life: true, Connect: 2 * time.Second, From: FromGreeting, RingLeast: 15 * time.Second,
		Hours: weekly("us", span("08:00", "21:00", "mon-sun")),
		Regions: map[string]Region{
			"FL": {Name: "Florida", Hours: new(weekly("us-fl", span("08:00", "20:00", "mon-sun"))), Caps: lead.Caps{Number24h: 3}},
			"OK": {Name: "Oklahoma", Caps: lead.Caps{Number24h: 3}},
			"KY": {Name: "Kentucky", Hours: new(weekly("us-ky", span("10:00", "21:00", "mon-sun")))},
			"CT": {Name: "Connecticut", Hours: new(weekly("us-ct", span("09:00", "21:00", "mon-sun")))},
			"AL": {Name: "Alabama", Hours: &noSundays},
			"LA": {Name: "Louisiana", Hours: &noSundays},
		},
		Drop: Lockout{NextDay: true},
		Keep: 5 * year,
		Sources: []Source{
			{"limit", "3 % of the calls that a person answers, per campaign, over 30 days or its life if that is shorter", "16 CFR 310.4(b)(4)(i); 47 CFR 64.1200(a)(7)", true},
			{"connect", "2 s after the person's completed greeting; from the answer where no detector hears it", "16 CFR 310.4(b)(4)(iii); 47 CFR 64.1200(a)(7)", true},
			{"message", "the seller's name and number; and a key that stops further calls", "16 CFR 310.4(b)(4)(iii); 47 CFR 64.1200(a)(7)(i)", true},
			{"ring", "at least 15 s or 4 rings", "16 CFR 310.4(b)(4)(ii)", true},
			{"hours", "8:00 to 21:00 at their place", "16 CFR 310.4(c); 47 CFR 64.1200(c)(1)", true},
			{"states", "Florida 8:00 to 20:00 and 3 calls in 24 h, Oklahoma 3 calls in 24 h, Kentucky 10:00 to 21:00, Connecticut 9:00 to 21:00, Alabama and Louisiana no Sundays and holidays", "the states' own laws", true},
			{"holidays", "of Alabama and Louisiana: the federal ones; a calendar for the region may name others", "", false},
			{"after a drop", "not before the next day at their place", "", false},
			{"records", "5 years; before the amendment of 2024: 24 months", "16 CFR 310.5", false},
			{"debts", "7 attempts in 7 days per debt: set caps.number_7d to 7 where you collect debts", "12 CFR 1006.14(b)(2)", false},
			{"machines", "are not in the denominator", "16 CFR 310.4(b)(4)(i)", true},
		},
	}
}

// UK are Ofcom's rules against persistent misuse. There has been no safe
// harbour since 2017: the limit is a habit and no permission.
func UK() Pack {
	return Pack{
		Name: "uk", Limit: 0.03, Window: day, Connect: 2 * time.Second, From: FromAnswer, RingLeast: 15 * time.Second,
		Hours: weekly("uk", span("08:00", "21:00", "mon-sat"), span("10:00", "16:00", "sun")),
		Caps:  lead.Caps{NumberDay: 3},
		Drop:  Lockout{For: 72 * time.Hour}, Machine: Lockout{For: day},
		Keep: year / 2,
		Sources: []Source{
			{"limit", "3 % per campaign over any 24 h: a habit, no safe harbour since 1 March 2017", statement, true},
			{"connect", "2 s from the answer, else a message", statement, true},
			{"message", "who called, a number to ask for no more calls, no marketing", statement, true},
			{"ring", "at least 15 s", statement, true},
			{"after a drop", "72 h only where an agent is guaranteed", statement, true},
			{"after a machine", "24 h only where an agent is guaranteed", statement, true},
			{"false machines", "people taken for machines count as abandoned, by an estimate from tests of your own", statement, true},
			{"hours", "8:00 to 21:00, Sundays 10:00 to 16:00: the statement names none", "", false},
			{"caps", "3 attempts a day to a number: the statement names none", "", false},
			{"records", "6 months", statement, false},
			{"machines", "are not in the denominator", statement, true},
		},
	}
}

// ByName returns a pack of the manual.
func ByName(name string) (Pack, bool) {
	switch name {
	case "us":
		return US(), true
	case "uk":
		return UK(), true
	}
	return Pack{}, false
}

func weekly(id string, spans ...calendar.Span) calendar.Calendar {
	return calendar.Calendar{ID: id, Number: 1, Zone: "UTC", Week: spans}
}

func span(from, to string, days ...string) calendar.Span {
	return calendar.Span{Days: days, From: from, To: to}
}
