package main

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
)

func newWhyCommand(a *app) *cobra.Command {
	return newShowCommand(a, showSpec[rest.LeadWhyList]{
		use: "why LEAD", short: "Say why somebody is not called now",
		long: `LEAD is a lead's number, a telephone number, or LIST/REF. For each campaign that would call them it says everything
that stands in the way, what counts first and when it ends by itself. 'strowger campaign reasons' counts it for all leads.`,
		example: "  strowger dialer why 4711\n  strowger dialer why +49301234\n  strowger dialer why spring/C-1001",
		args:    exactArgs("a lead's number, a telephone number, or LIST/REF"),
		fetch: func(ctx context.Context, c *client.Client, args []string) (rest.LeadWhyList, error) {
			return c.Why(ctx, args[0])
		},
		print: printWhy,
	})
}

func printWhy(w io.Writer, l rest.LeadWhyList) error {
	if len(l.Answers) == 0 {
		_, err := io.WriteString(w, "Nobody is meant: no list has them.\n")
		return err
	}
	t := table.New("LEAD", "LIST/REF", "STATE", "CAMPAIGN", "REASON", "UNTIL", "WHAT")
	for i, a := range l.Answers {
		lead := []any{strconv.FormatInt(a.Lead.ID, 10), a.Lead.List + "/" + a.Lead.Ref, strings.TrimSpace(a.Lead.State + " " + a.Lead.Result)}
		if i > 0 && l.Answers[i-1].Lead.ID == a.Lead.ID {
			lead = []any{"", "", ""}
		}
		campaign := orElse(a.Campaign, "none has the list")
		if len(a.Reasons) == 0 {
			t.Add(append(lead, campaign, "now", "", "called when its turn comes")...)
		}
		for n, r := range a.Reasons {
			if n > 0 {
				lead, campaign = []any{"", "", ""}, ""
			}
			t.Add(append(lead, campaign, r.Reason, clockTime(r.Until), r.Text)...)
		}
	}
	return t.Write(w)
}
