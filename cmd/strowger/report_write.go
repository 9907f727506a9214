package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
)

// fieldsOf are a row's fields by their JSON names, in their order.
func fieldsOf(row reflect.Type) (names []string) {
	for i := range row.NumField() {
		name, _, _ := strings.Cut(row.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// writeCSV writes every field of every row.
func writeCSV(w io.Writer, rows any) error {
	list := reflect.ValueOf(rows)
	out := csv.NewWriter(w)
	if err := out.Write(fieldsOf(list.Type().Elem())); err != nil {
		return err
	}
	for i := range list.Len() {
		row := list.Index(i)
		cells := make([]string, row.NumField())
		for n := range cells {
			cells[n] = csvCell(row.Field(n))
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func csvCell(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return x.Format("2006-01-02T15:04:05.000Z07:00")
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case []string:
		return guard(strings.Join(x, ";"))
	case string:
		return guard(x)
	default:
		return fmt.Sprint(x)
	}
}

// guard keeps spreadsheets from taking a text for a formula: what begins with
// one of their signs gets an apostrophe before it.
func guard(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\x00", rune(s[0])) {
		return "'" + s
	}
	return s
}

// writeTable writes the columns that a person looks at.
func writeTable(w io.Writer, rows any, columns []string) error {
	list := reflect.ValueOf(rows)
	if list.Len() == 0 {
		_, err := io.WriteString(w, "Nothing in this time.\n")
		return err
	}
	at := map[string]int{}
	for i, name := range fieldsOf(list.Type().Elem()) {
		at[name] = i
	}
	heads, fields := make([]string, len(columns)), make([]int, len(columns))
	for i, c := range columns {
		name, head, ok := strings.Cut(c, "=")
		if !ok {
			head = strings.ToUpper(name)
		}
		heads[i], fields[i] = head, at[name]
	}
	t := table.New(heads...)
	for i := range list.Len() {
		cells := make([]any, len(fields))
		for n, f := range fields {
			cells[n] = tableCell(columns[n], list.Index(i).Field(f))
		}
		t.Add(cells...)
	}
	return t.Write(w)
}

func tableCell(column string, v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case time.Time:
		if strings.Contains(column, "=DAY") {
			return x.Format("2006-01-02")
		}
		return x.Format("2006-01-02 15:04:05")
	case float64:
		if strings.HasPrefix(column, "service_level") || strings.HasPrefix(column, "occupancy") || strings.Contains(column, "_rate=") {
			return strconv.FormatFloat(100*x, 'f', 1, 64) + "%"
		}
		if strings.Contains(column, "SECONDS") {
			return strconv.FormatFloat(x, 'f', 1, 64)
		}
		return table.Clock(x)
	case []string:
		return strings.Join(x, ", ")
	case bool:
		if x {
			return "yes"
		}
		return ""
	default:
		return fmt.Sprint(x)
	}
}

func newLiveCommand(a *app) *cobra.Command {
	return newShowCommand(a, showSpec[rest.LiveStatistics]{
		use: "live", short: "Figures of the present day and moment",
		long:    "Shows queues and agents as they are now, with their figures since the day began (statistics.day_start, in statistics.time_zone).",
		example: "  strowger report live\n  strowger report live --watch",
		args:    noArgs,
		fetch: func(ctx context.Context, c *client.Client, _ []string) (rest.LiveStatistics, error) {
			return c.LiveStatistics(ctx)
		},
		print: printLive,
		about: func(rest.Event) bool { return true },
	})
}

func printLive(w io.Writer, l rest.LiveStatistics) error {
	if _, err := fmt.Fprintf(w, "Since %s (%s)\n\n", l.Day.Format("2006-01-02 15:04"), l.TimeZone); err != nil {
		return err
	}
	percent := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(100**v, 'f', 1, 64) + "%"
	}
	t := table.New("QUEUE", ">WAITING", ">LONGEST", ">READY", ">BUSY", ">WRAP-UP", ">NOT READY", ">OFFERED", ">ANSWERED", ">ABANDONED", ">LEVEL", ">ASA", ">AHT")
	for _, q := range append(l.Queues[:len(l.Queues):len(l.Queues)], l.Total) {
		if q.Group == "" {
			q.Group = "all"
		}
		t.Add(q.Group, q.Waiting, table.Clock(q.LongestNowSeconds), q.AgentsReady, q.AgentsReserved+q.AgentsOnCall, q.AgentsInWrapUp, q.AgentsNotReady, q.Offered, q.Answered,
			q.Abandoned+q.ShortAbandoned, percent(q.ServiceLevel), table.Clock(q.AnswerSeconds), table.Clock(q.HandleSeconds))
	}
	if err := t.Write(w); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	t = table.New("AGENT", "STATE", ">FOR", "REASON", ">HANDLED", ">MISSED", ">TALK", ">WRAP-UP", ">OTHER", ">STAFFED", ">OCCUPANCY")
	for _, a := range l.Agents {
		t.Add(a.Group, a.State, table.Clock(a.StateSeconds), a.Reason, a.Handled, a.Missed, table.Clock(a.TalkSeconds), table.Clock(a.WrapUpSeconds), a.OtherCalls,
			table.Clock(a.StaffedSeconds), percent(a.Occupancy))
	}
	return t.Write(w)
}
