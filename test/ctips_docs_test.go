package test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"strowger/cti/ctitest"
)

// ctipsFlows are the reference's flows; what is expected was written before the code.
func ctipsFlows(t *testing.T) []ctitest.Flow {
	t.Helper()
	return ctitest.ReadFlows(t, "../cti/ctips/testdata/flows.txt", 12)
}

// ctipsSame are members that the description explains once for all events.
var ctipsSame = []string{
	"EventCategory", "EventType", "TenantId", "SiteId", "SwitchId", "CallSequenceId", "CallOriginatingSiteId",
	"CallInfo", "MediaType", "ServiceIds", "TransferredCallSwitchId", "ResourceGroupId", "ChannelId",
}

// ctipsTable is a flow as the description shows it: what is done, and the
// events that follow, with the members that say something.
func ctipsTable(f ctitest.Flow) string {
	var b strings.Builder
	title, _, _ := strings.Cut(f.Title, " (")
	fmt.Fprintf(&b, "## %s\n| # | event | members | mark |\n|---|---|---|---|\n", title)
	for _, line := range f.Lines {
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
