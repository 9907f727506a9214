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
//	IciSystem     exchangeProductInformation, getWorkcenterCapability, getCallRecordings, createCallBack, updateCallBack, getCallBacks,
//	              getPresenceQueueInfo, getUserPresence
//	IciUser       getAttributes (with cmsPing), setCurrentWorkmode (also setWorkmode), setCurrentChannels, setCurrentQueues, setAddresses,
//	              subscribe, unsubscribe
//	IciContainer  subscribe, unsubscribe
//	IciItem       accept, reroute, wrapUpRequired, wrapUpEnded, getAttachedData, setAttachedData, deleteAttachedData, create, forward
//	IciPhoneLine  getCalls, dropCalls
//	IciPhoneCall  getAttributes, drop, hold, unhold, dial, consult, transfer, reconnect, alternate, conference, dropParty, sendDTMF
//	IciFolder     getMessages
//	IciMessage    getAttributes, getContent, setContent, delete, send, setActionFlags, end
//	IciChatLine   getSessions (also getSession)
//	IciChatSession getAttributes, invite, leave, getDialog, postMessage
//	IciActionItem route
//	IciMonitor    getCatalog, getInstances, subscribe, unsubscribe
//	IciEvent      userChanged, phoneCallChanged, containerChanged, monitorDataChanged, subscriptionEnded (sent by us)
//
// One table, contract in wire_contract.go, drives dispatch, decoding,
// encoding and the WSDL. The interfaces from IciFolder to IciActionItem are
// those of channels that the switch does not have yet: channel.go is where one
// plugs in, and until then they answer as disabled. Other operations of the reference are answered with
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
//	getAttributes (user)      the agent; ends that user's old subscriptions, and by DropLine what is on the line
//	setCurrentWorkmode        SetAgentState: 1 logged out, 2 ready, 3 not ready, 1000 not ready "no-phone", others the reasons (see events_user.go)
//	setCurrentChannels, -Queues  nothing: they are the configuration's
//	setAddresses              kept by the board for userChanged; another phone than the agent's is refused
//	getPresenceQueueInfo, getUserPresence  figures of a picture (presence.go)
//	subscribe, unsubscribe    Push; channel types 2, 3 and 4 succeed and do nothing
//	other channels            lists are empty, items unknown (x/2), actions refused (x/3)
//	accept, reroute           Accept, Reject
//	wrapUpRequired            RequireWrapUp
//	wrapUpEnded               EndWrapUp
//	getAttachedData           our own part and the other applications'
//	setAttachedData           SetData with Replace, without our own part
//	deleteAttachedData        SetData with Replace and nothing
//	getCalls, dropCalls       the line's items, DropLine
//	getAttributes (call)      the item, for five minutes after its end too
//	drop, hold, unhold        Drop, HoldCall, Retrieve
//	create                    nothing yet: the item exists here alone, under the handle of the connection to come
//	dial                      MakeCall
//	consult                   Consult
//	transfer, conference      Transfer, Conference
//	reconnect, alternate      Reconnect of the call that is named, Alternate
//	forward                   Deflect of an alerting item, BlindTransfer of a connected one
//	dropParty, sendDTMF       DropParty, SendDigits
//	getCatalog, getInstances  forms and what they have figures of (monitor_forms.go)
//	subscribe (monitor)       Push; the form is sent at once, and after each interval in which it has changed
//	createCallBack            CreateCallback; nil where the number is on the queue's list already
//	updateCallBack            UpdateCallback
//	getCallRecordings         Recordings, where there are any
//	getCallBacks              all callbacks that the switch knows
//
// The model alone decides what is possible; its refusal becomes a fault. An
// item that has ended is dropped and wrapped up without complaint.
//
// # Our events
//
// An event about a call is told to each agent's line in it whose item then
// shows something new; what shows follows from the call as a whole (call
// state/processing state):
//
//	alerting                3/1, unless it knocks at a busy line (reference 7.4)
//	created                 nothing; 4/1 when it is dropped or too old
//	who calls               103/2 while nobody rings, 104/2 from the first ringing on; also who has taken a callback
//	connected               101/2; in a conference 108/2 its owner, 109/2 the others
//	on hold                 106/2 by this party, 107/2 by the other
//	ended                   4/3 where wrap-up follows, else 4/1; 105/2 before it, if configured, where the called line was busy
//
// Nothing is told of an offer that never alerted, of a consultation before its
// call is on hold, and, unless configured otherwise, of calls between agents
// and calls that were made outside ICI; consultations and what once was in a
// queue are always told. A party that moves to another call, by a transfer or
// a conference, keeps its item. Other events:
//
//	AgentChanged        userChanged, if work mode or queues changed; being busy is no work mode
//	NodeDown, NodeUp    containerChanged 2 for every line when no server is left, 1 when one is back
//	ConfigChanged       userChanged for what shows, containerChanged 3 for lines that are gone
//	Mirror...           nothing: ICI has items of lines that it can command, and lists no queues; the other queue system's calls are in the HTTP interface
//	CallbackChanged     nothing; the keys of its extra data are attached to its calls
//
// Subscriptions are in a file before they are answered, and there again after a
// crash, by the rules for new ones (push_keep.go, restore.go); a stop ends them.
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
// monitor*.go sends figures to who watches them;
// faults.go maps fault.Kind to ICI's error codes; config.go holds every setting.
//
// # Goroutines
//
// Between Start and Stop a Server owns the listener's goroutine, the one that
// reads the switch's events and one timer for each item that shows a busy
// line; requests run on net/http's, delivery on those of Push's
// session.Deliverer. Two more look after the
// forms that are watched, and the file of subscriptions.
package ici
