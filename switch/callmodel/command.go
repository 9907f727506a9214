package callmodel

import "time"

// Cmd is the part that all commands share.
type Cmd struct {
	By         string  `json:"by,omitempty"`          // who asked, for audit
	ValidUntil Instant `json:"valid_until,omitempty"` // refused as stale after this; 0: no limit
}

// Deadline returns the command's ValidUntil.
func (c Cmd) Deadline() Instant { return c.ValidUntil }

// Command is an Input that gets a verdict.
type Command interface {
	Input
	Deadline() Instant
}

// Commands about agents.
type (
	// Login logs an agent in at a station: the one named, or the agent's own.
	// State is NotReady (default) or Ready. With OneLine no second call knocks
	// during the shift, whatever the configuration allows. A station may ask for
	// a passcode: the phone is called, and the agent is logged in when they have
	// typed it there.
	Login struct {
		Cmd
		Agent   AgentID    `json:"agent"`
		Station StationID  `json:"station,omitempty"`
		State   AgentState `json:"state,omitempty"`
		Reason  string     `json:"reason,omitempty"`
		OneLine bool       `json:"one_line,omitempty"`

		Passcode string `json:"passcode,omitempty"` // drawn by who asks; of no use where the station does not want one
	}
	// SetAgentState logs an agent in or out, or makes them ready or not ready.
	// State is LoggedOut, NotReady or Ready. While a call occupies the agent it
	// becomes the pending next state; logging out while an offer rings withdraws the offer.
	// Ready ends open wrap-up where CTIConfig.ReadyEnds says so, unless KeepWrapUp.
	// LoggedOut with SkipWrapUp ends open wrap-up, whatever its queue wants, and
	// none follows the calls that the agent is in.
	SetAgentState struct {
		Cmd
		Agent  AgentID    `json:"agent"`
		State  AgentState `json:"state"`
		Reason string     `json:"reason,omitempty"`

		KeepWrapUp bool `json:"keep_wrap_up,omitempty"`
		SkipWrapUp bool `json:"skip_wrap_up,omitempty"`
	}
	// ForceAgentState is SetAgentState by somebody else, at once: open wrap-up
	// ends and a ringing offer is withdrawn; a conversation goes on and the
	// state follows it.
	ForceAgentState struct {
		Cmd
		Agent  AgentID    `json:"agent"`
		State  AgentState `json:"state"`
		Reason string     `json:"reason,omitempty"`
	}
	// SetAgentQueues signs an agent in to some of the queues that the
	// configuration gives them, and out of others; with Only out of all that In
	// does not name. It holds over logout. An offer of a queue that is signed out
	// of is withdrawn.
	SetAgentQueues struct {
		Cmd
		Agent AgentID   `json:"agent"`
		In    []QueueID `json:"in,omitempty"`
		Out   []QueueID `json:"out,omitempty"`
		Only  bool      `json:"only,omitempty"`
	}
	// PanicLogout logs an agent out at once, whatever they do: their calls end
	// for them, and callers who would be left alone go back to their queue.
	PanicLogout struct {
		Cmd
		Agent AgentID `json:"agent"`
	}
)

// Commands about a connection on an agent's line.
type (
	// Accept answers an offer at a station that can be answered by command, or
	// takes a knocking call: the one before is put on hold.
	Accept struct {
		Cmd
		Conn ConnID `json:"conn"`
	}
	// Reject turns an offer down; the caller goes back to the head of the queue
	// and is not offered to this agent again.
	Reject struct {
		Cmd
		Conn   ConnID `json:"conn"`
		Reason string `json:"reason,omitempty"` // id of a reject reason; some queues require one

		// Result is what becomes of the callback that is offered: SKIP or
		// AGENT_REJECTED. Empty: it goes to another agent, as every call does.
		Result CallbackResult `json:"result,omitempty"`
		// Callback is when the customer of a preview is to be called instead; with SKIP.
		Callback *CallbackAt `json:"callback,omitempty"`
	}
	// Deflect sends an alerting call elsewhere.
	Deflect struct {
		Cmd
		Conn ConnID `json:"conn"`
		To   Dest   `json:"to"`
	}
	// Drop ends the party's part in the call; dropping an item in wrap-up ends
	// the wrap-up. Two others who are left go on talking; one is cleared.
	Drop struct {
		Cmd
		Conn ConnID `json:"conn"`
	}
	// DropAll ends the call for everybody.
	DropAll struct {
		Cmd
		Conn ConnID `json:"conn"`
	}
	// DropLine drops whatever is on an agent's line. With WrapUps its wrap-ups
	// end too, and the calls that it drops are followed by none.
	DropLine struct {
		Cmd
		Agent   AgentID `json:"agent"`
		WrapUps bool    `json:"wrap_ups,omitempty"`
	}
	// HoldCall puts the call on hold for this party: the other hears music.
	HoldCall struct {
		Cmd
		Conn ConnID `json:"conn"`
	}
	// Retrieve takes the call off hold.
	Retrieve struct {
		Cmd
		Conn ConnID `json:"conn"`
	}
	// Alternate swaps the held and the active call of the line. Conn is either.
	Alternate struct {
		Cmd
		Conn ConnID `json:"conn"`
	}
	// Consult holds Conn's call and calls somebody else from the same line.
	Consult struct {
		Cmd
		Conn ConnID `json:"conn"`
		To   Dest   `json:"to"`
		Call CallID `json:"call"` // minted by the client, for the consultation call

		Origin string         `json:"origin,omitempty"` // the dialect that asks, at most MaxOrigin bytes
		Data   []AttachedData `json:"data,omitempty"`   // attached to the consultation call from its start
		Queue  QueueID        `json:"queue,omitempty"`  // on whose behalf, as in MakeCall
	}
	// Transfer connects the two calls of a line with each other and leaves; the
	// consulted party may still be ringing. Conn is either. With End no wrap-up
	// follows.
	Transfer struct {
		Cmd
		Conn ConnID         `json:"conn"`
		End  bool           `json:"end,omitempty"`
		Data []AttachedData `json:"data,omitempty"` // attached to the call before it goes on
	}
	// Conference makes one call of the two calls of a line. Conn is either.
	Conference struct {
		Cmd
		Conn ConnID `json:"conn"`
	}
	// Reconnect ends one of the line's two calls and goes back to the other: the
	// consultation, or the one that is named. Conn is either.
	Reconnect struct {
		Cmd
		Conn ConnID `json:"conn"`
		Ends ConnID `json:"ends,omitzero"`
	}
	// BlindTransfer sends the other party elsewhere and leaves. Where nobody
	// answers, the call comes back to the line. With End no wrap-up follows.
	BlindTransfer struct {
		Cmd
		Conn ConnID         `json:"conn"`
		To   Dest           `json:"to"`
		End  bool           `json:"end,omitempty"`
		Data []AttachedData `json:"data,omitempty"` // attached to the call before it goes on
	}
	// DropParty ends another party's part in a conference.
	DropParty struct {
		Cmd
		Conn  ConnID `json:"conn"`  // who asks
		Party string `json:"party"` // the other's number or connection id
	}
	// Mute keeps the others from hearing this party, or undoes it.
	Mute struct {
		Cmd
		Conn ConnID `json:"conn"`
		On   bool   `json:"on"`
	}
	// Park puts the other party into a parking place, where anybody can pick it up.
	Park struct {
		Cmd
		Conn  ConnID `json:"conn"`
		Place string `json:"place,omitempty"` // number of the place; empty: the first free
	}
	// PlayFile plays a sound to everybody in the call.
	PlayFile struct {
		Cmd
		Conn  ConnID `json:"conn"`
		Media string `json:"media"` // see [ValidMedia]
	}
	// StopFile ends PlayFile.
	StopFile struct {
		Cmd
		Conn ConnID `json:"conn"`
	}
	// SendDigits sends DTMF to the other parties.
	SendDigits struct {
		Cmd
		Conn   ConnID `json:"conn"`
		Digits string `json:"digits"` // 0-9 * # A-D, at most MaxSendDigits
	}
	// RequireWrapUp marks an item so that it gets wrap-up when it ends, even
	// where the queue has none.
	RequireWrapUp struct {
		Cmd
		Conn ConnID `json:"conn"`
	}
	// EndWrapUp ends the after-call work on an item.
	EndWrapUp struct {
		Cmd
		Conn ConnID `json:"conn"`
	}
	// SetDisposition gives a call its result, during it or in wrap-up. In wrap-up
	// it ends the wrap-up unless Keep is set. How the customer of a campaign wants to
	// be called from now on may come without a result, and ends nothing.
	SetDisposition struct {
		Cmd
		Conn       ConnID   `json:"conn"`
		Codes      []string `json:"codes"`                  // disposition ids, the main one first
		Success    *bool    `json:"success,omitempty"`      // summary; nil: as the main disposition says
		NoWrapUp   bool     `json:"no_wrap_up,omitempty"`   // during the call: no wrap-up shall follow
		KeepWrapUp bool     `json:"keep_wrap_up,omitempty"` // in wrap-up: go on with it

		Callback  *CallbackAt `json:"callback,omitempty"`    // the customer wants to be called again
		DoNotCall bool        `json:"do_not_call,omitempty"` // the customer wants no more calls
	}
	// SetData stores attached data. With Replace, applications that are not
	// listed are removed.
	SetData struct {
		Cmd
		Conn    ConnID         `json:"conn"`
		Entries []AttachedData `json:"entries,omitempty"`
		Replace bool           `json:"replace,omitempty"`
	}
)

// Commands that start or steer calls.
type (
	// MakeCall calls the agent's own phone first and then the destination. With
	// InWrapUp an agent may do so who does after-call work; it is left to do
	// beside the call, and its time runs on.
	MakeCall struct {
		Cmd
		Agent    AgentID `json:"agent"`
		To       Dest    `json:"to"`
		Call     CallID  `json:"call"`                // minted by the client
		CallerID string  `json:"caller_id,omitempty"` // number to show outside, where the rules allow it
		Gateway  string  `json:"gateway,omitempty"`   // gateway prefix: chooses among the routes
		Queue    QueueID `json:"queue,omitempty"`     // on whose behalf: its rules and wrap-up apply
		InWrapUp bool    `json:"in_wrap_up,omitempty"`

		Origin string         `json:"origin,omitempty"` // the dialect that asks, at most MaxOrigin bytes
		Data   []AttachedData `json:"data,omitempty"`   // attached from the start
	}
	// PickUp takes a parked call to an agent's line.
	PickUp struct {
		Cmd
		Agent AgentID `json:"agent"`
		Place string  `json:"place"`
	}
	// RouteSelect answers a route request.
	RouteSelect struct {
		Cmd
		Call      CallID        `json:"call"`
		To        Dest          `json:"to"`
		Preferred AgentID       `json:"preferred,omitempty"` // asked first, for the queue's preferred_wait
		Required  []AgentID     `json:"required,omitempty"`  // nobody else, until Expire has passed
		Expire    time.Duration `json:"expire,omitempty"`    // 0: never
		Priority  *int          `json:"priority,omitempty"`
		Skills    []SkillNeed   `json:"skills,omitempty"` // instead of the queue's rules

		Data []AttachedData `json:"data,omitempty"` // attached to the call before it goes on
	}
	// RouteReject declines a route request: the default route is taken.
	RouteReject struct {
		Cmd
		Call CallID `json:"call"`
	}
	// EndCall ends a call for everybody, whoever is in it.
	EndCall struct {
		Cmd
		Call CallID `json:"call"`
	}
	// CreateCallback asks for a call to a customer by a queue.
	CreateCallback struct {
		Cmd
		ID       CallbackID  `json:"id"` // minted by the client
		Number   string      `json:"number"`
		Queue    QueueID     `json:"queue"`
		At       time.Time   `json:"at,omitzero"`    // not before; zero: now
		Until    time.Time   `json:"until,omitzero"` // given up then; zero: as the queue says
		Skills   []SkillNeed `json:"skills,omitempty"`
		Priority int         `json:"priority,omitempty"`
		Gateway  string      `json:"gateway,omitempty"`
		Notes    string      `json:"notes,omitempty"`
		Extra    string      `json:"extra,omitempty"` // as the client gave it, at most MaxCallbackText bytes
		Campaign string      `json:"campaign,omitempty"`
		ListID   string      `json:"list_id,omitempty"`
	}
	// UpdateCallback reports a result or removes a callback, or changes one that
	// nobody has begun with.
	UpdateCallback struct {
		Cmd
		ID     CallbackID      `json:"id"`
		Result CallbackResult  `json:"result"`
		Notes  *string         `json:"notes,omitempty"`  // nil: as they are
		Change *CallbackChange `json:"change,omitempty"` // without a result
	}
	// CallbackChange is what a callback becomes. What is left out is as for a new one.
	CallbackChange struct {
		Number   string    `json:"number"`
		At       time.Time `json:"at,omitzero"`
		Until    time.Time `json:"until,omitzero"`
		Priority int       `json:"priority,omitempty"`
		Extra    string    `json:"extra,omitempty"`
	}
	// PauseQueue stops a queue from giving calls to agents, or undoes it.
	PauseQueue struct {
		Cmd
		Queue  QueueID `json:"queue"`
		Paused bool    `json:"paused"`
	}
)

// Bounds of what commands carry.
const (
	MaxSendDigits   = 64
	MaxCallbackText = 4096
	MaxCodes        = 16
	MaxOrigin       = 32
)
