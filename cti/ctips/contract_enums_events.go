package ctips

// MessageClass is CTIMessageClass: what a session registers for.
type MessageClass int32

// The values of [MessageClass].
const (
	MessageClassInvalid MessageClass = iota
	MessageClassAgent
	MessageClassCall
	MessageClassRoute
	MessageClassSystem
)

// String returns the name that travels.
func (v MessageClass) String() string { return nameOf(v) }

// EventCategory is CTIEventCategory: group of an event.
type EventCategory int32

// The values of [EventCategory].
const (
	EventCategoryInvalid EventCategory = iota
	EventCategoryAgent
	EventCategoryCall
	EventCategoryRoute
	EventCategorySystem
)

// String returns the name that travels.
func (v EventCategory) String() string { return nameOf(v) }

// EventType is CTIEventType: which event it is.
type EventType int32

// The values of [EventType].
const (
	EventTypeInvalid EventType = iota
	EventTypeFilter
	EventTypeAgentLoginStateChange
	EventTypeAgentLoginRequestFailed
	EventTypeAgentStateChange
	EventTypeAgentRequestFailed
	EventTypeAudioPathStateChange
	EventTypeEnterPasscode
	EventTypeServiceStateChange
	EventTypeCallCleared
	EventTypeCallCompleted
	EventTypeCallConferenced
	EventTypeCallConnected
	EventTypeCallConsultation
	EventTypeCallDataUpdate
	EventTypeCallDelivered
	EventTypeCallEnd
	EventTypeCallEstablished
	EventTypeCallHeld
	EventTypeCallOffered
	EventTypeCallOriginated
	EventTypeCallRequestFailed
	EventTypeCallRetrieved
	EventTypeCallStarted
	EventTypeCallTransferred
	EventTypeDigitsDialed
	EventTypeRouteRequest
	EventTypeRouteRequestFailed
	EventTypeRouteUsed
	EventTypeRouteReject
	EventTypeLinkStatus
	EventTypeSnapShot
	EventTypeSnapShotUpdate
	EventTypeSnapShotRequestFailed
)

// String returns the name that travels.
func (v EventType) String() string { return nameOf(v) }

// EntityType is CTIEntityType: what a snapshot is of.
type EntityType int32

// The values of [EntityType].
const (
	EntityTypeInvalid EntityType = iota
	EntityTypeAgentInfo
	EntityTypeCallInfo
	EntityTypeServiceInfo
)

// String returns the name that travels.
func (v EntityType) String() string { return nameOf(v) }

// FieldType is CTIFieldType: what a filter looks at.
type FieldType int32

// The values of [FieldType].
const (
	FieldTypeInvalid FieldType = iota
	FieldTypeAgentID
	FieldTypeServiceID
	FieldTypeSwitchID
	FieldTypeTenantID
)

// String returns the name that travels.
func (v FieldType) String() string { return nameOf(v) }

// RouteType is CTIRouteType: kind of a route.
type RouteType int32

// The values of [RouteType].
const (
	RouteTypeInvalid RouteType = iota
	RouteToAgent
	RouteToService
	RouteToExternal
	RouteToDefault
	RouteTypeIvr
	RouteTypeVoicemail
)

// String returns the name that travels.
func (v RouteType) String() string { return nameOf(v) }

// RouteStatus is CTIRouteStatusType: which route was used.
type RouteStatus int32

// The values of [RouteStatus].
const (
	RouteStatusInvalid RouteStatus = iota
	RouteStatusSuccess
	RouteStatusDefaultUsed
)

// String returns the name that travels.
func (v RouteStatus) String() string { return nameOf(v) }

// RejectReason is CTIRejectReason: why a route was refused.
type RejectReason int32

// The values of [RejectReason].
const (
	RejectReasonInvalid RejectReason = iota
	RejectReasonNoRouteToDestination
	RejectReasonRouteTimeout
	RejectReasonCallCleared
	RejectReasonCallAlreadyRouted
	RejectReasonDestinationBusy
	RejectReasonUnknownReason
)

// String returns the name that travels.
func (v RejectReason) String() string { return nameOf(v) }

// TransferType is CTITransferType: kind of a transfer.
type TransferType int32

// The values of [TransferType].
const (
	TransferTypeInvalid TransferType = iota
	TransferTypeBlind
	TransferTypeConsultation
)

// String returns the name that travels.
func (v TransferType) String() string { return nameOf(v) }

// FailureType is CTIFailureType: why a request failed.
type FailureType int32

// The values of [FailureType].
const (
	FailureTypeInvalid FailureType = iota
	FailureTypeInvalidPasscode
	FailureTypeInvalidAgent
	FailureTypeInvalidCallID
	FailureTypeDestinationBusy
	FailureTypeDestinationNoAnswer
	FailureTypeDestinationNoRoute
	FailureTypeNoRouteToDestination
	FailureTypeRouteTimeout
	FailureTypeGetCallDataNotReturned
	FailureTypeSetCallDataFailed
	FailureTypeInternalError
	FailureTypeUnknownFailure
	FailureTypeInternalServerError
	FailureTypeGatewayLoginFailure
	FailureTypeAgentAlreadyLoggedIn
	FailureTypeAgentLicenseExceeded
	FailureTypeInvalidAgentName
	FailureTypeStationNotAvailable
	FailureTypeInvalidStateForRequest
	FailureTypeInvalidSwitchIdentifier
	FailureTypeNoActiveService
	FailureTypeDestinationAgentNotAvailable
	FailureTypeDestinationInvalidSwitchIdentifier
	FailureTypeDestinationInvalidNumber
	FailureTypeDestinationInvalidServiceIdentifier
	FailureTypeTrunkLicenseExceeded
	FailureTypeCustomerHungUpWaitingForTransfer
	FailureTypeClearCallFailure
	FailureTypeMakeCallFailure
	FailureTypeConsultationFailure
	FailureTypeCallTransferFailure
	FailureTypeConferenceFailure
	FailureTypePlayDigitsFailure
	FailureTypeRequestFailed
)

// String returns the name that travels.
func (v FailureType) String() string { return nameOf(v) }

// ComponentType is CTIComponentType: which part of the system.
type ComponentType int32

// The values of [ComponentType].
const (
	ComponentTypeInvalid ComponentType = iota
	ComponentTypeGateway
	ComponentTypeCenterCord
)

// String returns the name that travels.
func (v ComponentType) String() string { return nameOf(v) }

// ComponentState is CTIComponentState: whether that part is there.
type ComponentState int32

// The values of [ComponentState].
const (
	ComponentStateInvalid ComponentState = iota
	ComponentStateUp
	ComponentStateDown
)

// String returns the name that travels.
func (v ComponentState) String() string { return nameOf(v) }
