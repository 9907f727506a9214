package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/config"
	"strowger/cmd/strowger/internal/table"
	"strowger/switch/fault"
	"strowger/switch/store"
)

func newStoreCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "store",
		Short:   "Work on the database",
		Example: `  strowger store --help`,
		Args:    unknownSubcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newStoreCopyCommand(a))
	return cmd
}

type copyOptions struct {
	from, to, fromPassword, toPassword, output string
}

func newStoreCopyCommand(a *app) *cobra.Command {
	var opts copyOptions
	cmd := &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Copy everything from one database to another",
		Long: `Copies all objects, records and incidents from the database FROM to TO, each given as
store.url is: sqlite: and a file, or postgres://user@host:5432/database. TO must be empty; its
tables are made. Either everything is copied or nothing: rows go over in one transaction, and
each table's are counted before the end. FROM is not changed.

Stop the controller first; a running one on the socket of the configuration is refused. Then
write TO into store.url and start it. The journal stays where it is.

A password in the command line can be seen by other users of the machine: write it into a file
and name it as file:/path, or name an environment variable as env:NAME.`,
		Example: `  strowger store copy sqlite:var/strowger.db sqlite:var/copy.db`,
		Args:    exactArgs("the old database", "the new database"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.from, opts.to = args[0], args[1]
			return a.storeCopy(cmd.Context(), opts)
		},
	}
	cmd.Flags().StringVar(&opts.fromPassword, "from-password", "", "`password` of the old database: file:/path or env:NAME")
	cmd.Flags().StringVar(&opts.toPassword, "to-password", "", "`password` of the new database: file:/path or env:NAME")
	outputFlag(cmd, &opts.output)
	return cmd
}

// progressPause is how often a long copy says how far it is.
const progressPause = time.Second

func (a *app) storeCopy(ctx context.Context, opts copyOptions) error {
	if err := a.refuseRunning(ctx); err != nil {
		return err
	}
	var of [2]store.Options
	for i, password := range []string{opts.fromPassword, opts.toPassword} {
		value, problem := config.ResolveSecret(password, ".", a.env)
		if problem != "" {
			return fault.New(fault.Invalid, "store copy", "password", problem)
		}
		of[i].Password = value
	}
	last := time.Now()
	done, err := store.Copy(ctx, opts.from, opts.to, of[0], of[1], func(c store.Copied) {
		if now := time.Now(); now.Sub(last) > progressPause && c.Rows < c.Of {
			a.errorf("%s: %d of %d rows\n", c.Table, c.Rows, c.Of)
			last = now
		}
	})
	if err != nil {
		return err
	}
	if opts.output == outputJSON {
		type row struct {
			Table string `json:"table"`
			Rows  int64  `json:"rows"`
		}
		rows := []row{}
		for _, c := range done {
			rows = append(rows, row{c.Table, c.Rows})
		}
		return a.printJSON(map[string]any{"tables": rows})
	}
	t := table.New("TABLE", "ROWS")
	for _, c := range done {
		t.Add(c.Table, c.Rows)
	}
	if err := t.Write(a.stdout); err != nil {
		return err
	}
	a.printf("Everything is copied. Write the new database into store.url and start the controller.\n")
	return nil
}

// refuseRunning: what a controller writes while its database is copied would be missing in the copy.
func (a *app) refuseRunning(ctx context.Context) error {
	cfg, err := config.Load(ctx, a.configPath, a.env)
	if err != nil {
		cfg = config.Default() // a copy needs no configuration
	}
	c := client.New(cfg.HTTP.Socket)
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := c.Status(ctx); err == nil {
		return fault.New(fault.Conflict, "store copy", cfg.HTTP.Socket, "a controller runs on this socket, and what it writes meanwhile would be missing in the copy: stop it first (calls stay up)")
	}
	return nil
}
