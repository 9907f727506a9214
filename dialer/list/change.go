package list

import (
	"context"
	"maps"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// change writes what a row says about a lead that is there: what it does not
// say stays as it is. Its tries and its result stay too, but new numbers, a
// consent or a later end let it be judged anew if it was left out for the lack of them.
func (c *chunk) change(ctx context.Context, id int64, r *ready) error {
	rows, err := c.s.load(ctx, c.tx.Query, []int64{id}, c.now)
	if err != nil || len(rows) == 0 {
		return err
	}
	x := rows[0]
	if len(r.numbers) > 0 {
		if err := c.changeNumbers(ctx, x, r); err != nil {
			return err
		}
	}
	if r.Name != "" {
		x.Name = r.Name
	}
	if r.Owner != "" {
		if x.agent == x.Owner {
			x.agent = r.Owner
		}
		x.Owner = r.Owner
	}
	if r.Priority != nil {
		x.Priority = *r.Priority
	}
	if !r.NotBefore.IsZero() {
		x.NotBefore = r.NotBefore
	}
	if !r.NotAfter.IsZero() {
		x.NotAfter = r.NotAfter
	}
	c.changeConsent(x, r)
	if len(r.Fields) > 0 {
		if x.Fields == nil {
			x.Fields = map[string]string{}
		}
		maps.Copy(x.Fields, r.Fields)
	}
	if !r.Callback.At.IsZero() {
		x.promise(r.Callback)
	}
	if x.State == lead.Excluded && reconsidered(x.Result) {
		x.State, x.Result = lead.Ready, ""
	}
	c.out.changed++
	return c.save(ctx, x)
}

// changeConsent: a source alone is a consent only where neither a consent nor a
// refusal is on record.
func (c *chunk) changeConsent(x *row, r *ready) {
	given := r.Consent
	if given == nil && r.ConsentSource != "" && x.ConsentSource == "" && x.ConsentAt.IsZero() {
		given = new(true)
	}
	if given != nil {
		x.consent(*given, r.ConsentSource, r.ConsentAt, c.now)
	}
}

// consent puts on record what somebody has said, and where; without a source it
// is the one that is on record.
func (x *row) consent(given bool, source string, at, now time.Time) {
	x.Consent, x.ConsentAt = given, at
	if source != "" {
		x.ConsentSource = source
	}
	if x.ConsentAt.IsZero() {
		x.ConsentAt = now
	}
}

// promise makes an agreed call the next one, unless the lead is being called.
func (x *row) promise(cb lead.Callback) {
	x.Callback = cb
	if x.State == lead.Taken {
		return // what that call's end says comes later, and counts
	}
	x.State, x.waits, x.NextAt = lead.Later, lead.WaitsCallback, cb.At
	if x.agent = x.Owner; cb.Agent != "" {
		x.agent = cb.Agent
	}
}

// changeNumbers replaces the numbers; of those that stay, what is known stays,
// and their place too if the row does not name one.
func (c *chunk) changeNumbers(ctx context.Context, x *row, r *ready) error {
	known, proved := map[string]lead.Number{}, map[string]int64{}
	for _, n := range x.Numbers {
		known[n.E164] = n
	}
	err := c.tx.Query(ctx, func(r port.Row) error {
		var number string
		var at int64
		err := r.Scan(&number, &at)
		proved[number] = at
		return err
	}, `SELECT number, proof_us FROM lead_numbers WHERE lead = ?`, x.ID)
	if err != nil {
		return err
	}
	if _, err := c.tx.Put(ctx, `DELETE FROM lead_numbers WHERE lead = ?`, x.ID); err != nil {
		return err
	}
	next, _ := x.Number()
	x.Numbers, x.At = nil, 0
	for i, n := range r.numbers {
		have, stays := known[n.e164]
		set := have.Set.No
		if !stays || r.Zone != "" || r.Region != "" {
			if set, err = c.s.setNo(ctx, c.tx, n.zones, n.state, c.fresh); err != nil {
				return err
			}
		}
		_, err = c.tx.Put(ctx, `INSERT INTO lead_numbers (lead, n, number, kind, zones, closed, proofs, proof_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			x.ID, int64(i), n.e164, int64(n.kind), set, have.Closed, int64(have.Proofs), proved[n.e164])
		if err != nil {
			return err
		}
		if n.e164 == next.E164 || i == 0 {
			x.At, x.zones = i, set
		}
	}
	return nil
}

func (c *chunk) save(ctx context.Context, x *row) error {
	fields := ""
	if len(x.Fields) > 0 {
		fields = encode(x.Fields)
	}
	if len(x.Fields) > maxFields {
		return fault.Newf(fault.Invalid, "list: change lead", x.Ref, "it would have %d fields, at most %d", len(x.Fields), maxFields)
	}
	// Whoever calls it has the attempt; state and place are his until he settles it.
	_, err := c.tx.Put(ctx, `UPDATE leads SET zones = ?2, agent = ?3, priority = ?4, rank = CASE WHEN rank = 0 OR CAST(?18 AS BIGINT) = 1 THEN 0 ELSE rank + (priority - ?4) * 1024 END,
		waits = ?5, next_us = ?6, not_before_us = ?7, not_after_us = ?8, callback_us = ?9, callback_agent = ?10, callback_mine = ?11, owner = ?12,
		at_number = ?13, result = ?14, consent = ?15, consent_source = ?16, consent_us = ?17, name = ?19, fields = ?20, state = ?21 WHERE id = ?1`,
		x.ID, x.zones, x.agent, int64(x.Priority), string(x.waits), micros(x.NextAt), micros(x.NotBefore), micros(x.NotAfter), micros(x.Callback.At),
		x.Callback.Agent, flag(x.Callback.Mine), x.Owner, int64(x.At), string(x.Result), flag(x.Consent), x.ConsentSource, micros(x.ConsentAt),
		flag(!x.Callback.At.IsZero() && x.State == lead.Later), x.Name, fields, int64(x.State))
	return err
}

// maxAppend is how many leads one call appends, changes or deletes; more come as a file.
const maxAppend = 1000

// Appended is what became of leads that were appended.
type Appended struct {
	Made    int64
	Changed int64
	Twice   int64 // left out: there already
	Blocked int64 // of Made: nobody may call them
	Bad     []Bad
}

// Bad is a row that was left out.
type Bad struct {
	Line   int64 // of a file; of a list its place, from 1
	Column string
	Reason string
}

// Append adds leads to a list. do says what a lead that is there already means,
// the list's own policy if it is empty. A row with an error is left out and
// told; the others are written in one transaction.
func (s *Store) Append(ctx context.Context, list string, rows []Row, do string, now time.Time) (Appended, error) {
	return s.appendRows(ctx, "list: append", list, rows, now, func(_ context.Context, c *chunk, _ []ready) (err error) {
		c.list.Policy, err = c.list.Policy.with(do)
		return err
	})
}

// Put adds leads to a list, or changes those of its leads that have the same
// ref. The list's policy holds for the rest: one that refuses duplicates
// refuses them here too, and numbers that are there are no reason to change a lead.
func (s *Store) Put(ctx context.Context, list string, rows []Row, now time.Time) (Appended, error) {
	return s.appendRows(ctx, "list: put", list, rows, now, func(_ context.Context, c *chunk, _ []ready) error {
		c.known = true
		return nil
	})
}

// Renew adds leads to a list or changes those of its leads that have the same
// ref, but one that is over begins anew, without its results. Those stay where
// the row that comes has an error.
func (s *Store) Renew(ctx context.Context, list string, rows []Row, now time.Time) (Appended, error) {
	return s.appendRows(ctx, "list: renew", list, rows, now, func(ctx context.Context, c *chunk, good []ready) error {
		refs := make([]string, 0, len(good))
		for i := range good {
			refs = append(refs, good[i].Ref)
		}
		c.list.Policy.Do = DoUpdate
		const these = `SELECT leads.id FROM LIST(?1) CROSS JOIN leads WHERE leads.list = ?2 AND leads.ref = value AND leads.state IN (?3, ?4)`
		for _, stmt := range []string{`DELETE FROM lead_numbers WHERE lead IN (` + these + `)`, `DELETE FROM leads WHERE id IN (` + these + `)`} {
			if _, err := c.tx.Exec(ctx, stmt, texts(refs), c.list.No, int64(lead.Done), int64(lead.Excluded)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) appendRows(ctx context.Context, op, list string, rows []Row, now time.Time, begin func(context.Context, *chunk, []ready) error) (Appended, error) {
	if len(rows) > maxAppend {
		return Appended{}, fault.Newf(fault.Invalid, op, clip(list, maxID), "%d leads at once, at most %d: import a file", len(rows), maxAppend)
	}
	plan := s.plan()
	var good []ready
	var bad []badRow
	for i, r := range rows {
		if r.Line == 0 {
			r.Line = int64(i) + 1
		}
		g, b := s.prepare(plan, r)
		if b != nil {
			bad = append(bad, *b)
			continue
		}
		good = append(good, g)
	}
	out, err := s.write(ctx, op, list, now, func(ctx context.Context, c *chunk) error {
		if err := begin(ctx, c, good); err != nil {
			return err
		}
		return c.put(ctx, good)
	})
	if err != nil {
		return Appended{}, err
	}
	a := Appended{Made: out.made, Changed: out.changed, Twice: out.twice, Blocked: out.blocked}
	for _, b := range append(bad, out.bad...) {
		a.Bad = append(a.Bad, Bad{b.line, b.column, b.reason})
	}
	return a, nil
}

// write runs do on a list in one transaction.
func (s *Store) write(ctx context.Context, op, list string, now time.Time, do func(context.Context, *chunk) error) (outcome, error) {
	var c *chunk
	err := s.db.Update(ctx, op, list, func(ctx context.Context, tx port.Tx) error {
		l, err := s.listIn(ctx, tx.Query, list)
		if err != nil {
			return err
		}
		c = &chunk{s: s, tx: tx, list: l, now: now, fresh: map[string]int64{}}
		return do(ctx, c)
	})
	if err != nil {
		return outcome{}, err
	}
	s.committed(c.fresh)
	return c.out, nil
}

// Delete deletes leads of a list by their refs. Errors: Conflict if one of them is
// being called; then none is deleted. Refs that are not there are no error.
func (s *Store) Delete(ctx context.Context, list string, refs []string, now time.Time) (n int64, err error) {
	const op = "list: delete leads"
	if len(refs) > maxAppend {
		return 0, fault.Newf(fault.Invalid, op, clip(list, maxID), "%d leads at once, at most %d", len(refs), maxAppend)
	}
	_, err = s.write(ctx, op, list, now, func(ctx context.Context, c *chunk) error {
		taken := int64(0)
		const these = `SELECT leads.id FROM LIST(?1) CROSS JOIN leads WHERE leads.list = ?2 AND leads.ref = value`
		err := c.tx.Query(ctx, func(r port.Row) error { return r.Scan(&taken) }, `SELECT COUNT(*) FROM leads WHERE state = 2 AND id IN (`+these+`)`, texts(refs), c.list.No)
		if err != nil {
			return err
		}
		if taken > 0 {
			return fault.Newf(fault.Conflict, op, list, "%d of them are being called; try again when that is over", taken)
		}
		if _, err := c.tx.Exec(ctx, `DELETE FROM lead_numbers WHERE lead IN (`+these+`)`, texts(refs), c.list.No); err != nil {
			return err
		}
		n, err = c.tx.Exec(ctx, `DELETE FROM leads WHERE id IN (`+these+`)`, texts(refs), c.list.No)
		return err
	})
	return n, err
}
