package controller

import (
	"strowger/cmd/strowger/internal/config"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
)

func dataSettings(to *ici.DataSettings, from *config.ICI) {
	to.CadMaxBytes = from.CADMaxBytes
	set(&to.ApplicationID, from.CADApplicationID)
	to.RecordingCad, to.SetExtraData = from.CallRecordingCAD, from.SetExtraData
	to.IDD, to.Country = from.IDD, from.Country
	to.ExtraData = callmodel.ExtraData{
		Allocated: from.ExtraData.Allocated, CallOut: from.ExtraData.CallOut, Connected: from.ExtraData.Connected, Join: from.ExtraData.Join,
	}
	to.BeginPreview, to.RescheduleImmediately = from.PreviewBegin, from.RescheduleImmediately
	set(&to.PreviewReject, from.PreviewReject)
}
