package ua

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// assertedParty is the party that a trusted peer names in P-Asserted-Identity (RFC
// 3325) or, as older ones do, in Remote-Party-ID.
func assertedParty(m sip.Message) (Party, bool) {
	for _, name := range [...]string{"P-Asserted-Identity", "Remote-Party-ID"} {
		for _, h := range m.GetHeaders(name) {
			if p, ok := parseParty(firstAddress(h.Value())); ok {
				return p, true
			}
		}
	}
	return Party{}, false
}

// PartyOf reads the address in a header value such as P-Asserted-Identity or
// Diversion, the first one when there are several; false when there is none.
func PartyOf(value string) (Party, bool) { return parseParty(firstAddress(value)) }

func parseParty(value string) (Party, bool) {
	var uri sip.Uri
	var params sip.HeaderParams
	name, err := sip.ParseAddressValue(value, &uri, &params)
	if err != nil || uri.Host == "" && uri.User == "" {
		return Party{}, false
	}
	return Party{User: uri.User, Name: strings.Trim(name, `"`), URI: uri.String()}, true
}

// firstAddress cuts a list of addresses at the first comma that is neither in
// quotes nor in angle brackets.
func firstAddress(value string) string {
	quoted, angle := false, false
	for i := range len(value) {
		switch b := value[i]; {
		case quoted && b == '\\', b != '"' && quoted:
		case b == '"':
			quoted = !quoted
		case b == '<':
			angle = true
		case b == '>':
			angle = false
		case b == ',' && !angle:
			return strings.TrimSpace(value[:i])
		}
	}
	return strings.TrimSpace(value)
}

// learnParty follows connected-line news of the peer.
func (c *Call) learnParty(m sip.Message) {
	if p, ok := assertedParty(m); ok {
		c.note(func(s *Snapshot) { s.RemoteParty = p })
	}
}
