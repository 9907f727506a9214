package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/switch/records"
)

// recordsOf answers reports with fixed rows.
type recordsOf struct{ rest.Records }

var reportTime = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func (recordsOf) Period(string, string) (time.Time, time.Time, error) {
	return reportTime, reportTime.Add(24 * time.Hour), nil
}

func (recordsOf) Calls(_ context.Context, f records.Filter) ([]rest.CallRecord, string, error) {
	row := rest.CallRecord{ID: "01KJ", Number: 7, Kind: "inbound", Caller: "+49301", Dialled: "=cmd|' /C calc'!A1", Queue: "sales", Agents: []string{"anna", "ben"}, StartedAt: reportTime, EndedAt: reportTime, WaitSeconds: 3.25, Outcome: "handled"}
	if f.After == "" {
		return []rest.CallRecord{row}, "1.x", nil
	}
	row.Number, row.Caller, row.Dialled = 8, "@SUM(1)", "600"
	return []rest.CallRecord{row}, "", nil
}

func (recordsOf) Statistics(_ context.Context, _ records.Filter, every time.Duration, by records.Group) (rest.Statistics, error) {
	fig := rest.FiguresOf(string(by)+" "+every.String(), &records.Counts{Offered: 4, Answered: 3, InTime: 2, Short: 1, Wait: 90 * time.Second}, records.OfAll)
	fig.From, fig.To = &reportTime, &reportTime
	return rest.Statistics{Lines: []rest.Figures{fig}}, nil
}

func (recordsOf) Live(context.Context) (rest.LiveStatistics, error) {
	return rest.LiveStatistics{
		Day: reportTime, TimeZone: "UTC", Total: rest.Figures{Offered: 5},
		Queues: []rest.Figures{{Group: "sales", Waiting: 2, LongestNowSeconds: 65, AgentsReady: 1, Offered: 5}}, Agents: []rest.Figures{{Group: "anna", State: "not-ready", Reason: "lunch", StateSeconds: 5}},
	}, nil
}

func (recordsOf) QueueLog(context.Context, records.Filter) ([]string, error) {
	return []string{"1|c|sales|NONE|ENTERQUEUE||+49301|1", "2|c|sales|anna|CONNECT|1|d|0"}, nil
}

func TestReports(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s.sock")
	serveFake(t, socket, func(o *rest.Options) { o.Records = recordsOf{} })
	for _, c := range []struct{ args, want string }{
		{"calls --output csv", "01KJ,7,inbound,,'+49301,'=cmd|' /C calc'!A1,,sales,anna;ben,2026-03-02T08:00:00.000Z,,2026-03-02T08:00:00.000Z,handled,0,3.25,0,0,,false,,,\n"},
		{"calls --output csv", "01KJ,8,inbound,,'@SUM(1),600,"},
		{"calls", "   7  2026-03-02 08:00:00  inbound  +49301   =cmd|' /C calc'!A1  sales  anna, ben  0:03"},
		{"calls --output json --limit 1", `"number": 7`},
		{"queues", "2026-03-02  queue 0s        4         3          0      1         0         0  66.7%  0:30"},
		{"intervals --by all --every 15m", "2026-03-02 08:00:00   15m0s        4         3          0      1  66.7%  0:30"},
		{"agents --output csv", "2026-03-02T08:00:00.000Z,2026-03-02T08:00:00.000Z,agent 0s,4,3,0,1,"},
		{"live", "sales        2     1:05      1     0        0          0        5"},
		{"live", "anna   not-ready  0:05  lunch"},
		{"queue-log", "1|c|sales|NONE|ENTERQUEUE||+49301|1\n2|c|sales|anna|CONNECT|1|d|0\n"},
	} {
		var out, errs bytes.Buffer
		args := append(append([]string{"report"}, strings.Fields(c.args)...), "--socket", socket)
		code := run(t.Context(), args, &out, &errs)
		if code != exitOK || !strings.Contains(out.String(), c.want) {
			t.Errorf("report %s: %d %s\n%q is not in\n%s", c.args, code, &errs, c.want, &out)
		}
	}
}
