package ctips

// UserCredentials are a user's name and password.
type UserCredentials struct {
	UserName string `wire:"UserName"`
	Password string `wire:"Password"`
}

// SessionObject is the answer to OpenConnection.
type SessionObject struct {
	SessionID string `wire:"SessionId"`
	Status    int32  `wire:"Status"`
}

// ServiceInfo is a service and its state.
type ServiceInfo struct {
	ServiceID    int32        `wire:"ServiceId"`
	ServiceState ServiceState `wire:"ServiceState"`
}

// CallInfo is what is known about a caller.
type CallInfo struct {
	ANI         string         `wire:"ANI"`
	DNIS        string         `wire:"DNIS"`
	FirstName   string         `wire:"FirstName"`
	LastName    string         `wire:"LastName"`
	PhoneNumber string         `wire:"PhoneNumber"`
	CallerID    string         `wire:"CallerId"`
	CallData    []CallDataItem `wire:"CallData"`
}

// CallDataItem is one of a call's twenty fields. Its members are the only ones
// with a small initial.
type CallDataItem struct {
	Key   string `wire:"key"`
	Value string `wire:"value"`
}

// SnapShotAgentData is an agent in a snapshot.
type SnapShotAgentData struct {
	AgentID           int32             `wire:"AgentId"`
	AgentLoginName    string            `wire:"AgentLoginName"`
	AgentCapabilities []AgentCapability `wire:"AgentCapabilities"`
	AgentWorkGroupID  int32             `wire:"AgentWorkGroupId"`
	CallID            int32             `wire:"CallId"`
	Trunk
	SwitchID            int32         `wire:"SwitchId"`
	AgentState          AgentState    `wire:"AgentState"`
	Services            []ServiceInfo `wire:"Services"`
	MediaType           MediaType     `wire:"MediaType"`
	SipIPAddress        string        `wire:"SipIpAddress"`
	SipPortNumber       int32         `wire:"SipPortNumber"`
	AgentStationAddress string        `wire:"AgentStationAddress"`
}

// SnapShotCallData is a call in a snapshot.
type SnapShotCallData struct {
	CallRef
	Trunk
	SwitchID      int32           `wire:"SwitchId"`
	ServiceID     int32           `wire:"ServiceId"`
	DestType      DestinationType `wire:"DestType"`
	Destination   string          `wire:"Destination"`
	CallState     CallState       `wire:"CallState"`
	ANI           string          `wire:"ANI"`
	DNIS          string          `wire:"DNIS"`
	CallType      CallType        `wire:"CallType"`
	AgentID       int32           `wire:"AgentId"`
	MediaType     MediaType       `wire:"MediaType"`
	SipIPAddress  string          `wire:"SipIpAddress"`
	SipPortNumber int32           `wire:"SipPortNumber"`
}

// SnapShotServiceData is a service in a snapshot.
type SnapShotServiceData struct {
	ServiceID              int32        `wire:"ServiceId"`
	ServiceState           ServiceState `wire:"ServiceState"`
	ExternalRoutingEnabled bool         `wire:"ExternalRoutingEnabled"`
}

// CallRef names a call. Like [Trunk] it is no base class: its members are
// sorted with the others.
type CallRef struct {
	CallID                int32 `wire:"CallId"`
	CallSequenceID        int64 `wire:"CallSequenceId"`
	CallOriginatingSiteID int32 `wire:"CallOriginatingSiteId"`
}

// Trunk says where a call came in.
type Trunk struct {
	ResourceGroupID int32 `wire:"ResourceGroupId"`
	CircuitID       int32 `wire:"CircuitId"`
	ChannelID       int32 `wire:"ChannelId"`
}

// Failure says why a request came to nothing.
type Failure struct {
	FailureType   FailureType `wire:"FailureType"`
	FailureReason string      `wire:"FailureReason"`
}
