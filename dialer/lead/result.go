package lead

// Result is how an attempt ended, as rules see it.
type Result string

// The results of an attempt.
const (
	Busy            Result = "busy"
	NoAnswer        Result = "no-answer"
	TempUnavailable Result = "temp-unavailable"
	NoResponse      Result = "no-response" // the far end says nothing at all
	InvalidNumber   Result = "invalid"     // no such number, says the network
	NumberChanged   Result = "changed"
	Rejected        Result = "rejected"
	Unwanted        Result = "unwanted" // the network says that the called party does not want us
	TrunkFailed     Result = "trunk"    // our side's or the carrier's trouble: no lead is to blame
	MediaFailed     Result = "media"    // our side's: no common codec
	ProtocolFailed  Result = "protocol" // our side's: the carrier does not understand us
	Machine         Result = "machine"
	Fax             Result = "fax"
	SITTone         Result = "sit-tone"
	ShortAnswer     Result = "short-answer" // gone within two seconds
	Dropped         Result = "dropped"      // a person answered and got no agent in time
	Abandoned       Result = "abandoned"    // a person hung up before their time was over
	Talked          Result = "talked"
	Message         Result = "message" // heard the message that there is no agent for
	OptOut          Result = "opt-out" // pressed the key of no more calls
	Skipped         Result = "skipped" // by the agent; they are shown again later
	AgentRejected   Result = "agent-rejected"
	UnknownEnd      Result = "unknown" // there is no evidence of how it ended
	NotStarted      Result = "not-started"
	Cancelled       Result = "cancelled"
)

// Why a lead, or a number, is not called any more without an attempt.
const (
	OnDoNotCall Result = "do-not-call"
	PastItsTime Result = "not-after"
	CapReached  Result = "cap-lead"
	WithoutOK   Result = "no-consent"
	NoNumbers   Result = "no-number"
	ByHand      Result = "by-hand" // somebody said so
)

// Results are all results of attempts.
func Results() []Result {
	return []Result{
		Busy, NoAnswer, TempUnavailable, NoResponse, InvalidNumber, NumberChanged, Rejected, Unwanted, TrunkFailed, MediaFailed, ProtocolFailed,
		Machine, Fax, SITTone, ShortAnswer, Dropped, Abandoned, Talked, Message, OptOut, Skipped, AgentRejected, UnknownEnd, NotStarted, Cancelled,
	}
}
