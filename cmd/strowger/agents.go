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
		Use:   "agents",
		Short: "List the agents, or change an agent's state",
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
				about: func(e rest.Event) bool { return e.Kind == "AgentChanged" && e.Agent != nil && keep(*e.Agent) },
			})
		},
	}
	cmd.Flags().StringVar(&queue, "queue", "", "only agents of this `queue`")
	cmd.Flags().StringVar(&state, "state", "", "only agents in this `state`: logged-out, not-ready, ready, reserved, on-call or wrap-up")
	o.flags(cmd)
	o.watchFlag(cmd)
	cmd.AddCommand(
		newAgentStateCommand(a, "ready", "Make an agent ready for calls", "  strowger agents ready agent101"),
		newAgentStateCommand(a, "not-ready", "Take an agent out of the distribution of calls", "  strowger agents not-ready agent101 --reason lunch"),
		newAgentStateCommand(a, "logout", "Log an agent out", "  strowger agents logout agent101"),
	)
	return cmd
}

func printAgents(w io.Writer, l rest.AgentList) error {
	if len(l.Agents) == 0 {
		_, err := io.WriteString(w, "No such agent.\n")
		return err
	}
	t := table.New("AGENT", "NAME", "LINE", "STATE", ">FOR", "REASON", "THEN", "QUEUES", ">HANDLED")
	for _, a := range l.Agents {
		t.Add(a.ID, a.Name, a.Line, a.State, table.Clock(a.StateSeconds), a.Reason, a.Pending, strings.Join(a.Queues, ","), a.Handled)
	}
	return t.Write(w)
}

func newAgentStateCommand(a *app, name, short, example string) *cobra.Command {
	o := &operator{app: a}
	var reason string
	state := name
	if name == "logout" {
		state = "logged-out"
	}
	cmd := &cobra.Command{
		Use:   name + " AGENT",
		Short: short,
		Long: short + `. While a call occupies the agent, the state is kept
for after the call; logging out while the phone rings withdraws the offer at once.`,
		Example: example,
		Args:    exactArgs("the agent's login name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c := o.connect(cmd.Context())
			defer c.Close()
			agent, err := c.SetAgentState(cmd.Context(), args[0], state, reason)
			if err != nil {
				return err
			}
			if o.output == outputJSON {
				return o.printJSON(agent)
			}
			if agent.State != state && agent.Pending != "" {
				o.printf("%s is %s; after that: %s.\n", table.Clean(agent.ID), agent.State, agent.Pending)
				return nil
			}
			o.printf("%s is %s.\n", table.Clean(agent.ID), agent.State)
			return nil
		},
	}
	if name == "not-ready" {
		cmd.Flags().StringVar(&reason, "reason", "", "why, in a `word` or two")
	}
	o.flags(cmd)
	return cmd
}
