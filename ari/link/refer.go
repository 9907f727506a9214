package link

import (
	"strings"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
)

// Transfers that people make with their phone's own key (SIP REFER) are done
// by Asterisk: it puts halves of Local channels in the place of the phone's
// legs and tells of it in several events, some of which look like a caller
// who arrives or an agent who hangs up. The switch makes the transfer itself,
// by its own rules; so those events are held back, told as one fact, and
// Asterisk's helpers are hung up (tidy). The order of the events was measured:
//
//	blind     StasisStart L2 (like a caller), StasisStart L1 replacing A, in any
//	          order; A leaves the bridge, BridgeBlindTransfer
//	attended  StasisStart T2 replacing A2, A2 leaves the bridge or ends,
//	          StasisStart T1 replacing A, A leaves, BridgeAttendedTransfer
//
// A transferrer's own leg stays up until its phone ends it. It is the switch's:
// it hangs it up, or takes it back where it refuses what the phone asked for.
type refer struct {
	tidy   func(...callmodel.ChannelID) // hangs up; must not block
	n      *linkCounters
	helper map[callmodel.ChannelID]time.Time // halves of Local channels that are no parties
	done   map[callmodel.ChannelID]time.Time // legs whose transfer has been told
	pairs  map[string]time.Time              // Local pairs of transfers that have been told, by name
	holds  map[string]*hold                  // by name of the Local pair
	held   map[callmodel.ChannelID]*hold     // by leg
}

// hold is a transfer that is not complete: what is told of its legs is kept
// back until it is.
type hold struct {
	since    time.Time
	attended bool
	to       string                 // blind: the number
	legs     [2]callmodel.ChannelID // that have been replaced: one, attended two, in the order of the halves
	locals   [2]callmodel.ChannelID // the halves ;1 and ;2
	facts    []callmodel.Input
}

const (
	// holdFor is how long facts are held back at most; what they wait for comes within 5 ms.
	holdFor = 300 * time.Millisecond
	// referMemory is how long a transfer is remembered, for events that are late.
	referMemory = time.Minute
	// maxRefers bounds each of the tables; more transfers than that in a minute
	// are passed on as Asterisk tells them.
	maxRefers = 1000

	attendedPrefix = "_attended@transfer-"
)

func newRefer(n *linkCounters, tidy func(...callmodel.ChannelID)) *refer {
	return &refer{
		tidy: tidy, n: n, helper: map[callmodel.ChannelID]time.Time{}, done: map[callmodel.ChannelID]time.Time{}, pairs: map[string]time.Time{},
		holds: map[string]*hold{}, held: map[callmodel.ChannelID]*hold{},
	}
}

// arrived looks at a call that arrives through a Local channel: it is held
// back where it may be the far half of a blind transfer.
func (r *refer) arrived(e *arispec.StasisStart, in callmodel.ChannelArrived, a *arrival, out []callmodel.Input) []callmodel.Input {
	pair, _, half := localHalf(e.Channel.Name)
	if half != 2 || (a.told && a.transferrer == "") || r.full() {
		return append(out, in)
	}
	h := r.holds[pair]
	switch _, told := r.pairs[pair]; {
	case told:
		r.hide(in.Channel)
	case h == nil:
		h = &hold{since: time.Now(), facts: []callmodel.Input{in}}
		h.locals[1] = in.Channel
		r.holds[pair], r.held[in.Channel] = h, h
	default:
		h.locals[1] = in.Channel
		r.helper[in.Channel] = time.Now()
	}
	return out
}

// replaced looks at a channel that Asterisk has put in the place of a leg.
func (r *refer) replaced(e *arispec.StasisStart, out []callmodel.Input) []callmodel.Input {
	leg, now := channelID(e.ReplaceChannel), channelID(&e.Channel)
	pair, dialled, half := localHalf(e.Channel.Name)
	if half == 0 || r.full() { // as when another phone has picked the call up (RFC 3891)
		return r.taken(leg, now, out)
	}
	if r.over(leg) {
		r.pairs[pair] = time.Now()
		if h := r.holds[pair]; h != nil && len(h.legs[0])+len(h.legs[1]) == 0 {
			r.drop(pair, h)
			r.hide(h.locals[1])
		}
		r.hide(now)
		return out
	}
	h := r.holds[pair]
	if h == nil {
		h = &hold{since: time.Now()}
		r.holds[pair] = h
	}
	if h.attended = strings.HasPrefix(pair, attendedPrefix); !h.attended {
		h.to, h.facts = dialled, nil // the far half is no caller
		if far := h.locals[1]; far != "" {
			delete(r.held, far)
			r.helper[far] = time.Now()
		}
	}
	h.legs[half-1], h.locals[half-1] = leg, now
	r.held[leg] = h
	r.helper[now] = time.Now()
	return out
}

// complete tells a transfer, then what was held back for it, and hangs up the
// helpers. Not before Asterisk has said that it is through: it gives the whole
// transfer up when a helper ends too early.
func (r *refer) complete(pair string, h *hold, out []callmodel.Input) []callmodel.Input {
	r.drop(pair, h)
	r.n.transfers.Add(1)
	r.pairs[pair] = time.Now()
	for _, leg := range h.legs {
		if leg != "" {
			r.done[leg] = time.Now()
		}
	}
	if h.attended {
		out = append(out, callmodel.PhoneTransferredTo{First: h.legs[0], Second: h.legs[1]})
	} else {
		out = append(out, callmodel.PhoneTransferred{Channel: h.legs[0], To: h.to})
	}
	for _, in := range h.facts {
		if end, left := in.(callmodel.ChannelLeftApp); left { // its end was the transfer: Asterisk tells no other
			in = callmodel.ChannelGone{Channel: end.Channel, Cause: callmodel.CauseNormal}
		}
		out = append(out, in)
	}
	for _, local := range h.locals {
		if local != "" {
			r.hide(local)
		}
	}
	return out
}

// transferred is Asterisk's summary of a blind transfer.
func (r *refer) transferred(leg callmodel.ChannelID, to string, out []callmodel.Input) []callmodel.Input {
	if r.over(leg) || r.full() {
		return out
	}
	for pair, h := range r.holds {
		if h.legs[0] == leg && !h.attended {
			h.to = to
			return r.complete(pair, h, out)
		}
	}
	r.n.transfers.Add(1)
	r.done[leg] = time.Now()
	return append(out, callmodel.PhoneTransferred{Channel: leg, To: to})
}

// attended is Asterisk's summary of an attended transfer.
func (r *refer) attended(e *arispec.BridgeAttendedTransfer, out []callmodel.Input) []callmodel.Input {
	first, second := channelID(&e.TransfererFirstLeg), channelID(&e.TransfererSecondLeg)
	if e.Result != transferSuccess || first == "" || second == "" {
		return out
	}
	for pair, h := range r.holds {
		if h.attended && (h.legs[0] == first || h.legs[1] == first || h.legs[0] == second || h.legs[1] == second) {
			for _, leg := range h.legs {
				delete(r.held, leg)
			}
			h.legs = [2]callmodel.ChannelID{first, second}
			return r.complete(pair, h, out)
		}
	}
	return out
}

const transferSuccess = "Success"

// over tells whether a leg has been transferred away or replaced.
func (r *refer) over(leg callmodel.ChannelID) bool {
	_, over := r.done[leg]
	return over
}

// taken tells that a channel is from here on what a leg was. The leg itself
// stays up until its phone ends it, and is hung up: the switch has forgotten it.
func (r *refer) taken(leg, now callmodel.ChannelID, out []callmodel.Input) []callmodel.Input {
	r.n.replaced.Add(1)
	r.done[leg] = time.Now()
	r.tidy(leg)
	return append(out, callmodel.ChannelReplaced{Old: leg, New: now})
}

// hide marks a half of a Local channel as no party and hangs it up.
func (r *refer) hide(local callmodel.ChannelID) {
	r.helper[local] = time.Now()
	r.tidy(local)
}

// pass sends the facts that an event gave about a leg on their way: out from
// index n on is what it gave. They are dropped for a helper, and kept for a
// leg whose transfer is not complete.
func (r *refer) pass(channel callmodel.ChannelID, out []callmodel.Input, n int) []callmodel.Input {
	if len(r.helper) == 0 && len(r.held) == 0 {
		return out
	}
	if _, helper := r.helper[channel]; helper {
		return out[:n]
	}
	if h := r.held[channel]; h != nil {
		h.facts = append(h.facts, out[n:]...)
		return out[:n]
	}
	return out
}

// expire lets go what was held back for nothing, and forgets old transfers.
func (r *refer) expire(now time.Time, out []callmodel.Input) []callmodel.Input {
	for pair, h := range r.holds {
		if now.Sub(h.since) < holdFor {
			continue
		}
		switch {
		case h.legs[0] != "" && (!h.attended || h.legs[1] != ""): // the summary is missing
			out = r.complete(pair, h, out)
			continue
		case h.attended: // the other leg is none of ours: the call goes on with the helper in the leg's place
			i := 0
			if h.legs[0] == "" {
				i = 1
			}
			delete(r.helper, h.locals[i])
			out = r.taken(h.legs[i], h.locals[i], out)
		}
		r.drop(pair, h)
		out = append(out, h.facts...)
	}
	forget(r.helper, now)
	forget(r.done, now)
	forget(r.pairs, now)
	return out
}

func forget[K comparable](m map[K]time.Time, now time.Time) {
	for k, at := range m {
		if now.Sub(at) > referMemory {
			delete(m, k)
		}
	}
}

// drop ends a hold; its facts are the caller's.
func (r *refer) drop(pair string, h *hold) {
	delete(r.holds, pair)
	for _, leg := range []callmodel.ChannelID{h.locals[1], h.legs[0], h.legs[1]} {
		delete(r.held, leg)
	}
}

// busy tells whether anything waits for expire.
func (r *refer) busy() bool {
	return len(r.holds)+len(r.helper)+len(r.done)+len(r.pairs) > 0
}

func (r *refer) full() bool {
	return max(len(r.helper), len(r.done), len(r.pairs), len(r.holds)) >= maxRefers
}
