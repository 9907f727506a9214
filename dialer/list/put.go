package list

import (
	"context"
	"fmt"
	"strings"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/port"
)

// outcome is what became of some rows.
type outcome struct {
	made, changed  int64
	twice, blocked int64
	bad            []badRow
	first, last    int64 // leads that were made; 0: none
}

// chunk is the writing of some rows, in one transaction.
type chunk struct {
	s      *Store
	tx     port.Tx
	list   List
	known  bool // a row whose ref is there changes that lead, whatever the list says of skipping
	now    time.Time
	imp    int64 // import, or 0
	hidden bool  // until the import is complete
	fresh  map[string]int64
	out    outcome

	byRef  map[string]int64 // leads that are there
	byNum  map[string]int64
	barred map[string]bool // numbers that nobody may call
}

// put writes rows by the policy of their list.
func (c *chunk) put(ctx context.Context, rows []ready) error {
	if err := c.look(ctx, rows); err != nil {
		return err
	}
	make := rows[:0:0]
	for i := range rows {
		r := &rows[i]
		have, found := c.byRef[r.Ref]
		column, do := "ref", c.list.Policy.Do
		if found && c.known && do == DoSkip {
			do = DoUpdate
		}
		if !found && c.list.Policy.By == ByNumber {
			have, found = c.numberTaken(r)
			column = "number"
		}
		switch {
		case !found:
			c.byRef[r.Ref] = beingMade
			for _, n := range r.numbers {
				c.byNum[n.e164] = beingMade
			}
			make = append(make, *r)
		case do == DoRefuse:
			c.out.bad = append(c.out.bad, badRow{r.Line, column, fmt.Sprintf("there already: %s", clip(r.Ref, maxRef))})
		case do == DoUpdate && have != beingMade:
			if err := c.change(ctx, have, r); err != nil {
				return err
			}
		default:
			c.out.twice++
		}
	}
	return c.insert(ctx, make)
}

// beingMade marks a lead of the same chunk.
const beingMade = -1

func (c *chunk) numberTaken(r *ready) (int64, bool) {
	for _, n := range r.numbers {
		if have, found := c.byNum[n.e164]; found {
			return have, true
		}
	}
	return 0, false
}

// look reads what is there of the rows' refs and numbers. CROSS JOIN has SQLite
// begin with the few texts and not with the list's million leads.
func (c *chunk) look(ctx context.Context, rows []ready) error {
	refs, numbers := make([]string, 0, len(rows)), make([]string, 0, len(rows))
	for i := range rows {
		refs = append(refs, rows[i].Ref)
		for _, n := range rows[i].numbers {
			numbers = append(numbers, n.e164)
		}
	}
	c.byRef, c.byNum, c.barred = map[string]int64{}, map[string]int64{}, map[string]bool{}
	into := func(m map[string]int64) func(port.Row) error {
		return func(r port.Row) error {
			var key string
			var id int64
			err := r.Scan(&key, &id)
			m[key] = id
			return err
		}
	}
	err := c.tx.Query(ctx, into(c.byRef), `SELECT leads.ref, leads.id FROM LIST(?1) CROSS JOIN leads WHERE leads.list = ?2 AND leads.ref = value`, texts(refs), c.list.No)
	if err == nil && c.list.Policy.By == ByNumber {
		err = c.tx.Query(ctx, into(c.byNum), `SELECT lead_numbers.number, leads.id FROM LIST(?1) JOIN lead_numbers ON lead_numbers.number = value
			JOIN leads ON leads.id = lead_numbers.lead WHERE CAST(?3 AS BIGINT) = 1 OR leads.list = ?2`, texts(numbers), c.list.No, flag(c.list.Policy.Across))
	}
	if err != nil {
		return err
	}
	return dncOf(ctx, c.tx.Query, numbers, c.now, func(number string, e entry) {
		if e.binds("") && e.until.IsZero() {
			c.barred[number] = true
		}
	})
}

const (
	// manyRows is how many rows one statement inserts; prepared once per transaction.
	manyRows = 100

	insertLead = `INSERT INTO leads (id, list, ref, state, rank, zones, agent, priority, waits, next_us, not_before_us, not_after_us,
		callback_us, callback_agent, callback_mine, owner, result, result_us, consent, consent_source, consent_us, name, fields, import_no,
		attempts, at_number, attempt, seq) VALUES `
	oneLead      = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, '', 0)`
	insertNumber = `INSERT INTO lead_numbers (lead, n, number, kind, zones, closed, proofs, proof_us) VALUES `
	oneNumber    = `(?, ?, ?, ?, ?, '', 0, 0)`
	leadValues   = 24
	numberValues = 5
)

// insert makes leads.
func (c *chunk) insert(ctx context.Context, rows []ready) error {
	if len(rows) == 0 {
		return nil
	}
	first, err := nextIDs(ctx, c.tx, "lead", len(rows))
	if err != nil {
		return err
	}
	leads, numbers := many{insert: insertLead, one: oneLead, values: leadValues}, many{insert: insertNumber, one: oneNumber, values: numberValues}
	for i := range rows {
		id := first + int64(i)
		args, err := c.leadArgs(ctx, id, &rows[i])
		if err != nil {
			return err
		}
		if err := leads.add(ctx, c.tx, args...); err != nil {
			return err
		}
		for n, number := range rows[i].numbers {
			set, err := c.s.setNo(ctx, c.tx, number.zones, number.state, c.fresh)
			if err != nil {
				return err
			}
			if err := numbers.add(ctx, c.tx, id, int64(n), number.e164, int64(number.kind), set); err != nil {
				return err
			}
		}
	}
	c.out.made += int64(len(rows))
	c.out.first, c.out.last = first, first+int64(len(rows))-1
	if err := leads.rest(ctx, c.tx); err != nil {
		return err
	}
	return numbers.rest(ctx, c.tx)
}

func (c *chunk) leadArgs(ctx context.Context, id int64, r *ready) ([]any, error) {
	set, err := c.s.setNo(ctx, c.tx, r.numbers[0].zones, r.numbers[0].state, c.fresh)
	if err != nil {
		return nil, err
	}
	priority, consent, source, consentAt := defaultPriority, false, r.ConsentSource, r.ConsentAt
	if r.Priority != nil {
		priority = *r.Priority
	}
	if source == "" {
		source = c.list.ConsentSource
	}
	if consent = source != ""; r.Consent != nil {
		consent = *r.Consent
		if consentAt.IsZero() {
			consentAt = c.now
		}
	}
	state, agent, result, resultAt, waits, next, rank := lead.Ready, r.Owner, "", int64(0), "", int64(0), rankOf(priority, 0, true)
	if !r.Callback.At.IsZero() {
		state, waits, next, rank = lead.Later, string(lead.WaitsCallback), micros(r.Callback.At), callbackRank
		if r.Callback.Agent != "" {
			agent = r.Callback.Agent
		}
	}
	if c.allBarred(r) {
		c.out.blocked++
		state, result, resultAt = lead.Excluded, string(lead.OnDoNotCall), micros(c.now)
	}
	if c.hidden && state != lead.Excluded {
		state = lead.Hidden
	}
	return []any{
		id, c.list.No, r.Ref, int64(state), rank, set, agent, int64(priority), waits, next, micros(r.NotBefore), micros(r.NotAfter),
		micros(r.Callback.At), r.Callback.Agent, flag(r.Callback.Mine), r.Owner, result, resultAt, flag(consent), source, micros(consentAt), r.Name, r.fields, c.imp,
	}, nil
}

func (c *chunk) allBarred(r *ready) bool {
	for _, n := range r.numbers {
		if !c.barred[n.e164] {
			return false
		}
	}
	return true
}

// many gathers rows for statements that insert many at once.
type many struct {
	insert, one string
	values      int
	args        []any
}

func (m *many) add(ctx context.Context, tx port.Tx, args ...any) error {
	m.args = append(m.args, args...)
	if len(m.args) < manyRows*m.values {
		return nil
	}
	_, err := tx.Put(ctx, m.insert+m.one+strings.Repeat(", "+m.one, manyRows-1), m.args...)
	m.args = m.args[:0]
	return err
}

// rest writes what is left, row by row.
func (m *many) rest(ctx context.Context, tx port.Tx) error {
	for ; len(m.args) > 0; m.args = m.args[m.values:] {
		if _, err := tx.Put(ctx, m.insert+m.one, m.args[:m.values]...); err != nil {
			return err
		}
	}
	return nil
}
