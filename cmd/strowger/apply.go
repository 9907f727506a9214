package main

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"strowger/switch/fault"
	"strowger/switch/objects"
)

// stdinFile is the name of the standard input.
const stdinFile = "-"

func newApplyCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	var ask objects.Apply
	cmd := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "Bring queues, agents and other configuration objects into force",
		Long: `Brings the objects of a file into force while calls are up: calls keep the configuration
that they started with. All of the file or nothing is taken; objects that it does not name
stay as they are, with --prune those go whose kind has a section in the file. What changes
is shown value by value. Applying the same file again changes nothing.`,
		Example: `  strowger apply -f objects.yaml --dry-run
  strowger apply -f objects.yaml
  strowger apply -f objects.yaml --prune --output json
  strowger apply -f -  # reads the objects from the standard input`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ask.File == "" {
				return usageError(fault.New(fault.Invalid, "", "", "strowger apply needs a file: -f objects.yaml, or -f - for the standard input"))
			}
			text, err := readObjects(ask.File, cmd.InOrStdin())
			if err != nil {
				return err
			}
			ask.YAML = text
			c := o.connect(cmd.Context())
			defer c.Close()
			result, err := c.Apply(cmd.Context(), ask)
			if err != nil {
				return err
			}
			if o.output == outputJSON {
				return a.printJSON(result)
			}
			a.printf("%s", result.Diff.Text())
			if result.DryRun {
				a.printf("Nothing was changed (--dry-run).\n")
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&ask.File, "file", "f", "", "the `file` with the objects; - is the standard input")
	cmd.Flags().BoolVar(&ask.DryRun, "dry-run", false, "check the file and show what it would change")
	cmd.Flags().BoolVar(&ask.Prune, "prune", false, "remove objects that the sections of the file no longer have")
	cmd.Flags().Int64Var(&ask.Expect, "expect", 0, "the `version` of the objects that must be in force (default any)")
	o.flags(cmd)
	return cmd
}

// readObjects reads a file, or the standard input.
func readObjects(name string, stdin io.Reader) ([]byte, error) {
	in := stdin
	if name != stdinFile {
		f, err := os.Open(name)
		if err != nil {
			return nil, readFault(name, err)
		}
		defer func() { _ = f.Close() }() // only read from
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, objects.MaxFile+1))
	if err != nil {
		return nil, readFault(name, err)
	}
	if len(text) > objects.MaxFile {
		return nil, fault.Newf(fault.Invalid, "apply", name, "the file is larger than %d MiB; divide it, and apply one part after the other", objects.MaxFile>>20)
	}
	return text, nil
}

func readFault(name string, err error) error {
	e := &fault.Error{Kind: fault.Unavailable, Op: "apply", Subject: name, Err: err, Reason: "cannot be read: " + err.Error()}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Kind, e.Reason = fault.NotFound, "there is no such file: `strowger init` writes one to begin with, `strowger get all -o yaml` what is in force"
	case errors.Is(err, fs.ErrPermission):
		e.Kind, e.Reason = fault.Denied, "this user may not read the file"
	}
	return e
}
