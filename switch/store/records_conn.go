package store

import (
	"context"
	"database/sql"

	"strowger/switch/fault"
)

// CallOf returns the id of the call that a connection was part of last, by its
// hexadecimal id. Errors: NotFound, Unavailable, Stopped.
func (s *Store) CallOf(ctx context.Context, conn string) (string, error) {
	const op = "store: call of a connection"
	list, err := query(ctx, s, op, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) },
		`SELECT call_id FROM segments WHERE id > ?1 AND id < ?2 ORDER BY seq DESC LIMIT 1`, conn+"-", conn+".")
	switch {
	case err != nil:
		return "", err
	case len(list) == 0:
		return "", fault.New(fault.NotFound, op, conn, "there is no record of such a connection")
	}
	return list[0], nil
}
