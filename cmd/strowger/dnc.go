package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
	"strowger/switch/fault"
)

const scopeHelp = "for `whom` it holds: system, tenant or campaign:ID"

func newBlockCommand(a *app) *cobra.Command {
	list := newBlockListCommand(a, "dnc", "Numbers that are never called", "  strowger dnc\n  strowger dnc add +49301234 --source 'letter of 2 March'")
	list.Args = unknownSubcommand
	list.AddCommand(newBlockListCommand(a, "list", "List the numbers", "  strowger dnc list --scope system"), newBlockAddCommand(a), newUnblockCommand(a), newBlockCheckCommand(a), newBlockImportCommand(a))
	return list
}

func newBlockListCommand(a *app, use, short, example string) *cobra.Command {
	o := &operator{app: a}
	var scope, prefix string
	limit := 100
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: noArgs, Long: short + ". Every call of a campaign asks this list in the moment before it is made.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := url.Values{"limit": {strconv.Itoa(limit)}}
			for k, v := range map[string]string{"scope": scope, "prefix": prefix} {
				if v != "" {
					q.Set(k, v)
				}
			}
			return show(cmd.Context(), o, screen[rest.DoNotCallList]{
				fetch: func(ctx context.Context, c *client.Client) (rest.DoNotCallList, error) { return c.Blocked(ctx, q) },
				print: printBlocked,
			})
		},
	}
	cmd.Flags().StringVar(&scope, "scope", "", "only of this scope: `system`, tenant or campaign:ID")
	cmd.Flags().StringVar(&prefix, "prefix", "", "only numbers that `begin` so")
	cmd.Flags().IntVar(&limit, "limit", limit, "at most this `many`")
	o.flags(cmd)
	return cmd
}

func printBlocked(w io.Writer, l rest.DoNotCallList) error {
	if len(l.Entries) == 0 {
		_, err := io.WriteString(w, "Nothing.\n")
		return err
	}
	t := table.New("NUMBER", "SCOPE", "SINCE", "UNTIL", "SOURCE", "BY")
	for _, e := range l.Entries {
		number := e.Number
		if e.Prefix != "" {
			number = e.Prefix + "..."
		}
		t.Add(number, e.Scope, clockTime(e.At), clockTime(e.Until), e.Source, e.By)
	}
	return t.Write(w)
}

func newBlockAddCommand(a *app) *cobra.Command {
	scope, source := "tenant", ""
	var prefix bool
	var until time.Duration
	return newOrderCommand(a, orderSpec[rest.DoNotCallResult]{
		use: "add NUMBER...", short: "Have numbers not be called from this moment on",
		long:    "Puts numbers on the do-not-call list, or with --prefix all numbers that begin so. Calls that ring already go on.",
		example: "  strowger dnc add +49301234 --source 'letter of 2 March'\n  strowger dnc add +4930 --prefix --scope campaign:spring", args: minArgs("a number"),
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&scope, "scope", scope, scopeHelp)
			cmd.Flags().StringVar(&source, "source", "", "`where` it is from")
			cmd.Flags().BoolVar(&prefix, "prefix", false, "they are beginnings of numbers")
			cmd.Flags().DurationVar(&until, "for", 0, "only so `long`, as 720h")
		},
		send: func(ctx context.Context, c *client.Client, args []string) (rest.DoNotCallResult, error) {
			if until < 0 {
				return rest.DoNotCallResult{}, usageError(fault.New(fault.Invalid, "", "--for", "write a time from now on, as 720h; without it the numbers are not called for ever"))
			}
			var entries []rest.DoNotCall
			for _, number := range args {
				e := rest.DoNotCall{Number: number, Scope: scope, Source: source}
				if prefix {
					e.Number, e.Prefix = "", number
				}
				if until > 0 {
					end := time.Now().Add(until)
					e.Until = &end
				}
				entries = append(entries, e)
			}
			return c.Block(ctx, entries)
		},
		tell: func(r rest.DoNotCallResult) string { return fmt.Sprintf("%d added.", r.Added) },
	})
}

func newUnblockCommand(a *app) *cobra.Command {
	scope := "tenant"
	return newOrderCommand(a, orderSpec[map[string]string]{
		use: "remove NUMBER", short: "Allow a number to be called again", long: "Takes a number, or the beginning of numbers, off the do-not-call list. It is written down who has done it.",
		example: "  strowger dnc remove +49301234", args: exactArgs("a number"),
		flags: func(cmd *cobra.Command) { cmd.Flags().StringVar(&scope, "scope", scope, scopeHelp) },
		send: func(ctx context.Context, c *client.Client, args []string) (map[string]string, error) {
			return map[string]string{"number": args[0], "scope": scope}, c.Unblock(ctx, args[0], scope)
		},
		tell: func(m map[string]string) string {
			return m["number"] + " may be called again, as far as " + m["scope"] + " goes."
		},
	})
}

func newBlockCheckCommand(a *app) *cobra.Command {
	return newShowCommand(a, showSpec[rest.DoNotCallList]{
		use: "check NUMBER", short: "Show what forbids to call a number", long: "Shows every entry that forbids to call a number: the number itself or the area.",
		example: "  strowger dnc check +49301234", args: exactArgs("a number"),
		fetch: func(ctx context.Context, c *client.Client, args []string) (rest.DoNotCallList, error) {
			return c.CheckNumber(ctx, args[0])
		},
		print: func(w io.Writer, l rest.DoNotCallList) error {
			if len(l.Entries) == 0 {
				_, err := io.WriteString(w, "Nothing forbids it.\n")
				return err
			}
			return printBlocked(w, l)
		},
	})
}

func newBlockImportCommand(a *app) *cobra.Command {
	scope, source := "tenant", ""
	return newOrderCommand(a, orderSpec[rest.BlockedResult]{
		use: "import FILE", short: "Read a file of numbers that are not called", long: "Reads numbers, one a line or in the first column of a CSV file.",
		example: "  strowger dnc import register.csv --scope system --source 'register of March'", args: exactArgs("the file"),
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&scope, "scope", scope, scopeHelp)
			cmd.Flags().StringVar(&source, "source", "", "`where` the numbers are from")
		},
		send: func(ctx context.Context, c *client.Client, args []string) (rest.BlockedResult, error) {
			f, err := os.Open(args[0])
			if err != nil {
				return rest.BlockedResult{}, fileFault("dnc import", args[0], err)
			}
			defer func() { _ = f.Close() }() // only read from
			if strings.TrimSpace(scope) == "" {
				return rest.BlockedResult{}, usageError(fault.New(fault.Invalid, "", "--scope", "write system, tenant or campaign:ID"))
			}
			return c.ImportBlocked(ctx, scope, source, f)
		},
		tell: func(r rest.BlockedResult) string {
			out := fmt.Sprintf("%d added, %d there already, %d refused.", r.Added, r.Twice, r.Bad)
			for _, e := range r.Errors {
				return out + fmt.Sprintf(" The first: line %d: %s", e.Line, e.Reason)
			}
			return out
		},
	})
}
