package list

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Find returns the leads that a text names: a lead's number in the system, its
// ref, or a telephone number; of one list if that is given. Errors: NotFound.
func (s *Store) Find(ctx context.Context, list, what string, now time.Time) ([]lead.Lead, error) {
	rows, err := s.find(ctx, list, what, now)
	return plainLeads(rows), err
}

func (s *Store) find(ctx context.Context, list, what string, now time.Time) ([]*row, error) {
	const op = "list: find lead"
	id, err := strconv.ParseInt(what, 10, 64)
	if err != nil {
		id = 0
	}
	number, _ := readNumber(s.plan(), what) // it may be none
	var ids []int64
	gather := func(r port.Row) error {
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}
	const from = ` FROM leads JOIN dial_lists ON dial_lists.no = leads.list WHERE (?2 = '' OR dial_lists.id = ?2) AND `
	const tail = ` ORDER BY leads.id LIMIT ` + maxFoundText
	err = s.db.Query(ctx, op, gather, `SELECT leads.id`+from+`leads.id = ?1`+tail, id, list)
	if err == nil && len(ids) == 0 {
		// The index on refs begins with the list, so each list is asked.
		err = s.db.Query(ctx, op, gather, `SELECT leads.id`+from+`leads.list = dial_lists.no AND leads.ref = ?1`+tail, what, list)
	}
	if err == nil && len(ids) == 0 && number != "" {
		err = s.db.Query(ctx, op, gather, `SELECT leads.id`+from+`leads.id IN (SELECT lead FROM lead_numbers WHERE number = ?1)`+tail, number, list)
	}
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, fault.New(fault.NotFound, op, clip(strings.TrimSpace(what), maxRef), "no lead has this id, ref or number")
	}
	return s.load(ctx, s.ask(op), ids, now)
}

// maxFoundText bounds how many leads one text may name.
const maxFoundText = "100"

// Why returns every reason why a lead is not called now, the one that counts
// first; lead.Now alone if it may be called.
func (s *Store) Why(ctx context.Context, id int64, rules lead.Rules, now time.Time) (lead.Lead, []lead.Reason, error) {
	const op = "list: why"
	rows, err := s.load(ctx, s.ask(op), []int64{id}, now)
	if err != nil {
		return lead.Lead{}, nil, err
	}
	if len(rows) == 0 {
		return lead.Lead{}, nil, fault.New(fault.NotFound, op, strconv.FormatInt(id, 10), "there is no such lead")
	}
	v := s.judge(rows[0], &rules, now, "")
	if len(v.reasons) == 0 {
		return rows[0].Lead, []lead.Reason{v.first()}, nil
	}
	return rows[0].Lead, v.reasons, nil
}

// countRows is how many leads are judged at a time.
const countRows = 2000

// Count returns how many leads of a campaign's lists have which reason first.
// What the rows alone tell is counted by the database, the others are judged one
// by one. It reads every lead: ask it before a campaign starts, and
// [Store.Left] while it runs.
func (s *Store) Count(ctx context.Context, rules lead.Rules, now time.Time) (lead.Counts, error) {
	const op = "list: count"
	out := lead.Counts{}
	for _, share := range rules.Lists {
		l, err := s.Get(ctx, share.List)
		if err != nil {
			return nil, err
		}
		if err := s.countList(ctx, op, out, l, &rules, now); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Store) countList(ctx context.Context, op string, out lead.Counts, l List, rules *lead.Rules, now time.Time) error {
	settled := map[lead.State]lead.Word{lead.Taken: lead.Dialling, lead.Done: lead.IsDone, lead.Excluded: lead.IsExcluded, lead.Hidden: lead.ImportRuns}
	left := int64(0)
	err := s.db.Query(ctx, op, func(r port.Row) error {
		var state, n int64
		if err := r.Scan(&state, &n); err != nil {
			return err
		}
		word, known := settled[lead.State(state)]
		switch {
		case l.Closed:
			word = lead.ListClosed
		case !known:
			left += n
			return nil
		}
		out[word] += n
		return nil
	}, `SELECT state, COUNT(*) FROM leads WHERE list = ? GROUP BY state`, l.No)
	if err != nil || left == 0 {
		return err
	}
	if err := s.countPlain(ctx, op, out, l, rules, now); err != nil {
		return err
	}
	for _, state := range []lead.State{lead.Ready, lead.Later} {
		if err := s.countState(ctx, op, out, l, state, rules, now); err != nil {
			return err
		}
	}
	return nil
}

// plainLead is what most leads of a fresh list are: whether it may be called is
// a matter of its place alone. ?2 is 1 where the campaign needs a consent.
const plainLead = `(state = 0 AND agent = '' AND attempts = 0 AND not_before_us = 0 AND not_after_us = 0
	AND leads.zones NOT IN (SELECT zone_sets.no FROM zone_sets WHERE zone_sets.zones = '') AND (CAST(?2 AS BIGINT) = 0 OR consent = 1 AND consent_source <> '')
	AND NOT EXISTS (SELECT 1 FROM lead_numbers WHERE lead_numbers.lead = leads.id AND (lead_numbers.closed <> ''
		OR EXISTS (SELECT 1 FROM dnc WHERE dnc.number = lead_numbers.number)
		OR EXISTS (SELECT 1 FROM tries WHERE tries.number = lead_numbers.number)
		OR EXISTS (SELECT 1 FROM dnc_prefixes WHERE SUBSTR(lead_numbers.number, 1, LENGTH(dnc_prefixes.prefix)) = dnc_prefixes.prefix))))`

// countPlain counts plain leads by place: the database does it
// quicker than they could be judged one by one.
func (s *Store) countPlain(ctx context.Context, op string, out lead.Counts, l List, rules *lead.Rules, now time.Time) error {
	places := map[int64]int64{}
	err := s.db.Query(ctx, op, func(r port.Row) error {
		var set, n int64
		err := r.Scan(&set, &n)
		places[set] = n
		return err
	}, `SELECT zones, COUNT(*) FROM leads WHERE list = ?1 AND `+plainLead+` GROUP BY zones`, l.No, flag(rules.Consent))
	if err != nil {
		return err
	}
	for no, n := range places {
		set, err := s.setOf(ctx, s.ask(op), no)
		if err != nil {
			return err
		}
		word := lead.WindowClosed
		if rules.Window(set, now).Open {
			word = lead.Now
		}
		out[word] += n
	}
	return nil
}

// countState judges the other leads of a state one by one, in the order of an index.
func (s *Store) countState(ctx context.Context, op string, out lead.Counts, l List, state lead.State, rules *lead.Rules, now time.Time) error {
	for zones, last := int64(0), int64(0); ; {
		var ids []int64
		err := s.db.Query(ctx, op, func(r port.Row) error {
			err := r.Scan(&zones, &last)
			ids = append(ids, last)
			return err
		}, `SELECT zones, id FROM leads WHERE list = ?1 AND state = ?3 AND (zones, id) > (?4, ?5) AND NOT `+plainLead+` ORDER BY zones, id LIMIT ?6`,
			l.No, flag(rules.Consent), int64(state), zones, last, int64(countRows))
		if err != nil || len(ids) == 0 {
			return err
		}
		rows, err := s.load(ctx, s.ask(op), ids, now)
		if err != nil {
			return err
		}
		for _, x := range rows {
			v := s.judge(x, rules, now, "")
			out[v.first().Word]++
		}
	}
}

// Left counts the leads of some lists by state and place. It reads an index
// only, and is quick.
func (s *Store) Left(ctx context.Context, lists []lead.Share) (out []lead.Left, err error) {
	const op = "list: left"
	for _, share := range lists {
		l, err := s.Get(ctx, share.List)
		if err != nil {
			return nil, err
		}
		type place struct {
			state, set, n int64
		}
		var places []place
		err = s.db.Query(ctx, op, func(r port.Row) error {
			var p place
			err := r.Scan(&p.state, &p.set, &p.n)
			places = append(places, p)
			return err
		}, `SELECT state, zones, COUNT(*) FROM leads WHERE list = ? GROUP BY state, zones ORDER BY state, zones`, l.No)
		if err != nil {
			return nil, err
		}
		for _, p := range places {
			set, err := s.setOf(ctx, s.ask(op), p.set)
			if err != nil {
				return nil, err
			}
			out = append(out, lead.Left{State: lead.State(p.state), Set: set, Leads: p.n})
		}
	}
	return out, nil
}

// reconsidered are the results for which a lead is left out without an attempt,
// and which may no longer hold.
func reconsidered(r lead.Result) bool {
	return slices.Contains([]lead.Result{lead.OnDoNotCall, lead.WithoutOK, lead.CapReached, lead.PastItsTime, lead.NoNumbers}, r)
}

// Reconsider lets the leads of a campaign's lists be judged anew that were left
// out by a rule: whoever starts a campaign calls it once, because its rules may
// have changed. It returns how many there are.
func (s *Store) Reconsider(ctx context.Context, lists []lead.Share) (n int64, err error) {
	const op = "list: reconsider"
	for _, share := range lists {
		for {
			some := int64(0)
			err := s.db.Update(ctx, op, share.List, func(ctx context.Context, tx port.Tx) error {
				l, err := s.listIn(ctx, tx.Query, share.List)
				if err != nil {
					return err
				}
				some, err = tx.Exec(ctx, `UPDATE leads SET state = 0, result = '' WHERE id IN (SELECT id FROM leads WHERE list = ?1 AND state = 4
					AND result IN ('do-not-call', 'no-consent', 'cap-lead', 'not-after', 'no-number') LIMIT ?2)`, l.No, int64(wakeRows))
				return err
			})
			n += some
			if err != nil {
				return n, err
			}
			if some < wakeRows {
				break
			}
		}
	}
	return n, nil
}
