package rest

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// AuditEntry is one forced action: who did what to whom, and what came of it.
type AuditEntry struct {
	ID        string    `json:"id" doc:"ids of later actions are greater"`
	Time      time.Time `json:"time"`
	By        string    `json:"by" doc:"who"`
	Role      string    `json:"role" doc:"with which role"`
	Operation string    `json:"operation" doc:"operation id"`
	Subject   string    `json:"subject" doc:"what it was done to: an agent, a call, a connection or a queue"`
	Agent     string    `json:"agent,omitempty" doc:"whose line it was"`
	Detail    string    `json:"detail,omitempty" doc:"what was asked for"`
	Outcome   string    `json:"outcome" doc:"accepted, the kind of the refusal, asked while it is being done, or unknown where the controller ended before it was known"`
	Reason    string    `json:"reason,omitempty" doc:"of the refusal"`
}

// AuditList is the answer to GET /api/v1/audit.
type AuditList struct {
	Entries []AuditEntry `json:"entries" nullable:"false" doc:"newest first"`
	Next    string       `json:"next,omitempty" doc:"give this as before to get the entries after these; missing on the last page"`
}

// AuditFilter selects entries; empty fields do not filter.
type AuditFilter struct {
	Limit     int
	Before    string // id: only older ones
	From, To  time.Time
	By        string
	Agent     string
	Operation string
}

// Trail keeps forced actions.
type Trail interface {
	// Begin writes down an action before it is done, or, with an outcome, one
	// that is over. What it returns names it. Where it fails nothing may be done.
	Begin(ctx context.Context, e AuditEntry) (id string, err error)
	// End writes down what came of it.
	End(ctx context.Context, e AuditEntry) error
	// List returns entries, the newest first.
	List(ctx context.Context, f AuditFilter) ([]AuditEntry, error)
}

// outcomeAccepted is the outcome of an action that was not refused, and
// outcomeAsked of one that is being done.
const (
	outcomeAccepted = "accepted"
	outcomeAsked    = "asked"
)

// order is what a request wants from the switch.
type order struct {
	id      string            // operation id
	subject string            // what it is about
	agent   callmodel.AgentID // whose line it touches, empty: nobody's
	detail  string            // for the audit: never a secret, never attached data
}

// audited reports whether an order is one that must leave a trace: a forced
// one, or one on somebody else's line by a person who may do that to anybody.
func audited(who caller, o order) bool {
	leads := who.role == RoleAdmin || who.role == RoleSupervisor
	return permissions[o.id].forced || leads && o.agent != "" && o.agent != who.agent
}

func (s *Server) entry(ctx context.Context, o order) AuditEntry {
	who := callerOf(ctx)
	return AuditEntry{
		Time: s.opts.Clock.Now().UTC().Truncate(time.Millisecond), By: strings.TrimSuffix(who.by, " ("+who.role.String()+")"), Role: who.role.String(),
		Operation: o.id, Subject: o.subject, Agent: string(o.agent), Detail: o.detail, Outcome: outcomeAsked,
	}
}

// intend writes an order down before it is given. Where that is not possible
// the order must not be given: nothing is forced without a record.
func (s *Server) intend(ctx context.Context, o order) (AuditEntry, error) {
	e := s.entry(ctx, o)
	if !audited(callerOf(ctx), o) {
		return e, nil
	}
	id, err := s.trail.Begin(ctx, e)
	if err != nil {
		s.stats.auditFailed.Add(1)
		s.opts.Logger.Error("rest: a forced action was refused because it cannot be written down", "operation", o.id, "by", e.By, "error", err)
		return e, fault.Wrap(fault.KindOf(err), o.id, o.subject, err)
	}
	s.stats.audited.Add(1)
	e.ID = id
	return e, nil
}

// outcome writes down what came of an intended order.
func (s *Server) outcome(ctx context.Context, e AuditEntry, o order, err error) {
	e.Outcome, e.Reason = outcomeAccepted, ""
	if err != nil {
		e.Outcome, e.Reason = fault.KindOf(err).String(), fault.ReasonOf(err)
	}
	s.logOrder(ctx, e, o)
	if e.ID == "" {
		return
	}
	if bad := s.trail.End(ctx, e); bad != nil { // that it was asked for stands written
		s.stats.auditFailed.Add(1)
		s.opts.Logger.Error("rest: the outcome of a forced action cannot be written down", "operation", o.id, "by", e.By, "outcome", e.Outcome, "error", bad)
	}
}

func (s *Server) logOrder(ctx context.Context, e AuditEntry, o order) {
	s.opts.Logger.LogAttrs(ctx, slog.LevelInfo, "rest: command", slog.String("command", o.id), slog.String("subject", o.subject),
		slog.String("agent", e.Agent), slog.String("by", e.By), slog.String("role", e.Role), slog.String("verdict", e.Outcome),
		slog.Bool("audit", audited(callerOf(ctx), o)))
}

// audit writes an order down that is over, whatever came of it.
func (s *Server) audit(ctx context.Context, o order, err error) {
	e := s.entry(ctx, o)
	e.Outcome = outcomeAccepted
	if err != nil {
		e.Outcome, e.Reason = fault.KindOf(err).String(), fault.ReasonOf(err)
	}
	s.logOrder(ctx, e, o)
	if !audited(callerOf(ctx), o) {
		return
	}
	if _, bad := s.trail.Begin(ctx, e); bad != nil {
		s.stats.auditFailed.Add(1)
		s.opts.Logger.Error("rest: a forced action cannot be written down", "operation", o.id, "by", e.By, "outcome", e.Outcome, "error", bad)
		return
	}
	s.stats.audited.Add(1)
}

// auditRefused writes down a forced operation that the table of roles refuses.
// Who has no role is nobody: it would let strangers fill the disk.
func (s *Server) auditRefused(ctx context.Context, who caller, operation, path string, p *Problem) {
	if !permissions[operation].forced || who.role == 0 || who.role == RoleReader || !s.refusals.Allow(s.opts.Clock.Now()) {
		return
	}
	ctx = context.WithValue(ctx, callerKey{}, who)
	s.audit(ctx, order{id: operation, subject: quoted(path)}, fault.New(fault.Denied, operation, "", p.Detail))
}

type auditInput struct {
	Limit     int       `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"at most this many"`
	Before    string    `query:"before" maxLength:"64" doc:"only entries before this id: next of the page before"`
	From      time.Time `query:"from" doc:"not before this time"`
	To        time.Time `query:"to" doc:"before this time"`
	Agent     string    `query:"agent" maxLength:"128" doc:"only what was done to this agent"`
	By        string    `query:"by" maxLength:"128" doc:"only what was done by this name"`
	Operation string    `query:"operation" maxLength:"128" doc:"only this operation id"`
}

func (s *Server) getAudit(ctx context.Context, in *auditInput) (*body[AuditList], error) {
	list, err := s.trail.List(ctx, AuditFilter{
		Limit: in.Limit, Before: in.Before, From: in.From, To: in.To, Agent: in.Agent, By: in.By, Operation: in.Operation,
	})
	if err != nil {
		return nil, s.problem("audit", err)
	}
	out := AuditList{Entries: append([]AuditEntry{}, list...)}
	if len(list) == in.Limit {
		out.Next = list[len(list)-1].ID
	}
	return reply(out), nil
}
