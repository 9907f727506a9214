package callmodel

// Input is everything that can change the switch. Inputs are plain data with
// a stable tag and only ever gain fields, so a journal of them is both the
// recovery log and a test.
type Input interface {
	// Tag is the stable name in the journal.
	Tag() string
}

// Facts, from the telephony backends and from the engine.
type (
	// ChannelArrived: an inbound leg has entered our application. Call is minted
	// by the ingest and is used when the channel is new to us.
	ChannelArrived struct {
		Node       NodeID    `json:"node"`
		Channel    ChannelID `json:"channel"`
		Call       CallID    `json:"call"`
		Dialled    string    `json:"dialled"`
		Caller     string    `json:"caller"`
		CallerName string    `json:"caller_name,omitempty"`
		Up         bool      `json:"up,omitempty"` // already answered
	}
	// ChannelRinging: the far end of a leg that we asked for rings.
	ChannelRinging struct {
		Node    NodeID    `json:"node,omitempty"`
		Channel ChannelID `json:"channel"`
	}
	// ChannelUp: a leg is answered.
	ChannelUp struct {
		Node    NodeID    `json:"node,omitempty"`
		Channel ChannelID `json:"channel"`
	}
	// ChannelHeld: the person at a leg's phone has pressed hold.
	ChannelHeld struct {
		Channel ChannelID `json:"channel"`
	}
	// ChannelUnheld: the person at a leg's phone has resumed.
	ChannelUnheld struct {
		Channel ChannelID `json:"channel"`
	}
	// ChannelJoined: a leg is in a bridge.
	ChannelJoined struct {
		Channel ChannelID `json:"channel"`
		Bridge  BridgeID  `json:"bridge"`
	}
	// ChannelLeft: a leg has left a bridge.
	ChannelLeft struct {
		Channel ChannelID `json:"channel"`
		Bridge  BridgeID  `json:"bridge"`
	}
	// ChannelLeftApp: a leg is no longer under our control; its end normally
	// follows at once, and where it does not, somebody has taken it.
	ChannelLeftApp struct {
		Channel ChannelID `json:"channel"`
	}
	// ChannelGone: a leg has ended.
	ChannelGone struct {
		Channel   ChannelID `json:"channel"`
		Cause     Cause     `json:"cause"`
		TechCause int       `json:"tech_cause,omitempty"` // SIP status, 0 where none
	}
	// BridgeGone: a bridge has been destroyed.
	BridgeGone struct {
		Bridge BridgeID `json:"bridge"`
	}
	// NodeDown: the link to a server is lost. Its legs live on.
	NodeDown struct {
		Node  NodeID `json:"node"`
		Cause string `json:"cause"`
	}
	// Resync: everything that lives on a server, taken at start, at each
	// reconnect and as a drift check. Anything in it is evidence; a leg that is
	// missing has ended, unless it was asked for after AsOf.
	Resync struct {
		Node     NodeID        `json:"node"`
		Epoch    string        `json:"epoch"`
		AsOf     Instant       `json:"as_of"`           // when the listing was asked for
		Fresh    bool          `json:"fresh,omitempty"` // first after a start: no effect of ours is under way
		Channels []ChannelFact `json:"channels,omitempty"`
		Bridges  []BridgeFact  `json:"bridges,omitempty"`
	}
	// EffectDone: the outcome of an effect, where it is not plain success or
	// where the effect asked for it.
	EffectDone struct {
		Effect  uint64    `json:"effect"` // EffectHead.ID
		What    string    `json:"what"`   // the effect's tag
		Call    CallID    `json:"call,omitzero"`
		Conn    ConnID    `json:"conn,omitzero"`
		Channel ChannelID `json:"channel,omitempty"`
		Outcome Result    `json:"outcome"`
		Kind    string    `json:"kind,omitempty"` // fault kind in words
		Reason  string    `json:"reason,omitempty"`
		Gone    bool      `json:"gone,omitempty"`  // the leg or bridge does not exist
		Later   bool      `json:"later,omitempty"` // no fault of the order: the link is down or full
	}
	// TimerFired: a timer that Step set has run out. A stale generation is ignored.
	TimerFired struct {
		Key TimerKey `json:"key"`
		Gen uint64   `json:"gen"`
	}
	// WallClock ties the shard's time line to the calendar: it is UnixMicro now.
	WallClock struct {
		UnixMicro int64 `json:"unix_micro"`
	}
	// ConfigLoaded brings a configuration version into force.
	ConfigLoaded struct {
		Config *Config `json:"config"`
	}
)

// ChannelFact is one live leg in a Resync.
type ChannelFact struct {
	Channel    ChannelID `json:"channel"`
	Leg        LegState  `json:"leg"`               // LegDown, LegRinging or LegUp
	Inbound    bool      `json:"inbound,omitempty"` // a caller in our application
	Call       CallID    `json:"call,omitzero"`     // minted for adoption, inbound only
	Dialled    string    `json:"dialled,omitempty"`
	Caller     string    `json:"caller,omitempty"`
	CallerName string    `json:"caller_name,omitempty"`
}

// BridgeFact is one live bridge in a Resync.
type BridgeFact struct {
	Bridge   BridgeID    `json:"bridge"`
	Channels []ChannelID `json:"channels,omitempty"`
}

// Result is an effect's outcome (DESIGN.md 1.4).
type Result uint8

const (
	// Done: it took effect.
	Done Result = 1
	// Failed: it did not and will not.
	Failed Result = 2
	// Unknown: nobody knows; wait for evidence, never repeat blindly.
	Unknown Result = 3
)

// Cmd is the part that all commands share.
type Cmd struct {
	By         string  `json:"by,omitempty"`          // who asked, for audit
	ValidUntil Instant `json:"valid_until,omitempty"` // refused as stale after this; 0: no limit
}

// Commands, from CTI clients, the CLI and the desktop. Each gets a verdict.
type (
	// SetAgentState logs an agent in or out, or makes them ready or not ready.
	// State is LoggedOut, NotReady or Ready. While a call occupies the agent it
	// becomes the pending next state; logging out while an offer rings withdraws the offer.
	SetAgentState struct {
		Cmd
		Agent  AgentID    `json:"agent"`
		State  AgentState `json:"state"`
		Reason string     `json:"reason,omitempty"`
	}
	// Accept answers an offer at a CallOnAccept station.
	Accept struct {
		Cmd
		Conn ConnID `json:"conn"`
	}
	// Reject turns an offer down; the caller goes back to the head of the queue
	// and is not offered to this agent again.
	Reject struct {
		Cmd
		Conn ConnID `json:"conn"`
	}
	// Drop ends the party's part in the call; dropping an item in wrap-up ends the wrap-up.
	Drop struct {
		Cmd
		Conn ConnID `json:"conn"`
	}
	// DropLine drops whatever is on an agent's line.
	DropLine struct {
		Cmd
		Agent AgentID `json:"agent"`
	}
	// HoldCall puts the call on hold for this party: the others hear music.
	HoldCall struct {
		Cmd
		Conn ConnID `json:"conn"`
	}
	// Retrieve takes the call off hold.
	Retrieve struct {
		Cmd
		Conn ConnID `json:"conn"`
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
	// SetData stores attached data. With Replace, applications that are not
	// listed are removed.
	SetData struct {
		Cmd
		Conn    ConnID         `json:"conn"`
		Entries []AttachedData `json:"entries,omitempty"`
		Replace bool           `json:"replace,omitempty"`
	}
)

// Deadline returns the command's ValidUntil.
func (c Cmd) Deadline() Instant { return c.ValidUntil }

// Command is an Input that gets a verdict.
type Command interface {
	Input
	Deadline() Instant
}

// TimerKind says what a timer is for.
type TimerKind uint8

const (
	// TimerOffer: an agent has not answered an offer.
	TimerOffer TimerKind = 1
	// TimerAccept: a phone has not auto-answered after accept.
	TimerAccept TimerKind = 2
	// TimerWrapUp: the after-call work is over.
	TimerWrapUp TimerKind = 3
	// TimerRetry: try again to place a call after a failed link.
	TimerRetry TimerKind = 4
	// TimerLeft: a leg left our application and its end has not followed.
	TimerLeft TimerKind = 5
)

// TimerKey names a timer. Setting a key again replaces the timer.
type TimerKey struct {
	Kind TimerKind `json:"kind"`
	Call CallID    `json:"call"`
	Conn ConnID    `json:"conn,omitzero"`
}

// Timer is a pending timer.
type Timer struct {
	Key TimerKey `json:"key"`
	Due Instant  `json:"due"`
	Gen uint64   `json:"gen"`
}

// TimerOp sets a timer, or cancels it when Cancel is set.
type TimerOp struct {
	Timer
	Cancel bool `json:"cancel,omitempty"`
}

// String names the timer kind as the scenario files do.
func (k TimerKind) String() string {
	switch k {
	case TimerOffer:
		return "offer"
	case TimerAccept:
		return "accept"
	case TimerWrapUp:
		return "wrap-up"
	case TimerRetry:
		return "retry"
	case TimerLeft:
		return "left-app"
	}
	return "unknown"
}
