package lead

import "time"

// Word is why a lead is not called now. Exactly one is the first that stands
// in its way; the order below is the order in which they are looked at.
type Word string

// The reasons. Now is the one that is none.
const (
	NotInCampaign Word = "not-in-campaign" // its list is none of the campaign's
	ListClosed    Word = "list-closed"
	ImportRuns    Word = "import"        // its import is all or nothing, and not complete
	Dialling      Word = "dialling"      // an attempt is being made
	IsDone        Word = "done"          // see its result
	IsExcluded    Word = "excluded"      // see its result
	NoNumber      Word = "no-number"     // all its numbers are closed
	Expired       Word = "not-after"     // its last moment is over
	DoNotCall     Word = "do-not-call"   // all its open numbers are on the list
	NoConsent     Word = "no-consent"    // the campaign needs it
	CapLead       Word = "cap-lead"      // tried as often as a lead may be
	NoZone        Word = "no-zone"       // nobody knows what time it is there
	WaitsCallback Word = "callback"      // a call was agreed for later
	WaitsRetry    Word = "retry"         // the last try says when
	NotYet        Word = "not-before"    // its first moment has not come
	NumberCap     Word = "cap-number"    // tried as often as a number may be in that time
	LockedOut     Word = "lockout"       // after a dropped call or a machine: only with a reserved agent
	WaitsAgent    Word = "agent"         // only its owner, or who promised to call
	WindowClosed  Word = "window-closed" // the hours at its place
	Now           Word = "now"           // it is called when its turn comes
)

// Words are all reasons, in the order in which they are looked at.
func Words() []Word {
	return []Word{
		NotInCampaign, ListClosed, ImportRuns, Dialling, IsDone, IsExcluded, NoNumber, Expired, DoNotCall, NoConsent,
		CapLead, NoZone, WaitsCallback, WaitsRetry, NotYet, NumberCap, LockedOut, WaitsAgent, WindowClosed, Now,
	}
}

// Reason is one thing that stands in a lead's way.
type Reason struct {
	Word  Word
	Text  string    // a sentence for people
	Until time.Time // when it ends by itself; zero: it does not, or nobody knows
}

// Counts is how many leads have which first reason. Their sum is the number of leads.
type Counts map[Word]int64

// Sum returns the number of leads.
func (c Counts) Sum() (n int64) {
	for _, v := range c {
		n += v
	}
	return n
}
