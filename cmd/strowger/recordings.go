package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
	"strowger/switch/fault"
)

func newRecordingsCommand(a *app) *cobra.Command {
	list := newRecordingListCommand(a, "recordings", "List the recordings, get one, or record a call",
		"  strowger recordings\n  strowger recordings --queue support --state saved --since 24h")
	list.Aliases = []string{"recording"}
	list.Args = unknownSubcommand
	list.AddCommand(
		newRecordingListCommand(a, "list", "List the recordings", "  strowger recordings list --output json"),
		newRecordingShowCommand(a), newRecordingGetCommand(a), newRecordingVerifyCommand(a),
		newRecordOrderCommand(a, "start", "start-recording", "Record a call from here on", "  strowger recordings start 7 --channels stereo"),
		newRecordOrderCommand(a, "stop", "stop-recording", "End the recording of a call; no rule begins another in it", "  strowger recordings stop 7"),
		newRecordOrderCommand(a, "pause", "pause-recording", "Have the recording of a call hold silence", "  strowger recordings pause 7 --reason card --for 2m"),
		newRecordOrderCommand(a, "resume", "resume-recording", "End the pause of a call's recording", "  strowger recordings resume 7"),
	)
	return list
}

func newRecordingListCommand(a *app, use, short, example string) *cobra.Command {
	o := &operator{app: a}
	var f client.RecordingFilter
	var since time.Duration
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: noArgs,
		Long: "Lists recordings, those that go on first, then those that are over, newest first.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if since > 0 {
				f.Since = time.Now().Add(-since)
			}
			return show(cmd.Context(), o, screen[rest.RecordingList]{
				fetch: func(ctx context.Context, c *client.Client) (rest.RecordingList, error) { return c.Recordings(ctx, f) },
				print: printRecordings,
				about: func(e rest.Event) bool { return e.Recording != nil },
			})
		},
	}
	cmd.Flags().StringVar(&f.Queue, "queue", "", "only recordings of this `queue`")
	cmd.Flags().StringVar(&f.Agent, "agent", "", "only recordings in which this `agent` talked")
	cmd.Flags().StringVar(&f.Call, "call", "", "only recordings of the call with this `id`")
	cmd.Flags().StringVar(&f.State, "state", "", "only recordings in this `state`: recording, paused, saved, failed, lost, deleted and others")
	cmd.Flags().DurationVar(&since, "since", 0, "only recordings that began so `long` ago or later, as 24h")
	cmd.Flags().IntVar(&f.Limit, "limit", 0, "at most this `many` (default 100)")
	o.flags(cmd)
	o.watchFlag(cmd)
	return cmd
}

func printRecordings(w io.Writer, l rest.RecordingList) error {
	if len(l.Recordings) == 0 {
		_, err := io.WriteString(w, "No recordings.\n")
		return err
	}
	t := table.New("RECORDING", ">CALL", "STARTED", "STATE", ">LENGTH", ">CHANNELS", ">MIB", "QUEUE", "AGENTS", "CALLER")
	for _, r := range l.Recordings {
		t.Add(r.ID, r.CallNumber, clockTime(r.StartedAt), r.State, table.Clock(r.Duration), r.Channels, fmt.Sprintf("%.1f", float64(r.Bytes)/(1<<20)),
			r.Queue, strings.Join(r.Agents, ","), r.Caller)
	}
	return t.Write(w)
}

func newRecordingShowCommand(a *app) *cobra.Command {
	return newShowCommand(a, showSpec[rest.Recording]{
		use: "show RECORDING", short: "Show everything about one recording",
		long:    "Shows a recording with its pauses and with what of the conversation is missing in it.",
		example: "  strowger recordings show 01KJQ9A0000000000000000009",
		args:    exactArgs("the recording's id"),
		fetch: func(ctx context.Context, c *client.Client, args []string) (rest.Recording, error) {
			return c.Recording(ctx, args[0])
		},
		print: printRecording,
	})
}

func printRecording(w io.Writer, r rest.Recording) error {
	t := table.New("RECORDING", r.ID)
	t.Add("call", fmt.Sprintf("%d (%s)", r.CallNumber, r.Call))
	t.Add("state", strings.TrimSpace(r.State+" "+r.Reason))
	t.Add("started", clockTime(r.StartedAt))
	t.Add("ended", clockTime(r.EndedAt))
	t.Add("length", fmt.Sprintf("%s in %d parts, %d channels", table.Clock(r.Duration), r.Parts, r.Channels))
	t.Add("queue", r.Queue)
	t.Add("agents", strings.Join(r.Agents, ", "))
	t.Add("caller", r.Caller)
	t.Add("bytes", r.Bytes)
	t.Add("sha256", r.SHA256)
	t.Add("kept until", clockTime(r.KeepUntil))
	if r.Repaired {
		t.Add("repaired", "the telephony server was killed while it recorded")
	}
	for _, p := range r.Pauses {
		t.Add("paused", strings.TrimSpace(clockTime(p.From)+" to "+clockTime(p.To)+" "+p.Reason))
	}
	for _, p := range r.Gaps {
		t.Add("missing", clockTime(p.From)+" to "+clockTime(p.To)+": "+p.Reason)
	}
	return t.Write(w)
}

// copied is the answer of what writes a file.
type copied struct {
	Recording string `json:"recording,omitempty"`
	List      string `json:"list,omitempty"`
	Attempt   string `json:"attempt,omitempty"` // whose first seconds
	File      string `json:"file"`
	Bytes     int64  `json:"bytes"`
}

func newRecordingGetCommand(a *app) *cobra.Command {
	var force bool
	return newOrderCommand(a, orderSpec[copied]{
		use: "get RECORDING FILE", short: "Copy the sound of a recording into a file",
		long: `Copies a recording as a WAV file, readable for you alone. That it was copied, and by whom, is in the
audit, as is every hearing.`,
		example: "  strowger recordings get 01KJQ9A0000000000000000009 complaint.wav",
		args:    exactArgs("the recording's id", "a file"),
		flags:   func(cmd *cobra.Command) { cmd.Flags().BoolVar(&force, "force", false, "write over a file that exists") },
		send: func(ctx context.Context, c *client.Client, args []string) (copied, error) {
			n, err := copyInto(args[1], force, func(w io.Writer) (int64, error) { return c.Audio(ctx, args[0], w) })
			return copied{Recording: args[0], File: args[1], Bytes: n}, err
		},
		tell: func(d copied) string { return fmt.Sprintf("%s: %d bytes.", d.File, d.Bytes) },
	})
}

// copyInto writes a new file that only its owner can read; half a file is
// taken away again.
func copyInto(file string, force bool, fetch func(io.Writer) (int64, error)) (n int64, err error) {
	how := os.O_CREATE | os.O_WRONLY | os.O_EXCL
	if force {
		how = os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	}
	f, err := os.OpenFile(file, how, 0o600)
	switch {
	case errors.Is(err, os.ErrExist):
		return 0, fault.New(fault.Conflict, "get", file, "the file exists: choose another name, or --force")
	case err != nil:
		return 0, fault.Wrap(fault.Denied, "get", file, err)
	}
	n, err = fetch(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, errors.Join(err, os.Remove(file))
	}
	return n, nil
}

func newRecordingVerifyCommand(a *app) *cobra.Command {
	return newOrderCommand(a, orderSpec[rest.RecordingVerdict]{
		use: "verify RECORDING", short: "Compare a recording's file with its hash",
		long:    "Reads the file of a recording anew and compares it with the hash that was kept with it. Exit code 1 where it has changed.",
		example: "  strowger recordings verify 01KJQ9A0000000000000000009",
		args:    exactArgs("the recording's id"),
		send: func(ctx context.Context, c *client.Client, args []string) (rest.RecordingVerdict, error) {
			v, err := c.VerifyRecording(ctx, args[0])
			if err == nil && !v.Good {
				err = fault.New(fault.Conflict, "recordings verify", v.ID, v.Reason)
			}
			return v, err
		},
		tell: func(v rest.RecordingVerdict) string {
			return fmt.Sprintf("%s: good, %d bytes, SHA-256 %s.", v.ID, v.Bytes, v.SHA256)
		},
	})
}

// newRecordOrderCommand is an order about the recording of a whole call.
func newRecordOrderCommand(a *app, name, operation, short, example string) *cobra.Command {
	var channels, reason string
	var length time.Duration
	return newOrderCommand(a, orderSpec[rest.Accepted]{
		use: name + " CALL", short: short, long: short + ". CALL is the call's number or id. It is done in your name, as a supervisor's order, and audited.",
		example: example, args: exactArgs("the call's number or id"), tell: accepted,
		flags: func(cmd *cobra.Command) {
			switch name {
			case "start":
				cmd.Flags().StringVar(&channels, "channels", "", "mono or stereo; as the rules say where it is left out")
			case "pause":
				cmd.Flags().StringVar(&reason, "reason", "", "`why`, such as card")
				cmd.Flags().DurationVar(&length, "for", 0, "it ends by itself after this `time`")
			}
		},
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Accepted, error) {
			var body any
			switch {
			case name == "start" && channels != "":
				body = rest.StartRecordingRequest{Channels: channels}
			case name == "pause" && (reason != "" || length != 0):
				body = rest.PauseRecordingRequest{Reason: reason, ResumeSeconds: length.Seconds()}
			}
			return c.Order(ctx, "calls", args[0], operation, body)
		},
	})
}
