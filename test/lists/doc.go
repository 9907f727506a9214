// Package lists holds the tests that run the dialer's tables on both databases:
// its leads, its do-not-call numbers and what is wanted of campaigns. Those
// packages may not know the store. They run without the race detector, under
// which a database in Go takes ten times as long.
package lists
