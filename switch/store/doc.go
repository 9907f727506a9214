// Package store keeps what outlives a call in SQL: one row per ended call, the
// versions of the configuration, incidents, and the configuration objects with
// their integer numbers and every change that was made to them. It is the only
// package that imports database/sql drivers: [Open] chooses SQLite
// (modernc.org/sqlite) or PostgreSQL (pgx) by the URL. Package storetest is the
// suite that both pass; package pgtest starts a private PostgreSQL for tests.
//
// # What it is not
//
// It is not the truth about calls: that is the journal (package
// switch/store/journal). Rows about calls are a projection of it, so a locked,
// slow or lost database delays reports, never calls (DESIGN.md section 4).
//
// # Projection
//
// A [Batch] of rows and the projected sequence number are written in one
// transaction. [Writer] does this behind a bounded queue. When the queue is
// full, [Writer.Save] blocks its caller, which must be a goroutine of its own
// that reads an engine subscription, never the engine loop. If it blocks for
// so long that the engine cuts the subscription off (fault.Overrun), the owner
// does what it does at every start: replay the journal from the newest
// snapshot, save the calls that end in records after [Store.ProjectedSeq], and
// subscribe again. That loses no row as long as no snapshot is ahead of the
// projection, so whoever saves snapshots calls [Writer.WaitProjected] first.
//
// # Statements
//
// Every statement exists once, in a form that each dialect rewrites
// (dialect.go): parameters are ? or ?7 (a number stands for the same value
// wherever it is used), and LIST(column) in a FROM gives one row, with the
// column value, per entry of a JSON list of texts; LIST(?1) does for one that is
// given. They go through the methods of tx, or
// [query], which do the rewriting. Both databases know ON CONFLICT ... DO UPDATE,
// row values, COALESCE, CASE, window functions and RETURNING. Not portable, so
// not used: booleans (use INTEGER and flag), dates (INTEGER microseconds UTC,
// see micros), JSON operators (text that Go encodes), ROUND and division of
// mixed types, LIKE's case. A parameter that is only compared with a number
// needs CAST(?1 AS BIGINT); PostgreSQL takes it for 32 bits otherwise.
// Values are int64, float64, string or []byte.
//
// A writing transaction is the only one of its database (BEGIN IMMEDIATE, or an
// advisory lock), so what it reads does not change under it. A foreign lock is
// waited for as long as Options.BusyTimeout says, counted from when the change
// was asked for, then the fault is Unavailable. Texts are compared by their bytes on both.
//
// # Adding a table
//
//  1. The next file in migrations/, 00004_some_words.sql: CREATE TABLE with the
//     column types AUTOID (a number that the database gives, and the key),
//     INTEGER (64 bits), REAL, TEXT and BLOB, in capitals; each dialect puts
//     its own words there. A file runs once, in one transaction, on both, and
//     is never changed after a release. There is no way back: who goes back to
//     an older version opens a copy from before. Two branches that took the
//     same number: the one that is merged later renames its file.
//  2. Rows that come from the journal: columns shard TEXT and seq INTEGER (of the
//     record that made the row) beside a primary key that the record decides;
//     a newTable(name, keys, columns) that is listed in projected (table.go), and
//     a type with the methods of [Row], as [Call] in calls.go. Values are absolute:
//     a row may be written again, so it is replaced, never added to.
//     Whoever follows the events hands the rows to [Writer.Save] before the
//     [Writer.Advance] that covers their record.
//  3. Other rows: methods of [Store] that write in update and read by [query], as in objects.go; or
//     in the package that they belong to, which gets the Store as port.Tables, as dialer/list does.
//  4. A case in storetest, which then runs on both databases.
//
// # Goroutines
//
// A Store owns none besides those of database/sql. [Writer.Start] starts one
// and [Writer.Stop] ends it.
package store
