package sim

import (
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// Voice is what is heard when a phone is answered.
type Voice uint8

// The voices.
const (
	Person  Voice = iota // says hello and waits
	Machine              // a greeting, and a beep behind it
	Tones                // the network's: nobody has answered in truth
	FaxTone
	Nothing // not a sound
)

// How long a voice takes where PhonePolicy.Greeting does not say it, and how a
// detector judges: the pause that tells the end of a hello, how long somebody
// must talk to be a machine, and what tones take.
const (
	personHello    = 700 * time.Millisecond
	machineHello   = 5 * time.Second
	helloPause     = 320 * time.Millisecond
	machineSpeaks  = 1100 * time.Millisecond
	tonesTake      = 900 * time.Millisecond
	faxTakes       = 400 * time.Millisecond
	detourTakes    = 5 * time.Millisecond
	beepTakes      = 300 * time.Millisecond
	greetingAtMost = time.Minute
)

// judgement is what a detector tells, and how long after the answer.
type judgement struct {
	word  callmodel.ScreenVerdict
	after time.Duration
	hello time.Duration // end of the hello after the answer; 0: not known
	beep  bool
}

// greeting is how long a phone's voice speaks at its answer.
func (p *Phone) greeting(e *Exchange) time.Duration {
	if g := min(e.draw(p.policy.Greeting), greetingAtMost); g > 0 {
		return g
	}
	if p.policy.Voice == Machine {
		return machineHello
	}
	return personHello
}

// judge says what a perfect detector makes of a voice within its time.
func judge(v Voice, greeting time.Duration, o callmodel.Screen) judgement {
	j := judgement{word: callmodel.VerdictUnsure, after: o.Limit}
	within := func(word callmodel.ScreenVerdict, after, hello time.Duration) {
		if after <= o.Limit {
			j = judgement{word: word, after: after, hello: hello}
		}
	}
	switch {
	case o.Beep && v == Machine:
		within(callmodel.VerdictMachine, greeting+beepTakes, 0)
		j.beep = j.word == callmodel.VerdictMachine
		return j
	case o.Beep:
		return j
	}
	switch v {
	case Person:
		if greeting <= machineSpeaks {
			within(callmodel.VerdictHuman, greeting+helloPause, greeting)
		} else {
			within(callmodel.VerdictMachine, machineSpeaks, 0)
		}
	case Machine:
		within(callmodel.VerdictMachine, min(machineSpeaks, greeting+helloPause), 0)
	case Tones:
		within(callmodel.VerdictSIT, tonesTake, 0)
	case FaxTone:
		within(callmodel.VerdictFax, faxTakes, 0)
	case Nothing:
		j.word = callmodel.VerdictSilence
	}
	if j.word == callmodel.VerdictUnsure && greeting < o.Limit {
		j.hello = greeting
	}
	return j
}

// screen lets a detector hear who has answered: the leg leaves the application,
// as for every detour of a dialplan, and is back when the verdict is told.
func (e *Exchange) screen(o callmodel.Screen) port.EffectResult {
	return e.withChannel(o, o.Channel, func(ch *channel) {
		e.stats.Screened++
		e.silence(ch)
		e.leave(ch)
		ch.music, ch.class, ch.ring, ch.muted = false, "", false, false
		ch.away = true
		e.emit(callmodel.ChannelLeftApp{Channel: ch.id})
		heard := e.clock.Now().Sub(ch.upAt)
		j := judgement{word: callmodel.VerdictSilence, after: heard + o.Limit}
		if ch.phone != nil {
			j = judge(ch.phone.policy.Voice, ch.hello, o)
		}
		took := max(j.after-heard, 0) + detourTakes
		e.later(ch, Exactly(took), func() {
			in := callmodel.Screened{Channel: ch.id, Verdict: j.word, Took: e.clock.Now().Sub(ch.upAt), Beep: j.beep}
			if j.hello > 0 {
				in.Greeting = in.Took - j.hello
			}
			in.Open = !o.Beep && in.Greeting == 0 && (j.word == callmodel.VerdictUnsure || j.word == callmodel.VerdictSilence)
			ch.away = false
			e.emit(in)
			e.emit(callmodel.ChannelUp{Node: e.opt.Node, Channel: ch.id})
			e.touch()
		})
		e.touch()
	})
}
