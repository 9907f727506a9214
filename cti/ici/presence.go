package ici

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"strowger/switch/callmodel"
)

// figures are a queue's people and calls at one moment.
type figures struct {
	loggedIn, ready, busy, wrapUp, notReady, paused int
	pending                                         int
	waited, longest                                 time.Duration // of the calls that wait: together, and the longest
}

// queueFigures counts every queue's agents and calls, in one pass over both. A
// picture is as old as the last thing that happened: now says how long calls have
// waited.
func queueFigures(v *callmodel.View, now time.Time) map[callmodel.QueueID]*figures {
	out := make(map[callmodel.QueueID]*figures, len(v.Queues))
	for _, q := range v.Queues {
		out[q.ID] = &figures{}
	}
	for _, a := range v.Agents {
		for _, id := range a.SignedIn() {
			if f := out[id]; f != nil {
				f.count(a)
			}
		}
	}
	for _, c := range v.Calls {
		f := out[c.Queue]
		if f == nil || c.Phase != callmodel.PhaseWaiting && c.Phase != callmodel.PhaseOffered {
			continue
		}
		wait := max(now.Sub(v.WallTime(c.QueuedAt)), 0)
		f.pending++
		f.waited += wait
		f.longest = max(f.longest, wait)
	}
	return out
}

// count adds an agent: each that is logged in is one of the five. Whose phone
// cannot be reached is not ready, who is away for long or does paperwork pauses.
func (f *figures) count(a *callmodel.Agent) {
	if a.State == callmodel.LoggedOut {
		return
	}
	f.loggedIn++
	switch {
	case a.State == callmodel.Reserved || a.State == callmodel.OnCall:
		f.busy++
	case a.State == callmodel.InWrapUp && !a.Paperwork:
		f.wrapUp++
	case a.State == callmodel.InWrapUp || a.State == callmodel.NotReady && a.Park:
		f.paused++
	case a.State == callmodel.Ready && !a.PhoneOff && a.Elsewhere == "":
		f.ready++
	default:
		f.notReady++
	}
}

// average is how long the calls that wait have waited so far.
func (f *figures) average() time.Duration {
	if f.pending == 0 {
		return 0
	}
	return f.waited / time.Duration(f.pending)
}

// info is a queue as getPresenceQueueInfo tells it.
func (f *figures) info(q *callmodel.Queue) PresenceQueue {
	at := queueElement(q, q.ID)
	return PresenceQueue{
		ID: at.ID, Description: at.Description, GUID: guidOf(q.ID), LoggedIn: strconv.Itoa(f.loggedIn), Ready: strconv.Itoa(f.ready),
		Pending: strconv.Itoa(f.pending), Open: openness(q.Service), AvgWaiting: wholeSeconds(f.average()), MaxWaiting: wholeSeconds(f.longest),
		Busy: strconv.Itoa(f.busy), WrapUp: strconv.Itoa(f.wrapUp), NotReady: strconv.Itoa(f.notReady), Paused: strconv.Itoa(f.paused),
	}
}

func wholeSeconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// openness is 1 for a queue that takes calls, 0 for one that does not.
func openness(s callmodel.ServiceState) string {
	switch s {
	case callmodel.ServiceActive, callmodel.ServiceUnmanned:
		return "1"
	case callmodel.ServicePaused, callmodel.ServiceClosed, callmodel.ServiceHoliday, callmodel.ServiceFailed:
		return "0"
	}
	return ""
}

// guidOf makes a queue's id into one of the form that CRM systems keep. It is
// the same as long as the queue's id is.
func guidOf(id callmodel.QueueID) string {
	sum := sha256.Sum256([]byte("queue " + string(id)))
	h := strings.ToUpper(hex.EncodeToString(sum[:16]))
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// How a user is (reference 10.5.1).
const (
	notAvailable = 0
	available    = 1
	busyOnCall   = 2
	loggedOff    = 3
)

var presenceTexts = map[int]string{notAvailable: "NotAvailable", available: "Available", busyOnCall: "Busy", loggedOff: "LoggedOff"}

var presences = map[callmodel.AgentState]int{
	callmodel.LoggedOut: loggedOff, callmodel.NotReady: notAvailable, callmodel.Ready: available,
	callmodel.Reserved: busyOnCall, callmodel.OnCall: busyOnCall, callmodel.InWrapUp: busyOnCall,
}

// presenceOf is how an agent is, under the name that the CRM uses; nil is
// somebody whom the switch does not know. Who is logged off has no phone that rings.
func presenceOf(a *callmodel.Agent, userID string) UserPresence {
	status := notAvailable
	if a != nil {
		status = presences[a.State]
	}
	out := UserPresence{User: userID, Status: strconv.Itoa(status), Description: presenceTexts[status]}
	if a == nil || status == loggedOff {
		return out
	}
	for _, d := range []struct {
		capability int
		text       string
	}{{CapDial, "Call"}, {CapForward, "Blind transfer"}, {CapTransfer, "Warm transfer"}} {
		out.Collaboration = append(out.Collaboration, Collaboration{
			Description: d.text, Channel: ChannelPhone, Capability: strconv.Itoa(d.capability), Address: Number(a.Line),
		})
	}
	return out
}

// matches reports whether each word of a search begins a word of the agent's
// name, or their id or line, without regard to case.
func matches(a *callmodel.Agent, words []string) bool {
	have := append(wordsOf(a.Name), wordsOf(string(a.ID))...)
	have = append(have, strings.ToLower(string(a.ID)), a.Line)
	for _, w := range words {
		if !slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, w) }) {
			return false
		}
	}
	return true
}

func wordsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}
