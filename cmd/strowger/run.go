package main

import (
	"context"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/demo"
	"strowger/switch/fault"
)

// envCacheDir is the variable that names the cache folder when --cache does not.
const envCacheDir = "STROWGER_CACHE"

// runOptions are the flags of `strowger run`.
type runOptions struct {
	cache, state string
	length       time.Duration
	rate         float64
	seed         uint64
	simulated    bool
	output       string
}

func newRunCommand(a *app) *cobra.Command {
	o := runOptions{}
	cmd := &cobra.Command{
		Use:     "run",
		Aliases: []string{"demo"},
		Short:   "Start everything with demo calls: Asterisk, the controller, phones, a CRM",
		Long: `Start an Asterisk of its own, the controller, and demo traffic, and tell what happens:
callers dial two queues over a SIP trunk, agents answer at SIP phones, tones are heard
both ways, and a small CRM follows and handles calls over ICI.

The Asterisk program of this machine is used where there is one of version 20 or later,
with a configuration folder and ports of its own; the site's own instance is not touched.
Otherwise a sandboxed one is made below --cache, once (Debian, root, about a minute).
Where neither can be had, the same demo runs on a simulated exchange, and says so in
every line. Nothing is written outside --cache and --var, except that debootstrap and
ca-certificates are installed from Debian where they are missing; the site is made up, and
--config is not read.

Ctrl-C ends the calls and stops everything that was started; a second one does not wait
for answers. With --for it ends by itself: exit code 0 when every call that should have
worked did, else 1. The traffic is part of this command; "strowger demo" is the same.`,
		Example: `  strowger run
  strowger run --for 30s --rate 60
  strowger run --simulated --for 3s --seed 7 --output json
  strowger demo --simulated --for 2s`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.length < 0 {
				return usageError(fault.New(fault.Invalid, "", "--for", "must not be negative"))
			}
			if o.rate <= 0 || o.rate > demo.MaxRate {
				return usageError(fault.Newf(fault.Invalid, "", "--rate", "must be above 0 and at most %d", demo.MaxRate))
			}
			return a.runDemo(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.cache, "cache", a.defaultCache(), "`folder` of the sandboxed Asterisk (environment: "+envCacheDir+")")
	f.StringVar(&o.state, "var", "var", "`folder` of journal, database, log and socket")
	f.DurationVar(&o.length, "for", 0, "end after this `time` with a summary; 0: when interrupted")
	f.Float64Var(&o.rate, "rate", 15, "average `number` of callers per minute")
	f.Uint64Var(&o.seed, "seed", 0, "`number` that decides who calls when and who answers; 0: a random one")
	f.BoolVar(&o.simulated, "simulated", false, "use the simulated exchange, whatever there is")
	outputFlag(cmd, &o.output)
	return cmd
}

func (a *app) defaultCache() string {
	for _, e := range a.env {
		if v, ok := strings.CutPrefix(e, envCacheDir+"="); ok && v != "" {
			return v
		}
	}
	return ".cache"
}

// runDemo is the whole of `strowger run`.
func (a *app) runDemo(ctx context.Context, o runOptions) error {
	if o.seed == 0 {
		o.seed = uint64(rand.Uint32()) + 1
	}
	if info, err := os.Stat(o.state); err == nil && !info.IsDir() {
		return fault.New(fault.Invalid, "run", o.state, "it is a file: name another folder with --var")
	}
	if err := os.MkdirAll(o.state, 0o700); err != nil {
		return fault.Wrap(fault.Denied, "run", o.state, err)
	}
	report := demo.NewReporter(a.stdout, o.output == outputJSON)
	force, cancel := secondSignal(ctx, report)
	defer cancel()
	r := &runner{options: o, report: report, force: force}
	summary, err := r.run(ctx)
	r.stop()
	if err != nil {
		if ctx.Err() != nil { // interrupted while things were being made ready
			report.Setup("stopped", "stopped before the first call")
			return nil
		}
		return err
	}
	report.Result(summary, r.sound)
	if !summary.OK() {
		return exitWith(exitFailure)
	}
	return nil
}

// secondSignal returns a context that ends with the second interrupt; the
// third one ends the process as if nobody listened. The first ends ctx.
func secondSignal(ctx context.Context, report *demo.Reporter) (context.Context, context.CancelFunc) {
	force, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-ctx.Done():
		case <-force.Done():
			return
		}
		again := make(chan os.Signal, 1)
		signal.Notify(again, os.Interrupt, syscall.SIGTERM)
		defer signal.Stop(again)
		select {
		case <-again:
			report.Setup("force", "stopping at once; a third Ctrl-C kills this program")
			signal.Reset(os.Interrupt, syscall.SIGTERM)
			cancel()
		case <-force.Done():
		}
	}()
	return force, func() {
		cancel()
		<-done
	}
}

// command is how the user starts this program, for lines to type.
func command() string {
	if len(os.Args) > 0 && !filepath.IsAbs(os.Args[0]) {
		return os.Args[0]
	}
	return "strowger"
}
