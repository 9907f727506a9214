package ctitest

import (
	"os"
	"strings"
	"testing"
)

// Flow is a call flow of a reference: what is done, and what clients are told.
type Flow struct {
	Title string
	Lines []string // "> action", or the members of an event
}

// ReadFlows reads the expected lists of a file: each flow begins with a line
// "# number. title", other lines with # are remarks. There must be want of them.
func ReadFlows(t testing.TB, file string, want int) []Flow {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var flows []Flow
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		title, heading := strings.CutPrefix(line, "# ")
		switch {
		case line == "":
		case heading && title != "" && title[0] >= '0' && title[0] <= '9':
			flows = append(flows, Flow{Title: title})
		case heading:
		case len(flows) > 0:
			f := &flows[len(flows)-1]
			f.Lines = append(f.Lines, line)
		}
	}
	if len(flows) != want {
		t.Fatalf("%s has %d flows, want %d", file, len(flows), want)
	}
	return flows
}
