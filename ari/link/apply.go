package link

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

var endpointName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// Apply carries out one order.
func (l *Link) Apply(ctx context.Context, e callmodel.Effect) port.EffectResult {
	if l.replaced.Load() {
		return port.EffectResult{Outcome: callmodel.Failed, Later: true, Err: fault.New(fault.Denied, "ari "+e.What(), "", "another controller has our application: no orders are given")}
	}
	c := l.rest()
	switch e := e.(type) {
	case callmodel.Originate:
		return l.originate(ctx, c, e)
	case callmodel.Answer:
		return leg(c.ChannelsAnswer(ctx, string(e.Channel)))
	case callmodel.Ring:
		return leg(c.ChannelsRing(ctx, string(e.Channel)))
	case callmodel.StartMusic:
		p := arispec.ChannelsStartMohParams{}
		if e.Class != "" {
			p.MohClass = arispec.Some(e.Class)
		}
		return leg(c.ChannelsStartMoh(ctx, string(e.Channel), p))
	case callmodel.StopMusic:
		return leg(c.ChannelsStopMoh(ctx, string(e.Channel)))
	case callmodel.Hangup:
		return leg(c.ChannelsHangup(ctx, string(e.Channel), arispec.ChannelsHangupParams{ReasonCode: arispec.Some(strconv.Itoa(int(e.Cause)))}))
	case callmodel.CreateBridge:
		_, err := c.BridgesCreateWithID(ctx, string(e.Bridge), arispec.BridgesCreateWithIDParams{Type: arispec.Some("mixing")})
		if fault.Is(err, fault.Conflict) {
			err = nil // it is there: asked for twice
		}
		return leg(err)
	case callmodel.Join:
		// Without this every caller gets a re-INVITE at the answer, with the
		// agent's name in it.
		p := arispec.BridgesAddChannelParams{InhibitConnectedLineUpdates: arispec.Some(true)}
		for _, ch := range e.Channels {
			p.Channel = append(p.Channel, string(ch))
		}
		err := c.BridgesAddChannel(ctx, string(e.Bridge), p)
		if fault.Is(err, fault.Invalid) {
			l.Doubt() // a leg does not exist: its end has not been heard of
		}
		return leg(err)
	case callmodel.Leave:
		return leg(c.BridgesRemoveChannel(ctx, string(e.Bridge), arispec.BridgesRemoveChannelParams{Channel: []string{string(e.Channel)}}))
	case callmodel.DestroyBridge:
		err := c.BridgesDestroy(ctx, string(e.Bridge))
		if fault.Is(err, fault.NotFound) {
			err = nil
		}
		return leg(err)
	}
	return port.EffectResult{Outcome: callmodel.Failed, Err: fault.New(fault.Unsupported, "ari "+e.What(), "", "Asterisk cannot do this")}
}

// originate calls a station. Its own channel id makes the outcome findable.
func (l *Link) originate(ctx context.Context, c *arispec.Client, e callmodel.Originate) port.EffectResult {
	if !endpointName.MatchString(e.Endpoint) {
		return failed(fault.New(fault.Invalid, "ari originate", e.Endpoint, "an endpoint has 1 to 40 letters, digits, dashes and underscores"))
	}
	p := arispec.ChannelsOriginateWithIDParams{
		Endpoint: "PJSIP/" + e.Endpoint, App: arispec.Some(l.opt.Stream.App), AppArgs: arispec.Some(argOut),
		CallerID: arispec.Some(callerID(e.CallerID, e.CallerName)), Timeout: arispec.Some(int((e.Timeout + time.Second - 1) / time.Second)),
	}
	if e.AutoAnswer {
		if !headersSafe(l.Info().Version) {
			return failed(fault.New(fault.Unsupported, "ari originate", e.Endpoint,
				"this Asterisk can deadlock when a call carries extra headers (AST#1936): use 22.10.1 or later for stations with mode call-on-accept"))
		}
		p.Variables = arispec.SetVars{
			"PJSIP_HEADER(add,Call-Info)":  {Value: "<sip:auto>;answer-after=0"},
			"PJSIP_HEADER(add,Alert-Info)": {Value: "<http://localhost>;info=alert-autoanswer;delay=0"},
		}
	}
	_, err := c.ChannelsOriginateWithID(ctx, string(e.Channel), p)
	if err == nil || fault.Is(err, fault.Conflict) { // conflict: the channel is there already
		return port.EffectResult{Outcome: callmodel.Done}
	}
	if status, answered := arispec.Answered(err); answered && status == 500 {
		return failed(fault.Wrap(fault.NotFound, "ari originate", e.Endpoint, err)) // the phone is not registered
	}
	return leg(err)
}

// headersSafe tells whether extra headers may be given with an originate:
// before 22.10.0 they can deadlock PJSIP (AST#1936, AST#1872).
func headersSafe(version string) bool {
	return arispec.AtLeast(version, 22, 10, 0)
}

// callerID is what the phone shows. Name and number have been cleaned at the
// edge; what is left of quotes would change the meaning.
func callerID(number, name string) string {
	if number == "" {
		number = "anonymous"
	}
	if name = cleanName(name); name == "" {
		return number
	}
	return fmt.Sprintf("%q <%s>", name, number)
}

func failed(err error) port.EffectResult {
	return port.EffectResult{Outcome: callmodel.Failed, Err: err}
}

// leg reads the outcome of a request about a leg or bridge.
func leg(err error) port.EffectResult {
	switch fault.KindOf(err) {
	case 0:
		return port.EffectResult{Outcome: callmodel.Done}
	case fault.NotFound:
		return port.EffectResult{Outcome: callmodel.Failed, Gone: true, Err: err}
	case fault.Unknown:
		return port.EffectResult{Outcome: callmodel.Unknown, Err: err}
	case fault.Unavailable, fault.Busy, fault.Stopped:
		return port.EffectResult{Outcome: callmodel.Failed, Later: true, Err: err}
	case fault.Internal, fault.Invalid, fault.Conflict, fault.Denied, fault.Unsupported, fault.Overrun, fault.Stale:
	}
	return failed(err)
}
