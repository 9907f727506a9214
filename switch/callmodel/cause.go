package callmodel

// Cause is a clearing cause, numbered as in ITU-T Q.850. 0 is unknown.
type Cause uint16

// The causes that the model gives or tells apart.
const (
	CauseUnallocated Cause = 1  // no such number
	CauseNormal      Cause = 16 // normal clearing
	CauseBusy        Cause = 17 // user busy
	CauseNoAnswer    Cause = 19 // rang, nobody answered
	CauseAbsent      Cause = 20 // nobody is logged in at the line
	CauseElsewhere   Cause = 26 // answered by somebody else
	CauseRejected    Cause = 21 // call rejected
	CauseUnreachable Cause = 38 // the network cannot reach it
	CauseBarred      Cause = 52 // not allowed
	CauseCongestion  Cause = 42 // switch congestion
	CauseDeadAir     Cause = 44 // no audio came from the party
	CauseLost        Cause = 41 // ended while out of sight
)

// refusal reports whether a person turned the call down (busy key, reject
// key), as against a phone that cannot be reached.
func (c Cause) refusal() bool {
	return c == CauseNormal || c == CauseBusy || c == CauseRejected
}

// unanswered reports whether the phone was reached and nobody took the call.
func (c Cause) unanswered() bool {
	return c == CauseNoAnswer || c == CauseNormal || c == CauseRejected
}
