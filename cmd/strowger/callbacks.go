package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
	"strowger/switch/fault"
)

func newCallbacksCommand(a *app) *cobra.Command {
	list := newCallbackListCommand(a, "callbacks", "List the callbacks, ask for one, or report a result",
		"  strowger callbacks\n  strowger callbacks --queue support --state waiting")
	list.Args = unknownSubcommand
	list.AddCommand(
		newCallbackListCommand(a, "list", "List the callbacks", "  strowger callbacks list --output json"),
		newCallbackCreateCommand(a),
		newCallbackUpdateCommand(a), newCallbackChangeCommand(a),
	)
	return list
}

func newCallbackListCommand(a *app, use, short, example string) *cobra.Command {
	o := &operator{app: a}
	var queue, state string
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: noArgs,
		Long: "Lists customers who are to be called back, in order of creation.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), o, screen[rest.CallbackList]{
				fetch: func(ctx context.Context, c *client.Client) (rest.CallbackList, error) {
					return c.Callbacks(ctx, queue, state)
				},
				print: printCallbacks,
				about: func(e rest.Event) bool { return e.Callback != nil && (queue == "" || e.Callback.Queue == queue) },
			})
		},
	}
	cmd.Flags().StringVar(&queue, "queue", "", "only callbacks of this `queue`")
	cmd.Flags().StringVar(&state, "state", "", "only callbacks in this `state`: scheduled, waiting, active or done")
	o.flags(cmd)
	o.watchFlag(cmd)
	return cmd
}

func printCallbacks(w io.Writer, l rest.CallbackList) error {
	if len(l.Callbacks) == 0 {
		_, err := io.WriteString(w, "No callbacks.\n")
		return err
	}
	t := table.New("CALLBACK", "NUMBER", "QUEUE", "STATE", "NEXT", ">TRIED", "RESULT", "NOTES")
	for _, c := range l.Callbacks {
		t.Add(c.ID, c.Number, c.Queue, c.State, clockTime(c.NextAt), fmt.Sprintf("%d/%d", c.Attempts, c.MaxCalls), c.LastResult, c.Notes)
	}
	if err := t.Write(w); err != nil || l.Total <= len(l.Callbacks) {
		return err
	}
	_, err := fmt.Fprintf(w, "%d of %d callbacks\n", len(l.Callbacks), l.Total)
	return err
}

func newCallbackCreateCommand(a *app) *cobra.Command {
	var r rest.CallbackRequest
	var at, until string
	return newOrderCommand(a, orderSpec[rest.Accepted]{
		use: "create NUMBER QUEUE", short: "Ask for a call to a customer by a queue",
		long: `Asks for a callback: when its turn comes in the queue, an agent gets it, and the customer is called
when the agent has answered.`,
		example: "  strowger callbacks create +49301234 support --notes 'about the invoice'",
		args:    exactArgs("the customer's number", "the queue's name"), tell: accepted,
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&at, "at", "", "not before this `time`, as 2026-03-02T15:04:05+01:00")
			cmd.Flags().StringVar(&until, "until", "", "given up at this `time`")
			cmd.Flags().StringVar(&r.Notes, "notes", "", "`text` for the agent")
			cmd.Flags().IntVar(&r.Priority, "priority", 0, "`number`: higher is served first")
			cmd.Flags().StringVar(&r.Gateway, "gateway", "", "gateway `prefix`: chooses among the routes")
			cmd.Flags().StringVar(&r.Campaign, "campaign", "", "`name` of the campaign that it is part of")
			cmd.Flags().StringVar(&r.ListID, "list-id", "", "`entry` of the campaign's list of calls")
		},
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Accepted, error) {
			r.Number, r.Queue = args[0], args[1]
			var err error
			if r.At, r.Until, err = window(at, until); err != nil {
				return rest.Accepted{}, err
			}
			return c.CreateCallback(ctx, r)
		},
	})
}

// window reads --at and --until; nil is what was not written.
func window(at, until string) (from, to *time.Time, err error) {
	for _, f := range []struct {
		flag, text string
		to         **time.Time
	}{{"--at", at, &from}, {"--until", until, &to}} {
		if f.text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, f.text)
		if err != nil {
			return nil, nil, usageError(fault.New(fault.Invalid, "", f.flag, "write the time as 2026-03-02T15:04:05+01:00"))
		}
		*f.to = &t
	}
	return from, to, nil
}

func newCallbackChangeCommand(a *app) *cobra.Command {
	var change rest.CallbackChange
	var at, until string
	return newOrderCommand(a, orderSpec[rest.Accepted]{
		use: "change CALLBACK NUMBER", short: "Change a callback that is not being called yet",
		long: `Gives a callback another number, time and priority; what is not written becomes as for a new one. It
keeps its place in the queue. An agent to whom it is being offered gets it anew.`,
		example: "  strowger callbacks change 01KJQ9A0000000000000000009 +49301234 --at 2026-03-02T15:00:00+01:00",
		args:    exactArgs("the callback's id", "the customer's number"), tell: accepted,
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&at, "at", "", "not before this `time`, as 2026-03-02T15:04:05+01:00")
			cmd.Flags().StringVar(&until, "until", "", "given up at this `time`")
			cmd.Flags().IntVar(&change.Priority, "priority", 0, "`number`: higher is served first")
		},
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Accepted, error) {
			change.Number = args[1]
			var err error
			if change.At, change.Until, err = window(at, until); err != nil {
				return rest.Accepted{}, err
			}
			return c.UpdateCallback(ctx, args[0], rest.CallbackUpdate{Change: &change})
		},
	})
}

func newCallbackUpdateCommand(a *app) *cobra.Command {
	var notes string
	var cmd *cobra.Command
	cmd = newOrderCommand(a, orderSpec[rest.Accepted]{
		use: "update CALLBACK RESULT", short: "Report the result of an attempt, or remove a callback",
		long: `RESULT is BADADDRESS, BUSY, NO_ANSWER, VOICEMAIL, OTHER or SKIP, after which there is another attempt, or
SUCCESSFUL, HANDLED or AGENT_REJECTED, which remove the callback.`,
		example: "  strowger callbacks update 01KJQ9A0000000000000000009 BUSY",
		args:    exactArgs("the callback's id", "a result"), tell: accepted,
		flags: func(cmd *cobra.Command) { cmd.Flags().StringVar(&notes, "notes", "", "new `text` for the agent") },
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Accepted, error) {
			u := rest.CallbackUpdate{Result: strings.ToUpper(args[1])}
			if cmd.Flags().Changed("notes") {
				u.Notes = &notes
			}
			return c.UpdateCallback(ctx, args[0], u)
		},
	})
	return cmd
}
