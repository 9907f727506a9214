package callmodel

// EventKind says what happened. CSTA's names where CSTA has one.
type EventKind uint8

const (
	// EvCallStarted: a call has arrived at the switch.
	EvCallStarted EventKind = 1
	// EvQueued: the call waits in a queue (again).
	EvQueued EventKind = 2
	// EvDelivered: the call alerts at an agent's line.
	EvDelivered EventKind = 3
	// EvEstablished: the agent has answered.
	EvEstablished EventKind = 4
	// EvHeld: the connection is on hold (State Hold), or the other side has put it there (State Held).
	EvHeld EventKind = 5
	// EvRetrieved: the connection is connected again.
	EvRetrieved EventKind = 6
	// EvCleared: the connection has ended; Processing says whether wrap-up follows.
	EvCleared EventKind = 7
	// EvWrapUpEnded: the after-call work on the connection is over.
	EvWrapUpEnded EventKind = 8
	// EvCallEnded: all connections are cleared and no wrap-up is left.
	EvCallEnded EventKind = 9
	// EvDataChanged: attached data or the capabilities of the connection changed.
	EvDataChanged EventKind = 10
	// EvAgentChanged: an agent's state changed.
	EvAgentChanged EventKind = 11
	// EvNodeUp: a server is in step with us (again).
	EvNodeUp EventKind = 12
	// EvNodeDown: the link to a server is lost.
	EvNodeDown EventKind = 13
	// EvConfigChanged: a configuration version came into force.
	EvConfigChanged EventKind = 14
	// EvIncident: something that should not happen did, and was dealt with; see Reason.
	EvIncident EventKind = 15
	// EvOriginated: a call is being made; the connection is its maker's, or the called party's.
	EvOriginated EventKind = 16
	// EvFailed: a called party could not be reached; see Cause. The connection is theirs.
	EvFailed EventKind = 17
	// EvDiverted: a call went elsewhere (overflow, deflection, transfer without
	// consultation); Reason says where to and why.
	EvDiverted EventKind = 18
	// EvTransferred: the connection has a new other party; Other is the call that became part of this one.
	EvTransferred EventKind = 19
	// EvConferenced: three or more are in the call; the connection is the owner's.
	EvConferenced EventKind = 20
	// EvPartyChanged: the other parties of the connection have changed.
	EvPartyChanged EventKind = 21
	// EvParked: the call is in a parking place.
	EvParked EventKind = 22
	// EvMenu: the call is in a menu; Reason says where.
	EvMenu EventKind = 23
	// EvRouteRequest: a CTI client is asked where the call shall go.
	EvRouteRequest EventKind = 24
	// EvRouteEnded: the route request is over; Reason is used, rejected, timeout or abandoned.
	EvRouteEnded EventKind = 25
	// EvCallbackChanged: a callback was made, has changed or is over.
	EvCallbackChanged EventKind = 26
	// EvQueueChanged: a queue's service state changed.
	EvQueueChanged EventKind = 27
	// EvDisposition: a disposition was set.
	EvDisposition EventKind = 28
	// EvPlayEnded: a sound that was played into the call has ended.
	EvPlayEnded EventKind = 29
	// EvPhoneChanged: a phone can be reached again, or cannot any more; Reason is its endpoint.
	EvPhoneChanged EventKind = 30
	// EvRecording: a recording has changed; Reason says how, see [State.tellRecording].
	EvRecording EventKind = 31
	// EvSupervisionStarted: a supervisor is being called to be with an agent.
	EvSupervisionStarted EventKind = 32
	// EvSupervisionChanged: its mode changed, it followed the agent to another call, or the supervisor can hear now.
	EvSupervisionChanged EventKind = 33
	// EvSupervisionEnded: it is over; Reason says why.
	EvSupervisionEnded EventKind = 34
	// EvPasscode: a login waits for its passcode, or has ended without it; Reason says how.
	EvPasscode EventKind = 35
	// EvAnswered: the customer of a campaign has answered.
	EvAnswered EventKind = 36
	// EvScreened: it is known who has answered, or it will not be known; Reason is the verdict.
	EvScreened EventKind = 37
	// EvMessage: a message to the customer of a campaign; Reason is began, done or opt-out.
	EvMessage EventKind = 38
	// EvMirrorCall: a caller in another program's queue: Mirror.Call says where they are.
	EvMirrorCall EventKind = 50
	// EvMirrorAgent: who serves another program's queue has changed; Reason "removed": no more.
	EvMirrorAgent EventKind = 51
	// EvMirrorQueue: another program's queue has changed; Reason "removed": it is there no more.
	EvMirrorQueue EventKind = 52
	// EvMirrorUp: another program's queues are in step with what is shown (again).
	EvMirrorUp EventKind = 53
	// EvMirrorDown: another program's queues are not seen any more.
	EvMirrorDown EventKind = 54
)

// Event is one thing that happened. Call and Agent are the immutable state
// right after it, nil where the event is not about one.
type Event struct {
	Kind   EventKind
	Call   *Call
	Conn   ConnID // zero: about the whole call
	Agent  *Agent
	Node   NodeID
	Cause  Cause
	Reason string
	// Other is a second call that the event is about: the consultation that was joined.
	Other CallID
	// Queue and Callback are set where the event is about one.
	Queue    *Queue
	Callback *Callback
	// Recording is set where the event is about one.
	Recording *Recording
	// Supervision is set where the event is about one, and then Call and Agent are not.
	Supervision *Supervision
	By          string // who asked, where somebody forced it
	Mirror      *Mirrored
}

// Mirrored is what an event about another program's queues is about. Call and
// Member are nil where it is not about one.
type Mirrored struct {
	Queue  *MirrorQueue
	Call   *MirrorCall
	Member *MirrorMember
}

// Connection returns the connection that the event is about, or nil.
func (e *Event) Connection() *Connection {
	if e.Call == nil {
		return nil
	}
	return e.Call.Conn(e.Conn)
}

// Output is what one Step yields.
type Output struct {
	Events  []Event
	Effects []Effect
	Timers  []TimerOp
	Fault   error // verdict on a command, a *fault.Error; nil for facts and accepted commands
}
