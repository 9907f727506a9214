package main

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
	"strowger/switch/fault"
)

// auditQuery are the flags of audit.
type auditQuery struct {
	agent, by, operation, since, until, before string
	limit                                      int
}

func newAuditCommand(a *app) *cobra.Command {
	o, q := &operator{app: a}, &auditQuery{}
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "List forced actions: who did what to whom",
		Long: `Lists forced actions, the newest first: those on somebody else's line, call, queue or state, with what
came of them, the refused ones too. They are kept in the database (statistics.keep.audit says how long).

"asked" is an action that is being done; "unknown" one of which the controller did not live to see the outcome.`,
		Example: `  strowger audit
  strowger audit --agent anna --since 24h
  strowger audit --operation startSupervision --since 2026-03-01T00:00:00Z --until 2026-04-01T00:00:00Z --output json
  strowger audit --before 0006441e4c8d20-9c0f2a7be113`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			query, err := q.values(time.Now())
			if err != nil {
				return err
			}
			return show(cmd.Context(), o, screen[rest.AuditList]{
				fetch: func(ctx context.Context, c *client.Client) (rest.AuditList, error) { return c.Audit(ctx, query) },
				print: printAudit,
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.agent, "agent", "", "only what was done to this agent")
	f.StringVar(&q.by, "by", "", "only what was done by this name")
	f.StringVar(&q.operation, "operation", "", "only this operation id, such as panicLogoutAgent")
	f.StringVar(&q.since, "since", "", "not before this time, as 24h (ago) or 2026-03-01T00:00:00Z")
	f.StringVar(&q.until, "until", "", "before this time")
	f.StringVar(&q.before, "before", "", "only entries before this id: the next page")
	f.IntVar(&q.limit, "limit", 100, "at most this many, 1 to 1000")
	o.flags(cmd)
	return cmd
}

func (q *auditQuery) values(now time.Time) (url.Values, error) {
	v := url.Values{"limit": {strconv.Itoa(q.limit)}}
	for name, text := range map[string]string{"agent": q.agent, "by": q.by, "operation": q.operation, "before": q.before} {
		if text != "" {
			v.Set(name, text)
		}
	}
	for name, text := range map[string]string{"from": q.since, "to": q.until} {
		if text == "" {
			continue
		}
		at, err := moment(text, now)
		if err != nil {
			return nil, err
		}
		v.Set(name, at.UTC().Format(time.RFC3339))
	}
	return v, nil
}

// moment reads a time, or how long ago.
func moment(text string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fault.New(fault.Invalid, "audit", text, "a time is given as 24h (ago) or as 2026-03-01T00:00:00Z")
	}
	return at, nil
}

func printAudit(w io.Writer, l rest.AuditList) error {
	if len(l.Entries) == 0 {
		_, err := io.WriteString(w, "No forced action.\n")
		return err
	}
	t := table.New("TIME", "BY", "ROLE", "OPERATION", "SUBJECT", "AGENT", "DETAIL", "OUTCOME", "REASON")
	for _, e := range l.Entries {
		t.Add(e.Time.Local().Format(time.DateTime), e.By, e.Role, e.Operation, e.Subject, e.Agent, e.Detail, e.Outcome, e.Reason)
	}
	if err := t.Write(w); err != nil || l.Next == "" {
		return err
	}
	_, err := io.WriteString(w, "More: strowger audit --before "+table.Clean(l.Next)+"\n")
	return err
}
