package link

import (
	"context"
	"strings"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// play starts a list of sounds under the id that the order gives. An order
// that fails has no end: only its EffectDone tells of it. After every other
// outcome PlayEnded follows, once; a sound that does not exist is started, and
// ends at once as failed.
func (l *Link) play(ctx context.Context, c *arispec.Client, e callmodel.Play) port.EffectResult {
	const op = "ari play"
	if !strings.HasPrefix(string(e.Play), callmodel.OwnPrefix) || (e.Channel == "") == (e.Bridge == "") {
		return failed(fault.New(fault.Invalid, op, string(e.Play), "a sound has an id of ours and is played to a leg or to a bridge"))
	}
	media, err := mediaURIs(e.Media, l.opt.ToneZone)
	if err != nil {
		return failed(err)
	}
	isNew, room := l.in.plays.add(e.Play, target{channel: e.Channel, bridge: e.Bridge})
	if !room {
		return failed(fault.Newf(fault.Busy, op, string(e.Play), "%d sounds are under way", maxPlays))
	}
	if !isNew {
		return done(nil) // asked for twice: Asterisk would play it twice under one id
	}
	if e.Channel != "" {
		_, err = c.ChannelsPlayWithID(ctx, string(e.Channel), string(e.Play), arispec.ChannelsPlayWithIDParams{Media: media})
	} else {
		_, err = c.BridgesPlayWithID(ctx, string(e.Bridge), string(e.Play), arispec.BridgesPlayWithIDParams{Media: media})
	}
	r := leg(err)
	if r.Outcome == callmodel.Failed {
		l.in.plays.ended(e.Play)
	}
	return r
}

// stopPlay ends a sound; PlayEnded follows as for one that ends by itself. A
// sound that has ended a moment ago is done with. One that is not known, as
// after a restart, is reported as gone: no PlayEnded will come.
func (l *Link) stopPlay(ctx context.Context, c *arispec.Client, e callmodel.StopPlay) port.EffectResult {
	err := c.PlaybacksStop(ctx, string(e.Play))
	if fault.Is(err, fault.NotFound) && l.in.plays.known(e.Play) {
		err = nil
	}
	return leg(err)
}

const (
	// maxSend bounds what is sent at once, as the model does.
	maxSend = callmodel.MaxSendDigits
	// Lengths in ms of a digit and of the pause after it: RFC 4733 and its
	// gateways are safe with 100 and 60. Nothing else happens on the leg
	// meanwhile but its end: Asterisk works its orders off one by one.
	sendTone, sendPause = 100, 60
)

func sendDigits(ctx context.Context, c *arispec.Client, e callmodel.SendDTMF) port.EffectResult {
	// The digits may be a PIN: no error quotes them.
	digits := strings.ToUpper(e.Digits)
	if digits == "" || len(digits) > maxSend || strings.Trim(digits, dtmfAlphabet) != "" {
		return failed(fault.Newf(fault.Invalid, "ari send-dtmf", string(e.Channel), "1 to %d digits of 0-9 * # A-D can be sent at once", maxSend))
	}
	return leg(c.ChannelsSendDTMF(ctx, string(e.Channel), arispec.ChannelsSendDTMFParams{
		DTMF: arispec.Some(digits), Between: arispec.Some(sendPause), Duration: arispec.Some(sendTone),
	}))
}

// muteIn is what comes from the phone: the others do not hear it.
const muteIn = "in"

func mute(ctx context.Context, c *arispec.Client, e callmodel.MuteLeg) port.EffectResult {
	if e.On {
		return leg(c.ChannelsMute(ctx, string(e.Channel), arispec.ChannelsMuteParams{Direction: arispec.Some(muteIn)}))
	}
	return leg(c.ChannelsUnmute(ctx, string(e.Channel), arispec.ChannelsUnmuteParams{Direction: arispec.Some(muteIn)}))
}

// talk asks the phone to answer. Asked twice it does no harm, so that an
// answer that is lost counts as done.
func (l *Link) talk(ctx context.Context, c *arispec.Client, e callmodel.NotifyTalk) port.EffectResult {
	if !endpointName.MatchString(e.Endpoint) || e.Channel == "" && len(l.opt.Peers) == 0 {
		return failed(fault.New(fault.Invalid, "ari talk-notify", e.Endpoint, "a ringing leg and its endpoint must be named"))
	}
	if e.Channel == "" {
		ch, err := l.ringingAt(ctx, c, e.Endpoint)
		if err != nil {
			return leg(err)
		}
		e.Channel = ch
	}
	return leg(l.notify.talk(ctx, e))
}
