package lead

import (
	"time"

	"strowger/switch/callmodel"
)

// MaxNumbers is how many numbers a lead has at most.
const MaxNumbers = 10

// State says where a lead is. The numbers are those of the table leads.
type State int

const (
	// Ready: it is called as soon as the rules allow.
	Ready State = 0
	// Later: not before NextAt.
	Later State = 1
	// Taken: an attempt of it is being made, see Attempt.
	Taken State = 2
	// Done: there is nothing more to do, see Result.
	Done State = 3
	// Excluded: a rule forbids it for good, see Result.
	Excluded State = 4
	// Hidden: its import is not complete yet, and must be complete or nothing.
	Hidden State = 5
)

var stateWords = [...]string{Ready: "ready", Later: "later", Taken: "taken", Done: "done", Excluded: "excluded", Hidden: "hidden"}

// String returns the state in a lower-case word.
func (s State) String() string {
	if s >= 0 && int(s) < len(stateWords) {
		return stateWords[s]
	}
	return "unknown"
}

// NumberKind is what a number is for.
type NumberKind int

// The kinds of numbers, as the table lead_numbers has them.
const (
	Other  NumberKind = 0
	Mobile NumberKind = 1
	Home   NumberKind = 2
	Work   NumberKind = 3
)

var kindWords = [...]string{Other: "other", Mobile: "mobile", Home: "home", Work: "work"}

// String returns the kind in a lower-case word.
func (k NumberKind) String() string {
	if k >= 0 && int(k) < len(kindWords) {
		return kindWords[k]
	}
	return kindWords[Other]
}

// ParseNumberKind reads what String writes.
func ParseNumberKind(word string) (NumberKind, bool) {
	for k, w := range kindWords {
		if w == word {
			return NumberKind(k), true
		}
	}
	return Other, false
}

// ZoneSet is a place by the clock: every time zone that a number may be in, and
// the state whose own rules hold there. A window is open only if it is open in
// all zones. Sets are kept once, by number.
type ZoneSet struct {
	No     int64
	Zones  []string // names such as Europe/Berlin, sorted; none: nobody knows, so it is never called
	Region string   // state or province, such as FL; empty: none is known
}

// Number is one of a lead's numbers.
type Number struct {
	N      int    // 0 to MaxNumbers-1, its place in the lead
	E164   string // with the plus
	Kind   NumberKind
	Set    ZoneSet
	Closed string // why it is not called any more, one of the results; empty: it may be
	Proofs int    // days on which the network has said that it does not exist
}

// Lead is somebody to be called.
type Lead struct {
	ID       int64
	List     string
	Ref      string // the owner's own name for it, unique in the list
	State    State
	Priority int // 0 to 255, higher first; 100 unless said otherwise
	Attempts int // that counted
	Name     string
	Fields   map[string]string
	Numbers  []Number
	At       int // place of the number that is next

	NextAt    time.Time // of Later
	NotBefore time.Time // zero: none
	NotAfter  time.Time // zero: none
	Callback  Callback
	Owner     string // agent; nobody else calls it

	Consent       bool
	ConsentSource string
	ConsentAt     time.Time

	Attempt  callmodel.CallID // of Taken
	Result   Result           // of the last attempt, or why it is excluded
	ResultAt time.Time
	Past     []Past // of its numbers, from any list, newest first, see MaxPast
}

// MaxPast bounds Lead.Past.
const MaxPast = 200

// Callback is an agreed call. Its time is an instant, worked out in the
// customer's zone when it was agreed.
type Callback struct {
	At    time.Time // zero: none
	Agent string    // who promised it; empty: anyone calls
	Mine  bool      // nobody but Agent, however late it gets
}

// Past is a try of the last 30 days that counted, that locks its number, that
// failed because of the trunk, or that is being made.
type Past struct {
	Lead    int64
	Number  string
	At      time.Time
	Result  Result    // empty: it is being made
	Counted bool      // so does one that is being made
	Locked  time.Time // the number is not called without a reserved agent before it; zero: it may be
}

// Number returns the number that is next, false if none is left.
func (l *Lead) Number() (Number, bool) {
	for _, n := range l.Numbers {
		if n.N == l.At {
			return n, n.Closed == ""
		}
	}
	return Number{}, false
}
