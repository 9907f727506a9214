package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "arigen:", err)
		os.Exit(1)
	}
}

// run is main without the process: args are the command line, notes go to w.
func run(args []string, w io.Writer) error {
	flags := flag.NewFlagSet("arigen", flag.ContinueOnError)
	flags.SetOutput(w)
	api := flags.String("api", "", "folder with the rest-api *.json files of an installed Asterisk (required)")
	out := flags.String("out", "", "folder for the *_gen.go files (required)")
	check := flags.Bool("check", false, "write nothing; fail if a file would change")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *api == "" || *out == "" || flags.NArg() != 0 {
		return errors.New("usage: arigen -api DIR -out DIR [-check]")
	}
	spec, stale, err := load(os.DirFS(*api), asteriskQuirks())
	if err != nil {
		return err
	}
	for _, s := range stale {
		if _, err := fmt.Fprintln(w, "arigen: note: listed quirk no longer occurs:", s); err != nil {
			return err
		}
	}
	files, err := emit(spec)
	if err != nil {
		return err
	}
	if *check {
		return compare(*out, files)
	}
	return write(*out, files)
}

// write stores the files and removes generated files that are not among them.
func write(dir string, files map[string][]byte) error {
	old, err := filepath.Glob(filepath.Join(dir, "*_gen.go"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if _, keep := files[filepath.Base(path)]; !keep {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// compare fails when the files in dir are not exactly those given.
func compare(dir string, files map[string][]byte) error {
	var diff []string
	for name, text := range files {
		have, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(have, text) {
			diff = append(diff, name)
		}
	}
	old, err := filepath.Glob(filepath.Join(dir, "*_gen.go"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if _, keep := files[filepath.Base(path)]; !keep {
			diff = append(diff, filepath.Base(path)+" (no longer generated)")
		}
	}
	if len(diff) == 0 {
		return nil
	}
	sort.Strings(diff)
	return fmt.Errorf("not up to date: %s: run the generator without -check", strings.Join(diff, ", "))
}
