package sim

import (
	"strings"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// keyTime is how long a person takes for one digit.
const keyTime = 120 * time.Millisecond

// maxHeard bounds the digits that are remembered of a leg.
const maxHeard = 4096

// digitPressed is a digit on its way from the exchange to the link. It never
// leaves the link as it is.
type digitPressed struct {
	channel callmodel.ChannelID
	digit   byte
}

// Tag implements callmodel.Input.
func (digitPressed) Tag() string { return "sim-digit" }

// collection is an open Collect of the link. Its digits are in no other place.
type collection struct {
	order  callmodel.Collect
	digits []byte
}

func (c *collection) wipe() { clear(c.digits[:cap(c.digits)]) }

// collect opens a collection; the one before is replaced.
func (e *Exchange) collect(o callmodel.Collect) {
	e.endCollect(o.Channel)
	e.vault[o.Channel] = &collection{order: o, digits: make([]byte, 0, max(o.Max, 0))}
}

func (e *Exchange) endCollect(id callmodel.ChannelID) {
	if c := e.vault[id]; c != nil {
		c.wipe()
		delete(e.vault, id)
	}
}

// digitFact makes of a digit what the controller is told: the digit of a plain
// collection, the number of digits of a secret one, nothing where none is open.
func (e *Exchange) digitFact(d digitPressed) callmodel.Input {
	c := e.vault[d.channel]
	if c == nil {
		e.stats.DigitsForgotten++
		return nil
	}
	over := strings.IndexByte(c.order.Terminators, d.digit) >= 0
	if !over {
		c.digits = append(c.digits, d.digit)
	}
	count := len(c.digits)
	if over || c.order.Max > 0 && count >= c.order.Max {
		e.endCollect(d.channel)
	}
	e.stats.Digits++
	if c.order.Secret {
		return callmodel.DigitSecret{Channel: d.channel, Collect: c.order.Collect, Count: count, Done: over}
	}
	return callmodel.DigitReceived{Channel: d.channel, Collect: c.order.Collect, Digit: string(d.digit)}
}

// closeVaults forgets the collections of legs that have ended.
func (e *Exchange) closeVaults(live []callmodel.ChannelFact) {
	known := map[callmodel.ChannelID]bool{}
	for _, f := range live {
		known[f.Channel] = true
	}
	for id := range e.vault {
		if !known[id] {
			e.endCollect(id)
		}
	}
}

// press has a person press digits, one after the other.
func (e *Exchange) press(ch *channel, digits string) error {
	if strings.Trim(digits, "0123456789*#ABCD") != "" || digits == "" {
		return fault.New(fault.Invalid, "sim: press", string(ch.id), "digits are 0-9 * # A-D")
	}
	now := e.clock.Now()
	if ch.keysEnd.Before(now) {
		ch.keysEnd = now
	}
	for i := range len(digits) {
		ch.keysEnd = ch.keysEnd.Add(keyTime)
		e.later(ch, Exactly(ch.keysEnd.Sub(now)), func() { e.pressed(ch, digits[i]) })
	}
	return nil
}

// pressed is one digit: the link is told, and who hears the leg hears it.
func (e *Exchange) pressed(ch *channel, digit byte) {
	e.stats.DigitsPressed++
	if ch.inApp() {
		e.emit(digitPressed{channel: ch.id, digit: digit})
	}
	if ch.bridge == nil {
		return
	}
	for _, m := range ch.bridge.members {
		if m != ch && m.state == callmodel.LegUp {
			m.hear(string(digit))
		}
	}
}

func (ch *channel) hear(digits string) {
	if len(ch.heard) < maxHeard {
		ch.heard += digits
	}
}
