// Package list keeps the leads of the dialer: lists, leads and their numbers,
// who must not be called, what was tried, and the imports that have brought
// them. It is the one writer of those tables (see the migration 00007 of package
// switch/store), on [port.Tables] that its owner gives it, and knows neither
// database.
//
// # Who gets a lead
//
// [Store.Claim] takes the next leads for attempts, in one transaction. What may
// have changed since the lead was imported is looked at there, at the last
// moment: do-not-call numbers and area codes, tries of the number from every
// list, lockouts, first and last moments, consent, whose lead it is, the hours
// at its place. A lead that must wait is put aside until then, one that must
// not be called is excluded with the reason, so neither is looked at again for
// every claim. Until the attempt is settled ([Store.Settle]) or released
// ([Store.Release]) nobody else gets the lead; both do nothing when they come
// twice. [Store.Taken] are the attempts that are neither, after a restart.
//
// The same function judges a lead for a claim, for [Store.Why] and for
// [Store.Count], so they cannot disagree.
//
// # Order
//
// Within a list due call-backs come first, then the higher priority, then those
// with fewer or more tries (the campaign says which), then the older. That is
// the column rank; it changes only when an attempt is settled.
//
// A number is called at its own place: the set of time zones it may be in, and
// its state. A lead stands at the place of the number that is next.
//
// # Lists of two campaigns
//
// A lead has one state. What excludes it for one campaign excludes it for the
// others of its list until one of them is started anew ([Store.Reconsider]); only a
// do-not-call entry of one campaign puts it aside for an hour instead.
//
// All methods may be called from any goroutine; the package owns none but those
// that [Store.Import] starts and waits for.
package list
