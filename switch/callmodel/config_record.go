package callmodel

import (
	"fmt"
	"hash/fnv"
	"time"
)

// RecordMode says when a conversation is recorded.
type RecordMode string

const (
	// RecordOff: never; the default.
	RecordOff RecordMode = "off"
	// RecordOnDemand: when the agent or a supervisor asks for it.
	RecordOnDemand RecordMode = "on-demand"
	// RecordAlways: from the first answer to the end of the call.
	RecordAlways RecordMode = "always"
)

// rank orders the modes: the stronger of two rules wins.
func (m RecordMode) rank() int {
	switch m {
	case RecordAlways:
		return 2
	case RecordOnDemand:
		return 1
	case RecordOff:
	}
	return 0
}

// RecordChannels says how many channels a file has.
type RecordChannels string

const (
	// RecordMono: both sides in one channel; the default.
	RecordMono RecordChannels = "mono"
	// RecordStereo: the party that is followed in the left channel, all others in the right.
	RecordStereo RecordChannels = "stereo"
)

// RecordRule says what is recorded of a queue's or an agent's calls.
type RecordRule struct {
	Mode     RecordMode     `json:"mode,omitempty"`
	Channels RecordChannels `json:"channels,omitempty"`
	Percent  int            `json:"percent,omitempty"`   // of the calls that always applies to, 1 to 100; 0: all
	PauseMax time.Duration  `json:"pause_max,omitempty"` // a pause ends by itself after this; 0: DefaultPauseMax
	Keep     time.Duration  `json:"keep,omitempty"`      // how long a file is kept; 0: as the controller keeps all
}

// Bounds of a pause. One without an end would lose the rest of the call when
// the agent forgets it.
const (
	DefaultPauseMax = 5 * time.Minute
	MinPause        = time.Second
	MaxPause        = time.Hour
)

// check reports what is wrong with a rule, or "".
func (r *RecordRule) check() string {
	switch r.Mode {
	case "", RecordOff, RecordOnDemand, RecordAlways:
	default:
		return fmt.Sprintf("recording mode %q: it is off, on-demand or always", r.Mode)
	}
	switch r.Channels {
	case "", RecordMono, RecordStereo:
	default:
		return fmt.Sprintf("recording channels %q: they are mono or stereo", r.Channels)
	}
	switch {
	case r.Percent < 0 || r.Percent > 100:
		return "the percentage of recorded calls is 0 to 100"
	case r.PauseMax != 0 && (r.PauseMax < MinPause || r.PauseMax > MaxPause):
		return "the longest pause of a recording is 1 s to 1 h"
	case r.Keep < 0:
		return "the time for which recordings are kept must not be negative"
	}
	return ""
}

// stronger returns the stronger of two rules; of two equally strong ones the
// first, with two channels where either wants them.
func (r RecordRule) stronger(o RecordRule) RecordRule {
	if o.Mode.rank() > r.Mode.rank() {
		return o
	}
	if o.Mode.rank() == r.Mode.rank() && o.Channels == RecordStereo {
		r.Channels = RecordStereo
	}
	return r
}

// sampled reports whether a call is among the rule's percentage. It depends on
// the call's id alone, so that a replay comes to the same.
func (r *RecordRule) sampled(id CallID) bool {
	if r.Percent == 0 || r.Percent >= 100 {
		return true
	}
	h := fnv.New32a()
	_, _ = h.Write(id.ID[:]) // a hash never fails
	return int(h.Sum32()%100) < r.Percent
}

// recording checks the rules of queues and agents.
func (k *checker) recording() error {
	for i := range k.c.Queues {
		if why := k.c.Queues[i].Recording.check(); why != "" {
			return badConfig("queue "+string(k.c.Queues[i].ID), why)
		}
	}
	for i := range k.c.Agents {
		if why := k.c.Agents[i].Recording.check(); why != "" {
			return badConfig("agent "+string(k.c.Agents[i].ID), why)
		}
	}
	return nil
}
