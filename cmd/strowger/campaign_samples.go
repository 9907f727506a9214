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

func newSamplesCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "samples", Short: "Listen to calls that were taken for machines, and say what they were", Args: unknownSubcommand,
		Long: `Of the calls that were taken for machines a few keep their first seconds (campaigns.screen.sample). Who listens to
them finds how many were people: these count against the campaign's budget. From 20 samples on the estimate is yours.`,
		Example: "  strowger campaign samples list spring --unjudged\n  strowger campaign samples get 01KJQ9A0000000000000000009 sample.wav\n  strowger campaign samples label 01KJQ9A0000000000000000009 machine",
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSampleListCommand(a), newSampleGetCommand(a), newSampleLabelCommand(a))
	return cmd
}

func newSampleListCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	var unjudged bool
	var limit int
	cmd := &cobra.Command{
		Use: "list CAMPAIGN", Short: "List the samples of a campaign", Long: "Lists the samples of a campaign, the newest first.",
		Example: "  strowger campaign samples list spring --unjudged", Args: exactArgs("the campaign's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return show(cmd.Context(), o, screen[rest.SampleList]{
				fetch: func(ctx context.Context, c *client.Client) (rest.SampleList, error) {
					return c.Samples(ctx, args[0], unjudged, limit)
				},
				print: printSamples,
			})
		},
	}
	cmd.Flags().BoolVar(&unjudged, "unjudged", false, "only those that nobody has listened to")
	cmd.Flags().IntVar(&limit, "limit", 100, "at most this `many`")
	o.flags(cmd)
	return cmd
}

func printSamples(w io.Writer, l rest.SampleList) error {
	if len(l.Samples) == 0 {
		_, err := io.WriteString(w, "No samples.\n")
		return err
	}
	t := table.New("CALL", "TIME", "TAKEN FOR", "WAS", "SAYS")
	for _, s := range l.Samples {
		t.Add(s.Attempt, clockTime(&s.At), s.Verdict, s.Truth, s.By)
	}
	return t.Write(w)
}

func newSampleGetCommand(a *app) *cobra.Command {
	var force bool
	return newOrderCommand(a, orderSpec[copied]{
		use: "get CALL FILE", short: "Copy the first seconds of a call into a file",
		long:    "Copies a sample as a WAV file, readable for you alone. That it was copied, and by whom, is in the audit.",
		example: "  strowger campaign samples get 01KJQ9A0000000000000000009 sample.wav",
		args:    exactArgs("the call's id", "a file"),
		flags:   func(cmd *cobra.Command) { cmd.Flags().BoolVar(&force, "force", false, "write over a file that exists") },
		send: func(ctx context.Context, c *client.Client, args []string) (copied, error) {
			n, err := copyInto(args[1], force, func(w io.Writer) (int64, error) { return c.SampleAudio(ctx, args[0], w) })
			return copied{Attempt: args[0], File: args[1], Bytes: n}, err
		},
		tell: func(d copied) string { return fmt.Sprintf("%s: %d bytes.", d.File, d.Bytes) },
	})
}

func newSampleLabelCommand(a *app) *cobra.Command {
	return newOrderCommand(a, orderSpec[rest.ScreenSample]{
		use: "label CALL human|machine|unclear", short: "Say what a sample is",
		long:    "Says what a call was that was taken for a machine. It counts against the campaign's budget from then on.",
		example: "  strowger campaign samples label 01KJQ9A0000000000000000009 human",
		args:    exactArgs("the call's id", "what it was"),
		send: func(ctx context.Context, c *client.Client, args []string) (rest.ScreenSample, error) {
			return c.LabelSample(ctx, args[0], args[1])
		},
		tell: func(s rest.ScreenSample) string { return s.Attempt + ": " + s.Truth + "." },
	})
}
