// Package ctips translates CTIPS, the SOAP interface of Aspect's CTI Portal
// Server, to and from the call model, so that applications written for that
// server can control telephones through this switch.
//
// # The contract
//
// contract*.go is the only place that knows names: Go structs whose tag "wire"
// is the name of a member, enumerations, and the operations of the two
// services. A client calls IAgentCallService, we call the client's
// IPublishEvents. Out of that table come the encoder and the decoder (wire*.go)
// and the description and schemas (wsdl*.go).
//
// What travels is what WCF's DataContractSerializer writes and reads over
// basicHttpBinding: SOAP 1.1, document/literal wrapped. Members of the base
// class come first, then those of the class, each group in the order of their
// bytes; in another order WCF loses them without a word. A reference that is
// null is xsi:nil, a number never is. Enumerations travel by name. An event
// names its class in xsi:type.
//
// Where the public reference contradicts itself the choices are in
// docs/adr/0026-ctips-contract.md.
//
// # What it means
//
// The board (board.go) is the switch as clients have been told of it; events*.go
// make CTIPS events of the model's, states.go the states of agents and calls,
// snapshot.go tells what the board knows. requests*.go make commands of
// requests, and the ledger (ledger.go) sees to it that one event tells what
// became of each. faults.go is the table of failures by cause. All of it stands
// behind the sessions of a Server as its desk (office.go). The decisions are in
// docs/adr/0027-ctips-outcomes.md, the flows that a test plays in
// docs/ctips-flows.md.
//
//	the model's event                 CTIPS
//	CallStarted                       CallStarted; CallOffered of a call from outside
//	Queued                            CallDelivered
//	Delivered at an agent             CallConnected
//	Established                       CallEstablished; of a consultation CallConsultation
//	Held, Retrieved                   CallHeld, CallRetrieved of who did it
//	Originated                        CallOriginated; again where others are dialled later
//	Cleared                           CallCleared; CallTransferred before it where the agent passed the call on
//	Conferenced                       CallConferenced, CallEnd of the consultation
//	the last party or wrap-up gone    CallEnd, CallCompleted
//	DataChanged                       CallDataUpdate where user data changed
//	RouteRequest, RouteEnded          RouteRequest, RouteUsed
//	any with an agent                 AgentLoginStateChange, AgentStateChange, AudioPathStateChange where they changed
//	Passcode                          EnterPasscode
//	QueueChanged, ConfigChanged       ServiceStateChange
//	NodeDown, NodeUp                  LinkStatus of a Gateway
package ctips
