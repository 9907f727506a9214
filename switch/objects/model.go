package objects

import (
	"strings"

	"strowger/switch/calendar"
	"strowger/switch/callmodel"
	"strowger/switch/numbering"
)

// Config returns what the model works with. Limits and the version are the
// caller's to set. An object without a number gets a provisional one above
// those that are given: fit for a check, not for keeping.
func (s *Set) Config() *callmodel.Config {
	out := &callmodel.Config{Parking: s.parking(), DNISPattern: s.file.DNISSettings.NamePattern, Plan: s.plan()}
	for _, source := range s.file.DNISSettings.Sources {
		out.DNISSources = append(out.DNISSources, numbering.Source(source))
	}
	s.numberingConfig(out)
	s.peopleConfig(out)
	number := s.numberer(KindQueue)
	for _, q := range s.file.Queues {
		out.Queues = append(out.Queues, queueConfig(q, number(q.ID)))
	}
	number = s.numberer(KindDecision)
	for _, d := range s.file.Decisions {
		out.Decisions = append(out.Decisions, callmodel.DecisionConfig{ID: d.ID, Number: number(d.ID), URL: d.URL, Timeout: d.Timeout})
	}
	number = s.numberer(KindIVR)
	for _, m := range s.file.IVRs {
		out.IVRs = append(out.IVRs, ivrConfig(m, number(m.ID)))
	}
	number = s.numberer(KindCampaign)
	for i := range s.file.Campaigns {
		one := &s.file.Campaigns[i]
		out.Campaigns = append(out.Campaigns, one.call(number(one.ID)))
	}
	number = s.numberer(KindCalendar)
	for _, c := range s.file.Calendars {
		out.Calendars = append(out.Calendars, calendarOf(c, number(c.ID)))
	}
	return out
}

// numberer gives the objects of a kind their numbers.
func (s *Set) numberer(k Kind) func(id string) int64 {
	top := int64(0)
	for _, n := range s.numbers[k] {
		top = max(top, n)
	}
	return func(id string) int64 {
		if n := s.number(k, id); n > 0 {
			return n
		}
		top++
		return top
	}
}

func (s *Set) plan() numbering.Plan {
	n := s.file.Numbering
	var p numbering.Plan
	if n.Region != "" {
		ready, err := numbering.DefaultPlan(n.Region)
		if err != nil {
			return numbering.Plan{} // refused by check
		}
		p = ready
	}
	override(&p.Country, n.Country)
	override(&p.IDD, n.IDD)
	override(&p.Trunk, n.TrunkPrefix)
	override(&p.Area, n.Area)
	override(&p.Internal, n.InternalDigits)
	override(&p.NationalMin, n.NationalMin)
	override(&p.NationalMax, n.NationalMax)
	p.Whole, p.Bare = p.Whole || n.WholeNational, p.Bare || n.BareInternational
	if len(n.Emergency) > 0 {
		p.Emergency = n.Emergency
	}
	return p
}

func override[T int | string](p *T, v T) {
	var none T
	if v != none {
		*p = v
	}
}

func (s *Set) parking() callmodel.ParkingConfig {
	p := s.file.Parking
	if p.First == "" {
		return callmodel.ParkingConfig{}
	}
	return callmodel.ParkingConfig{First: p.First, Places: p.Places, Timeout: p.Timeout, Music: p.Music}
}

func (s *Set) numberingConfig(out *callmodel.Config) {
	number := s.numberer(KindTrunk)
	for _, t := range s.file.Trunks {
		out.Trunks = append(out.Trunks, numbering.Trunk{
			ID: t.ID, Number: number(t.ID), Endpoint: t.Endpoint, Node: t.Node, MaxCalls: t.MaxCalls, CallerIDs: t.CallerIDs, DefaultCallerID: t.DefaultCallerID,
			AllowWithheld: t.AllowWithheld, Format: numbering.Format(t.Format), GatewayPrefix: t.GatewayPrefix,
		})
	}
	number = s.numberer(KindRoute)
	for _, t := range s.file.Routes {
		out.Routes = append(out.Routes, numbering.Route{
			ID: t.ID, Number: number(t.ID), Prefixes: t.Prefixes, Trunks: t.Trunks, Strip: t.Strip, Prepend: t.Prepend, Deny: t.Deny, Reason: t.Reason,
		})
	}
	number = s.numberer(KindDialRule)
	for _, t := range s.file.DialRules {
		out.DialRules = append(out.DialRules, numbering.DialRule{ID: t.ID, Number: number(t.ID), Allow: t.Allow, Deny: t.Deny})
	}
	number = s.numberer(KindDNIS)
	for _, d := range s.file.DNIS {
		out.DNIS = append(out.DNIS, numbering.Entry{
			ID: d.ID, Number: number(d.ID), Dialled: d.Dialled, Names: d.Names, To: d.To, Label: d.Label, Colour: d.Colour, Script: d.Script, CRM: d.CRM,
		})
	}
}

func (s *Set) peopleConfig(out *callmodel.Config) {
	number := s.numberer(KindSkill)
	for _, o := range s.file.Skills {
		out.Skills = append(out.Skills, callmodel.SkillConfig{ID: o.ID, Number: number(o.ID), Name: or(o.Name, o.ID)})
	}
	number = s.numberer(KindReason)
	for _, o := range s.file.Reasons {
		out.Reasons = append(out.Reasons, callmodel.ReasonConfig{ID: o.ID, Number: number(o.ID), Name: or(o.Name, o.ID), For: o.For, Park: o.Park})
	}
	number = s.numberer(KindDisposition)
	for _, o := range s.file.Dispositions {
		out.Dispositions = append(out.Dispositions, callmodel.DispositionConfig{ID: o.ID, Number: number(o.ID), Name: or(o.Name, o.ID), Success: o.Success})
	}
	number = s.numberer(KindStation)
	stations := map[string]callmodel.Station{}
	for _, o := range s.file.Stations {
		stations[o.ID] = callmodel.Station{
			ID: callmodel.StationID(o.ID), Endpoint: o.Endpoint, Mode: callmodel.AnswerMode(o.Mode), AcceptTimeout: o.AcceptTimeout, Beep: o.Beep, Node: callmodel.NodeID(o.Node),
			Passcode: o.Passcode,
		}
		out.Stations = append(out.Stations, callmodel.StationConfig{ID: callmodel.StationID(o.ID), Number: number(o.ID), Name: or(o.Name, o.ID), Station: stations[o.ID]})
	}
	number = s.numberer(KindAgent)
	for _, a := range s.file.Agents {
		station, shared := stations[a.Station.ID]
		if !shared && a.Station.Endpoint != "" { // neither: free seating
			station = callmodel.Station{Endpoint: a.Station.Endpoint, Mode: callmodel.AnswerMode(a.Station.Mode), AcceptTimeout: a.Station.AcceptTimeout, Beep: a.Station.Beep, Node: callmodel.NodeID(a.Station.Node), Passcode: a.Station.Passcode}
		}
		out.Agents = append(out.Agents, agentConfig(a, number(a.ID), station))
	}
}

func agentConfig(a agentObject, number int64, station callmodel.Station) callmodel.AgentConfig {
	out := callmodel.AgentConfig{
		ID: callmodel.AgentID(a.ID), Number: number, Name: or(a.Name, a.ID), Line: a.Line, Station: station,
		WorkGroup: a.WorkGroup, Email: a.Email, MultiLine: a.MultiLine, DialRule: a.DialRule, CallerID: a.CallerID, Recording: a.Recording.rule(),
	}
	for _, q := range a.Queues {
		out.Queues = append(out.Queues, callmodel.QueueID(q))
	}
	for _, skill := range a.Skills {
		out.Skills = append(out.Skills, callmodel.AgentSkill{Skill: skill.Skill, Level: skill.Level})
	}
	for _, rank := range a.Ranks {
		out.Ranks = append(out.Ranks, callmodel.QueueRank{Queue: callmodel.QueueID(rank.Queue), Rank: rank.Rank})
	}
	for _, c := range a.Capabilities {
		out.Capabilities = append(out.Capabilities, callmodel.Capability(c))
	}
	return out
}

func queueConfig(q queueObject, number int64) callmodel.QueueConfig {
	out := callmodel.QueueConfig{
		ID: callmodel.QueueID(q.ID), Number: number, Name: or(q.Name, q.ID), Address: q.Number, DNIS: dialled(q), Strategy: callmodel.Strategy(q.Strategy),
		RingTimeout: q.RingTimeout, WrapUp: q.WrapUp, Music: q.Music, Answer: callmodel.AnswerPolicy(q.Answer), MaxWaiting: q.MaxWaiting, Priority: q.Priority,
		WrapUpMode: callmodel.WrapUpMode(q.WrapUpMode), WrapUpMax: q.WrapUpMax, WrapUpWarn: q.WrapUpWarning, DeadAir: q.DeadAir, Dispositions: q.Dispositions,
		PreferredWait: q.PreferredWait, Hours: q.Hours, ServiceLevel: q.ServiceLevel, RejectReason: q.RejectReasonRequired, AudioAlert: q.AudioAlert,
		DialRule: q.DialRule, CallerID: q.CallerID, Recording: q.Recording.rule(),
		NoCTI: !q.CTI, AnswerInfo: q.AnswerInfo,
		ExtraData: callmodel.ExtraData{
			Allocated: q.ExtraData.Allocated, CallOut: q.ExtraData.CallOut, Connected: q.ExtraData.Connected, Join: q.ExtraData.Join,
		},
		Supervision: callmodel.SuperviseConfig{Beep: q.Supervision.Beep, Every: q.Supervision.Every},
		Announce: callmodel.Announcements{
			First: q.Announce.First, Every: q.Announce.Every, Position: q.Announce.Position, Wait: q.Announce.EstimatedWait, Prompts: q.Announce.Prompts,
		},
		Callback: callmodel.CallbackOffer{
			Digit: q.Callback.Digit, Prompt: q.Callback.Prompt, MaxCalls: q.Callback.MaxCalls,
			Retry: q.Callback.RetryAfter, Expire: q.Callback.Expire, Ring: q.Callback.Ring,
		},
		Route: callmodel.ExternalRoute{Timeout: q.ExternalRoute.Timeout, Default: dest(q.ExternalRoute.Default)},
	}
	for _, step := range q.Skills {
		next := callmodel.SkillStep{After: step.After}
		for _, need := range step.Need {
			next.Need = append(next.Need, callmodel.SkillNeed{Skill: need.Skill, Level: need.Level})
		}
		out.Skills = append(out.Skills, next)
	}
	for _, rule := range q.Overflow {
		out.Overflow = append(out.Overflow, callmodel.OverflowRule{When: callmodel.OverflowWhen(rule.When), Limit: rule.Limit, After: rule.After, To: dest(rule.To)})
	}
	return out
}

// dialled is what leads into the queue: its number and its DNIS, each once and
// without a leading +, as the supplied dialplan hands them over.
func dialled(q queueObject) []string {
	out := []string{q.Number}
	for _, d := range q.DNIS {
		if d = strings.TrimPrefix(d, "+"); !has(out, d) {
			out = append(out, d)
		}
	}
	return out
}

// dest reads a destination that was checked; nothing is none.
func dest(text string) callmodel.Dest {
	d, err := callmodel.ParseDest(text)
	if err != nil {
		return callmodel.Dest{}
	}
	return d
}

func ivrConfig(m ivrObject, number int64) callmodel.IVRConfig {
	out := callmodel.IVRConfig{ID: callmodel.IVRID(m.ID), Number: number, Name: or(m.Name, m.ID), Address: m.Number, Start: m.Start}
	for _, n := range m.Nodes {
		node := callmodel.IVRNode{
			ID: n.ID, Kind: callmodel.NodeKind(n.Kind), Prompts: n.Prompts, FirstDigit: n.FirstDigit, InterDigit: n.InterDigit, NoBarge: n.NoBargeIn,
			Tries: n.Tries, Invalid: n.Invalid, Fail: n.Fail, Next: n.Next,
		}
		switch node.Kind {
		case callmodel.NodeMenu:
			for _, c := range n.Choices {
				node.Choices = append(node.Choices, callmodel.IVRChoice{Digits: c.Digits, Next: c.Next})
			}
		case callmodel.NodeInput:
			node.Key, node.Min, node.Max, node.Terminators, node.Secret = n.Key, n.Min, n.Max, n.Terminators, n.Secret
		case callmodel.NodeSet:
			node.Key, node.Value = n.Key, n.Value
		case callmodel.NodeDecide:
			node.Decision, node.Default = n.Decision, n.Default
		case callmodel.NodePlay:
		}
		out.Nodes = append(out.Nodes, node)
	}
	return out
}

func calendarOf(c calendarObject, number int64) calendar.Calendar {
	out := calendar.Calendar{ID: c.ID, Number: number, Zone: c.Zone}
	for _, w := range c.Week {
		out.Week = append(out.Week, calendar.Span{Days: w.Days, From: w.From, To: w.To})
	}
	for _, h := range c.Holidays {
		day := calendar.Holiday{Date: h.Date, Name: h.Name}
		for _, o := range h.Open {
			day.Open = append(day.Open, calendar.Hours{From: o.From, To: o.To})
		}
		out.Holidays = append(out.Holidays, day)
	}
	return out
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (o recordObject) rule() callmodel.RecordRule {
	r := callmodel.RecordRule{Mode: callmodel.RecordMode(o.Mode), Channels: callmodel.RecordChannels(o.Channels), Percent: o.Percent, PauseMax: o.PauseMax, Keep: o.Keep}
	if r.Mode == callmodel.RecordOff {
		r.Mode = ""
	}
	if r.Channels == callmodel.RecordMono {
		r.Channels = ""
	}
	return r
}
