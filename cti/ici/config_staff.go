package ici

// StaffSettings say what a CRM may do with agents, and what it is told of them.
type StaffSettings struct {
	AutoUnsubscribe      bool `json:"autoUnsubscribe"`      // getAttributes ends the user's old subscriptions, default true (reference ICIUSER_AUTOMATIC_UNSUBSCRIBE)
	LoginDropCalls       bool `json:"loginDropCalls"`       // and their calls and wrap-ups, default true (reference OII.LoginDropCalls)
	RequestedWrapUp      bool `json:"requestedWrapUp"`      // users are told that wrap-up follows requests only, as the switch is set (reference OII.RequestedWrapUp)
	ShowPresenceProfiles bool `json:"showPresenceProfiles"` // reasons of being ready are work modes too (reference OII.ShowPresenceProfiles)
	PreventNotReady      bool `json:"preventNotReady"`      // not ready is refused during a call
	SetCurrentQueues     bool `json:"setCurrentQueues"`     // setCurrentQueues signs agents in and out (reference OII.SetCurrentQueues)

	PresenceAllQueues bool   `json:"presenceAllQueues"` // not the user's own alone (reference OII.GetPresenceQueueInfoAll)
	PresenceFilter    string `json:"presenceFilter"`    // PresenceAll, PresenceLoggedIn or PresenceReady (reference OII.GetPresenceQueueInfoFilter)
}

// Which queues getPresenceQueueInfo tells.
const (
	PresenceAll      = "all"
	PresenceLoggedIn = "logged-in" // with somebody logged in
	PresenceReady    = "ready"     // with somebody ready
)

func defaultStaffSettings() StaffSettings {
	return StaffSettings{AutoUnsubscribe: true, LoginDropCalls: true, PresenceFilter: PresenceAll}
}

func (s *StaffSettings) validate() error {
	return choice("presenceFilter", s.PresenceFilter, PresenceAll, PresenceLoggedIn, PresenceReady)
}
