package ctips

// CallClearedEvent is sent when a party has left.
type CallClearedEvent struct {
	CTIEvent
	CallRef
	ConsultationCallID int32         `wire:"ConsultationCallId"`
	ClearingPartyType  ClearingParty `wire:"ClearingPartyType"`
}

// CallCompletedEvent is sent when all of a call is over, wrap-up included.
type CallCompletedEvent struct {
	CTIEvent
	CallRef
	Trunk
}

// CallConferencedEvent is sent when a conference stands.
type CallConferencedEvent struct {
	CTIEvent
	CallRef
	ConsultingCallID    int32 `wire:"ConsultingCallId"`
	ConsultedCallID     int32 `wire:"ConsultedCallId"`
	ConsultationAgentID int32 `wire:"ConsultationAgentId"`
	ConferenceCallID    int32 `wire:"ConferenceCallId"`
}

// CallConnectedEvent is sent when a call is presented to an agent.
type CallConnectedEvent struct {
	CTIEvent
	CallRef
	Trunk
	CallInfo             []CallInfo `wire:"CallInfo"`
	ResponseRequired     bool       `wire:"ResponseRequired"`
	RejectReasonRequired bool       `wire:"RejectReasonRequired"`
	PlayAudioAlert       bool       `wire:"PlayAudioAlert"`
	CallType             CallType   `wire:"CallType"`
	OriginatingAgentID   int32      `wire:"OriginatingAgentId"`
}

// CallConsultationEvent is sent when a consultation was answered.
type CallConsultationEvent struct {
	CTIEvent
	CallRef
	ConsultationCallID  int32 `wire:"ConsultationCallId"`
	ConsultationAgentID int32 `wire:"ConsultationAgentId"`
}

// CallDataUpdateEvent tells a call's data. Its FailureReason is named in the
// text of chapter 4 and not in the table.
type CallDataUpdateEvent struct {
	CTIEvent
	CallRef
	CallData      []CallDataItem `wire:"CallData"`
	UpdateType    CallDataUpdate `wire:"UpdateType"`
	FailureReason string         `wire:"FailureReason"`
}

// CallDeliveredEvent is sent when a call is queued to a service.
type CallDeliveredEvent struct {
	CTIEvent
	CallRef
	CallType CallType `wire:"CallType"`
	ANI      string   `wire:"ANI"`
	DNIS     string   `wire:"DNIS"`
}

// CallEndEvent is sent when all connections of a call are cleared.
type CallEndEvent struct {
	CTIEvent
	CallRef
	AgentDisposition int32          `wire:"AgentDisposition"`
	CallData         []CallDataItem `wire:"CallData"`
}

// CallEstablishedEvent is sent when a call was answered.
type CallEstablishedEvent struct {
	CTIEvent
	CallRef
	Trunk
	MediaType     MediaType `wire:"MediaType"`
	SipIPAddress  string    `wire:"SipIpAddress"`
	SipPortNumber int32     `wire:"SipPortNumber"`
	ANI           string    `wire:"ANI"`
	DNIS          string    `wire:"DNIS"`
}

// CallHeldEvent is sent when a call is on hold.
type CallHeldEvent struct {
	CTIEvent
	CallRef
}

// CallOfferedEvent is sent when a call has arrived.
type CallOfferedEvent struct {
	CTIEvent
	CallRef
	Trunk
	ANI  string `wire:"ANI"`
	DNIS string `wire:"DNIS"`
}

// CallOriginatedEvent is sent when a call is dialled.
type CallOriginatedEvent struct {
	CTIEvent
	CallRef
	Trunk
	DestType           DestinationType    `wire:"DestType"`
	Destination        string             `wire:"Destination"`
	CallProgressSignal CallProgressSignal `wire:"CallProgressSignal"`
}

// CallRequestFailedEvent is sent when a request about a call failed.
type CallRequestFailedEvent struct {
	CTIEvent
	CallRef
	Failure
}

// CallRetrievedEvent is sent when a call is off hold.
type CallRetrievedEvent struct {
	CTIEvent
	CallRef
}

// CallStartedEvent is the first of a call.
type CallStartedEvent struct {
	CTIEvent
	CallRef
	Trunk
}

// CallTransferredEvent is sent when a call was passed on.
type CallTransferredEvent struct {
	CTIEvent
	CallRef
	ConsultingCallID        int32 `wire:"ConsultingCallId"`
	ConsultedCallID         int32 `wire:"ConsultedCallId"`
	ConsultationAgentID     int32 `wire:"ConsultationAgentId"`
	TransferredCallID       int32 `wire:"TransferredCallId"`
	TransferredCallSwitchID int32 `wire:"TransferredCallSwitchId"`
}

// DigitsDialedEvent is sent when tones were sent.
type DigitsDialedEvent struct {
	CTIEvent
	CallRef
	DigitString string `wire:"DigitString"`
}

// RouteRequestEvent asks where a call shall go.
type RouteRequestEvent struct {
	CTIEvent
	CallRef
	Trunk
	RouteTimeout  int32      `wire:"RouteTimeout"` // seconds
	MediaType     MediaType  `wire:"MediaType"`
	SipIPAddress  string     `wire:"SipIpAddress"`
	SipPortNumber int32      `wire:"SipPortNumber"`
	CallInfo      []CallInfo `wire:"CallInfo"`
}

// RouteUsedEvent tells where a call went.
type RouteUsedEvent struct {
	CTIEvent
	CallRef
	RouteStatus      RouteStatus `wire:"RouteStatus"`
	RouteType        RouteType   `wire:"RouteType"`
	RouteDestination string      `wire:"RouteDestination"`
}

// RouteRejectEvent refuses a RouteSelect.
type RouteRejectEvent struct {
	CTIEvent
	CallRef
	RouteRejectReason RejectReason `wire:"RouteRejectReason"`
}

// RouteRequestFailedEvent is sent when a selected route led nowhere.
type RouteRequestFailedEvent struct {
	CTIEvent
	CallRef
	Failure
}
