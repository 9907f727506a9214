package link

import (
	"context"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

const (
	// partWait is how long the channels of the part before may take to go. They
	// wait for the next sound on the leg.
	partWait = time.Second
	// partLook is how often they are looked for, a packet's length.
	partLook = 20 * time.Millisecond
)

// partOver has the listening channels of the part before be gone. All that
// listen to a leg share one decoder for each direction, which goes with the last of
// them. Asterisk as Debian builds it (22.10.1) drops in that decoder what is up
// to 32768 packets behind the last that it has seen. Packets of the next who
// talks are numbered from anywhere: one time in two nothing of them would be
// heard, for up to 11 minutes.
func (l *Link) partOver(ctx context.Context, c *arispec.Client, n callmodel.RecordName) error {
	until := time.Now().Add(partWait)
	for _, before := range n.Before() {
		err := c.ChannelsHangup(ctx, string(before), arispec.ChannelsHangupParams{})
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		// One that cannot be hung up any more may be listening still: it is there
		// until it is not shown any more.
		for _, err = c.ChannelsGet(ctx, string(before)); !fault.Is(err, fault.NotFound); _, err = c.ChannelsGet(ctx, string(before)) {
			switch {
			case err != nil:
				return err
			case time.Now().After(until):
				l.log.Warn("a part of a recording begins while the one before is listening still: it may miss who talks", "record", string(n))
				return nil
			}
			select {
			case <-time.After(partLook):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}
