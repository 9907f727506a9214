package link

import (
	"context"
	"strconv"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Peers are the PJSIP endpoints by which this server reaches the others.
type Peers map[callmodel.NodeID]string

func (p Peers) check() error {
	for node, endpoint := range p {
		if !endpointName.MatchString(endpoint) {
			return fault.New(fault.Invalid, "ari link", string(node), "the endpoint of another server has 1 to 40 letters, digits, dashes and underscores")
		}
	}
	return nil
}

// What the other server does with a leg, as its context strowger-nodes reads
// it from the first letter of the number dialled.
const (
	peerPhone    = "p" // call a phone
	peerAnswer   = "a" // call a phone that answers by itself
	peerTrunk    = "t" // call a number over a trunk
	peerWithheld = "w" // the same, showing no number
)

// dialString asks another server to call a station, as in PJSIP/p101@asterisk-2,
// or a number over its trunk, as in PJSIP/tcarrier.+4930600@asterisk-2. The parts
// have been checked: none of them has a dot.
func (p Peers) dialString(e callmodel.Originate) (string, error) {
	peer, known := p[e.Via]
	if !known {
		return "", fault.New(fault.NotFound, "ari originate", string(e.Via), "this server has no way to the other one: name both in asterisk.nodes")
	}
	user := peerPhone + e.Endpoint
	switch {
	case e.Dial != "" && e.CallerID == "":
		user = peerWithheld + e.Endpoint + "." + e.Dial
	case e.Dial != "":
		user = peerTrunk + e.Endpoint + "." + e.Dial
	case e.AutoAnswer:
		user = peerAnswer + e.Endpoint
	}
	return technology + "/" + user + "@" + peer, nil
}

// named refuses one of several servers that does not put its name before the
// ids of its channels: two servers that start channels in the same second
// would give them the same id.
func (l *Link) named(info *arispec.AsteriskInfo) error {
	if len(l.opt.Peers) == 0 || info.Config != nil && info.Config.Name == string(l.opt.Node) {
		return nil
	}
	have := ""
	if info.Config != nil {
		have = info.Config.Name
	}
	return fault.Newf(fault.Invalid, "ari resync", string(l.opt.Node),
		"this Asterisk calls itself %q: with several servers each needs its own name in asterisk.conf, [options], systemname = %s, and a restart", have, l.opt.Node)
}

// youngest is the age from which on a leg from another server counts as one of
// its past: what it has called since it is back is left alone.
const youngest = 2 * time.Second

// clearPeer hangs up the legs that come from another server: it is dead, or
// has started anew, and says no goodbye.
func (l *Link) clearPeer(ctx context.Context, c *arispec.Client, e callmodel.ClearPeer) port.EffectResult {
	peer, known := l.opt.Peers[e.Peer]
	if !known {
		return failed(fault.New(fault.NotFound, "ari clear-peer", string(e.Peer), "no other server has this name"))
	}
	pong, err := c.AsteriskPing(ctx)
	if err != nil {
		return leg(err)
	}
	var now arispec.Date
	if err := now.UnmarshalJSON([]byte(strconv.Quote(pong.Timestamp))); err != nil {
		return failed(fault.Wrap(fault.Invalid, "ari ping", pong.Timestamp, err))
	}
	channels, err := c.ChannelsList(ctx)
	if err != nil {
		return leg(err)
	}
	for i := range channels {
		ch := &channels[i]
		if id := channelID(ch); !id.Ours() && endpointOf(ch.Name) == peer && now.Sub(ch.Creationtime.Time) > youngest {
			l.leave(id) // the tidier hangs up, and tries again
		}
	}
	return done(nil)
}

// ringingAt finds the leg that rings at a phone for a call of another server.
func (l *Link) ringingAt(ctx context.Context, c *arispec.Client, endpoint string) (callmodel.ChannelID, error) {
	channels, err := c.ChannelsList(ctx)
	if err != nil {
		return "", err
	}
	for i := range channels {
		if ch := &channels[i]; ch.State == stateRinging && endpointOf(ch.Name) == endpoint {
			return channelID(ch), nil
		}
	}
	return "", fault.New(fault.NotFound, "ari talk-notify", endpoint, "no leg rings at this phone")
}
