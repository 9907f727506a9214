package tone

import (
	"math"
	"strings"

	"strowger/media/codec"
	"strowger/switch/fault"
)

// Keys are the digits that have a dual tone, row by row (ITU-T Q.23).
const Keys = "123A456B789C*0#D"

// MaxKeys bounds one [Dial].
const MaxKeys = 64

var (
	lowHz  = [4]float64{697, 770, 852, 941}
	highHz = [4]float64{1209, 1336, 1477, 1633}
)

// How a key sounds: Q.24 wants at least 40 ms of tone and of pause, and a high
// group that is a little louder than the low one.
const (
	keyFrames   = 5 // 100 ms
	pauseFrames = 5
	lowLevel    = -11.0
	highLevel   = -9.0
)

// Dial makes the dual tones of a string of digits, 100 ms each with pauses of
// 100 ms. It is an audio source that ends. It is for one goroutine.
type Dial struct {
	keys      []int
	step      int // frames of the current key and its pause done
	low, high *Generator
	mix       [codec.FrameSamples]int16
}

// NewDial checks digits: 1 to [MaxKeys] of [Keys]. Error: fault.Invalid.
func NewDial(digits string) (*Dial, error) {
	if len(digits) == 0 || len(digits) > MaxKeys {
		return nil, fault.Newf(fault.Invalid, "tone: dial", "", "1 to %d digits at once", MaxKeys)
	}
	d := &Dial{}
	for i := range len(digits) {
		k := strings.IndexByte(Keys, digits[i])
		if k < 0 {
			return nil, fault.Newf(fault.Invalid, "tone: dial", "", "%q is none of %s", digits[i], Keys)
		}
		d.keys = append(d.keys, k)
	}
	return d, nil
}

// ReadFrame writes the next 20 ms; false when all digits were dialled.
func (d *Dial) ReadFrame(pcm []int16) bool {
	if len(d.keys) == 0 {
		return false
	}
	if d.step == 0 {
		k := d.keys[0]
		d.low, _ = NewGenerator(lowHz[k/4], lowLevel) // constants within the limits cannot fail
		d.high, _ = NewGenerator(highHz[k%4], highLevel)
	}
	clear(pcm)
	if d.step < keyFrames {
		n := min(len(pcm), len(d.mix))
		d.low.Fill(pcm[:n])
		d.high.Fill(d.mix[:n])
		for i := range n {
			pcm[i] += d.mix[i] // -11 and -9 dBFS together stay below full scale
		}
	}
	if d.step++; d.step == keyFrames+pauseFrames {
		d.keys, d.step = d.keys[1:], 0
	}
	return true
}

// A key is pressed in a 20 ms block when one tone of each group is audible,
// leads its group by 6 dB, differs from the other by at most 10 dB, and both
// have at least 40 % of all power, so that a key is heard through one other
// speaker of a conference but not in speech.
const (
	keyLevel  = 0.0001 // -40 dBFS
	keyLead   = 4.0
	keyTwist  = 10.0
	keyShare  = 0.4
	keyBlocks = 2 // blocks in a row that say the same: a key of 60 ms is found wherever it starts
)

// DialDetector finds keys in a stream. Pure tones near two of the keys' own
// frequencies (700 with 1200 Hz, say) are taken for a key; that is in the
// nature of the thing. It is for one goroutine.
type DialDetector struct {
	low, high [4]resonator
	power     float64
	n         int
	last      byte // key of the block before, 0 for none
	run       int
}

// NewDialDetector makes a detector.
func NewDialDetector() *DialDetector {
	d := &DialDetector{}
	for i := range lowHz {
		d.low[i], d.high[i] = newResonator(lowHz[i]), newResonator(highHz[i])
	}
	return d
}

// Feed takes samples in any portion and calls pressed once per key, when it
// has been heard for 40 ms.
func (d *DialDetector) Feed(pcm []int16, pressed func(key byte)) {
	for _, s := range pcm {
		x := float64(s) / math.MaxInt16
		for i := range d.low {
			d.low[i].feed(x)
			d.high[i].feed(x)
		}
		d.power += x * x
		if d.n++; d.n == codec.FrameSamples {
			d.block(pressed)
		}
	}
}

func (d *DialDetector) block(pressed func(byte)) {
	key := d.key()
	d.power, d.n = 0, 0
	if key != d.last {
		d.run = 0
	}
	d.last = key
	if d.run++; key != 0 && d.run == keyBlocks {
		pressed(key)
	}
}

// key decides on one block, 0 for no key.
func (d *DialDetector) key() byte {
	row, low, okLow := strongest(&d.low)
	col, high, okHigh := strongest(&d.high)
	total := d.power * 2 / codec.FrameSamples
	switch {
	case !okLow, !okHigh, low > keyTwist*high, high > keyTwist*low, low+high < keyShare*total:
		return 0
	}
	return Keys[row*4+col]
}

// strongest returns the leading tone of a group; false when none is audible or leads clearly.
func strongest(group *[4]resonator) (index int, power float64, ok bool) {
	second := 0.0
	for i := range group {
		p := group[i].take(codec.FrameSamples)
		if p > power {
			index, power, second = i, p, power
		} else {
			second = max(second, p)
		}
	}
	return index, power, power >= keyLevel && power >= keyLead*second
}
