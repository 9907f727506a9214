package main

import (
	"context"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/config"
	"strowger/switch/fault"
)

// operator is what the commands share that ask a running controller.
type operator struct {
	*app
	socket string
	output string
	watch  bool
}

// flags adds --socket and --output.
func (o *operator) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.socket, "socket", "", "the controller's unix `socket` (default: http.socket of the configuration, or "+
		config.Default().HTTP.Socket+")")
	outputFlag(cmd, &o.output)
}

// watchFlag adds --watch.
func (o *operator) watchFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&o.watch, "watch", "w", false,
		"go on showing until interrupted: redrawn on a terminal, one line per event elsewhere")
}

// connect returns a client for the socket that the flag, the configuration or
// the default names. A configuration that does not load is no hindrance: the
// controller may run with another one.
func (o *operator) connect(ctx context.Context) *client.Client {
	socket := o.socket
	if socket == "" {
		cfg, err := config.Load(ctx, o.configPath, o.env)
		if err != nil {
			cfg = config.Default()
		}
		socket = cfg.HTTP.Socket
	}
	return client.New(socket)
}

// screen is one view of the controller: how to get it, how to print it for a
// person, and which events change it.
type screen[T any] struct {
	fetch func(context.Context, *client.Client) (T, error)
	print func(io.Writer, T) error
	about eventFilter
}

// show prints a screen once, or again and again with --watch.
func show[T any](ctx context.Context, o *operator, s screen[T]) error {
	c := o.connect(ctx)
	defer c.Close()
	if o.watch {
		frame := func(ctx context.Context, w io.Writer) error {
			v, err := s.fetch(ctx, c)
			if err != nil {
				return err
			}
			return s.print(w, v)
		}
		return o.follow(ctx, c, frame, s.about)
	}
	v, err := s.fetch(ctx, c)
	if err != nil {
		return err
	}
	if o.output == outputJSON {
		return o.printJSON(v)
	}
	return s.print(o.stdout, v)
}

// showSpec is a subcommand without options of its own that shows something.
type showSpec[T any] struct {
	use, short, long, example string
	args                      cobra.PositionalArgs
	fetch                     func(ctx context.Context, c *client.Client, args []string) (T, error)
	print                     func(io.Writer, T) error
	about                     eventFilter // what changes it; nil: it is not watched
}

// newShowCommand makes the subcommand.
func newShowCommand[T any](a *app, s showSpec[T]) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use: s.use, Short: s.short, Long: s.long, Example: s.example, Args: s.args,
		RunE: func(cmd *cobra.Command, args []string) error {
			return show(cmd.Context(), o, screen[T]{
				fetch: func(ctx context.Context, c *client.Client) (T, error) { return s.fetch(ctx, c, args) },
				print: s.print, about: s.about,
			})
		},
	}
	o.flags(cmd)
	if s.about != nil {
		o.watchFlag(cmd)
	}
	return cmd
}

// isTerminal reports whether w shows what is written to a person.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// exactArgs is cobra.ExactArgs with our exit code and the names of what is missing.
func exactArgs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usageError(fault.Newf(fault.Invalid, "", "", "%s needs %s", cmd.CommandPath(), strings.Join(names[len(args):], " and ")))
		}
		return maxArgs(len(names))(cmd, args)
	}
}
