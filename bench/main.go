package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"strowger/bench/crash"
	"strowger/bench/ctips"
	"strowger/bench/dialer"
	"strowger/bench/events"
	"strowger/bench/ici"
	"strowger/bench/queue"
	"strowger/bench/recount"
	"strowger/bench/report"
	"strowger/bench/rig"
	"strowger/bench/step"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

type options struct {
	suite, out, cache, program string
	rates, steps               string
	seconds, stepSeconds       int
	warmup, calls, kills       int
	rate, subscribers          int
	recounted, recountRate     int
	teams, parts               string
	seeds                      int
	quick, keep                bool
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.suite, "suite", "queue", "what to measure: queue, step, crash, events, ici, ctips, dialer or recount")
	f.StringVar(&o.out, "out", "bench/out", "folder of latest.jsonl, and of what -keep keeps")
	f.StringVar(&o.cache, "cache", envOr("STROWGER_CACHE", ".cache"), "folder of the sandboxed Asterisk")
	f.StringVar(&o.program, "strowger", "", "program to measure; empty: build it from this checkout")
	f.StringVar(&o.rates, "rates", "10,40,80,120", "calls per second at which connect time is measured")
	f.StringVar(&o.steps, "steps", "100,120,135,150,165,180", "calls per second tried for the highest clean rate; empty: none")
	f.IntVar(&o.seconds, "seconds", 30, "`seconds` of measurement of each side at each rate, in two slices")
	f.IntVar(&o.stepSeconds, "step-seconds", 15, "`seconds` of one try for the clean rate")
	f.IntVar(&o.warmup, "warmup", 30, "`seconds` of calls at 40/s on each side before anything is measured")
	f.IntVar(&o.rate, "rate", 100, "calls per second (suites events, ici, ctips)")
	f.IntVar(&o.subscribers, "subscribers", 50, "CRMs that are told, which share out the agents (suite events)")
	f.IntVar(&o.calls, "calls", 200, "live calls when the controller is killed (suite crash)")
	f.IntVar(&o.kills, "kills", 5, "how often it is killed (suite crash)")
	f.IntVar(&o.recounted, "recount", 10000, "how many `calls` are counted again (suite recount)")
	f.IntVar(&o.recountRate, "recount-rate", 45, "`calls` per second (suite recount)")
	f.StringVar(&o.teams, "teams", "5,10,25,50", "sizes of the teams (suite dialer)")
	f.StringVar(&o.parts, "part", "", "`parts` to measure, separated by commas: "+strings.Join(dialer.PartNames(), ", ")+"; empty: all (suite dialer)")
	f.IntVar(&o.seeds, "seeds", 4, "shifts of each kind (suite dialer)")
	f.BoolVar(&o.quick, "quick", false, "everything short, under two minutes: shows that the harness works, its figures are rough")
	f.BoolVar(&o.keep, "keep", false, "keep the folder with configuration, logs and SIPp files")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if min(o.seconds, o.stepSeconds) < 2 || o.warmup < 0 {
		return o, errors.New("-seconds and -step-seconds must be 2 or more, -warmup 0 or more")
	}
	if o.recounted < 10 || o.recountRate < 10 || o.recountRate > 1000 {
		return o, errors.New("-recount must be 10 or more, -recount-rate from 10 to 1000")
	}
	if o.seeds < 1 || o.seeds > 100 {
		return o, errors.New("-seeds must be from 1 to 100")
	}
	if o.quick {
		o.teams, o.seeds = "5,10", 1
		o.recounted = min(o.recounted, 600)
		o.seconds, o.stepSeconds, o.warmup = 4, 3, 3
		o.steps = "120,150"
		o.calls, o.kills = min(o.calls, 40), min(o.kills, 1)
	}
	return o, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	book := report.NewBook(o.suite)
	progress := func(format string, a ...any) { _, _ = fmt.Fprintf(stderr, format+"\n", a...) } // progress may be lost
	host := rig.Host{CacheDir: o.cache, OutDir: o.out, Program: o.program, Keep: o.keep, Progress: progress}
	switch o.suite {
	case "queue":
		err = runQueue(ctx, o, host, book)
	case "crash":
		err = crash.Run(ctx, crash.Options{
			Host: host, Calls: o.calls, Kills: o.kills,
		}, book)
	case "events":
		err = events.Run(ctx, events.Options{
			Host: host, Rate: o.rate, Subscribers: o.subscribers, Length: seconds(o.seconds), Warmup: seconds(o.warmup),
		}, book)
	case "ici":
		err = ici.Run(ctx, ici.Options{Agents: 1000, URLs: 50, Rate: o.rate, Length: seconds(o.seconds), Progress: progress}, book)
	case "ctips":
		err = ctips.Run(ctx, ctips.Options{Agents: 200, Clients: 10, Rate: o.rate, Length: seconds(o.seconds), Progress: progress}, book)
	case "dialer":
		err = runDialer(ctx, o, book, progress)
	case "recount":
		err = recount.Run(ctx, recount.Options{
			Host: host, Calls: o.recounted, Rate: o.recountRate,
		}, book)
	case "step":
		err = step.Run(ctx, book, o.quick, progress)
	default:
		err = fmt.Errorf("there is no suite %q: choose queue, step, crash, events, ici, ctips, dialer or recount", o.suite)
	}
	// What was measured before a failure is shown, and not kept.
	err = errors.Join(err, book.Print(stdout))
	if err != nil {
		return err
	}
	return book.Append(filepath.Join(o.out, "latest.jsonl"))
}

func runDialer(ctx context.Context, o options, book *report.Book, progress func(string, ...any)) error {
	sizes, err := parseSizes(o.teams)
	if err != nil {
		return fmt.Errorf("-teams: %w", err)
	}
	var parts []string
	if o.parts != "" {
		parts = strings.Split(o.parts, ",")
	}
	return dialer.Run(ctx, dialer.Options{Parts: parts, Sizes: sizes, Seeds: o.seeds, Quick: o.quick, Program: o.program, Progress: progress}, book)
}

func runQueue(ctx context.Context, o options, host rig.Host, book *report.Book) error {
	rates, err := parseRates(o.rates)
	if err != nil {
		return fmt.Errorf("-rates: %w", err)
	}
	steps, err := parseRates(o.steps)
	if err != nil {
		return fmt.Errorf("-steps: %w", err)
	}
	return queue.Run(ctx, queue.Options{
		Host: host, Rates: rates, Steps: steps,
		Length: seconds(o.seconds), StepLength: seconds(o.stepSeconds), Warmup: seconds(o.warmup),
	}, book)
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func parseSizes(list string) ([]int, error) { return numbers(list, "a size", 300) }

func parseRates(list string) ([]int, error) { return numbers(list, "a rate", 1000) }

// numbers reads whole numbers from 1 on, separated by commas.
func numbers(list, what string, most int) ([]int, error) {
	var out []int
	for word := range strings.SplitSeq(list, ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > most {
			return nil, fmt.Errorf("%q is not %s: give whole numbers from 1 to %d, separated by commas", word, what, most)
		}
		out = append(out, n)
	}
	return out, nil
}

func envOr(name, fallback string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return fallback
}
