package callmodel

import "time"

// Effect is an order to a telephony backend. It is executed once, in order
// per call; its outcome returns as [EffectDone] where it is not plain success.
type Effect interface {
	// Head returns the part that all effects share.
	Head() EffectHead
	// What is the stable name.
	What() string
}

// EffectHead is the part that all effects share.
type EffectHead struct {
	ID   uint64 // unique per shard
	Node NodeID // the server that must do it
	Call CallID // zero for a leg that belongs to no call
	Conn ConnID
	// Lane is the call in whose order it is carried out: a consultation's orders
	// stay in order with those of the call that it is about.
	Lane CallID
}

// Head implements Effect.
func (h EffectHead) Head() EffectHead { return h }

type (
	// Originate calls a station, or a number over a trunk. Once-only: when its outcome is unknown it is
	// resolved by evidence, never repeated.
	Originate struct {
		EffectHead
		Channel    ChannelID
		Endpoint   string // of the station or the trunk
		Dial       string // digits to send to the trunk; empty: a station
		CallerID   string // number to show, digits and +; empty: withheld
		CallerName string // printable, at most 64 runes
		AutoAnswer bool   // ask the phone to answer by itself
		Via        NodeID // server that station or trunk are at, where it is another one
		Timeout    time.Duration
		Identify   bool // tell the leg's Call-ID (ChannelIdentified), if that can be done; no part of the text form
		Intent     bool // of a campaign: not carried out before the journal is safe on the disk
	}
	// Answer answers a caller's leg.
	Answer struct {
		EffectHead
		Channel ChannelID
	}
	// Ring lets a leg hear ringing: signalled before it is answered, as a tone after.
	Ring struct {
		EffectHead
		Channel ChannelID
	}
	// StopRing ends Ring for a leg that is answered.
	StopRing struct {
		EffectHead
		Channel ChannelID
	}
	// StartMusic plays music on hold to a leg. Its success is reported.
	StartMusic struct {
		EffectHead
		Channel ChannelID
		Class   string
	}
	// StopMusic ends StartMusic.
	StopMusic struct {
		EffectHead
		Channel ChannelID
	}
	// Play plays sounds, one after the other, to a leg, or to all in a bridge
	// where Channel is empty. Its end comes as [PlayEnded].
	Play struct {
		EffectHead
		Play    PlayID
		Channel ChannelID
		Bridge  BridgeID
		Media   []string // see [ValidMedia]
	}
	// StopPlay ends a Play before its end; PlayEnded follows.
	StopPlay struct {
		EffectHead
		Play    PlayID
		Channel ChannelID // that it was played to, empty for a bridge
	}
	// Collect reports the digits that come from a leg from here on, until Max or
	// a terminator or the next Collect. Digits outside a collection are counted
	// and forgotten, and those of a secret one never leave the link.
	Collect struct {
		EffectHead
		Channel     ChannelID
		Collect     uint32 // number of the collection
		Max         int
		Terminators string
		Secret      bool
	}
	// StopCollect ends a collection.
	StopCollect struct {
		EffectHead
		Channel ChannelID
	}
	// SendDTMF sends digits to a leg.
	SendDTMF struct {
		EffectHead
		Channel ChannelID
		Digits  string
	}
	// MuteLeg keeps what a leg says from the others, or undoes it.
	MuteLeg struct {
		EffectHead
		Channel ChannelID
		On      bool
	}
	// NotifyTalk asks a ringing phone to answer. Without a Channel it is whichever
	// leg rings at the phone: the call lives on another server.
	NotifyTalk struct {
		EffectHead
		Channel  ChannelID
		Endpoint string
	}
	// Decide asks an HTTP server where a call shall go; [Decision] is the answer.
	Decide struct {
		EffectHead
		Decision DecisionConfig
		Step     int
		Ask      Ask
	}
	// CreateBridge makes the call's mixing point.
	CreateBridge struct {
		EffectHead
		Bridge BridgeID
	}
	// Join puts legs into a bridge.
	Join struct {
		EffectHead
		Bridge   BridgeID
		Channels []ChannelID
	}
	// Leave takes a leg out of a bridge; it stays under our control.
	Leave struct {
		EffectHead
		Bridge  BridgeID
		Channel ChannelID
	}
	// DestroyBridge removes a bridge.
	DestroyBridge struct {
		EffectHead
		Bridge BridgeID
	}
	// ClearPeer ends what is left at a server of the calls of another one that has
	// ended: their far ends can say no goodbye.
	ClearPeer struct {
		EffectHead
		Peer NodeID
	}
	// Hangup ends a leg.
	Hangup struct {
		EffectHead
		Channel ChannelID
		Cause   Cause
	}
)

// Ask is what a decision is told of a call.
type Ask struct {
	Call       string `json:"call"`
	Caller     string `json:"caller"`
	CallerName string `json:"caller_name,omitempty"`
	Dialled    string `json:"dialled"`
	Queue      string `json:"queue,omitempty"`
	Menu       string `json:"menu,omitempty"`
	Values     []Var  `json:"values,omitempty"`
}

// What implements Effect for each kind.
func (Originate) What() string     { return "originate" }
func (Answer) What() string        { return "answer" }
func (Ring) What() string          { return "ring" }
func (StopRing) What() string      { return "stop-ring" }
func (StartMusic) What() string    { return "start-music" }
func (StopMusic) What() string     { return "stop-music" }
func (Play) What() string          { return "play" }
func (StopPlay) What() string      { return "stop-play" }
func (Collect) What() string       { return "collect" }
func (StopCollect) What() string   { return "stop-collect" }
func (SendDTMF) What() string      { return "send-dtmf" }
func (MuteLeg) What() string       { return "mute" }
func (NotifyTalk) What() string    { return "talk-notify" }
func (Decide) What() string        { return "decide" }
func (CreateBridge) What() string  { return "create-bridge" }
func (Join) What() string          { return "join" }
func (Leave) What() string         { return "leave" }
func (DestroyBridge) What() string { return "destroy-bridge" }
func (Hangup) What() string        { return "hangup" }
func (ClearPeer) What() string     { return "clear-peer" }

// Reported says whether plain success of an effect must return as EffectDone;
// every other outcome always does.
func Reported(e Effect) bool {
	_, ok := e.(StartMusic)
	return ok
}
