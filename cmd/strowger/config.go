package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/config"
	"strowger/switch/objects"
)

func newConfigCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check and explain the configuration",
		Example: `  strowger config validate
  strowger config explain queues.ring_timeout`,
		Args: unknownSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConfigValidateCommand(a), newConfigSchemaCommand(a), newConfigExplainCommand(a))
	return cmd
}

// validateResult is what `strowger config validate --output json` prints.
type validateResult struct {
	File     string           `json:"file"`
	Valid    bool             `json:"valid"`
	Problems []config.Problem `json:"problems"`
}

func newConfigValidateCommand(a *app) *cobra.Command {
	var file, output string
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check the configuration file, the environment and the objects file",
		Long: `Checks the configuration as a start would, and the file of configuration objects that the
key objects names as a first start would; reports every mistake at once, each with
file, line, key, what is wrong, what to do, and the key's documentation.
Exit code 0: valid, warnings included; 1: not valid.`,
		Example: `  strowger config validate
  strowger config validate --file site/strowger.yaml --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file != "" {
				a.configPath = file
			}
			cfg, err := config.Load(cmd.Context(), a.configPath, a.env)
			var set *objects.Set
			if err == nil {
				set, err = config.CheckObjects(cfg)
			}
			if output == outputJSON {
				return a.validateJSON(cfg, err)
			}
			if err != nil {
				return err
			}
			for _, w := range cfg.Warnings {
				a.errorf("%s\n", w.Text())
			}
			a.printf("%s is valid: %s, %s, %s.\n", a.configPath, plural(set.Count(objects.KindQueue), "queue"),
				plural(set.Count(objects.KindAgent), "agent"), plural(len(cfg.Warnings), "warning"))
			return nil
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "the `file` to check, instead of the one of --config")
	outputFlag(cmd, &output)
	return cmd
}

func (a *app) validateJSON(cfg *config.Config, err error) error {
	result := validateResult{File: a.configPath, Valid: err == nil, Problems: []config.Problem{}}
	var problems config.Problems
	switch {
	case err == nil:
		result.Problems = append(result.Problems, cfg.Warnings...)
	case errors.As(err, &problems):
		result.Problems = problems
	default:
		return err
	}
	if err := a.printJSON(result); err != nil {
		return err
	}
	if !result.Valid {
		return exitWith(exitFailure)
	}
	return nil
}

func newConfigSchemaCommand(a *app) *cobra.Command {
	var ofObjects bool
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of a configuration file",
		Long: `Prints the JSON Schema (draft 2020-12) by which the file is checked. Save it and name it
in the first line of strowger.yaml, and an editor with YAML support completes and explains keys:
  # yaml-language-server: $schema=strowger.schema.json`,
		Example: `  strowger config schema
  strowger config schema --objects`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			text := config.Schema()
			if ofObjects {
				text = objects.JSONSchema()
			}
			a.printf("%s", text)
			return nil
		},
	}
	cmd.Flags().BoolVar(&ofObjects, "objects", false, "of the file of configuration objects")
	return cmd
}

func newConfigExplainCommand(a *app) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "explain [KEY]",
		Short: "Explain a key, or list the keys of a section",
		Long: `Explains one key: meaning, form, default, example and environment variable. KEY may be a
whole key, a section, the beginning of a key, a name alone, or an environment variable.
Without KEY it lists all keys.`,
		Example: `  strowger config explain
  strowger config explain asterisk
  strowger config explain queues.ring_timeout
  strowger config explain STROWGER_LOG__LEVEL --output json`,
		Args: maxArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var out []cobra.Completion
			for _, k := range config.Keys() {
				out = append(out, strings.ReplaceAll(k.Path, "[]", ""))
			}
			return out, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			keys, err := config.Explain(strings.Join(args, ""))
			if err != nil {
				return err
			}
			if output == outputJSON {
				return a.printJSON(keys)
			}
			if len(keys) == 1 {
				a.explainKey(keys[0])
				return nil
			}
			a.listKeys(keys)
			return nil
		},
	}
	outputFlag(cmd, &output)
	return cmd
}

func (a *app) explainKey(k config.Key) {
	a.printf("%s\n  %s\n\n", k.Path, k.Doc)
	form := string(k.Kind)
	if k.Bounds != "" {
		form += ", " + k.Bounds
	}
	fields := []struct{ name, value string }{
		{"form", form},
		{"one of", strings.Join(k.Values, ", ")},
		{"default", k.Default},
		{"example", k.Example},
		{"environment", k.Env},
	}
	if k.Required {
		fields = append(fields, struct{ name, value string }{"required", "yes"})
	}
	for _, f := range fields {
		if f.value != "" {
			a.printf("  %-12s %s\n", f.name, f.value)
		}
	}
}

func (a *app) listKeys(keys []config.Key) {
	for _, k := range keys {
		a.printf("%s%s\n    %s\n", k.Path, keyNote(k), k.Doc)
	}
}

func keyNote(k config.Key) string {
	switch {
	case k.Required:
		return " (" + string(k.Kind) + ", required)"
	case k.Default != "":
		return " (" + string(k.Kind) + ", default " + k.Default + ")"
	}
	return " (" + string(k.Kind) + ")"
}
