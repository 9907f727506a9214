package list

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// row is a lead with what only this package needs of it.
type row struct {
	lead.Lead
	listNo int64
	closed bool // the list is
	agent  string
	waits  lead.Word // why it waits until NextAt
	zones  int64     // place where it stands
	dnc    map[string][]entry
}

const (
	day   = 24 * time.Hour
	month = 30 * day
)

const leadColumns = `SELECT leads.id, leads.list, dial_lists.id, dial_lists.closed, leads.ref, leads.state, leads.zones, leads.agent, leads.priority,
	leads.attempts, leads.waits, leads.next_us, leads.not_before_us, leads.not_after_us, leads.callback_us, leads.callback_agent,
	leads.callback_mine, leads.owner, leads.at_number, leads.attempt, leads.result, leads.result_us, leads.consent, leads.consent_source,
	leads.consent_us, leads.name, leads.fields `

func scanLead(r port.Row) (*row, error) {
	x := &row{}
	var closed, mine, consent, state, next, before, after, callback, resultAt, consentAt int64
	var attempt, waits, result, fields string
	err := r.Scan(&x.ID, &x.listNo, &x.List, &closed, &x.Ref, &state, &x.zones, &x.agent, &x.Priority, &x.Attempts, &waits, &next, &before, &after, &callback,
		&x.Callback.Agent, &mine, &x.Owner, &x.At, &attempt, &result, &resultAt, &consent, &x.ConsentSource, &consentAt, &x.Name, &fields)
	if err != nil {
		return nil, err
	}
	x.State, x.closed, x.waits, x.Result = lead.State(state), closed != 0, lead.Word(waits), lead.Result(result)
	x.NextAt, x.NotBefore, x.NotAfter, x.ResultAt, x.ConsentAt = fromMicros(next), fromMicros(before), fromMicros(after), fromMicros(resultAt), fromMicros(consentAt)
	x.Callback.At, x.Callback.Mine, x.Consent = fromMicros(callback), mine != 0, consent != 0
	if fields != "" {
		if err := json.Unmarshal([]byte(fields), &x.Fields); err != nil {
			return nil, fault.Wrap(fault.Internal, "list: read lead", x.Ref, err)
		}
	}
	if attempt != "" {
		id, err := callmodel.ParseID(attempt)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, "list: read lead", x.Ref, err)
		}
		x.Attempt = callmodel.CallID{ID: id}
	}
	return x, nil
}

// load returns leads with all that decides about them, in the order of the ids;
// those that are gone are left out.
func (s *Store) load(ctx context.Context, q ask, ids []int64, now time.Time) ([]*row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = strconv.FormatInt(id, 10)
	}
	byID := make(map[int64]*row, len(ids))
	err := q(ctx, func(r port.Row) error {
		x, err := scanLead(r)
		if err == nil {
			byID[x.ID] = x
		}
		return err
	}, leadColumns+`FROM LIST(?1) JOIN leads ON leads.id = CAST(value AS BIGINT) JOIN dial_lists ON dial_lists.no = leads.list`, texts(list))
	if err != nil {
		return nil, err
	}
	numbers, err := s.loadNumbers(ctx, q, texts(list), byID)
	if err != nil {
		return nil, err
	}
	out := make([]*row, 0, len(ids))
	byNumber := make(map[string][]*row, len(numbers))
	for _, id := range ids {
		x := byID[id]
		if x == nil {
			continue
		}
		out = append(out, x)
		for _, n := range x.Numbers {
			byNumber[n.E164] = append(byNumber[n.E164], x)
		}
	}
	if err := s.loadEntries(ctx, q, numbers, byNumber, now); err != nil {
		return nil, err
	}
	return out, s.loadPast(ctx, q, numbers, byNumber, now)
}

// loadNumbers gives the leads their numbers and returns these, each once.
func (s *Store) loadNumbers(ctx context.Context, q ask, ids string, byID map[int64]*row) (numbers []string, err error) {
	type place struct {
		lead *row
		at   int
		set  int64
	}
	var places []place
	seen := map[string]bool{}
	err = q(ctx, func(r port.Row) error {
		var id, set, kind int64
		var n lead.Number
		if err := r.Scan(&id, &n.N, &n.E164, &kind, &set, &n.Closed, &n.Proofs); err != nil {
			return err
		}
		x := byID[id]
		if x == nil {
			return nil
		}
		n.Kind = lead.NumberKind(kind)
		x.Numbers = append(x.Numbers, n)
		places = append(places, place{x, len(x.Numbers) - 1, set})
		if !seen[n.E164] {
			seen[n.E164] = true
			numbers = append(numbers, n.E164)
		}
		return nil
	}, `SELECT lead_numbers.lead, lead_numbers.n, lead_numbers.number, lead_numbers.kind, lead_numbers.zones, lead_numbers.closed, lead_numbers.proofs
		FROM LIST(?1) JOIN lead_numbers ON lead_numbers.lead = CAST(value AS BIGINT) ORDER BY lead_numbers.lead, lead_numbers.n`, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range places { // a query of its own, so not while the other is read
		if p.lead.Numbers[p.at].Set, err = s.setOf(ctx, q, p.set); err != nil {
			return nil, err
		}
	}
	return numbers, nil
}

// loadPast gives the leads the tries of their numbers, from whatever list.
func (s *Store) loadPast(ctx context.Context, q ask, numbers []string, byNumber map[string][]*row, now time.Time) error {
	return q(ctx, func(r port.Row) error {
		var p lead.Past
		var at, settled, locked, counted int64
		var result string
		if err := r.Scan(&p.Number, &p.Lead, &at, &settled, &locked, &counted, &result); err != nil {
			return err
		}
		p.At, p.Locked, p.Result, p.Counted = fromMicros(at), fromMicros(locked), lead.Result(result), counted == 1 || settled == 0
		for _, x := range byNumber[p.Number] {
			if len(x.Past) < lead.MaxPast {
				x.Past = append(x.Past, p)
			}
		}
		return nil
	}, `SELECT tries.number, tries.lead, tries.claimed_us, tries.settled_us, tries.locked_us, tries.counted, tries.result
		FROM LIST(?1) JOIN tries ON tries.number = value
		WHERE tries.claimed_us > ?2 AND (tries.counted = 1 OR tries.settled_us = 0 OR tries.locked_us > 0 OR tries.result = ?3) ORDER BY tries.claimed_us DESC`,
		texts(numbers), micros(now.Add(-month)), string(lead.TrunkFailed))
}

// loadEntries gives the leads what the do-not-call lists say about their numbers.
func (s *Store) loadEntries(ctx context.Context, q ask, numbers []string, byNumber map[string][]*row, now time.Time) error {
	add := func(number string, e entry) {
		for _, x := range byNumber[number] {
			if x.dnc == nil {
				x.dnc = map[string][]entry{}
			}
			x.dnc[number] = append(x.dnc[number], e)
		}
	}
	return dncOf(ctx, q, numbers, now, add)
}
