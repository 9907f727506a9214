package link

import (
	"context"
	"strings"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
)

// identifyQueue bounds the legs that wait to be asked for their Call-ID; of
// what does not fit nobody asks, and the call goes without.
const identifyQueue = 256

// sipCallID is Asterisk's expression for the Call-ID of a leg. The SIP session
// has it from the moment when the leg is made.
const sipCallID = "CHANNEL(pjsip,call-id)"

// identify hands a leg that has been called to the identifier. It never blocks:
// no order waits for a Call-ID. A leg to another server has not the phone's.
func (l *Link) identify(e callmodel.Originate) {
	if !e.Identify || e.Via != "" {
		return
	}
	select {
	case l.nameless <- e.Channel:
	default:
		l.n.identifyFailed.Add(1)
	}
}

// identifier asks for Call-IDs, one after the other.
func (l *Link) identifier(ctx context.Context) {
	defer l.wg.Done()
	for {
		select {
		case c := <-l.nameless:
			if l.replaced.Load() {
				continue
			}
			v, err := l.rest().ChannelsGetChannelVar(ctx, string(c), arispec.ChannelsGetChannelVarParams{Variable: sipCallID})
			if err != nil || !isCallID(v.Value) { // it has ended, or is no SIP call
				l.n.identifyFailed.Add(1)
				continue
			}
			l.n.identified.Add(1)
			l.put(ctx, callmodel.ChannelIdentified{Channel: c, SIPCallID: v.Value})
		case <-ctx.Done():
			return
		}
	}
}

// isCallID reports whether a text can be a Call-ID (RFC 3261 section 25.1) and
// is one that a call keeps.
func isCallID(s string) bool {
	return s != "" && len(s) <= callmodel.MaxSIPCallID && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}
