package invariants

import (
	"time"

	"strowger/ari/cel"
)

// Window is a time in which a fault was at work, recovery included.
type Window struct{ From, To time.Time }

// Evidence is all that is known of a run, after it has come to rest.
type Evidence struct {
	Fault   string
	Seed    int64
	Windows []Window
	// Deadly: the fault kills legs or their network, so that conversations may end.
	Deadly bool
	// Recoveries is how often the controller had to come back.
	Recoveries int
	// Slack is how far times of two witnesses may be apart; 5 s where zero. It
	// is wide, because the machine may be busy: a guard that is missing shows
	// in what is there at all.
	Slack time.Duration
	// MaxGap is how long a conversation may be interrupted; 1 s where zero.
	MaxGap time.Duration

	Witness Witness
	Answer  Answer
}

// Witness is what the controller had no hand in.
type Witness struct {
	App      string        // the Stasis application
	Context  string        // the dialplan context in which calls arrive
	Legs     []*cel.Leg    // every channel
	Tapped   []Channel     // every channel again, by AMI
	Invites  []Invite      // at agents' phones and trunks
	Talks    []Talk        // conversations that were listened to
	Silences []Silence     // of waiting callers
	Told     []Told        // what SOAP subscribers were sent, in order
	Streams  [][]Numbered  // what subscribers of the event stream were sent
	Acked    []Acked       // commands answered with OK
	Before   []Waiter      // the queue before the fault, next first
	After    []Waiter      // and after it
	Files    []File        // recordings as they lie on the disk
	Sink     []Sunk        // every INVITE at the world behind the trunk, in order
	Left     []string      // channels, bridges and recordings that live on
	Gauges   map[string]Of // resources before and after
}

// Channel is a channel as AMI tells of it.
type Channel struct {
	ID, Name string
	From, To time.Time
	Cause    int
}

// Invite is a call at a phone.
type Invite struct {
	Phone    string // that was called
	From     string // number shown
	At       time.Time
	Answered time.Time // zero: never
	Ended    time.Time // zero: it lives
}

// Sunk is an INVITE at the world behind the trunk.
type Sunk struct {
	Number   string // that was dialled
	At       time.Time
	Answered time.Time // zero: never
	Ended    time.Time
}

// Talk is one direction of a conversation.
type Talk struct {
	Who  string
	Gap  time.Duration // longest
	Seen uint64        // blocks in which the other's tone was heard
}

// Silence is the longest time in which a waiting caller heard nothing.
type Silence struct {
	Who  string
	Long time.Duration
}

// Told is one event of the SOAP interface, as its sink got it.
type Told struct {
	Subscriber string
	At         time.Time
	Event      string
	Handle     string // 32 hex digits of a connection
	Status     int
	Processing int
	Reason     int // of subscriptionEnded
}

// Numbered is one message of the event stream.
type Numbered struct {
	Seq      uint64
	Snapshot bool
}

// Acked is a command that was answered with OK, and what must be there for it.
type Acked struct {
	At   time.Time
	What string
	Fact string // key in Answer.Facts
	Once bool   // and not twice
}

// Waiter is a caller in a queue.
type Waiter struct {
	Call  string
	Since time.Time
}

// File is a recording on the disk.
type File struct {
	Name     string
	Playable bool
	Length   time.Duration
	Dirty    bool // something is heard where it was paused
}

// Of is a resource before and after.
type Of struct{ Before, After, Slack float64 }

// Answer is what the controller says.
type Answer struct {
	Calls     []*Call
	Spans     []Span
	Standing  map[string]bool // channels that are no party's: of nailed stations, of recordings
	Facts     map[string]int  // what Acked.Fact asks for, how often
	Refused   []Refusal
	Recovered []Recovery
	Items     []Item
	Leads     *Leads // nil: there is no dialer
	Recorded  []Recorded
	Wraps     map[string]time.Duration // wrap-up time by queue
	Numbers   []string                 // agents' phones
	Untold    map[string]bool          // agents that no subscriber watches; nil: all are unwatched
}

// Call is a call in the controller's records.
type Call struct {
	ID       string
	Kind     string
	Caller   string
	Queue    string
	Outcome  string
	Rows     int // in the database
	Ends     int // events of its end
	Evidence bool
	Lead     string // of a dialer's attempt: LIST/REF
	Number   string // that was called then
	Arrived  time.Time
	Talking  time.Time
	Over     time.Time
	LostFrom time.Time // where the end is known as an interval only
	Parties  []*Party
	Channels map[string]bool // of its legs, ever
}

// Party is a connection of a call.
type Party struct {
	ID, Hex   string
	Role      string
	Device    string
	Agent     string
	Channel   string
	Own       string          // the leg that was made for it; empty where it took over another's
	Partner   string          // the other call's connection of this line, at last
	Mates     map[string]bool // all that ever were its partner
	Maker     bool            // it made the call
	State     string
	NoWrap    bool
	Created   time.Time
	Alerting  time.Time
	Connected time.Time
	Ended     time.Time
	WrapEnded time.Time
	LostFrom  time.Time
}

// Span is a stretch of an agent in a state.
type Span struct {
	Agent, State string
	From, To     time.Time // To zero: still so
}

// Refusal is a command or an order that was turned down or has failed.
type Refusal struct{ What, Reason string }

// Recovery is the record of a return.
type Recovery struct {
	At   time.Time
	Text string
}

// Item is a piece of work that was handed in: a callback, a row of a list.
type Item struct {
	ID    string
	State string // pending, active, done, rejected
	Ends  int    // how often it was finished
}

// Leads are what a dialer has been given, and what it says of it.
type Leads struct {
	Rows     int // of the files that were imported
	Rejected int // of them those that were refused, each with its line
	Leads    []Lead
	Tries    []Try
}

// Lead is somebody to be called.
type Lead struct {
	ID       string // LIST/REF
	State    string // ready, later, taken, done, excluded
	Attempts int    // that counted
}

// Try is an attempt in the dialer's own books.
type Try struct {
	Attempt string // id of the call
	Lead    string // LIST/REF
	Settled bool
	Counted bool
	Result  string
}

// Recorded is a recording in the controller's records.
type Recorded struct {
	Name     string
	From, To time.Time
}

func (e *Evidence) slack() time.Duration {
	if e.Slack > 0 {
		return e.Slack
	}
	return 5 * time.Second
}

// inWindow reports whether an interval meets a fault.
func (e *Evidence) inWindow(from, to time.Time) bool {
	for _, w := range e.Windows {
		if !to.Before(w.From.Add(-e.slack())) && !from.After(w.To.Add(e.slack())) {
			return true
		}
	}
	return false
}
