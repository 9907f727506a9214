package ctips

// Event is what PublishCTIEvent carries: a pointer to one of the classes below.
type Event interface{ base() *CTIEvent }

// CTIEvent is the base class of all events: its members travel before those
// of the class itself.
type CTIEvent struct {
	EventCategory EventCategory `wire:"EventCategory"`
	EventType     EventType     `wire:"EventType"`
	RequestID     int32         `wire:"RequestId"` // 0: nobody asked
	TenantID      int32         `wire:"TenantId"`
	SiteID        int32         `wire:"SiteId"`
	SwitchID      int32         `wire:"SwitchId"`
	ServiceID     int32         `wire:"ServiceId"`
	AgentID       int32         `wire:"AgentId"`
}

func (e *CTIEvent) base() *CTIEvent { return e }

// Head returns the base class of an event.
func Head(ev Event) *CTIEvent { return ev.base() }

// AgentLoginStateChangeEvent is sent when an agent has logged in or out.
type AgentLoginStateChangeEvent struct {
	CTIEvent
	Trunk
	AgentLoginName      string            `wire:"AgentLoginName"`
	LoginState          AgentLoginState   `wire:"LoginState"`
	AgentWorkGroupID    int32             `wire:"AgentWorkGroupId"` // -1 after a logout
	AgentCapabilities   []AgentCapability `wire:"AgentCapabilities"`
	AgentStationAddress string            `wire:"AgentStationAddress"`
	AgentMailbox        string            `wire:"AgentMailbox"`
	ServiceState        []ServiceInfo     `wire:"ServiceState"`
	SipIPAddress        string            `wire:"SipIpAddress"`
	SipPortNumber       int32             `wire:"SipPortNumber"`
	AgentCTIID          int32             `wire:"AgentCTIId"`
}

// AgentLoginRequestFailedEvent is sent when an agent could not log in or out.
type AgentLoginRequestFailedEvent struct {
	CTIEvent
	AgentLoginName string `wire:"AgentLoginName"`
	Failure
}

// AgentStateChangeEvent tells an agent's readiness.
type AgentStateChangeEvent struct {
	CTIEvent
	AgentState AgentState `wire:"AgentState"`
	ServiceIDs []int32    `wire:"ServiceIds"`
	SipAddress string     `wire:"SipAddress"`
	SipPort    int32      `wire:"SipPort"`
}

// AudioPathStateChangeEvent tells whether an agent's standing leg is up.
type AudioPathStateChangeEvent struct {
	CTIEvent
	Trunk
	AudioPathState AudioPathState `wire:"AudioPathState"`
	ServiceIDs     []int32        `wire:"ServiceIds"`
	SipIPAddress   string         `wire:"SipIpAddress"`
	SipIPPort      int32          `wire:"SipIpPort"`
}

// EnterPasscodeEvent asks an agent to type digits at the telephone.
type EnterPasscodeEvent struct {
	CTIEvent
	ResourceGroupID int32   `wire:"ResourceGroupId"`
	PasscodeDigits  string  `wire:"PasscodeDigits"`
	ReEnterFlag     bool    `wire:"ReEnterFlag"`
	ServiceIDs      []int32 `wire:"ServiceIds"`
}

// ServiceStateChangeEvent tells a service's state.
type ServiceStateChangeEvent struct {
	CTIEvent
	ServiceState  ServiceState `wire:"ServiceState"`
	RequestIDList []int32      `wire:"RequestIdList"` // agents of the service, in spite of its name
}

// AgentRequestFailedEvent is sent when a request about an agent failed.
type AgentRequestFailedEvent struct {
	CTIEvent
	CallID int32 `wire:"CallId"`
	Failure
}

// SnapShotUpdateEvent is one object of a snapshot.
type SnapShotUpdateEvent struct {
	CTIEvent
	SnapShotType     EntityType           `wire:"SnapShotType"`
	AgentData        *SnapShotAgentData   `wire:"AgentData"`
	CallData         *SnapShotCallData    `wire:"CallData"`
	ServiceData      *SnapShotServiceData `wire:"ServiceData"`
	SnapShotComplete bool                 `wire:"SnapShotComplete"`
}

// SnapShotRequestFailedEvent is sent when a snapshot cannot be had. The
// reference names it without a table; it has what the other failures have.
type SnapShotRequestFailedEvent struct {
	CTIEvent
	Failure
}

// LinkStatusEvent tells that a part of the system went or came back.
type LinkStatusEvent struct {
	CTIEvent
	ComponentType  ComponentType  `wire:"ComponentType"`
	ComponentState ComponentState `wire:"ComponentState"`
}
