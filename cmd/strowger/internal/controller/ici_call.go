package controller

import (
	"strowger/cmd/strowger/internal/config"
	"strowger/cti/ici"
)

func callSettings(to *ici.CallSettings, from *config.ICI) {
	to.CapabilityProfile = from.CapabilityProfile
	to.IgnoreOperDirect, to.IgnoreCdtOutbound = from.IgnoreDirect, from.IgnoreOutbound
	to.ShowBusyStatus, to.BusyStatusDuration = from.ShowBusy, from.BusyDuration
	to.ForwardAndEnd, to.TransferAndEnd = from.ForwardAndEnd, from.TransferAndEnd
	to.SendDTMF, to.SendDTMFCapability, to.SendDTMFOperation = from.SendDTMF, from.SendDTMFCapability, from.SendDTMFOperation
}
