package ctips

import (
	"context"
	"fmt"
	"strings"
	"time"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Forced is a request that acts on others without asking them, as it is written
// down.
type Forced struct {
	ID        string // as Trail.Begin has named it
	Time      time.Time
	By        string // user
	Operation string
	Subject   string
	Outcome   string // asked, accepted, or the kind of the refusal; with Begin: asked, or denied for what was not let through
	Reason    string // of the refusal
}

// Trail keeps a lasting record of forced requests.
type Trail interface {
	// Begin writes a request down before it is carried out, or that it is not,
	// and names it. Where it fails nothing is done.
	Begin(ctx context.Context, f Forced) (id string, err error)
	// End writes down what came of it.
	End(ctx context.Context, f Forced) error
}

// maxSubject bounds the names of a forced request that are written down.
const maxSubject = 500

// forced carries out a request that needs [RightPanic], and has a record kept.
func (s *Server) forced(ctx context.Context, c *session, call *Call) (int32, error) {
	f := record(c, call, "asked")
	id, err := s.now().Trail.Begin(ctx, f)
	if err != nil {
		s.log.Error("ctips: a forced request was refused because it cannot be written down", "op", f.Operation, "user", f.By, "error", err)
		return 0, &soap.Fault{Code: soap.CodeServer, Text: "not done: it cannot be written down at the moment"}
	}
	result, err := s.desk.serve(ctx, c, call)
	f.ID, f.Outcome = id, "accepted"
	if err != nil {
		f.Outcome, f.Reason = fault.KindOf(err).String(), fault.ReasonOf(err)
	}
	if bad := s.now().Trail.End(context.WithoutCancel(ctx), f); bad != nil { // that it was asked for stands written
		s.log.Error("ctips: the outcome of a forced request cannot be written down", "op", f.Operation, "user", f.By, "outcome", f.Outcome, "error", bad)
	}
	return result, err
}

// forbidden writes down that a forced request was refused for want of the right,
// so many a second at most.
func (s *Server) forbidden(ctx context.Context, c *session, call *Call, why *soap.Fault) {
	if call.Op.Right != RightPanic || s.now().Trail == nil || !s.refusals.Allow(time.Now()) {
		return
	}
	f := record(c, call, fault.Denied.String())
	f.Reason = why.Text
	if _, err := s.now().Trail.Begin(ctx, f); err != nil { // it is refused whatever becomes of the record
		s.log.Error("ctips: the refusal of a forced request cannot be written down", "op", f.Operation, "user", f.By, "error", err)
	}
}

func record(c *session, call *Call, outcome string) Forced {
	return Forced{Time: time.Now().UTC().Truncate(time.Millisecond), By: c.user, Operation: call.Op.Name, Subject: subjectOf(call, c.tenant), Outcome: outcome}
}

// subjectOf says whom a forced request is about.
func subjectOf(call *Call, tenant int32) string {
	args, is := call.Args[0].(*PanicLogoutArgs)
	if !is {
		return call.Op.Name
	}
	if args.LogoutAllAgents {
		return fmt.Sprintf("all agents of tenant %d", tenant)
	}
	text := strings.ToValidUTF8(strings.Join(args.AgentLoginNameList, " "), "")
	if len(text) > maxSubject {
		text = strings.ToValidUTF8(text[:maxSubject], "") + fmt.Sprintf("... (%d agents)", len(args.AgentLoginNameList))
	}
	return text
}
