// Package store keeps what outlives a call in SQL: one row per ended call, the
// versions of the configuration, incidents, and the configuration objects with
// their integer numbers and every change that was made to them. It is the only package that imports database/sql
// drivers; SQLite (modernc.org/sqlite) is behind [Open], and package storetest
// is the suite that any other database has to pass.
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
// # Goroutines
//
// A Store owns none besides those of database/sql. [Writer.Start] starts one
// and [Writer.Stop] ends it.
package store
