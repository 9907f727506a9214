package main

import (
	"context"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
)

// campaignColumns are those of the table of attempts; CSV and JSON have all.
var campaignColumns = []string{
	"started_at=STARTED", "list", "lead", "number", "agent", "verdict", "result", "ring_seconds=>RING", "connect_ms=>CONNECT-MS", "message", "tech_cause=>SIP", "rules",
}

func newCampaignReportCommand(a *app) *cobra.Command {
	var f client.RecordFilter
	by := "outcome"
	cmd := newCampaignRowsCommand(a, &f, "report CAMPAIGN", "Add up what has become of a campaign's attempts",
		"Adds up the attempts of a campaign by list, agent, hour, day or outcome. HIT is people per attempt, DROP-RATE dropped calls per dropped or\nconnected one, as the budget counts: without previews and machines.",
		"  strowger campaign report spring --by hour\n  strowger campaign report spring --by list --from 2026-03-01 --to 2026-03-31 --output csv",
		func(ctx context.Context, c *client.Client, campaign string) (any, []string, error) {
			r, err := c.CampaignReport(ctx, campaign, by, f)
			for _, over := range r.Overrides {
				ended := ""
				if over.EndedBy != "" {
					ended = " (ended by " + over.EndedBy + ")"
				}
				a.errorf("strowger: %s was let go beyond its budget from %s until %s%s by %s: %s\n", campaign, clockTime(&over.From), clockTime(&over.Until), ended, over.By, over.Reason)
			}
			head := "group=" + map[string]string{"list": "LIST", "agent": "AGENT", "outcome": "OUTCOME", "hour": "", "day": ""}[by]
			if by == "hour" || by == "day" {
				head = "from=FROM"
			}
			return r.Lines, []string{
				head, "attempts=>ATTEMPTS", "humans=>PEOPLE", "hit_rate=>HIT", "machines=>MACHINES", "connected=>CONNECTED", "dropped=>DROPPED", "drop_rate=>DROP-RATE", "abandoned=>ABANDONED",
				"successes=>SUCCESS", "talk_seconds=>TALK", "connect_ms=>CONNECT-MS", "connect_longest_ms=>LONGEST-MS",
			}, err
		})
	cmd.Flags().Var(&choice{value: &by, allowed: []string{"list", "agent", "hour", "day", "outcome"}}, "by", "what is told `apart`: list, agent, hour, day or outcome")
	return cmd
}

func newCampaignRecordsCommand(a *app) *cobra.Command {
	var f client.RecordFilter
	cmd := newCampaignRowsCommand(a, &f, "records CAMPAIGN", "Write a campaign's attempts as they have to be kept on record",
		"Writes one row for each attempt of a campaign: when it rang, was answered and connected, who answered, which message was played,\nby which rules and by which version of the objects. The CSV has every column.",
		"  strowger campaign records spring --from 2026-03-01 --to 2026-03-31 --output csv > march.csv",
		func(ctx context.Context, c *client.Client, campaign string) (any, []string, error) {
			rows, err := c.CampaignRecords(ctx, campaign, f)
			return rows, campaignColumns, err
		})
	cmd.Flags().IntVar(&f.Limit, "limit", 0, "at most this `many` (default: all)")
	return cmd
}

// newCampaignRowsCommand writes what fetch returns, as a table, CSV or JSON.
func newCampaignRowsCommand(a *app, f *client.RecordFilter, use, short, long, example string, fetch func(context.Context, *client.Client, string) (any, []string, error)) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long + "\n\n" + reportTimes, Example: example, Args: exactArgs("the campaign's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c := o.connect(cmd.Context())
			defer c.Close()
			rows, columns, err := fetch(cmd.Context(), c, args[0])
			if err != nil {
				return err
			}
			return o.writeRows(rows, columns)
		},
	}
	cmd.Flags().StringVar(&f.From, "from", "", "begin: a `time` (default today)")
	cmd.Flags().StringVar(&f.To, "to", "", "end: a `time`, not included (default: the end of the day)")
	o.rowFlags(cmd)
	return cmd
}
