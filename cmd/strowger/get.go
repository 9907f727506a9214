package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/table"
	"strowger/switch/objects"
)

// outputYAML and outputTable are further values of --output.
const (
	outputYAML  = "yaml"
	outputTable = "table"
)

func newGetCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use:   "get KIND [ID...]",
		Short: "Show configuration objects that are in force",
		Long: `Shows the configuration objects of a kind, or all of them, as they are in force. With
--output yaml it writes a file that 'strowger apply' takes: what has its default is left out.
With --output json every value is there.

Kinds: ` + strings.Join(kindWords(), ", ") + `.`,
		Example: `  strowger get queues
  strowger get queues support --output yaml
  strowger get all -o yaml
  strowger get agents -o json`,
		Args: func(cmd *cobra.Command, args []string) error {
			return exactArgs("a kind")(cmd, args[:min(len(args), 1)])
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return append(kindWords(), allKinds), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var kind objects.Kind
			if args[0] != allKinds {
				k, err := objects.ParseKind(args[0])
				if err != nil {
					return usageError(err)
				}
				kind = k
			}
			c := o.connect(cmd.Context())
			defer c.Close()
			listing, err := c.Objects(cmd.Context(), kind, args[1:])
			if err != nil {
				return err
			}
			return o.list(listing)
		},
	}
	o.flags(cmd)
	f := cmd.Flags().Lookup("output")
	f.Value = &choice{value: &o.output, allowed: []string{outputTable, outputYAML, outputJSON}}
	f.Usage, f.DefValue, o.output = "`form` of the output: table, yaml or json", outputTable, outputTable
	return cmd
}

// allKinds stands for every kind.
const allKinds = "all"

func kindWords() []string {
	var out []string
	for _, k := range objects.Kinds() {
		out = append(out, k.Section())
	}
	return out
}

func (o *operator) list(l objects.Listing) error {
	switch o.output {
	case outputJSON:
		return o.printJSON(struct {
			Version int64          `json:"version"`
			Objects map[string]any `json:"objects"`
		}{l.Version, l.Objects})
	case outputYAML:
		o.printf("%s", l.YAML)
		return nil
	}
	t := table.New("KIND", "ID", "NAME", "WHAT")
	rows := 0
	for _, k := range objects.Kinds() {
		list, ok := l.Objects[k.Section()].([]any)
		if one, single := l.Objects[k.Section()].(map[string]any); single {
			list, ok = []any{one}, true
		}
		for _, v := range list {
			if m, is := v.(map[string]any); ok && is {
				t.Add(string(k), text(m["id"]), text(m["name"]), what(m))
				rows++
			}
		}
	}
	if rows == 0 {
		o.printf("There is no such object.\n")
		return nil
	}
	return t.Write(o.stdout)
}

// what sums an object up: its single values that say something.
func what(m map[string]any) string {
	var out []string
	for _, key := range []string{
		"number", "line", "endpoint", "queues", "mode", "strategy", "hours", "dialled", "to", "prefixes", "trunks", "allow", "deny", "zone",
		"for", "success", "url", "region", "country", "sources", "name_pattern", "first", "places",
	} {
		v := m[key]
		if s, nested := m["station"].(map[string]any); v == nil && nested {
			v = s[key]
		}
		if s := text(v); s != "" && s != "false" {
			out = append(out, key+" "+s)
		}
	}
	return strings.Join(out, ", ")
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []any:
		words := make([]string, len(v))
		for i := range v {
			words[i] = text(v[i])
		}
		if len(words) > 3 {
			words = append(slices.Clip(words[:3]), fmt.Sprintf("and %d more", len(words)-3))
		}
		return strings.Join(words, " ")
	case map[string]any:
		return ""
	}
	return fmt.Sprint(v)
}
