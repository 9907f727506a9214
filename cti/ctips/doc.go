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
package ctips
