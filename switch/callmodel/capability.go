package callmodel

import "strings"

// Op is an operation on a connection; OpSet is a set of them.
type Op uint16

// OpSet is a set of operations.
type OpSet uint16

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

// Capabilities is the one table of what can be done with an agent's
// connection now: state and station decide, every dialect and every button
// derives from it (DESIGN.md 3). A command outside it is refused.
func Capabilities(c *Connection) OpSet {
	if c.Role != RoleAgent {
		return 0
	}
	switch c.State {
	case Initiated:
		return setOf(OpReject, OpGetData, OpSetData)
	case Alerting:
		if c.Accepted {
			return setOf(OpReject, OpDrop, OpGetData, OpSetData)
		}
		return setOf(OpAccept, OpReject, OpGetData, OpSetData) &^ Impossible(c.Station.Mode)
	case Connected:
		return setOf(OpRequireWrapUp, OpGetData, OpSetData, OpDrop, OpHold)
	case Hold:
		if c.ByPhone {
			return setOf(OpRequireWrapUp, OpGetData, OpSetData, OpDrop)
		}
		return setOf(OpRequireWrapUp, OpGetData, OpSetData, OpDrop, OpRetrieve)
	case Held:
		return setOf(OpRequireWrapUp, OpGetData, OpSetData, OpDrop)
	case Ended:
		if c.Processing == WrapUp {
			return setOf(OpEndWrapUp, OpGetData, OpSetData, OpDrop)
		}
	case Queued:
	}
	return 0
}

// Impossible lists what a station can never do, whatever the state: Asterisk
// cannot lift a desk phone's handset.
func Impossible(m AnswerMode) OpSet {
	if m == Handset {
		return setOf(OpAccept)
	}
	return 0
}
