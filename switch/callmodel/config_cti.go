package callmodel

import "time"

// CTIConfig is what a site decides about agents who work in a CTI client, all
// alike. Its zero value is the switch's own way.
type CTIConfig struct {
	// Paperwork has wrap-up count as a pause, not as an activity of its own.
	Paperwork bool `json:"paperwork,omitempty"`
	// Requested has wrap-up follow only where the client asked for it.
	Requested bool `json:"requested,omitempty"`
	// ReadyEnds has an agent's wrap-up end when they make themselves ready.
	ReadyEnds bool `json:"ready_ends,omitempty"`
	// Outbound has wrap-up follow calls made by the client that nobody answered.
	Outbound bool `json:"outbound,omitempty"`
	// MultiSession has wrap-up not keep an agent from further calls.
	MultiSession bool `json:"multi_session,omitempty"`
	// Made and Direct have wrap-up follow the calls, too, that agents made outside
	// their client, and those to their own numbers: clients are told of them.
	Made   bool `json:"made,omitempty"`
	Direct bool `json:"direct,omitempty"`
	// WrapUpMax ends a wrap-up that no queue gives a time. 0: DefaultWrapUpMax
	// after calls made in a client; other wrap-up that was asked for has no end then.
	WrapUpMax time.Duration `json:"wrap_up_max,omitempty"`
}

// longestWrapUp bounds CTIConfig.WrapUpMax.
const longestWrapUp = 24 * time.Hour

// WrapUpLimit is how long a wrap-up may last that no queue gives a time.
func (c *CTIConfig) WrapUpLimit() time.Duration {
	if c.WrapUpMax == 0 {
		return DefaultWrapUpMax
	}
	return c.WrapUpMax
}

func (k *checker) cti() error {
	if d := k.c.CTI.WrapUpMax; d < 0 || d > longestWrapUp {
		return badConfig("cti", "the longest wrap-up is a time up to 24 hours")
	}
	return nil
}
