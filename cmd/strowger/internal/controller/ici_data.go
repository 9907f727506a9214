package controller

import (
	"strowger/cmd/strowger/internal/config"
	"strowger/cti/ici"
)

func dataSettings(to *ici.DataSettings, from *config.ICI) {
	to.CadMaxBytes = from.CADMaxBytes
}
