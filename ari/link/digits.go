package link

import (
	"strings"
	"sync"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

const (
	// maxCollections bounds the collections that are open at a time: twice what
	// a shard has calls.
	maxCollections = 10_000
	// maxCollect is the longest collection.
	maxCollect = 64
	// dtmfAlphabet are the signals of RFC 4733 section 3.2 that are digits.
	dtmfAlphabet = "0123456789*#ABCD"
)

// digits is the place where what people press is looked at: a digit of a plain
// collection goes on as a fact, one of a secret collection is counted and
// nothing else, and every other one is counted and forgotten. The digits of a
// secret collection are stored nowhere, not even here, and the frame that
// brought one is overwritten (see [Link.digit]).
//
// It belongs to the Link. Collections are opened by Apply and closed by the
// stream's consumer, which also reads the digits: their order is the order of
// the events.
type digits struct {
	n *linkCounters

	mu   sync.Mutex // guards open
	open map[callmodel.ChannelID]*collection
}

// collection is an order to report the digits of a leg.
type collection struct {
	number      uint32
	max         int
	terminators string
	secret      bool
	count       int
	opened      time.Time
}

func newDigits(n *linkCounters) *digits {
	return &digits{n: n, open: map[callmodel.ChannelID]*collection{}}
}

// collect opens a collection; it replaces one that is open on the leg.
func (d *digits) collect(e callmodel.Collect) error {
	const op = "ari collect"
	if e.Channel == "" || e.Max < 1 || e.Max > maxCollect {
		return fault.Newf(fault.Invalid, op, string(e.Channel), "a collection is of 1 to %d digits from a leg", maxCollect)
	}
	if strings.Trim(e.Terminators, dtmfAlphabet) != "" || len(e.Terminators) > len(dtmfAlphabet) {
		return fault.New(fault.Invalid, op, string(e.Channel), "terminators are of 0-9 * # A-D, each at most once")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, again := d.open[e.Channel]; !again && len(d.open) >= maxCollections {
		d.n.collectsRefused.Add(1)
		return fault.Newf(fault.Busy, op, string(e.Channel), "%d collections are open: ends of legs have been missed", maxCollections)
	}
	d.open[e.Channel] = &collection{number: e.Collect, max: e.Max, terminators: e.Terminators, secret: e.Secret, opened: time.Now()}
	d.n.collects.Add(1)
	d.n.collectsOpen.Store(int64(len(d.open)))
	return nil
}

// received takes a digit and returns the fact that it means, or nil.
func (d *digits) received(channel callmodel.ChannelID, digit string) callmodel.Input {
	d.n.digits.Add(1)
	if len(digit) != 1 || !strings.Contains(dtmfAlphabet, digit) {
		d.n.bad.Add(1)
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.open[channel]
	if c == nil {
		d.n.digitsForgotten.Add(1)
		return nil
	}
	ends := strings.Contains(c.terminators, digit)
	if !ends {
		c.count++
	}
	if ends || c.count >= c.max {
		d.remove(channel)
	}
	if c.secret {
		d.n.digitsSecret.Add(1)
		return callmodel.DigitSecret{Channel: channel, Collect: c.number, Count: c.count, Done: ends}
	}
	return callmodel.DigitReceived{Channel: channel, Collect: c.number, Digit: digit}
}

// stop closes the collection of a leg, if there is one.
func (d *digits) stop(channel callmodel.ChannelID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.remove(channel)
}

// reset closes all: digits may have been lost with the connection, and the
// rest of an entry must not be taken for the whole.
func (d *digits) reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.open)
	d.n.collectsOpen.Store(0)
}

// keep closes the collections that were open before a listing was made and
// whose leg is not in it.
func (d *digits) keep(live map[callmodel.ChannelID]bool, listed time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for channel, c := range d.open {
		if !live[channel] && c.opened.Before(listed) {
			d.remove(channel)
		}
	}
}

// remove forgets a collection; mu is held.
func (d *digits) remove(channel callmodel.ChannelID) {
	delete(d.open, channel)
	d.n.collectsOpen.Store(int64(len(d.open)))
}
