package lead

import (
	"time"

	"strowger/switch/callmodel"
)

// Rules are what a campaign says about its leads. Window and Caps are pure and
// quick: they are asked once per place in each claim.
type Rules struct {
	Campaign string
	Lists    []Share
	// Window tells whether somebody in a place may be called at an instant.
	Window func(set ZoneSet, now time.Time) Window
	// Caps are the limits on tries in a region ("" where none is known).
	Caps func(region string) Caps
	// Consent leaves out whose consent is not on record with its source.
	Consent bool
	// Guarded: an agent is reserved for each call, so lockouts after a dropped
	// call or a machine do not bind, and leads of one agent may be asked for.
	Guarded bool
	// DropNextDay: a number at which somebody found nobody is called again when
	// the next day has begun there, by nobody before it.
	DropNextDay bool
	// CallbackWait is how long a due call-back waits for its agent before anyone gets it.
	CallbackWait time.Duration
	// MineOnly: it waits for its agent however long it takes.
	MineOnly bool
}

// Share is a list of a campaign. Leads come in proportion to the weights; if
// all are 0 they come by rank, as if the lists were one.
type Share struct {
	List   string
	Weight int
}

// Window is what a calling window says about an instant.
type Window struct {
	Open  bool
	Until time.Time // when that changes; zero: not within the time that calendars look ahead
	Why   string    // a sentence, such as "it is 07:12 in Europe/Berlin, calls begin at 08:00"
}

// Caps limit counted tries; 0 is no limit. Those of numbers count the tries of
// all campaigns and lists.
type Caps struct {
	Lead      int // of the lead, ever
	NumberDay int // of the number since midnight at its place
	Number24h int
	Number7d  int
	Number30d int
}

// Want is what a claim asks for.
type Want struct {
	Rules
	Now   time.Time
	N     int // at most so many
	NewID func() callmodel.CallID
	// Agent asks for what this agent alone may call, and for anybody's leads
	// after those. Only with Guarded.
	Agent string
}

// Claimed is a lead that was claimed for an attempt: nobody else gets it until
// the attempt is settled or released.
type Claimed struct {
	Attempt callmodel.CallID
	Lead    Lead
	Number  Number // to be dialled
}

// Release gives a claimed lead back: nothing was dialled, so nothing counts.
type Release struct {
	Attempt callmodel.CallID
	Until   time.Time // not again before it; zero: at once
}

// Settled is how an attempt ended and what follows from it for the lead.
// Settling an attempt twice changes nothing.
type Settled struct {
	Attempt callmodel.CallID
	Result  Result
	At      time.Time // when it ended
	Seq     uint64    // of the journal's record that ended it
	Counted bool      // it counts as a try
	Agent   string    // who talked
	Code    string    // disposition

	Next     time.Time // when to call again; zero: never
	Number   int       // place of the number to call then
	Fresh    bool      // a lead without tries comes before one that was tried; else after it
	Callback Callback  // Next is an agreed call
	Agreed   string    // full number to which it was agreed, the lead's or another; empty: that at Number
	Close    bool      // the number is not called any more
	Proof    bool      // the network says that the number does not exist; see Number.Proofs
	Locked   time.Time // the number is not called without a reserved agent before it
	// DoNotCall puts the number on the do-not-call list with this scope; empty: it does not.
	DoNotCall string
	Source    string // what DoNotCall is recorded with, such as "key 9 in call 01J..."
}

// Left is how many leads of a campaign's lists are in a state at a place.
type Left struct {
	State State
	Set   ZoneSet

	Leads int64
}
