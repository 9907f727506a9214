package callmodel

// LegEnd is the end of a leg that nobody told us of, as the server's own
// records have it.
type LegEnd struct {
	Channel ChannelID `json:"channel"`
	At      Instant   `json:"at"`
	Cause   Cause     `json:"cause"`
}

// MissedCall is a call that came and ended while there was no contact, as the
// server's own records have it.
type MissedCall struct {
	Channel  ChannelID `json:"channel"`
	Call     CallID    `json:"call"` // minted for the record
	Dialled  string    `json:"dialled"`
	Caller   string    `json:"caller"`
	At       Instant   `json:"at"`
	EndedAt  Instant   `json:"ended_at"`
	Cause    Cause     `json:"cause"`
	Fallback bool      `json:"fallback,omitempty"` // the server's own plan has served the caller
}

// The outcomes of calls that are known from the server's records only.
const (
	OutcomeFallback Outcome = "fallback" // the server's own plan has served the caller
	OutcomeMissed   Outcome = "missed"   // nobody has
)

// ContactBack begins the incident that says what a loss of contact has cost.
const ContactBack = "contact is back"
