package callmodel

import "strings"

// Op is an operation on a connection; OpSet is a set of them.
type Op uint32

// OpSet is a set of operations.
type OpSet uint32

// The operations, in the order in which they are listed.
const (
	OpAccept        Op = 1 << 0
	OpReject        Op = 1 << 1
	OpRequireWrapUp Op = 1 << 2
	OpEndWrapUp     Op = 1 << 3
	OpGetData       Op = 1 << 4
	OpSetData       Op = 1 << 5
	OpDrop          Op = 1 << 6
	OpHold          Op = 1 << 7
	OpRetrieve      Op = 1 << 8
	OpDeflect       Op = 1 << 9
	OpAlternate     Op = 1 << 10
	OpConsult       Op = 1 << 11
	OpTransfer      Op = 1 << 12
	OpConference    Op = 1 << 13
	OpReconnect     Op = 1 << 14
	OpBlindTransfer Op = 1 << 15
	OpDropParty     Op = 1 << 16
	OpDropAll       Op = 1 << 17
	OpMute          Op = 1 << 18
	OpPark          Op = 1 << 19
	OpPlay          Op = 1 << 20
	OpSendDigits    Op = 1 << 21
	OpDispose       Op = 1 << 22

	OpRecord         Op = 1 << 23
	OpPauseRecording Op = 1 << 24
)

var opNames = []struct {
	op   Op
	name string
}{
	{OpAccept, "accept"},
	{OpReject, "reject"},
	{OpRequireWrapUp, "require-wrap-up"},
	{OpEndWrapUp, "end-wrap-up"},
	{OpGetData, "get-data"},
	{OpSetData, "set-data"},
	{OpDrop, "drop"},
	{OpHold, "hold"},
	{OpRetrieve, "retrieve"},
	{OpDeflect, "deflect"},
	{OpAlternate, "alternate"},
	{OpConsult, "consult"},
	{OpTransfer, "transfer"},
	{OpConference, "conference"},
	{OpReconnect, "reconnect"},
	{OpBlindTransfer, "blind-transfer"},
	{OpDropParty, "drop-party"},
	{OpDropAll, "drop-all"},
	{OpMute, "mute"},
	{OpPark, "park"},
	{OpPlay, "play"},
	{OpSendDigits, "send-digits"},
	{OpDispose, "dispose"},
	{OpRecord, "start-recording"},
	{OpPauseRecording, "pause-recording"},
}

// Has reports whether op is in the set.
func (s OpSet) Has(op Op) bool { return s&OpSet(op) != 0 }

func setOf(ops ...Op) OpSet {
	var s OpSet
	for _, o := range ops {
		s |= OpSet(o)
	}
	return s
}

// Names lists the operations, always in the same order.
func (s OpSet) Names() []string {
	out := make([]string, 0, len(opNames))
	for _, n := range opNames {
		if s.Has(n.op) {
			out = append(out, n.name)
		}
	}
	return out
}

// String joins Names with commas.
func (s OpSet) String() string { return strings.Join(s.Names(), ",") }

// always are the operations that every live item has.
const always = OpSet(OpGetData | OpSetData)

// talking are the operations of a party who is in a conversation, on hold or not.
const talking = always | OpSet(OpRequireWrapUp|OpDrop|OpDropAll|OpDispose)

// Capabilities is the one table of what can be done with an agent's
// connection now: state and station decide, every dialect and every button
// derives from it (DESIGN.md 3). A command outside it is refused.
func Capabilities(c *Connection) OpSet {
	if c.Role != RoleAgent {
		return 0
	}
	switch c.State {
	case Initiated:
		return initiatedOps(c)
	case Alerting:
		if c.Accepted {
			return always | setOf(OpReject, OpDrop)
		}
		ops := always | setOf(OpReject, OpDeflect)
		if c.Knock || !Impossible(c.Station.Mode).Has(OpAccept) {
			ops |= setOf(OpAccept)
		}
		return ops
	case Connected:
		return connectedOps(c) | recordOps(c)
	case Hold:
		ops := talking | partnerOps(c) | recordOps(c)
		if !c.ByPhone {
			ops |= setOf(OpRetrieve)
			if c.Partner.IsZero() {
				ops |= setOf(OpConsult)
			}
		}
		return ops
	case Held:
		ops := talking | setOf(OpSendDigits) | partnerOps(c) | recordOps(c)
		if c.Partner.IsZero() {
			ops |= setOf(OpConsult)
		}
		return ops
	case Ended:
		if c.Processing == WrapUp {
			return always | setOf(OpEndWrapUp, OpDrop, OpDispose)
		}
	case Queued:
	}
	return 0
}

// initiatedOps are those of a connection that does not ring or talk yet: an
// offer on its way to the phone, or the maker of a call.
func initiatedOps(c *Connection) OpSet {
	switch {
	case c.Maker && c.Consult:
		return always | setOf(OpDrop, OpDropAll, OpReconnect, OpTransfer)
	case c.Maker:
		return always | setOf(OpDrop, OpDropAll)
	}
	return always | setOf(OpReject)
}

func connectedOps(c *Connection) OpSet {
	ops := talking | setOf(OpHold, OpMute, OpPlay, OpSendDigits)
	if c.Partner.IsZero() {
		ops |= setOf(OpConsult)
	}
	if c.Conference {
		return ops | setOf(OpDropParty)
	}
	return ops | setOf(OpBlindTransfer, OpPark) | partnerOps(c)
}

// partnerOps are those that need the line's other call.
func partnerOps(c *Connection) OpSet {
	if c.Partner.IsZero() {
		return 0
	}
	return setOf(OpAlternate, OpTransfer, OpConference, OpReconnect)
}

// recordOps are those about the recording of the conversation.
func recordOps(c *Connection) OpSet {
	var ops OpSet
	if c.MayRecord {
		ops |= setOf(OpRecord)
	}
	if c.Recorded {
		ops |= setOf(OpPauseRecording)
	}
	return ops
}

// Impossible lists what a station can never do, whatever the state: Asterisk
// cannot lift a desk phone's handset.
func Impossible(m AnswerMode) OpSet {
	if m == Handset {
		return setOf(OpAccept)
	}
	return 0
}
