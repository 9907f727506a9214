package ctips

import (
	"context"
	"errors"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// ask is a request, as far as its outcome needs it.
type ask struct {
	who     requester
	op      string
	request int32
	agent   callmodel.AgentID
	agentNo int32            // as the client has given it
	callNo  int32            // likewise
	conn    callmodel.ConnID // the agent's part in that call
	name    string           // login name, of requests that have one
}

// refusal is why a request comes to nothing, in the client's terms: it is told
// by an event. A request that cannot be understood is a *soap.Fault instead.
type refusal struct {
	kind   FailureType
	reject RejectReason // of RouteSelect: a reason of its own; else INVALID
	reason string
}

func (r *refusal) Error() string { return "ctips: " + r.kind.String() + ": " + r.reason }

func refuse(kind FailureType, reason string) *refusal { return &refusal{kind: kind, reason: reason} }

// reject is a refusal of a route.
func reject(why RejectReason, reason string) *refusal { return &refusal{reject: why, reason: reason} }

// Operations by name, where they differ in how they fail.
const (
	opLogin       = "LoginAgent"
	opLogout      = "LogoutAgent"
	opPanic       = "PanicLogout"
	opState       = "SetAgentState"
	opGetState    = "GetAgentState"
	opDisposition = "SetDisposition"
	opAccept      = "AcceptCall"
	opClear       = "ClearCall"
	opConference  = "ConferenceCall"
	opConsult     = "ConsultationCall"
	opGetData     = "GetCallData"
	opSetData     = "SetCallData"
	opHold        = "HoldCall"
	opRetrieve    = "RetrieveCall"
	opMake        = "MakeCall"
	opDigits      = "SendDTMFDigits"
	opTransfer    = "TransferCall"
	opRoute       = "RouteSelect"
	opSnapshot    = "Snapshot"
)

// failures is what an operation's outcome is where it was tried and not done.
var failures = map[string]FailureType{
	opLogin: FailureTypeGatewayLoginFailure, opClear: FailureTypeClearCallFailure, opConference: FailureTypeConferenceFailure,
	opConsult: FailureTypeConsultationFailure, opSetData: FailureTypeSetCallDataFailed, opGetData: FailureTypeGetCallDataNotReturned,
	opMake: FailureTypeMakeCallFailure, opDigits: FailureTypePlayDigitsFailure, opTransfer: FailureTypeCallTransferFailure,
}

// failureType is the operation's own failure.
func failureType(op string) FailureType {
	if t, ok := failures[op]; ok {
		return t
	}
	return FailureTypeRequestFailed
}

// byKind is what the switch's refusals are to a client.
var byKind = map[fault.Kind]FailureType{
	fault.Internal:    FailureTypeInternalError,
	fault.Invalid:     FailureTypeInvalidStateForRequest,
	fault.NotFound:    FailureTypeInvalidCallID,
	fault.Conflict:    FailureTypeInvalidStateForRequest,
	fault.Denied:      FailureTypeRequestFailed,
	fault.Unsupported: FailureTypeInvalidStateForRequest,
	fault.Busy:        FailureTypeInternalError,
	fault.Unavailable: FailureTypeInternalServerError,
	fault.Unknown:     FailureTypeUnknownFailure,
	fault.Overrun:     FailureTypeInternalServerError,
	fault.Stale:       FailureTypeRequestFailed,
	fault.Stopped:     FailureTypeInternalServerError,
}

// dialling is what they are where a number was to be dialled.
var dialling = map[fault.Kind]FailureType{
	fault.Invalid:  FailureTypeDestinationInvalidNumber,
	fault.NotFound: FailureTypeDestinationNoRoute,
	fault.Denied:   FailureTypeDestinationNoRoute,
	// What these operations ask of a connection has been looked at before: it is
	// the destination that is at another telephony server.
	fault.Unsupported: FailureTypeDestinationInvalidSwitchIdentifier,
}

// opNumbering is where the switch's refusals come from that are about trunks.
const opNumbering = "numbering"

// byOp is where an operation differs.
var byOp = map[string]map[fault.Kind]FailureType{
	opLogin: {
		fault.NotFound: FailureTypeStationNotAvailable, fault.Invalid: FailureTypeStationNotAvailable,
		fault.Conflict: FailureTypeStationNotAvailable, fault.Unavailable: FailureTypeGatewayLoginFailure,
	},
	opLogout:      {fault.NotFound: FailureTypeInvalidAgent},
	opPanic:       {fault.NotFound: FailureTypeInvalidAgentName},
	opState:       {fault.NotFound: FailureTypeInvalidAgent},
	opDisposition: {fault.NotFound: FailureTypeRequestFailed},
	opSetData:     {fault.Invalid: FailureTypeSetCallDataFailed},
	opDigits:      {fault.Invalid: FailureTypePlayDigitsFailure},
	opMake:        dialling,
	opConsult:     dialling,
	opTransfer:    dialling,
	opRoute:       dialling,
}

// failureOf is what a client is told of a refusal by the switch.
func failureOf(op string, err error) *refusal {
	var own *refusal
	if errors.As(err, &own) {
		return own
	}
	kind := fault.KindOf(err)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		kind = fault.Unknown // it may have been done
	}
	reason := cut(fault.ReasonOf(err), maxReason)
	var f *fault.Error
	if kind == fault.Busy && errors.As(err, &f) && f.Op == opNumbering {
		return refuse(FailureTypeTrunkLicenseExceeded, reason)
	}
	if op == opRoute && (kind == fault.Invalid || kind == fault.NotFound) {
		return reject(RejectReasonNoRouteToDestination, reason)
	}
	if t, ok := byOp[op][kind]; ok {
		return refuse(t, reason)
	}
	if t, ok := byKind[kind]; ok {
		return refuse(t, reason)
	}
	return refuse(FailureTypeUnknownFailure, reason)
}

// failure is what the client of a request is told of a refusal by the switch:
// that the call is over where that was not known when it was looked at.
func (a *ask) failure(err error) *refusal {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.NotFound && !a.conn.IsZero() && f.Subject == a.conn.Hex() {
		return noCallOf(a)
	}
	return failureOf(a.op, err)
}

// byCause is why a party was not reached.
func byCause(cause callmodel.Cause, otherwise FailureType) *refusal {
	switch cause {
	case callmodel.CauseBusy:
		return refuse(FailureTypeDestinationBusy, "the destination is busy")
	case callmodel.CauseNoAnswer, callmodel.Cause(18):
		return refuse(FailureTypeDestinationNoAnswer, "the destination does not answer")
	case callmodel.CauseUnallocated, callmodel.Cause(28):
		return refuse(FailureTypeNoRouteToDestination, "there is no such number")
	case callmodel.CauseAbsent:
		return refuse(FailureTypeDestinationAgentNotAvailable, "nobody is logged in there")
	case callmodel.CauseBarred:
		return refuse(FailureTypeDestinationNoRoute, "the number is barred")
	default:
	}
	return refuse(otherwise, "nobody was reached")
}

// failed tells who asked that a request has come to nothing.
func (b *board) failed(a *ask, why *refusal) {
	h := b.head()
	h.TenantID, h.SwitchID, h.AgentID = a.who.tenantID(), 1, a.agentNo
	if h.AgentID == 0 {
		h.AgentID = b.dir.agentID(a.agent)
	}
	ref := CallRef{CallID: a.callNo, CallOriginatingSiteID: b.rules.Site}
	if i := b.byNo[a.callNo]; i != nil && i.tenant == a.who.tenantID() {
		ref = i.ref(b.rules.Site)
		h.ServiceID, h.SwitchID = b.dir.serviceID(i.queue), b.dir.switchID(i.live.Node)
	}
	b.answer(failureEvent(a, h, ref, why), a.who, a.request)
}

// failureEvent is the event by which an operation fails.
func failureEvent(a *ask, h CTIEvent, ref CallRef, why *refusal) Event {
	what := Failure{FailureType: why.kind, FailureReason: cut(why.reason, maxReason)}
	switch a.op {
	case opLogin, opLogout, opPanic:
		name := a.name
		if name == "" {
			name = string(a.agent)
		}
		return &AgentLoginRequestFailedEvent{CTIEvent: h, AgentLoginName: name, Failure: what}
	case opState, opGetState, opDisposition:
		return &AgentRequestFailedEvent{CTIEvent: h, CallID: a.callNo, Failure: what}
	case opRoute:
		if why.reject != RejectReasonInvalid {
			return &RouteRejectEvent{CTIEvent: h, CallRef: ref, RouteRejectReason: why.reject}
		}
		return &RouteRequestFailedEvent{CTIEvent: h, CallRef: ref, Failure: what}
	case opSnapshot:
		return &SnapShotRequestFailedEvent{CTIEvent: h, Failure: what}
	}
	return &CallRequestFailedEvent{CTIEvent: h, CallRef: ref, Failure: what}
}
