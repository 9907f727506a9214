package ctips

import (
	"reflect"
	"strconv"
	"strings"
)

// enumeration is a type whose values travel by name.
type enumeration struct {
	name   string // on the wire
	of     reflect.Type
	values []string // by number
}

// enums are all enumerations, with their values in the order of Appendix A.
var enums = []*enumeration{
	enumOf[AgentCapability]("CTIAgentCapabilities", "INVALID StandardAgent Director OnDemand"),
	enumOf[AgentState]("CTIAgentState", "INVALID NotReady NotReadyPark Idle PendingActive Active Wrap WrapWarning Reserved MultiLine ActiveWrap"),
	enumOf[CallProgressSignal]("CTICallProgressSignalType", "INVALID None Ringing Busy SitTone"),
	enumOf[ServiceState]("CTIServiceState", "NoState Active InActive AddService RemoveService UnManned Holiday Pause Failed Wait Activating"),
	enumOf[MediaType]("CTIMediaType", "INVALID VoiceAnalog VoiceSip Chat Email IM Workflow"),
	enumOf[DestinationType]("CTIDestinationType", "INVALID Agent Service External NoDestination"),
	enumOf[CallState]("CTICallState", "INVALID CallCleared CallConnected CallConsulting CallDelivered CallEnd CallEstablished CallError "+
		"CallStateUnknown CallOffered CallOriginated CallTransferred CallOnHoldDialing CallHeld CallRetrieved "+
		"CallConferenced DigitsDialed"),
	enumOf[CallType]("CTICallType", "CallTypeUnavailable InboundAcd InboundDid InboundConsultation InboundInternal InboundIvr OutboundAod "+
		"OutboundConsultation OutboundConsultationTransfer OutboundMakecall Conference InboundIpniq"),
	enumOf[MessageClass]("CTIMessageClass", "INVALID EventCategoryAgent EventCategoryCall EventCategoryRoute EventCategorySystem"),
	enumOf[EventCategory]("CTIEventCategory", "INVALID EventCategoryAgent EventCategoryCall EventCategoryRoute EventCategorySystem"),
	enumOf[EventType]("CTIEventType", "INVALID Filter AgentLoginStateChange AgentLoginRequestFailed AgentStateChange AgentRequestFailed "+
		"AudioPathStateChange EnterPasscode ServiceStateChange CallCleared CallCompleted CallConferenced CallConnected "+
		"CallConsultation CallDataUpdate CallDelivered CallEnd CallEstablished CallHeld CallOffered CallOriginated "+
		"CallRequestFailed CallRetrieved CallStarted CallTransferred DigitsDialed RouteRequest RouteRequestFailed "+
		"RouteUsed RouteReject LinkStatus SnapShot SnapShotUpdate SnapShotRequestFailed"),
	enumOf[CallDataUpdate]("CTICallDataUpdateType", "INVALID GetCallDataReturned GetCallDataNotReturned SetCallDataSucceeded"),
	enumOf[EntityType]("CTIEntityType", "INVALID AgentInfo CallInfo ServiceInfo"),
	enumOf[FieldType]("CTIFieldType", "INVALID FT_AGENT_ID FT_SERVICE_ID FT_SWITCH_ID FT_TENANT_ID"),
	enumOf[AgentLoginState]("CTIAgentLoginState", "INVALID AgentLoggedIn AgentLoggedOut"),
	enumOf[ClearingParty]("CTIClearingPartyType", "INVALID NearEnd FarEnd Internal"),
	enumOf[RouteType]("CTIRouteType", "INVALID RouteToAgent RouteToService RouteToExternal RouteToDefault Ivr Voicemail"),
	enumOf[RouteStatus]("CTIRouteStatusType", "INVALID RouteSuccess RouteDefaultUsed"),
	enumOf[RejectReason]("CTIRejectReason", "INVALID NoRouteToDestination RouteTimeout CallCleared CallAlreadyRouted DestinationBusy UnknownReason"),
	enumOf[TransferType]("CTITransferType", "INVALID Blind Consultation"),
	enumOf[AudioPathState]("CTIAudioPathState", "INVALID Connected Disconnected"),
	enumOf[FailureType]("CTIFailureType", "INVALID InvalidPasscode InvalidAgent InvalidCallId DestinationBusy DestinationNoAnswer DestinationNoRoute "+
		"NoRouteToDestination RouteTimeout GetCallDataNotReturned SetCallDataFailed InternalError UnKnownFailure "+
		"InternalServerError GatewayLoginFailure AgentAlreadyLoggedIn AgentLicenseExceeded InvalidAgentName "+
		"StationNotAvailable InvalidStateForRequest InvalidSwitchIdentifier NoActiveService DestinationAgentNotAvailable "+
		"DestinationInvalidSwitchIdentifier DestinationInvalidNumber DestinationInvalidServiceIdentifier "+
		"TrunkLicenseExceeded CustomerHungUpWaitingForTransfer ClearCallFailure MakeCallFailure ConsultationFailure "+
		"CallTransferFailure ConferenceFailure PlayDigitsFailure RequestFailed"),
	enumOf[ComponentType]("CTIComponentType", "INVALID Gateway CenterCord"),
	enumOf[ComponentState]("CTIComponentState", "INVALID Up Down"),
}

// enumByType finds an enumeration by its Go type.
var enumByType = indexEnums()

func indexEnums() map[reflect.Type]*enumeration {
	byType := make(map[reflect.Type]*enumeration, len(enums))
	for _, e := range enums {
		byType[e.of] = e
	}
	return byType
}

func enumOf[T ~int32](name, values string) *enumeration {
	return &enumeration{name: name, of: reflect.TypeFor[T](), values: strings.Fields(values)}
}

// text returns the name of a value; a number without one gives "", which no
// peer accepts.
func (e *enumeration) text(v int64) string {
	if v < 0 || v >= int64(len(e.values)) {
		return ""
	}
	return e.values[v]
}

// nameOf is the String method of all enumerations.
func nameOf[T ~int32](v T) string {
	if s := enumByType[reflect.TypeFor[T]()].text(int64(v)); s != "" {
		return s
	}
	return strconv.Itoa(int(v))
}
