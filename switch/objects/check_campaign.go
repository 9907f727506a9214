package objects

import (
	"reflect"
	"strconv"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/objects/schema"
)

// legalLimit is the share of abandoned calls, in hundredths of a percent, that
// both packs of rules allow.
const legalLimit = 300

// customLimit is the highest share that a campaign's own rules may have.
const customLimit = 500

// hundredths reads a percentage with at most two decimals; nothing is 0.
func hundredths(text string) int64 {
	share, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0 // empty, or refused by its pattern
	}
	return int64(share*100 + 0.5)
}

// given is a percentage that may be left out; 0 is one like others.
func given(text string) *int64 {
	if text == "" {
		return nil
	}
	return new(hundredths(text))
}

func (c *checker) trunkGroups() {
	taken := schema.Owners{}
	for i, g := range c.file.TrunkGroups {
		for j, id := range g.Trunks {
			path := at(KindTrunkGroup, i, "trunks", strconv.Itoa(j))
			c.refer(KindTrunk, id, path)
			taken.Claim(c.Report, id, path, "a trunk belongs to one group, or its calls would be counted twice")
		}
		if g.MaxCalls > 0 && g.Reserve >= g.MaxCalls {
			c.Errorf(at(KindTrunkGroup, i, "reserve"), "write less than max_calls", "nothing would be left for campaigns: %d of %d calls are reserved", g.Reserve, g.MaxCalls)
		}
	}
}

func (c *checker) campaign(i int) {
	o := &c.file.Campaigns[i]
	path := func(rest ...string) []string { return at(KindCampaign, i, rest...) }
	mode := callmodel.DialMode(o.Mode)
	c.refer(KindQueue, o.Queue, path("queue"))
	c.refer(KindTrunkGroup, o.TrunkGroup, path("trunk_group"))
	c.refer(KindCalendar, o.Hours, path("hours"))
	c.medias(o.Dropped, path("dropped"))
	c.medias(o.Message, path("message"))
	c.medias(o.Screen.Message, path("screen", "message"))
	for _, q := range c.file.Queues {
		if q.ID == o.Queue && q.DialRule == "" {
			c.Errorf(path("queue"), "give the queue a dial_rule that allows the numbers of the lists", "the queue %s has no dial_rule, so its calls reach no outside number", q.ID)
		}
	}
	if mode == callmodel.DialPredictive && len(o.Dropped) == 0 {
		c.Errorf(path("dropped"), "write the sound that says who called and how to opt out, for example `dropped: [sound:dialer-dropped]`",
			"missing: a predictive campaign reaches people for whom no agent is free, and the law wants them to hear a message")
	}
	if mode == callmodel.DialMessage && len(o.Message) == 0 {
		c.Errorf(path("message"), "write the sounds to play, for example `message: [sound:dialer-message]`", "missing: the mode message plays it")
	}
	if mode != callmodel.DialMessage && len(o.Message) > 0 {
		c.Errorf(path("message"), "remove it, or write mode: message", "only the mode message uses it")
	}
	c.campaignParts(o, path)
	c.campaignTimes(o, path)
	c.campaignRules(o, path)
	c.campaignAgain(o, path)
}

// campaignParts checks lists, caller ids, regions and screening.
func (c *checker) campaignParts(o *campaignObject, path func(...string) []string) {
	lists, regions, prefixes := schema.Owners{}, schema.Owners{}, map[string]bool{}
	for j, l := range o.Lists {
		lists.Claim(c.Report, l.List, path("lists", strconv.Itoa(j), "list"), "name each list once")
	}
	for j, r := range o.Regions {
		c.refer(KindCalendar, r.Calendar, path("regions", strconv.Itoa(j), "calendar"))
		regions.Claim(c.Report, r.Region, path("regions", strconv.Itoa(j), "region"), "name each region once")
	}
	for j, one := range o.CallerIDs {
		if prefixes[one.Prefix] {
			c.Errorf(path("caller_ids", strconv.Itoa(j), "prefix"), "put the numbers into the entry that is there", "there is an entry for this prefix already")
		}
		prefixes[one.Prefix] = true
		c.once(one.Numbers, path("caller_ids", strconv.Itoa(j), "numbers"), "name each number once")
	}
	s := o.Screen
	if s.Machine != string(callmodel.MachineHangup) && s.Detector == "none" {
		c.Errorf(path("screen", "detector"), "write audio or asterisk, or remove screen.machine", "nobody listens for machines, so screen.machine would never be used")
	}
	if needs := s.Machine == string(callmodel.MachineMessage); needs != (len(s.Message) > 0) {
		if needs {
			c.Errorf(path("screen", "message"), "write what is left on the machine, for example `message: [sound:dialer-machine]`", "missing")
		} else {
			c.Errorf(path("screen", "message"), "remove it, or write machine: message", "only machine: message uses it")
		}
	}
}

// minScreenLimit is the shortest screen.limit that the schema takes.
const minScreenLimit = 500 * time.Millisecond

// campaignTimes checks that whoever answers can have an agent in time when the
// detector has used up its limit.
func (c *checker) campaignTimes(o *campaignObject, path func(...string) []string) {
	call := o.call(0)
	if mode := callmodel.DialMode(o.Mode); mode != callmodel.DialPredictive && mode != callmodel.DialProgressive || call.Reaches(callmodel.Nailed) {
		return
	}
	within := schema.FormatDuration(call.Connect)
	longest := call.LongestScreen()
	if longest < minScreenLimit {
		c.Errorf(path("screen", "detector"), "remove it, or write a longer custom.connect_within",
			"who answers must have an agent within %s of the answer: that leaves no time to listen who it is", within)
		return
	}
	why := "counted from the answer"
	if call.From == callmodel.FromGreeting {
		why = "counted from the answer, because the detector asterisk does not say when the greeting was over"
	}
	c.Errorf(path("screen", "limit"), "write at most "+schema.FormatDuration(longest),
		"who answers must have an agent within %s, %s: whoever is listened to for %s is dropped though an agent is free", within, why, schema.FormatDuration(o.Screen.Limit))
}

// campaignRules checks what the law asks against what is wanted.
func (c *checker) campaignRules(o *campaignObject, path func(...string) []string) {
	limit, least := int64(legalLimit), 15*time.Second
	custom := o.Custom
	c.refer(KindCalendar, custom.Hours, path("custom", "hours"))
	if o.Rules == "custom" {
		limit, least = hundredths(custom.Limit), custom.RingLeast
		if limit > customLimit {
			c.Errorf(path("custom", "limit"), "write at most "+percent(customLimit), "%s %% of abandoned calls are more than any country allows", custom.Limit)
		}
	} else if len(plainOf(reflect.ValueOf(custom), form().Root().Child(KindCampaign.Section()).Child("custom"), false)) > 0 {
		c.Errorf(path("custom"), "write rules: custom, or remove it", "only rules: custom uses it")
	}
	if want := hundredths(o.Target); want > limit {
		c.Errorf(path("target"), "write at most "+percent(limit)+", or leave it out", "%s %% is more than the rules allow, %s %%", o.Target, percent(limit))
	}
	if o.Ring < least {
		c.Errorf(path("ring"), "write at least "+schema.FormatDuration(least), "a phone must ring for %s at least", schema.FormatDuration(least))
	}
}

// percent writes hundredths of a percent.
func percent(n int64) string { return strconv.FormatFloat(float64(n)/100, 'f', -1, 64) }

// campaignAgain checks when leads are called again.
func (c *checker) campaignAgain(o *campaignObject, path func(...string) []string) {
	results, dispositions := schema.Owners{}, schema.Owners{}
	for j, r := range o.Retry {
		results.Claim(c.Report, r.Result, path("retry", strconv.Itoa(j), "result"), "write one entry for a result")
		for n, text := range r.After {
			if d, err := schema.ParseDuration(text); err != nil || d < time.Minute || d > 365*24*time.Hour {
				c.Errorf(path("retry", strconv.Itoa(j), "after", strconv.Itoa(n)), "write a duration from 1m to 365d, for example 2h", "%q is no delay", schema.Printable(text))
			}
		}
	}
	for j, r := range o.Results {
		c.refer(KindDisposition, r.Disposition, path("results", strconv.Itoa(j), "disposition"))
		dispositions.Claim(c.Report, r.Disposition, path("results", strconv.Itoa(j), "disposition"), "write one entry for a disposition")
	}
	if o.Preview.AtEnd != "dial" && o.Preview.Timer == 0 {
		c.Errorf(path("preview", "timer"), "write how long the agent may look, for example 30s, or remove at_end", "missing: without it at_end is never reached")
	}
}
