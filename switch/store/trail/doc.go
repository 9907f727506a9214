// Package trail makes sure that no forced action goes without a record.
//
// An action is written down before it is done ([Trail.Begin]) and again when
// its outcome is known ([Trail.End]). Both are lines of a small file that is
// synced before the call returns, so a record survives kill -9 and a database
// that is locked or away; a record of which the outcome is missing says so.
// One goroutine moves what the file holds into the database, where it can be
// listed, and empties the file. The same lines may be moved twice: the
// database keeps one row per action.
//
// It is not the journal: the journal has every command, and is the truth about
// calls; this is about who forced something, and also about what was refused.
package trail
