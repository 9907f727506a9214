package list

import (
	"context"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// provenDays is on how many days the network must say that a number does not
// exist before it is closed.
const provenDays = 2

// Bounds of the column rank: due call-backs, then priorities, then tries.
const (
	maxPriority     = 255
	defaultPriority = 100
	freshRank       = 256 // within a priority, of a lead without tries
	maxRankTries    = 255
)

// rankOf orders leads: lower is called first.
func rankOf(priority, tries int, fresh bool) int64 {
	tries = min(tries, maxRankTries)
	if !fresh {
		tries = -tries
	}
	return int64(maxPriority-priority+1)*1024 + int64(freshRank+tries)
}

// callbackRank is before all others.
const callbackRank = 0

// maxBatch bounds how many attempts are settled or released at once.
const maxBatch = 2000

func checkBatch(op string, n int) error {
	if n > maxBatch {
		return fault.Newf(fault.Invalid, op, "", "%d at once, at most %d", n, maxBatch)
	}
	return nil
}

// Release gives claimed leads back of which nothing was dialled. What is
// settled or released already stays as it is.
func (s *Store) Release(ctx context.Context, list []lead.Release) error {
	const op = "list: release"
	if err := checkBatch(op, len(list)); err != nil || len(list) == 0 {
		return err
	}
	return s.db.Update(ctx, op, "", func(ctx context.Context, tx port.Tx) error {
		for _, x := range list {
			id, _, err := openTry(ctx, tx, x.Attempt)
			if err != nil {
				return err
			}
			if id == 0 {
				continue
			}
			if _, err := tx.Put(ctx, `DELETE FROM tries WHERE attempt = ?`, x.Attempt.String()); err != nil {
				return err
			}
			state, next := lead.Ready, int64(0)
			if !x.Until.IsZero() {
				state, next = lead.Later, micros(x.Until)
			}
			_, err = tx.Put(ctx, `UPDATE leads SET state = ?3, next_us = CASE WHEN CAST(?4 AS BIGINT) = 0 THEN next_us ELSE ?4 END,
				waits = CASE WHEN callback_us > 0 THEN 'callback' ELSE 'retry' END, attempt = '' WHERE id = ?1 AND attempt = ?2`,
				id, x.Attempt.String(), int64(state), next)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// openTry returns the lead and the number of a try that is neither settled nor
// released; 0 if there is none.
func openTry(ctx context.Context, tx port.Tx, attempt callmodel.CallID) (id int64, number string, err error) {
	err = tx.Query(ctx, func(r port.Row) error { return r.Scan(&id, &number) }, `SELECT lead, number FROM tries WHERE attempt = ? AND settled_us = 0`, attempt.String())
	return id, number, err
}

// Settle writes how attempts ended. An attempt that is settled already, or was
// released, stays as it is, so it may be told again after a restart.
func (s *Store) Settle(ctx context.Context, list []lead.Settled) error {
	const op = "list: settle"
	if err := checkBatch(op, len(list)); err != nil || len(list) == 0 {
		return err
	}
	for _, x := range list {
		if x.Result == "" || x.At.IsZero() || !plain(string(x.Result)+x.Agent+x.Code+x.Agreed, maxSource) || !plain(x.Source, maxSource) {
			return fault.New(fault.Invalid, op, x.Attempt.String(), "an attempt is settled with a result and when it ended")
		}
		if err := checkScope(op, x.DoNotCall); x.DoNotCall != "" && err != nil {
			return err
		}
	}
	var fresh map[string]int64
	err := s.db.Update(ctx, op, "", func(ctx context.Context, tx port.Tx) error {
		fresh = map[string]int64{}
		for i := range list {
			if err := s.settle(ctx, tx, &list[i], fresh); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.committed(fresh)
	}
	return err
}

func (s *Store) settle(ctx context.Context, tx port.Tx, x *lead.Settled, fresh map[string]int64) error {
	id, number, err := openTry(ctx, tx, x.Attempt)
	if err != nil || id == 0 {
		return err
	}
	_, err = tx.Put(ctx, `UPDATE tries SET settled_us = ?2, seq = ?3, counted = ?4, locked_us = ?5, result = ?6, agent = ?7, code = ?8 WHERE attempt = ?1`,
		x.Attempt.String(), micros(x.At), int64(x.Seq), flag(x.Counted), micros(x.Locked), string(x.Result), x.Agent, x.Code)
	if err != nil {
		return err
	}
	if x.DoNotCall != "" {
		if _, err := putEntry(ctx, tx, Entry{Number: number, Scope: x.DoNotCall, Source: x.Source, By: x.Agent, At: x.At}); err != nil {
			return err
		}
	}
	rows, err := s.load(ctx, tx.Query, []int64{id}, x.At)
	if err != nil || len(rows) == 0 || rows[0].Attempt != x.Attempt {
		return err // the lead is gone, or has become another's
	}
	if err := s.closeNumber(ctx, tx, rows[0], number, x); err != nil {
		return err
	}
	place, err := s.agreedAt(ctx, tx, rows[0], x, fresh)
	if err != nil {
		return err
	}
	return settleLead(ctx, tx, rows[0], x, place)
}

// closeNumber notes what the network has said about the number that was dialled;
// the lead's numbers may have been changed meanwhile.
func (s *Store) closeNumber(ctx context.Context, tx port.Tx, x *row, dialled string, e *lead.Settled) error {
	for i := range x.Numbers {
		n := &x.Numbers[i]
		if n.E164 != dialled || !e.Close && !e.Proof {
			continue
		}
		if e.Proof {
			// A day counts once: a fault of a carrier's tables is often over the next day.
			changed, err := tx.Put(ctx, `UPDATE lead_numbers SET proofs = proofs + 1, proof_us = ?3 WHERE lead = ?1 AND n = ?2 AND proof_us <= ?4`,
				x.ID, int64(n.N), micros(e.At), micros(e.At.Add(-day/2)))
			if err != nil {
				return err
			}
			n.Proofs += int(changed)
		}
		if e.Close || n.Proofs >= provenDays {
			n.Closed = string(e.Result)
			if _, err := tx.Put(ctx, `UPDATE lead_numbers SET closed = ?3 WHERE lead = ?1 AND n = ?2`, x.ID, int64(n.N), n.Closed); err != nil {
				return err
			}
		}
	}
	return nil
}

// settleLead says what becomes of the lead. place is that of the number to call next.
func settleLead(ctx context.Context, tx port.Tx, x *row, e *lead.Settled, place int) error {
	tries := x.Attempts
	if e.Counted {
		tries++
	}
	state, waits, rank, agent := lead.Done, "", rankOf(x.Priority, tries, e.Fresh), x.Owner
	next, promised := x.numberFor(place), e.Callback
	if promised.At.IsZero() && !e.Counted && !e.Next.IsZero() {
		promised = x.Callback // the call that was agreed has not been made
	}
	if !e.Next.IsZero() && next != nil {
		state, waits = lead.Later, string(lead.WaitsRetry)
		if !e.Next.After(e.At) {
			state = lead.Ready
		}
		if !promised.At.IsZero() {
			waits, rank = string(lead.WaitsCallback), callbackRank
			if promised.Agent != "" {
				agent = promised.Agent
			}
		}
	}
	at, zones := x.At, x.zones
	if next != nil {
		at, zones = next.N, next.Set.No
	}
	_, err := tx.Put(ctx, `UPDATE leads SET state = ?3, waits = ?4, next_us = ?5, rank = ?6, agent = ?7, attempts = ?8, at_number = ?9, zones = ?10,
		callback_us = ?11, callback_agent = ?12, callback_mine = ?13, attempt = '', seq = ?14, result = ?15, result_us = ?16 WHERE id = ?1 AND attempt = ?2`,
		x.ID, e.Attempt.String(), int64(state), waits, micros(e.Next), rank, agent, int64(tries), int64(at), zones,
		micros(promised.At), promised.Agent, flag(promised.Mine), int64(e.Seq), string(e.Result), micros(e.At))
	return err
}

// numberFor returns the open number at a place, or the next open one after it, round and round.
func (x *row) numberFor(place int) *lead.Number {
	var first, after *lead.Number
	for i := range x.Numbers {
		n := &x.Numbers[i]
		switch {
		case n.Closed != "":
		case n.N == place:
			return n
		case n.N > place && after == nil:
			after = n
		case first == nil:
			first = n
		}
	}
	if after != nil {
		return after
	}
	return first
}

// Taken returns the attempts of a campaign that are neither settled nor
// released, with their leads, oldest first; of all campaigns if it is empty.
// Whoever starts after a crash asks for them.
func (s *Store) Taken(ctx context.Context, campaign string, now time.Time) (out []lead.Claimed, err error) {
	const op = "list: open attempts"
	var ids []int64
	var numbers []string
	err = s.db.Query(ctx, op, func(r port.Row) error {
		var attempt, number string
		var id int64
		if err := r.Scan(&attempt, &id, &number); err != nil {
			return err
		}
		parsed, err := callmodel.ParseID(attempt)
		out = append(out, lead.Claimed{Attempt: callmodel.CallID{ID: parsed}, Lead: lead.Lead{ID: id}, Number: lead.Number{E164: number}})
		ids, numbers = append(ids, id), append(numbers, number)
		return err
	}, `SELECT attempt, lead, number FROM tries WHERE settled_us = 0 AND (?1 = '' OR campaign = ?1) ORDER BY claimed_us, attempt`, campaign)
	if err != nil {
		return nil, err
	}
	rows, err := s.load(ctx, s.ask(op), ids, now)
	if err != nil {
		return nil, err
	}
	byID := map[int64]*row{}
	for _, x := range rows {
		byID[x.ID] = x
	}
	for i := range out {
		x := byID[out[i].Lead.ID]
		if x == nil {
			continue // it is gone; its attempt must be settled all the same
		}
		out[i].Lead = x.Lead
		for _, n := range x.Numbers {
			if n.E164 == numbers[i] {
				out[i].Number = n
			}
		}
	}
	return out, nil
}

// wakeRows is how many leads one transaction of [Store.Wake] makes ready.
const wakeRows = 5000

// Wake makes leads ready whose time has come, and tells whether there are more.
func (s *Store) Wake(ctx context.Context, now time.Time) (n int64, more bool, err error) {
	const op = "list: wake"
	due := int64(0)
	err = s.db.Query(ctx, op, func(r port.Row) error { return r.Scan(&due) }, `SELECT COUNT(*) FROM (SELECT 1 FROM leads WHERE state = 1 AND next_us <= ? LIMIT 1) AS due`, micros(now))
	if err != nil || due == 0 {
		return 0, false, err // most of the time: no turn to write is taken
	}
	err = s.db.Update(ctx, op, "", func(ctx context.Context, tx port.Tx) (err error) {
		n, err = tx.Exec(ctx, `UPDATE leads SET state = 0 WHERE id IN (SELECT id FROM leads WHERE state = 1 AND next_us <= ?1 LIMIT ?2)`, micros(now), int64(wakeRows))
		return err
	})
	return n, n == wakeRows, err
}

// Forget deletes settled tries from before a time, some at a time. Keep at least
// 31 days: caps count them.
func (s *Store) Forget(ctx context.Context, before time.Time) (n int64, err error) {
	const op = "list: forget tries"
	const old = `SELECT attempt FROM tries WHERE claimed_us < ?1 AND settled_us > 0 AND locked_us < ?1 LIMIT ?2`
	found := false
	err = s.db.Query(ctx, op, func(r port.Row) error {
		var attempt string
		found = true
		return r.Scan(&attempt)
	}, old, micros(before), int64(1))
	if err != nil || !found {
		return 0, err // most of the time: no turn to write is taken
	}
	err = s.db.Update(ctx, op, "", func(ctx context.Context, tx port.Tx) (err error) {
		n, err = tx.Exec(ctx, `DELETE FROM tries WHERE attempt IN (`+old+`)`, micros(before), int64(wakeRows))
		return err
	})
	return n, err
}
