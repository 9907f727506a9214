package campaign

import "time"

// Trunks are the bounds of a trunk group.
type Trunks struct {
	MaxCalls int   // at a time, ringing and talking; 0: no bound
	Reserve  int   // of them, which are left to others
	Rate     int64 // thousandths of a call per second; 0: no bound
}

// Tokens hand out calls of a trunk group. At most a second's worth of calls is
// saved up, and at least one.
type Tokens struct {
	trunks Trunks
	have   int64 // calls, in units of call
	last   time.Time
}

// call is what one call costs: a thousandth of a call per second, over a nanosecond, is one.
const call = int64(1000 * time.Second)

// mostRate is the highest rate that is told apart from none.
const mostRate = 1_000_000_000

// NewTokens makes tokens of a group; the first second's worth is there.
func NewTokens(t Trunks, now time.Time) *Tokens {
	k := &Tokens{last: now}
	k.SetTrunks(t)
	k.have = k.most()
	return k
}

// SetTrunks changes the bounds.
func (k *Tokens) SetTrunks(t Trunks) {
	t.Rate = min(t.Rate, mostRate)
	k.trunks = t
	k.have = min(k.have, k.most())
}

// most is what is saved up at most.
func (k *Tokens) most() int64 { return max(call, k.trunks.Rate*int64(time.Second)) }

// Room is how many calls there is room for beside those in use; -1: any number.
func (k *Tokens) Room(inUse int) int {
	if k.trunks.MaxCalls <= 0 {
		return -1
	}
	return max(0, k.trunks.MaxCalls-k.trunks.Reserve-inUse)
}

// Take hands out up to want calls now.
func (k *Tokens) Take(now time.Time, want, inUse int) int {
	k.fill(now)
	n := max(want, 0)
	if room := k.Room(inUse); room >= 0 {
		n = min(n, room)
	}
	if k.trunks.Rate > 0 {
		n = min(n, int(k.have/call))
		k.have -= int64(n) * call
	}
	return n
}

// Return gives back calls that were taken and not made.
func (k *Tokens) Return(n int) {
	if k.trunks.Rate > 0 {
		k.have = min(k.most(), k.have+int64(max(n, 0))*call)
	}
}

func (k *Tokens) fill(now time.Time) {
	gone := now.Sub(k.last)
	if gone <= 0 {
		return
	}
	k.last = now
	if k.trunks.Rate <= 0 || gone >= k.full() {
		k.have = k.most()
		return
	}
	k.have = min(k.most(), k.have+k.trunks.Rate*int64(gone))
}

// full is the time in which all that can be saved up comes.
func (k *Tokens) full() time.Duration {
	return time.Duration(k.most()/max(k.trunks.Rate, 1)) + 1
}
