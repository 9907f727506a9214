// Package daylog keeps what campaigns have decided, so that a day can be looked
// at and decided again with other settings.
//
// A file holds one campaign's day in the protocol of [strowger/dialer/pacing/wire]:
// a hello with what the pacer knew, then states and replies with their sentence. It has
// no customer's number, no name, no lead: only what the protocol has. Names are
// campaign-NUMBER-DATE.jsonl, further files of the same day end in -2, -3 and so on. Files
// that nobody writes to any more are compressed (.gz), and old ones are removed.
//
// Recording never waits: what there is no room for is counted and left out,
// and the facts of a tick that was left out are with the next one. Not every tick is
// recorded, but each that dials, gives lines up or has another reason than the
// one before, and one each ten seconds.
//
// A [Book] belongs to the goroutine that decides. Files are written by one
// goroutine, which [Log.Start] starts and [Log.Stop] ends.
package daylog
