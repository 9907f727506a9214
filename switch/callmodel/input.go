package callmodel

import "time"

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
		Up         bool      `json:"up,omitempty"`       // already answered
		Endpoint   string    `json:"endpoint,omitempty"` // the phone or trunk that called
		Headers    *Headers  `json:"headers,omitempty"`  // nil: none of them
		Withheld   bool      `json:"withheld,omitempty"` // the caller does not show a number
		SIPCallID  string    `json:"sip_call_id,omitempty"`
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
	// ChannelIdentified: the Call-ID of the SIP call behind a leg that was to be
	// identified (Originate.Identify).
	ChannelIdentified struct {
		Channel   ChannelID `json:"channel"`
		SIPCallID string    `json:"sip_call_id"`
	}
	// ChannelReplaced: the server has put another leg in a leg's place, as after
	// a transfer by phone. What the old leg was, the new one is from here on.
	ChannelReplaced struct {
		Old ChannelID `json:"old"`
		New ChannelID `json:"new"`
	}
	// PhoneTransferred: the person at a leg's phone has transferred the other
	// party without asking first (SIP REFER). The leg ends by itself.
	PhoneTransferred struct {
		Channel ChannelID `json:"channel"`
		To      string    `json:"to"` // number dialled
	}
	// PhoneTransferredTo: the person at a phone has connected the parties of
	// their two legs (SIP REFER with Replaces). Both legs end by themselves.
	PhoneTransferredTo struct {
		First  ChannelID `json:"first"`
		Second ChannelID `json:"second"`
	}
	// PlayEnded: a sound that was asked for has ended.
	PlayEnded struct {
		Channel ChannelID `json:"channel,omitempty"`
		Play    PlayID    `json:"play"`
		Failed  bool      `json:"failed,omitempty"` // it does not exist or could not be played
	}
	// DigitReceived: a digit of a collection that is not secret.
	DigitReceived struct {
		Channel ChannelID `json:"channel"`
		Collect uint32    `json:"collect"`
		Digit   string    `json:"digit"`
	}
	// DigitSecret: so many digits of a secret collection are in; the digits
	// themselves stay where they were received (DESIGN.md 4).
	DigitSecret struct {
		Channel ChannelID `json:"channel"`
		Collect uint32    `json:"collect"`
		Count   int       `json:"count"`
		Done    bool      `json:"done,omitempty"` // the terminator was pressed
	}
	// EndpointState: a phone can be reached, or cannot.
	EndpointState struct {
		Node     NodeID `json:"node"`
		Endpoint string `json:"endpoint"`
		Online   bool   `json:"online"`
	}
	// Decision is the answer to a Decide order.
	Decision struct {
		Call    CallID `json:"call"`
		Step    int    `json:"step"` // as in the order; a late answer is ignored
		Outcome Result `json:"outcome"`
		To      string `json:"to,omitempty"`  // where to go on, as IVRNode.Next
		Set     []Var  `json:"set,omitempty"` // to store with the call
		Reason  string `json:"reason,omitempty"`
	}
	// DeadAir: no audio at all has come from a leg in a bridge for a while. Told
	// again while it lasts.
	DeadAir struct {
		Channel ChannelID     `json:"channel"`
		Silent  time.Duration `json:"silent"`
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
		// Endpoints are the phones that can be reached; nil where it is not known.
		Endpoints []string `json:"endpoints,omitzero"`
		// Back: contact had been lost before, by a restart or a cut. Since is then
		// the last sign of life, 0 where it is not known; Ended and
		// Missed are what the server's own records tell of the time without.
		Back   bool         `json:"back,omitempty"`
		Since  Instant      `json:"since,omitempty"`
		Ended  []LegEnd     `json:"ended,omitempty"`
		Missed []MissedCall `json:"missed,omitempty"`
		// Covers is since when the server's own records were read without a gap: a
		// leg that was asked for later and that neither they nor the listing have
		// never was. 0: they were not read.
		Covers Instant `json:"covers,omitempty"`
		// Recordings are the tracks of ours that are being recorded.
		Recordings []RecordName `json:"recordings,omitempty"`
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
	Endpoint   string    `json:"endpoint,omitempty"`
	SIPCallID  string    `json:"sip_call_id,omitempty"`
}

// Headers are what an arriving SIP call says of the way that it has come, raw.
type Headers struct {
	Diversion   string `json:"diversion,omitempty"`
	HistoryInfo string `json:"history_info,omitempty"`
	CalledParty string `json:"called_party,omitempty"` // P-Called-Party-ID
	To          string `json:"to,omitempty"`
}

// Var is a named value that a menu or a decision has stored with a call.
type Var struct {
	Key   string `json:"key"`
	Value string `json:"value"`
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
	// TimerWait: something is due for a call that waits in a queue: a skill rule,
	// an overflow, an announcement, the end of a preference.
	TimerWait TimerKind = 6
	// TimerTarget: the party that is being called has not answered.
	TimerTarget TimerKind = 7
	// TimerWrapWarn: the after-call work ends soon.
	TimerWrapWarn TimerKind = 8
	// TimerDigit: a digit has not come in time.
	TimerDigit TimerKind = 9
	// TimerDecision: an HTTP decision has not come in time.
	TimerDecision TimerKind = 10
	// TimerRoute: a CTI client has not answered a route request.
	TimerRoute TimerKind = 11
	// TimerPark: nobody has picked up a parked call.
	TimerPark TimerKind = 12
	// TimerCallback: a callback is due. Call is zero, Conn is the callback's id.
	TimerCallback TimerKind = 13
	// TimerStation: call a nailed station again. Agent is set.
	TimerStation TimerKind = 14
	// TimerRecord: a pause of a recording ends (Conn is zero), or something about
	// the recording is tried again (Conn is the recording's id).
	TimerRecord TimerKind = 15
	// TimerNode: a server is lost unless somebody reaches it now. Node is set.
	TimerNode TimerKind = 17
	// TimerMirror: a mirrored caller has left and is not heard of; without a call,
	// a server has been out of sight for long.
	TimerMirror TimerKind = 18
	// TimerPasscode: a passcode was not typed in time. Agent is set.
	TimerPasscode TimerKind = 19
	// TimerConnect: no agent was there in time for the customer of a campaign.
	TimerConnect TimerKind = 20
	// TimerScreen: a detector has not answered, or has not given a leg back.
	TimerScreen TimerKind = 21
	// TimerMessage: the end of a message has not been told.
	TimerMessage TimerKind = 22
	// TimerPreview: an agent has looked at a customer for long enough. Conn is the offer's.
	TimerPreview TimerKind = 23
	// TimerRing: a call that is to be given up has rung for long enough.
	TimerRing TimerKind = 24
	// TimerSupervise: something is due for a supervision. Call is zero, Conn is its id.
	TimerSupervise TimerKind = 16
)

// TimerKey names a timer. Setting a key again replaces the timer.
type TimerKey struct {
	Kind TimerKind `json:"kind"`
	Call CallID    `json:"call"`
	Conn ConnID    `json:"conn,omitzero"`
	// Agent is set where the timer is about an agent and no call.
	Agent AgentID `json:"agent,omitempty"`
	// Node is set where the timer is about a telephony server.
	Node NodeID `json:"node,omitempty"`
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

var timerKinds = []string{
	"", "offer", "accept", "wrap-up", "retry", "left-app", "wait", "target", "wrap-warning",
	"digit", "decision", "route", "park", "callback", "station", "record", "supervise", 17: "server", 18: "mirror", 19: "passcode",
	"connect", "screen", "message", "preview", "ring",
}

// String names the timer kind as the scenario files do.
func (k TimerKind) String() string { return name(timerKinds, int(k), "timer") }
