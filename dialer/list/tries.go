package list

import (
	"context"
	"strconv"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// Try is an attempt at a lead that has ended.
type Try struct {
	Attempt callmodel.CallID
	Agent   string // who talked, or was shown the lead; empty: nobody
	Result  lead.Result
	At      time.Time // when it ended
}

// LastTries returns the attempts that gave leads the results that they have, by
// the leads' ids. Tries are kept for a time only, and a result may have come
// without one: such leads are left out.
func (s *Store) LastTries(ctx context.Context, leads []lead.Lead) (map[int64]Try, error) {
	if len(leads) == 0 {
		return nil, nil
	}
	results, ids := make(map[int64]lead.Result, len(leads)), make([]string, 0, len(leads))
	for i := range leads {
		if leads[i].Result != "" {
			results[leads[i].ID] = leads[i].Result
			ids = append(ids, strconv.FormatInt(leads[i].ID, 10))
		}
	}
	out := map[int64]Try{}
	err := s.db.Query(ctx, "list: tries", func(r port.Row) error {
		var id, at int64
		var attempt, result string
		var t Try
		if err := r.Scan(&id, &attempt, &t.Agent, &result, &at); err != nil {
			return err
		}
		call, err := callmodel.ParseID(attempt)
		if err != nil {
			return err
		}
		t.Attempt, t.Result, t.At = callmodel.CallID{ID: call}, lead.Result(result), fromMicros(at)
		if t.Result == results[id] { // the last one stays
			out[id] = t
		}
		return nil
	}, `SELECT tries.lead, tries.attempt, tries.agent, tries.result, tries.settled_us
		FROM LIST(?1) JOIN tries ON tries.lead = CAST(value AS BIGINT) WHERE tries.settled_us > 0 ORDER BY tries.settled_us`, texts(ids))
	return out, err
}
