package runner

import (
	"context"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/lead"
	"strowger/switch/callmodel"
)

// Leads is where leads are kept; dialer/list is one. Safe for concurrent use.
type Leads interface {
	// Claim takes the leads that are next, so that nobody else gets them.
	Claim(ctx context.Context, want lead.Want) ([]lead.Claimed, error)
	// Release gives back leads that were claimed and not dialled.
	Release(ctx context.Context, back []lead.Release) error
	// Settle notes how attempts have ended.
	Settle(ctx context.Context, ends []lead.Settled) error
	// Open returns the attempts of a campaign that were claimed and not settled.
	Open(ctx context.Context, campaign string) ([]lead.Claimed, error)
	// Count says of all leads of a campaign what stands in their way.
	Count(ctx context.Context, rules lead.Rules, now time.Time) (lead.Counts, error)
	// Sweep makes leads ready whose time has come.
	Sweep(ctx context.Context, now time.Time) error
}

// Wanted is what somebody wants a campaign to do.
type Wanted string

// What may be wanted.
const (
	WantRunning Wanted = "running"
	WantPaused  Wanted = "paused"
	WantStopped Wanted = "stopped"
)

// Run is what is kept of a campaign over restarts.
type Run struct {
	Campaign string
	Wanted   Wanted
	Why      string
	By       string
	At       time.Time
	Override campaign.Override
	Spent    bool      // its budget is gone, whoever has stopped it since: it is not started without an override
	Begun    time.Time // when it dialled first, from which its windows count; zero: it never has
	Learned  []byte    // what the pacer knows
}

// Runs is where they are kept. Safe for concurrent use.
type Runs interface {
	Load(ctx context.Context) ([]Run, error)
	// Save keeps a run, and its override for the reports of the time.
	Save(ctx context.Context, run Run) error
	// Overrides returns those of a campaign that held in a time, oldest first.
	Overrides(ctx context.Context, campaign string, from, to time.Time) ([]campaign.Override, error)
}

// Ended is how an attempt has ended, as the records of calls have it.
type Ended struct {
	Outcome  callmodel.Outcome
	Own      bool
	Rang     bool // it was given up, after the phone had rung for as long as the law wants
	Cause    int
	Tech     int
	Agent    string
	Codes    []string
	Callback *callmodel.CallbackAt
	Block    bool            // the customer wants no more calls
	Digit    bool            // and has said so by the digit of a message; else an agent has
	Rejected string          // why the agent turned it down
	Counts   campaign.Counts // for the ledger, of one that was found in the records
	At       time.Time
	Seq      uint64
}

// Past is what a campaign did before the start.
type Past struct {
	Begun   time.Time // its first attempt that is on record still; zero: there is none
	Minutes []campaign.Minute
	Today   int                // attempts since midnight
	Shown   map[string]int     // of them, by the number that they showed
	Counted []callmodel.CallID // attempts that are open still and among the answers already
}

// Records is what is known of ended attempts. Safe for concurrent use.
type Records interface {
	// Ended returns those of some attempts that have ended by an event up to
	// seq. It waits until the records are so far.
	Ended(ctx context.Context, seq uint64, attempts []callmodel.CallID) (map[callmodel.CallID]Ended, error)
	// Past returns what a campaign has done since a time, and since midnight.
	Past(ctx context.Context, campaign string, from, midnight time.Time) (Past, error)
	// Lost reports whether calls may have come and gone of which there is no record.
	Lost() bool
}
