package ici

import (
	"strings"

	"strowger/switch/callmodel"
)

const (
	// DefaultCadMaxBytes is how much attached data a call may have; every
	// phoneCallChanged repeats it.
	DefaultCadMaxBytes = 32 << 10
	// DefaultIDD and DefaultCountry are those of the reference, OII.IDD and OII.Country.
	DefaultIDD     = "00"
	DefaultCountry = "49"
	// PreviewSkip and PreviewReject are the values of [DataSettings.PreviewReject].
	PreviewSkip   = "SKIP"
	PreviewReject = "REJECT"

	maxApplicationID = 80
)

// DataSettings are about numbers, attached data and campaigns.
type DataSettings struct {
	CadMaxBytes   int    `json:"cadMaxBytes"`   // longest attached data, default 32 KiB
	ApplicationID string `json:"applicationId"` // of our own part of attached data, default OwnApplication (reference OII.CADApplicationID)
	RecordingCad  bool   `json:"recordingCad"`  // tell the name of a call's recording, default false (reference OII.CallRecordingCad)
	SetExtraData  bool   `json:"setExtraData"`  // what a CRM attaches reaches the switch at once, default true; false: when the call is transferred (reference OII.SetExtraData)

	IDD     string `json:"idd"`     // prefix of numbers of other countries, default 00 (reference OII.IDD)
	Country string `json:"country"` // code of the country in which a number begins with a single 0, default 49 (reference OII.Country)

	ExtraData callmodel.ExtraData `json:"extraData"` // what is told beside a call's numbers (reference ExtraDataWhen...)

	BeginPreview          bool   `json:"beginPreview"`          // an agent sees a call of a campaign before it is made, default false (reference OII.PdBeginPreview)
	PreviewReject         string `json:"previewReject"`         // what becomes of one that the agent refuses: SKIP (default) or REJECT (reference OII.PdEndPreviewReject)
	RescheduleImmediately bool   `json:"rescheduleImmediately"` // a call that the CRM puts off ends in conversation and wrap-up too, default false (reference OII.PdRescheduleImmediately)
}

// defaultExtraData is what the reference sets when it is installed (4.3.1).
func defaultExtraData() callmodel.ExtraData {
	return callmodel.ExtraData{
		Allocated: []string{extraXML, elemFirstName, elemFirstNumber, elemSIPCallID},
		CallOut:   []string{extraXML, elemFirstName, elemSIPCallID},
		Connected: []string{elemSIPCallID},
		Join:      []string{extraXML, elemFirstName, elemSIPCallID},
	}
}

func defaultDataSettings() DataSettings {
	return DataSettings{
		CadMaxBytes: DefaultCadMaxBytes, ApplicationID: OwnApplication, SetExtraData: true,
		IDD: DefaultIDD, Country: DefaultCountry, ExtraData: defaultExtraData(), PreviewReject: PreviewSkip,
	}
}

func (c *DataSettings) validate() error {
	if err := positive([]setting{{"cadMaxBytes", int64(c.CadMaxBytes)}}); err != nil {
		return err
	}
	switch {
	case c.CadMaxBytes > MaxAttachedData:
		return wrong("cadMaxBytes", "must not be greater than %d", MaxAttachedData)
	case c.ApplicationID == "" || len(c.ApplicationID) > maxApplicationID || strings.ContainsFunc(c.ApplicationID, unfitID):
		return wrong("applicationId", "must have 1 to %d printable characters without quotes and angle brackets", maxApplicationID)
	case c.ApplicationID == unnamedApplication:
		return wrong("applicationId", "%s is the name of what a CRM attaches without one", unnamedApplication)
	case !prefixDigits(c.IDD) || !prefixDigits(c.Country):
		return wrong("idd", "idd and country are up to 5 digits each; both empty: numbers stay as they are")
	case (c.IDD == "") != (c.Country == ""):
		return wrong("country", "idd and country are set together or not at all")
	}
	for _, list := range [][]string{c.ExtraData.Allocated, c.ExtraData.CallOut, c.ExtraData.Connected, c.ExtraData.Join} {
		if len(list) > callmodel.MaxExtraKeys {
			return wrong("extraData", "a list has at most %d names", callmodel.MaxExtraKeys)
		}
		for _, name := range list {
			if !callmodel.ExtraKey(name) {
				return wrong("extraData", "%q cannot be the name of an element", short(name))
			}
		}
	}
	return choice("previewReject", c.PreviewReject, PreviewSkip, PreviewReject)
}

func unfitID(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`"'<>&`, r) }

func prefixDigits(s string) bool {
	return len(s) <= 5 && strings.Trim(s, "0123456789") == ""
}

// plan is how numbers of other countries and of this one begin.
func (c *DataSettings) plan() Plan { return Plan{IDD: c.IDD, Country: c.Country} }
