package ctips

import (
	"reflect"
	"strings"
)

// Namespaces are those of a contract. A client's own are mirrored, since the
// original's are not public; these are what WCF makes of an interface that
// names none.
type Namespaces struct {
	Service  string // of operations and their parameters
	Data     string // of classes and their members
	Callback string // of the callback's operations
}

// Defaults of [Namespaces].
const (
	DefaultServiceNamespace = "http://tempuri.org/"
	DefaultDataNamespace    = "http://schemas.datacontract.org/2004/07/Aspect.CTIPS"

	arraysNamespace = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
	typesNamespace  = "http://schemas.microsoft.com/2003/10/Serialization/"
)

// Filled returns ns with its empty fields set: Data to its default, Service to
// its default, Callback to Service.
func (ns Namespaces) Filled() Namespaces {
	if ns.Service == "" {
		ns.Service = DefaultServiceNamespace
	}
	if ns.Data == "" {
		ns.Data = DefaultDataNamespace
	}
	if ns.Callback == "" {
		ns.Callback = ns.Service
	}
	return ns
}

// Right is what a user must be allowed for an operation.
type Right string

// The rights.
const (
	RightMonitor Right = "monitor"
	RightAgent   Right = "agent"
	RightCall    Right = "call"
	RightRoute   Right = "route"
	RightPanic   Right = "panic"
)

// Contract is one of the two service contracts.
type Contract struct {
	Name       string // of the interface
	Endpoint   string // last part of its address
	Operations []*Operation
	callback   bool
}

// Operation is one method of a contract.
type Operation struct {
	Name   string
	Params []Param
	Result reflect.Type // nil: none
	Right  Right        // empty: nobody's to grant
	// Opened and Offline tell that a session may ask so before it is online,
	// and while it is offline; online it may ask everything.
	Opened, Offline bool

	in *Contract
}

// Param is one parameter of an Operation.
type Param struct {
	Name string
	Type reflect.Type
}

// The two contracts, operations in the order of the reference's chapters 3 and 4.
var (
	// AgentCallService is what clients call.
	AgentCallService = newContract(&Contract{Name: "IAgentCallService", Endpoint: "AgentCallService", Operations: []*Operation{
		{Name: "OpenConnection", Params: args[OpenConnectionArgs](), Result: reflect.TypeFor[SessionObject]()},
		{Name: "CloseConnection", Params: args[CloseConnectionArgs](), Opened: true, Offline: true},
		{Name: "OnLine", Params: args[OnLineArgs](), Right: RightMonitor, Opened: true, Offline: true},
		{Name: "OffLine", Params: args[OffLineArgs](), Right: RightMonitor},
		{Name: "AddMessageClass", Params: args[AddMessageClassArgs](), Right: RightMonitor, Opened: true},
		{Name: "DeleteMessageClass", Params: args[DeleteMessageClassArgs](), Right: RightMonitor, Opened: true},
		{Name: "AddFilter", Params: args[AddFilterArgs](), Right: RightMonitor, Opened: true},
		{Name: "DeleteFilter", Params: args[DeleteFilterArgs](), Right: RightMonitor, Opened: true},
		{Name: "Snapshot", Params: args[SnapshotArgs](), Right: RightMonitor},
		{Name: "LoginAgent", Params: args[LoginAgentArgs](), Right: RightAgent},
		{Name: "LogoutAgent", Params: args[LogoutAgentArgs](), Right: RightAgent},
		{Name: "PanicLogout", Params: args[PanicLogoutArgs](), Right: RightPanic},
		{Name: "SetAgentState", Params: args[SetAgentStateArgs](), Right: RightAgent},
		{Name: "GetAgentState", Params: args[GetAgentStateArgs](), Right: RightMonitor},
		{Name: "SetDisposition", Params: args[SetDispositionArgs](), Right: RightAgent},
		{Name: "AcceptCall", Params: args[AcceptCallArgs](), Right: RightCall},
		{Name: "ClearCall", Params: args[ClearCallArgs](), Right: RightCall},
		{Name: "ConferenceCall", Params: args[ConferenceCallArgs](), Right: RightCall},
		{Name: "ConsultationCall", Params: args[ConsultationCallArgs](), Right: RightCall},
		{Name: "GetCallData", Params: args[GetCallDataArgs](), Right: RightMonitor},
		{Name: "SetCallData", Params: args[SetCallDataArgs](), Right: RightCall},
		{Name: "HoldCall", Params: args[HoldCallArgs](), Right: RightCall},
		{Name: "RetrieveCall", Params: args[RetrieveCallArgs](), Right: RightCall},
		{Name: "MakeCall", Params: args[MakeCallArgs](), Right: RightCall},
		{Name: "SendDTMFDigits", Params: args[SendDTMFDigitsArgs](), Right: RightCall},
		{Name: "TransferCall", Params: args[TransferCallArgs](), Right: RightCall},
		{Name: "RouteSelect", Params: args[RouteSelectArgs](), Right: RightRoute},
	}})

	// PublishEvents is what clients serve, for us to call.
	PublishEvents = newContract(&Contract{Name: "IPublishEvents", Endpoint: "PublishEvents", callback: true, Operations: []*Operation{
		{Name: "PublishCTIEvent", Params: []Param{{Name: "event", Type: reflect.TypeFor[CTIEvent]()}}, Result: none},
		{Name: "HeartbeatMessage"},
		{Name: "StartSession", Params: []Param{{Name: "userinfo", Type: reflect.TypeFor[UserCredentials]()}, {Name: "sessionId", Type: reflect.TypeFor[string]()}}},
	}})
)

// none is the result of an operation without one.
var none = reflect.TypeFor[struct{}]()

// args is the one parameter that most operations have.
func args[T any]() []Param { return []Param{{Name: "args", Type: reflect.TypeFor[T]()}} }

// newContract completes a contract: operations return an int where they name
// nothing else.
func newContract(c *Contract) *Contract {
	for _, op := range c.Operations {
		op.in = c
		switch op.Result {
		case nil:
			op.Result = reflect.TypeFor[int32]()
		case none:
			op.Result = nil
		}
	}
	return c
}

// Operation finds an operation by its name, or nil.
func (c *Contract) Operation(name string) *Operation {
	for _, op := range c.Operations {
		if op.Name == name {
			return op
		}
	}
	return nil
}

// namespace is that of the contract's operations.
func (c *Contract) namespace(ns Namespaces) string {
	if c.callback {
		return ns.Callback
	}
	return ns.Service
}

// Action is the SOAPAction of an operation, as WCF derives it.
func (op *Operation) Action(ns Namespaces) string {
	return strings.TrimSuffix(op.in.namespace(ns.Filled()), "/") + "/" + op.in.Name + "/" + op.Name
}
