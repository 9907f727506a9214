package ctips

// AgentCapability is CTIAgentCapabilities: kinds of agents.
type AgentCapability int32

// The values of [AgentCapability].
const (
	AgentCapabilityInvalid AgentCapability = iota
	AgentCapabilityStandardAgent
	AgentCapabilityDirector
	AgentCapabilityOnDemand
)

// String returns the name that travels.
func (v AgentCapability) String() string { return nameOf(v) }

// AgentState is CTIAgentState: readiness of an agent; ActiveWrap stands in the tables of chapters 3 and 4 alone and so comes last.
type AgentState int32

// The values of [AgentState].
const (
	AgentStateInvalid AgentState = iota
	AgentStateNotReady
	AgentStateNotReadyPark
	AgentStateIdle
	AgentStatePendingActive
	AgentStateActive
	AgentStateWrap
	AgentStateWrapWarning
	AgentStateReserved
	AgentStateMultiLine
	AgentStateActiveWrap
)

// String returns the name that travels.
func (v AgentState) String() string { return nameOf(v) }

// CallProgressSignal is CTICallProgressSignalType: what dialling has met.
type CallProgressSignal int32

// The values of [CallProgressSignal].
const (
	CallProgressSignalInvalid CallProgressSignal = iota
	CallProgressSignalNone
	CallProgressSignalRinging
	CallProgressSignalBusy
	CallProgressSignalSitTone
)

// String returns the name that travels.
func (v CallProgressSignal) String() string { return nameOf(v) }

// ServiceState is CTIServiceState: state of a service.
type ServiceState int32

// The values of [ServiceState].
const (
	ServiceStateNoState ServiceState = iota
	ServiceStateActive
	ServiceStateInActive
	ServiceStateAddService
	ServiceStateRemoveService
	ServiceStateUnManned
	ServiceStateHoliday
	ServiceStatePause
	ServiceStateFailed
	ServiceStateWait
	ServiceStateActivating
)

// String returns the name that travels.
func (v ServiceState) String() string { return nameOf(v) }

// MediaType is CTIMediaType: medium of a call.
type MediaType int32

// The values of [MediaType].
const (
	MediaTypeInvalid MediaType = iota
	MediaTypeVoiceAnalog
	MediaTypeVoiceSip
	MediaTypeChat
	MediaTypeEmail
	MediaTypeIM
	MediaTypeWorkflow
)

// String returns the name that travels.
func (v MediaType) String() string { return nameOf(v) }

// DestinationType is CTIDestinationType: what a destination is; the table of CallOriginated says CTIDestType.
type DestinationType int32

// The values of [DestinationType].
const (
	DestinationInvalid DestinationType = iota
	DestinationAgent
	DestinationService
	DestinationExternal
	DestinationNone
)

// String returns the name that travels.
func (v DestinationType) String() string { return nameOf(v) }

// CallState is CTICallState: state of a call in a snapshot.
type CallState int32

// The values of [CallState].
const (
	CallStateInvalid CallState = iota
	CallStateCallCleared
	CallStateCallConnected
	CallStateCallConsulting
	CallStateCallDelivered
	CallStateCallEnd
	CallStateCallEstablished
	CallStateCallError
	CallStateCallStateUnknown
	CallStateCallOffered
	CallStateCallOriginated
	CallStateCallTransferred
	CallStateCallOnHoldDialing
	CallStateCallHeld
	CallStateCallRetrieved
	CallStateCallConferenced
	CallStateDigitsDialed
)

// String returns the name that travels.
func (v CallState) String() string { return nameOf(v) }

// CallType is CTICallType: where a call comes from.
type CallType int32

// The values of [CallType].
const (
	CallTypeUnavailable CallType = iota
	CallTypeInboundAcd
	CallTypeInboundDid
	CallTypeInboundConsultation
	CallTypeInboundInternal
	CallTypeInboundIvr
	CallTypeOutboundAod
	CallTypeOutboundConsultation
	CallTypeOutboundConsultationTransfer
	CallTypeOutboundMakecall
	CallTypeConference
	CallTypeInboundIpniq
)

// String returns the name that travels.
func (v CallType) String() string { return nameOf(v) }

// CallDataUpdate is CTICallDataUpdateType: what became of a request for call data.
type CallDataUpdate int32

// The values of [CallDataUpdate].
const (
	CallDataUpdateInvalid CallDataUpdate = iota
	CallDataUpdateGetCallDataReturned
	CallDataUpdateGetCallDataNotReturned
	CallDataUpdateSetCallDataSucceeded
)

// String returns the name that travels.
func (v CallDataUpdate) String() string { return nameOf(v) }

// AgentLoginState is CTIAgentLoginState: logged in or out.
type AgentLoginState int32

// The values of [AgentLoginState].
const (
	AgentLoginStateInvalid AgentLoginState = iota
	AgentLoginStateAgentLoggedIn
	AgentLoginStateAgentLoggedOut
)

// String returns the name that travels.
func (v AgentLoginState) String() string { return nameOf(v) }

// ClearingParty is CTIClearingPartyType: who left first.
type ClearingParty int32

// The values of [ClearingParty].
const (
	ClearingPartyInvalid ClearingParty = iota
	ClearingPartyNearEnd
	ClearingPartyFarEnd
	ClearingPartyInternal
)

// String returns the name that travels.
func (v ClearingParty) String() string { return nameOf(v) }

// AudioPathState is CTIAudioPathState: state of an agent's voice path.
type AudioPathState int32

// The values of [AudioPathState].
const (
	AudioPathStateInvalid AudioPathState = iota
	AudioPathStateConnected
	AudioPathStateDisconnected
)

// String returns the name that travels.
func (v AudioPathState) String() string { return nameOf(v) }
