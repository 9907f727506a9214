package rest

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// AuditEntry is one forced action: who did what to whom, and what came of it.
type AuditEntry struct {
	Time      time.Time `json:"time"`
	By        string    `json:"by" doc:"who, with the role"`
	Operation string    `json:"operation" doc:"operation id"`
	Subject   string    `json:"subject" doc:"what it was done to: an agent, a call, a connection or a queue"`
	Agent     string    `json:"agent,omitempty" doc:"whose line it was"`
	Detail    string    `json:"detail,omitempty" doc:"what was asked for"`
	Outcome   string    `json:"outcome" doc:"accepted, or the kind of the refusal"`
	Reason    string    `json:"reason,omitempty" doc:"of the refusal"`
}

// AuditList is the answer to GET /api/v1/audit.
type AuditList struct {
	Entries []AuditEntry `json:"entries" nullable:"false" doc:"newest first"`
}

// maxAudit is how many entries the server keeps; the sink keeps the rest.
const maxAudit = 1000

// ring keeps the newest things. Safe for concurrent use.
type ring[T any] struct {
	mu   sync.Mutex
	list []T
	next int
	max  int
}

func newRing[T any](most int) *ring[T] { return &ring[T]{max: most} }

func (r *ring[T]) add(v T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) < r.max {
		r.list = append(r.list, v)
		return
	}
	r.list[r.next] = v
	r.next = (r.next + 1) % r.max
}

// newest returns at most limit things for which keep says yes, newest first.
func (r *ring[T]) newest(limit int, keep func(*T) bool) []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := []T{}
	for i := 0; i < len(r.list) && len(out) < limit; i++ {
		v := &r.list[(r.next+len(r.list)-1-i)%len(r.list)]
		if keep(v) {
			out = append(out, *v)
		}
	}
	return out
}

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

// audit writes an order down, whatever came of it.
func (s *Server) audit(ctx context.Context, o order, err error) {
	who := callerOf(ctx)
	e := AuditEntry{
		Time: s.opts.Clock.Now().UTC().Truncate(time.Millisecond), By: who.by, Operation: o.id, Subject: o.subject,
		Agent: string(o.agent), Detail: o.detail, Outcome: "accepted",
	}
	if err != nil {
		e.Outcome, e.Reason = fault.KindOf(err).String(), fault.ReasonOf(err)
	}
	s.opts.Logger.LogAttrs(ctx, slog.LevelInfo, "rest: command", slog.String("command", o.id), slog.String("subject", o.subject),
		slog.String("agent", e.Agent), slog.String("by", e.By), slog.String("verdict", e.Outcome), slog.Bool("audit", audited(who, o)))
	if !audited(who, o) {
		return
	}
	s.stats.audited.Add(1)
	s.trail.add(e)
	if s.opts.Audit != nil {
		s.opts.Audit(e)
	}
}

type auditInput struct {
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"at most this many"`
	Agent string `query:"agent" maxLength:"128" doc:"only what was done to this agent"`
	By    string `query:"by" maxLength:"128" doc:"only what was done by this name"`
}

func (s *Server) getAudit(_ context.Context, in *auditInput) (*body[AuditList], error) {
	return reply(AuditList{Entries: s.trail.newest(in.Limit, func(e *AuditEntry) bool {
		return (in.Agent == "" || e.Agent == in.Agent) && (in.By == "" || e.By == in.By)
	})}), nil
}
