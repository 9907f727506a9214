package link

import (
	"context"
	"strconv"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
)

// tidyQueue bounds the legs that wait to be hung up; what does not fit is
// counted, and ends with its phone or at the next comparison of the state.
const tidyQueue = 1024

// tidyTries is how often a hang-up is tried while Asterisk cannot be reached.
const tidyTries = 5

// leave hands legs to the tidier. It never blocks.
func (l *Link) leave(channels ...callmodel.ChannelID) {
	for _, c := range channels {
		if c == "" {
			continue
		}
		select {
		case l.litter <- c:
		default:
			l.n.tidyDropped.Add(1)
		}
	}
}

// tidier hangs up what Asterisk leaves behind after a transfer by phone: the
// halves of its Local channels, and legs that another channel has replaced.
func (l *Link) tidier(ctx context.Context) {
	defer l.wg.Done()
	for {
		select {
		case c := <-l.litter:
			l.hangUp(ctx, c)
		case <-ctx.Done():
			return
		}
	}
}

func (l *Link) hangUp(ctx context.Context, c callmodel.ChannelID) {
	p := arispec.ChannelsHangupParams{ReasonCode: arispec.Some(strconv.Itoa(int(callmodel.CauseNormal)))}
	for range tidyTries {
		if l.replaced.Load() {
			return
		}
		l.n.tidied.Add(1)
		if leg(l.rest().ChannelsHangup(ctx, string(c), p)).Later {
			select {
			case <-time.After(resyncRetry):
				continue
			case <-ctx.Done():
			}
		}
		return
	}
}
