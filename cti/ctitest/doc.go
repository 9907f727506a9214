// Package ctitest holds what the tests of all CTI adapters share.
//
// [FakeSwitch] is a port.Switch on a real callmodel.State with virtual time
// and a willing telephony backend: it rings, joins and hangs up at once as it
// is told, and people act when the test says so. It is not the engine: no
// journal, no lanes, no overload. It starts no goroutine.
//
// [Exercise] is the one suite that every dialect passes: it drives an
// [Adapter], which speaks to the dialect's server as its client does, and
// looks at what that client is told. It knows no dialect; what a dialect
// cannot do it declares, and those scenarios are left out, loudly. A dialect
// whose clients name destinations is a [Director] too.
//
// [Zeep] runs a SOAP client written with zeep, a program of its own, for
// tests that want a real one. It owns that process and two goroutines that
// read from it, until the test ends.
//
// [Serve], [StartsOnce], [DeafSwitch] and [Certificate] are about an adapter's
// server as such, [Log] is what it logs, [ReadFlows] reads expected lists.
package ctitest
