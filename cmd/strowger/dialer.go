package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/table"
	"strowger/dialer/daylog"
	"strowger/dialer/pacing/wire"
	"strowger/switch/fault"
)

func newDialerCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "dialer",
		Short:   "Ask why somebody is not called, drive the pacer by hand, or decide a recorded day again",
		Example: "  strowger dialer why +49301234\n  strowger dialer replay shift.jsonl",
		Args:    unknownSubcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newWhyCommand(a), newPaceCommand(a), newDialerReplayCommand(a))
	return cmd
}

// targetFlag is --target: a share in percent, instead of the one that was said.
type targetFlag struct {
	percent float64
	cmd     *cobra.Command
}

func (t *targetFlag) flag(cmd *cobra.Command) {
	t.cmd = cmd
	cmd.Flags().Float64Var(&t.percent, "target", 0, "`percent` of the answers that may be dropped, instead of what the first line says")
}

// share is nil where the flag was not given.
func (t *targetFlag) share() (*float64, error) {
	if !t.cmd.Flags().Changed("target") {
		return nil, nil // the share that the first line says
	}
	if math.IsNaN(t.percent) || t.percent < 0 || t.percent > 50 {
		return nil, usageError(fault.New(fault.Invalid, "", "--target", "write a percentage of 0 to 50"))
	}
	share := t.percent / 100
	return &share, nil
}

func newPaceCommand(a *app) *cobra.Command {
	var stdio bool
	var o wire.Options
	var target targetFlag
	cmd := &cobra.Command{
		Use:   "pace --stdio",
		Short: "Let a simulator drive the pacer: JSON lines on standard input and output",
		Long: `Reads a first line that says hello, then one line per tick with what can be seen, and answers
each with how many lines to dial. One process is one shift; it ends with its input.

  {"hello":{"agents":25,"trunk_limit":125,"grace":2,"ring_limit":22,"shift_ends":28800,"target":0.03}}
  {"t":12.5,"agents":[[status,since,pending],...],"ringing":[dialed_at,...],"waiting":0,"trunk_limit":125,
   "trunks":31,"answered":10,"abandoned":0,"log":[[t,kind,outcome,dur],...]}
  {"dial":3}

status 0 offline, 1 idle, 2 talking, 3 wrapping; pending 1: a break was asked for. log has new lines
only; kind 0 dial ended, 1 bridged, 2 abandoned, 3 talk ended, 4 wrap-up ended; outcome 0 human,
1 machine, 2 busy, 3 SIT, 4 no answer; dur in seconds. With --why an answer has a sentence and the
figures behind it. A line that is wrong ends the process with exit code 1 and the line's number.`,
		Example: "  strowger dialer pace --stdio\n  strowger dialer pace --stdio --why --target 1",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if !stdio {
				return usageError(fault.New(fault.Invalid, "", "pace", "write --stdio: it is the only way to be driven"))
			}
			if o.Target, err = target.share(); err != nil {
				return err
			}
			return wire.Serve(cmd.InOrStdin(), a.stdout, o)
		},
	}
	cmd.Flags().BoolVar(&stdio, "stdio", false, "read standard input, write standard output")
	cmd.Flags().BoolVar(&o.Why, "why", false, "say why")
	target.flag(cmd)
	return cmd
}

// replayedDay is what a recorded day came to, then and now.
type replayedDay struct {
	Steps   int             `json:"steps"`
	Then    int             `json:"dialled_then"` // of the steps that have a record of it
	Now     int             `json:"dialled_now"`  // of the same steps
	Differ  int             `json:"differ"`
	Changes []replayedSteps `json:"changes"`
}

// replayedSteps is a step that is decided otherwise now.
type replayedSteps struct {
	Seconds float64 `json:"t"`
	Then    int     `json:"then"`
	Now     int     `json:"now"`
	Why     string  `json:"why"`
}

const stepsShown = 50

func newDialerReplayCommand(a *app) *cobra.Command {
	var output string
	var all bool
	var target targetFlag
	cmd := &cobra.Command{
		Use:   "replay FILE",
		Short: "Decide a recorded day again, as it was or with another target",
		Long: `FILE is the record of a campaign's day (campaign-NUMBER-DATE.jsonl or .jsonl.gz in the folder
dialer.log_dir), or lines that a pacer was driven with and its answers, as "dialer pace --stdio"
takes and writes them ("-": standard input). Every tick is decided again, and what differs is shown
with the reason. Each tick is as it was then: what other lines would have brought is not known.
--target stands for the shares of the rule's window, too. A record begins with what the pacer knew,
but for the last minutes: a few ticks of a hundred differ without a reason.`,
		Example: "  strowger dialer replay shift.jsonl\n  strowger dialer replay campaign-7-2026-03-02.jsonl.gz --target 1 --output json",
		Args:    exactArgs("the file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			share, err := target.share()
			if err != nil {
				return err
			}
			in := cmd.InOrStdin()
			if args[0] != stdinFile {
				f, err := os.Open(args[0])
				if err != nil {
					return fileFault("replay", args[0], err)
				}
				defer func() { _ = f.Close() }() // only read from
				if in, err = daylog.Plain(f); err != nil {
					return err
				}
			}
			day, err := decideAgain(in, wire.Options{Target: share}, all)
			if err != nil {
				return err
			}
			if output == outputJSON {
				return a.printJSON(day)
			}
			return printDay(a, day)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, fmt.Sprintf("show every difference, not only the first %d", stepsShown))
	target.flag(cmd)
	outputFlag(cmd, &output)
	return cmd
}

// fileFault says why a file cannot be opened.
func fileFault(op, name string, err error) error {
	kind, reason := fault.Unavailable, "cannot be read: "+err.Error()
	if errors.Is(err, fs.ErrNotExist) {
		kind, reason = fault.NotFound, "there is no such file"
	}
	return &fault.Error{Kind: kind, Op: op, Subject: name, Err: err, Reason: reason}
}

func decideAgain(in io.Reader, o wire.Options, all bool) (replayedDay, error) {
	day := replayedDay{Changes: []replayedSteps{}}
	err := wire.Replay(in, o, func(s wire.Step) error {
		day.Steps++
		if s.Then < 0 {
			return nil
		}
		day.Then, day.Now = day.Then+s.Then, day.Now+s.Now.Dial
		if s.Then == s.Now.Dial {
			return nil
		}
		if day.Differ++; all || day.Differ <= stepsShown {
			day.Changes = append(day.Changes, replayedSteps{s.State.T, s.Then, s.Now.Dial, s.Now.String()})
		}
		return nil
	})
	return day, err
}

func printDay(a *app, day replayedDay) error {
	if len(day.Changes) > 0 {
		t := table.New(">T", ">THEN", ">NOW", "WHY")
		for _, c := range day.Changes {
			t.Add(fmt.Sprintf("%.1f", c.Seconds), fmt.Sprint(c.Then), fmt.Sprint(c.Now), c.Why)
		}
		if err := t.Write(a.stdout); err != nil {
			return err
		}
	}
	a.printf("%d ticks, %d decided otherwise; %d lines then, %d now\n", day.Steps, day.Differ, day.Then, day.Now)
	return nil
}
