package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cti/rest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// valueExamples are what the examples of operations on a call give for a value.
var valueExamples = map[string]string{
	"to": "agent:agent102", "party": "102", "media": "sound:hello", "digits": "4711", "place": "801", "reason": "break", "codes": "sold", "channels": "stereo",
}

// newCallCommands lists what can be done with a call.
func newCallCommands(a *app) []*cobra.Command {
	out := []*cobra.Command{newCallsShowCommand(a), newCallMakeCommand(a), newPickUpCommand(a)}
	for _, o := range rest.ConnectionOperations() {
		out = append(out, newCallDoCommand(a, o))
	}
	return append(
		out, newRouteCommand(a),
		newObjectOrder(a, "calls", "route-reject", "call", "Decline a route request: the default route is taken", "  strowger call route-reject 1"),
		newObjectOrder(a, "calls", "end", "call", "End a call for everybody, whoever is in it", "  strowger call end 1"),
	)
}

// newCallDoCommand is an operation on an agent's part in a call.
func newCallDoCommand(a *app, o rest.Operation) *cobra.Command {
	var agent string
	var attach []string
	var d rest.DisposeRequest
	var failure bool
	var queue string
	var again rest.DisposeCallback
	var later, never, redial bool
	dispose, reject := o.Capability == callmodel.OpDispose, o.Capability == callmodel.OpReject
	value := strings.ToUpper(o.Value)
	use, example := o.Name+" CALL", "  strowger call "+o.Name+" 1"
	args := exactArgs("the call's number or id")
	switch {
	case o.Many:
		use, args = use+" "+value+"...", minArgs("the call's number or id", o.Value)
	case o.Optional:
		use, args = use+" ["+value+"]", betweenArgs(1, "the call's number or id", o.Value)
	case o.Value != "":
		use, args = use+" "+value, exactArgs("the call's number or id", o.Value)
	}
	if o.Value != "" {
		example += " " + valueExamples[o.Value]
	}
	return newOrderCommand(a, orderSpec[rest.Accepted]{
		use: use, short: o.Doc, args: args, example: example, tell: accepted,
		long: o.Doc + `.
CALL is the call's number or id, or the id of the agent's connection in it. The command is
accepted or refused at once; what comes of it shows in 'strowger calls'.`,
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&agent, "agent", "", "whose part is meant, where several `agents` are in the call")
			if o.Data {
				dataFlag(cmd, &attach)
			}
			if o.Queue {
				cmd.Flags().StringVar(&queue, "queue", "", "on whose behalf: the `queue`'s rules and wrap-up apply")
			}
			if reject {
				cmd.Flags().BoolVar(&later, "later", false, "of a callback or a preview: the customer is to be called later")
				cmd.Flags().BoolVar(&never, "never", false, "of a callback or a preview: the customer is not to be called")
				cmd.MarkFlagsMutuallyExclusive("later", "never")
			}
			if dispose || reject {
				cmd.Flags().StringVar(&again.At, "callback", "", "of a campaign's call: the customer wants to be called at this `time`, theirs (2026-03-02T15:00) or with a zone, or now")
				cmd.Flags().BoolVar(&again.Mine, "mine", false, "with --callback: by this agent and nobody else; with now: as soon as the wrap-up is over")
				cmd.Flags().StringVar(&again.Number, "callback-number", "", "with --callback: `number` to call then")
			}
			if reject {
				cmd.MarkFlagsMutuallyExclusive("never", "callback")
			}
			if dispose {
				cmd.Flags().BoolVar(&failure, "failure", false, "count it as no success, whatever the disposition says")
				cmd.Flags().BoolVar(&d.NoWrapUp, "no-wrap-up", false, "during the call: no wrap-up shall follow")
				cmd.Flags().BoolVar(&d.KeepWrapUp, "keep-wrap-up", false, "in wrap-up: go on with it")
				cmd.Flags().BoolVar(&redial, "again", false, "of a campaign's call: this agent gets the same customer again as soon as the wrap-up is over; as --callback now --mine")
				cmd.MarkFlagsMutuallyExclusive("again", "callback")
				cmd.Flags().BoolVar(&d.DoNotCall, "do-not-call", false, "of a campaign's call: the customer wants no more calls")
			}
		},
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Accepted, error) {
			data, err := dataEntries(attach)
			if err != nil {
				return rest.Accepted{}, err
			}
			conn, err := connectionFor(ctx, c, args[0], strings.ToLower(agent), o)
			if err != nil {
				return rest.Accepted{}, err
			}
			if redial {
				again.At, again.Mine = "now", true
			}
			var wish *rest.DisposeCallback
			if again.At != "" {
				wish = &again
			} else if again.Mine || again.Number != "" {
				return rest.Accepted{}, usageError(fault.New(fault.Invalid, "", o.Name, "write --callback as well: the time at which the customer wants to be called"))
			}
			var body any
			switch {
			case dispose:
				d.Codes = args[1:]
				if failure {
					d.Success = new(bool)
				}
				d.Callback = wish
				body = d
			case o.Data && len(args) > 1:
				body = rest.BlindTransferRequest{ToRequest: rest.ToRequest{To: args[1]}, Data: data}
			case o.Data:
				body = rest.TransferRequest{Data: data}
			case o.Queue:
				body = rest.ConsultRequest{ToRequest: rest.ToRequest{To: args[1]}, Queue: queue}
			case reject && (later || never || wish != nil):
				body = rest.RejectRequest{Reason: strings.Join(args[1:], ""), Then: map[bool]string{true: "never", false: "later"}[never], Callback: wish}
			case len(args) > 1:
				body = fields(o.Value, args[1])
			}
			return c.Do(ctx, conn, o.Name, body)
		},
	})
}

// connectionFor finds the agent's connection that an operation on a call
// means: one that can do it, else the newest, whose refusal says why not. What
// is no call is taken for a connection.
func connectionFor(ctx context.Context, c *client.Client, ref, agent string, o rest.Operation) (string, error) {
	call, err := c.Call(ctx, ref)
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.NotFound && len(ref) >= 26 {
		return ref, nil
	}
	if err != nil {
		return "", err
	}
	newest := ""
	for _, p := range call.Connections {
		if p.Role != "agent" || agent != "" && p.Agent != agent {
			continue
		}
		if newest = p.ID; slices.Contains(p.Capabilities, callmodel.OpSet(o.Capability).String()) {
			return p.ID, nil
		}
	}
	switch {
	case newest == "" && agent != "":
		return "", fault.Newf(fault.Conflict, o.Name, "call "+ref, "%s has no part in this call", agent)
	case newest == "":
		return "", fault.Newf(fault.Conflict, o.Name, "call "+ref, "no agent has had this call yet: there is nobody whose part could be changed (it is %s)", callState(call))
	}
	return newest, nil
}

func newCallMakeCommand(a *app) *cobra.Command {
	var in rest.CallRequest
	return newOrderCommand(a, orderSpec[rest.Accepted]{
		use: "make AGENT TO", short: "Call somebody from an agent's phone",
		long: `Calls the agent's own phone first and then TO: a number, or agent:NAME or queue:NAME. Which
numbers outside may be called, and by which trunk, is a matter of the agent's rules.`,
		example: "  strowger call make agent101 agent:agent102\n  strowger call make agent101 +49301234 --queue support\n  strowger call make agent101 agent:agent102 --in-wrap-up",
		args:    exactArgs("the agent's login name", "a destination"), tell: accepted,
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&in.CallerID, "caller-id", "", "`number` to show outside, or anonymous")
			cmd.Flags().StringVar(&in.Gateway, "gateway", "", "gateway `prefix`: chooses among the routes")
			cmd.Flags().StringVar(&in.Queue, "queue", "", "on whose behalf: the `queue`'s rules and wrap-up apply")
			cmd.Flags().BoolVar(&in.InWrapUp, "in-wrap-up", false, "also during after-call work, which is left to do beside the call")
		},
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Accepted, error) {
			in.To = args[1]
			return c.Order(ctx, "agents", args[0], "call", in)
		},
	})
}

func newPickUpCommand(a *app) *cobra.Command {
	return newOrderCommand(a, orderSpec[rest.Accepted]{
		use: "pick-up AGENT PLACE", short: "Take a parked call to an agent's line",
		long:    "Takes the call from the parking place and calls the agent's phone. 'strowger parking' lists the places in use.",
		example: "  strowger call pick-up agent101 801",
		args:    exactArgs("the agent's login name", "the parking place"), tell: accepted,
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Accepted, error) {
			return c.Order(ctx, "agents", args[0], "pick-up", rest.PickUpRequest{Place: args[1]})
		},
	})
}

func newRouteCommand(a *app) *cobra.Command {
	var r rest.RouteRequest
	var attach []string
	var expire time.Duration
	var priority int
	var cmd *cobra.Command
	cmd = newOrderCommand(a, orderSpec[rest.Accepted]{
		use: "route CALL TO", short: "Answer a route request",
		long: `Says where a call shall go whose queue has asked a client. TO is a number, or kind:value with the
kinds queue, agent, ivr, announce and hangup.`,
		example: "  strowger call route 1 queue:support --preferred agent101",
		args:    exactArgs("the call's number or id", "a destination"), tell: accepted,
		flags: func(cmd *cobra.Command) {
			dataFlag(cmd, &attach)
			cmd.Flags().StringVar(&r.Preferred, "preferred", "", "`agent` who is asked first")
			cmd.Flags().StringSliceVar(&r.Required, "required", nil, "`agents`: nobody else gets the call")
			cmd.Flags().DurationVar(&expire, "expire", 0, "so `long` --required holds; without it, for good")
			cmd.Flags().IntVar(&priority, "priority", 0, "`number`: higher is served first")
		},
		send: func(ctx context.Context, c *client.Client, args []string) (rest.Accepted, error) {
			var err error
			if r.Data, err = dataEntries(attach); err != nil {
				return rest.Accepted{}, err
			}
			r.To, r.ExpireSeconds = args[1], expire.Seconds()
			if cmd.Flags().Changed("priority") {
				r.Priority = &priority
			}
			return c.Order(ctx, "calls", args[0], "route", r)
		},
	})
	return cmd
}

// minArgs demands at least one of the last kind of argument.
func minArgs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= len(names) {
			return nil
		}
		return exactArgs(names...)(cmd, args)
	}
}

// betweenArgs is exactArgs where those after the first few may be left out.
func betweenArgs(needed int, names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < needed {
			return exactArgs(names[:needed]...)(cmd, args)
		}
		return maxArgs(len(names))(cmd, args)
	}
}
