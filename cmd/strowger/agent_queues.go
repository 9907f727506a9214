package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cti/rest"
)

// newAgentQueuesCommand signs an agent in to queues and out of them, or tells.
func newAgentQueuesCommand(a *app) *cobra.Command {
	var in, out []string
	var all, none bool
	return newOrderCommand(a, orderSpec[rest.Agent]{
		use:   "queues AGENT [QUEUE...]",
		short: "Sign an agent in to queues, or out of them",
		long: `Tell which of their queues an agent is signed in to, or change it. With QUEUE...
the agent is signed in to those and out of all others; --in and --out leave the others
as they are. To a queue that they are signed out of, agents are as if logged out: an offer
of it that rings goes to somebody else. It holds until it is changed, over logout too. The
configuration says which queues an agent can be signed in to.`,
		example: `  strowger agent queues agent101
  strowger agent queues agent101 support
  strowger agent queues agent101 --out support
  strowger agent queues agent101 --all --output json`,
		args: func(cmd *cobra.Command, args []string) error {
			return exactArgs("the agent's login name")(cmd, args[:min(len(args), 1)])
		},
		flags: func(cmd *cobra.Command) {
			f := cmd.Flags()
			f.StringSliceVar(&in, "in", nil, "sign in to this `queue`; can be given again")
			f.StringSliceVar(&out, "out", nil, "sign out of this `queue`; can be given again")
			f.BoolVar(&all, "all", false, "sign in to all queues of the agent")
			f.BoolVar(&none, "none", false, "sign out of all queues")
			for _, one := range []string{"in", "out"} {
				cmd.MarkFlagsMutuallyExclusive(one, "all")
				cmd.MarkFlagsMutuallyExclusive(one, "none")
			}
			cmd.MarkFlagsMutuallyExclusive("all", "none")
		},
		tell: agentQueues,
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Agent, error) {
			want := rest.QueuesRequest{In: in, Out: out, Only: none}
			if names := args[1:]; len(names) > 0 {
				want.In, want.Only = append(want.In, names...), true
			}
			if len(want.In)+len(want.Out) == 0 && !want.Only {
				now, err := c.Agent(ctx, args[0])
				if want.In = now.Queues; !all || err != nil || len(want.In) == 0 {
					return now, err
				}
			}
			return c.ChangeAgent(ctx, args[0], "queues", want)
		},
	})
}

// agentQueues tells what an agent is signed in to.
func agentQueues(a rest.Agent) string {
	in := slices.DeleteFunc(slices.Clone(a.Queues), func(q string) bool { return slices.Contains(a.SignedOut, q) })
	switch {
	case len(a.Queues) == 0:
		return a.ID + " has no queues."
	case len(in) == 0:
		return a.ID + " is signed out of " + strings.Join(a.SignedOut, ", ") + "."
	case len(a.SignedOut) == 0:
		return a.ID + " is signed in to " + strings.Join(in, ", ") + "."
	}
	return a.ID + " is signed in to " + strings.Join(in, ", ") + ", and out of " + strings.Join(a.SignedOut, ", ") + "."
}
