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
	oneLead = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, '', 0)`
	// bareLead is one of which nothing but this is known: most of a file's are
	// such, and what is not bound to a statement costs next to nothing.
	bareLead     = `(?, %d, ?, ?, ?, ?, '', ?, '', 0, 0, 0, 0, '', 0, '', '', 0, ?, ?, ?, ?, ?, %d, 0, 0, '', 0)`
	insertNumber = `INSERT INTO lead_numbers (lead, n, number, kind, zones, closed, proofs, proof_us) VALUES `
	oneNumber    = `(?, ?, ?, ?, ?, '', 0, 0)`
	leadValues   = 24
	bareValues   = 11
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
	bare := many{insert: insertLead, one: fmt.Sprintf(bareLead, c.list.No, c.imp), values: bareValues}
	for i := range rows {
		id := first + int64(i)
		l, err := c.leadOf(ctx, id, &rows[i])
		if err != nil {
			return err
		}
		if l.bare() {
			err = bare.add(ctx, c.tx, id, l.Ref, int64(l.state), l.rank, l.set, l.priority, l.consent, l.source, l.given, l.Name, l.fields)
		} else {
			err = leads.add(ctx, c.tx, c.all(&l)...)
		}
		if err != nil {
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
	for _, m := range []*many{&bare, &leads, &numbers} {
		if err := m.rest(ctx, c.tx); err != nil {
			return err
		}
	}
	return nil
}

// newLead is a row as it becomes a lead.
type newLead struct {
	*ready
	id              int64
	state           lead.State
	agent, result   string
	waits, source   string
	resultAt, next  int64
	rank, set       int64
	priority        int64
	consent         int64 // flag
	before, after   int64
	callback, given int64 // given: the consent's time
}

// bare reports whether it is as bareLead has it.
func (l *newLead) bare() bool {
	return l.agent == "" && l.waits == "" && l.result == "" && l.Owner == "" && l.Callback.Agent == "" && !l.Callback.Mine &&
		l.next == 0 && l.before == 0 && l.after == 0 && l.callback == 0 && l.resultAt == 0
}

// all are the values of oneLead.
func (c *chunk) all(l *newLead) []any {
	return []any{
		l.id, c.list.No, l.Ref, int64(l.state), l.rank, l.set, l.agent, l.priority, l.waits, l.next, l.before, l.after,
		l.callback, l.Callback.Agent, flag(l.Callback.Mine), l.Owner, l.result, l.resultAt, l.consent, l.source, l.given, l.Name, l.fields, c.imp,
	}
}

// leadOf says what a row becomes.
func (c *chunk) leadOf(ctx context.Context, id int64, r *ready) (newLead, error) {
	l := newLead{
		ready: r, id: id, state: lead.Ready, agent: r.Owner, priority: defaultPriority, source: r.ConsentSource,
		before: micros(r.NotBefore), after: micros(r.NotAfter), callback: micros(r.Callback.At), given: micros(r.ConsentAt),
	}
	var err error
	if l.set, err = c.s.setNo(ctx, c.tx, r.numbers[0].zones, r.numbers[0].state, c.fresh); err != nil {
		return l, err
	}
	if r.Priority != nil {
		l.priority = int64(*r.Priority)
	}
	if l.source == "" {
		l.source = c.list.ConsentSource
	}
	consent := l.source != ""
	if r.Consent != nil {
		consent = *r.Consent
		if l.given == 0 {
			l.given = micros(c.now)
		}
	}
	l.consent, l.rank = flag(consent), rankOf(int(l.priority), 0, true)
	if l.callback != 0 {
		l.state, l.waits, l.next, l.rank = lead.Later, string(lead.WaitsCallback), l.callback, callbackRank
		if r.Callback.Agent != "" {
			l.agent = r.Callback.Agent
		}
	}
	if c.allBarred(r) {
		c.out.blocked++
		l.state, l.result, l.resultAt = lead.Excluded, string(lead.OnDoNotCall), micros(c.now)
	}
	if c.hidden && l.state != lead.Excluded {
		l.state = lead.Hidden
	}
	return l, nil
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
