package ctips

import (
	"context"

	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// desk is what stands behind the sessions: it turns requests into commands and
// what happens in the switch into events, which it hands to [Server.publish].
// The server calls it; none of its functions may wait for a client.
type desk interface {
	// ready says why no session can be opened now; nil: they can.
	ready() error
	// serve carries out a request of a session that is online and may ask so:
	// everything but what is about sessions alone. What it publishes reaches the
	// asker after the reply. Errors are *soap.Fault or of package fault.
	serve(ctx context.Context, from *session, call *Call) (int32, error)
	// ended is told that a session is gone. It may come on any goroutine, also
	// out of publish.
	ended(*session)
	// rule brings other settings into force.
	rule(*Config)
	// run does what is due by the clock, until ctx ends.
	run(ctx context.Context)
	// figures are the requests whose outcome is awaited, and how many outcomes
	// have not come in time.
	figures() (pending int, late uint64)

	// What a [watch.Follower] tells, in its order and on its goroutine.
	sync(*callmodel.View)
	configured(*callmodel.View)
	apply(*port.Stamped)
	interrupted(error)
}
