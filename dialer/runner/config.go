package runner

import (
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/lead"
	"strowger/dialer/rule"
	"strowger/switch/callmodel"
)

// Config is what campaigns the runner has. It is not changed once it was given.
type Config struct {
	Campaigns []Campaign // by number
	Groups    []Group
}

// Group are trunks that campaigns use together.
type Group struct {
	ID     string
	Trunks []string
	Bounds campaign.Trunks
	Fuse   campaign.Fuse
}

// Campaign is what the runner has to know of a campaign.
type Campaign struct {
	ID     string
	Name   string
	Number int64
	Queue  callmodel.QueueID
	Mode   callmodel.DialMode
	Lists  []lead.Share
	Weight int
	Plan   rule.Plan
	Hours  *rule.Hours
	Budget campaign.Rule

	Ring         time.Duration
	MaxLines     int // 0: as many as the trunks take
	Group        string
	Callers      []Caller
	CallbackWait time.Duration
	MineOnly     bool     // call-backs wait for their agent however long it takes
	FreshFirst   bool     // who was never called comes before who was
	Blend        bool     // inbound callers first: nothing is dialled while one waits for an agent of the campaign
	Screened     bool     // a detector tells people from machines
	Slow         bool     // an agent who is called when they accept would have its calls too late
	Said         bool     // somebody for whom nobody is there hears a message
	Problems     []string // why it cannot start, as far as the configuration shows
	Notes        []string // what whoever starts it should know
}

// Caller are the numbers that calls to numbers with a prefix show.
type Caller struct {
	Prefix  string
	Numbers []string
	PerDay  int // calls that one of them shows in a day; 0: any number
}

// Rules is what a claim of leads has to keep to.
func (c *Campaign) Rules() lead.Rules {
	return lead.Rules{
		Campaign: c.ID, Lists: c.Lists, Window: c.Hours.At,
		Caps:         func(region string) lead.Caps { return c.Plan.Pack.CapsFor(region, c.Plan.Caps) },
		Consent:      c.Mode == callmodel.DialMessage,
		Guarded:      c.Mode == callmodel.DialPreview,
		DropNextDay:  c.Plan.Pack.Drop.NextDay,
		CallbackWait: c.CallbackWait, MineOnly: c.MineOnly,
	}
}

// direct reports whether a call that is answered can be given to an agent at a
// kind of station in time.
func (c *Campaign) direct(m callmodel.AnswerMode) bool {
	return m == callmodel.Nailed || m == callmodel.CallOnAccept && !c.Slow
}

// stations names the stations that its agents need.
func (c *Campaign) stations() string {
	if c.Slow {
		return "nailed, since call-on-accept takes too long after the detector"
	}
	return "nailed or call-on-accept"
}

// lines is how many lines the campaign may have where the trunks set no bound.
const defaultLines = 500

func (c *Campaign) lines() int {
	if c.MaxLines > 0 {
		return c.MaxLines
	}
	return defaultLines
}
