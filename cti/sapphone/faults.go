package sapphone

import (
	"errors"
	"fmt"

	"strowger/switch/fault"
)

// Meanings of return codes in the metadata (sap.md 1.6).
const (
	codeOK              = "ok"
	codeHandle          = "handle_invalid"
	codeState           = "not_possible"
	codeConnected       = "connected_invalid"
	codeHeld            = "held_invalid"
	codeCampaign        = "campaign_unknown"
	codeListErrors      = "list_errors"
	codeExtension       = "ext_unknown"
	codeNotRegistered   = "not_registered"
	codeNotLoggedIn     = "not_logged_in"
	codeQueue           = "queue_unknown"
	codeCredentials     = "credentials"
	codeWorkmode        = "workmode_invalid"
	codeNumber          = "number_invalid"
	codeBusy            = "busy"
	codeNoAnswer        = "no_answer"
	codeRejected        = "rejected"
	codeWaitActive      = "wait_active"
	codeWaitCancelled   = "wait_cancelled"
	codeWaitTimeout     = "wait_timeout"
	codeNoWait          = "no_wait"
	codeNoCallData      = "no_call_data"
	codeCallDataInvalid = "call_data_invalid"
	codeReportingOff    = "reporting_off"
	codeNotSupported    = "not_supported"
	codeNotConnected    = "not_connected"
	codeInternal        = "internal"
)

// refusal is a return code with its reason, which goes to the log: the
// interface carries the code alone.
type refusal struct {
	code string
	text string
	err  error // cause, or nil
	// partial: what was gathered until now is answered all the same.
	partial bool
}

// Error returns code and reason.
func (r *refusal) Error() string { return "sapphone " + r.code + ": " + r.text }

// Unwrap gives the refusal a kind when it has no cause that carries one.
func (r *refusal) Unwrap() error {
	if r.err != nil {
		return r.err
	}
	kind, ok := kinds[r.code]
	if !ok {
		kind = fault.Invalid
	}
	return fault.New(kind, "sapphone", r.code, r.text)
}

var kinds = map[string]fault.Kind{
	codeHandle: fault.NotFound, codeConnected: fault.NotFound, codeHeld: fault.NotFound, codeExtension: fault.NotFound,
	codeQueue: fault.NotFound, codeCampaign: fault.NotFound, codeState: fault.Conflict, codeNotLoggedIn: fault.Conflict, codeCredentials: fault.Denied,
	codeNotSupported: fault.Unsupported, codeNotConnected: fault.Unavailable, codeInternal: fault.Internal, codeRejected: fault.Busy,
}

func refuse(code, format string, args ...any) error {
	return &refusal{code: code, text: fmt.Sprintf(format, args...)}
}

// byKind maps what the core says to a return code.
var byKind = map[fault.Kind]string{
	fault.Internal: codeInternal, fault.Invalid: codeNumber, fault.NotFound: codeHandle, fault.Conflict: codeState,
	fault.Denied: codeNumber, fault.Unsupported: codeState, fault.Busy: codeRejected, fault.Unavailable: codeNotConnected,
	fault.Unknown: codeInternal, fault.Overrun: codeNotConnected, fault.Stale: codeNotConnected, fault.Stopped: codeNotConnected,
}

// byFunction holds the codes that one function has for a kind: where a number
// is dialled, what cannot be found is the number.
var byFunction = map[string]map[fault.Kind]string{
	"SPS_MAKECALL":             {fault.NotFound: codeNumber, fault.Conflict: codeRejected, fault.Unsupported: codeNumber},
	"SPS_CONSULT":              {fault.NotFound: codeNumber},
	"SPS_BTRANSFER":            {fault.NotFound: codeNumber},
	"SPS_DEFLECT":              {fault.NotFound: codeNumber},
	"SPS_DROPPARTY":            {fault.NotFound: codeNumber},
	"SPS_SETWORKMODE":          {fault.Invalid: codeWorkmode, fault.Conflict: codeWorkmode, fault.NotFound: codeExtension},
	"SPS_AGENTLOGIN":           {fault.NotFound: codeCredentials, fault.Denied: codeCredentials, fault.Conflict: codeRejected},
	"SPS_SETCALLINFO":          {fault.Invalid: codeCallDataInvalid, fault.Denied: codeCallDataInvalid},
	"SPS_APPENDCALLINFO":       {fault.Invalid: codeCallDataInvalid, fault.Denied: codeCallDataInvalid},
	"SPS_CREATEINFO":           {fault.Invalid: codeCallDataInvalid, fault.Denied: codeCallDataInvalid},
	"SPS_SETINFO":              {fault.Invalid: codeCallDataInvalid, fault.Denied: codeCallDataInvalid},
	"SPS_PDLISTTRANSFER":       {fault.NotFound: codeNumber, fault.Unsupported: codeNumber, fault.Conflict: codeRejected},
	"SPS_MODIFY_PDCALL":        {fault.NotFound: codeNumber, fault.Unsupported: codeNumber},
	"SMON_TRACE_SET":           {fault.Invalid: codeInternal},
	"SPS_STATCAMPAIGN":         {fault.Invalid: codeReportingOff},
	"SPS_WAITFORCALL":          {fault.Invalid: codeInternal},
	"SPS_STAT_DATA_GET":        {fault.Unavailable: codeReportingOff, fault.Busy: codeReportingOff, fault.Invalid: codeReportingOff},
	"SPS_GENERIC":              {fault.Invalid: codeNumber},
	"SPS_GETCALLSTATE":         {fault.NotFound: codeHandle},
	"SPS_AGENTLOGOUT":          {fault.NotFound: codeExtension},
	"SPS_DROPALL":              {fault.NotFound: codeExtension},
	"SPS_TRANSFER":             {fault.NotFound: codeConnected},
	"SPS_CONFERENCE":           {fault.NotFound: codeConnected},
	"SPS_RECONNECT":            {fault.NotFound: codeConnected},
	"SPS_ALTERNATE":            {fault.NotFound: codeConnected},
	"SMON_COMP_STATE_RETRIEVE": {fault.NotFound: codeInternal},
}

// codeOf is the return code for an error of a function; nil is ok.
func codeOf(function string, err error) string {
	if err == nil {
		return codeOK
	}
	var own *refusal
	if errors.As(err, &own) {
		return own.code
	}
	kind := fault.KindOf(err)
	if code, ok := byFunction[function][kind]; ok {
		return code
	}
	if code, ok := byKind[kind]; ok {
		return code
	}
	return codeInternal
}

// raise makes an exception.
func raise(name, format string, args ...any) *Exception {
	return &Exception{Name: name, Text: fmt.Sprintf(format, args...)}
}
