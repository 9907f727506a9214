package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/config"
	"strowger/switch/fault"
)

// Exit codes of every subcommand.
const (
	exitOK       = 0 // done
	exitFailure  = 1 // it failed; stderr says why
	exitUsage    = 2 // the command line is wrong
	exitFindings = 3 // it worked and found something to correct (doctor)
	exitReplaced = 4 // serve: another controller has taken our application; do not restart by itself
)

// outputText and outputJSON are the values of --output.
const (
	outputText = "text"
	outputJSON = "json"
)

// envConfig is the variable that names the configuration file when --config does not.
const envConfig = "STROWGER_CONFIG"

// app is what the subcommands share: where they write, the environment they
// may use, and the global flags.
type app struct {
	stdout io.Writer
	stderr io.Writer
	env    []string // "NAME=value", as os.Environ returns it

	configPath string
}

// commands lists every subcommand, in the order of the help text.
func commands(a *app) []*cobra.Command {
	return []*cobra.Command{
		newInitCommand(a),
		newConfigCommand(a),
		newDoctorCommand(a),
		newRunCommand(a),
		newServeCommand(a),
		newStatusCommand(a),
		newCallsCommand(a),
		newAgentsCommand(a),
		newQueuesCommand(a),
		newParkingCommand(a),
		newCallbacksCommand(a),
		newReportCommand(a),
		newRecordingsCommand(a),
		newExplainCommand(a),
		newSuperviseCommand(a),
		newICICommand(a),
		newAuditCommand(a),
		newApplyCommand(a),
		newGetCommand(a),
		newReplayCommand(a),
		newSAPphoneCommand(a),
		newCTIPSCommand(a),
		newCampaignCommand(a),
		newListCommand(a),
		newBlockCommand(a),
		newDialerCommand(a),
		newStoreCommand(a),
		newVersionCommand(a),
	}
}

// run executes one command line with an empty environment and returns its exit
// code. End-to-end tests call it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return runApp(ctx, &app{stdout: stdout, stderr: stderr}, args)
}

func runApp(ctx context.Context, a *app, args []string) int {
	root := newRootCommand(a)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	return a.finish(cmd, err)
}

func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "strowger",
		Short: "A telephony switch controller beside Asterisk",
		Long: `Strowger is a telephony switch controller that runs beside Asterisk. It owns queues
and agents and connects CRM systems to them; Asterisk owns the media.

Exit codes: 0 done, 1 failed, 2 wrong command line, 3 done with findings (doctor),
4 replaced by another controller (serve).`,
		Example: `  strowger init
  strowger config validate`,
		Args:              unknownSubcommand,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError(err) })
	root.PersistentFlags().StringVarP(&a.configPath, "config", "c", a.defaultConfigPath(), "configuration `file` (environment: "+envConfig+")")
	root.AddCommand(commands(a)...)
	return root
}

func (a *app) defaultConfigPath() string {
	for _, e := range a.env {
		if v, ok := strings.CutPrefix(e, envConfig+"="); ok && v != "" {
			return v
		}
	}
	return config.DefaultFile
}

// loadConfig loads the configuration file and prints its warnings to stderr.
func (a *app) loadConfig(ctx context.Context) (*config.Config, error) {
	cfg, err := config.Load(ctx, a.configPath, a.env)
	if err != nil {
		return nil, err
	}
	for _, w := range cfg.Warnings {
		a.errorf("%s\n", w.Text())
	}
	return cfg, nil
}

// printf writes to stdout. A closed pipe ends the program by itself; other
// failures to write to a terminal have nobody to be told to.
func (a *app) printf(format string, args ...any) { _, _ = fmt.Fprintf(a.stdout, format, args...) }

// errorf writes to stderr.
func (a *app) errorf(format string, args ...any) { _, _ = fmt.Fprintf(a.stderr, format, args...) }

// printJSON writes v to stdout, indented.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fault.Wrap(fault.Internal, "output", "json", err)
	}
	return nil
}

// outputFlag adds --output to cmd.
func outputFlag(cmd *cobra.Command, target *string) {
	cmd.Flags().VarP(&choice{value: target, allowed: []string{outputText, outputJSON}}, "output", "o", "`form` of the output: text or json")
	*target = outputText
}

// choice is a flag with a fixed set of values.
type choice struct {
	value   *string
	allowed []string
}

func (c *choice) String() string {
	if c.value == nil || *c.value == "" {
		return outputText
	}
	return *c.value
}

func (c *choice) Type() string { return "string" }

func (c *choice) Set(s string) error {
	for _, ok := range c.allowed {
		if s == ok {
			*c.value = s
			return nil
		}
	}
	return errors.New("choose " + strings.Join(c.allowed, " or "))
}

// exitError carries an exit code other than 1; a nil err prints nothing.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usageError marks err as a wrong command line.
func usageError(err error) error { return &exitError{code: exitUsage, err: err} }

// exitWith ends the command with a code when everything is already printed.
func exitWith(code int) error { return &exitError{code: code} }

// noArgs and maxArgs are cobra.NoArgs and cobra.MaximumNArgs with our exit code.
func noArgs(cmd *cobra.Command, args []string) error { return maxArgs(0)(cmd, args) }

func maxArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		return usageError(fault.Newf(fault.Invalid, "", "", "%s does not take the argument %q", cmd.CommandPath(), args[n]))
	}
}

// unknownSubcommand refuses arguments of a command that only has subcommands.
func unknownSubcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("%s has no command %q", cmd.CommandPath(), args[0])
	cmd.SuggestionsMinimumDistance = 2
	if s := cmd.SuggestionsFor(args[0]); len(s) > 0 {
		text += "; did you mean " + strings.Join(s, " or ") + "?"
	}
	return usageError(fault.New(fault.Invalid, "", "", text))
}

// finish prints err and turns it into the exit code.
func (a *app) finish(cmd *cobra.Command, err error) int {
	if err == nil {
		return exitOK
	}
	code := exitFailure
	var e *exitError
	if errors.As(err, &e) {
		if code = e.code; e.err == nil {
			return code
		}
		err = e.err
	}
	a.printError(err)
	if code == exitUsage {
		a.errorf("Run '%s --help' for how to use it.\n", cmd.CommandPath())
	}
	return code
}

// printError writes an error for a person: every problem of a configuration
// with its documentation, or the reason of a fault.
func (a *app) printError(err error) {
	var problems config.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			a.errorf("%s\n", p.Text())
		}
		a.errorf("strowger: %s\n", countProblems(problems))
		return
	}
	var f *fault.Error
	if errors.As(err, &f) && f.Reason != "" {
		if f.Subject != "" {
			a.errorf("strowger: %s: %s\n", f.Subject, f.Reason)
			return
		}
		a.errorf("strowger: %s\n", f.Reason)
		return
	}
	a.errorf("strowger: %v\n", err)
}

func countProblems(ps config.Problems) string {
	count := map[config.Severity]int{}
	for _, p := range ps {
		count[p.Severity]++
	}
	text := plural(count[config.SeverityError], "error")
	if n := count[config.SeverityWarning]; n > 0 {
		text += ", " + plural(n, "warning")
	}
	return text + " in the configuration"
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
