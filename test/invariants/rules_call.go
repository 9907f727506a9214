package invariants

import (
	"strings"
	"time"

	"strowger/ari/cel"
	"strowger/switch/callmodel"
)

// arriving reports whether a leg is a caller who was handed to the controller.
// The helpers of a transfer by phone are no callers.
func (w *Witness) arriving(l *cel.Leg) bool {
	return l.InApp(w.App, "in") && !ours(l.Channel) && !strings.HasPrefix(l.Name, "Local/")
}

func ours(channel string) bool { return strings.HasPrefix(channel, callmodel.OwnPrefix) }

// calls is N1.
func calls(e *Evidence, r *Result) {
	byCaller, known := map[string][]*Call{}, map[string]bool{}
	for _, c := range e.Answer.Calls {
		for ch := range c.Channels {
			known[ch] = true
		}
		for _, p := range c.Parties {
			if p.Role == "caller" && !ours(p.Channel) {
				byCaller[p.Channel] = append(byCaller[p.Channel], c)
			}
		}
		r.look(1)
		wholeCall(e, c, r)
	}
	legs := map[string]*cel.Leg{}
	for _, l := range e.Witness.Legs {
		legs[l.Channel] = l
		arrived, own := e.Witness.arriving(l), ours(l.Channel)
		if arrived || own {
			r.look(1)
		}
		switch {
		case arrived && !known[l.Channel]:
			r.find("call lost: %s from %s to %s at %s is in no record", l.Channel, l.Caller, l.Dialled, clock(l.Started))
		case own && !known[l.Channel] && !e.Answer.Standing[l.Channel]:
			r.find("leg %s (%s) was made by the controller and is in no record", l.Channel, l.Name)
		}
	}
	for ch, list := range byCaller {
		if len(list) > 1 && arrivedTwice(list) {
			r.find("call counted twice: %s is the caller of %d calls", ch, len(list))
		}
		l := legs[ch]
		if l == nil {
			if len(e.Witness.Legs) > 0 {
				r.find("call invented: %s of call %s was never in Asterisk", ch, list[0].ID)
			}
			continue
		}
		sameEnd(e, list[len(list)-1], ch, l, r)
	}
	witnessesAgree(e, r)
}

// arrivedTwice tells two records of one arrival from a leg that has moved to
// another call.
func arrivedTwice(list []*Call) bool {
	for i := 1; i < len(list); i++ {
		if list[i].Kind == list[0].Kind && list[i].Kind == "" {
			return true
		}
	}
	return false
}

// wholeCall looks at one record by itself.
func wholeCall(e *Evidence, c *Call, r *Result) {
	if c.Ends != 1 {
		r.find("call %s of %s has %d ends, not one", c.ID, c.Caller, c.Ends)
	}
	if c.Rows != 1 {
		r.find("call %s of %s has %d rows, not one", c.ID, c.Caller, c.Rows)
	}
	if c.Over.Before(c.Arrived) {
		r.find("call %s was over %v before it came", c.ID, c.Arrived.Sub(c.Over))
	}
	for _, p := range c.Parties {
		last := p.Created
		for _, t := range []time.Time{p.Alerting, p.Connected, p.Ended} {
			if t.IsZero() {
				continue
			}
			if t.Before(last) {
				r.find("connection %s of call %s goes back in time by %v", p.ID, c.ID, last.Sub(t))
			}
			last = t
		}
		if p.State != "ended" && c.Ends > 0 {
			r.find("connection %s of the ended call %s is %s", p.ID, c.ID, p.State)
		}
	}
	for _, p := range c.Parties {
		for _, q := range c.Parties {
			if p.ID < q.ID && p.Channel == q.Channel && p.Channel != "" && overlap(p.Created, p.Ended, q.Created, q.Ended) {
				r.find("leg %s is in two connections of call %s at once", p.Channel, c.ID)
			}
		}
	}
}

func overlap(a1, a2, b1, b2 time.Time) bool {
	return !a1.IsZero() && !b1.IsZero() && (b2.IsZero() || a1.Before(b2)) && (a2.IsZero() || b1.Before(a2))
}

// sameEnd compares a caller's end with the witness.
func sameEnd(e *Evidence, c *Call, channel string, l *cel.Leg, r *Result) {
	for _, p := range c.Parties {
		if p.Channel != channel || l.Ended.IsZero() || p.Ended.IsZero() {
			continue
		}
		r.look(1)
		d := p.Ended.Sub(l.Ended)
		from := p.LostFrom
		if !from.IsZero() && !l.Ended.Before(from.Add(-e.slack())) && !l.Ended.After(p.Ended.Add(e.slack())) {
			continue // said honestly as an interval
		}
		if d.Abs() > e.slack() {
			r.find("caller %s of call %s left at %s, the record says %s", channel, c.ID, clock(l.Ended), clock(p.Ended))
		}
	}
}

// witnessesAgree holds the channel events against the AMI session: a witness
// that has missed something proves nothing.
func witnessesAgree(e *Evidence, r *Result) {
	if len(e.Witness.Tapped) == 0 || len(e.Witness.Legs) == 0 {
		return
	}
	seen := map[string]bool{}
	for _, l := range e.Witness.Legs {
		seen[l.Channel] = true
	}
	for _, c := range e.Witness.Tapped {
		r.look(1)
		if !seen[c.ID] {
			r.find("the witnesses differ: AMI has told of channel %s (%s), the channel events have not", c.ID, c.Name)
		}
	}
}

// outcomes is N2.
func outcomes(e *Evidence, r *Result) {
	for _, c := range e.Answer.Calls {
		if c.Ends == 0 {
			continue
		}
		r.look(1)
		switch c.Outcome {
		case "":
			r.find("call %s of %s has ended without an outcome", c.ID, c.Caller)
		case "lost":
			if from := first(c.LostFrom, c.Arrived); !e.inWindow(from, c.Over) {
				r.find("call %s of %s is lost, and there was no fault between %s and %s", c.ID, c.Caller, clock(from), clock(c.Over))
			}
		}
	}
}

// anybody stands for all callers of a phone together.
const anybody = "anybody"

// dials is N3.
func dials(e *Evidence, r *Result) {
	type target struct{ phone, from string }
	asked, phones, outside := map[target]int{}, map[string]bool{}, map[string]bool{}
	for _, n := range e.Answer.Numbers {
		phones[n] = true
	}
	for _, c := range e.Answer.Calls {
		outside[c.Caller] = outside[c.Caller] || c.Kind == ""
		for _, p := range c.Parties {
			if p.Own != "" {
				asked[target{p.Device, c.Caller}]++
				asked[target{p.Device, anybody}]++
			}
		}
	}
	called := map[target]int{}
	for _, i := range e.Witness.Invites {
		if !phones[i.Phone] {
			continue
		}
		r.look(1)
		for _, t := range []target{{i.Phone, i.From}, {i.Phone, anybody}} {
			// What a colleague shows may be a number of several calls.
			if called[t]++; called[t] == asked[t]+1 && (t.from == anybody || outside[t.from]) {
				r.find("phone %s was called for %s %d times or more, there were %d attempts", t.phone, t.from, called[t], asked[t])
			}
		}
	}
	made := map[string]int{}
	for _, c := range e.Answer.Calls {
		for _, p := range c.Parties {
			if p.Role == "agent" && p.Own != "" {
				made[p.Own]++
			}
		}
	}
	for ch, n := range made {
		if r.look(1); n > 1 {
			r.find("leg %s is the leg of %d attempts", ch, n)
		}
	}
}

// items is N4.
func items(e *Evidence, r *Result) {
	seen := map[string]int{}
	for _, i := range e.Answer.Items {
		seen[i.ID]++
		r.look(1)
		switch i.State {
		case "pending", "active", "rejected":
			if i.Ends != 0 {
				r.find("item %s is %s and was finished %d times", i.ID, i.State, i.Ends)
			}
		case "done":
			if i.Ends != 1 {
				r.find("item %s is done and was finished %d times", i.ID, i.Ends)
			}
		default:
			r.find("item %s is in the state %q", i.ID, i.State)
		}
	}
	for id, n := range seen {
		if n > 1 {
			r.find("item %s is there %d times", id, n)
		}
	}
	for _, a := range e.Witness.Acked {
		if id, ok := strings.CutPrefix(a.Fact, "item:"); ok && seen[id] == 0 {
			r.find("item %s was taken in at %s and is gone", id, clock(a.At))
		}
	}
}

func first(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.000") }
