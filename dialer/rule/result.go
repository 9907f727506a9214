package rule

import "strowger/dialer/lead"

// Counts reports whether an attempt with this result counts for caps and for
// the number of attempts: not where the fault was ours, or nothing reached the
// customer.
func Counts(r lead.Result) bool { return !free[r] }

var free = map[lead.Result]bool{
	lead.TrunkFailed: true, lead.MediaFailed: true, lead.ProtocolFailed: true, lead.Skipped: true, lead.NotStarted: true, lead.Cancelled: true,
}

// Ours reports whether something of ours is at fault, which somebody has to
// mend: a campaign stops after a few of them.
func Ours(r lead.Result) bool { return r == lead.MediaFailed || r == lead.ProtocolFailed }

// Trouble reports whether the result speaks against the trunk group and not
// against the number: a breaker counts these.
func Trouble(r lead.Result) bool { return r == lead.TrunkFailed || r == lead.NoResponse }
