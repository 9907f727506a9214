package controller

import (
	"strowger/ari/link"
	"strowger/switch/objects"
)

// registerPhones adds the link's figures of digits, sounds, transfers by phone and phones.
func (m *metrics) registerPhones(l *link.Link) {
	count := func(name, help string, read func(link.Stats) uint64) {
		m.count("ari_"+name, help, func() uint64 { return read(l.Stats()) })
	}
	count("digits_total", "Digits that callers and agents have pressed.", func(s link.Stats) uint64 { return s.Digits })
	count("digits_forgotten_total", "Digits that nobody had asked for.", func(s link.Stats) uint64 { return s.DigitsForgotten })
	count("digits_secret_total", "Digits of secret entries: counted, and forgotten.", func(s link.Stats) uint64 { return s.DigitsSecret })
	count("collections_total", "Entries of digits asked for.", func(s link.Stats) uint64 { return s.Collects })
	count("collections_refused_total", "Entries of digits refused: too many at once.", func(s link.Stats) uint64 { return s.CollectsRefused })
	count("sounds_stopped_total", "Sounds stopped because their call went on.", func(s link.Stats) uint64 { return s.PlaysStopped })
	count("phone_transfers_total", "Transfers that people have made with their phone's key.", func(s link.Stats) uint64 { return s.Transfers })
	count("legs_replaced_total", "Legs whose place another has taken.", func(s link.Stats) uint64 { return s.Replaced })
	count("tidied_total", "Hang-ups of what transfers by phone leave behind.", func(s link.Stats) uint64 { return s.Tidied })
	count("tidied_dropped_total", "Of these, not tried: too many at once.", func(s link.Stats) uint64 { return s.TidyDropped })
	count("identified_total", "Call-IDs of called legs that were told.", func(s link.Stats) uint64 { return s.Identified })
	count("identify_failed_total", "Call-IDs of called legs that could not be had.", func(s link.Stats) uint64 { return s.IdentifyFailed })
	m.gauge("ari_collections_open", "Entries of digits under way.", func() float64 { return float64(l.Stats().CollectsOpen) })
	m.gauge("ari_sounds", "Sounds that play.", func() float64 { return float64(l.Stats().Plays) })
	m.gauge("ari_phones_watched", "Phones whose registration is watched.", func() float64 { return float64(l.Stats().PhonesWatched) })
	m.gauge("ari_phones_missing", "Phones of the configuration that Asterisk does not know.", func() float64 { return float64(l.Stats().PhonesMissing) })
}

// registerObjects adds the figures of the configuration objects.
func (m *metrics) registerObjects(o *Objects) {
	m.count("objects_applies_total", "Changes of configuration objects that came into force.", o.applied.Load)
	m.count("objects_applies_same_total", "Applies that changed nothing.", o.same.Load)
	m.count("objects_applies_dry_total", "Applies that were to show the difference only.", o.dry.Load)
	m.count("objects_applies_refused_total", "Applies that were refused or failed.", o.wrong.Load)
	m.gauge("objects_version", "Version of the configuration objects in force.", func() float64 { return float64(o.shown.Load().version) })
	for _, kind := range objects.Kinds() {
		m.gaugeOf("objects", "Configuration objects in force.", map[string]string{"kind": string(kind)}, func() float64 { return float64(o.inForce().Count(kind)) })
	}
}
