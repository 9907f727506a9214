package ctips

// SessionHead names the session that asks, in requests without a number of
// their own. It is no base class: its members are sorted with the others.
type SessionHead struct {
	SessionID string `wire:"SessionId"`
	TenantID  int32  `wire:"TenantId"`
}

// RequestHead names the session that asks, and the number under which the
// outcome will be told.
type RequestHead struct {
	SessionID string `wire:"SessionId"`
	RequestID int32  `wire:"RequestId"`
	TenantID  int32  `wire:"TenantId"`
}

// AgentHead is what all requests about an agent begin with.
type AgentHead struct {
	RequestHead
	AgentID int32 `wire:"AgentId"`
}

// CallHead is what all requests about a call begin with.
type CallHead struct {
	AgentHead
	CallID int32 `wire:"CallId"`
}

// HeadOf returns session, tenant and request number that arguments carry, 0
// where they have no such member. All but OpenConnectionArgs have a session;
// tenant tells whether they name a tenant.
func HeadOf(args any) (head RequestHead, tenant, ok bool) {
	a, ok := args.(interface{ head() (RequestHead, bool) })
	if ok {
		head, tenant = a.head()
	}
	return head, tenant, ok
}

func (h *SessionHead) head() (RequestHead, bool) {
	return RequestHead{SessionID: h.SessionID, TenantID: h.TenantID}, true
}
func (h *RequestHead) head() (RequestHead, bool) { return *h, true }

// Requests about sessions.

// OpenConnectionArgs opens a session.
type OpenConnectionArgs struct {
	ClientCallbackURL string           `wire:"ClientCallbackURL"`
	TenantIDs         []int32          `wire:"TenantIds"`
	UserCredentials   *UserCredentials `wire:"UserCredentials"`
}

// CloseConnectionArgs ends a session.
type CloseConnectionArgs struct {
	SessionID string `wire:"SessionId"`
}

func (a *CloseConnectionArgs) head() (RequestHead, bool) {
	return RequestHead{SessionID: a.SessionID}, false
}

// OnLineArgs has events flow.
type OnLineArgs struct{ SessionHead }

// OffLineArgs stops events.
type OffLineArgs struct{ SessionHead }

// AddMessageClassArgs registers for a class of events.
type AddMessageClassArgs struct {
	SessionHead
	MessageClass MessageClass `wire:"MessageClass"`
}

// DeleteMessageClassArgs ends a registration.
type DeleteMessageClassArgs struct {
	SessionHead
	MessageClass MessageClass `wire:"MessageClass"`
}

// AddFilterArgs narrows events to a value of a field.
type AddFilterArgs struct {
	SessionHead
	FieldType  FieldType `wire:"FieldType"`
	FieldValue string    `wire:"FieldValue"`
}

// DeleteFilterArgs takes a filter away.
type DeleteFilterArgs struct {
	SessionHead
	FieldType  FieldType `wire:"FieldType"`
	FieldValue string    `wire:"FieldValue"`
}

// SnapshotArgs asks for the present state.
type SnapshotArgs struct {
	SessionHead
	EntityType []EntityType `wire:"EntityType"`
}

// Requests about agents.

// LoginAgentArgs logs an agent in.
type LoginAgentArgs struct {
	RequestHead
	AgentLoginName string     `wire:"AgentLoginName"`
	StationID      string     `wire:"StationId"`
	InitialState   AgentState `wire:"InitialState"`
	MultiLine      int32      `wire:"MultiLine"` // 1: two calls at once
}

// LogoutAgentArgs logs an agent out.
type LogoutAgentArgs struct {
	AgentHead
	ReasonCode int32 `wire:"ReasonCode"`
}

// PanicLogoutArgs logs agents out at once, without wrap-up.
type PanicLogoutArgs struct {
	RequestHead
	AgentLoginNameList []string `wire:"AgentLoginNameList"`
	LogoutAllAgents    bool     `wire:"LogoutAllAgents"`
}

// SetAgentStateArgs changes an agent's state.
type SetAgentStateArgs struct {
	AgentHead
	NewState AgentState `wire:"NewState"`
}

// GetAgentStateArgs asks for an agent's state.
type GetAgentStateArgs struct{ AgentHead }

// SetDispositionArgs says how a call ended.
type SetDispositionArgs struct {
	CallHead
	DispositionID                int32 `wire:"DispositionId"`
	SummaryDispositionSuccessful bool  `wire:"SummaryDispositionSuccessful"`
	WrapNotRequired              bool  `wire:"WrapNotRequired"`
}

// Requests about calls.

// AcceptCallArgs takes or refuses an offered call.
type AcceptCallArgs struct {
	CallHead
	AcceptCall   bool  `wire:"AcceptCall"`
	RejectReason int32 `wire:"RejectReason"`
}

// ClearCallArgs ends a call, or one leg of three.
type ClearCallArgs struct{ CallHead }

// ConferenceCallArgs joins a call and its consultation.
type ConferenceCallArgs struct {
	CallHead
	ConsultationCallID int32 `wire:"ConsultationCallId"`
}

// ConsultationCallArgs holds a call and dials a third party.
type ConsultationCallArgs struct {
	CallHead
	DestinationAddress string          `wire:"DestinationAddress"`
	ServiceID          int32           `wire:"ServiceId"`
	DestinationType    DestinationType `wire:"DestinationType"`
	UserData           []string        `wire:"UserData"`
}

// GetCallDataArgs asks for the data of a call.
type GetCallDataArgs struct{ CallHead }

// SetCallDataArgs replaces the data of a call.
type SetCallDataArgs struct {
	CallHead
	UserData []string `wire:"UserData"`
}

// HoldCallArgs holds a call.
type HoldCallArgs struct{ CallHead }

// RetrieveCallArgs takes a held call back.
type RetrieveCallArgs struct{ CallHead }

// MakeCallArgs dials.
type MakeCallArgs struct {
	CallHead
	DestinationType    DestinationType `wire:"DestinationType"`
	ServiceID          int32           `wire:"ServiceId"`
	WrapState          bool            `wire:"WrapState"` // dial out of a wrap-up
	DestinationAddress string          `wire:"DestinationAddress"`
}

// SendDTMFDigitsArgs sends tones.
type SendDTMFDigitsArgs struct {
	CallHead
	DTMFDigits string `wire:"DTMFDigits"`
}

// TransferCallArgs passes a call on.
type TransferCallArgs struct {
	CallHead
	DestinationType    DestinationType `wire:"DestinationType"`
	DestinationAddress string          `wire:"DestinationAddress"`
	ConsultationCallID int32           `wire:"ConsultationCallId"`
	TransferType       TransferType    `wire:"TransferType"`
	UserData           []string        `wire:"UserData"`
}

// RouteSelectArgs answers a RouteRequestEvent.
type RouteSelectArgs struct {
	RequestHead
	CallID           int32     `wire:"CallId"`
	RouteActionType  RouteType `wire:"RouteActionType"`
	RouteDestination string    `wire:"RouteDestination"`
	UserData         []string  `wire:"UserData"`
}
