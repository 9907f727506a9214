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

func newAgentsCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	var queue, state string
	cmd := &cobra.Command{
		Use:     "agents",
		Aliases: []string{"agent"},
		Short:   "List the agents, or change an agent's state",
		Example: `  strowger agents
  strowger agents --queue support --output json
  strowger agents --state ready --watch`,
		Args: unknownSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			keep := func(a rest.Agent) bool {
				return (state == "" || a.State == state) && (queue == "" || strings.Contains(" "+strings.Join(a.Queues, " ")+" ", " "+queue+" "))
			}
			return show(cmd.Context(), o, screen[rest.AgentList]{
				fetch: func(ctx context.Context, c *client.Client) (rest.AgentList, error) {
					l, err := c.Agents(ctx)
					out := rest.AgentList{Agents: []rest.Agent{}}
					for _, a := range l.Agents {
						if keep(a) {
							out.Agents = append(out.Agents, a)
						}
					}
					return out, err
				},
				print: printAgents,
				about: func(e rest.Event) bool {
					return e.Kind == "AgentChanged" && e.Agent != nil && keep(*e.Agent) || e.Member != nil && state == "" && (queue == "" || e.Member.Queue == queue)
				},
			})
		},
	}
	cmd.Flags().StringVar(&queue, "queue", "", "only agents of this `queue`")
	cmd.Flags().StringVar(&state, "state", "", "only agents in this `state`: logged-out, not-ready, ready, reserved, on-call or wrap-up")
	o.flags(cmd)
	o.watchFlag(cmd)
	cmd.AddCommand(newAgentCommands(a)...)
	return cmd
}

func printAgents(w io.Writer, l rest.AgentList) error {
	if len(l.Agents) == 0 {
		_, err := io.WriteString(w, "No such agent.\n")
		return err
	}
	t := table.New("AGENT", "NAME", "LINE", "STATE", ">FOR", "REASON", "THEN", "QUEUES", ">CALLS", ">HANDLED", ">TALKED", "NOTE")
	for _, a := range l.Agents {
		t.Add(a.ID, a.Name, a.Line, a.State, table.Clock(a.StateSeconds), a.Reason, a.Pending, strings.Join(a.Queues, ","), len(a.Items), a.Handled, table.Clock(a.TalkSeconds), agentNote(a))
	}
	return t.Write(w)
}

// agentNote is what is special about an agent.
func agentNote(a rest.Agent) string {
	var out []string
	for _, f := range []struct {
		on   bool
		word string
	}{
		{a.PhoneOff, "phone off"},
		{a.Elsewhere != "", "phone in a call of " + a.Elsewhere},
		{a.Mirror != "", a.Mirror},
		{a.SamePhone != "", "same phone as " + a.SamePhone},
		{a.Standing != nil && a.Standing.Leg != "up", "line down"},
		{a.Park, "away"},
		{a.WrapUpWarned, "wrap-up ends soon"},
		{a.ActiveWrapUp, "wrap-up left"},
		{a.Paperwork, "paperwork"},
		{a.OneLine, "one line"},
		{a.LoggingIn, "passcode asked"},
		{len(a.SignedOut) > 0, "signed out of " + strings.Join(a.SignedOut, " ")},
	} {
		if f.on {
			out = append(out, f.word)
		}
	}
	return strings.Join(out, ", ")
}

// agentNow tells what an agent is after an order.
func agentNow(a rest.Agent) string {
	if a.Passcode != "" {
		return a.ID + " must type " + a.Passcode + " at the phone, which rings now; three tries, one minute."
	}
	if a.Pending != "" {
		return a.ID + " is " + a.State + "; after that: " + a.Pending + "."
	}
	return a.ID + " is " + a.State + "."
}

// newAgentOrder is an order that changes an agent's state. body makes the
// request of the flags and of the arguments after the agent's name.
func newAgentOrder(a *app, use, operation, short, long, example string, flags func(*cobra.Command), body func(args []string) any) *cobra.Command {
	names := []string{"the agent's login name"}
	if strings.Contains(use, " STATE") {
		names = append(names, "a state")
	}
	return newOrderCommand(a, orderSpec[rest.Agent]{
		use: use, short: short, long: short + ". " + long, example: example, args: exactArgs(names...), flags: flags, tell: agentNow,
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Agent, error) {
			return c.ChangeAgent(ctx, args[0], operation, body(args[1:]))
		},
	})
}

// newAgentCommands lists what can be done with an agent.
func newAgentCommands(a *app) []*cobra.Command {
	const later = `While a call occupies the agent, the state is kept
for after the call; logging out while the phone rings withdraws the offer at once.`
	var reason, station string
	var ready, oneLine, skip bool
	reasons := func(cmd *cobra.Command) { cmd.Flags().StringVar(&reason, "reason", "", "why, in a `word` or two") }
	state := func(name string) func([]string) any {
		return func([]string) any { return rest.AgentStateRequest{State: name, Reason: reason} }
	}
	return []*cobra.Command{
		newAgentOrder(a, "login AGENT", "login", "Log an agent in", "Without --station at the agent's own phone. A station may\nask for a passcode: it is shown, and typed at the phone.",
			"  strowger agent login agent101\n  strowger agent login agent101 --station desk-7 --ready",
			func(cmd *cobra.Command) {
				cmd.Flags().StringVar(&station, "station", "", "the `station` to work at")
				cmd.Flags().BoolVar(&ready, "ready", false, "ready for calls at once")
				cmd.Flags().BoolVar(&oneLine, "one-line", false, "for this shift no second call knocks, even where the agent may have several")
			},
			func([]string) any {
				r := rest.LoginRequest{Station: station, OneLine: oneLine}
				if ready {
					r.State = "ready"
				}
				return r
			}),
		newAgentOrder(a, "ready AGENT", "state", "Make an agent ready for calls", later,
			"  strowger agents ready agent101\n  strowger agents ready agent101 --reason mail", reasons, state("ready")),
		newAgentOrder(a, "not-ready AGENT", "state", "Take an agent out of the distribution of calls", later,
			"  strowger agents not-ready agent101 --reason lunch", reasons, state("not-ready")),
		newAgentOrder(a, "logout AGENT", "state", "Log an agent out", later, "  strowger agents logout agent101\n  strowger agents logout agent101 --skip-wrap-up",
			func(cmd *cobra.Command) {
				cmd.Flags().BoolVar(&skip, "skip-wrap-up", false, "open wrap-up ends, and none follows the call")
			},
			func([]string) any {
				return rest.NextStateRequest{AgentStateRequest: rest.AgentStateRequest{State: "logged-out"}, SkipWrapUp: skip}
			}),
		newAgentQueuesCommand(a),
		newAgentOrder(a, "force AGENT STATE", "force-state", "Give an agent a state at once",
			"STATE is ready, not-ready or logged-out. Wrap-up\nends and a ringing offer is withdrawn; a conversation goes on. It is audited.",
			"  strowger agent force agent101 not-ready --reason meeting", reasons,
			func(args []string) any { return rest.AgentStateRequest{State: args[0], Reason: reason} }),
		newAgentOrder(a, "panic-logout AGENT", "panic-logout", "Log an agent out at once, whatever they do",
			"Their calls end for\nthem, and callers who would be left alone go back to their queue. It is audited.",
			"  strowger agent panic-logout agent101", nil, func([]string) any { return nil }),
		newObjectOrder(a, "agents", "drop-line", "agent", "Drop whatever is on an agent's line", "  strowger agent drop-line agent101"),
	}
}
