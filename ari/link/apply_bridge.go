package link

import (
	"context"
	"slices"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// bridgeType: two legs with RFC 4733 are connected below the level where
// Asterisk looks at digits, so that a leg that talks reports none. The type
// mixing,dtmf_events would, for a third more CPU per talk; the model collects
// digits only from legs that are in no bridge.
const bridgeType = "mixing"

// bridge carries out the orders about bridges.
func (l *Link) bridge(ctx context.Context, c *arispec.Client, e callmodel.Effect) port.EffectResult {
	switch e := e.(type) {
	case callmodel.CreateBridge:
		_, err := c.BridgesCreateWithID(ctx, string(e.Bridge), arispec.BridgesCreateWithIDParams{Type: arispec.Some(bridgeType)})
		if fault.Is(err, fault.Conflict) {
			err = nil // it is there: asked for twice
		}
		return leg(err)
	case callmodel.Join:
		return l.join(ctx, c, e)
	case callmodel.Leave:
		l.quiet(ctx, c, e.Channel)
		return leg(c.BridgesRemoveChannel(ctx, string(e.Bridge), arispec.BridgesRemoveChannelParams{Channel: []string{string(e.Channel)}}))
	case callmodel.DestroyBridge:
		err := c.BridgesDestroy(ctx, string(e.Bridge))
		if fault.Is(err, fault.NotFound) {
			err = nil
		}
		return leg(err)
	}
	return failed(fault.New(fault.Internal, "ari "+e.What(), "", "no order about a bridge"))
}

// join puts legs into a bridge; Asterisk takes a leg out of the bridge that it
// is in by itself, without a gap.
func (l *Link) join(ctx context.Context, c *arispec.Client, e callmodel.Join) port.EffectResult {
	// Without the inhibition every caller gets a re-INVITE at the answer, with
	// the agent's name in it.
	p := arispec.BridgesAddChannelParams{InhibitConnectedLineUpdates: arispec.Some(true)}
	legs, err := l.outside(ctx, c, e)
	if err != nil {
		return leg(err)
	}
	for _, ch := range legs {
		l.quiet(ctx, c, ch)
		p.Channel = append(p.Channel, string(ch))
	}
	if len(p.Channel) == 0 {
		return done(nil)
	}
	err = c.BridgesAddChannel(ctx, string(e.Bridge), p)
	if fault.Is(err, fault.Invalid) {
		l.Doubt() // a leg does not exist: its end has not been heard of
	}
	return leg(err)
}

// outside returns the legs that are not in the bridge yet. Asterisk is asked
// only where the events say that one is, which is rare.
func (l *Link) outside(ctx context.Context, c *arispec.Client, e callmodel.Join) ([]callmodel.ChannelID, error) {
	if !l.in.inside.any(e.Channels, e.Bridge) {
		return e.Channels, nil
	}
	b, err := c.BridgesGet(ctx, string(e.Bridge))
	if err != nil {
		return nil, err
	}
	var out []callmodel.ChannelID
	for _, ch := range e.Channels {
		if !slices.Contains(b.Channels, string(ch)) {
			out = append(out, ch)
		}
	}
	return out, nil
}

// quiet stops the sounds that play on a leg: an order to answer or to move the
// leg would wait for their end, which a ring tone never has, and over the
// websocket every other order with it. What fails here shows in the order that
// follows.
func (l *Link) quiet(ctx context.Context, c *arispec.Client, ch callmodel.ChannelID) {
	for _, id := range l.in.plays.at(target{channel: ch}) {
		l.n.playsStopped.Add(1)
		if err := c.PlaybacksStop(ctx, string(id)); err != nil && !fault.Is(err, fault.NotFound) {
			l.log.Warn("a sound could not be stopped before its leg moves", "play", string(id), "error", err)
		}
	}
}
