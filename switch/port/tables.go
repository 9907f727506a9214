package port

import "context"

// Tables are SQL tables that a package keeps in the switch's database without
// knowing which one that is, such as the leads of the dialer. Statements are in
// the form that package switch/store describes, and exist once for all databases.
type Tables interface {
	// Update runs fn in a writing transaction, which no other writer of the
	// database runs beside. fn may run again, so it must leave nothing behind
	// but what it writes. Errors are faults: those of fn if they are, else
	// Invalid for values that no database would take, Unavailable, Stopped.
	Update(ctx context.Context, op, subject string, fn func(context.Context, Tx) error) error
	// Query calls scan for each row of a statement that only reads. Errors are
	// faults, as those of Update.
	Query(ctx context.Context, op string, scan func(Row) error, stmt string, args ...any) error
}

// Tx is a writing transaction.
type Tx interface {
	// Exec executes a statement that comes once and returns how many rows it changed.
	Exec(ctx context.Context, stmt string, args ...any) (int64, error)
	// Put is Exec for a statement that comes many times.
	Put(ctx context.Context, stmt string, args ...any) (int64, error)
	// Query calls scan for each row of a statement, which may come many times.
	Query(ctx context.Context, scan func(Row) error, stmt string, args ...any) error
}

// Row is a row of an answer. What Scan has copied stays valid.
type Row interface {
	Scan(into ...any) error
}
