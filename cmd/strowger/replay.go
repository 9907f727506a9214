package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/config"
	"strowger/cmd/strowger/internal/table"
	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
	"strowger/switch/fault"
	"strowger/switch/store/journal"
)

// inputShown is how much of an input a line of text shows; JSON shows it all.
const inputShown = 240

type replayOptions struct {
	dir, call, output string
	from              uint64
}

func newReplayCommand(a *app) *cobra.Command {
	var opts replayOptions
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Turn the journal into a readable trace",
		Long: `Reads the journal and steps its records through the model again: every input with its
time and number, and below it what happened (events) and what was ordered (effects). Each
result is held against the one that was recorded; a difference means that this version decides
otherwise than the one that wrote the journal. Nothing is changed, and the controller may run.

Where the journal does not begin at record 1, the state before it is known from the first
snapshot on; until there, inputs are shown without events and effects.

Exit code 3: at least one result differs.`,
		Example: `  strowger replay
  strowger replay --call 1
  strowger replay --dir var/journal --from 2 --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opts.dir == "" {
				cfg, err := config.Load(cmd.Context(), a.configPath, a.env)
				if err != nil {
					cfg = config.Default()
				}
				opts.dir = cfg.Store.JournalDir
			}
			return a.replay(cmd.Context(), opts)
		},
	}
	cmd.Flags().StringVar(&opts.dir, "dir", "", "the journal's `folder` (default: store.journal_dir of the configuration)")
	cmd.Flags().StringVar(&opts.call, "call", "", "only what concerns this `call`: its number or id")
	cmd.Flags().Uint64Var(&opts.from, "from", 0, "only records from this `number` on")
	outputFlag(cmd, &opts.output)
	return cmd
}

func (a *app) replay(ctx context.Context, opts replayOptions) error {
	files, err := segments(opts.dir)
	if err != nil {
		return err
	}
	t := newTracer(a, opts)
	snaps, err := journal.ReadSnapshots(opts.dir)
	if err != nil {
		return err
	}
	for _, s := range snaps {
		t.snaps[s.Seq] = s.Data
	}
	if opts.call != "" {
		if err := t.choose(opts.call); err != nil {
			return err
		}
	}
	for i, name := range files {
		err := journal.ReadSegment(name, func(seq uint64, raw []byte) error { return t.record(ctx, seq, raw) })
		if err != nil && t.err == nil && i == len(files)-1 {
			t.note = "the last file ends in the middle of a record: a controller is writing it, or was killed"
			err = nil
		}
		if err != nil {
			_ = t.out.Flush() // the error that follows matters more
			return err
		}
	}
	if err := t.out.Flush(); err != nil {
		return fault.Wrap(fault.Unavailable, "replay", "output", err)
	}
	return t.summary(a)
}

// tracer steps records through a fresh State and prints them.
type tracer struct {
	opts  replayOptions
	state *callmodel.State // nil while the state is not known
	snaps map[uint64][]byte
	out   *bufio.Writer
	hash  []byte

	call   callmodel.CallID // zero while only its number is known
	number int64

	last, records, shown, blind, differ uint64
	note                                string
	err                                 error // the first that is ours and not the file's
}

// segments lists the journal's files in order, without the empty ones that are
// kept ready.
func segments(dir string) ([]string, error) {
	all, err := filepath.Glob(filepath.Join(dir, "journal-*.seg"))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "replay", dir, err)
	}
	var out []string
	for _, name := range all {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fault.Wrap(fault.Unavailable, "replay", name, err)
		}
		if info.Size() > 0 {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.NotFound, "replay", dir, "there is no journal here: name its folder with --dir")
	}
	return out, nil
}

func newTracer(a *app, opts replayOptions) *tracer {
	return &tracer{opts: opts, state: callmodel.New(acd.Router{}), snaps: map[uint64][]byte{}, out: bufio.NewWriter(a.stdout)}
}

func (t *tracer) choose(ref string) error {
	if id, err := callmodel.ParseID(ref); err == nil {
		t.call = callmodel.CallID{ID: id}
		return nil
	}
	n, err := strconv.ParseInt(ref, 10, 64)
	if err != nil || n <= 0 {
		return usageError(fault.New(fault.Invalid, "", "", "--call takes a call's number, or its id of 26 or 32 characters"))
	}
	t.number = n
	return nil
}

// traceRecord is a record as it is printed.
type traceRecord struct {
	Seq     uint64          `json:"seq"`
	Time    time.Time       `json:"time"`
	Now     int64           `json:"now"` // microseconds on the shard's time line
	Tag     string          `json:"tag"`
	Input   json.RawMessage `json:"input"`
	Fault   string          `json:"fault,omitempty"`
	Events  []string        `json:"events"`
	Effects []string        `json:"effects"`
	Result  string          `json:"result"` // same, differs or unknown
}

func (t *tracer) record(ctx context.Context, seq uint64, raw []byte) error {
	if err := ctx.Err(); err != nil {
		t.err = fault.New(fault.Stopped, "replay", "", "interrupted")
		return t.err
	}
	rec, err := engine.DecodeRecord(raw)
	if err != nil {
		t.err = fmt.Errorf("record %d: %w", seq, err)
		return t.err
	}
	if seq != t.last+1 {
		t.state = nil // what happened in between is not known
	}
	if data, kept := t.snaps[seq-1]; kept && t.state == nil {
		if t.state, err = callmodel.Restore(acd.Router{}, data); err != nil {
			t.state = nil // a snapshot of another version: the records alone are shown
		}
	}
	t.last = seq
	t.records++
	line, about, err := t.step(rec)
	if err != nil {
		t.err = err
		return err
	}
	if !about || seq < t.opts.from {
		return nil
	}
	t.shown++
	if err := t.print(line); err != nil {
		t.err = fault.Wrap(fault.Unavailable, "replay", "output", err)
	}
	return t.err
}

// step applies a record and reports whether it concerns the chosen call.
func (t *tracer) step(rec engine.Record) (traceRecord, bool, error) {
	body, err := callmodel.EncodeInput(rec.Input)
	if err != nil {
		return traceRecord{}, false, err
	}
	line := traceRecord{
		Seq: rec.Seq, Time: rec.Wall, Now: int64(rec.Now), Tag: rec.Input.Tag(), Input: body,
		Events: []string{}, Effects: []string{}, Result: "unknown",
	}
	if t.state == nil {
		t.blind++
		return line, t.about(body, callmodel.Output{}), nil
	}
	out := t.state.Step(rec.Now, rec.Input)
	if out.Fault != nil {
		line.Fault = out.Fault.Error()
	}
	for i := range out.Events {
		line.Events = append(line.Events, out.Events[i].String())
	}
	for _, e := range out.Effects {
		line.Effects = append(line.Effects, string(callmodel.AppendEffect(nil, e)))
	}
	var hash uint64
	hash, t.hash = out.Hash(t.hash)
	line.Result = "same"
	if hash != rec.Hash {
		line.Result = "differs"
		t.differ++
	}
	return line, t.about(body, out), nil
}

// about reports whether a step concerns the chosen call: it is in an event or
// effect, or the input names it.
func (t *tracer) about(input []byte, out callmodel.Output) bool {
	if t.call.IsZero() && t.number == 0 {
		return true
	}
	for i := range out.Events {
		if c := out.Events[i].Call; c != nil && (c.ID == t.call || c.Number == t.number) {
			t.call = c.ID
			return true
		}
	}
	if t.call.IsZero() {
		return false
	}
	for _, e := range out.Effects {
		if e.Head().Call == t.call {
			return true
		}
	}
	return strings.Contains(string(input), t.call.String())
}

func (t *tracer) print(r traceRecord) error {
	if t.opts.output == outputJSON {
		enc := json.NewEncoder(t.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(r)
	}
	input := table.Clean(string(r.Input))
	if runes := []rune(input); len(runes) > inputShown {
		input = string(runes[:inputShown-1]) + "…"
	}
	mark := ""
	if r.Result == "differs" {
		mark = "   RESULT DIFFERS from the recorded one"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %6d > %s %s%s\n", r.Time.Format("2006-01-02 15:04:05.000"), r.Seq, r.Tag, input, mark)
	const indent = "                                 "
	if r.Fault != "" {
		b.WriteString(indent + "refused: " + table.Clean(r.Fault) + "\n")
	}
	for _, e := range r.Events {
		b.WriteString(indent + "* " + table.Clean(e) + "\n")
	}
	for _, e := range r.Effects {
		b.WriteString(indent + "- " + table.Clean(e) + "\n")
	}
	_, err := t.out.WriteString(b.String())
	return err
}

// summary tells on stderr what was read and what was found.
func (t *tracer) summary(a *app) error {
	a.errorf("records read: %d; shown: %d; results other than recorded: %d; without a known state before them: %d\n",
		t.records, t.shown, t.differ, t.blind)
	if t.note != "" {
		a.errorf("%s\n", t.note)
	}
	if t.differ > 0 {
		return exitWith(exitFindings)
	}
	if t.opts.call != "" && t.shown == 0 {
		return fault.New(fault.NotFound, "replay", "call "+t.opts.call, "the journal has nothing about it")
	}
	return nil
}
