package controller

import (
	"slices"
	"strings"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/port"
	"strowger/switch/store"
)

// callRow is the record of an ended call. Instants become calendar times by
// their distance from the event, whose time is known both ways. It depends on
// the event alone: rows that are made again from the journal are the same.
func callRow(e port.Stamped) store.Call {
	c := e.Call
	wall := func(t callmodel.Instant) time.Time {
		if t == 0 {
			return time.Time{}
		}
		return e.Wall.Add(-e.At.Sub(t))
	}
	row := store.Call{
		ID: c.ID.String(), Shard: shard, Seq: e.Seq, Number: c.Number, Node: string(c.Node), Dialled: c.Dialled, Caller: c.Caller,
		QueueID: string(c.Queue), Started: wall(c.ArrivedAt), Answered: wall(c.TalkingAt), Ended: wall(c.OverAt),
		Outcome: string(c.Outcome), Cause: int(c.CallerConn().Cause), ConfigVersion: int64(c.Config),
		Kind: string(c.Kind), CallbackID: id(c.Callback.ID), ConsultOf: id(c.ConsultOf.ID), RootID: id(c.Root.ID),
		Wait: waited(c), Estimate: max(c.Estimate, 0), Priority: c.Priority, Overflows: c.Overflows,
	}
	if p := c.CallerConn(); p.Cause == callmodel.CauseLost {
		row.LostFrom = wall(max(p.SeenAt, c.LostFrom))
	}
	if c.TalkingAt != 0 {
		row.Talk = max(c.OverAt.Sub(c.TalkingAt), 0)
	}
	if d := c.DNIS; d != nil {
		row.DNISNumber, row.DNISEntry, row.DNISLabel = short(d.Number), d.Entry, short(d.Label)
	}
	for _, v := range c.Queues {
		row.Queues = append(row.Queues, store.Visit{Queue: string(v.Queue), At: wall(v.At), Left: wall(v.Left), Agent: string(v.Agent)})
	}
	agentsOf(c, &row)
	return row
}

// id is empty where there is none.
func id(of callmodel.ID) string {
	if of.IsZero() {
		return ""
	}
	return of.String()
}

// waited is the time in queues until an agent answered, or until it was over.
// Between two queues, as in a menu, the call does not wait.
func waited(c *callmodel.Call) time.Duration {
	var sum time.Duration
	for _, v := range c.Queues {
		left := v.Left
		if left == 0 {
			left = c.OverAt
		}
		sum += max(left.Sub(v.At), 0)
	}
	return sum
}

// agentsOf adds who has talked and what they said of the call afterwards.
func agentsOf(c *callmodel.Call, row *store.Call) {
	var talked []*callmodel.Connection
	for i := range c.Conns {
		if p := &c.Conns[i]; p.Role == callmodel.RoleAgent && p.ConnectedAt != 0 {
			talked = append(talked, p)
		}
	}
	slices.SortStableFunc(talked, func(a, b *callmodel.Connection) int { return int(a.ConnectedAt - b.ConnectedAt) })
	for _, p := range talked {
		row.AgentID = string(p.Agent)
		row.Agents = with(row.Agents, string(p.Agent))
		for _, code := range p.Codes {
			row.Dispositions = with(row.Dispositions, code)
		}
		row.Success = row.Success || p.Success
		if p.WrapUpEnd != 0 {
			row.Wrap += max(p.WrapUpEnd.Sub(p.EndedAt), 0)
		}
	}
}

// with adds what is not there yet, as long as there is room in a row.
func with(list []string, text string) []string {
	if slices.Contains(list, text) || len(list) == store.MaxRowList {
		return list
	}
	return append(list, text)
}

// short cuts what a PBX has sent, so that it cannot keep a row out of the database.
func short(text string) string {
	const most = 128
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}
