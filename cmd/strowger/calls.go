package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
	"strowger/switch/fault"
)

func newCallsCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	var f client.CallFilter
	cmd := &cobra.Command{
		Use:     "calls",
		Aliases: []string{"call"},
		Short:   "List the calls, show one, or act on one",
		Example: `  strowger calls
  strowger calls --queue support --agent agent101
  strowger calls --ended --limit 20
  strowger calls --watch`,
		Args: unknownSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.Ended && o.watch {
				return usageError(fault.New(fault.Invalid, "", "", "--ended and --watch exclude each other: what is over does not change"))
			}
			return show(cmd.Context(), o, screen[rest.CallList]{
				fetch: func(ctx context.Context, c *client.Client) (rest.CallList, error) { return c.Calls(ctx, f) },
				print: printCalls,
				about: func(e rest.Event) bool {
					return e.Call != nil && (f.Queue == "" || e.Call.Queue == f.Queue) && (f.Phase == "" || e.Call.Phase == f.Phase) &&
						(f.Agent == "" || strings.EqualFold(e.Call.Agent, f.Agent))
				},
			})
		},
	}
	cmd.Flags().StringVar(&f.Queue, "queue", "", "only calls of this `queue`")
	cmd.Flags().StringVar(&f.Agent, "agent", "", "only calls of this `agent`")
	cmd.Flags().StringVar(&f.Phase, "phase", "", "only calls in this `phase`: waiting, offered, talking, over, dialing, menu, routing, parked or automat")
	cmd.Flags().BoolVar(&f.Ended, "ended", false, "calls that are over, newest first")
	cmd.Flags().IntVar(&f.Limit, "limit", 0, "at most this `many` (default 500)")
	o.flags(cmd)
	o.watchFlag(cmd)
	cmd.AddCommand(newCallCommands(a)...)
	return cmd
}

func printCalls(w io.Writer, l rest.CallList) error {
	if len(l.Calls) == 0 {
		_, err := io.WriteString(w, "No calls.\n")
		return err
	}
	t := table.New(">CALL", "KIND", "STATE", "CALLER", "NAME", "DIALLED", "QUEUE", "AGENT", ">WAITED", ">TALKING", "OUTCOME")
	for _, c := range l.Calls {
		talking := ""
		if c.TalkingAt != nil {
			talking = table.Clock(c.TalkingSeconds)
		}
		kind := c.Kind
		if c.Mirror != "" {
			kind = c.Mirror
		}
		t.Add(c.Number, kind, callState(c), c.Caller, c.CallerName, dialledAs(c), c.Queue, c.Agent, table.Clock(c.WaitingSeconds), talking, c.Outcome)
	}
	if err := t.Write(w); err != nil {
		return err
	}
	if l.Total > len(l.Calls) {
		_, err := fmt.Fprintf(w, "%d of %d calls; --limit shows more\n", len(l.Calls), l.Total)
		return err
	}
	return nil
}

// dialledAs is what was dialled, or what the number is called.
func dialledAs(c rest.Call) string {
	if c.DNIS != nil && c.DNIS.Label != "" {
		return c.DNIS.Label
	}
	return c.Dialled
}

// callState is the phase, told more exactly where the agent's connection knows better.
func callState(c rest.Call) string {
	for _, p := range slices.Backward(c.Connections) {
		switch {
		case p.Work == "wrap-up":
			return "wrap-up"
		case p.Role == "agent" && (p.State == "hold" || p.State == "held"):
			return "on hold"
		}
	}
	switch {
	case c.Phase == "offered":
		return "ringing"
	case c.Parked != nil:
		return "parked " + c.Parked.Place
	case c.Menu != "":
		return "menu " + c.Menu
	}
	if c.Phase == "waiting" && c.Position > 0 {
		return fmt.Sprintf("waiting %d", c.Position)
	}
	return c.Phase
}

func newCallsShowCommand(a *app) *cobra.Command {
	return newShowCommand(a, showSpec[rest.Call]{
		use: "show CALL", short: "Show everything about one call",
		long: "Shows one call. CALL is its number, its id (26 characters) or its id in hexadecimal form.",
		example: `  strowger calls show 1
  strowger calls show 1 --output json`,
		args: exactArgs("the call's number or id"),
		fetch: func(ctx context.Context, c *client.Client, args []string) (rest.Call, error) {
			return c.Call(ctx, args[0])
		},
		print: printCall,
	})
}

func printCall(w io.Writer, c rest.Call) error {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-12s %s\n", name, table.Clean(value))
		}
	}
	line("call", fmt.Sprintf("%d  %s", c.Number, c.ID))
	line("state", callState(c))
	line("outcome", c.Outcome)
	line("caller", strings.TrimSpace(c.Caller+"  "+c.CallerName))
	line("kind", c.Kind)
	line("served by", c.Mirror)
	line("caller id", c.CallerID)
	line("dialled", c.Dialled)
	if d := c.DNIS; d != nil {
		line("DNIS", strings.Join(strings.Fields(strings.Join([]string{d.Number, d.Label, d.Script, d.CRM}, " ")), " "))
	}
	line("target", c.Target)
	line("consults", c.ConsultOf)
	line("callback", c.Callback)
	line("queue", c.Queue)
	line("agent", c.Agent)
	line("server", c.Node)
	line("arrived", clockTime(c.ArrivedAt))
	line("answered", clockTime(c.AnsweredAt))
	line("talking", clockTime(c.TalkingAt))
	line("over", clockTime(c.OverAt))
	for _, q := range c.Queues {
		line("was in", strings.TrimSpace(q.Queue+" from "+clockTime(q.At)+" "+q.Agent))
	}
	if c.Estimate > 0 {
		line("estimate", table.Clock(c.Estimate))
	}
	if c.Decision != nil {
		line("chosen", strings.Join(c.Decision.Agents, ", ")+"; 'strowger explain call "+fmt.Sprint(c.Number)+"' says why")
	}
	line("waited", table.Clock(c.WaitingSeconds))
	line("talked", table.Clock(c.TalkingSeconds))
	for _, d := range c.Attached {
		line("attached", fmt.Sprintf("%s, %s, %s", d.App, d.Media, plural(d.Bytes, "byte")))
	}
	b.WriteString("\n")
	t := table.New(">CONN", "ROLE", "DEVICE", "AGENT", "STATE", "WORK", "LEG", ">CAUSE")
	for _, p := range c.Connections {
		cause := ""
		if p.Cause != 0 {
			cause = fmt.Sprint(p.Cause)
		}
		t.Add(p.Number, p.Role, p.Device, p.Agent, partState(p), p.Work, p.Leg, cause)
	}
	if t.Len() > 0 {
		if err := t.Write(&b); err != nil {
			return err
		}
	}
	for _, p := range c.Connections {
		if len(p.Capabilities) > 0 {
			fmt.Fprintf(&b, "\npossible now for %s: %s\n", table.Clean(p.Agent), strings.Join(p.Capabilities, ", "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// partState is a party's state with what makes it special.
func partState(p rest.Connection) string {
	out := p.State
	for _, f := range []struct {
		on   bool
		word string
	}{{p.Conference, "conference"}, {p.Consult, "consultation"}, {p.Knock, "knocking"}, {p.Muted, "muted"}} {
		if f.on {
			out += ", " + f.word
		}
	}
	return out
}

func clockTime(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05")
}
