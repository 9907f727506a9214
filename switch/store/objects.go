package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"strowger/switch/fault"
)

// Numbers returns the integer of each configuration object of a kind ("queue",
// "agent", ...) and gives the next free ones to ids that have none, in the
// order of ids. Numbers start from 1, never change and are never reused. Errors: Invalid for an
// empty or overlong kind or id or too many ids, Unavailable, Stopped.
func (s *Store) Numbers(ctx context.Context, kind string, ids []string) (map[string]int64, error) {
	const op = "store: numbers"
	if err := checkText(op, "kind", kind); err != nil {
		return nil, err
	}
	if kind == "" || len(ids) > MaxNumbers {
		return nil, fault.Newf(fault.Invalid, op, kind, "a kind and at most %d ids are needed", MaxNumbers)
	}
	for _, id := range ids {
		if err := checkText(op, "id", id); err != nil {
			return nil, err
		}
		if id == "" {
			return nil, fault.New(fault.Invalid, op, kind, "an id is empty")
		}
	}
	out := make(map[string]int64, len(ids))
	err := s.update(ctx, op, kind, func(ctx context.Context, t *tx) error {
		var top int64
		if err := t.queryRow(ctx, `SELECT COALESCE(MAX(number), 0) FROM object_numbers WHERE kind = ?`, kind).Scan(&top); err != nil {
			return err
		}
		for _, id := range ids {
			n, err := numberOf(ctx, t, kind, id, top+1)
			if err != nil {
				return err
			}
			out[id], top = n, max(top, n)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// numberOf returns the number of one object, which is next when it had none.
func numberOf(ctx context.Context, t *tx, kind, id string, next int64) (int64, error) {
	var n int64
	err := t.queryRow(ctx, `SELECT number FROM object_numbers WHERE kind = ? AND id = ?`, kind, id).Scan(&n)
	if !errors.Is(err, sql.ErrNoRows) {
		return n, err
	}
	return next, t.put(ctx, `INSERT INTO object_numbers (kind, id, number) VALUES (?, ?, ?)`, kind, id, next)
}

// AddConfigVersion stores a configuration text under the next version number.
// The same text as the newest version makes no new one: that is returned. Errors:
// Invalid when the text is empty, no UTF-8 or larger than [MaxConfig], Unavailable, Stopped.
func (s *Store) AddConfigVersion(ctx context.Context, yaml string, now time.Time) (ConfigVersion, error) {
	const op = "store: add configuration"
	if yaml == "" || len(yaml) > MaxConfig || !plainText(yaml) {
		return ConfigVersion{}, fault.Newf(fault.Invalid, op, "", "a configuration is UTF-8 text without NUL of 1 to %d bytes", MaxConfig)
	}
	sum := sha256.Sum256([]byte(yaml))
	v := ConfigVersion{Created: fromMicros(micros(now)), SHA256: hex.EncodeToString(sum[:]), YAML: yaml}
	err := s.update(ctx, op, "", func(ctx context.Context, t *tx) error {
		newest, err := scanConfig(t.queryRow(ctx, selectConfig+` ORDER BY version DESC LIMIT 1`))
		switch {
		case err == nil && newest.SHA256 == v.SHA256:
			v = newest
			return nil
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return err
		}
		v.Version = newest.Version + 1
		return t.exec(ctx, `INSERT INTO config_versions (version, created_us, sha256, yaml) VALUES (?, ?, ?, ?)`,
			v.Version, micros(v.Created), v.SHA256, v.YAML)
	})
	if err != nil {
		return ConfigVersion{}, err
	}
	return v, nil
}

const selectConfig = `SELECT version, created_us, sha256, yaml FROM config_versions`

func scanConfig(row *sql.Row) (ConfigVersion, error) {
	var v ConfigVersion
	var created int64
	err := row.Scan(&v.Version, &created, &v.SHA256, &v.YAML)
	v.Created = fromMicros(created)
	return v, err
}

// ConfigVersion returns one version, or the newest when version is 0. Errors:
// NotFound, Internal when the text no longer has the checksum it was stored
// with, Unavailable, Stopped.
func (s *Store) ConfigVersion(ctx context.Context, version int64) (ConfigVersion, error) {
	const op = "store: configuration"
	v, err := scanConfig(s.queryRow(ctx, selectConfig+` WHERE CAST(?1 AS BIGINT) = 0 OR version = ?1 ORDER BY version DESC LIMIT 1`, version))
	if err != nil {
		return ConfigVersion{}, s.fault(op, "", err)
	}
	if sum := sha256.Sum256([]byte(v.YAML)); hex.EncodeToString(sum[:]) != v.SHA256 {
		return ConfigVersion{}, fault.Newf(fault.Internal, op, "", "version %d was changed in the database", v.Version)
	}
	return v, nil
}

// AddIncident stores an incident; its ID is ignored. A text or kind that is too
// long is shortened, and counts beyond 64 are left out, because an incident must not be lost.
func (s *Store) AddIncident(ctx context.Context, i Incident) error {
	const op = "store: add incident"
	counts := make(map[string]int64, min(len(i.Counts), maxCounts))
	for k, n := range i.Counts {
		if len(counts) < maxCounts {
			counts[clip(k, maxText)] = n
		}
	}
	b, err := json.Marshal(counts)
	if err != nil {
		return fault.Wrap(fault.Internal, op, i.Kind, err)
	}
	return s.update(ctx, op, i.Kind, func(ctx context.Context, t *tx) error {
		return t.exec(ctx, `INSERT INTO incidents (time_us, kind, text, counts) VALUES (?, ?, ?, ?)`,
			micros(i.Time), clip(i.Kind, maxText), clip(i.Text, maxIncident), string(b))
	})
}

// ListIncidents returns incidents, newest first: at most limit (1 to
// [MaxList]; 100 if 0), with an ID below before unless that is 0.
func (s *Store) ListIncidents(ctx context.Context, limit int, before int64) ([]Incident, error) {
	const op = "store: list incidents"
	limit, err := checkLimit(op, limit)
	if err != nil {
		return nil, err
	}
	return query(ctx, s, op, scanIncident,
		`SELECT id, time_us, kind, text, counts FROM incidents WHERE CAST(?1 AS BIGINT) = 0 OR id < ?1 ORDER BY id DESC LIMIT ?2`, before, limit)
}

func scanIncident(rows *sql.Rows) (i Incident, err error) {
	var at int64
	var counts string
	if err := rows.Scan(&i.ID, &at, &i.Kind, &i.Text, &counts); err != nil {
		return i, err
	}
	i.Time = fromMicros(at)
	return i, fault.Wrap(fault.Internal, "store: list incidents", i.Kind, json.Unmarshal([]byte(counts), &i.Counts))
}
