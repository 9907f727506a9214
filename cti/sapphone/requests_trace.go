package sapphone

import (
	"context"
	"strings"
	"time"
)

// traceSet begins a trace of the functions that are called, or ends it.
func (s *Server) traceSet(_ context.Context, q *query) error {
	level, err := q.args.number("level")
	if err != nil {
		return err
	}
	s.trace.set(level, time.Now())
	s.log.Warn("sapphone: a SAP system has set the trace", "level", level, "for", traceFor.String(), "peer", q.conv.Peer.Remote)
	return nil
}

// traceUpload hands the lines of a trace over, of a time or all.
func (s *Server) traceUpload(_ context.Context, q *query) error {
	from, to, err := q.period()
	if err != nil {
		return err
	}
	q.lines(s.trace.between(from, to)...)
	return nil
}

// traceExplain says what a return code means.
func (s *Server) traceExplain(_ context.Context, q *query) error {
	code := strings.TrimLeft(q.args.text("code"), "0")
	for sem, value := range s.meta.file.ReturnCodes {
		if strings.TrimLeft(value, "0") == code {
			q.lines(value + " " + meanings[sem])
			return nil
		}
	}
	return refuse(codeNoCallData, "there is no return code %q", short(q.args.text("code")))
}

func (q *query) lines(all ...string) {
	q.out.table("lines")
	for _, text := range all {
		for _, line := range splitText(text, dataWidth(q.b, "lines", "line")) {
			q.out.row("lines", map[string]string{"line": line})
		}
	}
}

// meanings are the return codes in words.
var meanings = map[string]string{
	codeOK: "done", codeHandle: "there is no such call, or entry of a list", codeState: "not possible now",
	codeCampaign: "the campaign is not configured, or its queue does not exist", codeConnected: "the active call is not there", codeHeld: "the held call is not there",
	codeExtension: "the extension is unknown", codeNotRegistered: "the extension is not registered", codeNotLoggedIn: "the agent is not logged in",
	codeQueue: "the queue is unknown, or not for the agent", codeCredentials: "there is no such agent at the line", codeWorkmode: "the work mode is not allowed",
	codeNumber: "the number is wrong or barred", codeBusy: "the called party is busy", codeNoAnswer: "nobody answers", codeRejected: "the switch refuses",
	codeWaitActive: "somebody waits there already", codeWaitCancelled: "the wait was cancelled", codeWaitTimeout: "no call came in time", codeNoWait: "nobody waits there",
	codeNoCallData: "there are no data", codeCallDataInvalid: "the data are no XML, or too long", codeListErrors: "entries of the list were refused",
	codeReportingOff: "there are no records of that time", codeNotSupported: "not supported", codeNotConnected: "the switch cannot act now", codeInternal: "an internal error",
}
