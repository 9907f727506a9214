package invariants

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// The status numbers of the SOAP interface that the rule knows.
const (
	itemEnded     = 4
	itemConnected = 101
	notInProcess  = 1
	evPhoneCall   = "phoneCallChanged"
	evEnded       = "subscriptionEnded"
)

// What a recording may lack at its end: Asterisk keeps up to 4.1 s of it in
// memory, which die with it.
const (
	tailAlive  = 200 * time.Millisecond
	tailKilled = 4100 * time.Millisecond
)

// subscribers is N7.
func subscribers(e *Evidence, r *Result) {
	type key struct{ sub, handle string }
	last, over := map[key]Told{}, map[key]bool{}
	connected, ended := map[string]bool{}, map[string]bool{}
	left := map[string]bool{}
	for _, t := range e.Witness.Told {
		r.look(1)
		if t.Event == evEnded {
			left[t.Subscriber] = true
		}
		if t.Event != evPhoneCall {
			continue
		}
		k := key{t.Subscriber, t.Handle}
		if over[k] && t.Status != itemEnded {
			r.find("%s: item %s was over and is then in state %d", t.Subscriber, t.Handle, t.Status)
		}
		over[k] = over[k] || t.Status == itemEnded
		connected[t.Handle] = connected[t.Handle] || t.Status == itemConnected
		ended[t.Handle] = ended[t.Handle] || t.Status == itemEnded
		last[k] = t
	}
	for k, t := range last {
		if !left[k.sub] && (t.Status != itemEnded || t.Processing != notInProcess) {
			r.find("%s was last told of item %s in state %d/%d, and the call is over", k.sub, k.handle, t.Status, t.Processing)
		}
	}
	if e.Answer.Untold != nil {
		for _, c := range e.Answer.Calls {
			for _, p := range c.Parties {
				if p.Role != "agent" || e.Answer.Untold[p.Agent] || p.Connected.IsZero() || p.Partner != "" || e.inWindow(p.Created, p.Ended) {
					continue
				}
				if r.look(1); !connected[p.Hex] || !ended[p.Hex] {
					r.find("nobody was told that item %s of agent %s was connected and ended (%t, %t)", p.Hex, p.Agent, connected[p.Hex], ended[p.Hex])
				}
			}
		}
	}
	for i, s := range e.Witness.Streams {
		next := uint64(0)
		for _, n := range s {
			r.look(1)
			if !n.Snapshot && n.Seq != next {
				r.find("stream %d: event %d follows %d", i+1, n.Seq, next-1)
			}
			next = n.Seq + 1
		}
	}
}

// acknowledged is N8.
func acknowledged(e *Evidence, r *Result) {
	for _, a := range e.Witness.Acked {
		r.look(1)
		switch n := e.Answer.Facts[a.Fact]; {
		case n == 0:
			r.find("%s was acknowledged at %s and is not there (%s)", a.What, clock(a.At), a.Fact)
		case a.Once && n > 1:
			r.find("%s was acknowledged once and is there %d times (%s)", a.What, n, a.Fact)
		}
	}
}

// recordings is N9.
func recordings(e *Evidence, r *Result) {
	files := map[string]File{}
	for _, f := range e.Witness.Files {
		if _, twice := files[f.Name]; twice {
			r.find("recording %s lies there twice", f.Name)
		}
		files[f.Name] = f
	}
	lost := tailAlive
	if e.Deadly {
		lost = tailKilled
	}
	for _, want := range e.Answer.Recorded {
		r.look(1)
		f, there := files[want.Name]
		delete(files, want.Name)
		switch d := want.To.Sub(want.From); {
		case !there:
			r.find("recording %s has no file", want.Name)
		case !f.Playable:
			r.find("recording %s cannot be played", want.Name)
		case f.Length < d-lost:
			r.find("recording %s is %v long, the conversation was %v", want.Name, f.Length, d)
		case f.Dirty:
			r.find("recording %s has sound where it was paused", want.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		r.find("file %s belongs to no recording", name)
	}
}

// resources is N10.
func resources(e *Evidence, r *Result) {
	for _, l := range e.Witness.Left {
		r.find("left behind: %s", l)
	}
	for name, g := range e.Witness.Gauges {
		if r.look(1); g.After > g.Before+g.Slack {
			r.find("%s was %g and is %g", name, g.Before, g.After)
		}
	}
}

// audit is N12.
func audit(e *Evidence, r *Result) {
	for _, f := range e.Answer.Refused {
		if r.look(1); strings.TrimSpace(f.Reason) == "" {
			r.find("%s was turned down without a reason", f.What)
		}
	}
	r.look(e.Recoveries)
	if n := len(e.Answer.Recovered); n != e.Recoveries {
		r.find("%d recoveries are recorded, there were %d", n, e.Recoveries)
	}
	for _, rec := range e.Answer.Recovered {
		if r.look(1); !strings.Contains(rec.Text, "adopted") || !strings.Contains(rec.Text, "ended") {
			r.find("the record of the recovery at %s has no counts: %s", clock(rec.At), rec.Text)
		}
	}
}
