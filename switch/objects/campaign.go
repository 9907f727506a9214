package objects

import (
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/objects/schema"
)

// TrunkGroup is what campaigns may ask of some trunks together.
type TrunkGroup struct {
	ID             string
	Number         int64
	Trunks         []string
	MaxCalls       int // 0: as many as the trunks take
	CallsPerSecond int
	Reserve        int
	Failures       int // of the breaker, in a row
	Window, Probe  time.Duration
}

// Campaign is what the dialer needs to know of a campaign. What a call of it
// needs is the model's ([callmodel.CampaignConfig]). Shares are hundredths of
// a percent; a duration or a number that is 0 is not set.
type Campaign struct {
	ID, Name   string
	Number     int64
	Queue      callmodel.QueueID
	Mode       callmodel.DialMode
	Lists      []CampaignList
	Weight     int
	Rules      string // us, uk or custom
	Custom     CustomRules
	Target     *int64 // nil: the limit of the rules
	Ring       time.Duration
	MaxLines   int
	TrunkGroup string // empty: any trunk
	CallerIDs  []CampaignCaller
	Hours      string            // a calendar; empty: the hours of the rules
	Regions    map[string]string // calendar by region
	Caps       Caps
	Retry      []Retry
	Results    []CampaignResult
	Screened   bool // a detector listens
	Accepting  bool // agents who are called when they accept can have its calls in time
	Sample     int  // percent
	Connect    time.Duration
	RingLeast  time.Duration
	OptOut     string // scope of the do-not-call entry: campaign, tenant or system
	Blend      bool
	FreshFirst bool
	Callbacks  Callbacks
}

// CampaignList is a list with its share of the calls.
type CampaignList struct {
	List   string
	Weight int
}

// CustomRules are the rules that a campaign has written itself.
type CustomRules struct {
	Limit         int64
	Window        time.Duration
	ConnectWithin time.Duration
	ConnectFrom   callmodel.ConnectFrom
	RingLeast     time.Duration
	Hours         string // a calendar; empty: the usual ones
	AfterDropped  time.Duration
	AfterMachine  time.Duration
}

// CampaignCaller are the numbers that calls to numbers with a prefix show.
type CampaignCaller struct {
	Prefix  string
	Numbers []string
	PerDay  int
}

// Caps bound the attempts to one lead and to one number.
type Caps struct{ Lead, NumberDay, Number24h, Number7d, Number30d int }

// Retry says when a lead is called again after a result.
type Retry struct {
	Result     string
	After      []time.Duration // none: never
	Most       int
	NextNumber bool
}

// CampaignResult says what a disposition means for the lead.
type CampaignResult struct {
	Disposition   string
	Final         bool
	RetryAfter    time.Duration
	DoNotCall     bool
	ExcludeNumber bool
}

// Callbacks says who makes the call-backs that agents have agreed.
type Callbacks struct {
	Wait     time.Duration
	MineOnly bool
}

// TrunkGroups returns the trunk groups, in the order of their making.
func (s *Set) TrunkGroups() []TrunkGroup {
	number := s.numberer(KindTrunkGroup)
	var out []TrunkGroup
	for _, o := range s.file.TrunkGroups {
		out = append(out, TrunkGroup{
			ID: o.ID, Number: number(o.ID), Trunks: o.Trunks, MaxCalls: o.MaxCalls, CallsPerSecond: o.CallsPerSecond, Reserve: o.Reserve,
			Failures: o.Breaker.Failures, Window: o.Breaker.Window, Probe: o.Breaker.Probe,
		})
	}
	return out
}

// Campaigns returns the campaigns as the dialer needs them.
func (s *Set) Campaigns() []Campaign {
	number := s.numberer(KindCampaign)
	var out []Campaign
	for i := range s.file.Campaigns {
		o := &s.file.Campaigns[i]
		call := o.call(0)
		one := Campaign{
			ID: o.ID, Name: or(o.Name, o.ID), Number: number(o.ID), Queue: call.Queue, Mode: callmodel.DialMode(o.Mode), Weight: o.Weight,
			Rules: o.Rules, Custom: o.Custom.plain(), Target: given(o.Target), Ring: o.Ring, MaxLines: o.MaxLines, TrunkGroup: o.TrunkGroup,
			Hours: o.Hours, Regions: map[string]string{}, Caps: Caps(o.Caps), Screened: call.Screen.Detector != callmodel.DetectorNone, Sample: o.Screen.Sample,
			Accepting: callmodel.DialMode(o.Mode) == callmodel.DialPreview || call.Reaches(callmodel.CallOnAccept),
			Connect:   call.Connect, RingLeast: call.RingLeast, OptOut: o.OptOut.Scope, Blend: o.Blend, FreshFirst: o.FreshFirst, Callbacks: Callbacks(o.Callbacks),
		}
		for _, l := range o.Lists {
			one.Lists = append(one.Lists, CampaignList(l))
		}
		for _, c := range o.CallerIDs {
			one.CallerIDs = append(one.CallerIDs, CampaignCaller(c))
		}
		for _, r := range o.Regions {
			one.Regions[r.Region] = r.Calendar
		}
		for _, r := range o.Retry {
			one.Retry = append(one.Retry, r.plain())
		}
		for _, r := range o.Results {
			one.Results = append(one.Results, CampaignResult(r))
		}
		out = append(out, one)
	}
	return out
}

func (o customRulesObject) plain() CustomRules {
	return CustomRules{
		Limit: hundredths(o.Limit), Window: o.Window, ConnectWithin: o.ConnectWithin, ConnectFrom: callmodel.ConnectFrom(o.ConnectFrom),
		RingLeast: o.RingLeast, Hours: o.Hours, AfterDropped: o.AfterDropped, AfterMachine: o.AfterMachine,
	}
}

func (o retryObject) plain() Retry {
	out := Retry{Result: o.Result, Most: o.Most, NextNumber: o.NextNumber}
	for _, text := range o.After {
		if d, err := schema.ParseDuration(text); err == nil { // else refused by check
			out.After = append(out.After, d)
		}
	}
	return out
}

// call is what the model needs to know of a campaign. The rules of the US
// count from the end of the greeting, those of the UK from the answer.
func (o *campaignObject) call(number int64) callmodel.CampaignConfig {
	out := callmodel.CampaignConfig{
		ID: o.ID, Number: number, Queue: callmodel.QueueID(o.Queue), Connect: callmodel.DefaultConnect, From: callmodel.FromAnswer,
		RingLeast: callmodel.DefaultRingLeast, Ring: o.Ring, Dropped: o.Dropped, Machine: callmodel.MachineDo(o.Screen.Machine), MachineMedia: o.Screen.Message,
		Message: o.Message, OptOut: o.OptOut.Digit, Preview: callmodel.PreviewConfig{Timer: o.Preview.Timer, AtEnd: o.Preview.AtEnd},
	}
	if o.Screen.Detector != "none" {
		out.Screen = callmodel.ScreenConfig{Detector: o.Screen.Detector, Limit: o.Screen.Limit, Sample: o.Screen.Sample}
	}
	switch o.Rules {
	case "us":
		out.From = callmodel.FromGreeting
	case "custom":
		out.Connect, out.From, out.RingLeast = o.Custom.ConnectWithin, callmodel.ConnectFrom(o.Custom.ConnectFrom), o.Custom.RingLeast
	}
	return out
}
