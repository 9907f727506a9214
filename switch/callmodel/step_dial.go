package callmodel

import "strowger/switch/fault"

// dialCampaign calls a customer of a campaign.
func (s *State) dialCampaign(in Dial) error {
	if s.config.Campaign(in.Campaign) == nil {
		return fault.New(fault.NotFound, in.Tag(), in.Campaign, "no such campaign in the configuration")
	}
	return fault.New(fault.Unsupported, in.Tag(), in.Number, "this version knows the command and does not carry it out yet")
}

// cancelDial gives up a campaign's call that nobody has answered.
func (s *State) cancelDial(in CancelDial) error {
	if s.calls[in.Call] == nil {
		return fault.New(fault.NotFound, in.Tag(), in.Call.String(), "no such call: it has ended or never was")
	}
	return fault.New(fault.Unsupported, in.Tag(), in.Call.String(), "this version knows the command and does not carry it out yet")
}

// screened is a detector's verdict.
func (s *State) screened(in Screened) {
	s.incident("", "a verdict on "+string(in.Channel)+" was ignored: no campaign is called by this version")
}

// dialTimer is a timer of a campaign's call.
func (s *State) dialTimer(CallID, TimerKey) {}
