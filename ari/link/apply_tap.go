package link

import (
	"context"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// argTap is the dialplan argument of the channels that listen to others.
const argTap = "tap"

// tap makes a channel that spies on a leg in both directions and, where it
// shall whisper, speaks into what the leg's person hears. Whispering is not
// heard by those who spy on the same leg.
func (l *Link) tap(ctx context.Context, c *arispec.Client, e callmodel.Tap) port.EffectResult {
	whisper := "none"
	if e.Whisper {
		whisper = "out"
	}
	_, err := c.ChannelsSnoopChannelWithID(ctx, string(e.Of), string(e.Channel), arispec.ChannelsSnoopChannelWithIDParams{
		Spy: arispec.Some("both"), Whisper: arispec.Some(whisper), App: l.opt.Stream.App, AppArgs: arispec.Some(argTap),
	})
	if fault.Is(err, fault.Conflict) {
		err = nil // it is there: asked for twice
	}
	return leg(err)
}
