package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/switch/fault"
)

// reportSpec is one report: where its rows come from, and the columns of its table.
type reportSpec struct {
	use, short string
	columns    []string // JSON names; an aligned heading where it differs: name=HEAD
	fetch      func(ctx context.Context, c *client.Client, f client.Figures) (rows any, err error)
	by, every  string // defaults of statistics; empty: it has no such flag
}

// reports are all that are made of rows. Never changed.
var reports = []reportSpec{
	{
		use: "calls", short: "Calls that are over",
		columns: []string{"number=>CALL", "started_at=STARTED", "kind", "caller", "dialled", "queue", "agents", "wait_seconds=>WAIT", "talk_seconds=>TALK", "wrap_up_seconds=>WRAP-UP", "outcome", "dispositions"},
		fetch: func(ctx context.Context, c *client.Client, f client.Figures) (any, error) {
			return c.CallRecords(ctx, f.RecordFilter)
		},
	},
	{
		use: "segments", short: "What parties did within calls",
		columns: []string{"call", "started_at=STARTED", "role", "party", "state", "queue", "agent", "seconds=>SECONDS", "end", "transferred_by=FROM", "transferred_to=TO"},
		fetch: func(ctx context.Context, c *client.Client, f client.Figures) (any, error) {
			return c.Segments(ctx, f.RecordFilter)
		},
	},
	{
		use: "attempts", short: "Tries to reach somebody outside",
		columns: []string{"started_at=STARTED", "number", "trunk", "queue", "agent", "outcome", "ring_seconds=>RING", "talk_seconds=>TALK", "cause=>CAUSE", "tech_cause=>SIP"},
		fetch: func(ctx context.Context, c *client.Client, f client.Figures) (any, error) {
			return c.Attempts(ctx, f.RecordFilter)
		},
	},
	{
		use: "agent-states", short: "What state agents were in",
		columns: []string{"agent", "started_at=STARTED", "state", "reason", "seconds=>SECONDS", "logout"},
		fetch: func(ctx context.Context, c *client.Client, f client.Figures) (any, error) {
			return c.AgentStates(ctx, f.RecordFilter)
		},
	},
	{
		use: "dispositions", short: "Dispositions that were given",
		columns: []string{"at=TIME", "call", "queue", "agent", "code", "main", "success"},
		fetch: func(ctx context.Context, c *client.Client, f client.Figures) (any, error) {
			return c.DispositionRecords(ctx, f.RecordFilter)
		},
	},
	{
		use: "queues", short: "Figures by queue and day", by: "queue", every: "day",
		columns: []string{"from=DAY", "group=QUEUE", "offered=>OFFERED", "answered=>ANSWERED", "abandoned=>ABANDONED", "short_abandoned=>SHORT", "overflowed=>OVERFLOW", "callbacks=>CALLBACK", "service_level=>LEVEL", "answer_seconds=>ASA", "longest_seconds=>LONGEST", "handle_seconds=>AHT", "transfers=>TRANSFERS"},
		fetch:   statisticsOf,
	},
	{
		use: "agents", short: "Figures by agent and day", by: "agent", every: "day",
		columns: []string{"from=DAY", "group=AGENT", "offers=>OFFERS", "handled=>HANDLED", "missed=>MISSED", "rejected=>REJECTED", "talk_seconds=>TALK", "hold_seconds=>HOLD", "wrap_up_seconds=>WRAP-UP", "handle_seconds=>AHT", "other_calls=>OTHER", "staffed_seconds=>STAFFED", "occupancy=>OCCUPANCY", "successes=>SUCCESS"},
		fetch:   statisticsOf,
	},
	{
		use: "intervals", short: "Figures by interval and queue, agent or kind of call", by: "queue", every: "30m",
		columns: []string{"from=FROM", "group=GROUP", "offered=>OFFERED", "answered=>ANSWERED", "abandoned=>ABANDONED", "short_abandoned=>SHORT", "service_level=>LEVEL", "answer_seconds=>ASA", "handle_seconds=>AHT", "handled=>HANDLED", "occupancy=>OCCUPANCY"},
		fetch:   statisticsOf,
	},
}

func statisticsOf(ctx context.Context, c *client.Client, f client.Figures) (any, error) {
	s, err := c.Statistics(ctx, f)
	return s.Lines, err
}

const reportTimes = `Times are written as today, yesterday, now, a date (2026-03-02), a date and time
(2026-03-02T15:04, in the zone of statistics.time_zone) or with a zone of its own
(2026-03-02T15:04:05+01:00). Without --from: today; a date after --to means the end of that day.`

func newReportCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "report", Short: "Records and statistics, as tables or CSV",
		Long: "Reads what is recorded of calls, parties, agents and attempts, and figures computed from it.\n" +
			"docs/statistics.md says how each figure is computed.\n\n" + reportTimes,
		Example: `  strowger report queues
  strowger report intervals --from 2026-03-02 --every 15m --by agent
  strowger report segments --call 01KJQ9A0000000000000000009
  strowger report calls --from yesterday --to yesterday --output csv
  strowger report live --watch
  strowger report queue-log --from yesterday`,
		Args: unknownSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	for _, spec := range reports {
		cmd.AddCommand(newRowsCommand(a, spec))
	}
	cmd.AddCommand(newLiveCommand(a), newQueueLogCommand(a))
	return cmd
}

// recordFlags adds what chooses rows.
func recordFlags(cmd *cobra.Command, f *client.RecordFilter) {
	cmd.Flags().StringVar(&f.From, "from", "", "begin: a `time` (default today)")
	cmd.Flags().StringVar(&f.To, "to", "", "end: a `time`, not included (default: the end of the day)")
	cmd.Flags().StringVar(&f.Queue, "queue", "", "only of this `queue`")
	cmd.Flags().StringVar(&f.Agent, "agent", "", "only of this `agent`")
}

// outputCSV is a value of --output beside those of other commands.
const outputCSV = "csv"

func newRowsCommand(a *app, spec reportSpec) *cobra.Command {
	o := &operator{app: a}
	var f client.Figures
	cmd := &cobra.Command{
		Use: spec.use, Short: spec.short, Args: noArgs, Long: spec.short + ".\n\n" + reportTimes,
		Example: "  strowger report " + spec.use + " --from 2026-03-02 --output csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c := o.connect(cmd.Context())
			defer c.Close()
			rows, err := spec.fetch(cmd.Context(), c, f)
			if err != nil {
				return err
			}
			return o.writeRows(rows, spec.columns)
		},
	}
	recordFlags(cmd, &f.RecordFilter)
	if spec.by == "" {
		cmd.Flags().StringVar(&f.Call, "call", "", "only of this call: its `ULID`")
		cmd.Flags().IntVar(&f.Limit, "limit", 0, "at most this `many` (default: all)")
	} else {
		f.By, f.Every = spec.by, spec.every
		cmd.Flags().Var(&choice{value: &f.By, allowed: []string{"all", "queue", "agent", "kind"}}, "by", "what is told `apart`: all, queue, agent or kind")
		cmd.Flags().Var(&choice{value: &f.Every, allowed: []string{"15m", "30m", "60m", "day"}}, "every", "`length` of the intervals: 15m, 30m, 60m or day")
	}
	o.rowFlags(cmd)
	return cmd
}

// rowFlags are flags for what writes rows: csv is a form too.
func (o *operator) rowFlags(cmd *cobra.Command) {
	o.output = outputTable
	cmd.Flags().StringVar(&o.socket, "socket", "", "the controller's unix `socket` (default: http.socket of the configuration)")
	cmd.Flags().VarP(&choice{value: &o.output, allowed: []string{outputTable, outputCSV, outputJSON}}, "output", "o", "`form` of the output: table, csv (all columns) or json")
}

// writeRows writes a list of rows; columns are those of the table.
func (o *operator) writeRows(rows any, columns []string) error {
	switch o.output {
	case outputJSON:
		return o.printJSON(rows)
	case outputCSV:
		return writeCSV(o.stdout, rows)
	}
	return writeTable(o.stdout, rows, columns)
}

func newQueueLogCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	var f client.RecordFilter
	cmd := &cobra.Command{
		Use: "queue-log", Short: "Lines as Asterisk's queue_log has them", Args: noArgs,
		Long: `Writes what happened in queues in the form of Asterisk's queue_log, for programs that read that file:
epoch|call|queue|agent|event|data... docs/statistics.md lists the events.

` + reportTimes,
		Example: "  strowger report queue-log --from 2026-03-02",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c := o.connect(cmd.Context())
			defer c.Close()
			log, err := c.QueueLog(cmd.Context(), f)
			if err != nil {
				return err
			}
			if o.output == outputJSON {
				return a.printJSON(log)
			}
			if len(log.Lines) == 0 {
				return nil
			}
			if _, err := a.stdout.Write([]byte(strings.Join(log.Lines, "\n") + "\n")); err != nil {
				return fault.Wrap(fault.Unavailable, "output", "", err)
			}
			return nil
		},
	}
	recordFlags(cmd, &f)
	o.flags(cmd)
	return cmd
}
