package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
)

func newICICommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ici",
		Short: "Look after the interface for CRM systems (SAP ICI): state, subscriptions, stop and start, trace, check",
		Long: `Look after the interface for CRM systems (SAP ICI).

status, clients, items, users, queues and subscriptions show what it knows; stop, start, reload, log-level and
trace are for administrators and leave an entry in 'strowger audit'; check plays a CRM against a running interface.`,
		Example: `  strowger ici status
  strowger ici subscriptions --output json
  strowger ici trace on --minutes 10 --filter anna
  strowger ici check http://127.0.0.1:8181/OII/OII.asmx --user anna`,
		Args: unknownSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newICIStatus(a))
	for _, l := range iciLists {
		cmd.AddCommand(newICIList(a, l))
	}
	for _, o := range []struct{ name, short string }{
		{"start", "Serve CRM systems again after a stop"},
		{"stop", "Refuse requests of CRM systems and send no events, until start; calls go on"},
		{"reload", "Read the configuration file again, and bring into force what can change while it runs"},
	} {
		cmd.AddCommand(newICIOrder(a, o.name, o.short))
	}
	cmd.AddCommand(newICILogLevel(a), newICITrace(a), newICICheck(a))
	return cmd
}

func newICIStatus(a *app) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use: "status", Short: "Show the interface on one page", Example: "  strowger ici status\n  strowger ici status --output json", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), o, screen[rest.ICIStatus]{
				fetch: func(ctx context.Context, c *client.Client) (rest.ICIStatus, error) { return c.ICI(ctx) },
				print: printICI,
			})
		},
	}
	o.flags(cmd)
	return cmd
}

func printICI(w io.Writer, s rest.ICIStatus) error {
	t := table.New("FIGURE", "VALUE")
	t.Add("state", s.State)
	t.Add("product", s.Product+" "+s.Version)
	t.Add("host id", s.HostID)
	t.Add("address", s.Address+map[bool]string{true: " (TLS)"}[s.TLS])
	t.Add("objects", fmt.Sprintf("clients %d, items %d, users %d, queues %d, subscriptions %d", s.Clients, s.Items, s.Users, s.Queues, s.Subscriptions))
	t.Add("sending", fmt.Sprintf("%d now, %d at most, %d workers for each address", s.Open, s.OpenMax, s.Workers))
	t.Add("waiting", fmt.Sprintf("%d now, %d at most", s.Waiting, s.WaitingMax))
	t.Add("events", fmt.Sprintf("%d answered, %d failed, %d discarded", s.Sent, s.Failed, s.Discarded))
	t.Add("time to reply", fmt.Sprintf("%.0f ms shortest, %.0f ms on average, %.0f ms longest", 1000*s.ShortestSeconds, 1000*s.AverageSeconds, 1000*s.LongestSeconds))
	t.Add("requests", fmt.Sprintf("%d, %d refused", s.Requests, s.Faults))
	t.Add("log", fmt.Sprintf("level %s, %d errors, %d warnings", s.LogLevel, s.LogErrors, s.LogWarnings))
	if s.LastErrorAt != nil {
		t.Add("last error", clockTime(s.LastErrorAt)+" "+s.LastError)
	}
	if s.TraceUntil != nil {
		t.Add("trace", fmt.Sprintf("until %s, %d messages", clockTime(s.TraceUntil), s.Traced))
	}
	return t.Write(w)
}

// iciList is one of the lists of the interface.
type iciList struct {
	name, short string
	print       func(w io.Writer, l rest.ICIList) error
}

var iciLists = []iciList{
	{"clients", "List agents' lines: which work, and which a CRM follows", func(w io.Writer, l rest.ICIList) error {
		t := table.New("LINE", "USER", "LOGGED IN", "WORKS", "FOLLOWED")
		for _, c := range l.Clients {
			t.Add(c.Line, c.User, yesNo(c.LoggedIn), yesNo(c.Works), yesNo(c.Followed))
		}
		return t.Write(w)
	}},
	{"items", "List the calls that a CRM knows", func(w io.Writer, l rest.ICIList) error {
		t := table.New("HANDLE", "LINE", "USER", "STATUS", "PROCESSING", "INBOUND")
		for _, i := range l.Items {
			t.Add(i.Handle, i.Line, i.User, i.Status, i.Processing, yesNo(i.Inbound))
		}
		return t.Write(w)
	}},
	{"users", "List agents as a CRM is told", func(w io.Writer, l rest.ICIList) error {
		t := table.New("USER", "WORKMODE", "QUEUES", "FOLLOWED")
		for _, u := range l.Users {
			t.Add(u.User, u.Workmode, strings.Join(u.Queues, ","), yesNo(u.Followed))
		}
		return t.Write(w)
	}},
	{"queues", "List queues under the ids that a CRM knows", func(w io.Writer, l rest.ICIList) error {
		t := table.New("ID", "NAME", "QUEUE")
		for _, q := range l.Queues {
			t.Add(q.ID, q.Name, q.Queue)
		}
		return t.Write(w)
	}},
	{"subscriptions", "List who is sent events, and what became of them", func(w io.Writer, l rest.ICIList) error {
		t := table.New("NO", "APP ID", "APP URL", "USERS", "LINES", "FORMS", "SENT", "FAILED", "LAST", "ERROR")
		for _, s := range l.Subscriptions {
			last := s.LastEvent
			if s.LastAt != nil {
				last += " " + clockTime(s.LastAt)
			}
			t.Add(strconv.FormatUint(s.Number, 10), s.AppID, s.AppURL, strings.Join(s.Users, ","), strings.Join(s.Lines, ","), strings.Join(s.Forms, "; "), s.Sent, s.Failed, last, s.LastError)
		}
		return t.Write(w)
	}},
}

func yesNo(b bool) string { return map[bool]string{true: "yes", false: "no"}[b] }

func newICIList(a *app, l iciList) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use: l.name, Short: l.short, Example: "  strowger ici " + l.name + "\n  strowger ici " + l.name + " --output json", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), o, screen[rest.ICIList]{
				fetch: func(ctx context.Context, c *client.Client) (rest.ICIList, error) { return c.ICIList(ctx, l.name) },
				print: l.print,
			})
		},
	}
	o.flags(cmd)
	return cmd
}

// iciDone says what an order has led to.
func iciDone(s rest.ICIStatus) string { return "the interface is " + s.State }

func newICIOrder(a *app, name, short string) *cobra.Command {
	return newOrderCommand(a, orderSpec[rest.ICIStatus]{
		use: name, short: short, example: "  strowger ici " + name, args: noArgs,
		send: func(ctx context.Context, c *client.Client, _ []string) (rest.ICIStatus, error) {
			return c.ICIOrder(ctx, name, nil)
		},
		tell: iciDone,
	})
}

func newICILogLevel(a *app) *cobra.Command {
	var minutes int
	return newOrderCommand(a, orderSpec[rest.ICIStatus]{
		use: "log-level LEVEL", short: "Log more or less for a while: debug, info, warn or error",
		long:    "Log more or less for a while: debug, info, warn or error. It holds for the whole controller; then the configured level is back.",
		example: "  strowger ici log-level debug --minutes 10", args: cobra.ExactArgs(1),
		flags: func(cmd *cobra.Command) { cmd.Flags().IntVar(&minutes, "minutes", 15, "for how long") },
		send: func(ctx context.Context, c *client.Client, args []string) (rest.ICIStatus, error) {
			return c.ICIOrder(ctx, "log-level", rest.ICILogRequest{Level: strings.ToLower(args[0]), Minutes: minutes})
		},
		tell: func(s rest.ICIStatus) string { return "the log level is " + s.LogLevel },
	})
}

func newICITrace(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "trace", Short: "Keep messages for a while and show them, without secrets",
		Long: `Keep the messages of the next minutes and show them. Attached data, notes, texts and dialled digits are left
out, and of telephone numbers all but the last three digits. The last 500 messages are kept, in memory alone.`,
		Example: "  strowger ici trace on --minutes 10 --filter anna\n  strowger ici trace show\n  strowger ici trace off",
		Args:    unknownSubcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var minutes int
	var filter string
	trace := func(use, short, example string, body func() rest.ICITraceRequest, flags func(*cobra.Command)) *cobra.Command {
		return newOrderCommand(a, orderSpec[rest.ICIStatus]{
			use: use, short: short, example: example, args: noArgs, flags: flags,
			send: func(ctx context.Context, c *client.Client, _ []string) (rest.ICIStatus, error) {
				return c.ICIOrder(ctx, "trace", body())
			},
			tell: func(s rest.ICIStatus) string {
				if s.TraceUntil == nil {
					return "the trace is off"
				}
				return "messages are kept until " + clockTime(s.TraceUntil)
			},
		})
	}
	o := &operator{app: a}
	shown := &cobra.Command{
		Use: "show", Short: "Show the messages that were kept", Example: "  strowger ici trace show", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), o, screen[rest.ICIList]{
				fetch: func(ctx context.Context, c *client.Client) (rest.ICIList, error) { return c.ICIList(ctx, "trace") },
				print: printICITrace,
			})
		},
	}
	o.flags(shown)
	cmd.AddCommand(
		trace("on", "Keep the messages of the next minutes", "  strowger ici trace on --minutes 10 --filter anna",
			func() rest.ICITraceRequest { return rest.ICITraceRequest{Minutes: minutes, Filter: filter} },
			func(cmd *cobra.Command) {
				cmd.Flags().IntVar(&minutes, "minutes", 10, "for how long, 60 at most")
				cmd.Flags().StringVar(&filter, "filter", "", "only messages that contain this: a user, an operation")
			}),
		trace("off", "End the trace; what was kept can still be shown", "  strowger ici trace off",
			func() rest.ICITraceRequest { return rest.ICITraceRequest{} }, nil),
		shown)
	return cmd
}

func printICITrace(w io.Writer, l rest.ICIList) error {
	for _, m := range l.Trace {
		way := "request"
		if m.Event {
			way = "event"
		}
		if _, err := fmt.Fprintf(w, "%s %s %s %s %.0f ms: %s\n%s\n", m.Time.Format("15:04:05.000"), way, m.Name, m.Peer, 1000*m.Seconds, m.Outcome, m.Request); err != nil {
			return err
		}
		if m.Answer != "" {
			if _, err := fmt.Fprintln(w, m.Answer); err != nil {
				return err
			}
		}
	}
	return nil
}
