package list

import (
	"context"
	"encoding/json"
	"regexp"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// List is a list of leads.
type List struct {
	No            int64
	ID            string // such as "spring-2027"
	Name          string
	Mapping       Mapping // of the file that was imported last; the next one is read alike
	Policy        Policy
	ConsentSource string // of leads that come without one of their own
	Created       time.Time
	Closed        bool // nobody of it is called
}

// Policy says what a lead that is there already means.
type Policy struct {
	By     string `json:"by,omitempty"`     // "ref" (default) or "number"
	Across bool   `json:"across,omitempty"` // numbers of all lists are looked at, not only those of this one
	Do     string `json:"do,omitempty"`     // "skip" (default), "update" or "refuse"
}

// Words of a [Policy].
const (
	ByRef    = "ref"
	ByNumber = "number"
	DoSkip   = "skip"
	DoUpdate = "update"
	DoRefuse = "refuse"
)

// Bounds of texts, in bytes.
const (
	maxID     = 40
	maxName   = 200
	maxRef    = 64
	maxField  = 4000
	maxFields = 60
	maxAgent  = 64
	maxSource = 200
)

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,39}$`)

func (p Policy) normal() (Policy, error) {
	if p.By == "" {
		p.By = ByRef
	}
	if p.Do == "" {
		p.Do = DoSkip
	}
	switch {
	case p.By != ByRef && p.By != ByNumber:
		return p, fault.Newf(fault.Invalid, "list: policy", clip(p.By, maxID), "duplicates are found by %q or %q", ByRef, ByNumber)
	case p.Do != DoSkip && p.Do != DoUpdate && p.Do != DoRefuse:
		return p, fault.Newf(fault.Invalid, "list: policy", clip(p.Do, maxID), "a duplicate is met with %q, %q or %q", DoSkip, DoUpdate, DoRefuse)
	case p.Across && p.By != ByNumber:
		return p, fault.New(fault.Invalid, "list: policy", "across", "only numbers mean the same in all lists: write by: number")
	case p.Across && p.Do == DoUpdate:
		return p, fault.New(fault.Invalid, "list: policy", "across", "a lead of another list is not changed by this one: skip or refuse it")
	}
	return p, nil
}

// with returns the policy with another answer to duplicates, if one is given.
func (p Policy) with(do string) (Policy, error) {
	if do != "" {
		p.Do = do
	}
	return p.normal()
}

// Save makes a list, or changes what is said about it.
func (s *Store) Save(ctx context.Context, l List, now time.Time) (List, error) {
	const op = "list: save"
	if !idForm.MatchString(l.ID) {
		return l, fault.New(fault.Invalid, op, clip(l.ID, maxID), "a list's id is 1 to 40 of a-z, 0-9, dot, dash and underscore")
	}
	if !plain(l.Name, maxName) || !plain(l.ConsentSource, maxSource) {
		return l, fault.Newf(fault.Invalid, op, l.ID, "name and consent source are UTF-8 of at most %d bytes", maxName)
	}
	policy, err := l.Policy.normal()
	if err != nil {
		return l, err
	}
	l.Policy = policy
	err = s.db.Update(ctx, op, l.ID, func(ctx context.Context, tx port.Tx) error {
		have, err := s.listIn(ctx, tx.Query, l.ID)
		switch {
		case err == nil:
			l.No, l.Created = have.No, have.Created
		case fault.Is(err, fault.NotFound):
			if l.No, err = nextIDs(ctx, tx, "list", 1); err != nil {
				return err
			}
			l.Created = now
		default:
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO dial_lists (no, id, name, mapping, policy, consent_source, created_us, closed)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, mapping = excluded.mapping,
			policy = excluded.policy, consent_source = excluded.consent_source, closed = excluded.closed`,
			l.No, l.ID, l.Name, encode(l.Mapping), encode(l.Policy), l.ConsentSource, micros(l.Created), flag(l.Closed))
		return err
	})
	return l, err
}

// encode writes our own types, which can always be written.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "{}"
	}
	return string(b)
}

const listColumns = `SELECT no, id, name, mapping, policy, consent_source, created_us, closed FROM dial_lists`

func scanList(r port.Row) (l List, err error) {
	var mapping, policy string
	var created, closed int64
	if err := r.Scan(&l.No, &l.ID, &l.Name, &mapping, &policy, &l.ConsentSource, &created, &closed); err != nil {
		return l, err
	}
	l.Created, l.Closed = fromMicros(created), closed != 0
	if err := json.Unmarshal([]byte(mapping), &l.Mapping); err != nil {
		return l, fault.Wrap(fault.Internal, "list: read", l.ID, err)
	}
	return l, fault.Wrap(fault.Internal, "list: read", l.ID, json.Unmarshal([]byte(policy), &l.Policy))
}

func (s *Store) listIn(ctx context.Context, q ask, id string) (l List, err error) {
	found := false
	err = q(ctx, func(r port.Row) (err error) {
		l, err = scanList(r)
		found = true
		return err
	}, listColumns+` WHERE id = ?`, id)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "list: read", clip(id, maxID), "there is no such list: strowger list show names those there are")
	}
	return l, err
}

// Get returns a list. Errors: NotFound, Unavailable.
func (s *Store) Get(ctx context.Context, id string) (List, error) {
	return s.listIn(ctx, s.ask("list: read"), id)
}

// Lists returns all lists, by id.
func (s *Store) Lists(ctx context.Context) (out []List, err error) {
	err = s.db.Query(ctx, "list: read", func(r port.Row) error {
		l, err := scanList(r)
		out = append(out, l)
		return err
	}, listColumns+` ORDER BY id`)
	return out, err
}

// deleteRows is how many leads one transaction deletes, so that nobody waits long for its turn.
const deleteRows = 2000

// Remove closes a list and deletes it with its leads; tries stay, because caps
// on numbers count them. Errors: Conflict while attempts of it are being made.
func (s *Store) Remove(ctx context.Context, id string) (leads int64, err error) {
	const op = "list: delete"
	l, err := s.Get(ctx, id)
	if err != nil {
		return 0, err
	}
	l.Closed = true
	if _, err := s.Save(ctx, l, l.Created); err != nil {
		return 0, err
	}
	if err := s.stopImports(ctx, l.No); err != nil {
		return 0, err
	}
	for {
		n, err := s.deleteChunk(ctx, op, l)
		leads += n
		if err != nil || n == 0 {
			return leads, err
		}
	}
}

// deleteChunk deletes some leads of a list; when none is left it deletes the list.
func (s *Store) deleteChunk(ctx context.Context, op string, l List) (n int64, err error) {
	err = s.db.Update(ctx, op, l.ID, func(ctx context.Context, tx port.Tx) error {
		taken := int64(0)
		err := tx.Query(ctx, func(r port.Row) error { return r.Scan(&taken) }, `SELECT COUNT(*) FROM leads WHERE list = ? AND state = ?`, l.No, int64(lead.Taken))
		if err != nil {
			return err
		}
		if taken > 0 {
			return fault.Newf(fault.Conflict, op, l.ID, "%d of its leads are being called; the list is closed now, delete it when they are done", taken)
		}
		const some = `(SELECT id FROM leads WHERE list = ?1 ORDER BY ref LIMIT ?2)`
		if _, err := tx.Exec(ctx, `DELETE FROM lead_numbers WHERE lead IN `+some, l.No, int64(deleteRows)); err != nil {
			return err
		}
		if n, err = tx.Exec(ctx, `DELETE FROM leads WHERE id IN `+some, l.No, int64(deleteRows)); err != nil || n > 0 {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM import_errors WHERE import_no IN (SELECT no FROM imports WHERE list = ?)`, l.No); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM imports WHERE list = ?`, l.No); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM dial_lists WHERE no = ?`, l.No)
		return err
	})
	return n, err
}
