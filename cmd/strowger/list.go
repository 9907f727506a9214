package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
	"strowger/switch/fault"
)

func newListCommand(a *app) *cobra.Command {
	list := newListListCommand(a, "list", "Lists of people to be called: import, export, see", "  strowger list\n  strowger list import spring customers.csv\n  strowger list show spring")
	list.Aliases = []string{"lists"}
	list.Args = unknownSubcommand
	list.AddCommand(
		newListListCommand(a, "list", "List the lists", "  strowger list list --output json"),
		newListCreateCommand(a), newListShowCommand(a), newListImportCommand(a), newListExportCommand(a), newListLeadsCommand(a),
		newImportsCommand(a), newImportErrorsCommand(a),
		newImportOrderCommand(a, "resume", "Go on with an import that was stopped"),
		newImportOrderCommand(a, "cancel", "Stop an import; what it has read stays, unless it is all or nothing"),
		newListRemoveCommand(a, "close", false, "Have nobody of a list called any more; it stays to be read"),
		newListRemoveCommand(a, "delete", true, "Take a list away for good, with its leads"),
	)
	return list
}

func newListListCommand(a *app, use, short, example string) *cobra.Command {
	return newShowCommand(a, showSpec[rest.ListList]{
		use: use, short: short, long: short + ".", example: example, args: noArgs,
		fetch: func(ctx context.Context, c *client.Client, _ []string) (rest.ListList, error) { return c.Lists(ctx) },
		print: func(w io.Writer, l rest.ListList) error {
			if len(l.Lists) == 0 {
				_, err := io.WriteString(w, "No lists: 'strowger list import NAME FILE' makes one of a CSV or XLSX file.\n")
				return err
			}
			t := table.New("LIST", ">LEADS", ">READY", ">LATER", ">CALLED-NOW", ">DONE", ">EXCLUDED", "CAMPAIGNS", "NOTE")
			for _, one := range l.Lists {
				n, note := one.Leads, ""
				if one.Closed {
					note = "closed"
				}
				t.Add(one.ID, n.Total, n.Ready, n.Later, n.Taken, n.Done, n.Excluded, strings.Join(one.Campaigns, ", "), note)
			}
			return t.Write(w)
		},
	})
}

func newListShowCommand(a *app) *cobra.Command {
	return newShowCommand(a, showSpec[rest.List]{
		use: "show LIST", short: "Show a list", long: "Shows a list, what is done with rows that are there already, and what the columns of its last file meant.",
		example: "  strowger list show spring", args: exactArgs("the list's name"),
		fetch: func(ctx context.Context, c *client.Client, args []string) (rest.List, error) {
			return c.List(ctx, args[0])
		},
		print: func(w io.Writer, l rest.List) error {
			t := table.New("LIST", l.ID)
			t.Add("name", l.Name)
			t.Add("leads", leadsOf(l.Leads))
			t.Add("campaigns", strings.Join(l.Campaigns, ", "))
			t.Add("a row that is there", l.Duplicates+", by "+l.DuplicatesBy)
			t.Add("consent on record", l.ConsentSource)
			t.Add("made", clockTime(&l.CreatedAt))
			for _, m := range l.Mapping {
				t.Add("column", m.Column+" = "+m.Means)
			}
			return t.Write(w)
		},
	})
}

func newListCreateCommand(a *app) *cobra.Command {
	var r rest.ListRequest
	return newOrderCommand(a, orderSpec[rest.List]{
		use: "create LIST", short: "Make an empty list", long: "Makes an empty list. An import makes one too; this is for what an import does not say.",
		example: "  strowger list create spring --duplicates update --consent-source 'web form of 2026'", args: exactArgs("a name for the list"),
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&r.Name, "name", "", "`text` that people read")
			cmd.Flags().Var(&choice{value: &r.Duplicates, allowed: []string{"skip", "update", "refuse"}}, "duplicates", "what becomes of a `row` that is there already: skip, update or refuse (default skip)")
			cmd.Flags().Var(&choice{value: &r.DuplicatesBy, allowed: []string{"ref", "number"}}, "by", "what makes a `row` the same: ref or number (default ref)")
			cmd.Flags().BoolVar(&r.Everywhere, "everywhere", false, "look for duplicates in all lists")
			cmd.Flags().StringVar(&r.ConsentSource, "consent-source", "", "`where` the consent of its people is on record")
		},
		send: func(ctx context.Context, c *client.Client, args []string) (rest.List, error) {
			r.ID = args[0]
			return c.CreateList(ctx, r)
		},
		tell: func(l rest.List) string { return "The list " + l.ID + " is made; it is empty." },
	})
}

func newListRemoveCommand(a *app, name string, forGood bool, short string) *cobra.Command {
	var yes bool
	example := "  strowger list " + name + " spring"
	if forGood {
		example += " --yes"
	}
	return newOrderCommand(a, orderSpec[map[string]any]{
		use: name + " LIST", short: short, long: short + ". What was dialled stays on record.", example: example, args: exactArgs("the list's name"),
		flags: func(cmd *cobra.Command) {
			if forGood {
				cmd.Flags().BoolVar(&yes, "yes", false, "do it: there is no way back")
			}
		},
		send: func(ctx context.Context, c *client.Client, args []string) (map[string]any, error) {
			if forGood && !yes {
				return nil, usageError(fault.New(fault.Invalid, "", "list delete", "write --yes: the leads are gone for good then; 'strowger list close' only ends the calling"))
			}
			return map[string]any{"list": args[0], "removed": forGood}, c.RemoveList(ctx, args[0], forGood)
		},
		tell: func(m map[string]any) string {
			if forGood {
				return fmt.Sprintf("The list %s is gone.", m["list"])
			}
			return fmt.Sprintf("Nobody of the list %s is called any more.", m["list"])
		},
	})
}

func newListExportCommand(a *app) *cobra.Command {
	var force bool
	return newOrderCommand(a, orderSpec[copied]{
		use: "export LIST FILE", short: "Write the leads of a list into a file, CSV or XLSX by its name",
		long:    "Writes the leads of a list, readable for you alone. Cells that a spreadsheet would take for a formula get an apostrophe. It is written down who has done it.",
		example: "  strowger list export spring spring.csv", args: exactArgs("the list's name", "a file"),
		flags: func(cmd *cobra.Command) { cmd.Flags().BoolVar(&force, "force", false, "write over a file that exists") },
		send: func(ctx context.Context, c *client.Client, args []string) (copied, error) {
			format := "csv"
			if strings.EqualFold(filepath.Ext(args[1]), ".xlsx") {
				format = "xlsx"
			}
			n, err := copyInto(args[1], force, func(w io.Writer) (int64, error) { return c.ExportList(ctx, args[0], format, w) })
			return copied{List: args[0], File: args[1], Bytes: n}, err
		},
		tell: func(d copied) string { return fmt.Sprintf("%s: %d bytes.", d.File, d.Bytes) },
	})
}

func newListLeadsCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	var state, number string
	limit := 100
	cmd := &cobra.Command{
		Use: "leads LIST", Short: "List leads of a list", Args: exactArgs("the list's name"),
		Long: "Lists leads of a list, by number. 'strowger dialer why' says of one why they are not called now.", Example: "  strowger list leads spring --state later",
		RunE: func(cmd *cobra.Command, args []string) error {
			q := url.Values{"list": {args[0]}, "limit": {strconv.Itoa(limit)}}
			for k, v := range map[string]string{"state": state, "number": number} {
				if v != "" {
					q.Set(k, v)
				}
			}
			return show(cmd.Context(), o, screen[rest.LeadList]{
				fetch: func(ctx context.Context, c *client.Client) (rest.LeadList, error) { return c.Leads(ctx, q) },
				print: printLeads,
			})
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "only in this `state`: ready, later, taken, done or excluded")
	cmd.Flags().StringVar(&number, "number", "", "only with this `number`")
	cmd.Flags().IntVar(&limit, "limit", limit, "at most this `many`")
	o.flags(cmd)
	return cmd
}

func printLeads(w io.Writer, l rest.LeadList) error {
	if len(l.Leads) == 0 {
		_, err := io.WriteString(w, "No leads.\n")
		return err
	}
	t := table.New(">LEAD", "REF", "NAME", "NUMBERS", "STATE", ">TRIED", "RESULT", "NEXT", ">PRIORITY")
	for _, one := range l.Leads {
		var numbers []string
		for _, n := range one.Numbers {
			numbers = append(numbers, n.Number)
		}
		t.Add(one.ID, one.Ref, one.Name, strings.Join(numbers, " "), one.State, one.Attempts, one.Result, clockTime(one.NextAt), one.Priority)
	}
	return t.Write(w)
}

// pollImport is how often an import is looked at.
const pollImport = 300 * time.Millisecond

func newListImportCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	var atomic, dry, leave bool
	var charset, delimiter, sheet, duplicates string
	var mapping []string
	cmd := &cobra.Command{
		Use: "import LIST FILE", Short: "Read a file (CSV or XLSX) into a list", Args: exactArgs("the list's name", "the file"),
		Long: `Reads a file into a list, which is made where it is missing, and shows how far it is. Character set, delimiter and the
meaning of the columns are found out; --dry-run says what was found and reads nothing. --map says what a column is, and it is
remembered: COLUMN=MEANING with the meanings ref, name, number, number:mobile (home, work, other), tz, region, postal, priority,
owner, not_before, not_after, callback, consent, consent_source, consent_at, field:NAME and ignore.
Rows that are refused are kept with their lines: 'strowger list errors'. Ctrl-C leaves the import running.`,
		Example: "  strowger list import spring customers.csv\n  strowger list import spring customers.xlsx --map 'Mobil=number:mobile' --map 'Kundennr=ref'\n  strowger list import spring customers.csv --dry-run",
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := os.Open(args[1])
			if err != nil {
				return fileFault("list import", args[1], err)
			}
			defer func() { _ = f.Close() }() // only read from
			q := url.Values{"file": {filepath.Base(args[1])}, "map": mapping}
			for k, v := range map[string]string{"charset": charset, "delimiter": delimiter, "sheet": sheet, "duplicates": duplicates} {
				if v != "" {
					q.Set(k, v)
				}
			}
			for k, v := range map[string]bool{"atomic": atomic, "dry_run": dry} {
				if v {
					q.Set(k, "true")
				}
			}
			c := o.connect(cmd.Context())
			defer c.Close()
			done, err := c.ImportFile(cmd.Context(), args[0], q, f)
			if err == nil && !leave {
				done, err = o.await(cmd.Context(), c, done)
			}
			if err != nil {
				return err
			}
			return o.tellImport(done)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&atomic, "atomic", false, "all rows or none: nobody is called before the last row is in")
	f.BoolVar(&dry, "dry-run", false, "say what would be read, and read nothing")
	f.BoolVar(&leave, "no-wait", false, "do not wait until it is done: 'strowger list imports' shows it")
	f.StringArrayVar(&mapping, "map", nil, "`COLUMN=MEANING`; may be repeated")
	f.StringVar(&charset, "charset", "", "character `set`, as windows-1252 (default: found out)")
	f.StringVar(&delimiter, "delimiter", "", "`sign` between cells (default: found out)")
	f.StringVar(&sheet, "sheet", "", "`sheet` of an XLSX file (default: the first)")
	f.Var(&choice{value: &duplicates, allowed: []string{"skip", "update", "refuse"}}, "duplicates", "what becomes of a `row` that is there already: skip, update or refuse (default: as the list says)")
	o.flags(cmd)
	return cmd
}

// await looks at an import until it is over.
func (o *operator) await(ctx context.Context, c *client.Client, i rest.Import) (rest.Import, error) {
	bar := o.output == outputText && isTerminal(o.stdout)
	for i.State == "running" {
		if bar {
			o.printf("\r%s\x1b[K", importLine(i))
		}
		if !pause(ctx, pollImport) {
			return i, nil
		}
		var err error
		if i, err = c.Import(ctx, i.No); err != nil {
			return i, err
		}
	}
	if bar {
		o.printf("\r\x1b[K")
	}
	return i, nil
}

func importLine(i rest.Import) string {
	out := ""
	if i.Of > 0 {
		out = gauge(float64(i.Bytes)/float64(i.Of)) + " "
	}
	out += fmt.Sprintf("%d rows, %d refused", i.Rows, i.Bad)
	if i.PerSecond > 0 {
		out += fmt.Sprintf(", %.0f a second", i.PerSecond)
	}
	if i.Left > 0 {
		out += ", " + table.Clock(i.Left) + " left"
	}
	return out
}

// tellImport says what has become of a file.
func (o *operator) tellImport(i rest.Import) error {
	if i.State == "failed" {
		return fault.New(fault.Invalid, "list import", i.File, i.Error)
	}
	var end error
	if i.Error != "" { // it can go on where it was
		end = fault.Newf(fault.Unavailable, "list import", i.File, "%s; 'strowger list resume %d' goes on with it", i.Error, i.No)
	}
	if o.output == outputJSON {
		return errors.Join(o.printJSON(i), end)
	}
	what := fmt.Sprintf("Import %d, %s", i.No, i.State)
	if i.State == "dry-run" {
		what = "Dry run, nothing is kept"
	}
	o.printf("%s: %d rows; %d new or changed, %d refused, %d there already, %d on a do-not-call list.\n", what, i.Rows, i.Good, i.Bad, i.Twice, i.Blocked)
	if i.State == "dry-run" {
		o.tellDryRun(i)
		return nil
	}
	if i.Bad > 0 {
		o.printf("Why rows were refused: strowger list errors %d\n", i.No)
	}
	return end
}

// dryErrors is how many refused rows of a dry run are shown; --output json has more.
const dryErrors = 20

// tellDryRun says how a file would be read.
func (o *operator) tellDryRun(i rest.Import) {
	for _, m := range i.Mapping {
		o.printf("  column %s = %s\n", table.Clean(m.Column), table.Clean(m.Means))
	}
	for n, e := range i.Errors {
		if n == dryErrors {
			o.printf("  and more: --output json shows them\n")
			break
		}
		o.printf("  line %d would be refused: %s\n", e.Line, table.Clean(e.Reason))
	}
}

func newImportsCommand(a *app) *cobra.Command {
	return newShowCommand(a, showSpec[rest.ImportList]{
		use: "imports [LIST]", short: "List files that were read into lists", long: "Lists imports, the newest first.", example: "  strowger list imports spring",
		args: maxArgs(1),
		fetch: func(ctx context.Context, c *client.Client, args []string) (rest.ImportList, error) {
			return c.Imports(ctx, strings.Join(args, ""))
		},
		print: func(w io.Writer, l rest.ImportList) error {
			t := table.New(">IMPORT", "LIST", "FILE", "STATE", ">ROWS", ">NEW", ">REFUSED", ">THERE", ">BLOCKED", "STARTED", "NOTE")
			for _, i := range l.Imports {
				t.Add(i.No, i.List, i.File, i.State, i.Rows, i.Good, i.Bad, i.Twice, i.Blocked, clockTime(&i.StartedAt), i.Error)
			}
			return t.Write(w)
		},
	})
}

func importNumber(text string) (int64, error) {
	no, err := strconv.ParseInt(text, 10, 64)
	if err != nil || no < 1 {
		return 0, usageError(fault.New(fault.Invalid, "", text, "write the number of an import: 'strowger list imports' shows them"))
	}
	return no, nil
}

func newImportErrorsCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use: "errors IMPORT", Short: "Show the rows that an import has refused", Args: exactArgs("the import's number"),
		Long: "Shows the rows that an import has refused, with the line of the file and why.", Example: "  strowger list errors 3 --output csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			no, err := importNumber(args[0])
			if err != nil {
				return err
			}
			c := o.connect(cmd.Context())
			defer c.Close()
			rows, err := c.ImportErrors(cmd.Context(), no)
			if err != nil {
				return err
			}
			if len(rows) == 0 && o.output == outputText {
				o.printf("No row was refused.\n")
				return nil
			}
			return o.writeRows(rows, []string{"line=>LINE", "column", "reason=WHY"})
		},
	}
	o.rowFlags(cmd)
	return cmd
}

func newImportOrderCommand(a *app, name, short string) *cobra.Command {
	return newOrderCommand(a, orderSpec[rest.Import]{
		use: name + " IMPORT", short: short, long: short + ".", example: "  strowger list " + name + " 3", args: exactArgs("the import's number"),
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Import, error) {
			no, err := importNumber(args[0])
			if err != nil {
				return rest.Import{}, err
			}
			return c.OrderImport(ctx, no, name)
		},
		tell: func(i rest.Import) string { return fmt.Sprintf("Import %d is %s: %s.", i.No, i.State, importLine(i)) },
	})
}
