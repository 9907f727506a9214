package ici

import (
	"slices"

	"strowger/switch/callmodel"
)

// liveItem is an item that the CRM knows and that has not ended.
type liveItem struct {
	call *callmodel.Call
	told PhoneCall // last; AttachedData is our own part alone
	data []callmodel.AttachedData
	next int      // what a consultation is meant for
	busy *busyEnd // not nil: it has ended in truth, and the CRM is shown that the line was busy
}

// compose is one party's part in a call as the CRM sees it; its AttachedData is
// our own part alone. old is the item as it was told last, nil for a new one.
// Who comes and where the call goes after a party has left is not shown to
// that party; the applications' data stay common to all.
func (t translator) compose(dir *directory, c *callmodel.Call, p *callmodel.Connection, st status, old *liveItem) PhoneCall {
	out := PhoneCall{
		LineNumber: Number(p.Device), CallHandle: p.ID.Hex(),
		CallStatus: CallStatus(st.call), ProcessingStatus: ProcessingStatus(st.processing),
		CapabilityList: t.capabilities(p, st),
	}
	if old != nil && p.State == callmodel.Ended {
		o := &old.told
		out.RemoteNumbers, out.DialedNumber, out.Inbound, out.Internal, out.AttachedData = o.RemoteNumbers, o.DialedNumber, o.Inbound, o.Internal, o.AttachedData
		return out
	}
	out.DialedNumber, out.Inbound, out.AttachedData = t.dialed(dir, c), !made(c, p) && c.Campaign == "", t.ownPart(dir, c, p)
	out.RemoteNumbers, out.Internal = t.remote(dir, c, p, st)
	return out
}

// remote lists the numbers of the other parties, and tells whether all of them
// are inside. While nobody rings it is the number that was dialled.
func (t translator) remote(dir *directory, c *callmodel.Call, p *callmodel.Connection, st status) (numbers []string, internal bool) {
	internal = true
	for _, q := range othersOf(c, p, st) {
		numbers = append(numbers, t.partyNumber(dir, c, q))
		internal = internal && q.Role == callmodel.RoleAgent
	}
	if len(numbers) > 0 {
		return numbers, internal
	}
	number := t.outside(dir, caller(c))
	if made(c, p) {
		number = t.dialed(dir, c)
	}
	return []string{number}, dir.inside[number]
}

// partyNumber is the number of a party to a call.
func (t translator) partyNumber(dir *directory, c *callmodel.Call, q *callmodel.Connection) string {
	if q.Role == callmodel.RoleCaller && q.Device == c.Caller {
		return t.outside(dir, caller(c))
	}
	return t.outside(dir, q.Device)
}

// othersOf returns the other parties: all who talk in a conference, its owner
// first; else the one who is, or was last, at the other end.
func othersOf(c *callmodel.Call, p *callmodel.Connection, st status) []*callmodel.Connection {
	if conference(c) && talks(p) {
		var all []*callmodel.Connection
		for i := range c.Conns {
			if q := &c.Conns[i]; q.ID != p.ID && talks(q) {
				all = append(all, q)
			}
		}
		slices.SortStableFunc(all, func(x, y *callmodel.Connection) int { return rank(x) - rank(y) })
		return all
	}
	if q := otherOf(c, p, st); q != nil {
		return []*callmodel.Connection{q}
	}
	return nil
}

func rank(p *callmodel.Connection) int {
	if p.Owner {
		return 0
	}
	return 1
}

func otherOf(c *callmodel.Call, p *callmodel.Connection, st status) *callmodel.Connection {
	if st.call == CallDialing && made(c, p) {
		return nil
	}
	var last *callmodel.Connection
	for i := range c.Conns {
		q := &c.Conns[i]
		switch offered := q.Role == callmodel.RoleAgent && !q.Maker && (q.State == callmodel.Initiated || q.State == callmodel.Alerting); {
		case q.ID == p.ID, offered && st.call != CallRinging:
		case q.State != callmodel.Ended:
			return q
		case last == nil || q.EndedAt > last.EndedAt:
			last = q
		}
	}
	return last
}
