package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
	"unicode/utf8"

	"strowger/switch/fault"
)

// Bounds of configuration objects.
const (
	// MaxObjects is the largest number of objects of one change.
	MaxObjects = 20_000
	// MaxObject is the largest body of an object, in bytes.
	MaxObject = 4 << 20
	// MaxDiff is the largest account of a change, in bytes.
	MaxDiff = 32 << 20
)

// Object is one configuration object. Body is a JSON object that the store
// does not look into.
type Object struct {
	Kind    string
	ID      string
	Number  int64 // given by the store: from 1, stable, never reused, see [Store.Numbers]
	Body    []byte
	Version int64 // the version that made the object what it is
}

// ObjectKey names an object.
type ObjectKey struct{ Kind, ID string }

// ObjectSet is what is in force. Version is 0 before the first change.
type ObjectSet struct {
	Version int64
	Objects []Object // by kind and number
}

// ObjectChange is one change. Put replaces objects or makes new ones, Remove
// takes some away; Expect is the version that the change was worked out for.
type ObjectChange struct {
	Expect int64
	Put    []Object // Number and Version are ignored
	Remove []ObjectKey
	By     string
	At     time.Time
	Diff   []byte // JSON: what changes, for the records
}

// ObjectVersion is the record of one change.
type ObjectVersion struct {
	Version int64
	At      time.Time
	By      string
	Diff    []byte
}

const selectObjects = `SELECT o.kind, o.id, n.number, o.body, o.version FROM objects o
	JOIN object_numbers n ON n.kind = o.kind AND n.id = o.id ORDER BY o.kind, n.number`

const selectVersion = `SELECT COALESCE(MAX(version), 0) FROM object_versions`

// Objects returns what is in force. Errors: Unavailable, Stopped.
func (s *Store) Objects(ctx context.Context) (ObjectSet, error) {
	const op = "store: objects"
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	begun, err := s.read.BeginTx(ctx, nil) // version and rows of one moment
	if err != nil {
		return ObjectSet{}, s.fault(op, "", err)
	}
	set, err := readObjects(ctx, &tx{sql: begun, d: s.d})
	return set, s.fault(op, "", errors.Join(err, ignoreDone(begun.Rollback())))
}

func readObjects(ctx context.Context, t *tx) (set ObjectSet, err error) {
	if err := t.queryRow(ctx, selectVersion).Scan(&set.Version); err != nil {
		return set, err
	}
	rows, err := t.query(ctx, selectObjects)
	if err != nil {
		return set, err
	}
	set.Objects, err = scanAll(rows, func(rows *sql.Rows) (o Object, err error) {
		return o, rows.Scan(&o.Kind, &o.ID, &o.Number, &o.Body, &o.Version)
	})
	return set, err
}

// ChangeObjects makes the next version in one transaction: rows, history, new
// numbers and the record of who changed what. It returns what is in force
// afterwards. Errors: Conflict when another version than Expect is in force,
// Invalid, Unavailable, Stopped; then nothing has changed.
func (s *Store) ChangeObjects(ctx context.Context, c ObjectChange) (ObjectSet, error) {
	const op = "store: change objects"
	if err := c.check(op); err != nil {
		return ObjectSet{}, err
	}
	var set ObjectSet
	err := s.update(ctx, op, c.By, func(ctx context.Context, t *tx) error {
		var have int64
		if err := t.queryRow(ctx, selectVersion).Scan(&have); err != nil {
			return err
		}
		if have != c.Expect {
			return fault.Newf(fault.Conflict, op, "", "version %d of the objects is in force, this change was made for version %d: get them again and repeat it", have, c.Expect)
		}
		if err := c.write(ctx, t, have+1); err != nil {
			return err
		}
		var err error
		set, err = readObjects(ctx, t)
		return err
	})
	if err != nil {
		return ObjectSet{}, err
	}
	return set, nil
}

func (c ObjectChange) write(ctx context.Context, t *tx, version int64) error {
	if err := t.exec(ctx, `INSERT INTO object_versions (version, time_us, made_by, diff) VALUES (?, ?, ?, ?)`,
		version, micros(c.At), c.By, string(c.Diff)); err != nil {
		return err
	}
	for _, k := range c.Remove {
		if err := t.put(ctx, `DELETE FROM objects WHERE kind = ? AND id = ?`, k.Kind, k.ID); err != nil {
			return err
		}
		if err := t.put(ctx, `INSERT INTO object_history (version, kind, id, body) VALUES (?, ?, ?, NULL)`, version, k.Kind, k.ID); err != nil {
			return err
		}
	}
	next := map[string]int64{}
	for _, o := range c.Put {
		if _, known := next[o.Kind]; !known {
			var top int64
			if err := t.queryRow(ctx, `SELECT COALESCE(MAX(number), 0) FROM object_numbers WHERE kind = ?`, o.Kind).Scan(&top); err != nil {
				return err
			}
			next[o.Kind] = top + 1
		}
		n, err := numberOf(ctx, t, o.Kind, o.ID, next[o.Kind])
		if err != nil {
			return err
		}
		next[o.Kind] = max(next[o.Kind], n+1)
		if err := t.put(ctx, `INSERT INTO objects (kind, id, body, version) VALUES (?, ?, ?, ?)
			ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body, version = excluded.version`, o.Kind, o.ID, string(o.Body), version); err != nil {
			return err
		}
		if err := t.put(ctx, `INSERT INTO object_history (version, kind, id, body) VALUES (?, ?, ?, ?)`, version, o.Kind, o.ID, string(o.Body)); err != nil {
			return err
		}
	}
	return nil
}

// check bounds a change before it reaches the database.
func (c ObjectChange) check(op string) error {
	keys := make(map[ObjectKey]bool, len(c.Put)+len(c.Remove))
	see := func(k ObjectKey) error {
		for _, text := range []string{k.Kind, k.ID} {
			if err := checkText(op, "kind or id", text); err != nil {
				return err
			}
			if text == "" {
				return fault.New(fault.Invalid, op, k.Kind, "an object has a kind and an id")
			}
		}
		if keys[k] {
			return fault.Newf(fault.Invalid, op, k.ID, "the change names this %s twice", k.Kind)
		}
		keys[k] = true
		return nil
	}
	if err := checkText(op, "by", c.By); err != nil {
		return err
	}
	switch {
	case len(c.Put)+len(c.Remove) > MaxObjects:
		return fault.Newf(fault.Invalid, op, "", "a change has at most %d objects", MaxObjects)
	case c.At.IsZero():
		return fault.New(fault.Invalid, op, "", "a change has a time")
	case len(c.Diff) > MaxDiff || !jsonText(c.Diff):
		return fault.Newf(fault.Invalid, op, "", "the account of a change is JSON of at most %d bytes", MaxDiff)
	}
	for _, o := range c.Put {
		if err := see(ObjectKey{o.Kind, o.ID}); err != nil {
			return err
		}
		if len(o.Body) > MaxObject || !jsonText(o.Body) {
			return fault.Newf(fault.Invalid, op, o.ID, "the body of an object is JSON of at most %d bytes", MaxObject)
		}
	}
	for _, k := range c.Remove {
		if err := see(k); err != nil {
			return err
		}
	}
	return nil
}

// ObjectVersions returns the records of changes, newest first: at most limit
// (1 to [MaxList]; 100 if 0), below version before unless that is 0.
func (s *Store) ObjectVersions(ctx context.Context, limit int, before int64) ([]ObjectVersion, error) {
	const op = "store: object versions"
	limit, err := checkLimit(op, limit)
	if err != nil {
		return nil, err
	}
	return query(ctx, s, op, func(rows *sql.Rows) (v ObjectVersion, err error) {
		var at int64
		err = rows.Scan(&v.Version, &at, &v.By, &v.Diff)
		v.At = fromMicros(at)
		return v, err
	}, `SELECT version, time_us, made_by, diff FROM object_versions WHERE CAST(?1 AS BIGINT) = 0 OR version < ?1 ORDER BY version DESC LIMIT ?2`, before, limit)
}

// jsonText: encoding/json takes broken UTF-8 for valid.
func jsonText(b []byte) bool { return json.Valid(b) && utf8.Valid(b) }
