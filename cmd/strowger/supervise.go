package main

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
)

func newSuperviseCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use:   "supervise",
		Short: "List who is with which agent; listen, whisper, barge in or take over",
		Long: `Without a subcommand it lists the supervisions.

A supervisor is an agent with the capability director, logged in at a phone, which is called. Listening, nobody
hears the supervisor; whispering, the agent alone; barging in, all. Given again, listen, whisper and barge
change the mode of a supervision that goes on. Each of them leaves an entry in 'strowger audit'.`,
		Example: `  strowger supervise
  strowger supervise listen anna --as emil
  strowger supervise whisper --as emil
  strowger supervise take-over --as emil
  strowger supervise end --as emil`,
		Args: unknownSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), o, screen[rest.SupervisionList]{
				fetch: func(ctx context.Context, c *client.Client) (rest.SupervisionList, error) { return c.Supervisions(ctx) },
				print: printSupervisions,
				about: func(e rest.Event) bool { return e.Supervision != nil },
			})
		},
	}
	o.flags(cmd)
	o.watchFlag(cmd)
	for _, m := range []struct{ mode, short string }{
		{"listen", "Hear what an agent hears and says; nobody hears the supervisor"},
		{"whisper", "As listen, and the agent hears the supervisor"},
		{"barge", "Talk with everybody who talks with the agent"},
		{"take-over", "Take an agent's place in the call; the agent's part ends"},
	} {
		cmd.AddCommand(newSuperviseOrder(a, m.mode, m.short))
	}
	cmd.AddCommand(newSuperviseEnd(a))
	return cmd
}

// superviseFlags name the supervisor and, where it is no agent, who is supervised.
type superviseFlags struct{ as, call, conn string }

func (f *superviseFlags) add(cmd *cobra.Command, target bool) {
	cmd.Flags().StringVar(&f.as, "as", "", "the supervisor's agent id; their phone is called")
	if err := cmd.MarkFlagRequired("as"); err != nil {
		panic(err) // it has just been added
	}
	if target {
		cmd.Flags().StringVar(&f.call, "call", "", "supervise the newest agent of this call, instead of an agent")
		cmd.Flags().StringVar(&f.conn, "connection", "", "supervise this connection, instead of an agent")
	}
}

func newSuperviseOrder(a *app, mode, short string) *cobra.Command {
	f := &superviseFlags{}
	return newOrderCommand(a, orderSpec[rest.Accepted]{
		use: mode + " [AGENT] --as SUPERVISOR", short: short,
		long:    short + ".\n\nWithout an agent, call or connection it is about the supervision that goes on.",
		example: "  strowger supervise " + mode + " anna --as emil\n  strowger supervise " + mode + " --as emil",
		args:    cobra.MaximumNArgs(1),
		flags:   func(cmd *cobra.Command) { f.add(cmd, true) },
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Accepted, error) {
			agent := strings.Join(args, "")
			switch {
			case agent+f.call+f.conn != "":
				return c.Supervise(ctx, rest.SuperviseRequest{Supervisor: f.as, Agent: agent, Call: f.call, Connection: f.conn, Mode: mode})
			case mode == "take-over":
				return c.Order(ctx, "supervisions", f.as, mode, nil)
			}
			return c.Order(ctx, "supervisions", f.as, "mode", rest.ModeRequest{Mode: mode})
		},
		tell: accepted,
	})
}

func newSuperviseEnd(a *app) *cobra.Command {
	f := &superviseFlags{}
	return newOrderCommand(a, orderSpec[rest.Accepted]{
		use: "end --as SUPERVISOR", short: "End a supervision; the call goes on", long: "End a supervision; the call goes on.",
		example: "  strowger supervise end --as emil", args: noArgs,
		flags: func(cmd *cobra.Command) { f.add(cmd, false) },
		send: func(ctx context.Context, c *client.Client, _ []string) (rest.Accepted, error) {
			return c.Order(ctx, "supervisions", f.as, "end", nil)
		},
		tell: accepted,
	})
}

func printSupervisions(w io.Writer, l rest.SupervisionList) error {
	if len(l.Supervisions) == 0 {
		_, err := io.WriteString(w, "Nobody is supervised.\n")
		return err
	}
	t := table.New("SUPERVISOR", "AGENT", "MODE", "PHONE", "SINCE", "CALL", "BY")
	for _, v := range l.Supervisions {
		since := ""
		if v.HeardAt != nil {
			since = clockTime(v.HeardAt)
		}
		t.Add(v.Supervisor, v.Agent, v.Mode, v.Leg, since, v.Call, v.By)
	}
	return t.Write(w)
}
