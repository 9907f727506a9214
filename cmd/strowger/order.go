package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
)

// orderSpec describes a subcommand that asks the controller for one thing.
type orderSpec[T any] struct {
	use, short, long, example string
	args                      cobra.PositionalArgs
	flags                     func(*cobra.Command)
	send                      func(ctx context.Context, c *client.Client, args []string) (T, error)
	tell                      func(T) string // the answer for a person, one line
}

// newOrderCommand makes the subcommand.
func newOrderCommand[T any](a *app, s orderSpec[T]) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use: s.use, Short: s.short, Long: s.long, Example: s.example, Args: s.args,
		RunE: func(cmd *cobra.Command, args []string) error {
			c := o.connect(cmd.Context())
			defer c.Close()
			answer, err := s.send(cmd.Context(), c, args)
			if err != nil {
				return err
			}
			if o.output == outputJSON {
				return o.printJSON(answer)
			}
			o.printf("%s\n", table.Clean(s.tell(answer)))
			return nil
		},
	}
	if s.flags != nil {
		s.flags(cmd)
	}
	o.flags(cmd)
	return cmd
}

// accepted tells what the controller has taken.
func accepted(a rest.Accepted) string {
	out := a.Operation + ": accepted"
	switch {
	case a.Connection != "":
		out += " for connection " + a.Connection
	case a.Agent != "":
		out += " for " + a.Agent
	case a.Callback != "":
		out += " for callback " + a.Callback
	case a.Queue != "":
		out += " for queue " + a.Queue
	case a.Call != "":
		out += " for call " + a.Call
	}
	if a.NewCall != "" {
		out += "; the new call is " + a.NewCall
	}
	return out + "."
}

// newObjectOrder is an order on something that its id names and that takes no
// more than that: collection is calls, agents or queues.
func newObjectOrder(a *app, collection, operation, what, short, example string) *cobra.Command {
	return newOrderCommand(a, orderSpec[rest.Accepted]{
		use: operation + " " + strings.ToUpper(what), short: short, long: short + ".", example: example, args: exactArgs("the " + what + "'s name"),
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Accepted, error) {
			return c.Order(ctx, collection, args[0], operation, nil)
		},
		tell: accepted,
	})
}

// fields makes a request's body of what was given.
func fields(pairs ...string) map[string]any {
	out := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out[pairs[i]] = pairs[i+1]
		}
	}
	return out
}
