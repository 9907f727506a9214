package list

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"strowger/dialer/lead"
	"strowger/switch/calendar"
	"strowger/switch/fault"
	"strowger/switch/numbering"
	"strowger/switch/port"
)

// Options configure [New].
type Options struct {
	Tables port.Tables
	// Plan says how a number is read that is not written with its country.
	Plan func() numbering.Plan
	// Place returns every time zone that a number may be in, none if nobody
	// knows, and the state whose rules hold there, if one is known. zone and
	// region are the lead's own words for it, or empty.
	Place func(e164, zone, region string) (zones []string, state string)
}

// Store is the leads of all campaigns.
type Store struct {
	db    port.Tables
	plan  func() numbering.Plan
	place func(e164, zone, region string) (zones []string, state string)
	sets  sets
	share share
}

// New returns the store on its tables.
func New(o Options) *Store {
	return &Store{
		db: o.Tables, plan: o.Plan, place: o.Place,
		sets:  sets{byNo: map[int64]lead.ZoneSet{}, byKey: map[string]int64{}, where: map[string]*time.Location{}},
		share: share{served: map[string]map[string]float64{}},
	}
}

// ask is a query, in a transaction or beside it.
type ask func(ctx context.Context, scan func(port.Row) error, stmt string, args ...any) error

func (s *Store) ask(op string) ask {
	return func(ctx context.Context, scan func(port.Row) error, stmt string, args ...any) error {
		return s.db.Query(ctx, op, scan, stmt, args...)
	}
}

// nextIDs returns the first of n numbers that were never given before.
func nextIDs(ctx context.Context, tx port.Tx, name string, n int) (first int64, err error) {
	if _, err := tx.Put(ctx, `INSERT INTO dial_ids (name, last) VALUES (?, 0) ON CONFLICT (name) DO NOTHING`, name); err != nil {
		return 0, err
	}
	if _, err := tx.Put(ctx, `UPDATE dial_ids SET last = last + ?2 WHERE name = ?1`, name, int64(n)); err != nil {
		return 0, err
	}
	err = tx.Query(ctx, func(r port.Row) error { return r.Scan(&first) }, `SELECT last FROM dial_ids WHERE name = ?`, name)
	return first - int64(n) + 1, err
}

// sets are the places by the clock that were seen, by number; there are few
// and they never change.
type sets struct {
	sync.Mutex
	byNo  map[int64]lead.ZoneSet
	byKey map[string]int64
	where map[string]*time.Location
}

const zoneSeparator = ","

func setKey(zones []string, region string) string {
	return strings.Join(zones, zoneSeparator) + "|" + region
}

// setNo returns the number of a place. fresh takes those that the transaction
// has made, which are true once it is committed.
func (s *Store) setNo(ctx context.Context, tx port.Tx, zones []string, region string, fresh map[string]int64) (no int64, err error) {
	key := setKey(zones, region)
	s.sets.Lock()
	no, known := s.sets.byKey[key]
	s.sets.Unlock()
	if known {
		return no, nil
	}
	if no, known = fresh[key]; known {
		return no, nil
	}
	err = tx.Query(ctx, func(r port.Row) error { return r.Scan(&no) }, `INSERT INTO zone_sets (zones, region) VALUES (?, ?)
		ON CONFLICT (zones, region) DO UPDATE SET zones = excluded.zones RETURNING no`, strings.Join(zones, zoneSeparator), region)
	fresh[key] = no
	return no, err
}

// committed remembers the places of a transaction that was committed.
func (s *Store) committed(fresh map[string]int64) {
	s.sets.Lock()
	defer s.sets.Unlock()
	for key, no := range fresh {
		zones, region, _ := strings.Cut(key, "|")
		s.sets.add(no, zones, region)
	}
}

func (p *sets) add(no int64, zones, region string) {
	set := lead.ZoneSet{No: no, Region: region}
	if zones != "" {
		set.Zones = strings.Split(zones, zoneSeparator)
	}
	p.byNo[no] = set
	p.byKey[setKey(set.Zones, region)] = no
}

// allSets returns every place there is.
func (s *Store) allSets(ctx context.Context, q ask) ([]lead.ZoneSet, error) {
	type row struct {
		no            int64
		zones, region string
	}
	var rows []row
	err := q(ctx, func(r port.Row) error {
		var x row
		err := r.Scan(&x.no, &x.zones, &x.region)
		rows = append(rows, x)
		return err
	}, `SELECT no, zones, region FROM zone_sets ORDER BY no`)
	if err != nil {
		return nil, err
	}
	s.sets.Lock()
	defer s.sets.Unlock()
	out := make([]lead.ZoneSet, 0, len(rows))
	for _, x := range rows {
		if _, known := s.sets.byNo[x.no]; !known {
			s.sets.add(x.no, x.zones, x.region)
		}
		out = append(out, s.sets.byNo[x.no])
	}
	return out, nil
}

// setOf returns a place by its number, reading the table if it is a new one.
func (s *Store) setOf(ctx context.Context, q ask, no int64) (lead.ZoneSet, error) {
	s.sets.Lock()
	set, known := s.sets.byNo[no]
	s.sets.Unlock()
	if known {
		return set, nil
	}
	if _, err := s.allSets(ctx, q); err != nil {
		return lead.ZoneSet{}, err
	}
	s.sets.Lock()
	defer s.sets.Unlock()
	set, known = s.sets.byNo[no]
	if !known {
		return set, fault.Newf(fault.Internal, "list: place", "", "there is no place number %d", no)
	}
	return set, nil
}

// zone returns a time zone of the program's own database, nil if there is none of that name.
func (s *Store) zone(name string) *time.Location {
	s.sets.Lock()
	defer s.sets.Unlock()
	where, known := s.sets.where[name]
	if !known {
		where, _ = calendar.Zone(name) // nil if it is unknown
		if len(s.sets.where) < maxZones {
			s.sets.where[name] = where
		}
	}
	return where
}

// maxZones bounds the zones that are remembered; there are about 600.
const maxZones = 2000

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// texts is how a list of texts is given to a statement that reads it by LIST.
func texts(list []string) string {
	b, err := json.Marshal(list)
	if err != nil || list == nil { // texts can always be written
		return "[]"
	}
	return string(b)
}

// plain: PostgreSQL takes no NUL and nothing but UTF-8.
func plain(v string, most int) bool {
	return len(v) <= most && utf8.ValidString(v) && !strings.ContainsRune(v, 0)
}

// clip shortens a text from outside for a message.
func clip(s string, n int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}
