package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
	"strowger/switch/fault"
	"strowger/switch/objects"
)

func newCampaignCommand(a *app) *cobra.Command {
	list := newCampaignListCommand(a, "campaign", "List the campaigns of the dialer, or order one about", "  strowger campaign\n  strowger campaign start spring\n  strowger campaign watch spring")
	list.Aliases = []string{"campaigns"}
	list.Args = unknownSubcommand
	list.AddCommand(
		newCampaignListCommand(a, "list", "List the campaigns", "  strowger campaign list --output json"),
		newCampaignCreateCommand(a), newCampaignShowCommand(a), newCampaignWatchCommand(a),
		newCampaignOrderCommand(a, "start", "Have a campaign dial, from now on and after every restart",
			"What has to be put right first is said, all of it at once."),
		newCampaignOrderCommand(a, "pause", "Have a campaign dial no more until it is started", "Phones that ring go on ringing, and who answers gets an agent."),
		newCampaignOrderCommand(a, "stop", "End a campaign",
			"Nothing is dialled from now on; phones that ring do so for as long as the rules say, and who answers gets an agent. With --now they are given up at once: that breaks the rules, needs a reason and is written down."),
		newOverrideCommand(a), newCampaignReasonsCommand(a), newCampaignDecisionsCommand(a), newCampaignReportCommand(a), newCampaignRecordsCommand(a), newSamplesCommand(a),
	)
	return list
}

func newCampaignListCommand(a *app, use, short, example string) *cobra.Command {
	return newShowCommand(a, showSpec[rest.CampaignList]{
		use: use, short: short, example: example, args: noArgs,
		long: short + ".\n\nUSED is the part of the budget of abandoned calls that is used up, SHARE the share of abandoned calls, HIT how many\nof 100 attempts reach a person, LEFT the leads that are neither done nor excluded.",
		fetch: func(ctx context.Context, c *client.Client, _ []string) (rest.CampaignList, error) {
			return c.Campaigns(ctx)
		},
		print: printCampaigns,
	})
}

func printCampaigns(w io.Writer, l rest.CampaignList) error {
	if len(l.Campaigns) == 0 {
		_, err := io.WriteString(w, "No campaigns: make one with 'strowger campaign create'.\n")
		return err
	}
	t := table.New("CAMPAIGN", "STATE", "MODE", ">FREE", ">AGENTS", ">RINGING", ">TALKING", ">TODAY", ">HIT", ">DROPPED", ">SHARE", ">USED", ">LEFT", "NOW")
	for _, c := range l.Campaigns {
		t.Add(c.ID, c.State, c.Mode, c.Agents.Free, c.Agents.Reachable, c.Lines.Ringing, c.Lines.Talking, c.Today.Attempts, percentOf(c.Today.HitRate), c.Today.Dropped,
			percent(c.Budget.Share), percent(c.Budget.Used), left(c.Leads), c.Reason)
	}
	return t.Write(w)
}

// left is how many leads are neither done nor excluded.
func left(l rest.CampaignLeads) int64 { return l.Ready + l.Later + l.Taken }

// percent writes a share as people do.
func percent(share float64) string {
	if share > 0 && share < 0.0995 {
		return fmt.Sprintf("%.1f%%", 100*share)
	}
	return fmt.Sprintf("%.0f%%", 100*share)
}

func percentOf(share *float64) string {
	if share == nil {
		return ""
	}
	return percent(*share)
}

func newCampaignShowCommand(a *app) *cobra.Command {
	return newShowCommand(a, showSpec[rest.Campaign]{
		use: "show CAMPAIGN", short: "Show a campaign as it is now",
		long:    "Shows what a campaign does and why, its agents, lines, budget and leads.",
		example: "  strowger campaign show spring",
		args:    exactArgs("the campaign's name"),
		fetch: func(ctx context.Context, c *client.Client, args []string) (rest.Campaign, error) {
			return c.Campaign(ctx, args[0])
		},
		print: printCampaign,
	})
}

// newCampaignOrderCommand is start, pause or stop.
func newCampaignOrderCommand(a *app, name, short, long string) *cobra.Command {
	var r rest.CampaignRequest
	return newOrderCommand(a, orderSpec[rest.Campaign]{
		use: name + " CAMPAIGN", short: short, long: short + ". " + long, example: "  strowger campaign " + name + " spring --reason 'end of the day'",
		args: exactArgs("the campaign's name"),
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&r.Reason, "reason", "", "`why`, for whoever looks at it later")
			if name == "stop" {
				cmd.Flags().BoolVar(&r.Now, "now", false, "give up phones that ring at once; needs --reason")
			}
		},
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Campaign, error) {
			if r.Now && r.Reason == "" {
				return rest.Campaign{}, usageError(fault.New(fault.Invalid, "", "--now", "write --reason as well: phones that have not rung for as long as the rules say are given up for a reason only"))
			}
			return c.OrderCampaign(ctx, args[0], name, r)
		},
		tell: orderTold,
	})
}

// orderTold says what a campaign does after an order.
func orderTold(c rest.Campaign) string {
	if c.State == "running" {
		return c.ID + " is running; 'strowger campaign watch " + c.ID + "' shows what it does."
	}
	if n := c.Lines.Ringing + c.Lines.Waiting + c.Lines.Talking; n > 0 {
		return c.ID + " is " + c.State + fmt.Sprintf("; %d calls of it are up: 'strowger campaign show %s' shows them end.", n, c.ID)
	}
	return c.ID + " is " + c.State + "."
}

// overrideReason is how long the reason of an override is at least.
const overrideReason = 5

func newOverrideCommand(a *app) *cobra.Command {
	var length time.Duration
	var reason string
	var end bool
	return newOrderCommand(a, orderSpec[rest.Campaign]{
		use: "override CAMPAIGN --for TIME --reason TEXT | --end", short: "Let a campaign go beyond its budget of abandoned calls for a while",
		long: `Lets a campaign that has used up its budget dial on, for at most a day. It is written down with your name, is an
incident while it lasts, and stands in the live view and in every report of the time. The law does not know this
button. When it is over, or --end ends it, a campaign that was stopped is stopped again.`,
		example: "  strowger campaign override spring --for 30m --reason 'recall of a product, agreed with the office'\n  strowger campaign override spring --end",
		args:    exactArgs("the campaign's name"),
		flags: func(cmd *cobra.Command) {
			cmd.Flags().DurationVar(&length, "for", 0, "so `long`, as 30m")
			cmd.Flags().StringVar(&reason, "reason", "", "`why` the law does not mind")
			cmd.Flags().BoolVar(&end, "end", false, "end it before its time")
		},
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Campaign, error) {
			switch {
			case end && (length != 0 || reason != ""):
				return rest.Campaign{}, usageError(fault.New(fault.Invalid, "", "--end", "stands alone: --for and --reason begin an override"))
			case end:
				return c.EndOverride(ctx, args[0])
			}
			if length < time.Minute || reason == "" {
				return rest.Campaign{}, usageError(fault.New(fault.Invalid, "", "override", "write --for with a time of a minute at least, and --reason"))
			}
			if utf8.RuneCountInString(reason) < overrideReason {
				return rest.Campaign{}, usageError(fault.Newf(fault.Invalid, "", "--reason", "it is too short: write in %d characters at least why the law does not mind", overrideReason))
			}
			return c.OverrideCampaign(ctx, args[0], rest.OverrideRequest{Minutes: int(length / time.Minute), Reason: reason})
		},
		tell: func(c rest.Campaign) string {
			switch {
			case end:
				return c.ID + " is held to its budget again."
			case c.Budget.Override == nil:
				return c.ID + ": taken, and over already."
			}
			return c.ID + " may go beyond its budget until " + clockTime(&c.Budget.Override.Until) + "."
		},
	})
}

func newCampaignReasonsCommand(a *app) *cobra.Command {
	return newShowCommand(a, showSpec[rest.CampaignReasons]{
		use: "reasons CAMPAIGN", short: "Count a campaign's leads by what stands in their way",
		long:    "Counts every lead of a campaign's lists once, by the first thing that stands in its way. It works before the campaign starts.\n'strowger dialer why' says it of one lead.",
		example: "  strowger campaign reasons spring",
		args:    exactArgs("the campaign's name"),
		fetch: func(ctx context.Context, c *client.Client, args []string) (rest.CampaignReasons, error) {
			return c.CampaignReasons(ctx, args[0])
		},
		print: func(w io.Writer, r rest.CampaignReasons) error {
			t := table.New(">LEADS", "REASON", "UNTIL", "WHAT")
			for _, one := range r.Reasons {
				t.Add(one.Leads, one.Reason, clockTime(one.Until), one.Text)
			}
			t.Add(r.Leads, "all", "", "")
			return t.Write(w)
		},
	})
}

func newCampaignDecisionsCommand(a *app) *cobra.Command {
	var limit int
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use: "decisions CAMPAIGN", Short: "Show how many calls a campaign has begun, and why", Args: exactArgs("the campaign's name"),
		Long:    "Shows the last decisions, the newest first: how many calls were begun, and what that was based on.",
		Example: "  strowger campaign decisions spring --limit 5",
		RunE: func(cmd *cobra.Command, args []string) error {
			return show(cmd.Context(), o, screen[rest.CampaignDecisions]{
				fetch: func(ctx context.Context, c *client.Client) (rest.CampaignDecisions, error) {
					return c.CampaignDecisions(ctx, args[0], limit)
				},
				print: func(w io.Writer, l rest.CampaignDecisions) error {
					for _, d := range l.Decisions { // whole: a table would cut them
						if _, err := fmt.Fprintf(w, "%s  %s\n", d.At.Local().Format(time.TimeOnly), table.Clean(d.Text)); err != nil {
							return err
						}
					}
					return nil
				},
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 20, "at most this `many`")
	o.flags(cmd)
	return cmd
}

// newCampaign is what `campaign create` asks for.
type newCampaign struct {
	ID         string         `json:"id"`
	Name       string         `json:"name,omitempty"`
	Queue      string         `json:"queue"`
	Mode       string         `json:"mode"`
	Rules      string         `json:"rules"`
	Lists      []campaignList `json:"lists,omitempty"`
	TrunkGroup string         `json:"trunk_group,omitempty"`
	Dropped    []string       `json:"dropped,omitempty"`
	Message    []string       `json:"message,omitempty"`
	Hours      string         `json:"hours,omitempty"`
}

type campaignList struct {
	List string `json:"list"`
}

func newCampaignCreateCommand(a *app) *cobra.Command {
	var n newCampaign
	var lists []string
	return newOrderCommand(a, orderSpec[objects.Result]{
		use: "create CAMPAIGN --queue QUEUE --list LIST", short: "Make a campaign",
		long: `Makes a campaign with what is usual. It is a configuration object like any other: 'strowger get campaigns CAMPAIGN -o yaml' writes
it for an editor, 'strowger apply -f' brings a change into force, and 'strowger config explain campaigns' explains every key.`,
		example: "  strowger campaign create spring --queue sales --list spring\n  strowger campaign create autumn --queue sales --list autumn --mode predictive --dropped sound:dialer-dropped",
		args:    exactArgs("a name for the campaign"),
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&n.Queue, "queue", "", "the `queue` whose agents talk")
			cmd.Flags().StringSliceVar(&lists, "list", nil, "a `list` to call; may be repeated, and the list may come later")
			cmd.Flags().Var(&choice{value: &n.Mode, allowed: []string{"progressive", "preview", "predictive", "message"}}, "mode", "`how` it dials: preview, progressive, predictive or message (default progressive)")
			cmd.Flags().Var(&choice{value: &n.Rules, allowed: []string{"uk", "us"}}, "rules", "the `law` that it keeps: uk or us (default uk)")
			cmd.Flags().StringVar(&n.Name, "name", "", "`text` that people read")
			cmd.Flags().StringVar(&n.TrunkGroup, "trunk-group", "", "the trunk `group` that carries its calls")
			cmd.Flags().StringVar(&n.Hours, "hours", "", "the `calendar` that narrows the hours of the rules")
			cmd.Flags().StringSliceVar(&n.Dropped, "dropped", nil, "`sound` for people for whom nobody is free in time, as sound:dialer-dropped")
			cmd.Flags().StringSliceVar(&n.Message, "message", nil, "`sound` of the mode message")
		},
		send: func(ctx context.Context, c *client.Client, args []string) (objects.Result, error) {
			n.ID = args[0]
			n.Mode, n.Rules = orElse(n.Mode, "progressive"), orElse(n.Rules, "uk")
			for _, l := range lists {
				n.Lists = append(n.Lists, campaignList{l})
			}
			return createCampaign(ctx, c, n)
		},
		tell: func(r objects.Result) string {
			return fmt.Sprintf("Made, in version %d of the objects. Next: fill its lists with 'strowger list import', then 'strowger campaign start %s'.", r.Version, r.Diff.Objects[0].ID)
		},
	})
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func createCampaign(ctx context.Context, c *client.Client, n newCampaign) (objects.Result, error) {
	var none objects.Result
	if n.Queue == "" {
		return none, usageError(fault.New(fault.Invalid, "", "campaign create", "write --queue: the queue whose agents talk to the people who are called; 'strowger queues' lists them"))
	}
	there, err := c.Objects(ctx, objects.KindCampaign, nil)
	if err != nil {
		return none, err
	}
	if all, ok := there.Objects[objects.KindCampaign.Section()].([]any); ok && slices.ContainsFunc(all, func(one any) bool {
		m, _ := one.(map[string]any)
		return m["id"] == n.ID
	}) {
		return none, fault.New(fault.Conflict, "campaign create", n.ID, "there is a campaign of this name: change it with 'strowger get campaigns "+n.ID+" -o yaml' and 'strowger apply -f'")
	}
	text, err := json.Marshal(map[string]any{objects.KindCampaign.Section(): []newCampaign{n}}) // JSON is YAML
	if err != nil {
		return none, fault.Wrap(fault.Internal, "campaign create", n.ID, err)
	}
	return c.Apply(ctx, objects.Apply{YAML: text, File: "campaign " + strings.TrimSpace(n.ID), Expect: there.Version})
}
