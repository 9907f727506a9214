// Package records turns the switch's numbered events into rows: one per
// stretch of a party's part in a call ([Segment]), per state of an agent
// ([Interval]), per try to reach somebody outside ([Attempt]) and per
// disposition. From rows it makes statistics ([Tally]) and lines as Asterisk's
// queue_log has them ([QueueLog]). The row per call is made by whoever owns the
// projection, from the event that ends the call.
//
// # Exactly once
//
// [Fold] is a pure function of its open rows and the next event. Rows that are
// still open are rows like all others, with a zero end, so whoever stores the
// rows of events up to a number together with that number can load the open
// ones after a crash, go on with the next event, and get the rows that would
// have been made without it. Keys come from ids and event numbers: a row that is
// made again is the same row.
//
// # Time
//
// Lengths are taken on the switch's own time line, which never goes back;
// started and ended are calendar times for people. Ended is started plus the
// length, so that a clock that is put right cannot make a length negative.
//
// It knows no store and no adapter, keeps no goroutine and reads no clock.
package records
