package main

import (
	"fmt"
	"os"
	"strings"

	"strowger/cmd/strowger/internal/peercheck"
	"strowger/cmd/strowger/internal/table"
	"strowger/switch/fault"
)

// passwordIn reads a password from a file; no file is no password.
func passwordIn(op, file string) (string, error) {
	if file == "" {
		return "", nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, op, file, err)
	}
	return strings.TrimRight(string(raw), "\r\n"), nil
}

// printCheck prints the report of a check and ends with 3 when something does
// not work.
func (a *app) printCheck(r peercheck.Report, output string) error {
	if output == outputJSON {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else if err := a.printSteps(r); err != nil {
		return err
	}
	if !r.OK {
		return exitWith(exitFindings)
	}
	return nil
}

func (a *app) printSteps(r peercheck.Report) error {
	t := table.New("STEP", "RESULT", ">MS")
	for _, s := range r.Steps {
		t.Add(s.Name, s.Result, fmt.Sprintf("%.1f", s.Millis))
	}
	if err := t.Write(a.stdout); err != nil {
		return err
	}
	for _, s := range r.Steps {
		if s.Detail != "" {
			a.printf("%s: %s: %s\n", s.Result, s.Name, table.Clean(s.Detail))
		}
	}
	return nil
}
