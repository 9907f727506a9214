package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
)

func newStatusCommand(a *app) *cobra.Command {
	return newShowCommand(a, showSpec[rest.Status]{
		use: "status", short: "Show the state of the running controller",
		long: `Shows version, readiness, telephony servers, counts, journal and the latest incidents
of the controller that answers on the socket. For scripts: --output json, or the HTTP paths
/healthz and /readyz.`,
		example: `  strowger status
  strowger status --output json
  strowger status --socket site/var/strowger.sock`,
		args:  noArgs,
		fetch: func(ctx context.Context, c *client.Client, _ []string) (rest.Status, error) { return c.Status(ctx) },
		print: printStatus,
		about: func(rest.Event) bool { return true },
	})
}

func printStatus(w io.Writer, s rest.Status) error {
	var b strings.Builder
	if s.Mode == rest.ModeSimulated {
		b.WriteString("SIMULATED: no call is real\n")
	}
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", name, table.Clean(fmt.Sprintf(format, args...)))
	}
	line("strowger", "%s, up %s, configuration %d", s.Version, table.Clock(s.UptimeSeconds), s.ConfigVersion)
	if s.Ready {
		line("ready", "yes")
	}
	for _, r := range s.NotReady {
		line("not ready", "%s", r)
	}
	for _, r := range s.Degraded {
		line("degraded", "%s", r)
	}
	for _, n := range s.Nodes {
		state := "link lost"
		switch {
		case n.Up:
			state = "up"
		case n.Lost:
			state = "dead"
		}
		line("server", "%s, %s", n.ID, state)
	}
	for _, m := range s.Mirrors {
		state := "in step"
		if !m.Up {
			state = "not seen: " + m.Cause
		}
		line(m.Kind, "%s, %s: %s, %s, %d waiting, %d talking", m.Node, state, plural(m.Queues, "queue"), plural(m.Agents, "agent"), m.Waiting, m.Talking)
	}
	line("calls", "%s", countLine(s.Counts.Phases, "waiting", "offered", "talking", "over", "dialing", "menu", "routing", "parked", "automat"))
	line("agents", "%s", countLine(s.Counts.Agents, "ready", "reserved", "on-call", "wrap-up", "not-ready", "logged-out"))
	if j := s.Journal; j != nil {
		line("journal", "record %d, on the disk up to %d, %s, %.1f MB", j.LastSeq, j.SyncedSeq, plural(j.Segments, "file"), float64(j.Bytes)/1e6)
		if j.Failure != "" {
			line("journal", "FAILED: %s", j.Failure)
		}
	}
	if p := s.Push; p != nil {
		line("CRM", "%s, %d delivered, %d waiting, %d failed, %d given up", plural(p.Subscriptions, "subscription"), p.Delivered, p.Pending, p.Failed, p.Dropped)
	}
	for _, i := range s.Incidents {
		line("incident", "%s %s", i.Time.Local().Format("2006-01-02 15:04:05"), strings.TrimSpace(i.Node+" "+i.Reason))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// countLine adds up and lists what is not zero, in a fixed order.
func countLine(counts map[string]int, order ...string) string {
	total := 0
	var parts []string
	for _, k := range order {
		if n := counts[k]; n > 0 {
			total += n
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(k, "-", " ")))
		}
	}
	if total == 0 {
		return "none"
	}
	return fmt.Sprintf("%d: %s", total, strings.Join(parts, ", "))
}
