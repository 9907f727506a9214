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

func newExplainCommand(a *app) *cobra.Command {
	explain := &cobra.Command{
		Use:     "explain",
		Short:   "Say why the switch did what it did",
		Long:    "Says why a call went to this agent and to no other, or why it waits.",
		Example: "  strowger explain call 1",
		Args:    unknownSubcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	explain.AddCommand(newShowCommand(a, showSpec[rest.Explanation]{
		use: "call CALL", short: "Why a call went to this agent, or waits",
		long: `Shows the last decision about a call: who got it, and for each other agent of the queue why not.
Decisions are kept while a call lives, and of the last 1,000 calls after that. CALL is the call's
number or id.`,
		example: "  strowger explain call 1\n  strowger explain call 1 --output json",
		args:    exactArgs("the call's number or id"),
		fetch: func(ctx context.Context, c *client.Client, args []string) (rest.Explanation, error) {
			return c.Explain(ctx, args[0])
		},
		print: printExplanation,
	}))
	return explain
}

func printExplanation(w io.Writer, e rest.Explanation) error {
	var b strings.Builder
	state := e.Phase
	if !e.Live {
		state = "ended"
	}
	fmt.Fprintf(&b, "call %d, %s", e.Number, state)
	if e.Queue != "" {
		fmt.Fprintf(&b, ", queue %s", table.Clean(e.Queue))
	}
	if e.Position > 0 {
		fmt.Fprintf(&b, ", place %d", e.Position)
	}
	if e.EstimateSeconds > 0 {
		fmt.Fprintf(&b, ", estimated wait on arrival %s", table.Clock(e.EstimateSeconds))
	}
	b.WriteString("\n")
	for _, line := range e.Text {
		b.WriteString(table.Clean(line) + "\n")
	}
	if len(e.Text) == 0 {
		t := table.New("AGENT", "WHY", ">KEY")
		for _, v := range e.Verdicts {
			t.Add(v.Agent, v.Why, v.Key)
		}
		if err := t.Write(&b); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func newParkingCommand(a *app) *cobra.Command {
	return newShowCommand(a, showSpec[rest.ParkingList]{
		use: "parking", short: "List the parked calls",
		long:    "Lists the parking places in use. 'strowger call pick-up' takes a call out of one.",
		example: "  strowger parking\n  strowger parking --output json",
		args:    noArgs,
		fetch: func(ctx context.Context, c *client.Client, _ []string) (rest.ParkingList, error) {
			return c.Parking(ctx)
		},
		print: printParking,
		about: func(e rest.Event) bool { return e.Kind == "Parked" || e.Call != nil && e.Call.Parked != nil },
	})
}

func printParking(w io.Writer, l rest.ParkingList) error {
	if len(l.Parked) == 0 {
		text := "No call is parked.\n"
		if l.First == "" {
			text = "There are no parking places.\n"
		}
		_, err := io.WriteString(w, text)
		return err
	}
	t := table.New("PLACE", ">CALL", "CALLER", "QUEUE", "BY", ">FOR")
	for _, p := range l.Parked {
		t.Add(p.Place, p.Number, p.Caller, p.Queue, p.By, table.Clock(p.Seconds))
	}
	return t.Write(w)
}
