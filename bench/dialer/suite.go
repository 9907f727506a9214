package dialer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"strowger/bench/report"
)

// Options say what is measured, and how much of it.
type Options struct {
	Parts    []string // of PartNames; none: all
	Sizes    []int    // teams
	Seeds    int      // shifts of each kind of work; large teams get fewer
	Quick    bool     // three of the kinds of work
	Program  string   // whose pacer is driven as a process; empty: it is built
	Progress func(format string, a ...any)
}

// part is what can be measured by itself.
type part struct {
	name string
	run  func(context.Context, Options, *report.Book) error
}

// parts are in the order in which they are run: what needs a quiet machine first.
func parts() []part {
	return []part{
		{"cost", func(_ context.Context, _ Options, book *report.Book) error {
			runCost(book)
			return nil
		}},
		{"import", runImport},
		{"attempts", runAttempts},
		{"stack", runStack},
		{"pacing", runTable},
		{"worlds", runWorlds},
		{"process", runProcess},
	}
}

// PartNames are the parts that there are.
func PartNames() []string {
	var out []string
	for _, p := range parts() {
		out = append(out, p.name)
	}
	return out
}

// Run measures the parts that are asked for.
func Run(ctx context.Context, o Options, book *report.Book) error {
	for _, name := range o.Parts {
		if !slices.Contains(PartNames(), name) {
			return fmt.Errorf("there is no part %q: choose %s", name, strings.Join(PartNames(), ", "))
		}
	}
	for _, p := range parts() {
		if len(o.Parts) > 0 && !slices.Contains(o.Parts, p.name) {
			continue
		}
		if err := p.run(ctx, o, book); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}
