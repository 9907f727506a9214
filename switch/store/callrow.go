package store

import (
	"database/sql"
	"encoding/json"
	"time"

	"strowger/switch/fault"
)

// visitRow is a [Visit] as it is stored.
type visitRow struct {
	Queue string `json:"q"`
	At    int64  `json:"at"`
	Left  int64  `json:"left,omitempty"`
	Agent string `json:"a,omitempty"`
}

// rowValues are the values of callTable's columns.
func rowValues(c Call) ([]any, error) {
	visits := make([]visitRow, len(c.Queues))
	for i, v := range c.Queues {
		visits[i] = visitRow{Queue: v.Queue, At: micros(v.At), Left: micros(v.Left), Agent: v.Agent}
	}
	lists := []any{visits, c.Agents, c.Dispositions}
	texts := make([]string, len(lists))
	for i, list := range lists {
		text, err := json.Marshal(list)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, "store: save call", c.ID, err)
		}
		if texts[i] = string(text); texts[i] == "null" {
			texts[i] = "[]"
		}
	}
	return []any{
		c.ID, c.Shard, int64(c.Seq), c.Number, c.Node, c.Dialled, c.Caller, c.QueueID, c.AgentID,
		micros(c.Started), micros(c.Answered), micros(c.Ended), c.Outcome, c.Cause,
		c.Wait.Milliseconds(), c.Talk.Milliseconds(), c.Wrap.Milliseconds(), c.ConfigVersion,
		c.Kind, c.DNISNumber, c.DNISEntry, c.DNISLabel, texts[0], texts[1], texts[2], flag(c.Success),
		c.CallbackID, c.ConsultOf, c.RootID, c.Estimate.Milliseconds(), c.Priority, c.Overflows, micros(c.LostFrom),
	}, nil
}

// scanCall reads a row of callTable's columns.
func scanCall(rows *sql.Rows) (Call, error) {
	var c Call
	var seq, started, answered, ended, wait, talk, wrap, estimate, lost int64
	var queues, agents, dispositions string
	err := rows.Scan(&c.ID, &c.Shard, &seq, &c.Number, &c.Node, &c.Dialled, &c.Caller, &c.QueueID, &c.AgentID,
		&started, &answered, &ended, &c.Outcome, &c.Cause, &wait, &talk, &wrap, &c.ConfigVersion,
		&c.Kind, &c.DNISNumber, &c.DNISEntry, &c.DNISLabel, &queues, &agents, &dispositions, &c.Success,
		&c.CallbackID, &c.ConsultOf, &c.RootID, &estimate, &c.Priority, &c.Overflows, &lost)
	if err != nil {
		return c, err
	}
	c.Seq, c.LostFrom = uint64(seq), fromMicros(lost)
	c.Started, c.Answered, c.Ended = fromMicros(started), fromMicros(answered), fromMicros(ended)
	c.Wait, c.Talk, c.Wrap, c.Estimate = millis(wait), millis(talk), millis(wrap), millis(estimate)
	return c, c.readLists(queues, agents, dispositions)
}

// readLists fills the lists; an empty one is nil.
func (c *Call) readLists(queues, agents, dispositions string) error {
	var visits []visitRow
	for _, l := range []struct {
		text string
		into any
	}{{queues, &visits}, {agents, &c.Agents}, {dispositions, &c.Dispositions}} {
		if l.text == "[]" {
			continue
		}
		if err := json.Unmarshal([]byte(l.text), l.into); err != nil {
			return fault.Wrap(fault.Internal, "store: list calls", c.ID, err)
		}
	}
	for _, v := range visits {
		c.Queues = append(c.Queues, Visit{Queue: v.Queue, At: fromMicros(v.At), Left: fromMicros(v.Left), Agent: v.Agent})
	}
	return nil
}

func millis(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
