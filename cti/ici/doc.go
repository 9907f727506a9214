// Package ici translates SAP's Integrated Communication Interface (ICI, SOAP
// 1.1 over HTTP) to and from the call model, so that SAP CRM's Interaction
// Center can control telephones through this switch.
//
// The CRM calls us at one base URL (its destination stores no more) or at one
// URL per interface; which interface a request is for is told by path,
// namespace, SOAPAction or operation name. We call the CRM back at the appUrl
// that it subscribed with.
//
//	CRM --POST /OII/OII.asmx--> soap.Guard, soap.Handler --> DecodeRequest --> requests --> Command
//	CRM <--POST appUrl-- soap.Client <-- session.Deliverer <-- Push <-- events <-- Event
//
// # What is offered
//
//	IciSystem     exchangeProductInformation, getWorkcenterCapability
//	IciUser       getAttributes (with cmsPing), setCurrentWorkmode (also setWorkmode), subscribe, unsubscribe
//	IciContainer  subscribe, unsubscribe
//	IciItem       accept, reroute, wrapUpRequired, wrapUpEnded, getAttachedData, setAttachedData, deleteAttachedData
//	IciPhoneLine  getCalls, dropCalls
//	IciPhoneCall  getAttributes, drop, hold, unhold
//	IciEvent      userChanged, phoneCallChanged, containerChanged, subscriptionEnded (sent by us)
//
// One table, contract in wire_contract.go, drives dispatch, decoding,
// encoding and the WSDL. Other operations of the reference are answered with
// fault x/92 that names them.
//
// # Words
//
// A user is an agent, known by login name without regard to case. A container
// of channel type 1 is a phone line, known by its number. An item is one
// party's part in a call: its itemId and callHandle are the 32 hexadecimal
// digits of the Connection's id.
//
// # Files
//
// wire*.go turns bytes into structs and back and knows neither HTTP nor the
// call model; wsdl*.go describes the contract to other programs; push*.go
// holds the subscriptions and feeds the delivery queues; faults.go maps
// fault.Kind to ICI's error codes; config.go holds every setting.
//
// # Goroutines
//
// Push owns those of its session.Deliverer, between Start and Stop; requests
// run on net/http's. Nothing else is started here.
package ici
