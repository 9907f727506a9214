package main

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/migrate"
	"strowger/switch/fault"
	"strowger/switch/objects"
)

// newImportCommand proposes objects for a mirrored queue.
func newImportCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	var number, conf string
	cmd := &cobra.Command{
		Use:   "import NAME",
		Short: "Propose configuration objects for a queue of app_queue",
		Long: `Writes a queue and its agents as configuration objects, made of what is seen of a queue
of app_queue and, with --conf, of what queues.conf says of it. What has no counterpart is listed
in front. Nothing is changed: look at it, and bring it into force with 'strowger apply'.

NAME is the queue's name, or NAME@SERVER where several servers have one of that name.`,
		Example: `  strowger queues import support --number 600 > support.yaml
  strowger queues import support --number 600 --conf /etc/asterisk/queues.conf`,
		Args: exactArgs("the queue's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c := o.connect(cmd.Context())
			defer c.Close()
			src, err := importSource(cmd.Context(), c, args[0], conf)
			if err != nil {
				return err
			}
			src.Number = number
			p, err := migrate.Propose(src)
			if err != nil {
				return usageError(err)
			}
			if o.output == outputJSON {
				return o.printJSON(p)
			}
			text, err := p.YAML()
			o.printf("%s", text)
			return err
		},
	}
	cmd.Flags().StringVar(&number, "number", "", "the new queue's own `number`")
	cmd.Flags().StringVar(&conf, "conf", "", "the `file` queues.conf, for times, music and announcements")
	_ = cmd.MarkFlagRequired("number") // the flag is there
	o.flags(cmd)
	f := cmd.Flags().Lookup("output")
	f.Value = &choice{value: &o.output, allowed: []string{outputYAML, outputJSON}}
	f.Usage, f.DefValue, o.output = "`form` of the output: yaml or json", outputYAML, outputYAML
	return cmd
}

// importSource gathers what is known of a mirrored queue.
func importSource(ctx context.Context, c *client.Client, name, conf string) (src migrate.Source, err error) {
	queues, err := c.Queues(ctx)
	if err != nil {
		return src, err
	}
	var names []string
	for _, q := range queues.Queues {
		if q.Mirror == "" {
			continue
		}
		names = append(names, q.ID)
		if q.ID == name || q.Name == name {
			if src.Queue.ID != "" {
				return src, usageError(fault.Newf(fault.Invalid, "", name, "several servers have a queue of this name: write %s or %s", src.Queue.ID, q.ID))
			}
			src.Queue = q
		}
	}
	if src.Queue.ID == "" {
		return src, fault.Newf(fault.NotFound, "import queue", name, "no such queue of app_queue is seen; there are: %s", or(strings.Join(names, ", "), "none (is asterisk.ami_user set? 'strowger status' tells)"))
	}
	agents, err := c.Agents(ctx)
	if err != nil {
		return src, err
	}
	for _, a := range agents.Agents {
		if a.Mirror != "" && a.Node == src.Queue.Node {
			src.Members = append(src.Members, a)
		}
	}
	if src.Existing, err = agentsAt(ctx, c); err != nil {
		return src, err
	}
	if conf == "" {
		return src, nil
	}
	f, err := os.Open(conf)
	if err != nil {
		return src, fault.Wrap(fault.Invalid, "queues.conf", conf, err)
	}
	defer func() { _ = f.Close() }() // it was only read
	src.Conf, err = migrate.ReadConf(f, src.Queue.Name)
	return src, err
}

// agentsAt returns our agents' objects by the endpoint of their own phone.
func agentsAt(ctx context.Context, c *client.Client) (map[string]map[string]any, error) {
	l, err := c.Objects(ctx, objects.KindAgent, nil)
	if err != nil {
		return nil, err
	}
	out := map[string]map[string]any{}
	list, _ := l.Objects[objects.KindAgent.Section()].([]any)
	for _, v := range list {
		o, _ := v.(map[string]any)
		station, _ := o["station"].(map[string]any)
		if endpoint, is := station["endpoint"].(string); is && endpoint != "" {
			out[endpoint] = sparse(o)
		}
	}
	return out, nil
}

// sparse leaves out what is empty, as a file of objects does.
func sparse(o map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range o {
		switch w := v.(type) {
		case nil:
		case string:
			if w != "" {
				out[k] = w
			}
		case bool:
			if w {
				out[k] = w
			}
		case []any:
			if len(w) > 0 {
				out[k] = w
			}
		case map[string]any:
			if w = sparse(w); len(w) > 0 {
				out[k] = w
			}
		default:
			out[k] = v
		}
	}
	return out
}

func or(s, other string) string {
	if s != "" {
		return s
	}
	return other
}
