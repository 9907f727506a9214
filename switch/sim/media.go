package sim

import (
	"slices"
	"strings"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// How long a sound plays whose length SetMedia has not said. A tone has no end.
const (
	soundLength  = 2 * time.Second
	spokenLength = 400 * time.Millisecond // each digit or character
	keyGap       = 200 * time.Millisecond // each digit that is sent to a leg
)

// play is one Play order that is carried out.
type play struct {
	id      callmodel.PlayID
	channel *channel // or
	bridge  *bridge
	media   []string
	cancel  func() // its end, while it plays
	stopped bool   // it ends when its turn comes
	keys    string // digits for the leg instead of sounds: nobody is told of the end
}

func (p *play) end() {
	if p.cancel != nil {
		p.cancel()
		p.cancel = nil
	}
}

// SetMedia says how long a sound plays ("sound:welcome"). Below zero: it
// does not exist, and playing it fails.
func (e *Exchange) SetMedia(media string, length time.Duration) {
	e.mu.Lock()
	defer e.unlock()
	e.media[media] = length
}

// length is how long a list of sounds plays. Endless where it has a tone, and
// not ok where one is missing.
func (e *Exchange) length(media []string) (d time.Duration, endless, ok bool) {
	for _, m := range media {
		kind, name, _ := strings.Cut(m, ":")
		known, set := e.media[m]
		switch {
		case set && known < 0:
			return d, false, false
		case set:
			d += known
		case kind == "tone":
			return 0, true, true
		case kind == "sound":
			d += soundLength
		case kind == "digits" || kind == "number" || kind == "characters":
			d += spokenLength * time.Duration(len(name))
		default:
			return d, false, false
		}
	}
	return d, false, true
}

// play takes a Play order. Sounds to one leg, or to one bridge, play one after the other.
func (e *Exchange) play(o callmodel.Play) port.EffectResult {
	p := &play{id: o.Play, media: o.Media}
	queue, r := e.playQueue(o, p)
	if queue == nil {
		return r
	}
	if e.plays[p.id] != nil {
		return failed(fault.Conflict, o, string(p.id), "a sound with this id plays already")
	}
	e.plays[p.id] = p
	e.stats.Plays++
	*queue = append(*queue, p)
	if len(*queue) == 1 {
		e.startPlay(p)
	}
	e.touch()
	return okay
}

// playQueue finds where a sound is to be played.
func (e *Exchange) playQueue(o callmodel.Play, p *play) (*[]*play, port.EffectResult) {
	if o.Channel == "" {
		if p.bridge = e.bridges[o.Bridge]; p.bridge == nil {
			return nil, gone(o, string(o.Bridge))
		}
		return &p.bridge.plays, okay
	}
	switch p.channel = e.channels[o.Channel]; {
	case p.channel == nil:
		return nil, gone(o, string(o.Channel))
	case !p.channel.inApp():
		return nil, failed(fault.Conflict, o, string(o.Channel), notInApp)
	}
	return &p.channel.plays, okay
}

// startPlay begins with a sound whose turn has come. The leg's music ends for good.
func (e *Exchange) startPlay(p *play) {
	if p.keys != "" {
		p.cancel = e.after(keyGap*time.Duration(len(p.keys)), func() { p.cancel = nil; p.channel.hear(p.keys); e.endPlay(p, false) })
		return
	}
	if p.channel != nil && p.channel.bridge == nil {
		p.channel.music, p.channel.class = false, ""
	}
	d, endless, ok := e.length(p.media)
	switch {
	case p.stopped:
		e.endPlay(p, false)
	case !ok:
		e.endPlay(p, true)
	case !endless:
		p.cancel = e.after(d, func() { p.cancel = nil; e.endPlay(p, false) })
	}
}

// endPlay ends a sound and begins with the next.
func (e *Exchange) endPlay(p *play, failed bool) {
	if p.keys == "" && e.plays[p.id] != p {
		return
	}
	delete(e.plays, p.id)
	p.end()
	fact := callmodel.PlayEnded{Play: p.id, Failed: failed}
	queue := &[]*play{}
	if p.channel != nil {
		fact.Channel = p.channel.id
		queue = &p.channel.plays
	} else if p.bridge != nil {
		queue = &p.bridge.plays
	}
	first := len(*queue) > 0 && (*queue)[0] == p
	*queue = slices.DeleteFunc(*queue, func(q *play) bool { return q == p })
	if p.keys == "" {
		e.emit(fact)
	}
	switch {
	case len(*queue) == 0 && p.channel != nil:
		e.resume(p.channel)
	case first && len(*queue) > 0:
		e.startPlay((*queue)[0])
	}
}

// stopPlay ends a sound: at once where it plays, and when its turn comes where it waits.
func (e *Exchange) stopPlay(o callmodel.StopPlay) port.EffectResult {
	p := e.plays[o.Play]
	if p == nil {
		return gone(o, string(o.Play))
	}
	p.stopped = true
	if p.channel != nil && p.channel.plays[0] == p || p.bridge != nil && p.bridge.plays[0] == p {
		e.endPlay(p, false)
	}
	return okay
}

// silence ends all sounds of a leg that ends. None is left without its end.
func (e *Exchange) silence(ch *channel) {
	for len(ch.plays) > 0 {
		e.endPlay(ch.plays[len(ch.plays)-1], true)
	}
}

// sendDigits plays digits to the person at a leg, after what plays already.
func (e *Exchange) sendDigits(ch *channel, digits string) {
	p := &play{channel: ch, keys: digits}
	e.stats.DigitsSent += uint64(len(digits))
	ch.plays = append(ch.plays, p)
	if len(ch.plays) == 1 {
		e.startPlay(p)
	}
}

// resume runs the orders that have waited for a leg's sounds, or for its end.
func (e *Exchange) resume(ch *channel) {
	todo := ch.waiting
	ch.waiting = nil
	for _, f := range todo {
		f()
	}
}

// busyLeg returns the leg that an order must wait for: Asterisk carries out
// what is ordered for a leg after the sound that it plays.
func (e *Exchange) busyLeg(eff callmodel.Effect) *channel {
	for _, id := range legsOf(eff) {
		if ch := e.channels[id]; ch != nil && len(ch.plays) > 0 && ch.inApp() {
			return ch
		}
	}
	return nil
}

// legsOf lists the legs whose command queue an order goes through.
func legsOf(eff callmodel.Effect) []callmodel.ChannelID {
	switch o := eff.(type) {
	case callmodel.Join:
		return o.Channels
	case callmodel.Leave:
		return []callmodel.ChannelID{o.Channel}
	case callmodel.Answer:
		return []callmodel.ChannelID{o.Channel}
	case callmodel.StartMusic:
		return []callmodel.ChannelID{o.Channel}
	case callmodel.StopMusic:
		return []callmodel.ChannelID{o.Channel}
	case callmodel.MuteLeg:
		return []callmodel.ChannelID{o.Channel}
	}
	return nil
}

// answeredAtOnce reports whether the order is acknowledged before it is done.
func answeredAtOnce(eff callmodel.Effect) bool {
	switch eff.(type) {
	case callmodel.StartMusic, callmodel.StopMusic, callmodel.MuteLeg:
		return true
	}
	return false
}
