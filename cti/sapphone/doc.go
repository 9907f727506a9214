// Package sapphone translates SAPphone, SAP's interface of RFC function
// modules (SPS_...), to and from the call model, so that a SAP CRM or ERP
// system without ICI can control telephones through this switch.
//
//	SAP --SOAP-RFC, type T--> Call --> Dispatcher --> requests --> Command
//	SAP <--SOAP-RFC-- soap.Client <-- session.Deliverer <-- push <-- board <-- Event
//
// # Words
//
// An agent is known by the number of their line, EXT. A call is one party's
// part in it: its HANDLE are the 32 hexadecimal digits of the Connection's id,
// the same as ICI's callHandle. Calls, states and settings are those of ICI
// (reference, chapter 2), from which package ici lends a Lens.
//
// # Metadata
//
// No public document has the exact names, types and return codes. So the
// program knows parameters by what they mean; what they are called is in
// sapphone-metadata.json, which a file replaces in part or whole, and which
// ImportMetadata makes out of a SAP system's own descriptions.
//
// # SAP calls us
//
//	XCHGVERSION, XCHGPARAMS           who we are; what SAP calls us, which is kept
//	SPS_REGISTER, SPS_DEREGISTER      whose calls are announced
//	SPS_AGENTLOGIN, SPS_AGENTLOGOUT   Login, SetAgentState; with a queue SetAgentQueues
//	SPS_SETWORKMODE, SPS_GETWORKMODE  SetAgentState, and EndWrapUp, for which there is no function
//	SPS_GETCALLSTATE                  the line's calls; an ended one once
//	SPS_GETQUEUES                     queues by their numbers
//	SPS_WAITFORCALL, SPS_CANCELWAIT   parks until a call alerts
//	SPS_ANSWER, SPS_DEFLECT           Accept, Deflect; without a number Reject
//	SPS_MAKECALL, SPS_CONSULT         MakeCall, Consult
//	SPS_BTRANSFER, SPS_TRANSFER       BlindTransfer, Transfer
//	SPS_CONFERENCE, SPS_DROPPARTY     Conference, DropParty
//	SPS_RECONNECT, SPS_ALTERNATE      Reconnect, Alternate
//	SPS_HOLD, SPS_UNHOLD              HoldCall, Retrieve
//	SPS_DROPCALL, SPS_DROPALL         Drop, which ends a wrap-up too; DropLine
//	SPS_..CALLINFO, SPS_..INFO        attached data
//	SPS_GENERIC                       SENDDTMF, MUTE, UNMUTE, PARK, REQUIREWRAPUP
//	SPS_STAT_DATA_GET                 ended calls
//	SPS_PDLISTTRANSFER, .._PDCALL     campaigns: CreateCallback, UpdateCallback
//	SPS_..CAMPAIGNS_GET, SPS_STATCAMPAIGN  campaigns and their results, out of callbacks
//	SMON_TRACE_SET, _UPLOAD, _EXPLAIN the calls of functions, kept for a while
//	SMON_COMP_STATE_RETRIEVE          the switch and its servers
//
// What the switch refuses is a return code; an ABAP exception means that the
// call itself could not be made.
//
// # We call SAP
//
//	a call alerts, nobody waits for it, and the extension is registered   SPS_NEW_CALL
//	a call that was announced has ended                                   SPS_CALL_ENDED
//	start, XCHGPARAMS with another name, a system that is back            SPS_GET_LINES_PER_SERVER
//
// # Files
//
// call.go is what a transport speaks to; wire.go and wsdl.go are SOAP-RFC and
// know neither HTTP nor the call model; server*.go is listener and figures;
// dispatch.go and requests*.go serve calls; events*.go keep the board of calls
// and waits; push*.go is the client side; metadata*.go and import*.go are the
// metadata; connect.go reads SAP's connection strings; faults.go maps
// fault.Kind to return codes; config.go holds every setting, settings.go changes
// them and pause.go stops the interface while it runs; trace.go keeps traces. The classic RFC
// wire is package typet, joined by package gateway.
//
// # Goroutines
//
// Between Start and Stop a Server owns the listener's goroutine, the one that
// reads the switch's events, and one for each SAP system that is called;
// requests run on net/http's, or the transport's, delivery on those of
// session.Deliverer.
package sapphone
