package test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// ctipsFlow is one of the reference's flows: actions and expected events.
type ctipsFlow struct {
	title string
	lines []string // "> action", or the members of an event
}

// ctipsFlows reads the expected lists, which were written before the code.
func ctipsFlows(t *testing.T) []ctipsFlow {
	t.Helper()
	raw, err := os.ReadFile("../cti/ctips/testdata/flows.txt")
	if err != nil {
		t.Fatal(err)
	}
	var flows []ctipsFlow
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		title, heading := strings.CutPrefix(line, "# ")
		switch {
		case line == "":
		case heading && title[0] >= '0' && title[0] <= '9':
			flows = append(flows, ctipsFlow{title: title})
		case heading:
		case len(flows) > 0:
			f := &flows[len(flows)-1]
			f.lines = append(f.lines, line)
		}
	}
	if len(flows) != 12 {
		t.Fatalf("%d flows, want 12", len(flows))
	}
	return flows
}

// ctipsSame are members that the description explains once for all events.
var ctipsSame = []string{
	"EventCategory", "EventType", "TenantId", "SiteId", "SwitchId", "CallSequenceId", "CallOriginatingSiteId",
	"CallInfo", "MediaType", "ServiceIds", "TransferredCallSwitchId", "ResourceGroupId", "ChannelId",
}

// ctipsTable is a flow as the description shows it: what is done, and the
// events that follow, with the members that say something.
func ctipsTable(f ctipsFlow) string {
	var b strings.Builder
	title, _, _ := strings.Cut(f.title, " (")
	fmt.Fprintf(&b, "## %s\n| # | event | members | mark |\n|---|---|---|---|\n", title)
	for _, line := range f.lines {
		if action, ok := strings.CutPrefix(line, "> "); ok {
			fmt.Fprintf(&b, "| | *%s* | | |\n", action)
			continue
		}
		w := strings.Fields(line)
		k := slices.IndexFunc(w, func(s string) bool { return strings.HasSuffix(s, "Event") })
		_, number, _ := strings.Cut(w[0], ".")
		var members []string
		for _, m := range w[k+1:] {
			name, value, _ := strings.Cut(m, "=")
			if slices.Contains(ctipsSame, name) || slices.Contains([]string{"0", "nil", "false", "INVALID"}, value) {
				continue
			}
			members = append(members, name+" "+value)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", number, strings.TrimSuffix(w[k], "Event"), strings.Join(members, ", "), strings.Join(w[1:k], " "))
	}
	return b.String()
}

// The description of the flows shows what the tests expect, line by line.
func TestCTIPSFlowsAreDescribed(t *testing.T) {
	doc, err := os.ReadFile("../docs/ctips-flows.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ctipsFlows(t) {
		if want := ctipsTable(f); !strings.Contains(string(doc), want) {
			t.Errorf("docs/ctips-flows.md does not have:\n%s", want)
		}
	}
}
