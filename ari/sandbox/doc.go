// Package sandbox finds or makes an Asterisk and runs private instances of it
// for tests, the demo and benchmarks.
//
// [Find] takes the machine's own program when its version will do, else an
// Asterisk installed by debootstrap into a folder (the root), which is made on
// first use. [Start] gives an instance its own configuration, run, database,
// spool and log folders and its own ports on the loopback interface; the
// configuration comes from package configs, so tests run on the very files
// that a site copies. An instance that the site runs is never touched: every
// process this package signals is one it started, or one that a dead run of
// this package left in its own folder.
//
// It is not an ARI client and knows nothing of calls. It reads no environment
// and no flags; where things go is said by [FindOptions] and [Options].
//
// Goroutines: one per running Asterisk process, which waits for its end and
// belongs to the [Instance]; [Instance.Stop] and [Instance.Kill] return after
// it has ended.
package sandbox
