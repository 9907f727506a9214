package link

import (
	"context"
	"strconv"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

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
		l.quiet(ctx, c, e.Channel)
		return leg(c.ChannelsAnswer(ctx, string(e.Channel)))
	case callmodel.Ring:
		return leg(c.ChannelsRing(ctx, string(e.Channel)))
	case callmodel.StopRing:
		return leg(c.ChannelsRingStop(ctx, string(e.Channel)))
	case callmodel.StartMusic:
		p := arispec.ChannelsStartMohParams{}
		if e.Class != "" {
			p.MohClass = arispec.Some(e.Class)
		}
		return leg(c.ChannelsStartMoh(ctx, string(e.Channel), p))
	case callmodel.StopMusic:
		return leg(c.ChannelsStopMoh(ctx, string(e.Channel)))
	case callmodel.Play:
		return l.play(ctx, c, e)
	case callmodel.StopPlay:
		return l.stopPlay(ctx, c, e)
	case callmodel.Collect:
		return done(l.in.digits.collect(e))
	case callmodel.StopCollect:
		l.in.digits.stop(e.Channel)
		return done(nil)
	case callmodel.SendDTMF:
		return sendDigits(ctx, c, e)
	case callmodel.MuteLeg:
		return mute(ctx, c, e)
	case callmodel.NotifyTalk:
		return l.talk(ctx, c, e)
	case callmodel.ClearPeer:
		return l.clearPeer(ctx, c, e)
	case callmodel.Tap:
		return l.tap(ctx, c, e)
	case callmodel.Hangup:
		return leg(c.ChannelsHangup(ctx, string(e.Channel), arispec.ChannelsHangupParams{ReasonCode: arispec.Some(strconv.Itoa(int(e.Cause)))}))
	case callmodel.CreateBridge, callmodel.Join, callmodel.Leave, callmodel.DestroyBridge:
		return l.bridge(ctx, c, e)
	case callmodel.Screen:
		return l.screen(ctx, c, e)
	case callmodel.RecordStart, callmodel.RecordStop:
		return l.record(ctx, c, e)
	}
	return port.EffectResult{Outcome: callmodel.Failed, Err: fault.New(fault.Unsupported, "ari "+e.What(), "", "Asterisk cannot do this")}
}

func failed(err error) port.EffectResult {
	return port.EffectResult{Outcome: callmodel.Failed, Err: err}
}

// done reads the outcome of what the link does by itself.
func done(err error) port.EffectResult {
	if err != nil {
		return failed(err)
	}
	return port.EffectResult{Outcome: callmodel.Done}
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
