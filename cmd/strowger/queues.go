package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
)

func newQueuesCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use:   "queues",
		Short: "List the queues and who waits in them",
		Example: `  strowger queues
  strowger queues --output json
  strowger queues --watch`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), o, screen[rest.QueueList]{
				fetch: func(ctx context.Context, c *client.Client) (rest.QueueList, error) { return c.Queues(ctx) },
				print: printQueues,
				about: func(e rest.Event) bool { return e.Call != nil && e.Call.Queue != "" },
			})
		},
	}
	o.flags(cmd)
	o.watchFlag(cmd)
	return cmd
}

func printQueues(w io.Writer, l rest.QueueList) error {
	if len(l.Queues) == 0 {
		_, err := io.WriteString(w, "No queue is configured.\n")
		return err
	}
	t := table.New("QUEUE", "NUMBER", ">WAITING", ">LONGEST", ">RINGING", ">TALKING", ">READY", ">AGENTS", ">ARRIVED", ">ANSWERED", ">ABANDONED")
	for _, q := range l.Queues {
		loggedIn := 0
		for state, n := range q.Agents {
			if state != "logged-out" {
				loggedIn += n
			}
		}
		t.Add(q.ID, q.Address, q.Waiting, table.Clock(q.LongestWaitSeconds), q.Offered, q.Talking, q.Agents["ready"], loggedIn, q.Arrived, q.Answered, q.Abandoned)
	}
	return t.Write(w)
}
