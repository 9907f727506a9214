package ua

import (
	"context"

	"strowger/media/audiotest"
	"strowger/media/rtpio"
	"strowger/media/tone"
	"strowger/sip/ua/sdp"
	"strowger/switch/fault"
)

// SendTone sends a sine of hz at tone.DefaultLevel from now on. Error: fault.Invalid.
func (c *Call) SendTone(hz float64) error {
	g, err := tone.NewGenerator(hz, tone.DefaultLevel)
	if err != nil {
		return err
	}
	c.media.SetSource(g)
	return nil
}

// SendSilence sends digital silence from now on, as a call does at first.
func (c *Call) SendSilence() { c.media.SetSource(nil) }

// SendSource sends audio from src, for example a recorded prompt.
func (c *Call) SendSource(src rtpio.Source) { c.media.SetSource(src) }

// SendDTMF queues RFC 4733 digits; see [rtpio.Session.SendDigits] for the errors.
func (c *Call) SendDTMF(digits string) error { return c.media.SendDigits(digits) }

// Digits gives the digits that arrive. When 64 are waiting, more are lost and counted.
func (c *Call) Digits() <-chan rtpio.Digit { return c.digits }

// WaitDigits returns the next n digits as a string, and what had come when ctx or the call ended first.
func (c *Call) WaitDigits(ctx context.Context, n int) (string, error) {
	got := ""
	for len(got) < n {
		select {
		case d := <-c.digits:
			got += string(d.Rune)
		case <-c.ended:
			return got, c.overFault("ua: wait for digits", c.Snapshot().End)
		case <-ctx.Done():
			return got, &fault.Error{Kind: fault.KindOf(ctx.Err()), Op: "ua: wait for digits", Subject: c.ua.cfg.User, Reason: "so far: " + got, Err: ctx.Err()}
		}
	}
	return got, nil
}

// Heard listens to what the peer sends.
func (c *Call) Heard() *audiotest.Monitor { return c.heard }

// MediaStats are the packet counters of the call, readable after its end too.
type MediaStats struct {
	rtpio.Stats
	LostDigits uint64 // digits nobody took from Digits in time
}

// Media returns the packet counters.
func (c *Call) Media() MediaStats {
	return MediaStats{Stats: c.media.Stats(), LostDigits: c.lostDTMF.Load()}
}

// offer makes our next offer with direction dir; the caller holds mu.
func (c *Call) offer(dir sdp.Direction) sdp.Description {
	d := sdp.Description{ID: c.local.ID, Version: c.local.Version + 1, Audio: c.local.Audio, Codecs: c.ua.cfg.Codecs, EventType: sdp.DefaultEventType, Direction: dir}
	c.local = d
	return d
}

// answerTo makes our answer to the peer's offer and switches our audio to it.
func (c *Call) answerTo(raw []byte) ([]byte, error) {
	peer, err := sdp.Parse(raw)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	local := c.local
	local.Version++
	ans, err := peer.Answer(local, c.ua.cfg.Codecs, c.hold)
	if err != nil {
		return nil, err
	}
	c.local.Version = ans.Version
	if err := c.connect(peer, ans.Direction); err != nil {
		return nil, err
	}
	return ans.Marshal(), nil
}

// answeredBy takes the peer's answer to our offer.
func (c *Call) answeredBy(raw []byte, offered sdp.Direction) error {
	peer, err := sdp.Parse(raw)
	if err != nil {
		return err
	}
	if peer.Refused() {
		return fault.New(fault.Unsupported, "ua: answer", c.ua.cfg.User, "the peer refused our audio")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.connect(peer, peer.Direction.Reverse()&offered)
}

// connect points our audio at the peer; the caller holds mu. While we hold,
// we send nothing, whatever the direction allows: a phone on hold has no voice.
func (c *Call) connect(peer sdp.Description, dir sdp.Direction) error {
	kind, ok := peer.Choose(c.ua.cfg.Codecs)
	if !ok {
		return fault.New(fault.Unsupported, "ua: media", c.ua.cfg.User, "no common codec")
	}
	held := c.hold != sdp.SendRecv
	c.snap.Direction = dir
	c.snap.LocalHold = held
	c.snap.RemoteHold = !peer.Direction.Receives()
	if held { // then the answer's direction says nothing of the peer's own wish
		c.snap.RemoteHold = peer.Direction == sdp.Inactive && c.hold != sdp.Inactive
	}
	c.publish()
	to := peer.Audio
	if c.ua.cfg.Relay != nil {
		to = c.ua.cfg.Relay(to)
	}
	return c.media.Configure(rtpio.Params{Remote: to, Codec: kind, EventType: peer.EventType, Send: dir.Sends() && !held})
}
