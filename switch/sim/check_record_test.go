package sim

import (
	"slices"

	"strowger/switch/callmodel"
)

func trackOpen(t *callmodel.RecordTrack) bool {
	return t.State == callmodel.TrackAsked || t.State == callmodel.TrackLive
}

// checkRecordings checks after every step what recordings promise: one part of
// a conversation at a time, none after its end, and silence while it is paused.
func checkRecordings(v *callmodel.View, timers []callmodel.Timer) error {
	active := map[callmodel.CallID]int64{}
	for _, r := range v.Recordings {
		if r.StoppedAt == 0 {
			c := callOf(v, r.Call)
			if c == nil || c.Phase == callmodel.PhaseOver || c.Recording != r.ID {
				return bad("a recording ends with its call", "recording %d goes on", r.Number)
			}
			if other, two := active[r.Call]; two {
				return bad("one recording at a time", "call %d has %d and %d", c.Number, other, r.Number)
			}
			active[r.Call] = r.Number
		}
		if err := checkParts(r); err != nil {
			return err
		}
		if r.Paused && r.StoppedAt == 0 && !slices.ContainsFunc(timers, func(t callmodel.Timer) bool {
			return t.Key == callmodel.TimerKey{Kind: callmodel.TimerRecord, Call: r.Call}
		}) {
			return bad("every pause ends", "recording %d is paused without a timer", r.Number)
		}
	}
	return nil
}

// checkParts checks the tracks of one recording.
func checkParts(r *callmodel.Recording) error {
	part, names := 0, map[callmodel.RecordName]bool{}
	for i := range r.Tracks {
		t := &r.Tracks[i]
		if names[t.Name] {
			return bad("track names are unique", "%s", t.Name)
		}
		names[t.Name] = true
		if !trackOpen(t) {
			continue
		}
		if r.EndedAt != 0 {
			return bad("no track after the end", "recording %d track %s", r.Number, t.Name)
		}
		if r.Paused && !t.Stopping || r.Silent() && r.StoppedAt == 0 {
			return bad("a paused recording is silent", "recording %d records track %s", r.Number, t.Name)
		}
		if t.Stopping {
			continue
		}
		if part != 0 && part != t.Part {
			return bad("one part at a time", "recording %d records parts %d and %d", r.Number, part, t.Part)
		}
		part = t.Part
	}
	return nil
}

func recordTimerOwned(v *callmodel.View, k callmodel.TimerKey) bool {
	return slices.ContainsFunc(v.Recordings, func(r *callmodel.Recording) bool {
		return r.Call == k.Call && r.StoppedAt == 0 && (k.Conn.ID == r.ID.ID || k.Conn.IsZero() && r.Paused)
	})
}

// checkTracks checks at a quiet moment that what is recorded is what the model
// says, that a paused recording is silent, and one that goes on is not.
func checkTracks(v *callmodel.View, inv Inventory) error {
	known := map[callmodel.RecordName]*callmodel.Recording{}
	for _, r := range v.Recordings {
		for i := range r.Tracks {
			t := &r.Tracks[i]
			if !trackOpen(t) {
				continue
			}
			known[t.Name] = r
			if !slices.ContainsFunc(inv.Tracks, func(l Track) bool { return l.Name == t.Name && l.Channel == t.Channel }) {
				return bad("true: tracks", "recording %d track %s of %s is not being recorded", r.Number, t.Name, t.Channel)
			}
		}
		if c := callOf(v, r.Call); c != nil && r.StoppedAt == 0 && !r.Paused && c.Phase == callmodel.PhaseTalking && r.State() == "waiting" && r.RetryAt <= v.Now && anybodyUp(c) {
			return bad("true: a conversation is recorded", "recording %d of call %d waits: %+v", r.Number, c.Number, r)
		}
	}
	for _, l := range inv.Tracks {
		r := known[l.Name]
		if r == nil {
			return bad("true: no orphan track", "%+v", l)
		}
		if r.Paused {
			return bad("true: a paused recording is silent", "recording %d is paused and %s is recorded", r.Number, l.Name)
		}
	}
	return nil
}

// anybodyUp reports whether two talk, and one of them has an answered leg.
func anybodyUp(c *callmodel.Call) bool {
	talking, up := 0, false
	for i := range c.Conns {
		if p := &c.Conns[i]; talks(p.State) {
			talking++
			up = up || p.Leg == callmodel.LegUp
		}
	}
	return talking > 1 && up
}

// checkSilent checks against the exchange, at any moment: nothing of a pause
// that was told to be sure is recorded.
func checkSilent(v *callmodel.View, inv Inventory) error {
	for _, r := range v.Recordings {
		if !r.Silent() || r.StoppedAt != 0 {
			continue
		}
		for _, l := range inv.Tracks {
			if id, _ := l.Name.Recording(); id == r.ID {
				return bad("a sure pause is silent", "recording %d is paused for sure and %s records", r.Number, l.Name)
			}
		}
	}
	return nil
}
