package list

import (
	"context"
	"strconv"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// LeadFilter selects leads. Empty fields do not filter, but a list or a number must be named.
type LeadFilter struct {
	List   string
	State  *lead.State
	Number string
	Ref    string
	After  int64 // leads behind this one, in their order
	Limit  int   // 1 to 1000; 100 if 0
}

// Leads returns leads: those of a list by ref, those of a number by their own.
func (s *Store) Leads(ctx context.Context, f LeadFilter, now time.Time) ([]lead.Lead, error) {
	const op = "list: leads"
	if f.Limit == 0 {
		f.Limit = 100
	}
	if f.Limit < 1 || f.Limit > maxAppend || f.List == "" && f.Number == "" {
		return nil, fault.Newf(fault.Invalid, op, "", "name a list or a number, and a limit of 1 to %d", maxAppend)
	}
	number, state, listNo := "", int64(-1), int64(-1)
	if f.Number != "" {
		var err error
		if number, err = s.e164(op, f.Number); err != nil {
			return nil, err
		}
	}
	if f.State != nil {
		state = int64(*f.State)
	}
	if f.List != "" {
		l, err := s.Get(ctx, f.List)
		if err != nil {
			return nil, err
		}
		listNo = l.No
	}
	stmt := `SELECT id FROM leads WHERE list = ?1 AND ref > COALESCE((SELECT ref FROM leads WHERE id = ?5), '') AND (?2 = '' OR id IN (SELECT lead FROM lead_numbers WHERE number = ?2))`
	order := "ref"
	if f.List == "" {
		stmt = `SELECT id FROM leads WHERE CAST(?1 AS BIGINT) < 0 AND id > ?5 AND id IN (SELECT lead FROM lead_numbers WHERE number = ?2)`
		order = "id"
	}
	var ids []int64
	err := s.db.Query(ctx, op, func(r port.Row) error {
		var id int64
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, stmt+` AND (?3 = '' OR ref = ?3) AND (CAST(?4 AS BIGINT) < 0 OR state = ?4) ORDER BY `+order+` LIMIT ?6`, listNo, number, f.Ref, state, f.After, int64(f.Limit))
	if err != nil {
		return nil, err
	}
	rows, err := s.load(ctx, s.ask(op), ids, now)
	return plainLeads(rows), err
}

func plainLeads(rows []*row) []lead.Lead {
	out := make([]lead.Lead, 0, len(rows))
	for _, x := range rows {
		out = append(out, x.Lead)
	}
	return out
}

// Lead returns one. Errors: NotFound.
func (s *Store) Lead(ctx context.Context, id int64, now time.Time) (lead.Lead, error) {
	const op = "list: lead"
	rows, err := s.load(ctx, s.ask(op), []int64{id}, now)
	if err == nil && len(rows) == 0 {
		err = noLead(op, id)
	}
	if err != nil {
		return lead.Lead{}, err
	}
	return rows[0].Lead, nil
}

func noLead(op string, id int64) error {
	return fault.New(fault.NotFound, op, strconv.FormatInt(id, 10), "there is no such lead")
}

// Edit is a change of one lead by a person; what is nil or empty stays.
type Edit struct {
	State    *lead.State // Ready (it is called again), Done or Excluded
	Priority *int
	Owner    *string
	NextAt   *time.Time
	Callback *EditCallback
	Fields   map[string]string // instead of those that it has

	Consent       *bool // given, or withdrawn
	ConsentSource string
	ConsentAt     time.Time // zero: now
}

// EditCallback agrees a call.
type EditCallback struct {
	At    string // with a zone (RFC 3339), or without one: then it is the customer's
	Agent string
	Mine  bool
}

// Edit changes a lead. Errors: NotFound, Invalid, Conflict while it is being called.
func (s *Store) Edit(ctx context.Context, id int64, e Edit, now time.Time) error {
	const op = "list: change lead"
	r := Row{Priority: e.Priority, Fields: e.Fields, ConsentSource: e.ConsentSource}
	if e.Owner != nil {
		r.Owner = *e.Owner
	}
	if e.Callback != nil {
		r.Callback.Agent = e.Callback.Agent
	}
	if column, reason := r.check(); reason != "" {
		return fault.Newf(fault.Invalid, op, strconv.FormatInt(id, 10), "%s: %s", column, reason)
	}
	if e.Consent == nil && (e.ConsentSource != "" || !e.ConsentAt.IsZero()) {
		return fault.New(fault.Invalid, op, strconv.FormatInt(id, 10), "consent_source and consent_at belong to a consent: say consent: true or consent: false with them")
	}
	return s.onLead(ctx, op, id, now, func(ctx context.Context, c *chunk, x *row) error {
		if x.State == lead.Taken && (e.State != nil || e.NextAt != nil || e.Callback != nil) {
			return fault.New(fault.Conflict, op, x.Ref, "it is being called: what its agent says when the call is over counts")
		}
		if err := s.edit(x, e, now); err != nil {
			return err
		}
		return c.save(ctx, x)
	})
}

func (s *Store) edit(x *row, e Edit, now time.Time) error {
	if e.Priority != nil {
		x.Priority = *e.Priority
	}
	if e.Owner != nil {
		if x.agent == x.Owner {
			x.agent = *e.Owner
		}
		x.Owner = *e.Owner
	}
	if e.Fields != nil {
		x.Fields = e.Fields
	}
	if e.Consent != nil {
		x.consent(*e.Consent, e.ConsentSource, e.ConsentAt, now)
		if *e.Consent && x.State == lead.Excluded && x.Result == lead.WithoutOK {
			x.State, x.Result = lead.Ready, ""
		}
	}
	if e.State != nil {
		switch *e.State {
		case lead.Ready:
			x.Result = ""
		case lead.Done, lead.Excluded:
			x.Result, x.ResultAt = lead.ByHand, now
		case lead.Later, lead.Taken, lead.Hidden:
			return fault.Newf(fault.Invalid, "list: change lead", x.Ref, "a lead is made ready, done or excluded by hand, not %s", *e.State)
		}
		x.State = *e.State
	}
	if e.NextAt != nil {
		x.State, x.NextAt, x.waits = lead.Later, *e.NextAt, lead.WaitsRetry
	}
	if e.Callback == nil {
		return nil
	}
	at, ok := parseTime(e.Callback.At, s.homeOf(x))
	if !ok || !at.After(now) {
		return fault.Newf(fault.Invalid, "list: change lead", x.Ref, "%q is no time to come; write 2027-03-31 14:30, or with a zone 2027-03-31T14:30:00+02:00", clip(e.Callback.At, maxID))
	}
	x.promise(lead.Callback{At: at, Agent: e.Callback.Agent, Mine: e.Callback.Mine})
	return nil
}

// homeOf is where a lead's times are meant.
func (s *Store) homeOf(x *row) *time.Location {
	if n, ok := x.Number(); ok && len(n.Set.Zones) > 0 {
		if where := s.zone(n.Set.Zones[0]); where != nil {
			return where
		}
	}
	return time.UTC
}

// onLead runs do on a lead in one transaction.
func (s *Store) onLead(ctx context.Context, op string, id int64, now time.Time, do func(context.Context, *chunk, *row) error) error {
	return s.db.Update(ctx, op, strconv.FormatInt(id, 10), func(ctx context.Context, tx port.Tx) error {
		rows, err := s.load(ctx, tx.Query, []int64{id}, now)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return noLead(op, id)
		}
		return do(ctx, &chunk{s: s, tx: tx, now: now, fresh: map[string]int64{}}, rows[0])
	})
}

// RemoveLead deletes a lead. Errors: NotFound, Conflict while it is being called.
func (s *Store) RemoveLead(ctx context.Context, id int64, now time.Time) error {
	const op = "list: delete lead"
	return s.onLead(ctx, op, id, now, func(ctx context.Context, c *chunk, x *row) error {
		if x.State == lead.Taken {
			return fault.New(fault.Conflict, op, x.Ref, "it is being called; try again when that is over")
		}
		if _, err := c.tx.Exec(ctx, `DELETE FROM lead_numbers WHERE lead = ?`, id); err != nil {
			return err
		}
		_, err := c.tx.Exec(ctx, `DELETE FROM leads WHERE id = ?`, id)
		return err
	})
}
