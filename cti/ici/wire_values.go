package ici

import "strconv"

// ChannelPhone is the channel type of telephony; "2" is messages, "3" chat,
// "4" action items (reference 9.5.1).
const ChannelPhone = "1"

// Call states (reference 10.12.3).
const (
	CallCreated               = 1
	CallNew                   = 2
	CallAlerting              = 3
	CallEnded                 = 4
	CallConnected             = 101
	CallIdle                  = 102
	CallDialing               = 103
	CallRinging               = 104
	CallBusy                  = 105
	CallHold                  = 106 // this party put the other on hold
	CallHeld                  = 107 // this party was put on hold
	CallConferenceOwner       = 108
	CallConferenceParticipant = 109
	CallListened              = 110
	CallPreview               = 111 // of a campaign, before it is made (reference 4.3.1, OII.PdBeginPreview)
)

// Processing states of an item (reference 10.12.1).
const (
	NotInProcess = 1
	Active       = 2
	WrapUp       = 3
	Suspended    = 4
)

// Work modes (reference 10.10.1). NoPhone is treated as NotReady.
const (
	LoggedOff = 1
	Ready     = 2
	NotReady  = 3
	NoPhone   = 1000
)

// Wrap-up modes of a user (reference 10.10.1).
const (
	WrapUpAutomatic = 1
	WrapUpRequested = 2
)

// Container states (reference 9.3.3).
const (
	ContainerOK      = 1
	ContainerFailure = 2
	ContainerRemoved = 3
)

// Reasons of subscriptionEnded (reference 9.3.2).
const (
	EndedShutdown = 1
	EndedPaused   = 2
	EndedTimeout  = 3
)

// Capabilities of a phone call (reference 10.12.2).
const (
	CapAccept             = 1
	CapReroute            = 2
	CapForward            = 3
	CapWrapUpRequired     = 4
	CapWrapUpEnded        = 5
	CapGetAttachedData    = 6
	CapSetAttachedData    = 7
	CapDeleteAttachedData = 8
	CapDial               = 101
	CapDrop               = 102
	CapConsult            = 103
	CapTransfer           = 104
	CapConference         = 105
	CapDropParty          = 106
	CapHold               = 107
	CapUnhold             = 108
	CapAlternate          = 109
	CapReconnect          = 110
	CapListen             = 111
	CapListenEnd          = 112
)

// DefaultCapabilities returns the reference's list for a call state (10.12.3;
// sap.md 4.1). An ended call has capabilities only while it is wrapped up,
// and then the attached-data ones too: notes are saved in wrap-up.
func DefaultCapabilities(callStatus, processing int) []int {
	switch callStatus {
	case CallCreated, CallIdle:
		return []int{6, 7, 8, 101, 102, 103}
	case CallAlerting:
		return []int{1, 2, 3}
	case CallEnded:
		if processing == WrapUp {
			return []int{5, 6, 7, 8}
		}
		return nil
	case CallConnected:
		return []int{3, 4, 6, 7, 8, 102, 104, 105, 107, 109, 110}
	case CallDialing, CallRinging, CallBusy:
		return []int{102}
	case CallHold:
		return []int{4, 6, 7, 8, 102, 103, 104, 105, 108, 109, 110}
	case CallHeld:
		return []int{4, 6, 7, 8, 102}
	case CallConferenceOwner:
		return []int{4, 6, 7, 8, 102, 106, 107}
	case CallConferenceParticipant:
		return []int{4, 6, 7, 8, 102, 107}
	case CallListened:
		return []int{112}
	case CallPreview:
		return []int{1, 2, 6, 7, 8}
	}
	return nil
}

// CallStatus returns the element for a call state.
func CallStatus(id int) TextElement { return element(id, callTexts) }

// ProcessingStatus returns the element for a processing state.
func ProcessingStatus(id int) TextElement { return element(id, processingTexts) }

// Workmode returns the element for one of the fixed work modes.
func Workmode(id int) TextElement { return element(id, workmodeTexts) }

// ContainerStatus returns the element for a container state.
func ContainerStatus(id int) TextElement { return element(id, containerTexts) }

// EndReason returns the element for a reason of subscriptionEnded.
func EndReason(id int) TextElement { return element(id, reasonTexts) }

// Workmodes returns the four fixed work modes in the reference's order.
func Workmodes() []TextElement {
	return []TextElement{Workmode(LoggedOff), Workmode(Ready), Workmode(NotReady), Workmode(NoPhone)}
}

var callTexts = map[int]string{
	CallCreated: "Created", CallNew: "New", CallAlerting: "Alerting", CallEnded: "Ended", CallConnected: "Connected",
	CallIdle: "Idle", CallDialing: "Dialing", CallRinging: "Ringing", CallBusy: "Busy", CallHold: "Hold", CallHeld: "Held",
	CallConferenceOwner: "Conference owner", CallConferenceParticipant: "Conference participant", CallListened: "Listened", CallPreview: "Preview",
}

var processingTexts = map[int]string{NotInProcess: "Not in process", Active: "Active", WrapUp: "Wrap up", Suspended: "Suspended"}

var workmodeTexts = map[int]string{
	LoggedOff: "Logged off", Ready: "Logged on - ready", NotReady: "Logged on - not ready", NoPhone: "No Phone",
}

var containerTexts = map[int]string{ContainerOK: "OK", ContainerFailure: "Failure", ContainerRemoved: "Removed"}

var reasonTexts = map[int]string{
	EndedShutdown: "The contact center shuts down", EndedPaused: "The contact center is paused", EndedTimeout: "The subscription timed out",
}

func element(id int, names map[int]string) TextElement {
	return TextElement{ID: strconv.Itoa(id), Description: names[id]}
}
