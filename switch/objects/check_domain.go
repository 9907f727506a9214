package objects

import (
	"errors"
	"fmt"
	"strings"

	"strowger/switch/fault"
	"strowger/switch/numbering"
	"strowger/switch/objects/schema"
)

// domain has the tables that will be used built once, so that what they
// refuse is refused here.
func (c *checker) domain(s *Set) {
	for i, one := range s.file.Calendars {
		if _, err := calendarOf(one, 1).Compile(); err != nil {
			c.Errorf(at(KindCalendar, i), "", "%s", fault.ReasonOf(err))
		}
	}
	if n := s.file.Numbering; n.Region != "" {
		if _, err := numbering.DefaultPlan(n.Region); err != nil {
			c.Errorf([]string{KindNumbering.Section(), "region"}, "", "%s", fault.ReasonOf(err))
			return
		}
	}
	cfg := s.Config()
	if s.count(KindNumbering) == 0 {
		if len(cfg.Trunks)+len(cfg.Routes)+len(cfg.DialRules)+len(cfg.DNIS)+s.count(KindDNISSettings) > 0 {
			c.Errorf([]string{KindNumbering.Section()}, "write it, for example `numbering: {region: DE}`",
				"missing, and trunks, routes, dial rules and dnis entries need it to read numbers")
		}
		return
	}
	if err := cfg.Plan.Validate(); err != nil {
		c.Errorf([]string{KindNumbering.Section()}, "", "%s", fault.ReasonOf(err))
		return
	}
	if _, err := numbering.NewTable(cfg.Plan, cfg.Trunks, cfg.Routes, cfg.DialRules); err != nil {
		c.Errorf(s.about(err), "", "%s", fault.ReasonOf(err))
	}
	if _, err := numbering.NewBook(cfg.Plan, cfg.DNIS, cfg.DNISSources, cfg.DNISPattern); err != nil {
		c.Errorf(s.about(err), "", "%s", fault.ReasonOf(err))
	}
}

// about finds the object that a table's or the model's fault is about: its
// subject is the id, alone or quoted behind the kind.
func (s *Set) about(err error) []string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return nil
	}
	for _, k := range Kinds() {
		words := strings.ReplaceAll(string(k), "-", " ")
		for i := range s.count(k) {
			if id := s.id(k, i); !k.Single() && (f.Subject == fmt.Sprintf("%s %q", words, id) || f.Subject == id) {
				return at(k, i)
			}
		}
	}
	if strings.HasPrefix(f.Subject, "dnis ") {
		return []string{KindDNISSettings.Section()}
	}
	return []string{schema.Printable(f.Subject)}
}
