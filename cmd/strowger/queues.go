package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
)

func newQueuesCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use:     "queues",
		Aliases: []string{"queue"},
		Short:   "List the queues and who waits in them, or pause one",
		Example: `  strowger queues
  strowger queues --output json
  strowger queues --watch`,
		Args: unknownSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), o, screen[rest.QueueList]{
				fetch: func(ctx context.Context, c *client.Client) (rest.QueueList, error) { return c.Queues(ctx) },
				print: printQueues,
				about: func(e rest.Event) bool { return e.Queue != nil || e.Call != nil && e.Call.Queue != "" },
			})
		},
	}
	o.flags(cmd)
	o.watchFlag(cmd)
	cmd.AddCommand(
		newObjectOrder(a, "queues", "pause", "queue", "Stop a queue from giving calls to agents", "  strowger queue pause support"),
		newObjectOrder(a, "queues", "resume", "queue", "Have a paused queue give calls to agents again", "  strowger queue resume support"),
	)
	return cmd
}

func printQueues(w io.Writer, l rest.QueueList) error {
	if len(l.Queues) == 0 {
		_, err := io.WriteString(w, "No queue is configured.\n")
		return err
	}
	t := table.New("QUEUE", "NUMBER", "SERVICE", ">WAITING", ">LONGEST", ">RINGING", ">TALKING", ">READY", ">AGENTS", ">ARRIVED", ">ANSWERED", ">ABANDONED", ">LEVEL", ">ESTIMATE")
	for _, q := range l.Queues {
		loggedIn := 0
		for state, n := range q.Agents {
			if state != "logged-out" {
				loggedIn += n
			}
		}
		service := q.Service
		if q.Holiday != "" {
			service += " " + q.Holiday
		}
		estimate := ""
		if q.EstimateSeconds != nil {
			estimate = table.Clock(*q.EstimateSeconds)
		}
		t.Add(q.ID, q.Address, service, q.Waiting, table.Clock(q.LongestWaitSeconds), q.Offered, q.Talking, q.Agents["ready"], loggedIn, q.Arrived, q.Answered, q.Abandoned,
			fmt.Sprintf("%.0f%%", q.ServiceLevel), estimate)
	}
	return t.Write(w)
}
