package records

import (
	"time"

	"strowger/switch/callmodel"
)

// State is what a party does in a stretch of a call.
type State string

// The states of a segment.
const (
	Queued  State = "queued"  // waits in a queue; also while an agent's phone rings for it
	Calling State = "calling" // waits for somebody who is being called by number
	Menu    State = "menu"    // in a menu or hears an announcement
	Routing State = "routing" // waits for a CTI client's decision
	Parked  State = "parked"
	Dialing State = "dialing" // is being called and does not ring yet
	Ringing State = "ringing" // is being offered the call
	Talking State = "talking"
	Hold    State = "hold"    // has put the call on hold
	Held    State = "held"    // was put on hold
	WrapUp  State = "wrap-up" // has left, does the work after the call
)

// The ends of segments beside those of stays in queues (callmodel.VisitEnd).
// Empty: the same party goes on in another state.
const (
	EndAnswered   = "answered"
	EndNoAnswer   = "no-answer"
	EndBusy       = "busy"
	EndRejected   = "rejected"
	EndElsewhere  = "elsewhere"   // somebody else has answered
	EndCallerLeft = "caller-left" // while it rang
	EndWithdrawn  = "withdrawn"   // the offer was taken back
	EndFailed     = "failed"      // could not be reached
	EndHungUp     = "hung-up"     // by this party
	EndOtherLeft  = "other-hung-up"
	EndDone       = "done"  // of wrap-up
	EndMerged     = "moved" // went on in another call
	EndLost       = "lost"
)

// Segment is one stretch of one party's part in a call. Key: Conn, Seq, Part.
type Segment struct {
	Conn     string // hexadecimal id of the connection
	Seq      uint64 // of the event that began it
	Part     int    // of several that one event has made
	Call     string // ULID
	Kind     string // of the call
	Role     string // caller, agent, party
	Party    string // the party's number
	Agent    string // whose line it is; of a stay in a queue: who answered
	Trunk    string
	State    State
	Queue    string
	At       callmodel.Instant // start on the switch's time line
	Started  time.Time
	Ended    time.Time // zero while it goes on
	Length   time.Duration
	End      string
	Cause    int
	By       string        // agent who has transferred or parked the call before
	To       string        // where the other party was passed to
	Offered  time.Time     // a queue's call: when the stay in the queue began; what an agent does for it has the same
	Target   time.Duration // stay: the queue's service level
	Position int           // stay: place on entry
	Last     int           // stay: last place
	Rule     string        // stay that overflowed: the condition
	LostFrom time.Time     // the end was not seen: it lies between this and Ended
	Wrote    uint64        // event that the row is as of
}

// Open reports whether the segment goes on.
func (s *Segment) Open() bool { return s.Ended.IsZero() }

// Stay reports whether the segment is a stay in a queue.
func (s *Segment) Stay() bool { return s.State == Queued }

// Fact is the time to which statistics count the segment: when the call was
// offered to the queue, else its own start.
func (s *Segment) Fact() time.Time {
	if !s.Offered.IsZero() {
		return s.Offered
	}
	return s.Started
}

// Interval is a stretch in which an agent was in one state. Those of one
// agent follow one another without gap or overlap from login to logout. Key:
// Agent, Started, Seq.
type Interval struct {
	Agent    string
	Seq      uint64
	State    string // the model's word
	Reason   string
	Station  string
	Queues   []string // that the agent serves: signed out of is left out
	Login    time.Time
	Call     string // that began it
	At       callmodel.Instant
	Started  time.Time
	Ended    time.Time // zero while it goes on
	Length   time.Duration
	Logout   bool      // ended by logging out
	LostFrom time.Time // as in Segment
	Wrote    uint64    // event that the row is as of
}

// Open reports whether the interval goes on.
func (i *Interval) Open() bool { return i.Ended.IsZero() }

// Attempt is one try to reach somebody outside. Key: ID.
type Attempt struct {
	ID        string // hexadecimal id of the connection
	Seq       uint64 // of the last event about it
	Call      string
	Callback  string
	Number    string
	Trunk     string
	Shown     string // number that was shown
	Queue     string
	Agent     string // on whose behalf
	Started   time.Time
	Ringing   time.Time
	Answered  time.Time
	Ended     time.Time
	Ring      time.Duration // from the order to the answer or the end
	Talk      time.Duration
	Cause     int
	TechCause int
	Outcome   string // empty while it goes on unanswered
	Dialer    DialerPart
}

// DialerPart is what an attempt of the dialer has beside every other. Its zero
// value means that the attempt is none of the dialer's.
type DialerPart struct {
	Campaign string
	List     string
	Lead     string
	Mode     string
	Verdict  string        // who has answered, as far as a detector could tell
	Took     time.Duration // from the answer to the verdict
	Greeting time.Time     // when the person had said their hello
	Deadline time.Time     // an agent was wanted until then
	Bridged  time.Time     // when customer and agent could talk
	Message  Told
	Dropped  bool   // somebody answered, and no agent was there in time
	Own      bool   // it was our own time that ended the ringing
	CutShort bool   // given up before it had rung for as long as it must
	Kept     bool   // its first seconds are kept
	Result   string // the call's outcome; empty while it goes on
	Version  int64  // of the objects that it was made by

	DoNotCall bool      // the customer wants no more calls
	Again     time.Time // when they want to be called again; zero: they did not say
	AgainBy   string    // the agent who is to do it; empty: anybody
	AgainAt   string    // the number to call then; empty: the same
}

// Told is how much of a message was told.
type Told int

// What can be told of a message.
const (
	NotTold   Told = 0
	TellBegun Told = 1
	ToldWhole Told = 2
)

// String is the word for it, empty where nothing was told.
func (t Told) String() string {
	switch t {
	case TellBegun:
		return "begun"
	case ToldWhole:
		return "told"
	case NotTold:
	}
	return ""
}

// Disposition is one code that an agent gave. Key: Conn, N. A later answer for
// the same connection replaces all of the earlier.
type Disposition struct {
	Conn    string
	N       int // 0: the main one
	Seq     uint64
	Call    string
	Queue   string
	Agent   string
	Code    string
	Success bool
	At      time.Time
	Offered time.Time // as in Segment
}

// Fact is the time to which statistics count the disposition.
func (d *Disposition) Fact() time.Time {
	if !d.Offered.IsZero() {
		return d.Offered
	}
	return d.At
}

// Filter selects rows that are kept. Empty fields do not filter.
type Filter struct {
	From, To time.Time // of the start
	Queue    string
	Agent    string
	Call     string
	After    string // what the page before has given as next
	Limit    int    // 0: 1000
}

// Rows are what events have changed, in their order.
type Rows struct {
	Segments     []Segment
	Intervals    []Interval
	Attempts     []Attempt
	Dispositions []Disposition
}

// Len returns the number of rows.
func (r *Rows) Len() int {
	return len(r.Segments) + len(r.Intervals) + len(r.Attempts) + len(r.Dispositions)
}

// Add appends rows.
func (r *Rows) Add(o Rows) {
	r.Segments = append(r.Segments, o.Segments...)
	r.Intervals = append(r.Intervals, o.Intervals...)
	r.Attempts = append(r.Attempts, o.Attempts...)
	r.Dispositions = append(r.Dispositions, o.Dispositions...)
}
