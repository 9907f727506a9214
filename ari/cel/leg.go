package cel

import (
	"strings"
	"time"
)

// Leg is the life of one channel. A zero time: not seen.
type Leg struct {
	Channel  string
	Linked   string // as at the last event
	Name     string
	Caller   string // number, as at the first event
	Dialled  string // extension that it first reached
	Context  string // where it first was
	Started  time.Time
	Answered time.Time
	Ended    time.Time
	Cause    int
	Source   string // channel name of who hung up
	Apps     []AppStay
	Bridges  []BridgeStay
	Torn     bool // events came before the start: the file begins in the middle of it
}

// AppStay is a channel's time in an application of the dialplan.
type AppStay struct {
	App, Data string
	From, To  time.Time
}

// BridgeStay is a channel's time in a bridge.
type BridgeStay struct {
	Bridge   string
	From, To time.Time
}

// maxStays bounds how many stays of a leg are kept.
const maxStays = 1000

// Fold joins events to legs, in the order in which they began.
func Fold(events []Event) []*Leg {
	byID := map[string]*Leg{}
	var legs []*Leg
	for i := range events {
		e := &events[i]
		l := byID[e.Channel]
		if l == nil {
			l = &Leg{Channel: e.Channel, Name: e.Name, Caller: e.Caller, Dialled: e.Exten, Context: e.Context, Torn: e.Kind != ChanStart}
			byID[e.Channel] = l
			legs = append(legs, l)
		}
		l.see(e)
	}
	return legs
}

func (l *Leg) see(e *Event) {
	l.Linked = e.Linked
	switch e.Kind {
	case ChanStart:
		l.Started = e.At
	case Answer:
		if l.Answered.IsZero() {
			l.Answered = e.At
		}
	case Hangup:
		l.Ended, l.Cause, l.Source = e.At, e.Extra.Cause, e.Extra.Source
		l.close(e.At)
	case ChanEnd:
		if l.Ended.IsZero() {
			l.Ended = e.At
			l.close(e.At)
		}
	case AppStart:
		if len(l.Apps) < maxStays {
			l.Apps = append(l.Apps, AppStay{App: e.App, Data: e.AppData, From: e.At})
		}
	case AppEnd:
		for i := len(l.Apps) - 1; i >= 0; i-- {
			if l.Apps[i].App == e.App && l.Apps[i].To.IsZero() {
				l.Apps[i].To = e.At
				break
			}
		}
	case BridgeEnter:
		if len(l.Bridges) < maxStays {
			l.Bridges = append(l.Bridges, BridgeStay{Bridge: e.Extra.Bridge, From: e.At})
		}
	case BridgeExit:
		if n := len(l.Bridges); n > 0 && l.Bridges[n-1].To.IsZero() {
			l.Bridges[n-1].To = e.At
		}
	case BlindTransfer, AttendedTransfer:
	}
}

// close ends what a hang-up ends.
func (l *Leg) close(at time.Time) {
	for i := range l.Apps {
		if l.Apps[i].To.IsZero() {
			l.Apps[i].To = at
		}
	}
	for i := range l.Bridges {
		if l.Bridges[i].To.IsZero() {
			l.Bridges[i].To = at
		}
	}
}

// InApp reports whether the leg was handed to the Stasis application, with a
// first argument such as "in".
func (l *Leg) InApp(app, arg string) bool {
	for _, s := range l.Apps {
		if s.App == "Stasis" && (s.Data == app+","+arg || strings.HasPrefix(s.Data, app+","+arg+",")) {
			return true
		}
	}
	return false
}

// Ran reports whether the leg was in an application of the dialplan.
func (l *Leg) Ran(app string) bool {
	for _, s := range l.Apps {
		if s.App == app {
			return true
		}
	}
	return false
}
