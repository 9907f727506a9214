package main

import (
	"context"
	"errors"
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
		Use:   "calls",
		Short: "List the calls, show one, or act on one",
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
	cmd.Flags().StringVar(&f.Phase, "phase", "", "only calls in this `phase`: waiting, offered, talking or over")
	cmd.Flags().BoolVar(&f.Ended, "ended", false, "calls that are over, newest first")
	cmd.Flags().IntVar(&f.Limit, "limit", 0, "at most this `many` (default 500)")
	o.flags(cmd)
	o.watchFlag(cmd)
	cmd.AddCommand(newCallsShowCommand(a))
	names, docs := rest.ConnectionOperations()
	for i := range names {
		cmd.AddCommand(newCallDoCommand(a, names[i], docs[i]))
	}
	return cmd
}

func printCalls(w io.Writer, l rest.CallList) error {
	if len(l.Calls) == 0 {
		_, err := io.WriteString(w, "No calls.\n")
		return err
	}
	t := table.New(">CALL", "STATE", "CALLER", "NAME", "DIALLED", "QUEUE", "AGENT", ">WAITED", ">TALKING", "OUTCOME")
	for _, c := range l.Calls {
		talking := ""
		if c.TalkingAt != nil {
			talking = table.Clock(c.TalkingSeconds)
		}
		t.Add(c.Number, callState(c), c.Caller, c.CallerName, c.Dialled, c.Queue, c.Agent, table.Clock(c.WaitingSeconds), talking, c.Outcome)
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
	if c.Phase == "offered" {
		return "ringing"
	}
	if c.Phase == "waiting" && c.Position > 0 {
		return fmt.Sprintf("waiting %d", c.Position)
	}
	return c.Phase
}

func newCallsShowCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use:   "show CALL",
		Short: "Show everything about one call",
		Long:  "Shows one call. CALL is its number, its id (26 characters) or its id in hexadecimal form.",
		Example: `  strowger calls show 1
  strowger calls show 1 --output json`,
		Args: exactArgs("the call's number or id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return show(cmd.Context(), o, screen[rest.Call]{
				fetch: func(ctx context.Context, c *client.Client) (rest.Call, error) { return c.Call(ctx, args[0]) },
				print: printCall,
			})
		},
	}
	o.flags(cmd)
	return cmd
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
	line("dialled", c.Dialled)
	line("queue", c.Queue)
	line("agent", c.Agent)
	line("server", c.Node)
	line("arrived", clockTime(c.ArrivedAt))
	line("answered", clockTime(c.AnsweredAt))
	line("talking", clockTime(c.TalkingAt))
	line("over", clockTime(c.OverAt))
	line("waited", table.Clock(c.WaitingSeconds))
	line("talked", table.Clock(c.TalkingSeconds))
	for _, d := range c.Attached {
		line("attached", fmt.Sprintf("%s, %s, %s", d.App, d.Media, plural(d.Bytes, "byte")))
	}
	b.WriteString("\n")
	t := table.New(">CONN", "ROLE", "DEVICE", "AGENT", "STATE", "WORK", "LEG", ">CAUSE", "POSSIBLE NOW")
	for _, p := range c.Connections {
		cause := ""
		if p.Cause != 0 {
			cause = fmt.Sprint(p.Cause)
		}
		t.Add(p.Number, p.Role, p.Device, p.Agent, p.State, p.Work, p.Leg, cause, strings.Join(p.Capabilities, " "))
	}
	if t.Len() > 0 {
		if err := t.Write(&b); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func clockTime(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

func newCallDoCommand(a *app, operation, doc string) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use:   operation + " CALL",
		Short: doc,
		Long: doc + `.
CALL is the call's number or id, or the id of the agent's connection in it. The command is
accepted or refused at once; what comes of it shows in 'strowger calls'.`,
		Example: "  strowger calls " + operation + " 1",
		Args:    exactArgs("the call's number or id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c := o.connect(cmd.Context())
			defer c.Close()
			conn, err := connectionFor(cmd.Context(), c, args[0], operation)
			if err != nil {
				return err
			}
			done, err := c.Do(cmd.Context(), conn, operation)
			if err != nil {
				return err
			}
			if o.output == outputJSON {
				return o.printJSON(done)
			}
			o.printf("%s: accepted for connection %s.\n", operation, done.Connection)
			return nil
		},
	}
	o.flags(cmd)
	return cmd
}

// connectionFor finds the agent's connection that an operation on a call
// means: one that can do it, else the newest, whose refusal says why not. What
// is no call is taken for a connection.
func connectionFor(ctx context.Context, c *client.Client, ref, operation string) (string, error) {
	call, err := c.Call(ctx, ref)
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.NotFound && len(ref) >= 26 {
		return ref, nil
	}
	if err != nil {
		return "", err
	}
	capability := operation
	if operation == "wrap-up-end" {
		capability = "end-wrap-up"
	}
	newest := ""
	for _, p := range call.Connections {
		if p.Role != "agent" {
			continue
		}
		if newest = p.ID; slices.Contains(p.Capabilities, capability) {
			return p.ID, nil
		}
	}
	if newest == "" {
		return "", fault.Newf(fault.Conflict, operation, "call "+ref, "no agent has had this call yet: there is nobody whose part could be changed (it is %s)", callState(call))
	}
	return newest, nil
}
