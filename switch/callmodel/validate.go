package callmodel

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"strowger/switch/fault"
	"strowger/switch/numbering"
)

// checker gathers what Validate has seen: ids by kind, and who has which number.
type checker struct {
	c       *Config
	ids     map[string]bool // kind/id
	numbers map[string]string
}

// Validate checks what Step relies on. The file-level checks, with line
// numbers, are the configuration loader's.
func (c *Config) Validate() error {
	k := &checker{c: c, ids: map[string]bool{}, numbers: map[string]string{}}
	for _, check := range []func() error{k.names, k.queues, k.agents, k.menus, k.outside, k.parking, k.recording, k.nodes, k.cti, k.campaigns} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func badConfig(subject, reason string) error {
	return fault.New(fault.Invalid, "configuration", subject, reason)
}

// id notes an object; the id must be new in its kind, and the number at least 1.
func (k *checker) id(kind, id string, number int64) error {
	switch {
	case id == "" || k.ids[kind+"/"+id]:
		return badConfig(id, kind+" ids must be present and unique")
	case number <= 0:
		return badConfig(id, "the number of a "+kind+" starts at 1")
	}
	k.ids[kind+"/"+id] = true
	return nil
}

func (k *checker) has(kind, id string) bool { return k.ids[kind+"/"+id] }

// own notes that an object has a number of its own.
func (k *checker) own(number, who string) error {
	n := NormalNumber(number)
	if n == "" {
		return nil
	}
	if other, taken := k.numbers[n]; taken && other != who {
		return badConfig(who, "number "+n+" already belongs to "+other)
	}
	k.numbers[n] = who
	return nil
}

// names notes every object, so that references can be checked in any order.
func (k *checker) names() error {
	var errs []error
	note := func(kind, id string, number int64) { errs = append(errs, k.id(kind, id, number)) }
	c := k.c
	for _, q := range c.Queues {
		note("queue", string(q.ID), q.Number)
	}
	for _, a := range c.Agents {
		note("agent", string(a.ID), a.Number)
	}
	for _, s := range c.Stations {
		note("station", string(s.ID), s.Number)
		errs = append(errs, checkStation(string(s.ID), &s.Station))
	}
	for _, s := range c.Skills {
		note("skill", s.ID, s.Number)
	}
	for _, r := range c.Reasons {
		note("reason", r.ID, r.Number)
		if r.For != "not-ready" && r.For != "ready" && r.For != "reject" && r.For != "logout" {
			errs = append(errs, badConfig(r.ID, "a reason is for not-ready, ready, reject or logout"))
		}
	}
	for _, d := range c.Dispositions {
		note("disposition", d.ID, d.Number)
	}
	for _, v := range c.IVRs {
		note("ivr", string(v.ID), v.Number)
	}
	for _, d := range c.Decisions {
		note("decision", d.ID, d.Number)
		if d.Timeout > 10*time.Second {
			errs = append(errs, badConfig(d.ID, "a decision has at most 10 s"))
		}
	}
	for _, cal := range c.Calendars {
		note("calendar", cal.ID, cal.Number)
		_, err := cal.Compile()
		errs = append(errs, err)
	}
	for _, r := range c.DialRules {
		note("dial rule", r.ID, r.Number)
	}
	return errors.Join(errs...)
}

func checkStation(who string, s *Station) error {
	if s.Mode != "" && !s.Mode.Known() {
		return badConfig(who, "station mode must be handset, call-on-accept, talk-notify or nailed")
	}
	return nil
}

// dest checks that a destination exists. where says what it belongs to.
func (k *checker) dest(where string, d Dest) error {
	if d.IsZero() {
		return nil
	}
	known := true
	switch d.Kind {
	case DestQueue, DestAgent, DestIVR:
		known = k.has(string(d.Kind), d.Value)
	case DestAnnounce:
		return ValidMedia(announced(d.Value))
	case DestNumber:
		_, err := numbering.Dialable(d.Value)
		return err
	case DestHangup:
		_, known = hangupCauses[d.Value]
	default:
		known = false
	}
	if !known {
		return badConfig(where, "destination "+d.String()+" does not exist")
	}
	return nil
}

func (k *checker) need(where string, needs []SkillNeed) error {
	for _, n := range needs {
		if !k.has("skill", n.Skill) || n.Level < 1 || n.Level > 100 {
			return badConfig(where, fmt.Sprintf("skill %q at level %d: the skill must exist and levels are 1 to 100", n.Skill, n.Level))
		}
	}
	return nil
}

func (k *checker) queues() error {
	for i := range k.c.Queues {
		q := &k.c.Queues[i]
		who := "queue " + string(q.ID)
		if q.RingTimeout <= 0 {
			return badConfig(string(q.ID), "ring_timeout must be above zero")
		}
		for _, n := range append([]string{q.Address}, q.DNIS...) {
			if err := k.own(n, who); err != nil {
				return err
			}
		}
		for _, step := range q.Skills {
			if err := k.need(who, step.Need); err != nil {
				return err
			}
		}
		for _, d := range q.Dispositions {
			if !k.has("disposition", d) {
				return badConfig(string(q.ID), "unknown disposition "+d)
			}
		}
		if q.Hours != "" && !k.has("calendar", q.Hours) {
			return badConfig(string(q.ID), "unknown calendar "+q.Hours)
		}
		if err := k.rule(who, q.DialRule); err != nil {
			return err
		}
		if err := errors.Join(k.overflow(who, q), k.dest(who, q.Route.Default), k.media(who, q), k.told(who, q)); err != nil {
			return err
		}
	}
	return nil
}

func (k *checker) rule(who, id string) error {
	if id != "" && !k.has("dial rule", id) {
		return badConfig(who, "unknown dial rule "+id)
	}
	return nil
}

func (k *checker) overflow(who string, q *QueueConfig) error {
	for _, r := range q.Overflow {
		switch r.When {
		case OverflowSize:
			if r.Limit < 0 {
				return badConfig(who, "overflow on size needs a limit of at least 0")
			}
		case OverflowEstimate, OverflowWait:
			if r.After <= 0 {
				return badConfig(who, "overflow on "+string(r.When)+" needs a time in after")
			}
		case OverflowNoAgents, OverflowNoneReady, OverflowClosed, OverflowHoliday, OverflowPaused:
		default:
			return badConfig(who, "unknown overflow condition "+string(r.When))
		}
		if r.To.IsZero() || r.To == (Dest{DestQueue, string(q.ID)}) {
			return badConfig(who, "an overflow needs a destination other than the queue itself")
		}
		if err := k.dest(who, r.To); err != nil {
			return err
		}
	}
	return nil
}

func (k *checker) media(who string, q *QueueConfig) error {
	all := append([]string{q.AudioAlert, q.Callback.Prompt, q.Supervision.Beep}, q.Announce.Prompts...)
	for _, m := range all {
		if m == "" {
			continue
		}
		if err := ValidMedia(m); err != nil {
			return badConfig(who, fault.ReasonOf(err))
		}
	}
	if d := q.Callback.Digit; len(d) > 1 || !validDigits(d) {
		return badConfig(who, "the callback digit is one of 0-9, * and #")
	}
	return nil
}

func (k *checker) agents() error {
	for i := range k.c.Agents {
		a := &k.c.Agents[i]
		who := "agent " + string(a.ID)
		switch {
		case strings.ToLower(string(a.ID)) != string(a.ID):
			return badConfig(string(a.ID), "agent ids must be in lower case")
		case a.Line == "":
			return badConfig(string(a.ID), "an agent needs a line number of its own")
		case !a.Station.Mode.Known() && (a.Station.Mode != "" || a.Station.Endpoint != ""):
			return badConfig(string(a.ID), "station mode must be handset, call-on-accept, talk-notify or nailed")
		}
		for _, q := range a.Queues {
			if !k.has("queue", string(q)) {
				return badConfig(string(a.ID), "unknown queue "+string(q))
			}
		}
		for _, s := range a.Skills {
			if err := k.need(who, []SkillNeed{{s.Skill, s.Level}}); err != nil {
				return err
			}
		}
		for _, c := range a.Capabilities {
			if c != CapabilityStandard && c != CapabilityDirector && c != CapabilityOnDemand {
				return badConfig(string(a.ID), "capabilities are standard, director and on-demand")
			}
		}
		if err := errors.Join(k.own(a.Line, who), k.rule(who, a.DialRule)); err != nil {
			return err
		}
	}
	return nil
}

func (k *checker) outside() error {
	if !k.c.planned() && (len(k.c.Trunks) > 0 || len(k.c.Routes) > 0) {
		return badConfig("plan", "routes and trunks need a numbering plan with a country")
	}
	if k.c.planned() {
		if _, err := numbering.NewTable(k.c.Plan, k.c.Trunks, k.c.Routes, k.c.DialRules); err != nil {
			return err
		}
	}
	for i := range k.c.DNIS {
		e := &k.c.DNIS[i]
		to, err := ParseDest(e.To)
		if err == nil {
			err = k.dest("dnis "+e.ID, to)
		}
		if err != nil {
			return err
		}
	}
	if !k.c.hasBook() {
		return nil
	}
	if !k.c.planned() {
		return badConfig("dnis", "a DNIS table needs a numbering plan with a country, to compare numbers by")
	}
	_, err := numbering.NewBook(k.c.Plan, k.c.DNIS, k.c.DNISSources, k.c.DNISPattern)
	return err
}

func (k *checker) parking() error {
	p := &k.c.Parking
	if p.First == "" {
		return nil
	}
	if len(p.First) > 8 || !digitsOnly(p.First) || p.Places < 0 || p.Places > 100 {
		return badConfig("parking", "the first place is a number of at most 8 digits, and there are at most 100 places")
	}
	for _, n := range p.places() {
		if err := k.own(n, "parking"); err != nil {
			return err
		}
	}
	return nil
}
