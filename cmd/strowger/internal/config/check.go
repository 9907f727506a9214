package config

import (
	"strowger/switch/calendar"
	"strowger/switch/fault"
	"strowger/switch/objects/schema"
)

// unsetPassword is the example file's password, which nobody may keep.
const unsetPassword = "change-me"

// check applies the rules that one key alone cannot show. Sections that are
// already broken are left out.
func check(cfg *Config, r *schema.Report) {
	r.Durations(cfg)
	sections := []struct {
		name  string
		check func(*Config, *schema.Report)
	}{
		{"asterisk", checkAsterisk},
		{"ici", checkICI},
		{"sapphone", checkSAPphone},
		{"ctips", checkCTIPS},
		{"http", checkHTTP},
		{"rest", checkREST},
		{"store", checkStore},
		{"statistics", checkStatistics},
		{"dialer", checkDialer},
	}
	for _, s := range sections {
		if !r.Broken(s.name) {
			s.check(cfg, r)
		}
	}
}

func checkStatistics(cfg *Config, r *schema.Report) {
	if _, err := calendar.Zone(cfg.Statistics.TimeZone); err != nil {
		r.Errorf([]string{"statistics", "time_zone"}, "write an IANA name such as Europe/Berlin", "%s", fault.ReasonOf(err))
	}
}
