package config

import "strowger/switch/objects/schema"

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
		{"http", checkHTTP},
		{"rest", checkREST},
		{"store", checkStore},
	}
	for _, s := range sections {
		if !r.Broken(s.name) {
			s.check(cfg, r)
		}
	}
}
