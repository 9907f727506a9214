// Package runner runs campaigns: it looks at the switch twice a second, lets
// the pacer decide how many lines to dial, claims that many leads, orders the
// calls, and notes what became of each.
//
//	switch's picture + events -> scene, facts -> pacing -> Dial -> switch
//	        leads in SQL <- claims, ends of attempts <-+
//
// It is a client of port.Switch like any other. It holds no truth: live attempts
// are the switch's ([callmodel.Call] of kind campaign), leads are the lists'
// ([Leads]), how an attempt ended is in the records of calls ([Records]), what
// somebody wants a campaign to do is in [Runs]. After a restart it puts them
// together again ([Runner] "missing").
//
// # Goroutines
//
// One goroutine, the loop, owns every campaign: it takes events, ticks, orders and
// answers of the others in turn, and never waits for a database. A follower
// reads the switch's events; a feeder claims leads when the loop asks; a settler
// stores ends of attempts and leads that go back, again and again until it
// has worked; a clerk does what may take long: look-ups of attempts that have
// vanished, leads whose time has come, what is kept over restarts; a counter
// counts leads, of which there may be a million. [Runner.Stop] waits for all.
//
// # An attempt
//
// The feeder claims a lead under an id of its own. Within five seconds it is
// dialled under that id, or goes back; the order carries the same deadline. From
// the order on the attempt is the switch's. Each attempt ends once: by the event
// of the call's end; by the records, where the event was missed; given back
// uncounted where the switch never knew it; or, where nothing is known after a
// minute, as unknown. Settling is by the attempt's id, so twice does no harm.
package runner
