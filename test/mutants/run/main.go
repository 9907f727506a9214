// Command run takes the guards out of the program, one after the other, and
// says which are missed by their tests.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"time"

	"strowger/test/mutants"
)

func main() {
	pattern := flag.String("run", "", "only mutants whose name matches this regular expression")
	real := flag.Bool("real", false, "also those whose test needs Asterisk")
	list := flag.Bool("list", false, "name them and do nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *pattern, *real, *list); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, pattern string, real, list bool) error {
	only, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		return errors.New("run it in the project's folder")
	}
	passes, ran, bad := map[string]error{}, 0, 0
	for _, m := range mutants.All() {
		if !only.MatchString(m.Name) || (m.Real && !real && !list) {
			continue
		}
		if list {
			fmt.Printf("%-50s faults %v  %s %s\n", m.Name, m.Faults, m.Pkg, m.Test)
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		ran++
		if verdict := try(ctx, root, m, passes); verdict != "" {
			bad++
			fmt.Printf("%-50s %s\n", m.Name, verdict)
		}
	}
	switch {
	case list:
		return nil
	case bad > 0:
		return fmt.Errorf("%d of %d guards are not guarded", bad, ran)
	case ran == 0:
		return errors.New("no mutant has such a name")
	}
	fmt.Printf("%d mutants, every one noticed\n", ran)
	return nil
}

// try returns what is wrong, or nothing.
func try(ctx context.Context, root string, m mutants.Mutant, passes map[string]error) string {
	key := m.Pkg + " " + m.Test
	if _, known := passes[key]; !known {
		passes[key] = m.Baseline(ctx, root)
	}
	if err := passes[key]; err != nil {
		return err.Error()
	}
	r, err := m.Run(ctx, root)
	switch {
	case err != nil:
		return err.Error()
	case r.Verdict == mutants.Survived:
		return fmt.Sprintf("SURVIVED: %s in %s passes without this guard", m.Test, m.Pkg)
	}
	fmt.Printf("%-50s killed by %s in %s\n", m.Name, m.Test, r.Took.Round(time.Millisecond))
	return ""
}
