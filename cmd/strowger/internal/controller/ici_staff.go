package controller

import (
	"strowger/cmd/strowger/internal/config"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
)

func staffSettings(to *ici.StaffSettings, from *config.ICI) {
	to.AutoUnsubscribe, to.LoginDropCalls = from.AutoUnsubscribe, from.LoginDropCalls
	to.RequestedWrapUp, to.ShowPresenceProfiles, to.PreventNotReady = from.RequestedWrapUp, from.ShowPresenceProfiles, from.PreventNotReady
	to.SetCurrentQueues = from.SetCurrentQueues
	to.PresenceAllQueues = from.PresenceAllQueues
	set(&to.PresenceFilter, from.PresenceFilter)
}

// ctiConfig is what the section decides about the switch itself.
func ctiConfig(from *config.ICI) callmodel.CTIConfig {
	return callmodel.CTIConfig{
		Paperwork: !from.AfterWork, Requested: from.RequestedWrapUp, ReadyEnds: from.WrapUpEndedOutside,
		Outbound: from.WrapUpOutbound, WrapUpMax: from.WrapUpMax, MultiSession: from.PhoneMultiSession,
		Made: !from.IgnoreOutbound, Direct: !from.IgnoreDirect,
	}
}
