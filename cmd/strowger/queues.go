package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
)

func newQueuesCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	mirrored := false
	cmd := &cobra.Command{
		Use:     "queues",
		Aliases: []string{"queue"},
		Short:   "List the queues and who waits in them, or pause one",
		Long: `Lists the queues and who waits in them. Queues of app_queue, which Asterisk itself serves,
stand behind ours as NAME@SERVER where asterisk.ami_user is set; they are shown and take no orders.`,
		Example: `  strowger queues
  strowger queues --mirrored
  strowger queues --output json
  strowger queues --watch`,
		Args: unknownSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), o, screen[rest.QueueList]{
				fetch: func(ctx context.Context, c *client.Client) (rest.QueueList, error) {
					l, err := c.Queues(ctx)
					if mirrored {
						l.Queues = slices.DeleteFunc(l.Queues, func(q rest.Queue) bool { return q.Mirror == "" })
					}
					return l, err
				},
				print: printQueues,
				about: func(e rest.Event) bool { return e.Queue != nil || e.Call != nil && e.Call.Queue != "" },
			})
		},
	}
	cmd.Flags().BoolVar(&mirrored, "mirrored", false, "only queues of app_queue")
	o.flags(cmd)
	o.watchFlag(cmd)
	cmd.AddCommand(
		newImportCommand(a),
		newObjectOrder(a, "queues", "pause", "queue", "Stop a queue from giving calls to agents", "  strowger queue pause support"),
		newObjectOrder(a, "queues", "resume", "queue", "Have a paused queue give calls to agents again", "  strowger queue resume support"),
	)
	return cmd
}

func printQueues(w io.Writer, l rest.QueueList) error {
	if len(l.Queues) == 0 {
		_, err := io.WriteString(w, "No such queue.\n")
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
		level := fmt.Sprintf("%.0f%%", q.ServiceLevel)
		if q.Mirror != "" {
			service, level = q.Mirror, ""
		}
		estimate := ""
		if q.EstimateSeconds != nil {
			estimate = table.Clock(*q.EstimateSeconds)
		}
		t.Add(q.ID, q.Address, service, q.Waiting, table.Clock(q.LongestWaitSeconds), q.Offered, q.Talking, q.Agents["ready"], loggedIn, q.Arrived, q.Answered, q.Abandoned,
			level, estimate)
	}
	return t.Write(w)
}
