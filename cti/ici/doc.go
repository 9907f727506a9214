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
// digits of the Connection's id. An agent's calls and the agent themselves
// share one queue of messages, so a CRM gets them in the order of the switch.
//
// # Their requests
//
//	getAttributes (user)      the agent; ends that user's old subscriptions
//	setCurrentWorkmode        SetAgentState: 1 logged out, 2 ready, 3 not ready, 1000 not ready "no-phone"
//	subscribe, unsubscribe    Push; channel types 2, 3 and 4 succeed and do nothing
//	accept, reroute           Accept, Reject
//	wrapUpRequired            RequireWrapUp
//	wrapUpEnded               EndWrapUp
//	getAttachedData           our own part and the other applications'
//	setAttachedData           SetData with Replace, without our own part
//	deleteAttachedData        SetData with Replace and nothing
//	getCalls, dropCalls       the line's items, DropLine
//	getAttributes (call)      the item, for five minutes after its end too
//	drop, hold, unhold        Drop, HoldCall, Retrieve
//
// The model alone decides what is possible; its refusal becomes a fault. An
// item that has ended is dropped and wrapped up without complaint.
//
// # Our events
//
//	Delivered      phoneCallChanged 3/1 (call state/processing state)
//	Established    101/2
//	Held           106/2 on hold by this party, 107/2 by the other
//	Retrieved      101/2
//	Cleared        4/3 where wrap-up follows, else 4/1; nothing for an offer that never alerted
//	WrapUpEnded    4/1
//	DataChanged    the same states again: attached data or capabilities changed
//	AgentChanged   userChanged, if work mode or queues changed; being busy is no work mode
//	NodeDown, NodeUp   containerChanged 2 for every line when no server is left, 1 when one is back
//	ConfigChanged  userChanged for what shows, containerChanged 3 for lines that are gone
//	CallStarted, Queued, CallEnded, Incident   nothing
//
// Where the switch cut us off as too slow, a new picture is compared with what
// was told, and the differences are told.
//
// # Files
//
// wire*.go turns bytes into structs and back and knows neither HTTP nor the
// call model; wsdl*.go describes the contract to other programs; server*.go is
// listener and figures; requests*.go and events*.go are the two directions
// above, with events_words.go as the one place where the model's words become
// ICI's; push*.go holds the subscriptions and feeds the delivery queues;
// faults.go maps fault.Kind to ICI's error codes; config.go holds every setting.
//
// # Goroutines
//
// Between Start and Stop a Server owns the listener's goroutine and the one
// that reads the switch's events; requests run on net/http's, delivery on
// those of Push's session.Deliverer.
package ici
