package config

import (
	"fmt"
	"log/slog"
)

// redacted is what every printed form of a set Secret shows.
const redacted = "[redacted]"

// Secret is a password. Printing, encoding or logging it shows that it is set,
// never its value; [Secret.Reveal] is the one way to the value.
type Secret struct {
	source string // as written: the value itself, file:/path or env:NAME
	value  string
}

// NewSecret makes a Secret of a literal value.
func NewSecret(value string) Secret { return Secret{source: value, value: value} }

// Reveal returns the value, for the code that hands it to the peer.
func (s Secret) Reveal() string { return s.value }

// Empty reports whether no value is set.
func (s Secret) Empty() bool { return s.value == "" }

// String returns "[redacted]", or nothing when no value is set.
func (s Secret) String() string {
	if s.value == "" && s.source == "" {
		return ""
	}
	return redacted
}

// Format keeps every verb, %#v and %+v included, from showing the fields.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, s.String()) } // a formatter cannot report

// MarshalText keeps JSON and YAML encoders from showing the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue keeps slog from showing the value.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// UnmarshalText takes the form written in the file. A reference (file:, env:)
// has no value until Load has followed it.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}

var _ slog.LogValuer = Secret{}
