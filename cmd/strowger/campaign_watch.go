package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
	"strowger/switch/fault"
)

func newCampaignWatchCommand(a *app) *cobra.Command {
	o := &operator{app: a}
	every := time.Second
	cmd := &cobra.Command{
		Use: "watch CAMPAIGN", Short: "Go on showing a campaign until interrupted", Args: exactArgs("the campaign's name"),
		Long: `Shows a campaign as 'campaign show' does, again and again: redrawn on a terminal, a line each time elsewhere, or
a JSON object a line with --output json.`,
		Example: "  strowger campaign watch spring\n  strowger campaign watch spring --every 10s --output json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if every < 100*time.Millisecond {
				return usageError(fault.New(fault.Invalid, "", "--every", "write 100ms at least"))
			}
			c := o.connect(cmd.Context())
			defer c.Close()
			return o.watchCampaign(cmd.Context(), c, args[0], every)
		},
	}
	cmd.Flags().DurationVar(&every, "every", every, "`time` between two looks")
	o.flags(cmd)
	return cmd
}

// watchCampaign looks until ctx ends, which is its normal end. A controller
// that goes away later is waited for.
func (o *operator) watchCampaign(ctx context.Context, c *client.Client, id string, every time.Duration) error {
	for first := true; ; first = false {
		one, err := c.Campaign(ctx, id)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && (first || fault.Is(err, fault.NotFound)):
			return err
		case err != nil:
			o.errorf("strowger: %s; trying again\n", fault.ReasonOf(err))
		default:
			if err := o.frame(one); err != nil {
				return err
			}
		}
		if !pause(ctx, every) {
			return nil
		}
	}
}

// frame shows one look at a campaign.
func (o *operator) frame(c rest.Campaign) error {
	switch {
	case o.output == outputJSON:
		b, err := json.Marshal(c)
		if err != nil {
			return fault.Wrap(fault.Internal, "output", "json", err)
		}
		o.printf("%s\n", b)
	case isTerminal(o.stdout):
		var b bytes.Buffer
		if err := printCampaign(&b, c); err != nil {
			return err
		}
		o.printf("%s%s", clearScreen, b.String())
	default:
		o.printf("%s %s ringing=%d waiting=%d talking=%d free=%d/%d today=%d dropped=%d used=%s left=%d: %s\n", time.Now().Format(time.TimeOnly), c.State,
			c.Lines.Ringing, c.Lines.Waiting, c.Lines.Talking, c.Agents.Free, c.Agents.Reachable, c.Today.Attempts, c.Today.Dropped, percent(c.Budget.Used), left(c.Leads), table.Clean(c.Text))
	}
	return nil
}

func printCampaign(w io.Writer, c rest.Campaign) error {
	if _, err := fmt.Fprintf(w, "%s\n\n", table.Clean(c.Text)); err != nil { // whole: a table would cut it
		return err
	}
	t := table.New("CAMPAIGN", strings.TrimSpace(c.ID+"  "+nameBeside(c)))
	t.Add("state", stateOf(c))
	t.Add("does", strings.Join([]string{c.Mode + ", rules " + c.Rules, "queue " + c.Queue, listsOf(c.Lists)}, ", "))
	for _, p := range c.Problems {
		t.Add("put right", p)
	}
	for _, n := range c.Notes {
		t.Add("note", n)
	}
	t.Add("agents", agentsOf(c))
	t.Add("lines", linesOf(c.Lines))
	t.Add("today", figuresOf(c.Today))
	t.Add("budget", gauge(c.Budget.Used)+" "+budgetOf(c.Budget))
	if o := c.Budget.Override; o != nil {
		t.Add("OVERRIDE", "until "+clockTime(&o.Until)+" by "+o.By+": "+o.Reason)
	}
	t.Add("leads", leadsOf(c.Leads))
	for _, r := range c.Leads.Reasons {
		t.Add("", fmt.Sprintf("%7d %s%s", r.Leads, r.Reason, until(r.Until)))
	}
	if c.EndsAt != nil {
		t.Add("ends", "about "+clockTime(c.EndsAt))
	}
	return t.Write(w)
}

func nameBeside(c rest.Campaign) string {
	if c.Name == "" || c.Name == c.ID {
		return ""
	}
	return "(" + c.Name + ")"
}

func stateOf(c rest.Campaign) string {
	out := c.State
	if c.Since != nil {
		out += " since " + clockTime(c.Since)
	}
	if c.By != "" {
		out += " by " + c.By
	}
	if c.Why != "" {
		out += ": " + c.Why
	}
	return out
}

func listsOf(lists []string) string {
	if len(lists) == 0 {
		return "no lists"
	}
	return "lists " + strings.Join(lists, ", ")
}

// agentsOf leaves out what only a campaign that runs has.
func agentsOf(c rest.Campaign) string {
	a := c.Agents
	if c.State != "running" {
		return fmt.Sprintf("%d signed in", a.Signed)
	}
	out := fmt.Sprintf("%d reachable of %d: %d free, %d talking, %d in wrap-up", a.Reachable, a.Signed, a.Free, a.Talking, a.WrapUp)
	if a.Elsewhere > 0 {
		out += fmt.Sprintf(", %d lent to other campaigns", a.Elsewhere)
	}
	if a.ByHand > 0 {
		out += fmt.Sprintf(", %d with phones lifted by hand", a.ByHand)
	}
	return out
}

func linesOf(l rest.CampaignLines) string {
	out := fmt.Sprintf("%d ringing, %d waiting, %d talking, %d leads ahead", l.Ringing, l.Waiting, l.Talking, l.Ahead)
	if l.Limit > 0 {
		out += fmt.Sprintf("; at most %d", l.Limit)
	}
	return out
}

func figuresOf(f rest.CampaignFigures) string {
	out := fmt.Sprintf("%d attempts, %d people", f.Attempts, f.Humans)
	if f.HitRate != nil {
		out += " (" + percent(*f.HitRate) + ")"
	}
	out += fmt.Sprintf(", %d machines; %d connected, %d dropped, %d hung up first", f.Machines, f.Connected, f.Dropped, f.Abandoned)
	if f.Connected > 0 {
		out += fmt.Sprintf("; connected in %.2f s, 95 of 100 in %.2f s", f.Median, f.P95)
	}
	return out
}

const gaugeWidth = 20

// gauge draws a share; what goes beyond is drawn full, and said in percent.
func gauge(used float64) string {
	full := min(int(max(used, 0)*gaugeWidth+0.5), gaugeWidth)
	return "[" + strings.Repeat("#", full) + strings.Repeat("-", gaugeWidth-full) + "] " + percent(used)
}

func budgetOf(b rest.CampaignBudget) string {
	out := fmt.Sprintf("used: %s of %s abandoned over %s, %.1f more allowed", percent(b.Share), percent(b.Limit), span(b.WindowSeconds), max(b.Left, 0))
	if b.FalseMachines > 0 {
		out += fmt.Sprintf(", %.1f of them taken for machines", b.FalseMachines)
	}
	if b.Projected > 0 {
		out += ", by the end of the day " + percent(b.Projected)
	}
	if b.Stopped {
		out += "; USED UP"
	}
	return out
}

// span writes a window of hours or days.
func span(seconds float64) string {
	const day = 86400
	if seconds > day {
		return fmt.Sprintf("%.0f days", seconds/day)
	}
	return fmt.Sprintf("%.0f h", seconds/3600)
}

func leadsOf(l rest.CampaignLeads) string {
	if l.Total == 0 {
		return "none, or not counted yet: 'strowger campaign reasons' counts them"
	}
	return fmt.Sprintf("%d left of %d: %d ready, %d later, %d being called; %d done, %d excluded", left(l), l.Total, l.Ready, l.Later, l.Taken, l.Done, l.Excluded)
}

func until(t *time.Time) string {
	if t == nil {
		return ""
	}
	return " until " + clockTime(t)
}
